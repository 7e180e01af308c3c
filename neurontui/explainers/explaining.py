"""`explain`: one element of one step -> an `Explanation`, by formula, index, element or gradient, held against the kernel."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from textwrap import shorten

import numpy as np

from neurontui.errors import NeuronTUIError, StepError
from neurontui.explainers.calls import Call, check_index, output_leaf, plain
from neurontui.explainers.causes import name_cause
from neurontui.explainers.drafts import Draft
from neurontui.explainers.edits import find_maker, run_unedited
from neurontui.explainers.generic import WAYS, name_inputs
from neurontui.explainers.pictures import complete_pictures
from neurontui.explainers.registry import find
from neurontui.explainers.terms import Column, Terms, products
from neurontui.explainers.tolerances import difference, rounded, tolerance
from neurontui.explanation import Explanation, Number, Origin, Picture
from neurontui.origins import find_origin, find_overwriting, say_overwriting
from neurontui.records import Record, Step, Trace, Value
from neurontui.text import format_dtype, short_number

COUNTED = "num_batches_tracked counts the batches that the layer has seen in training."

DISAGREES = "This formula is not the whole story here."
OTHER_DRAW = "Run again here, this call draws other random numbers: it was recorded by another torch or on another machine."

LONGEST_WAY = 64  # steps that a zero is followed back


def explain(trace: Trace, step: Step | str | int, at: tuple[int, ...] | int | None = None, output: int = 0) -> Explanation:
    """Why `output[at]` of a step has its value; `at` is the first element where it is not given.

    A module's step is explained by the function step that made that element (`Explanation.step` says which).

    Raises:
        StepError: no such step, output or element, or a step that raised before it gave anything.
    """
    import torch

    recorded = step if isinstance(step, Step) else trace.step(step)
    with torch.no_grad(), torch._C.DisableTorchFunction():
        if recorded.kind == "module":
            return _explain_module(trace, recorded, at, output)
        call = Call(trace, recorded, at, output)
        return _explain_call(call)


def _explain_module(trace: Trace, step: Step, at: tuple[int, ...] | int | None, output: int) -> Explanation:
    """By the step that made the element; where no step did (it was handed on, or made out of sight), by one pass-through term."""
    target = output_leaf(step, output)
    index = check_index(target, at, step)
    if not isinstance(target, Value):
        return _name_maker(trace, explain(trace, _find_number(trace, step), index), index)
    origin = find_origin(trace, step.end, target, index)
    if origin.step is not None and origin.step != step.index and origin.output is not None and origin.index is not None:
        return _name_maker(trace, explain(trace, origin.step, origin.index, origin.output), index)
    call = Call(trace, step, index, output)
    maker = find_maker(trace, step, output, call.shape) if call.edited else None
    if maker is not None:
        why = _name_maker(trace, explain(trace, maker, index), index)
        return _set_by_hand(why, call.actual) if index in call.edited else why
    made_inside = origin.kind == "step" and origin.step == step.index
    return finish(call, name_inputs(call) if made_inside else pass_through(call, origin))


def _find_number(trace: Trace, step: Step) -> Step:
    """The call inside a module that gave the plain number that it returned: the very object, as equal numbers prove nothing.

    Raises:
        StepError: none did, as far as can be told.
    """
    for inner in reversed(trace.steps[step.index + 1 : step.end]):
        if inner.kind != "module" and inner.output is step.output and isinstance(step.output, float | complex):
            return inner
    raise StepError(f"{step.name} gave {step.output!r}, a number of Python's and no tensor, and which call made it is in no record.")


def _name_maker(trace: Trace, why: Explanation, asked: tuple[int, ...]) -> Explanation:
    """The explanation of a module's element says which call inside made it, and as which of its elements."""
    if why.made_by:
        return why
    name = f"{trace.steps[why.step].name} (%{why.step})"
    moved = f"This element of the module, {list(asked)}, is element {list(why.at)} of what {name} made."
    return dataclasses.replace(why, made_by=name, notes=why.notes if why.at == asked else (moved, *why.notes))


def _set_by_hand(why: Explanation, number: Number | None) -> Explanation:
    """The explanation of an element that a person set: the formula is what it would have been, and nothing disagrees."""
    formula = why.actual if why.computed is None else why.computed
    return dataclasses.replace(
        why, actual=number, computed=formula, difference=None, tolerance=None, agrees=None, exact=None, edited=True, zero=""
    )


