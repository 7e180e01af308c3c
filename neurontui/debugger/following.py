"""From a factor of an explanation to where it came from."""

from __future__ import annotations

from neurontui.debugger.shown import label_step
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
        what = "output" if not origin.output else f"output {origin.output}"
        return f"was made by {label_step(trace.steps[origin.step])} (%{origin.step}) as {format_index(what, origin.index or ())}"
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
