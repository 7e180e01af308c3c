"""What is saved comes back: every value bit for bit, every explanation, every crash, and nothing of the user's folders."""

from __future__ import annotations

import dataclasses
import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neurontui
from neurontui.errors import StaleValueError, TraceFileError
from neurontui.records import Trace, Value, leaves
from neurontui.storage import RecordedError, is_trace_file


def values_in(structure: Any) -> list[Value]:
    return [value for _, value in leaves(structure)]


class Odd(nn.Module):
    """Views, in-place writes, a dropout, a reused module, and a structured output."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor, scale: float = 2.0) -> dict[str, Any]:
        x = torch.relu(self.norm(self.fc(x)))
        flat = x.view(-1)
        flat[0] = 5
        x += 1
        return {"out": self.fc(self.drop(x)) * scale, "parts": (x.t(), [1.5, float("nan")]), "wide": x[0].expand(1000, 4)}


def record(model: nn.Module, *args: Any, **options: Any) -> Trace:
    torch.manual_seed(3)
    return neurontui.trace(model, *args, **options)


def save_and_load(trace: Trace, folder: Path) -> Trace:
    neurontui.save(trace, folder / "run.safetensors")
    return neurontui.load(folder / "run.safetensors")


def values_of(trace: Trace) -> list[Any]:
    return [value for step in trace.steps for value in values_in((step.args, step.kwargs, step.params, step.output, step.writes))]


def test_every_value_comes_back_bit_for_bit(tmp_path: Path) -> None:
    trace = record(Odd(), torch.randn(3, 4))
    loaded = save_and_load(trace, tmp_path)
    assert [step.name for step in loaded.steps] == [step.name for step in trace.steps]
    for before, after in zip(trace.steps, loaded.steps, strict=True):
        assert list(after.inputs) == list(before.inputs)
        for name in ("index", "parent", "end", "kind", "op", "path", "call", "training", "grad", "autocast", "duration", "note"):
            assert getattr(after, name) == getattr(before, name), name
    for before, after in zip(values_of(trace), values_of(loaded), strict=False):
        assert torch.equal(before.tensor(), after.tensor())
        assert before.tensor().stride() == after.tensor().stride()
        for name in ("shape", "dtype", "role", "name", "producer", "store", "offset", "strides", "time", "since"):
            assert getattr(after, name) == getattr(before, name), name


def test_what_required_a_gradient_still_does(tmp_path: Path) -> None:
    """Torch takes other kernels for it, when a call of the file is run again."""
    trace = record(Odd(), torch.randn(3, 4))
    kept = [value.requires_grad for value in values_of(save_and_load(trace, tmp_path))]
    assert kept == [value.requires_grad for value in values_of(trace)]
    assert set(kept) == {True, False}


def test_the_output_is_tensors_in_plain_containers(tmp_path: Path) -> None:
    trace = record(Odd(), torch.randn(3, 4))
    output = save_and_load(trace, tmp_path).output
    assert torch.equal(output["out"], trace.output["out"])
    assert torch.equal(output["parts"][0], trace.output["parts"][0])
    assert output["parts"][1][0] == 1.5
    assert output["parts"][1][1] != output["parts"][1][1]


def test_a_value_handed_on_or_viewed_is_stored_once(tmp_path: Path) -> None:
    class Views(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x * 1
            for _ in range(20):
                x = x.view(64, 64).t().t().reshape(-1).view(64, 64)
            return x[None].expand(100, 64, 64)

    trace = record(Views(), torch.randn(64, 64))
    loaded = save_and_load(trace, tmp_path)
    size = (tmp_path / "run.safetensors").stat().st_size
    assert size < 30 * 64 * 64 * 4
    assert torch.equal(loaded.output, trace.output)
    assert loaded.output.shape == (100, 64, 64)


@pytest.mark.parametrize("at", [(0, 0), (2, 3)])
def test_explanations_work_from_the_file(tmp_path: Path, at: tuple[int, ...]) -> None:
    trace = record(Odd(), torch.randn(3, 4), copy_parameters=True)
    loaded = save_and_load(trace, tmp_path)
    for name in ("fc/linear", "norm", "./relu", "drop", "fc#2"):
        before, after = neurontui.explain(trace, name, at=at), neurontui.explain(loaded, name, at=at)
        assert (after.method, after.formula, after.computed, after.actual, after.agrees) == (
            before.method, before.formula, before.computed, before.actual, before.agrees,
        )  # fmt: skip
        origins = [[factor.origin for factor in term.factors] for term in after.terms]
        assert origins == [[factor.origin for factor in term.factors] for term in before.terms]


def test_an_error_comes_back_with_the_users_line(tmp_path: Path) -> None:
    trace = record(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), torch.randn(1, 10))
    loaded = save_and_load(trace, tmp_path)
    assert isinstance(loaded.error, RecordedError)
    assert (loaded.error.type, loaded.error.message) == ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (1x20 and 5x5)")
    assert loaded.steps[-1].error is loaded.error
    again = save_and_load(loaded, tmp_path)
    assert again.error is not None
    assert str(again.error) == str(trace.error)


def test_the_source_comes_along_without_the_users_folders(tmp_path: Path) -> None:
    import linecache

    loaded = save_and_load(record(Odd(), torch.randn(3, 4)), tmp_path)
    source = loaded.step("./relu").source
    assert source is not None
    assert "torch.relu" in source.text
    assert "torch.relu" in linecache.getline(source.file, source.line)
    assert str(Path(__file__).parent).encode() not in (tmp_path / "run.safetensors").read_bytes()


Pair = namedtuple("Pair", "left right")


@dataclasses.dataclass
class Result:
    value: torch.Tensor
    note: str = "kept"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda x: Pair(x, 2), lambda x: (x, 2)),
        (lambda x: Result(x), lambda x: {"value": x, "note": "kept"}),
        (lambda x: [x, {"a": (x, None)}, 1 + 2j], lambda x: [x, {"a": (x, None)}, 1 + 2j]),
        (lambda x: [slice(1, None), torch.float16, ..., {4}], lambda x: [slice(1, None), torch.float16, ..., frozenset({4})]),
        (lambda x: {1: x, (2, 3): float("-inf")}, lambda x: {1: x, (2, 3): float("-inf")}),
        (lambda x: torch.Size([1, 2]), lambda x: torch.Size([1, 2])),
        (lambda x: None, lambda x: None),
    ],
)  # fmt: skip
def test_structures(tmp_path: Path, made: Any, expected: Any) -> None:
    class Shaped(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return made(x + 1)

    x = torch.arange(3.0)
    found = save_and_load(record(Shaped(), x), tmp_path).output
    assert repr(found) == repr(expected(x + 1))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(5.0), torch.empty(0, 3), torch.tensor([1 + 2j]).conj(), torch.randn(2, 3).bfloat16(), torch.tensor([True, False]),
        torch.randn(4).half(), torch.tensor([2**63 - 1]), torch.randn(3, 4).t(), torch.randn(6)[::2], torch.randn(2, 1).expand(2, 5),
        torch.randn(3).to(torch.float8_e4m3fn), torch.tensor([float("nan"), float("inf"), -0.0]), torch.randn(2, 3, dtype=torch.complex128),
        torch.arange(6).view(2, 3).to(torch.uint8), torch.randn(10).unfold(0, 3, 1),
    ],
)  # fmt: skip
def test_types_and_strides(tmp_path: Path, tensor: torch.Tensor) -> None:
    class Takes(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

    value = values_in(save_and_load(record(Takes(), tensor), tmp_path).steps[0].inputs)[0]
    assert value.dtype == tensor.dtype
    assert value.shape == tuple(tensor.shape)
    assert repr(value.tensor()) == repr(tensor.detach().resolve_conj())


def test_a_meta_tensor_comes_back_without_numbers(tmp_path: Path) -> None:
    class Ones(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.ones(x.t().shape)

    loaded = save_and_load(record(Ones(), torch.empty(3, 4, dtype=torch.float16, device="meta").t()), tmp_path)
    read = values_in(loaded.steps[0].inputs)[0].tensor()
    assert (read.device.type, read.dtype, read.shape, read.stride()) == ("meta", torch.float16, (4, 3), (1, 4))
    assert torch.equal(loaded.output, torch.ones(3, 4))


def test_what_has_no_plain_numbers_is_described(tmp_path: Path) -> None:
    narrowed = torch.nested.narrow(torch.ones(2, 3, 1), 1, torch.tensor([0, 1]), torch.tensor([2, 1]), layout=torch.jagged)
    loaded = save_and_load(record(nn.Identity(), narrowed), tmp_path)
    value = values_in(loaded.steps[0].inputs)[0]
    with pytest.raises(StaleValueError, match=r"are not in the trace file: a NestedTensor is described only"):
        value.tensor()


def test_a_parameter_that_changed_is_not_saved_as_it_was_not(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    trace = record(model, torch.randn(2))
    with torch.no_grad():
        model.weight.add_(1)
    with pytest.raises(StaleValueError, match="weight"):
        neurontui.save(trace, tmp_path / "run.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.safetensors"
    neurontui.save(record(nn.ReLU(), torch.randn(2)), path)
    before = path.read_bytes()

    def fail(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neurontui.storage.writing.to_bytes", fail)
    with pytest.raises(TraceFileError, match="No space left on device"):
        neurontui.save(record(nn.ReLU(), torch.randn(2)), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_leads_to_the_file_that_is_written(tmp_path: Path) -> None:
    trace, link = record(nn.ReLU(), torch.randn(2)), tmp_path / "latest.safetensors"
    link.symlink_to("run.safetensors")
    for _ in range(2):
        neurontui.save(trace, link)
        assert link.is_symlink()
        assert is_trace_file(tmp_path / "run.safetensors")


def test_what_is_no_regular_file_is_neither_replaced_nor_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.safetensors"
    os.mkfifo(pipe)
    with pytest.raises(TraceFileError, match="it is no regular file"):
        neurontui.save(record(nn.ReLU(), torch.randn(2)), pipe)
    assert pipe.is_fifo()
    with pytest.raises(TraceFileError, match="is no regular file"):
        neurontui.load(pipe)


@pytest.mark.parametrize("name", ["", "a" * 300, "file/x.safetensors", "a\0b", "loop"])
def test_a_place_where_nothing_can_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(TraceFileError, match="cannot be written"):
        neurontui.save(record(nn.ReLU(), torch.randn(2)), tmp_path / name)
    with pytest.raises(TraceFileError):
        neurontui.load(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop"]


def test_a_long_name_that_is_allowed(tmp_path: Path) -> None:
    name = "a" * 243 + ".safetensors"
    neurontui.save(record(nn.ReLU(), torch.randn(2)), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_steps_are_read_when_looked_at(tmp_path: Path) -> None:
    deep = nn.Sequential(*[nn.ReLU() for _ in range(300)])
    loaded = save_and_load(record(deep, torch.randn(2)), tmp_path)
    kept = loaded.steps._steps  # type: ignore[attr-defined]
    assert sum(step is not None for step in kept) == 0
    assert loaded.steps[-1].name == "299/relu"
    assert loaded.steps[-1] is loaded.steps[600]
    assert sum(step is not None for step in kept) == 1
    assert [step.index for step in loaded.steps[10:13]] == [10, 11, 12]
    with pytest.raises(IndexError):
        loaded.steps[601]


def test_trace_files_are_told_from_weights(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.ones(2)}, tmp_path / "weights.safetensors")
    neurontui.save(record(nn.ReLU(), torch.randn(2)), tmp_path / "run.safetensors")
    assert is_trace_file(tmp_path / "run.safetensors")
    assert not is_trace_file(tmp_path / "weights.safetensors")


def test_overlapping_views_are_read_again(tmp_path):
    class Windows(torch.nn.Module):
        def forward(self, x):
            return x.unfold(1, 2, 1) * 2, x.clone().as_strided((3, 3), (2, 1)), x.expand(5, 2, 4).unfold(2, 3, 1) + 0

    trace = neurontui.trace(Windows(), torch.arange(8.0).reshape(2, 4))
    neurontui.save(trace, tmp_path / "windows.safetensors")
    loaded = neurontui.load(tmp_path / "windows.safetensors")
    for step, again in zip(trace.steps, loaded.steps, strict=True):
        for (_, value), (_, read) in zip(leaves(step.output), leaves(again.output), strict=True):
            assert torch.equal(value.tensor(), read.tensor())


def test_a_tensor_of_a_class_of_its_own_is_described(tmp_path, recwarn):
    from torch.masked import masked_tensor

    class Masked(torch.nn.Module):
        def forward(self, x):
            return masked_tensor(x, x > 0).sum().get_data()

    trace = neurontui.trace(Masked(), torch.ones(2, 3))
    assert trace.error is None
    neurontui.save(trace, tmp_path / "masked.safetensors")
    loaded = neurontui.load(tmp_path / "masked.safetensors")
    assert len(loaded.steps) == len(trace.steps)
    with pytest.raises(neurontui.errors.StepError, match="class of its own"):
        neurontui.explain(trace, "./sum")


COMPOSITES = {
    "coo": lambda x: x.relu().to_sparse(),
    "csr": lambda x: x.relu().to_sparse_csr(),
    "csc": lambda x: x.relu().to_sparse_csc(),
    "bsr": lambda x: x.relu().to_sparse_bsr((1, 2)),
    "quantized": lambda x: torch.quantize_per_tensor(x, 0.1, 10, torch.quint8),
    "quantized channels": lambda x: torch.quantize_per_channel(x, torch.tensor([0.1, 0.2]), torch.tensor([3, 0]), 0, torch.qint8),
    "mkldnn": lambda x: x.to_mkldnn(),
    "nested": lambda x: torch.nested.nested_tensor([x, x[:1]]),
    "jagged": lambda x: torch.nested.nested_tensor([x, x[:1]], layout=torch.jagged),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", COMPOSITES)
def test_tensors_made_of_others(kind, tmp_path):
    class Makes(torch.nn.Module):
        def forward(self, x):
            made = COMPOSITES[kind](x)
            return made, made.dequantize() if made.is_quantized else made.unbind()[0] if made.is_nested else made.to_dense()

    trace = neurontui.trace(Makes(), torch.tensor([[1.0, -2.0, 0.0, 0.5], [0.0, 3.0, -1.0, 2.0]]))
    neurontui.save(trace, tmp_path / "made.safetensors")
    loaded = neurontui.load(tmp_path / "made.safetensors")
    for step, again in zip(trace.steps, loaded.steps, strict=True):
        for number, ((_, value), (_, read)) in enumerate(zip(leaves(step.output), leaves(again.output), strict=True)):
            one, other = value.tensor(), read.tensor()
            assert (one.layout, one.dtype, one.is_nested) == (other.layout, other.dtype, other.is_nested)
            if one.is_nested:
                assert all(torch.equal(a, b) for a, b in zip(one.unbind(), other.unbind(), strict=True))
                continue
            dense = [t.dequantize() if t.is_quantized else t.to_dense() for t in (one, other)]
            assert torch.equal(*dense)
            if 0 in one.shape:
                continue
            why, why_again = (neurontui.explain(t, step.index, at=(0,) * one.dim(), output=number) for t in (trace, loaded))
            assert (why.computed, why.method, why.agrees) == (why_again.computed, why_again.method, why_again.agrees)


def test_weights_are_not_written_over(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    trace = neurontui.trace(nn.Identity(), torch.ones(1))
    file = tmp_path / "model.safetensors"
    for metadata in (None, {"format": "pt"}):
        save_file({"weight": torch.ones(2)}, file, metadata)
        with pytest.raises(TraceFileError, match="it is not written over"):
            neurontui.save(trace, file)
        assert list(load_file(file)) == ["weight"]
    for text in (b"", b"no tensors"):
        file.write_bytes(text)
        neurontui.save(trace, file)
        neurontui.save(trace, file)  # a trace is written over by a trace
    assert is_trace_file(file)


def test_a_default_device_that_a_program_set_does_not_reach_the_file(tmp_path: Path) -> None:
    x = torch.arange(6.0).reshape(2, 3).t()
    trace = neurontui.trace(lambda x: (x + 1).expand(4, 3, 2) * np.ones(2, np.float32)[0], x)
    with torch.device("meta"):
        neurontui.save(trace, tmp_path / "a.safetensors")
        loaded = neurontui.load(tmp_path / "a.safetensors")
        for ours, theirs in zip(trace.steps, loaded.steps, strict=True):
            for (_, one), (_, other) in zip(leaves((ours.inputs, ours.output)), leaves((theirs.inputs, theirs.output)), strict=True):
                assert other.tensor().device.type == "cpu"
                assert torch.equal(one.tensor(), other.tensor())
