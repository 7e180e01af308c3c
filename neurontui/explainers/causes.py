"""Why a number is NaN or infinite: one sentence on the rule of arithmetic that made it, and on which term brought it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import cast

from neurontui.explainers.terms import spell
from neurontui.explanation import Explanation, Factor, Number, Term
from neurontui.text import short_number

# What a function of one number has no value for: (where, what is said of it).
Rule = tuple[Callable[[float], bool], str]
_LOGARITHM: tuple[Rule, ...] = (
    (lambda x: x < 0, "the logarithm of a negative number is not defined: NaN"),
    (lambda x: x == 0, "the logarithm of 0 is −∞"),
)
_RULES: dict[str, tuple[Rule, ...]] = {
    "log": _LOGARITHM, "log2": _LOGARITHM, "log10": _LOGARITHM,
    "log1p": ((lambda x: x < -1, "log(1 + x) of a number below −1 is the logarithm of a negative number: NaN"),
              (lambda x: x == -1, "log(1 + x) of −1 is the logarithm of 0, which is −∞")),
    "sqrt": ((lambda x: x < 0, "the square root of a negative number is no real number: NaN"),),
    "rsqrt": ((lambda x: x < 0, "the square root of a negative number is no real number: NaN"),
              (lambda x: x == 0, "1 / √0 is a division by zero: infinity")),
    "reciprocal": ((lambda x: x == 0, "1 / 0 is a division by zero: infinity"),),
    "logit": ((lambda x: not 0 <= x <= 1, "logit takes probabilities, from 0 to 1: outside of them it is NaN"),
              (lambda x: x in (0, 1), "logit of 0 or 1 is the logarithm of 0 or of 1 / 0: infinite")),
    "acos": ((lambda x: abs(x) > 1, "acos takes cosines, from −1 to 1: outside of them it is NaN"),),
    "asin": ((lambda x: abs(x) > 1, "asin takes sines, from −1 to 1: outside of them it is NaN"),),
    "acosh": ((lambda x: x < 1, "acosh takes numbers from 1 on: below it is NaN"),),
    "atanh": ((lambda x: abs(x) > 1, "atanh takes numbers from −1 to 1: outside of them it is NaN"),
              (lambda x: abs(x) == 1, "atanh of 1 or −1 is infinite")),
    "erfinv": ((lambda x: abs(x) > 1, "erfinv takes numbers from −1 to 1: outside of them it is NaN"),
               (lambda x: abs(x) == 1, "erfinv of 1 or −1 is infinite")),
}  # fmt: skip
FLOAT32 = 3.4028234663852886e38  # its largest number: half precision is calculated in it, too
_DIVISIONS = frozenset({"div", "rdiv", "floor_divide"})
_SOFTMAXES = frozenset({"softmax", "log_softmax"})
_MEANS = frozenset({"mean", "cross_entropy", "nll_loss"})


def name_cause(operation: str, why: Explanation, largest: float | None) -> str:
    """The sentence; "" for a finite number, or where nothing certain can be said.

    Args:
        operation: the registry's name ("log").
        largest: the largest number of the output's type, None where that has no infinity.
    """
    number = why.actual if why.actual is not None else why.computed
    if not isinstance(number, float) or math.isfinite(number):
        return ""
    said = _by_operation(operation, why) or _by_stage(why) or _by_size(why, largest) or _by_terms(why) or _on_the_way(why, largest)
    starts_with_name = "[" in said.partition(" ")[0]
    return f"{said if starts_with_name else said[:1].upper() + said[1:]}." if said else ""


def _by_operation(operation: str, why: Explanation) -> str:
    """What this function has no finite value for."""
    factors = list(islice((factor for term in why.terms[:4] for factor in term.operands), 4))
    read = next((factor for factor in factors if factor.origin.kind != "literal" and isinstance(factor.number, int | float)), None)
    if operation in _RULES and read is not None:
        met = next((words for applies, words in _RULES[operation] if applies(cast("float", read.number))), "")
        return f"{spell(read)} is {short_number(read.number)}: {met}" if met else ""
    if operation in _SOFTMAXES and why.stages and why.stages[0].computed in (math.inf, -math.inf) and _is_nan(why.actual or 0):
        row = "has an ∞ in it: ∞ − ∞" if why.stages[0].computed == math.inf else "is −∞ throughout (all of it is masked): −∞ − (−∞)"
        return f"the row {row} is not defined: NaN"
    if operation in _MEANS and not any(_is_bad(factor.number) for factor in factors) and _is_nan(why.actual or 0):
        counted = sum(1 for stage in why.stages[:1] for term in stage.terms if term.value != 0) if why.stages else len(why.terms)
        return "" if counted else "there is nothing to take the mean of: 0 / 0 is not defined: NaN"
    numbers = [factor.number for factor in factors if isinstance(factor.number, int | float)]
    if operation in ("fmod", "remainder") and numbers and all(map(math.isfinite, numbers)):
        return "the remainder of a division by zero is not defined: NaN"
    if operation in _DIVISIONS and len(numbers) > 1:
        return _divided(*(numbers[:2] if operation != "rdiv" else numbers[1::-1]))
    if operation == "pow" and len(numbers) > 1:
        return _raised(numbers[0], numbers[1])
    return ""


def _divided(dividend: float, divisor: float) -> str:
    if math.isnan(dividend) or math.isnan(divisor):
        return ""
    if divisor == 0:
        return "0 / 0 is not defined: NaN" if dividend == 0 else f"{short_number(dividend)} / 0 is a division by zero: infinity"
    return "∞ / ∞ is not defined: NaN" if math.isinf(dividend) and math.isinf(divisor) else ""


def _raised(base: float, exponent: float) -> str:
    if base < 0 and not float(exponent).is_integer():
        return f"{short_number(base)} is negative, and {short_number(exponent)} no whole number: such a power is no real number, so NaN"
    return f"0 to the power {short_number(exponent)} is 1 / 0, a division by zero: infinity" if base == 0 and exponent < 0 else ""


def _by_stage(why: Explanation) -> str:
    """The first stage that is not finite, and why that is."""
    for stage in why.stages:
        number = stage.computed
        if isinstance(number, float) and not math.isfinite(number):
            said = _by_terms(stage) or _by_size(stage, None)
            return f"the {stage.title} is {_word(number)}{f': {said}' if said else ''}" if stage.title else said
    return ""


def _by_terms(why: Explanation) -> str:
    """A term that came in as NaN or infinite, and what adding and multiplying make of it."""
    bad = _bad_terms(why.terms)
    if not bad:
        return ""
    if why.combine == "sum" and len(why.terms) > 1:
        plus, minus = (next((term for term in bad if term.value == sign * math.inf), None) for sign in (1, -1))
        if plus is not None and minus is not None and not any(_is_nan(term.value) for term in bad):
            return f"{_name(plus)} is ∞ and {_name(minus)} is −∞, and ∞ − ∞ is not defined: NaN"
    first = next((term for term in bad if _is_nan(term.value)), bad[0])
    if why.combine == "product" and not _is_nan(first.value) and any(term.value == 0 for term in why.terms[:64]):
        return f"{_name(first)} is {_word(first.value)}, and 0 · ∞ is not defined: NaN"
    came = _came(first.operands)
    if came:
        return came
    if len(first.operands) == 1:
        read, made = first.operands[0], first.label or "what is made of it"
        return f"{spell(read)} is {short_number(cast('float', read.number))}, and {made} is {_word(first.value)}"
    return f"{_name(first)} is {_word(first.value)}, and makes the whole so"


def _came(factors: Sequence[Factor]) -> str:
    """What is to be said of the factors of a term that is not finite."""
    bad = next((factor for factor in factors if _is_bad(factor.number)), None)
    if bad is None:
        return ""
    if not _is_nan(bad.number) and any(factor.number == 0 for factor in factors):
        return f"{spell(bad)} is {_word(bad.number)}, and 0 · ∞ is not defined: NaN"
    word = _word(bad.number)
    return f"{spell(bad)} is {word}" if bad.origin.kind == "literal" else f"{spell(bad)} was {word} already"


def _by_size(why: Explanation, largest: float | None) -> str:
    """A result that is beyond the largest number of its type."""
    if largest is None:
        return ""
    if any(_is_bad(factor.number) for term in why.terms[:64] for factor in term.operands) or not why.terms:
        return ""
    exact = why.terms[0].operands[0].number if why.combine == "pick" and why.terms[0].operands else why.computed
    if not isinstance(exact, int | float) or _is_nan(exact) or abs(exact) <= largest:
        return ""
    size = short_number(float(exact), 2) if math.isfinite(exact) else "the result"
    return f"{size} is beyond the largest number that this type holds, {short_number(largest)}: infinity"


def _on_the_way(why: Explanation, largest: float | None) -> str:
    """A stage that is finite here, in float64, and beyond what the kernel calculates with: float32, or the type itself."""
    limit = max(largest or 0.0, FLOAT32)
    stage = next((s for s in why.stages if isinstance(s.computed, float) and abs(s.computed) > limit), None)
    if stage is None:
        return ""
    size, most = (short_number(number, 2) for number in (cast("float", stage.computed), limit))
    return f"the {stage.title} is {size}, beyond the largest number that the kernel calculates with, {most}: infinity, and from then on NaN"


def _bad_terms(terms: Sequence[Term]) -> list[Term]:
    finder = getattr(terms, "nonfinite", None)
    places: Iterable[int] = finder() if callable(finder) else (k for k, term in enumerate(terms) if _is_bad(term.value))
    found = [terms[place] for place in islice(places, 64)]
    return found or [term for term in terms[:64] if any(_is_bad(factor.number) for factor in term.operands)]


def _name(term: Term) -> str:
    return spell(term.operands[0]) if len(term.operands) == 1 else term.label or "a term"


def _is_nan(number: Number) -> bool:
    return number != number


def _is_bad(number: Number) -> bool:
    return isinstance(number, float) and not math.isfinite(number)


def _word(number: Number) -> str:
    return "NaN" if _is_nan(number) else "∞" if isinstance(number, float) and number > 0 else "−∞"
