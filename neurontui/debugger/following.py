"""From a factor of an explanation to where it came from."""

from __future__ import annotations

from dataclasses import replace

from neurontui.debugger.places import Index, Place, Standing
from neurontui.debugger.shown import label_step, list_tensors, locate_tensor
from neurontui.debugger.standing import look_at, point_at, stand
from neurontui.errors import StepError
from neurontui.explanation import Explanation, Factor, Number, Origin
from neurontui.records import Trace
from neurontui.text import clean, format_index, short_number

# What leads furthest is followed first, where a term has several factors and none was named.
_ORDER = ("stage", "step", "input", "buffer", "attribute", "parameter", "outside", "unknown", "literal")


def choose_factor(why: Explanation, term: int, name: str = "") -> Factor:
    """The factor of term number `term` that is called `name` ("": the one that leads furthest back).

    Raises:
        StepError: there is no such term or factor.
    """
    count = len(why.terms)
    if not 0 <= term < count:
        reach = f"has {count}, from 0 to {count - 1}" if count else "has none"
        raise StepError(f"There is no term {term}: the explanation {reach}.")
    factors = why.terms[term].factors
    if name:
        factors = tuple(factor for factor in factors if factor.name == name)
    if not factors:
        names = ", ".join(clean(factor.name) for factor in why.terms[term].factors) or "none to follow"
        raise StepError(f"Term {term} has no factor {clean(name)!r}: it has {names}.")
    return min(factors, key=lambda factor: _ORDER.index(factor.origin.kind))


def describe_origin(name: str, index: tuple[int, ...], number: Number, origin: Origin, trace: Trace) -> str:
    """One sentence: `"input[0] = 1 is the model's input x[0]."`; `trace` is the one that `origin.step` counts in."""
    return f"{format_index(clean(name), index)} = {short_number(number)} {_say_where(origin, trace)}."


def _say_where(origin: Origin, trace: Trace) -> str:
    name = format_index(clean(origin.name or "a tensor"), origin.index or ())
    if origin.kind == "step" and origin.step is not None:
        maker = f"{label_step(trace.steps[origin.step])} (%{origin.step})"
        if origin.output is None:
            return f"was left in {name} by {maker}"
        what = "output" if not origin.output else f"output {origin.output}"
        return f"was made by {maker} as {format_index(what, origin.index or ())}"
    if origin.kind == "stage":
        return "is an earlier stage of this explanation"
    if origin.kind == "input":
        return f"is the model's input {name}"
    if origin.kind in ("parameter", "buffer"):
        return f"is the {origin.kind} {name}"
    if origin.kind == "attribute":
        return f"is in {name}, a tensor that a module holds"
    if origin.kind == "literal":
        return "is a number in the code"
    note = f": {clean(origin.note)}" if origin.note else ""
    return f"was made before the run or out of sight{note}" if origin.kind == "outside" else f"comes from a place that is not known{note}"


def go_out(opened: tuple[Trace, ...], origin: Origin, step: int) -> tuple[tuple[Trace, ...], Origin, int]:
    """Out of the opened calls, as far as a factor came in from around them: the calls still open, the origin and the step there."""
    from neurontui.origins import find_outer_origin

    while opened and origin.kind == "input":
        outside = find_outer_origin(opened[-1], origin)
        if outside is origin:
            break
        step = opened[-1].outer[1] if opened[-1].outer else 0
        opened, origin = opened[:-1], outside
    return opened, origin, step


def find_place(standing: Standing, trace: Trace, origin: Origin, step: int, name: str, index: Index) -> Place | None:
    """Where in `trace` a factor came from that step number `step` read as `name[index]`; None where that can be seen nowhere."""
    if origin.kind == "stage":
        return replace(standing.place, stage=origin.stage)
    if origin.kind == "step" and origin.step is not None:
        return _stand_at_made(trace, origin.step, origin)
    if origin.kind not in ("input", "parameter", "buffer", "attribute"):
        return None
    found = _find_held(trace, step, name, origin.name or "")
    if found is None:
        return None
    where, shown, shape = found
    start = standing.place if (trace, where) == (standing.trace, standing.place.index) else stand(trace, where)
    return point_at(look_at(start, shown, shape), origin.index or index)


def _stand_at_made(trace: Trace, step: int, origin: Origin) -> Place:
    """At the element that a step made, or wrote into a tensor that it did not return."""
    if origin.output is not None:
        return stand(trace, step, origin.index, origin.output)
    tensors = list_tensors(trace, step)
    place = next((place for place, shown in enumerate(tensors) if shown.written is not None and shown.title == origin.name), None)
    if place is None or origin.index is None:
        return stand(trace, step)
    return point_at(look_at(stand(trace, step), place, tensors[place].value.shape), origin.index)


def _find_held(trace: Trace, step: int, title: str, name: str) -> tuple[int, int, tuple[int, ...]] | None:
    """The step, place and shape of a tensor that no step made: at the step that reads it, else at the first that shows it."""
    for place, shown in enumerate(list_tensors(trace, step)):
        if shown.title == title and shown.output is None:
            return step, place, shown.value.shape
    try:
        index, place = locate_tensor(trace, name, step)
    except StepError:
        return None
    return index, place, list_tensors(trace, index)[place].value.shape
