"""The call tree and the position line: exactly as wide as they are asked to be, names never eaten."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from syrupy.assertion import SnapshotAssertion
from torch import nn

import neurontui
from neurontui.rendering import ASCII, NO_COLOR, Look
from neurontui.rendering.positions import Position, path_parts, position_line
from neurontui.rendering.steps import StepMarks, plain_step, step_line, step_shapes


def test_the_walk_of_simple_ann(simple_trace: Any, snapshot: SnapshotAssertion) -> None:
    lines = [step_line(simple_trace, index, 57).plain for index in range(6)]
    assert "fc1 Linear" in lines[1]
    assert lines[2].split() == ["linear", "[2]", "→", "[2]"]
    assert "\n".join(lines) == snapshot


@pytest.mark.parametrize("width", [12, 20, 34, 35, 80, 200])
def test_a_line_is_exactly_as_wide_as_asked(simple_trace: Any, width: int) -> None:
    marks = StepMarks(current=True, breakpoint=True, bad="nan", changed=True, note="random")
    for index in range(6):
        for given in (StepMarks(), marks):
            assert step_line(simple_trace, index, width, given).cell_len == width
        assert position_line(Position(simple_trace, index, seed=1), width).cell_len == width


def test_marks_are_seen(simple_trace: Any) -> None:
    line = step_line(simple_trace, 2, 50, StepMarks(current=True, breakpoint=True, bad="nan", changed=True)).plain
    assert line.startswith("▶●")
    assert "NaN!" in line
    assert "~" in line
    ascii_line = step_line(simple_trace, 1, 50, StepMarks(current=True, breakpoint=True, folded=True), Look(NO_COLOR, ASCII)).plain
    assert ascii_line.isascii()
    assert ascii_line.startswith(">*  > fc1 Linear")
    assert "▸" in step_line(simple_trace, 1, 50, StepMarks(folded=True)).plain
    assert "▾" in step_line(simple_trace, 1, 50).plain


@pytest.mark.parametrize("width", [28, 34, 38, 44])
def test_marks_are_seen_where_the_name_is_cut(make_trace: Callable[..., Any], make_step: Callable[..., Any], width: int) -> None:
    step = make_step(0, "encoder.layers.7.feed_forward/scaled_dot_product_attention", parent=None)
    line = step_line(make_trace(steps=(step,)), 0, width, StepMarks(bad="nan", changed=True), short=True).plain
    assert " NaN! ~" in line
    assert "…" in line
    assert len(line) == width


def test_shapes_give_way_before_the_name(
    make_trace: Callable[..., Any], make_step: Callable[..., Any], make_tensor: Callable[..., Any]
) -> None:
    many = tuple(make_tensor(2, 2) for _ in range(3))
    trace = make_trace(steps=(make_step(0, "transform", parent=None, args=many, output=many),))
    line = step_line(trace, 0, 40, StepMarks(bad="nan", changed=True), short=True).plain
    assert "transform NaN! ~" in line
    assert line.endswith("→ [2, 2], … (3) ")
    for width in range(20, 80):
        assert step_line(trace, 0, width, look=Look(NO_COLOR, ASCII)).plain.isascii()


def test_a_failing_call_is_marked(make_trace: Callable[..., Any], make_step: Callable[..., Any]) -> None:
    error = RuntimeError("mat1 and mat2")
    trace = make_trace(steps=(make_step(0, "fc2/linear", parent=None, error=error, output=None),), error=error)
    assert step_shapes(trace.steps[0]) == "[2] → ✗"
    assert "✗" in step_line(trace, 0, 40).plain
    assert plain_step(trace.steps[0]) == "step 0, fc2/linear, takes [2], raised RuntimeError"


def test_an_array_is_no_tensor_that_a_step_takes(make_step: Callable[..., Any]) -> None:
    import numpy as np

    assert plain_step(make_step(1, "./tensor", args=(np.ones(2),))) == "step 1, ./tensor, gives [2]"


def test_parameters_are_no_input_shapes(make_step: Callable[..., Any], make_tensor: Callable[..., Any]) -> None:
    args = (make_tensor(3, 2), make_tensor(4, 2, role="parameter"), make_tensor(4, role="parameter"))
    assert step_shapes(make_step(0, "fc1/linear", args=args, output=make_tensor(3, 4))) == "[3, 2] → [3, 4]"
    only = make_step(0, "./mul", args=args[1:], output=make_tensor(4, 2))
    assert step_shapes(only) == "[4, 2], [4] → [4, 2]"


HOSTILE = [
    "[bold]x[/bold]",
    "Linear[in=4]",
    "[i] [w]",
    "\x1b[31mred",
    "a\nb",
    "\u202egpj.py",
    "\x1b]0;owned\x07",
    "日本語" * 20,
    "[/]",
    "\\[x]",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(make_trace: Callable[..., Any], make_step: Callable[..., Any], name: str) -> None:
    trace = make_trace(steps=(make_step(0, name, parent=None, kind="module", path=name, op=name),))
    for width in (30, 60, 400):
        line = step_line(trace, 0, width).plain
        position = position_line(Position(trace, 0, warning=name), width).plain
        for drawn in (line, position):
            assert not [char for char in drawn if ord(char) < 32 or char in "\x7f\u202e\u200b"]
    if "[" in name and "\x1b" not in name:
        assert name.rsplit(".", 1)[-1] in step_line(trace, 0, 100).plain


def test_the_position_line(simple_trace: Any, snapshot: SnapshotAssertion) -> None:
    wide = position_line(Position(simple_trace, 2, seed=1), 110).plain
    assert wide.startswith(" SimpleANN › fc1 › linear   [2] → [2]")
    for words in ("%2 of 6", "TRAIN", "grad", "seed 1", "cpu", "float32"):
        assert words in wide
    narrow = position_line(Position(simple_trace, 2, seed=1), 40).plain
    assert "%2 of 6" in narrow
    assert "TRAIN" in narrow
    assert "linear" in narrow
    assert wide + "\n" + narrow == snapshot
    assert "edited 2x" in position_line(Position(simple_trace, 2, edits=2, depth=1), 110).plain


@pytest.mark.parametrize("given", [{}, {"edits": 1}, {"edits": 2, "depth": 1}])
def test_80_columns_have_the_room_for_all_badges(simple_trace: Any, given: dict[str, int]) -> None:
    line = position_line(Position(simple_trace, 2, seed=1, **given), 80).plain  # type: ignore[arg-type]
    for words in ("linear   ", "→ [2]", "%2 of 6", " TRAIN ", "grad", "seed 1", "float32", "cpu", *(["edited"] if given else [])):
        assert words in line


def test_long_shapes_and_paths_give_way_before_the_badges() -> None:
    model = nn.Sequential(nn.Sequential(nn.Sequential(nn.MultiheadAttention(16, 2, batch_first=True))))
    model[0][0].forward = lambda x: model[0][0][0](x, x, x)[0]  # type: ignore[method-assign]
    trace = neurontui.trace(model, torch.ones(1, 8, 16), seed=7)
    lines = [position_line(Position(trace, step.index, seed=7), width).plain for step in trace.steps for width in (120, 80)]
    assert all(words in line for line in lines for words in ("grad", "seed 7", "float32", "cpu"))
    attention = trace.step("0.0.0").index
    wide, narrow = (position_line(Position(trace, attention, seed=7), width).plain for width in (120, 80))
    assert wide.startswith(" … › 0 › 0 › 0 MultiheadAttention   [1, 8, 16], … → [1, 8, 16], [1, 8, 8] ")
    assert narrow.startswith(" … › 0 MultiheadAttention ")


def test_no_grad_and_eval_are_two_badges(make_trace: Callable[..., Any], make_step: Callable[..., Any]) -> None:
    def badges(**given: Any) -> str:
        return position_line(Position(make_trace(steps=(make_step(0, ".", parent=None, **given),)), 0), 100).plain

    assert "EVAL" in badges(training=False)
    assert "no_grad" in badges(grad=False)
    assert "TRAIN" in badges(grad=False)
    assert "autocast bfloat16" in badges(autocast="bfloat16")


def test_paths_and_words(simple_trace: Any) -> None:
    assert path_parts(simple_trace, 2) == ["SimpleANN", "fc1", "linear"]
    assert plain_step(simple_trace.steps[0]) == "step 0, the model SimpleANN, takes [2], gives [1]"
    assert plain_step(simple_trace.steps[1]) == "step 1, fc1, Linear, takes [2], gives [2]"


def test_depth_never_pushes_the_name_out(make_trace: Callable[..., Any], make_step: Callable[..., Any]) -> None:
    steps = [make_step(0, ".", parent=None, end=40, kind="module", op="Deep")]
    steps += [make_step(k, f"layer{k}", parent=k - 1, end=40, kind="module") for k in range(1, 40)]
    trace = SimpleNamespace(steps=tuple(steps), error=None, run=None)
    assert "layer39" in step_line(trace, 39, 40).plain  # type: ignore[arg-type]


def test_a_short_line_has_what_came_out_and_half_of_the_indent(simple_trace: Any) -> None:
    whole, short = (step_line(simple_trace, 2, 34, short=short).plain for short in (False, True))
    assert whole.split() == ["linear", "[2]", "→", "[2]"]
    assert short.split() == ["linear", "→", "[2]"]
    assert whole.index("linear") - short.index("linear") == 2


def test_an_opened_call_has_the_mode_of_the_call() -> None:
    trace = neurontui.trace(nn.Linear(2, 1), torch.ones(2))
    inner = neurontui.expand(trace, "./linear")
    assert all(" TRAIN " in position_line(Position(inner, step.index), 80).plain for step in inner.steps)


def test_a_layer_of_a_list_is_called_by_its_path_below_the_caller() -> None:
    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.ReLU())])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.blocks[0](x)  # type: ignore[no-any-return]

    trace = neurontui.trace(Stack(), torch.ones(2))
    assert [step_line(trace, index, 60).plain.split()[1] for index in (1, 2)] == ["blocks.0", "0"]
    assert path_parts(trace, 3) == ["Stack", "blocks.0", "0", "relu"]
