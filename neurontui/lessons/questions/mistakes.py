"""What a wrong number may come from: each mistake is worked out from the same trace as the answer.

A function takes the explanation in question and the step behind it, and gives (name, number, words); the first whose number is the
answer that was given is told. Numbers that happen to be right are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from neurontui.errors import NeuronTUIError
from neurontui.explanation import Explanation, Number, Term
from neurontui.indices import unravel
from neurontui.lessons.questions.question import Mistake
from neurontui.lessons.questions.scenes import op_of
from neurontui.records import Step, Value
from neurontui.text import clean, format_shape, short_number

Guess = tuple[str, Number, str]
MOST_TERMS = 4096
FEW_TERMS = 32  # of more, a single one that is missing is not told
MOST_OUTPUTS = 64


def list_mistakes(why: Explanation, step: Step, answer: Number, tolerance: float = 0.0) -> tuple[Mistake, ...]:
    """The mistakes that lead to another number than the answer, each number once; the most telling first."""
    found: list[Mistake] = []
    for guesses in _GUESSES:
        try:
            made = list(guesses(why, step, answer))
        except (NeuronTUIError, RuntimeError, TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
            continue  # a guess that cannot be worked out here is no guess
        for name, number, words in made:
            if isinstance(number, complex) or not math.isfinite(number):
                continue
            gap = tolerance + 1e-5 * max(abs(number), 1e-3)
            if all(abs(number - other) > gap for other in (answer, *(mistake.answer for mistake in found))):  # type: ignore[operator]
                found.append(Mistake(name, number, words))
    return tuple(found)


def _guess_sums(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    """Of a sum of products with a bias."""
    if why.combine != "sum" or not 2 <= len(why.terms) <= MOST_TERMS:
        return
    terms = list(why.terms)
    biases = [term for term in terms if term.label == "bias" or (len(term.factors) == 1 and term.factors[0].name == "bias")]
    rest = [term for term in terms if term not in biases]
    total = sum(term.value for term in terms)
    if biases:
        bias = sum(term.value for term in biases)
        yield "bias", total - bias, "Not yet: that is the sum before the bias. One term is left."
        yield "bias-sign", total - 2 * bias, "Almost: the bias is added, not taken away."
        yield "bias-twice", total + bias, "Almost: the bias is added once."
    yield "last", total - terms[-1].value, "Not yet: the last term is missing."
    yield "first", terms[0].value, "That is the first term alone: all of them are added."
    inputs = [term.factors[0].number for term in rest if _is_weighted(term)]
    if len(inputs) == len(rest):
        yield (
            "weights",
            sum(inputs) + total - sum(term.value for term in rest),
            "Each input is multiplied by its weight before it is added.",
        )
        yield "unweighted", sum(inputs), "That is the sum of the inputs: each is multiplied by its weight first."
    if len(terms) > FEW_TERMS:
        return
    for place, term in enumerate(terms):
        yield "skipped", total - term.value, f"Look again: term {place} is missing."
    for place, term in enumerate(terms):
        yield "term-sign", total - 2 * term.value, f"Look at the sign of term {place}."


def _is_weighted(term: Term) -> bool:
    """Whether it is an input times a weight, and not their distance squared, say."""
    if len(term.factors) != 2:
        return False
    product = term.factors[0].number * term.factors[1].number
    return abs(product - term.value) <= 1e-6 * abs(product)


def _guess_transposed(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    """Of a linear layer: the weight read along its column."""
    if op_of(step) != "linear" or not why.at:
        return
    input_, weight, bias = (step.inputs.get(name) for name in ("input", "weight", "bias"))
    if not isinstance(input_, Value) or not isinstance(weight, Value):
        return
    if len(weight.shape) == 2 and weight.shape[0] == weight.shape[1]:
        row, column = input_.tensor()[why.at[:-1]].double(), weight.tensor()[:, why.at[-1]].double()
        number = (row * column).sum().item()
        added = bias.tensor()[why.at[-1]].item() if isinstance(bias, Value) else 0.0
        words = f"That is with the weight transposed: neuron {why.at[-1]} is row {why.at[-1]} of the weight, not column {why.at[-1]}."
        yield "transposed", number + added, words
        yield "transposed", number, words


def _guess_dropout(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    if "dropout" not in op_of(step) or not isinstance(step.inputs.get("input"), Value):
        return
    x = step.inputs["input"].tensor()[why.at].item()
    p = float(step.inputs.get("p", 0.5))
    dropped = why.zero == "dropped"
    off = why.combine == "pick"
    scaled = x / (1 - p) if p < 1 else 0.0
    if dropped:
        yield "dropped", scaled, "It would be that if it had been kept: look at the mask."
        yield "dropped", x, "This element was dropped: then it is zero, whatever came in."
    elif off:
        yield "off", scaled, "Dropout is off in eval mode: nothing is scaled."
        yield "off", 0.0, "Dropout is off in eval mode: nothing is dropped."
    else:
        yield "scale", x, "Not yet: what is kept is multiplied by 1/(1−p), so that the mean stays the same."
        yield "shrunk", x * (1 - p), "The other way round: what is kept is divided by 1−p, so it grows."
        yield "scale-p", x * p, "The other way round: what is kept is divided by 1−p, so it grows."
        yield "dropped", 0.0, "It would be zero if it had been dropped, and this one was kept."


def _guess_activation(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    x = step.inputs.get("input")
    if not isinstance(x, Value) or why.title or tuple(x.shape) != _output_shape(step):
        return
    number = x.tensor()[why.at].item()
    if op_of(step) == "relu":
        yield "unrectified", number, "That is what came in: ReLU gives 0 for everything below zero."
        yield "absolute", abs(number), "ReLU does not turn the sign: it gives 0 for everything below zero."
        yield "zeroed", 0.0, "ReLU leaves what is above zero as it is."
    elif op_of(step) not in ("linear", "dropout"):
        yield "unchanged", number, f"That is what came in: {clean(step.label)} has not been applied yet."


def _guess_normalization(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    """Of a batch or layer norm: the row for the column or the other way round, the unbiased variance for the biased one, no root."""
    op = op_of(step).removeprefix("torch.")
    if op not in ("batch_norm", "layer_norm") or not isinstance(step.inputs.get("input"), Value):
        return
    x = step.inputs["input"].tensor().double()
    if x.dim() < 2 or not why.at:
        return
    averaged, other, wrong = _batch_norm_lines(why, x) if op == "batch_norm" else _layer_norm_lines(why, step, x)
    if op == "batch_norm" and not step.inputs.get("training", True):
        yield from _of_remembered(why, step, x, averaged)
        return
    yield from _of_statistics(why, averaged, other, wrong)
    if why.title in ("", "normalised") and len(why.at) == x.dim() and averaged.numel() > 1:
        here, eps = x[why.at].item(), float(step.inputs.get("eps", 1e-5))
        mean, spread = averaged.mean().item(), averaged.var(correction=0).item()

        def normalise(values: Any, unbiased: bool = False) -> float:
            spread = values.var(correction=int(unbiased)).item() if values.numel() > int(unbiased) else math.nan
            return (here - values.mean().item()) / math.sqrt(spread + eps)  # type: ignore[no-any-return]

        gamma, beta = _affine(step, why.at, op) if not why.title else (1.0, 0.0)
        yield wrong[0], normalise(other) * gamma + beta, wrong[1]
        yield (
            "unbiased",
            normalise(averaged, True) * gamma + beta,
            "Almost: it is normalised by the biased variance, divided by n, not by n−1.",
        )
        yield "mean", here - mean, "Not yet: the distance from the mean is divided by √(variance + eps)."
        yield "root", (here - mean) / (spread + eps), "Not yet: it is divided by the square root of the variance."
        yield "uncentred", here / math.sqrt(spread + eps), "Not yet: the mean is taken away first."


Wrong = tuple[str, str]  # the name of a mistake, and what to say
_ROW: Wrong = ("row", "That is along the row: BatchNorm takes a column, one feature over the whole batch.")
_COLUMN: Wrong = ("column", "That is down the column: LayerNorm takes a row, one sample by itself.")


def _batch_norm_lines(why: Explanation, x: Any) -> tuple[Any, Any, Wrong]:
    """What is averaged, what a learner may have averaged, and what to say then."""
    channel = why.at[1] if len(why.at) > 1 else why.at[0]
    row = x[why.at[0]] if len(why.at) > 1 else x[0]
    return x.transpose(0, 1)[channel].reshape(-1), row.reshape(-1), _ROW


def _layer_norm_lines(why: Explanation, step: Step, x: Any) -> tuple[Any, Any, Wrong]:
    sizes = step.inputs.get("normalized_shape")
    outer = x.dim() - (len(sizes) if isinstance(sizes, list | tuple) else 1)
    row, inner = why.at[:outer], why.at[outer:] or (0,) * (x.dim() - outer)
    return x[row].reshape(-1), x[(..., *inner)].reshape(-1), _COLUMN


def _of_remembered(why: Explanation, step: Step, x: Any, averaged: Any) -> Iterator[Guess]:
    """Of a batch norm in eval mode: the batch's own statistics for the remembered ones."""
    mean, variance = averaged.mean().item(), averaged.var(correction=0).item()
    numbers = {"mean": mean, "variance": variance}
    if why.title not in numbers and len(why.at) == x.dim():
        gamma, beta = _affine(step, why.at, "batch_norm") if not why.title else (1.0, 0.0)
        numbers[why.title] = (x[why.at].item() - mean) / math.sqrt(variance + float(step.inputs.get("eps", 1e-5))) * gamma + beta
    if why.title in numbers:
        yield "batch", numbers[why.title], "That is with this batch's own mean and variance: in eval mode the remembered ones are used."


