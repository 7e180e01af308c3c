"""Forwards: which elements of a later step did this one reach, and how strongly?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from neurontui.capture import edit
from neurontui.errors import StepError
from neurontui.explainers.calls import check_index, named_leaves, output_leaf
from neurontui.explainers.tangents import Tangents, Untraceable
from neurontui.origins import find_origin
from neurontui.records import Step, Trace, Value
from neurontui.text import spoken_name

if TYPE_CHECKING:
    import torch

ROUNDING = 1e-6  # of the largest slope: what is smaller may be nothing but rounding


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """A heat map: `slopes` has the later output's shape, ∂output/∂element (its size where the output is complex).

    `touched` counts the elements with a slope (but for rounding). By "gradient" the recorded calls were differentiated one after
    another; by "moving" the element was moved by `change` and the model run again: `note` says why.
    """

    slopes: torch.Tensor
    touched: int
    method: Literal["gradient", "moving"] = "gradient"
    change: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The element that is asked about: from step number `start` on it is in memory."""

    value: Value
    index: tuple[int, ...]
    start: int
    name: str
    target: str  # what `edit` calls it


def reach(
    trace: Trace, step: Step | str | int, at: tuple[int, ...] | int, later: Step | str | int, output: int = 0, later_output: int = 0,
    held: Value | str | None = None,
) -> Reach:  # fmt: skip
    """∂(later output)/∂(element `at`) of a step's output, or of one of its inputs, parameters or buffers (`held`, or its name).

    Numbers reach on through `detach` and `no_grad`. An element of a view is the number in memory that it shows, so it reaches on
    through the other views of that memory too. Works on loaded traces.

    Raises:
        StepError: the later step does not come later, one of the two is no floating-point tensor, or the element's way leads out
            of sight and there is no model to run again (a loaded trace).
    """
    import torch

    origin = step if isinstance(step, Step) else trace.step(step)
    target = later if isinstance(later, Step) else trace.step(later)
    source = _held_source(trace, origin, held, at) if held else _made_source(origin, output, at)
    if target.end < source.start or (target.end == source.start and target.index >= origin.index):
        how = "is the step itself" if target.index == origin.index else f"comes before {origin.name}"
        raise StepError(f"{spoken_name(target.name)} {how}: name a step after it.")
    seen = output_leaf(target, later_output)
    for value, said in ((source.value, source.name), (seen, target.name)):
        if not isinstance(value, Value) or not (value.dtype.is_floating_point or value.dtype.is_complex):
            raise StepError(f"{said} gives {getattr(value, 'dtype', 'no tensor')}: only floating-point numbers can be moved a little.")
        value.numbers()  # those that can be read
    try:
        with torch.no_grad(), torch._C.DisableTorchFunction():
            slopes = _push(trace, source, target, seen)
    except Untraceable as why:
        return _move(trace, source, target, later_output, str(why))
    size = slopes.abs()
    return Reach(slopes, int((size > ROUNDING * size.max()).sum()) if size.numel() else 0)


def _made_source(step: Step, output: int, at: tuple[int, ...] | int) -> _Source:
    value = output_leaf(step, output)
    return _Source(value, check_index(value, at, step), step.end, step.name, f"{step.name}:{output}" if output else step.name)


def _held_source(trace: Trace, step: Step, held: Value | str, at: tuple[int, ...] | int) -> _Source:
    """An input, parameter or buffer: from the beginning of the run; one that a step made or wrote, as an input of this step."""
    value = held if isinstance(held, Value) else _find_held(step, held)
    index = check_index(value, at, step)
    made = find_origin(trace, step.index, value, index).kind == "step"
    name = value.name or (held if isinstance(held, str) else f"an input of {step.name}")
    return _Source(value, index, step.index if made else 0, name, name)


def _find_held(step: Step, name: str) -> Value:
    known = {**dict(named_leaves(step.inputs)), **step.params}
    tensors = {title: value for title, value in known.items() if isinstance(value, Value)}
    found = tensors.get(name) or next((value for value in tensors.values() if value.name == name), None)
    if found is None:
        raise StepError(f"{step.name} has no input, parameter or buffer {name!r}: it has {', '.join(tensors) or 'none'}.")
    return found


def _push(trace: Trace, source: _Source, target: Step, seen: Value) -> torch.Tensor:
    """One derivative at a time through the recorded calls between the two."""
    import torch

    tangents = Tangents(trace)
    tangents.seed(source.value, source.index)
    for index in range(source.start, target.end):
        tangents.push(trace.steps[index])
    found = tangents.read(seen)
    if found is None:
        return torch.zeros(seen.shape, dtype=torch.float64)
    return found.abs().to(torch.float64) if found.is_complex() else found.to(torch.float64)


def _move(trace: Trace, source: _Source, target: Step, output: int, why: str) -> Reach:
    """Move the element a little, run the rest again (random masks held), and see what moved."""
    number = source.value.numbers()[source.index].item()
    if isinstance(number, complex) or not math.isfinite(number):
        raise StepError(f"{source.name} has {number} there: only a finite element can be moved a little.")
    change = 1e-2 * max(1.0, abs(number))
    if trace.run is None:
        raise StepError(f"How far {source.name} reaches cannot be told from a file without its model: {why}.")
    moved = edit(trace, source.target, source.index, number + change)
    return _compare(trace, moved, target, output, change, f"The model was run again with the element moved: {why}.")


def _compare(trace: Trace, moved: Trace, target: Step, output: int, change: float, note: str) -> Reach:
    import torch

    if target.index >= len(moved.steps) or moved.steps[target.index].name != target.name:
        raise StepError(f"With the element moved the model took another way, and {target.name} is not there to compare.")
    before, after = output_leaf(target, output).numbers(), output_leaf(moved.steps[target.index], output).numbers()
    if before.shape != after.shape:
        raise StepError(f"With the element moved, {target.name} gives another shape: {list(before.shape)} before, {list(after.shape)} now.")
    gap = after.to(torch.float64) - before.to(torch.float64)
    return Reach(gap / change, int((gap != 0).sum()), "moving", change, note)