def pass_through(call: Call, origin: Origin) -> Draft:
    """One term: the element as it came in, which the call left alone."""
    given = products(Column(origin.name or "input", np.array([call.at], np.int64), np.array([call.actual]), origin), mark="picked")
    return Draft("output = input, handed on as it came", "pick", [given], method="index")


def _explain_call(call: Call, named: bool = True) -> Explanation:
    """The first way that answers. One that raises is passed over, and named: its bug (a plug-in's, say) must not hide the number."""
    notes: list[str] = []
    for way in (by_formula, *WAYS):
        try:
            made = way(call)
            if made is not None:
                why = finish(call, dataclasses.replace(made, notes=(*notes, *made.notes)) if notes else made, named)
                astray = why.agrees is False and call.step.note.startswith("inside")  # shapes are not what the code says
                return finish(call, name_inputs(call), named) if astray else why
        except NeuronTUIError:
            raise
        except Exception as error:
            what = f"The written formula of {call.op}" if way is by_formula else f"One way of explaining {call.op}"
            said = shorten(str(error).partition("\n")[0], 160, placeholder="…").removesuffix(".")  # torch's own can be pages long
            notes.append(f"{what} could not be used here ({type(error).__name__}: {said}).")
    return finish(call, Draft(f"output = {call.key}(…)", "apply", [], method="gradient", notes=notes, unchecked=True))


def by_formula(call: Call) -> Draft | None:
    """The written formula, where there is one that covers these arguments."""
    explainer = find(call.op)
    if explainer is None or call.actual is None or call.step.note.startswith("inside"):  # under vmap shapes are not what the code says
        return None
    args, kwargs = call.bind(explainer)
    if any(isinstance(argument, Record) for argument in (*args, *kwargs.values())):
        return None  # an object that stands for a tensor: what it makes of the call is its own
    made = explainer(call, *args, **kwargs)
    return None if made is NotImplemented else made


def finish(call: Call, made: Draft, named: bool = True) -> Explanation:
    """The explanation of a draft: origins, the kernel's value, and whether they agree; where `named`, why a zero is zero."""
    drafts = list(made.stages)
    stages = tuple(_assemble(call, part, drafts, (), None, tuple(part.pictures)) for part in drafts)
    why = _assemble(call, made, drafts, stages, call.actual, complete_pictures(call, made))
    if call.at in call.edited:
        return _set_by_hand(why, call.recorded)
    if why.agrees is False and _draws_otherwise(call, why):
        why = dataclasses.replace(why, notes=(*(note for note in why.notes if note != DISAGREES), OTHER_DRAW))
    cause = name_cause(call.key, why, _largest(call)) if why.captured else ""
    counts = COUNTED if any((value.name or "").endswith("num_batches_tracked") for value in call.step.writes.values()) else ""
    first = tuple(filter(None, (cause, counts, _say_overwritten(call) if named else "")))
    zero = _name_zero(call.trace, why) if named and why.actual == 0 else why.zero
    if why.actual == 0 and not zero and why.computed and why.exact:
        zero = "underflow"
    return dataclasses.replace(why, notes=(*first, *why.notes), zero=zero) if first or zero != why.zero else why


def _draws_otherwise(call: Call, why: Explanation) -> bool:
    """Whether it drew random numbers that cannot be drawn again here: the call itself now gives another number."""
    if call.step.random_state is None or why.actual is None or why.tolerance is None:
        return False
    try:
        made = run_unedited(call.trace, call.step, call.output)
        return made is not None and difference(made[call.at].item(), why.actual) > why.tolerance
    except Exception:
        return False


def _say_overwritten(call: Call) -> str:
    """Which later call wrote another number over this one, and which; "" where none did."""
    found = find_overwriting(call.trace, call.target, call.at) if isinstance(call.target, Value) else None
    if found is None or found[2] is None or found[1].data is None:
        return ""
    number = plain(found[1].tensor())[found[2]].item()
    if number == call.recorded:
        return ""
    return say_overwriting(call.trace.steps[found[0]], short_number(number))


def _largest(call: Call) -> float | None:
    """The largest number of the output's type."""
    import torch

    dtype = call.result.dtype
    return float(torch.finfo(dtype).max) if dtype.is_floating_point else None


