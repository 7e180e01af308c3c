"""Tensors as blocks of text, for plain mode and screen readers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import neurontui
from neurontui.records import Value
from neurontui.rendering.values import plain_tensor, tensor_lines, value_title

Record = Callable[[torch.Tensor], Value]


@pytest.fixture
def record() -> Record:
    def make(tensor: torch.Tensor) -> Value:
        value = neurontui.trace(torch.nn.Identity(), tensor).steps[0].output
        assert isinstance(value, Value)
        return value

    return make


def test_titles(record: Record) -> None:
    assert value_title("weight", record(torch.zeros(2, 2))) == "weight [2, 2]"
    assert value_title("x\x1b", record(torch.zeros(3, dtype=torch.int64))) == "x␛ [3] int64"


def test_the_beginning_of_a_tensor_and_how_much_more_there_is(record: Record) -> None:
    lines = [line.plain for line in tensor_lines(record(torch.arange(2000.0).reshape(40, 50)), 60, 3)]
    assert lines[1].split()[:3] == ["0", "0.0000", "1.0000"]
    assert "37 more rows" in lines[-1]
    assert "more columns" in lines[-1]
    assert max(map(len, lines)) <= 60
    assert [line.plain for line in tensor_lines(record(torch.zeros(0, 3)))] == ["(no elements)"]
    assert "slice [0, :, :]" in tensor_lines(record(torch.zeros(2, 2, 2)))[-1].plain


def test_in_words(record: Record) -> None:
    assert plain_tensor(record(torch.tensor(2.5)), name="loss") == ["loss is 2.5000"]
    assert plain_tensor(record(torch.tensor([1.0, 2.0])), name="x") == ["x[0] is 1.0000", "x[1] is 2.0000"]
    assert plain_tensor(record(torch.eye(2)), name="w") == ["row 0: 1.0000, 0.0000", "row 1: 0.0000, 1.0000"]
    assert plain_tensor(record(torch.arange(20.0)), 2, name="x")[-1] == "18 more rows"
    assert plain_tensor(record(torch.zeros(3, 0))) == ["no elements"]
    assert plain_tensor(record(torch.tensor([2.6999998])), name="x", exact=True) == ["x[0] is 2.6999998"]


def test_a_plane_is_read_by_its_whole_index(record: Record) -> None:
    value = record(torch.arange(8.0).reshape(2, 2, 2))
    assert plain_tensor(value, name="w", plane=(1, 0, None)) == ["w[1, 0, 0] is 4.0000", "w[1, 0, 1] is 5.0000"]
    assert plain_tensor(value, name="w", plane=(None, 1, None))[:2] == ["row 0: 2.0000, 3.0000", "row 1: 6.0000, 7.0000"]
    assert plain_tensor(value, name="w", plane=(None, 1, None))[-1] == "this is the slice [:, 1, :]"
    assert plain_tensor(value, name="w", plane=(1, 1, 1)) == ["w[1, 1, 1] is 7.0000"]
