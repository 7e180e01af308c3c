"""Explanations, expressions, differences and traces as JSON data.

NaN and infinities are the strings "nan", "inf", "-inf"; a complex number is `{"real": …, "imag": …}`.

Schema of an explanation (`neurontui explain --json`):

    step, step_name   the index and name of the call that made the number
    made_by           the same as text, where a module was asked about: "fc2/linear (%5)"; else ""
    output, at        which of its outputs, and the element's index in it
    title             a stage's name, else ""
    formula           text, with the letters' values in `indices` ({"o": 0})
    method            "formula" | "index" | "element" | "gradient"
    combine           how the terms make the value: "sum" | "product" | "max" | "min" | "pick" | "apply"
    terms             a list of {label, value, mark, factors: [{name, index, number, origin}]}
    terms_total       how many terms there are; `terms` holds the first of them
    computed, actual  the recomputed number and the kernel's; null where there is none
    agrees            true | false | null, by `difference` <= `tolerance`
    exact             whether `computed`, rounded to the output's type, is the kernel's number
    edited            whether a person set this number: `actual` is theirs, `computed` what the formula gives
    captured          whether the kernel stored this number (a stage's mostly is recomputed)
    zero              why it is zero: "relu" | "dropped" | "padding" | "masked" | "sum", else ""
    stages            earlier stages, each an explanation
    tables, notes     rows of numbers under one another; plain sentences
    origin            {kind, step, step_name, output, name, index, stage, note}; what does not apply is left out
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from neurontui.explanation import Explanation, Factor, Origin, Term
from neurontui.records import Trace, Value
from neurontui.text import format_dtype

if TYPE_CHECKING:
    from neurontui.comparison.difference import Diff

Data = dict[str, Any]
MOST_ELEMENTS = 1024  # a larger tensor is written without its numbers


def number_data(number: Any) -> Any:
    """A number as JSON can hold it."""
    if isinstance(number, complex):
        return {"real": number_data(number.real), "imag": number_data(number.imag)}
    return str(number) if isinstance(number, float) and not isfinite(number) else number


def explanation_json(why: Explanation, trace: Trace | None = None, *, terms: int | None = None) -> Data:
    """An explanation as JSON data, with its first `terms` terms (all where it is None)."""
    shown = len(why.terms) if terms is None else min(terms, len(why.terms))
    return {
        "step": why.step,
        "step_name": _step_name(trace, why.step),
        "made_by": why.made_by,
        "output": why.output,
        "at": list(why.at),
        "title": why.title,
        "formula": why.formula,
        "indices": dict(why.indices),
        "method": why.method,
        "combine": why.combine,
        "terms": [_term_data(why.terms[place], trace) for place in range(shown)],
        "terms_total": len(why.terms),
        "computed": number_data(why.computed),
        "actual": number_data(why.actual),
        "agrees": why.agrees,
        "exact": why.exact,
        "edited": why.edited,
        "difference": number_data(why.difference),
        "tolerance": number_data(why.tolerance),
        "captured": why.captured,
        "zero": why.zero,
        "stages": [explanation_json(stage, trace, terms=terms) for stage in why.stages],
        "tables": [
            {"title": table.title, "columns": list(table.columns), "highlight": table.highlight,
             "rows": [{"label": label, "cells": [number_data(cell) for cell in cells]} for label, cells in table.rows]}
            for table in why.tables
        ],
        "notes": list(why.notes),
    }  # fmt: skip


def _step_name(trace: Trace | None, step: int) -> str | None:
    return trace.steps[step].name if trace is not None and 0 <= step < len(trace.steps) else None


def _term_data(term: Term, trace: Trace | None) -> Data:
    factors = [_factor_data(factor, trace) for factor in term.factors]
    return {"label": term.label, "value": number_data(term.value), "mark": term.mark, "factors": factors}


def _factor_data(factor: Factor, trace: Trace | None) -> Data:
    origin = origin_data(factor.origin, trace)
    data: Data = {"name": factor.name, "index": list(factor.index), "number": number_data(factor.number), "origin": origin}
    return data | {"chooses": True} if factor.chooses else data


def origin_data(origin: Origin, trace: Trace | None = None) -> Data:
    """An origin, with the step's name beside its index; what does not apply is left out."""
    data: Data = {"kind": origin.kind}
    if origin.step is not None:
        data |= {"step": origin.step, "step_name": _step_name(trace, origin.step)}
    data |= {name: getattr(origin, name) for name in ("output", "name", "stage") if getattr(origin, name) is not None}
    if origin.index is not None:
        data["index"] = list(origin.index)
    return data | ({"note": origin.note} if origin.note else {})


