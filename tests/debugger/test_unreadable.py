"""Tensors whose numbers torch does not give out: each place that looks at numbers says so, or passes them over."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
import torch
from torch import nn
from walking_helpers import record

from neurontui import plain
from neurontui.commands import execute
from neurontui.comparison import diff
from neurontui.debugger.statistics import find_bad, measure
from neurontui.errors import UnreadableError
from neurontui.exporting import trace_text
from neurontui.readable import make_readable
from neurontui.records import Value, leaves

pytestmark = pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors", "ignore:Sparse CSC tensor support")


def shapes_only(x: torch.Tensor) -> torch.Tensor:
    return x.to("meta") + 1


def nested(x: torch.Tensor) -> torch.Tensor:
    return torch.nested.nested_tensor([x, x[:1]])


def half_bytes(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros(2, dtype=torch.uint8).view(torch.uint4)


def mkldnn(x: torch.Tensor) -> torch.Tensor:
    return x.to_mkldnn()


def by_columns(x: torch.Tensor) -> torch.Tensor:
    return torch.diag(x).to_sparse_csc()


class Called(nn.Module):
    """A model of one function."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(x)


def output_of(function: Any) -> Value:
    return next(value for _, value in leaves(record(Called(function), torch.tensor([1.0, 2.0])).trace.steps[0].output))


@pytest.mark.parametrize(("function", "said"), [(shapes_only, "meta"), (nested, "nested"), (half_bytes, "uint4")])
def test_what_has_no_numbers_is_refused_in_a_sentence(function: Any, said: str) -> None:
    with pytest.raises(UnreadableError, match=f"holds no numbers.*{said}"):
        output_of(function).numbers()


@pytest.mark.parametrize(
    ("function", "expected"), [(mkldnn, [1.0, 2.0]), (by_columns, [[1.0, 0.0], [0.0, 2.0]]), (lambda x: x.to_sparse(), [1.0, 2.0])]
)
def test_other_layouts_are_written_out(function: Any, expected: list[Any]) -> None:
    assert output_of(function).numbers().tolist() == expected


def test_a_plain_tensor_is_read_as_it_is() -> None:
    tensor = torch.ones(2, 3).T
    assert make_readable(tensor) is tensor


def test_a_class_that_gives_no_element_is_named() -> None:
    class Sealed(torch.Tensor):
        def __getitem__(self, at: Any) -> Any:
            raise ValueError("sealed")

    with pytest.raises(UnreadableError, match="Sealed"):
        make_readable(torch.ones(2).as_subclass(Sealed))


def test_statistics_count_what_they_cannot_read() -> None:
    assert (measure(output_of(shapes_only)).count, measure(output_of(shapes_only)).maximum) == (2, None)
    assert measure(output_of(half_bytes)).mean is None
    assert measure(output_of(mkldnn)).maximum == 2.0
    assert (measure(output_of(nested)).count, measure(output_of(nested)).mean) == (3, pytest.approx(4 / 3))
    assert (measure(output_of(by_columns)).count, measure(output_of(by_columns)).minimum) == (2, 1.0)


def test_nan_is_found_where_there_are_numbers() -> None:
    assert not find_bad(output_of(shapes_only))
    assert find_bad(output_of(lambda x: (x * math.nan).to_mkldnn())) == {"nan"}
    assert find_bad(output_of(lambda x: torch.nested.nested_tensor([x, x / 0]))) == {"inf"}


@pytest.mark.parametrize("function", [shapes_only, nested, half_bytes, mkldnn, by_columns])
def test_every_look_at_the_numbers_answers(function: Any) -> None:
    debugger = record(Called(function), torch.tensor([1.0, 2.0]))
    execute(debugger, "watch output[0]")
    breaks = ("break [0] > 5", "break max > 5", "break nan", "continue")
    for line in ("show output", "view stats", "stats", *breaks, "copy", "why", "reach x[0]"):
        assert "bug" not in " ".join(execute(debugger, line).text)
    assert len(debugger.watched()) <= 1
    assert trace_text(debugger.trace, ".html")
    assert json.loads(trace_text(debugger.trace, ".json"))


@pytest.mark.parametrize("function", [shapes_only, nested])
def test_plain_mode_says_it_and_goes_on(function: Any) -> None:
    out = io.StringIO()
    assert plain.run(record(Called(function), torch.tensor([1.0, 2.0])), [], io.StringIO("show output\nnext\n"), out) == 0
    said = out.getvalue()
    assert "holds no numbers" in said
    assert "step 1" in said.partition("holds no numbers")[2]


def test_a_difference_that_cannot_be_seen_is_none_that_is_there() -> None:
    """Shapes are equal; what cannot be read is missing, never equal and never different."""
    one, other = (record(Called(half_bytes), torch.tensor([1.0, 2.0])).trace for _ in range(2))
    statuses = {change.status for change in diff(one, other).changes}
    assert statuses == {"equal", "missing"}
