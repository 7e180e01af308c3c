"""The numbers that a lesson states: filled in from the trace, or held against it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from neurontui.debugger import Debugger
from neurontui.errors import NeuronTUIError, StaleValueError
from neurontui.explanation import Explanation, Number
from neurontui.lessons.references import Fact, explain_whole, read_reference, spell
from neurontui.records import Value
from neurontui.text import clean

MOST_ELEMENTS = 10_000  # of a tensor, and terms of an explanation, that a bare number may be one of

_NUMERAL = r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+−]?\d+)?"
_BRACES = re.compile(r"\{(?P<inside>[^{}]*)\}")
_CODE = re.compile(r"`(?P<inside>[^`]*)`")
_BARE = re.compile(rf"(?<![\w.%]){_NUMERAL}(?!\w|\.\d|-[^\W\d])")
_INDEX = re.compile(r"\w\[[^\]]*\]")
_FREE = re.compile(rf"{_NUMERAL}(?:\s*%)?|\[\s*{_NUMERAL}(?:\s*,\s*{_NUMERAL})*\s*\]")
_FILLED = re.compile(r"(?P<words>.*?)(?::(?P<decimals>\d))?")
_STATED = re.compile(rf"(?P<stated>{_NUMERAL}|\[[\d, ]*\])\s*=\s*(?P<words>.+)")


def fill(text: str, debugger: Debugger) -> str:
    """A line with its `{…}` replaced by what they say.

    Raises:
        NeuronTUIError: a reference names nothing, or a stated number is not the trace's.
    """
    return _BRACES.sub(lambda found: _fill_one(found["inside"].strip(), debugger), text)


def _fill_one(inside: str, debugger: Debugger) -> str:
    if _FREE.fullmatch(inside):
        return inside
    stated = _STATED.fullmatch(inside)
    if stated:
        fact = read_reference(debugger, stated["words"])
        if not states(stated["stated"], fact):
            raise NeuronTUIError(f"it states {stated['stated']}, and {clean(stated['words'])} is {spell(fact)}")
        return stated["stated"]
    found = _FILLED.fullmatch(inside)
    assert found is not None
    decimals = found["decimals"]
    return spell(read_reference(debugger, found["words"]), int(decimals) if decimals else None)


def states(numeral: str, fact: Fact) -> bool:
    """Whether a fact rounds to just these digits: `2.7` states 2.6999998; `3` does not. A shape is stated as it is."""
    if isinstance(fact, tuple):
        return [int(size) for size in re.findall(r"\d+", numeral)] == list(fact)
    if isinstance(fact, complex) or numeral.startswith("["):
        return False
    digits = numeral.replace("−", "-").replace(",", "")
    number = float(digits)
    mantissa, _, power = digits.partition("e")
    decimals = len(mantissa.partition(".")[2])
    half = 0.5 * 10.0 ** (int(power or 0) - decimals) if decimals or power else 0.0
    return abs(fact - number) <= half * (1 + 1e-9) + 1e-6 * max(abs(fact), 1e-30)


def hide_answers(text: str, answers: Collection[Number]) -> str:
    """The text with (?) for each number with decimals that states one of these answers: a worksheet's later pages would tell it."""
    return _BARE.sub(lambda found: "(?)" if "." in found[0] and any(states(found[0], answer) for answer in answers) else found[0], text)


def bare_numerals(text: str) -> list[str]:
    """The numbers of a line that stand for themselves: not in braces, not in code with letters, no index, no part of a name."""
    words = _BRACES.sub(" ", text)
    words = _CODE.sub(lambda found: " " if re.search(r"[^\W\d_]", found["inside"]) else f" {found['inside']} ", words)
    return _BARE.findall(_INDEX.sub(" ", words))


def find_unchecked(text: str, numbers: Iterable[Number]) -> list[str]:
    """The bare numbers of a line that none of `numbers` rounds to."""
    known = list(numbers)
    return [numeral for numeral in bare_numerals(text) if not any(states(numeral, number) for number in known)]


def shown_numbers(debugger: Debugger) -> Iterator[Number]:
    """The numbers that the screen may show where the walk stands: of its tensors, with their sizes and places, and of its explanation."""
    yield from (given for given in debugger.step.inputs.values() if isinstance(given, int | float))
    for shown in debugger.tensors():
        for value in (shown.value, shown.written, shown.before):
            if value is not None:
                yield from _numbers_of(value)
    try:
        why, whole = debugger.explanation(), explain_whole(debugger)
    except NeuronTUIError:
        return
    for part in (why, whole):
        yield from _numbers_in(part) if part is not None else ()


def _numbers_of(value: Value) -> Iterator[Number]:
    """Elements, sizes, the number of elements, and every place along a dimension."""
    count = 1
    for size in value.shape:
        count *= size
        yield size
        yield from range(min(size, MOST_ELEMENTS))
    yield count
    if count <= MOST_ELEMENTS:
        try:
            yield from value.numbers().reshape(-1).tolist()
        except StaleValueError:
            return


def _numbers_in(why: Explanation) -> Iterator[Number]:
    yield from (number for number in (why.actual, why.computed) if number is not None)
    yield len(why.terms)
    total: Number = 0
    for place in range(min(len(why.terms), MOST_ELEMENTS)):
        term = why.terms[place]
        total += term.value
        yield from (term.value, total, *(factor.number for factor in term.factors))
    for stage in why.stages:
        yield from _numbers_in(stage)
    for table in why.tables:
        yield from (cell for _, row in table.rows for cell in row if isinstance(cell, int | float))