def _assemble(
    call: Call, made: Draft, drafts: Sequence[Draft], stages: tuple[Explanation, ...], actual: Number | None, pictures: tuple[Picture, ...]
) -> Explanation:
    computed, blocks = made.result(), made.blocks
    gap = limit = agrees = exact = None
    notes = tuple(made.notes)
    if actual is not None and computed is not None:
        dtype = call.result.dtype
        if isinstance(computed, int) and not dtype.is_floating_point and not dtype.is_complex:
            whole, computed = computed, rounded(computed, dtype)  # whole numbers wrap as the kernel's do
            notes += (f"{whole} as {format_dtype(dtype)} is {computed}.",) if whole != computed else ()
        elif made.combine == "pick":
            computed = rounded(computed, dtype)  # nothing was calculated: it must be the very number
        if made.combine == "pick":
            blocks = [dataclasses.replace(block, values=np.array([computed])) for block in blocks]
        gap, exact = difference(actual, computed), difference(actual, rounded(computed, dtype)) == 0
        if exact and gap == float("inf"):
            gap = 0.0  # too large for the output's type: the kernel's infinity is right
        picked = made.combine == "pick"
        limit = 0.0 if picked else tolerance(actual, computed, dtype, made.size or len(made.values), made.spread(), made.coarse)
        agrees = None if made.unchecked else bool(gap <= limit)
    if (
        actual is not None
        and call.lowered is not None
        and any(c.recorded is not None for b in made.blocks if not callable(b.columns) for c in b.columns)
    ):
        notes += (f"Autocast: the operands are rounded to {format_dtype(call.lowered)} first.",)
    if agrees is False:
        notes += (DISAGREES,)
    return Explanation(
        step=call.step.index, at=call.at, output=call.output, formula=made.formula, method=made.method, combine=made.combine,
        terms=Terms(blocks, lambda column, index: find_factor(call, drafts, column, index), made.combine),
        computed=computed, actual=actual, difference=gap, tolerance=limit, agrees=agrees, exact=exact, title=made.title,
        captured=actual is not None, stages=stages, indices=dict(made.indices), notes=notes,
        zero=made.zero, tables=tuple(made.tables), pictures=pictures,
    )  # fmt: skip


def _name_zero(trace: Trace, why: Explanation) -> str:
    """Why a zero is zero: what its explainer says, "sum", "factor", or, where it was only handed on, what made it."""
    for _ in range(LONGEST_WAY):
        passed = _was_zero(why)
        if why.zero not in ("", "factor") and not passed:
            return why.zero
        if why.combine == "sum":
            return "sum"
        if not why.zero and why.combine not in ("pick", "product", "max", "min"):
            return ""
        has_zero = any(factor.number == 0 for term in why.terms[:64] for factor in term.operands)
        known = "" if passed else why.zero or ("factor" if why.combine == "product" and has_zero else "")
        origin = next((f.origin for t in why.terms[:64] for f in t.operands if f.number == 0 and f.origin.kind == "step"), None)
        if origin is None or origin.step is None or origin.output is None or origin.step >= why.step:
            return known
        maker = trace.steps[origin.step]
        if maker.kind == "module":
            return known
        why = _explain_call(Call(trace, maker, origin.index, origin.output), named=False)
        if not why.zero and known:
            why = dataclasses.replace(why, zero=known)
    return ""


def _was_zero(why: Explanation) -> bool:
    """Whether an activation was given a zero: it did not make it, and whatever did is the reason."""
    return why.zero == "relu" and len(why.terms) > 0 and any(factor.number == 0 for factor in why.terms[0].factors[:1])


def find_factor(call: Call, drafts: Sequence[Draft], column: Column, index: tuple[int, ...]) -> Origin:
    """Where a factor came from: a stage, a literal, or whatever made that element of the argument."""
    if isinstance(column.source, Origin):
        return column.source
    if column.source is not None:
        place = next((i for i, part in enumerate(drafts) if part is column.source), None)
        return (
            Origin("stage", stage=place, name=column.name, index=index or None)
            if place is not None
            else Origin("unknown", note="a stage that was not listed")
        )
    value = call.values.get(column.name)
    if not isinstance(value, Value):
        return Origin("literal", name=column.name)
    return find_origin(call.trace, call.step.index, value, index)
