"""Steps by name, arguments by name, leaves, sources."""

from __future__ import annotations

import collections
import dataclasses
import subprocess
import sys
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui
from neurontui.errors import StepError
from neurontui.records import Record, SourceLine, Step, Value, leaves, short_name


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor, scale: float = 1.0, *, bias: Tensor | None = None) -> Tensor:
        h = torch.relu(self.fc1(x))
        h = F.linear(
            h,
            self.fc2.weight,
        )
        return h * scale + self.fc2(torch.relu(h @ self.fc2.weight))


@pytest.fixture(scope="module")
def trace() -> neurontui.Trace:
    return neurontui.trace(Net(), torch.ones(2, 3))


def test_names(trace: neurontui.Trace) -> None:
    assert [step.name for step in trace.steps] == [
        ".", "fc1", "fc1/linear", "./relu", "./linear", "./mul", "./matmul", "./relu#2", "fc2", "fc2/linear", "./add",
    ]  # fmt: skip
    assert [step.end for step in trace.steps] == [11, 3, 3, 4, 5, 6, 7, 8, 10, 10, 11]
    assert [step.parent for step in trace.steps] == [None, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        (".", 0),
        ("fc1", 1),
        ("fc1#1", 1),
        ("./relu#2", 7),
        ("%3", 3),
        (3, 3),
        (-1, 10),
        ("./relu#1", 3),
        ("relu", 3),
        ("relu#2", 7),
        ("mul", 5),
        ("Net", 0),
    ],
)
def test_step(trace: neurontui.Trace, name: str | int, index: int) -> None:
    assert trace.step(name).index == index


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fc3", "did you mean 'fc"),
        ("./rellu", "did you mean './relu"),
        (99, "%0 to %10"),
        ("%99", "%0 to %10"),
        ("zzzz", "%0 to"),
        ("linear", "say which one: fc1/linear, ./linear, fc2/linear"),
        ("net", "has no step 'net'"),
    ],
)
def test_no_such_step(trace: neurontui.Trace, name: str | int, words: str) -> None:
    with pytest.raises(StepError, match=words.replace("%", "%")):
        trace.step(name)


def test_only_a_whole_part_of_a_name_is_its_end() -> None:
    trace = neurontui.trace(nn.Sequential(collections.OrderedDict(block=nn.Sequential(nn.Linear(2, 2)), lock=nn.ReLU())), torch.ones(2))
    assert trace.step("0").name == "block.0"
    assert trace.step("lock").name == "lock"
    assert trace.find("0") is None, "what looks a name up means that very name"


def test_names_of_calls_and_aliases() -> None:
    shared = nn.Linear(3, 3)
    trace = neurontui.trace(nn.Sequential(collections.OrderedDict(a=shared, b=nn.ReLU(), c=shared)), torch.ones(3))
    assert [step.name for step in trace.steps] == [".", "a", "a/linear", "b", "b/relu", "a#2", "a/linear#2"]
    assert trace.step("a").aliases == ("c",)
    assert trace.step("c").index == 1
    assert trace.step("c#2").name == "a#2"
    assert trace.step("a#2/linear").name == "a/linear#2"
    assert trace.step("a#2").call == 2


def test_inputs_by_name(trace: neurontui.Trace) -> None:
    assert list(trace.step(".").inputs) == ["x"]
    assert list(trace.step("fc1/linear").inputs) == ["input", "weight", "bias"]
    assert trace.step("fc1/linear").inputs["weight"].name == "fc1.weight"
    assert list(trace.step("./linear").inputs) == ["input", "weight"]
    assert trace.step("./mul").inputs["other"] == 1.0


def calls(body: Any, *args: Any) -> dict[str, Step]:
    trace = neurontui.trace(body, *args)
    assert trace.error is None, trace.error
    return {step.name: step for step in trace.steps}


@pytest.mark.parametrize(
    ("body", "label", "names"),
    [
        (lambda x: x.view(3, 2), "view", ["input", "shape"]),
        (lambda x: x.reshape(-1), "reshape", ["input", "shape"]),
        (lambda x: x.permute(1, 0), "permute", ["input", "dims"]),
        (lambda x: x.expand(4, 2, 3), "expand", ["input", "size"]),
        (lambda x: x.transpose(0, 1), "transpose", ["input", "dim0", "dim1"]),
        (lambda x: x.to(torch.float64), "to", ["input", "dtype"]),
        (lambda x: x.mean(1), "mean", ["input", "dim"]),
        (lambda x: x.sum(dim=1, keepdim=True), "sum", ["input", "dim", "keepdim"]),
        (lambda x: torch.cat([x, x], 1), "cat", ["tensors", "dim"]),
        (lambda x: x[0, 1:], "getitem", ["input", "index"]),
        (lambda x: 1 - x, "rsub", ["input", "other"]),
        (lambda x: torch.add(x, x, alpha=2), "add", ["input", "other", "alpha"]),
        (lambda x: torch.einsum("ij,ij->i", x, x), "einsum", ["equation", "operand0", "operand1"]),
        (lambda x: torch.where(x > 0, x, 0.0), "where", ["condition", "input", "other"]),
        (lambda x: F.softmax(x, -1), "softmax", ["input", "dim"]),
        (lambda x: F.layer_norm(x, (3,)), "layer_norm", ["input", "normalized_shape", "eps"]),
        (lambda x: torch.arange(1, 4), "arange", ["start", "end"]),
        (lambda x: x.roll(1, 0), "roll", ["input", "shifts", "dims"]),
        (lambda x: torch.mm(x, x.t()), "mm", ["input", "mat2"]),
        (lambda x: F.scaled_dot_product_attention(x, x, x), "scaled_dot_product_attention", ["query", "key", "value"]),
        (lambda x: nn.functional.conv1d(x[None], x[None].clone()), "conv1d", ["input", "weight"]),
    ],
)
def test_argument_names(body: Any, label: str, names: list[str]) -> None:
    step = next(step for step in calls(body, torch.ones(2, 3)).values() if step.label == label)
    assert list(step.inputs) == names


