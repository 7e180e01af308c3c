"""Every awkward model's trace goes to a file and back, bit for bit."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
from odd_models import MODELS

import neurontui
from neurontui.errors import StaleValueError
from neurontui.records import Value, leaves


def numbers_of(value: Value) -> torch.Tensor | None:
    """The numbers, where a file can hold them."""
    try:
        tensor = value.tensor()
    except StaleValueError:
        return None
    plain = tensor.layout == torch.strided and not tensor.is_nested and not tensor.is_quantized and tensor.device.type == "cpu"
    return tensor.detach().resolve_conj().resolve_neg() if plain and tuple(tensor.shape) == value.shape else None


@pytest.mark.parametrize("name", MODELS)
def test_a_trace_goes_to_a_file_and_back(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the models' own
        model, args, kwargs = MODELS[name]()
        trace = neurontui.trace(model, *args, kwargs=kwargs, copy_parameters=True)
    neurontui.save(trace, tmp_path / "run.safetensors")
    loaded = neurontui.load(tmp_path / "run.safetensors")
    for before, after in zip(trace.steps, loaded.steps, strict=True):
        assert list(after.inputs) == list(before.inputs)
        for part in ("inputs", "params", "output", "writes"):
            pairs = zip(leaves(getattr(before, part)), leaves(getattr(after, part)), strict=True)
            for (_, value), (_, found) in pairs:
                assert_same(value, found)


def assert_same(value: Value, found: Value) -> None:
    assert (found.shape, found.dtype, found.role, found.name) == (value.shape, value.dtype, value.role, value.name)
    numbers = numbers_of(value)
    if numbers is None:
        assert numbers_of(found) is None
        return
    again = found.tensor()
    assert again.stride() == numbers.stride()
    ours, theirs = (side.clone(memory_format=torch.contiguous_format).reshape(-1).view(torch.uint8) for side in (again, numbers))
    assert torch.equal(ours, theirs)
