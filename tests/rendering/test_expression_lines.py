"""`explain --deep`: the course's network as one formula with its numbers, then as a tree that says what it left out."""

from __future__ import annotations

import pytest
import torch
from course import record_simple_ann
from syrupy.assertion import SnapshotAssertion
from torch import nn

import neurontui
from neurontui.explainers import deep
from neurontui.records import Trace
from neurontui.rendering import ASCII, NO_COLOR, Look
from neurontui.rendering.expressions import expression_lines, one_line


@pytest.fixture(scope="module")
def simple_ann() -> Trace:
    return record_simple_ann()


def test_the_network_as_one_formula(simple_ann: Trace, snapshot: SnapshotAssertion) -> None:
    expression = deep(simple_ann, 0, (0,))
    formula = one_line(expression)
    value = eval(formula.replace("×", "*"))  # our own text: numbers, +, *, max
    assert value == pytest.approx(0.4403, abs=2e-4)
    text = "\n".join(line.plain for line in expression_lines(expression, 85))
    assert "fc2/linear[0] = max(1.0000 × 0.3643" in text
    assert "x[0] 1.0000 × fc1.weight[0, 0] 0.3643 = 0.3643" in text
    assert text == snapshot


@pytest.mark.parametrize("width", [40, 60, 85])
def test_every_line_fits(simple_ann: Trace, width: int) -> None:
    assert max(line.cell_len for line in expression_lines(deep(simple_ann, 0, (0,)), width)) <= width


def test_ascii(simple_ann: Trace) -> None:
    assert "\n".join(line.plain for line in expression_lines(deep(simple_ann, 0, (0,)), 80, Look(NO_COLOR, ASCII))).isascii()


def test_it_says_what_it_left_out() -> None:
    torch.manual_seed(0)
    trace = neurontui.trace(nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)), torch.ones(8))
    text = "\n".join(line.plain for line in expression_lines(deep(trace, 0, (0,), terms=2), 100))
    assert "more terms, the shown ones are" in text
    assert "smaller terms are left out" in text
    assert not text.startswith("2/linear[0] = max("), "a formula with holes is none"
    shallow = "\n".join(line.plain for line in expression_lines(deep(trace, 0, (0,), depth=1), 100))
    assert "not opened: deeper than the limit" in shallow
