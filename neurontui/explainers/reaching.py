"""Forwards: which elements of a later step did this one reach, and how strongly?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurontui.capture import edit
from neurontui.errors import StepError
from neurontui.explainers.calls import check_index, output_leaf
from neurontui.records import Step, Trace, Value

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A heat map: `slopes` has the later output's shape, Δoutput/Δelement; `touched` counts the elements that moved at all."""

    slopes: torch.Tensor
    touched: int
    change: float  # by how much the element was moved


def reach(
    trace: Trace, step: Step | str | int, at: tuple[int, ...] | int, later: Step | str | int, output: int = 0, later_output: int = 0
) -> Reach:
    """Move one element of a step's output a little, run the rest again (random masks held), and see what moved in a later step.

    Raises:
        StepError: the later step does not come later, its output is no number, or there is no model to run again (a loaded trace).
    """
    source = step if isinstance(step, Step) else trace.step(step)
    target = later if isinstance(later, Step) else trace.step(later)
    if target.index < source.index and target.end <= source.index:
        raise StepError(f"{target.name} comes before {source.name}: name a step after it.")
    value, seen = output_leaf(source, output), output_leaf(target, later_output)
    if not isinstance(value, Value) or not isinstance(seen, Value) or not value.dtype.is_floating_point:
        raise StepError(f"{source.name} gives {getattr(value, 'dtype', 'no tensor')}: only a floating-point element can be moved a little.")
    index = check_index(value, at, source)
    number = float(value.tensor()[index])
    if not math.isfinite(number):
        raise StepError(f"{source.name} has {number} there: only a finite element can be moved a little.")
    moved = edit(trace, source.name, index, number + 1e-2 * max(1.0, abs(number)))
    return _compare(trace, moved, target, later_output, 1e-2 * max(1.0, abs(number)))


def _compare(trace: Trace, moved: Trace, target: Step, output: int, change: float) -> Reach:
    import torch

    if target.index >= len(moved.steps) or moved.steps[target.index].name != target.name:
        raise StepError(f"With the element moved the model took another way, and {target.name} is not there to compare.")
    before, after = output_leaf(target, output).tensor(), output_leaf(moved.steps[target.index], output).tensor()
    if before.shape != after.shape:
        raise StepError(f"With the element moved, {target.name} gives another shape: {list(before.shape)} before, {list(after.shape)} now.")
    gap = after.to(torch.float64) - before.to(torch.float64)
    return Reach(gap / change, int((gap != 0).sum()), change)