def _of_statistics(why: Explanation, averaged: Any, other: Any, wrong: Wrong) -> Iterator[Guess]:
    name, words = wrong
    if why.title == "mean":
        yield name, other.mean().item(), words
        yield "undivided", averaged.sum().item(), f"Not yet: divide the sum by the number of values, {averaged.numel()}."
    elif why.title == "variance":
        yield "unbiased", averaged.var(correction=1).item() if averaged.numel() > 1 else math.nan, (
            "That is the unbiased variance, divided by n−1. It goes into the running variance; the batch is normalised by the biased one."
            if wrong is _ROW else "Almost: it is normalised by the biased variance, divided by n, not by n−1."
        )  # fmt: skip
        yield name, other.var(correction=0).item(), words
        yield "root", averaged.std(correction=0).item(), "That is the standard deviation: the variance is its square."
        squares = (averaged - averaged.mean()).square().sum().item()
        yield "undivided", squares, f"Not yet: divide by the number of values, {averaged.numel()}."


def _affine(step: Step, at: tuple[int, ...], op: str) -> tuple[float, float]:
    parts = [part.tensor() if isinstance(part, Value) else None for part in (step.inputs.get("weight"), step.inputs.get("bias"))]
    gamma, beta = (None if part is None else part[at[1] if op == "batch_norm" else at[len(at) - part.dim() :]].item() for part in parts)
    return (1.0 if gamma is None else gamma), (0.0 if beta is None else beta)