def frozen_data(thing: Any) -> Any:
    """Any frozen dataclass of ours (a `Diff`, an `Expression`) as JSON data, by its fields."""
    if is_dataclass(thing) and not isinstance(thing, type):
        if isinstance(thing, Origin):
            return origin_data(thing)
        return {field.name: frozen_data(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): frozen_data(part) for key, part in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [frozen_data(part) for part in thing]
    return number_data(thing)


def diff_json(diff: Diff) -> Data:
    """A `Diff` as JSON data: its fields by name, and `equal`."""
    return {"equal": diff.equal, **frozen_data(diff)}


def expression_json(expression: Any) -> Data:
    """The tree that `deep` gives, by its fields."""
    data: Data = frozen_data(expression)
    return data


def trace_json(trace: Trace) -> Data:
    """A trace as JSON data: its steps in order, every tensor with shape and dtype, small ones with their numbers."""
    return {
        "format": "neurontui trace",
        "version": 1,
        "title": trace.run.title if trace.run else "",
        "seed": trace.run.seed if trace.run else None,
        "notes": list(trace.notes),
        "error": _error_data(trace.error),
        "output": structure_data(trace.steps[0].output) if trace.steps else None,
        "steps": [_step_data(trace, index) for index in range(len(trace.steps))],
    }


def _step_data(trace: Trace, index: int) -> Data:
    step = trace.steps[index]
    source = step.source
    place = {name: getattr(source, name) for name in ("file", "line", "end_line", "column", "end_column", "text")} if source else None
    return {
        "index": step.index, "parent": step.parent, "kind": step.kind, "op": step.op, "path": step.path, "call": step.call,
        "name": step.name, "end": step.end, "training": step.training, "grad": step.grad, "autocast": step.autocast,
        "duration": step.duration, "source": place, "error": _error_data(step.error),
        "inputs": structure_data(dict(step.inputs)), "params": structure_data(dict(step.params)),
        "output": structure_data(step.output), "writes": structure_data(dict(step.writes)),
    }  # fmt: skip


def _error_data(error: BaseException | None) -> Data | None:
    from neurontui.rendering.failures import error_words

    if error is None:
        return None
    kind, *message = error_words(error, most=1000)
    return {"type": kind, "message": "\n".join(message)}


def structure_data(structure: Any) -> Any:
    """A nested structure of values and plain arguments; what JSON has no word for is its text."""
    if isinstance(structure, Value):
        return value_data(structure)
    if isinstance(structure, Mapping):
        return {str(key): structure_data(part) for key, part in structure.items()}
    if isinstance(structure, (tuple, list)):
        return [structure_data(part) for part in structure]
    return number_data(structure) if structure is None or isinstance(structure, (bool, int, float, complex, str)) else _text(structure)


def _text(thing: Any) -> str:
    try:
        return str(thing)
    except Exception:  # an object of the user's, whose text fails
        return f"<{type(thing).__qualname__}>"


def value_data(value: Value) -> Data:
    """A tensor: shape, dtype, device, role, name, and its numbers where there are at most `MOST_ELEMENTS`."""
    count = 1
    for size in value.shape:
        count *= size
    data: Data = {"shape": list(value.shape), "dtype": format_dtype(value.dtype), "device": str(value.device), "role": value.role}
    data |= {"name": value.name} if value.name else {}
    return data | ({"data": _numbers(value)} if count <= MOST_ELEMENTS else {"data_left_out": count})


def _numbers(value: Value) -> Any:
    from neurontui.errors import StaleValueError

    def convert(part: Any) -> Any:
        return [convert(item) for item in part] if isinstance(part, list) else number_data(part)

    try:
        return convert(value.numbers().tolist())
    except StaleValueError as error:
        return {"unreadable": str(error)}
