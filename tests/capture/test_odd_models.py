"""Every model of the table: the output is bit-equal to the plain call, and everything ends as the plain call leaves it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from odd_models import MODELS
from torch import Tensor, nn

import neurontui
from neurontui.origins import find_origin
from neurontui.records import Trace, Value, leaves


def same(left: Any, right: Any, depth: int = 0) -> bool:
    if isinstance(left, Tensor):
        return isinstance(right, Tensor) and same_tensor(left, right)
    if depth > 6:
        return True
    if isinstance(left, Mapping):
        return list(left) == list(right) and all(same(left[key], right[key], depth + 1) for key in left)
    if isinstance(left, list | tuple):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right, [depth + 1] * len(left)))
    if dataclasses.is_dataclass(left):
        return all(same(getattr(left, f.name), getattr(right, f.name), depth + 1) for f in dataclasses.fields(left))
    return bool(left == right)


def same_tensor(left: Tensor, right: Tensor) -> bool:
    left, right = plain(left), plain(right)
    if left.shape != right.shape or left.dtype != right.dtype or left.layout != right.layout or left.requires_grad != right.requires_grad:
        return False
    with torch._C.DisableTorchFunctionSubclass():
        return left.device.type == "meta" or torch.equal(left.nan_to_num(7), right.nan_to_num(7))


def plain(tensor: Tensor) -> Tensor:
    """Any tensor as a dense one of a type that can be compared."""
    with torch._C.DisableTorchFunctionSubclass():
        if tensor.is_nested:
            tensor = torch.cat([part.reshape(-1) for part in tensor.unbind()])
        if tensor.layout != torch.strided:
            tensor = tensor.to_dense()
        if tensor.is_quantized or tensor.dtype == torch.float8_e4m3fn:
            tensor = tensor.dequantize() if tensor.is_quantized else tensor.float()
        return tensor.resolve_conj().resolve_neg()


def state(model: Any) -> list[Any]:
    """Everything about a model that a recording could have changed."""
    if not isinstance(model, nn.Module):
        return []
    found: list[Any] = []
    for name, module in model.named_modules():
        found += [name, module.training, len(module._forward_hooks), len(module._forward_pre_hooks), len(module._forward_hooks_with_kwargs)]
        found += [len(module._forward_hooks_always_called), len(module._forward_pre_hooks_with_kwargs), sorted(module.__dict__)]
        found += [name for name, _ in module.named_buffers()] + [name for name, _ in module.named_parameters()]
    return found + [value.detach().clone() for value in model.state_dict().values() if isinstance(value, Tensor)]


def run_plain(name: str) -> tuple[Any, Any, Tensor]:
    torch.manual_seed(0)
    model, args, kwargs = MODELS[name]()
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    torch.manual_seed(1)
    try:
        output = model(*args, **kwargs)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return output, (state(model), args, kwargs), torch.get_rng_state()


def run_recorded(name: str) -> tuple[Trace, Any, Tensor]:
    torch.manual_seed(0)
    model, args, kwargs = MODELS[name]()
    torch.manual_seed(1)
    trace = neurontui.trace(model, *args, kwargs=kwargs)
    return trace, (state(model), args, kwargs), torch.get_rng_state()


quiet = pytest.mark.filterwarnings(
    "ignore:.*jit.*:DeprecationWarning", "ignore:.*quantize.*", "ignore:.*nested tensors.*:UserWarning", "ignore:.*TensorImpl.*"
)


@quiet
@pytest.mark.parametrize("name", MODELS)
def test_recording_changes_nothing(name: str) -> None:
    plain, left, random_left = run_plain(name)
    trace, recorded_left, random_recorded = run_recorded(name)
    if trace.error is not None:
        raise trace.error
    assert same(plain, trace.output)
    assert same(left[0], recorded_left[0])
    if name not in ("cyclic_input", "cache_object"):
        assert same(left[1:], recorded_left[1:])
    assert torch.equal(random_left, random_recorded)
    assert not [note for note in trace.notes if "could not be recorded" in note]
    check_tree(trace)
    check_values(trace)


def check_tree(trace: Trace) -> None:
    """Pre-order, with true ends, and every step under its own name."""
    assert trace.steps[0].end == len(trace.steps)
    for place, step in enumerate(trace.steps):
        assert step.index == place
        assert step.parent is None or step.parent < place < trace.steps[step.parent].end
        assert place < step.end <= len(trace.steps)
        assert trace.step(step.name) is step
        assert step.op
        assert isinstance(step.inputs, dict)


def check_values(trace: Trace) -> None:
    """Each recorded tensor can be read, and what an origin says is the number that stands there."""
    for step in trace.steps:
        for _, value in leaves((step.args, step.kwargs, step.output, dict(step.params), dict(step.writes))):
            data = value.tensor()
            assert not data.requires_grad
            if not step.note and data.layout == torch.strided and not data.is_nested and value.shape:
                assert tuple(data.shape) == value.shape
        for _, value in leaves((step.args, step.kwargs)):
            check_origin(trace, step.index, value, bool(step.note))


def check_origin(trace: Trace, step: int, value: Value, transformed: bool) -> None:
    data = value.tensor()
    if (
        data.layout != torch.strided
        or data.is_nested
        or data.is_quantized
        or data.numel() == 0
        or transformed
        or data.device.type == "meta"
    ):
        return
    for at in {tuple(0 for _ in value.shape), tuple(size - 1 for size in value.shape)}:
        origin = find_origin(trace, step, value, at)
        assert origin.kind != "unknown"
        if origin.kind != "step":
            continue
        assert origin.step is not None
        assert origin.step < step or trace.steps[step].parent == origin.step
        source = trace.steps[origin.step]
        if source.note or origin.index is None:
            continue
        if origin.output is not None:
            made = [found for _, found in leaves(source.output)][origin.output]
        else:
            made = source.writes[origin.name or ""]
        there, here = made.tensor()[origin.index], data[at]
        if there.dtype == here.dtype:
            assert same_tensor(there, here), (trace.steps[step].name, source.name, at)


@quiet
@pytest.mark.parametrize("name", MODELS)
def test_restored(name: str) -> None:
    """With restore=True the model and the random state end as they were."""
    torch.manual_seed(0)
    model, args, kwargs = MODELS[name]()
    if name.startswith("lazy"):
        model(*args, **kwargs)
    before, random = copy.deepcopy(state(model)), torch.get_rng_state()
    trace = neurontui.trace(model, *args, kwargs=kwargs, restore=True)
    assert trace.error is None
    assert same(before, state(model))
    assert torch.equal(random, torch.get_rng_state())