def _guess_softmax(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    if op_of(step) != "softmax" or why.title or not isinstance(step.inputs.get("input"), Value):
        return
    x = step.inputs["input"].tensor().double()
    logit = x[why.at].item()
    yield "undivided", math.exp(logit), "Not yet: divide by the sum of all exponentials, so that they add up to 1."
    dim = step.inputs.get("dim")
    if not isinstance(dim, int) or not x.dim():
        return
    row = x.movedim(dim, -1)[tuple(place for axis, place in enumerate(why.at) if axis != dim % x.dim())]
    if logit and row.sum().item():
        yield "no-exp", logit / row.sum().item(), "Not yet: each number goes through exp first."
    for axis in range(x.dim()):
        if axis != dim % x.dim():
            words = f"That is along dimension {axis}: here the shares along dimension {dim % x.dim()} add up to 1."
            yield "axis", x.softmax(axis)[why.at].item(), words


def _guess_neighbours(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    """Another element of the same output."""
    from neurontui.debugger.shown import list_outputs

    outputs = list_outputs(step)
    if why.title or why.output >= len(outputs):
        return
    value = outputs[why.output]
    if math.prod(value.shape) > MOST_OUTPUTS:
        return
    data = value.tensor()
    for flat, number in enumerate(data.reshape(-1).tolist()):
        at = unravel(flat, data.shape)
        if at != why.at:
            yield "neighbour", number, f"That is output{format_shape(at)}: here it is about output{format_shape(why.at)}."


def _guess_signs(why: Explanation, step: Step, answer: Number) -> Iterator[Guess]:
    if not isinstance(answer, complex):
        yield "sign", -answer, "The digits are right: look at the sign."
    for factor in (why.terms[place].factors for place in range(min(len(why.terms), 64))):
        for one in factor:
            yield (
                "factor",
                one.number,
                f"That is {clean(one.name)}{format_shape(one.index) if one.index else ''} alone, {short_number(one.number)}.",
            )


def _output_shape(step: Step) -> tuple[int, ...] | None:
    return tuple(step.output.shape) if isinstance(step.output, Value) else None


_GUESSES: tuple[Callable[[Explanation, Step, Number], Iterator[Guess]], ...] = (
    _guess_dropout, _guess_activation, _guess_normalization, _guess_softmax, _guess_sums, _guess_transposed, _guess_signs,
    _guess_neighbours,
)  # fmt: skip
