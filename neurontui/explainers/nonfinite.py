"""NaN and infinity: which step made the first one, and by which terms."""

from __future__ import annotations

from dataclasses import dataclass

from neurontui.errors import NeuronTUIError
from neurontui.explainers.causes import name_cause
from neurontui.explainers.explaining import explain
from neurontui.explainers.names import key
from neurontui.explainers.terms import spell
from neurontui.explanation import Explanation, Number, Term
from neurontui.indices import unravel
from neurontui.records import Step, Trace, Value, leaves
from neurontui.text import format_index


@dataclass(frozen=True, slots=True, eq=False)
class NonFinite:
    """The first NaN (or infinity) of a run. `step` is None where it came in with an input, a parameter or a buffer called `name`."""

    word: str  # "NaN", "Inf" or "-Inf"
    at: tuple[int, ...]
    number: Number
    sentence: str
    step: int | None = None
    output: int = 0
    name: str = ""
    why: Explanation | None = None
    terms: tuple[Term, ...] = ()  # those that are not finite themselves, or else the largest ones


def first_nonfinite(trace: Trace, nan: bool = True, inf: bool = True) -> NonFinite | None:
    """The first NaN if `nan`, else (or where there is none) the first infinity if `inf`; None where all is finite.

    A step counts only where its inputs were free of it, so a NaN that only travels is told from the one that was made.
    """
    found = _first(trace, "nan") if nan else None
    return found or (_first(trace, "inf") if inf else None)


def _first(trace: Trace, kind: str) -> NonFinite | None:
    for step in trace.steps:
        if step.kind == "module":
            given = [*leaves((step.args, step.kwargs)), *((f".{name}", value) for name, value in step.params.items())]
            for path, value in given:
                found = _given(value, kind, path) if value.producer is None else None
                if found is not None:
                    return found
            continue
        for number, (_, value) in enumerate(leaves(step.output)):
            at = _where(value, kind)
            if at is not None and value.same_as is None:
                return _made(trace, step, number, value, at)
    return None


def _given(value: Value, kind: str, path: str) -> NonFinite | None:
    at = _where(value, kind)
    if at is None:
        return None
    number = value.tensor()[at].item()
    name = value.name or path.strip(".") or "the input"
    place = format_index(name, at)
    sentence = f"The first {_word(number)} came in with the {value.role}: {place}."
    return NonFinite(_word(number), at, number, sentence, name=name)


def _made(trace: Trace, step: Step, output: int, value: Value, at: tuple[int, ...]) -> NonFinite:
    number = value.tensor()[at].item()
    word = _word(number)
    try:
        why: Explanation | None = explain(trace, step, at, output)
    except NeuronTUIError:
        why = None
    terms = _guilty(why) if why is not None else ()
    place = f"%{step.index} {step.name}" + (f" at [{', '.join(map(str, at))}]" if at else "")
    by = f": {_blame(step, value, why, terms)}" if why is not None else ""
    said = f"The first {word} was made by {place}{by.removesuffix('.')}".removesuffix(": ")
    return NonFinite(word, at, number, f"{said}.", step.index, output, why=why, terms=terms)


def _blame(step: Step, value: Value, why: Explanation, terms: tuple[Term, ...]) -> str:
    """The formula with the guilty terms; where those are stages, or there are none, the cause in words."""
    import torch

    cause = name_cause(key(step.op), why, float(torch.finfo(value.dtype).max))
    if cause and (not terms or any(factor.origin.kind == "stage" for term in terms for factor in term.operands)):
        return f"t{cause[1:]}" if cause.startswith("The") else cause  # in the middle of a sentence
    with_terms = "; ".join(" · ".join(f"{spell(f)} = {f.number:.6g}" for f in term.operands) for term in terms[:3])
    return f"{why.formula}, with {with_terms}" if terms else ""


def _guilty(why: Explanation) -> tuple[Term, ...]:
    """The terms that are not finite; where all are, those that the function was given (log of −1), the largest of a sum that overflowed."""
    finder = getattr(why.terms, "nonfinite", None)
    places = finder() if finder is not None else []
    if places:
        return tuple(why.terms[i] for i in places[:16])
    order = getattr(why.terms, "by_size", None)
    return tuple((order() if order is not None else why.terms)[:4])


def _where(value: Value, kind: str) -> tuple[int, ...] | None:
    """The first element that is NaN (or infinite) in row-major order; None too where elements have no index that could be given."""
    import torch

    if not (value.dtype.is_floating_point or value.dtype.is_complex) or value.data is None or value.device.type == "meta":
        return None
    tensor = value.tensor()
    if tensor.layout is not torch.strided or tensor.is_nested or tensor.is_quantized or tensor.dtype.itemsize < 2:
        return None
    if tensor.dtype is torch.complex32:  # it has no arithmetic
        tensor = tensor.to(torch.complex64)
    # A sum is NaN or infinite whenever an element is: one pass without a mask for the many tensors that are fine.
    if bool(torch.isfinite(tensor.sum())):
        return None
    bad = torch.isnan(tensor) if kind == "nan" else torch.isinf(tensor)
    if not bool(bad.any()):
        return None
    place = int(bad.reshape(-1).to(torch.uint8).argmax())
    return unravel(place, tensor.shape)


def _word(number: Number) -> str:
    import math

    if isinstance(number, complex):
        return "NaN" if math.isnan(number.real) or math.isnan(number.imag) else "Inf"
    return "NaN" if math.isnan(number) else "Inf" if number > 0 else "-Inf"