def test_sizes_are_one_argument() -> None:
    assert calls(lambda x: x.view(3, 2), torch.ones(2, 3))["./view"].inputs["shape"] == (3, 2)
    assert calls(lambda x: x.view((3, 2)), torch.ones(2, 3))["./view"].inputs["shape"] == (3, 2)
    assert calls(lambda x: x.view(-1), torch.ones(2, 3))["./view"].inputs["shape"] in (-1, (-1,))


def test_source_lines(trace: neurontui.Trace) -> None:
    source = trace.step("./linear").source
    assert isinstance(source, SourceLine)
    assert source.file == __file__
    assert source.end_line == source.line + 3
    assert source.text.startswith("F.linear(")
    assert source.function == "Net.forward"
    assert trace.step("fc1/linear").source.text == "self.fc1(x)"
    assert trace.step("./add").source.text == "h * scale + self.fc2(torch.relu(h @ self.fc2.weight))"
    assert trace.step("./matmul").source.text == "h @ self.fc2.weight"


def test_source_of_executed_text() -> None:
    """A file that is executed and not imported, as `inspect` does, with characters of more than one byte before the call."""
    import linecache

    text = "import torch\ndef f(x):\n    return ('é', torch.relu(x))[1]\n"
    linecache.cache["/tmp/no such file.py"] = (len(text), None, text.splitlines(keepends=True), "/tmp/no such file.py")
    space: dict[str, Any] = {}
    exec(compile(text, "/tmp/no such file.py", "exec"), space)
    source = neurontui.trace(space["f"], torch.ones(2)).step("./relu").source
    assert (source.line, source.text) == (3, "torch.relu(x)")
    assert text.splitlines()[2][source.column : source.end_column] == "torch.relu(x)"


@dataclasses.dataclass
class Pair:
    left: Any
    right: Any


def test_leaves_are_in_the_order_of_output_numbers() -> None:
    trace = neurontui.trace(lambda x: Pair(x + 1, {"a": [x * 2, (x - 1, 3)]}), torch.ones(2))
    found = list(leaves(trace.steps[0].output))
    assert [path for path, _ in found] == [".left", ".right[a][0]", ".right[a][1][0]"]
    assert [float(value.tensor()[0]) for _, value in found] == [2, 2, 0]
    assert list(leaves(Record("Cache", {"keys": found[0][1]}))) == [("[keys]", found[0][1])]


def test_several_outputs_have_numbers() -> None:
    step = calls(lambda x: x.max(1).values + 1, torch.ones(2, 3))["./max"]
    assert [value.producer for _, value in leaves(step.output)] == [(step.index, 0), (step.index, 1)]


def test_objects_with_tensors_become_records() -> None:
    class Cache:
        def __init__(self) -> None:
            self.key, self.size = torch.ones(2), 3

    step = neurontui.trace(lambda c: c.key * 2, Cache()).steps[0]
    record = step.inputs["c"]
    assert isinstance(record, Record)
    assert isinstance(record.fields["key"], Value)
    assert record.fields["size"] == 3
    assert record.fields["key"].name == "c.key"


def test_what_a_call_wrote() -> None:
    trace = neurontui.trace(lambda x: torch.relu_(x * -1), torch.ones(2))
    step = trace.steps[-1]
    assert step.inputs["input"].tensor().tolist() == [-1, -1]
    assert step.writes["input"].tensor().tolist() == [0, 0]
    assert step.output is step.writes["input"]


def test_a_call_that_returns_none_shows_what_it_wrote() -> None:
    def body(x: Tensor) -> Tensor:
        x = x.clone()
        x[0] = 5
        return x

    trace = neurontui.trace(body, torch.ones(2))
    assert trace.steps[-1].output.tensor().tolist() == [5, 1]


def test_reads_of_data_are_steps_and_reads_of_shapes_are_not() -> None:
    def body(x: Tensor) -> Tensor:
        if x.sum().item() > 0 and x.dim() == 2 and x.shape[0] == len(x) and x.dtype == torch.float32 and bool((x > 0).any()):
            return x + x.size(1)
        return x

    trace = neurontui.trace(body, torch.ones(2, 3))
    assert [step.label for step in trace.steps[1:]] == ["sum", "item", "gt", "any", "bool", "add"]
    assert trace.step("./item").output == 6


def test_kinds_and_operations() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(2, 2)), torch.ones(2))
    assert [step.op for step in trace.steps] == ["torch.nn.Sequential", "torch.nn.Linear", "torch.nn.functional.linear"]
    assert short_name("torch.Tensor.__getitem__") == "getitem"
    assert short_name("torch.Tensor.T.__get__") == "T"
    assert short_name("aten.add.Tensor") == "add"


def test_everything_is_frozen(trace: neurontui.Trace) -> None:
    for thing, name in ((trace, "steps"), (trace.steps[0], "name"), (trace.steps[0].inputs["x"], "shape")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)


def test_records_import_no_torch() -> None:
    code = "import sys, neurontui.records, neurontui.signatures, neurontui.sources, neurontui.origins; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
