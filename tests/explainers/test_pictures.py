"""What the pictures of real calls mark: held against torch itself, by moving the marked inputs and watching the output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import record

import neurontui
from neurontui.explanation import Explanation, Picture


def explain_last(function: Callable[..., Any], *inputs: Any, at: tuple[int, ...] | None = None) -> Explanation:
    trace = record(function, *inputs)
    return neurontui.explain(trace, next(step for step in reversed(trace.steps) if step.kind == "function"), at)


def picture_of(why: Explanation, argument: str) -> Picture:
    return next(picture for picture in why.pictures if picture.argument == argument and picture.shape)


CASES: list[tuple[str, Callable[..., Any], tuple[Any, ...], tuple[int, ...]]] = [
    ("conv2d", lambda x: F.conv2d(x, torch.ones(2, 3, 3, 3), padding=1, stride=2), (torch.randn(2, 3, 6, 5),), (1, 0, 0, 2)),
    ("conv1d", lambda x: F.conv1d(x, torch.ones(2, 3, 3), padding=1, dilation=2), (torch.randn(2, 3, 6),), (1, 0, 3)),
    ("avg_pool", lambda x: F.avg_pool2d(x, 3, 2, 1), (torch.randn(1, 2, 7, 7),), (0, 1, 0, 3)),
    ("adaptive", lambda x: F.adaptive_avg_pool2d(x, 3), (torch.randn(1, 2, 7, 8),), (0, 1, 1, 2)),
    ("conv_transpose", lambda x: F.conv_transpose2d(x, torch.ones(2, 3, 3, 3), stride=2), (torch.randn(1, 2, 4, 4),), (0, 1, 3, 4)),
    ("linear", lambda x: F.linear(x, torch.ones(4, 5)), (torch.randn(3, 5),), (2, 1)),
    ("matmul", lambda x: x @ torch.ones(5, 2), (torch.randn(3, 5),), (1, 0)),
    ("bmm", lambda x: torch.bmm(x, torch.ones(2, 5, 2)), (torch.randn(2, 3, 5),), (1, 2, 0)),
    ("sum", lambda x: x.sum(1), (torch.randn(2, 5, 4),), (1, 3)),
    ("mean of planes", lambda x: x.mean((2, 3)), (torch.randn(2, 3, 4, 4),), (1, 2)),
    ("cumsum", lambda x: x.cumsum(1), (torch.randn(2, 7),), (1, 4)),
    ("layer_norm", lambda x: F.layer_norm(x, (6,)), (torch.randn(2, 4, 6),), (1, 3, 2)),
    ("group_norm", lambda x: F.group_norm(x, 2), (torch.randn(3, 6, 4, 4),), (1, 4, 0, 3)),
    ("instance_norm", lambda x: F.instance_norm(x), (torch.randn(3, 3, 4, 4),), (1, 2, 0, 3)),
    ("batch_norm", lambda x: F.batch_norm(x, None, None, training=True), (torch.randn(5, 3, 4),), (1, 2, 0)),
    ("softmax", lambda x: F.softmax(x, 1), (torch.randn(3, 6, 2, 2),), (1, 2, 0, 1)),
    ("permute", lambda x: x.permute(0, 2, 1), (torch.randn(2, 3, 4),), (0, 3, 1)),
    ("getitem", lambda x: x[:, 1:4:2, None, -1], (torch.randn(2, 5, 4),), (1, 1, 0)),
    ("gather", lambda x: x.gather(1, torch.tensor([[0, 4], [2, 2], [1, 3]])), (torch.randn(3, 5),), (2, 1)),
    ("pad", lambda x: F.pad(x, (1, 2, 1, 0)), (torch.randn(2, 3, 4),), (1, 2, 3)),
]


@pytest.mark.parametrize(("name", "function", "inputs", "at"), CASES, ids=[case[0] for case in CASES])
def test_the_marked_inputs_are_those_that_move_the_output(
    name: str, function: Callable[..., Any], inputs: tuple[Any, ...], at: tuple[int, ...]
) -> None:
    picture = picture_of(explain_last(function, *inputs, at=at), "input")
    x = inputs[0].double().requires_grad_()
    try:
        out = function(x)
    except RuntimeError:  # weights of another type
        x = inputs[0].clone().requires_grad_()
        out = function(x)
    (gradient,) = torch.autograd.grad(out[at], x)
    assert {tuple(cell) for cell in picture.cells} == {tuple(cell) for cell in torch.nonzero(gradient).tolist()}
    assert picture.shape == tuple(inputs[0].shape)
    if picture.focus is not None:
        assert picture.focus in picture.cells


def test_what_falls_on_padding_lies_beside_the_input() -> None:
    why = explain_last(lambda x: F.conv2d(x, torch.ones(2, 3, 3, 3), padding=1, stride=2), torch.randn(1, 3, 6, 6), at=(0, 1, 0, 0))
    picture = picture_of(why, "input")
    assert sorted(picture.outside) == [(0, 0, -1, -1), (0, 0, -1, 0), (0, 0, -1, 1), (0, 0, 0, -1), (0, 0, 1, -1)]
    assert picture_of(why, "weight").axes == () or len(picture_of(why, "weight").cells) == 27


def test_the_winner_of_a_pool_is_marked() -> None:
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 1, 0] = 5.0
    assert picture_of(explain_last(lambda x: F.max_pool2d(x, 2), x, at=(0, 0, 0, 0)), "input").focus == (0, 0, 1, 0)


def test_the_dimensions_that_are_drawn_tell_the_marks_from_the_others() -> None:
    assert picture_of(explain_last(lambda x: F.group_norm(x, 2), torch.randn(3, 6, 4, 4)), "input").axes == (0, 1)
    assert picture_of(explain_last(lambda x: F.softmax(x, 1), torch.randn(3, 6, 2, 2)), "input").axes == (1, 3)
    assert picture_of(explain_last(lambda x: x.sum(1), torch.randn(2, 5, 4)), "input").axes == ()
    assert picture_of(explain_last(lambda x: x.mean((2, 3)), torch.randn(2, 3, 4, 4)), "input").axes == (0, 1)


def test_a_view_a_copy_and_the_places_of_the_element() -> None:
    view = picture_of(explain_last(lambda x: x.permute(1, 0), torch.randn(2, 3), at=(2, 1)), "input")
    assert view.caption == "element 5 of 6 in row-major order is now element 5 of 6; a view: both share one memory"
    copy = picture_of(explain_last(lambda x: x.t().reshape(6), torch.randn(2, 3), at=(1,)), "input")
    assert copy.caption == "element 1 of 6 in row-major order is now element 1 of 6; a copy: the output has its own memory"
    assert "a copy" in picture_of(explain_last(lambda x: torch.cat([x, x]), torch.randn(2, 3), at=(2, 1)), "tensors[1]").caption
    expanded = picture_of(explain_last(lambda x: torch.broadcast_tensors(x, x[:1])[1], torch.randn(2, 3)), "input")
    assert expanded.caption.endswith("a view: both share one memory")
    filled = picture_of(explain_last(lambda x: (x * 1).index_fill_(0, torch.tensor([1]), 3.0), torch.randn(2, 3)), "input")
    assert filled.caption.endswith("written in place: both share one memory")


def test_both_operands_of_a_broadcast_are_drawn() -> None:
    why = explain_last(lambda a, b: a - b, torch.randn(4, 1), torch.randn(4), at=(2, 3))
    assert [(picture.argument, tuple(picture.cells), picture.shape) for picture in why.pictures] == [
        ("input", ((2, 0),), (4, 1)), ("other", ((3,),), (4,)), ("output", ((2, 3),), (4, 4)),
    ]  # fmt: skip
    assert not explain_last(lambda a, b: a - b, torch.randn(4), torch.randn(4)).pictures


def test_the_bars_of_a_softmax_and_of_gates_are_the_real_numbers() -> None:
    x = torch.randn(3, 5)
    (bars,) = [picture for picture in explain_last(lambda x: F.softmax(x, -1), x, at=(1, 2)).pictures if picture.kind == "bar"]
    assert [height for _, height in bars.curve] == pytest.approx(F.softmax(x, -1)[1].tolist())
    assert bars.point == (2, pytest.approx(float(F.softmax(x, -1)[1, 2])))
    torch.manual_seed(0)
    cell = torch.nn.GRU(3, 4)
    trace = neurontui.trace(cell, torch.randn(2, 1, 3))
    why = neurontui.explain(trace, "./gru", (1, 0, 2))
    (gates,) = [picture for picture in why.pictures if picture.labels]
    named = dict(zip(gates.labels, (height for _, height in gates.curve), strict=True))
    assert named["   hidden"] == pytest.approx(why.actual)
    assert 0 < named["z  update gate"] < 1


def test_a_row_of_very_many_shares_draws_those_round_the_element() -> None:
    (bars,) = [p for p in explain_last(lambda x: F.softmax(x, -1), torch.randn(50_000), at=(40_000,)).pictures if p.kind == "bar"]
    assert len(bars.curve) == 256
    assert bars.curve[0][0] <= 40_000 <= bars.curve[-1][0]
    assert "of 50000 are drawn" in bars.caption
