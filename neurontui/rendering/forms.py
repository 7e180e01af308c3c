"""Which factors a row of terms shows in columns, and which letters of the formula tell the rows apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isclose, prod
from typing import Any

from neurontui.explanation import Explanation, Factor, Number, Term
from neurontui.rendering.formulas import factor_role, index_pattern
from neurontui.text import Column, clean, format_index, format_shape

ANY = ""  # in a form: a factor of any name, which is written beside each number


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the formula that differs from term to term: where it is read in a term's factors, and how wide it is."""

    name: str
    factor: int
    place: int
    width: int

    def read(self, term: Term) -> int:
        """What the letter stands for in this term."""
        return term.operands[self.factor].index[self.place]


@dataclass(frozen=True, slots=True)
class FactorColumn:
    """One factor of the main form: `head` above, and `places` cells for its index where letters do not say it."""

    name: str
    role: str
    head: str
    column: Column
    places: int = 0

    @property
    def width(self) -> int:
        return max(self.column.width + (self.places + 1 if self.places else 0), len(self.head))


def _form(term: Term) -> tuple[str, ...]:
    return tuple(factor.name for factor in term.operands)


def main_form(sample: Sequence[Term]) -> tuple[str, ...]:
    """The factors that most terms have; of equally many, the form with more factors. A literal (a padding's 0) stands for any name.

    Where there are products of other names beside them (input · weight_ih, h · weight_hh), the names are `ANY`.
    """
    plain = [term for term in sample if not any(map(_is_literal, term.operands))]
    counted = Counter(map(_form, plain or sample))
    main = max(counted, key=lambda form: (counted[form], len(form)), default=())
    others = [form for form in counted if form != main and len(form) == len(main) > 1]
    return (ANY,) * len(main) if others else main


def _is_literal(factor: Factor) -> bool:
    return factor.origin.kind == "literal"


def has_form(term: Term, form: tuple[str, ...]) -> bool:
    """Whether the term has these factors, in this order; a literal may stand in the place of any but the only one."""
    if len(term.operands) != len(form):
        return False
    pairs = list(zip(term.operands, form, strict=True))
    return all(name in (ANY, factor.name) or (_is_literal(factor) and len(form) > 1) for factor, name in pairs)


def is_product(term: Term) -> bool:
    """Whether the term's value is the product of its factors (else it is another function of them)."""
    try:
        product = prod(factor.number for factor in term.operands)
        if product != product or term.value != term.value:
            return product != product and term.value != term.value
        if isinstance(product, complex) or isinstance(term.value, complex):
            return abs(product - term.value) <= 1e-9 * abs(term.value)
        return isclose(product, term.value, rel_tol=1e-9, abs_tol=1e-300)
    except OverflowError:
        return False


def find_letters(why: Explanation, main: Sequence[Term], count: int) -> tuple[Letter, ...]:
    """The letters of the formula that differ from term to term, and where in the factors' indices they are read."""
    if len(set(map(_form, main))) > 1 and not any(_is_literal(factor) for term in main for factor in term.operands):
        return ()  # each form has letters of its own
    found: dict[str, Letter] = {}
    for which, factor in enumerate(main[0].operands):
        if len({len(term.operands[which].index) for term in main}) > 1:
            continue
        for place, letter in _simple_letters(index_pattern(why.formula, factor.name), len(factor.index)).items():
            values = [term.operands[which].index[place] for term in main]
            known = letter in why.indices or letter in found
            if not known and (len(set(values)) > 1 or count == 1 or letter in _summed(why.formula)):
                found[letter] = Letter(letter, which, place, max(len(letter), *(len(str(value)) for value in values)))
    return tuple(found.values())


def letter_ranges(why: Explanation, main: Sequence[Term], letters: Sequence[Letter]) -> tuple[str, ...]:
    """`"i = 0…767"` for each letter; `main` are some of the terms, and the range is that of all."""
    ranges = []
    span: Any = getattr(why.terms, "span", None)
    for letter in letters:
        values = [letter.read(term) for term in main]
        known = span(_form(main[0]), letter.factor, letter.place) if callable(span) else None
        low, high = known or (min(values), max(values))
        ranges.append(f"{letter.name} = {low}" + (f"…{high}" if low < high else ""))
    return tuple(ranges)


def _summed(formula: str) -> str:
    """The letters that stand below a Σ, as a subscript or in braces."""
    return "".join(dict(zip("ᵢⱼₖₗₘₙᵤᵥₐₑₕₒₚᵣₛₜₓ", "ijklmnuvaehoprstx", strict=True)).get(char, "") for char in formula)


def _simple_letters(pattern: tuple[str, ...], dims: int) -> dict[int, str]:
    """The places of an index where its pattern is one plain letter; patterns are aligned at their end."""
    offset = dims - len(pattern)
    return {place + offset: part for place, part in enumerate(pattern) if part.isidentifier() and place + offset >= 0}


def fit_factors(
    why: Explanation, main: Sequence[Term], letters: Sequence[Letter], fit: Callable[[Sequence[Number]], Column], heads: bool, places: bool
) -> tuple[FactorColumn, ...]:
    """A column for each factor of the main form, with its index above (`heads`), or beside each number where letters do not say it.

    `fit` gives the column that numbers are written in.
    """
    columns: list[FactorColumn] = []
    for which in range(len(main[0].operands)):
        factors = [term.operands[which] for term in main]
        first = next((factor for factor in factors if not _is_literal(factor)), factors[0])
        if len({factor.name for factor in factors if not _is_literal(factor)}) > 1:
            columns.append(_mixed_column(factors, fit, places))
            continue
        index = _index_head(why, main, which, letters)
        as_before = index is None and any(columns[k].places and _same_places(main, k, which) for k in range(which))
        wide = max(len(place_words(factor)) for factor in factors) if index is None and places and not as_before else 0
        head = clean(first.name) + (f"[{','.join(index)}]" if heads and index else "")
        column = fit([factor.number for factor in factors])
        columns.append(FactorColumn(first.name, factor_role(first) or "text", head, column, wide))
    return tuple(columns)


def _mixed_column(factors: Sequence[Factor], fit: Callable[[Sequence[Number]], Column], places: bool) -> FactorColumn:
    """A column of factors of several names: each number has its own beside it."""
    wide = max(len(factor_name(factor)) for factor in factors) if places else 0
    return FactorColumn(ANY, "text", "", fit([factor.number for factor in factors]), wide)


def factor_name(factor: Factor) -> str:
    """`"weight[0, 1]"`, cleaned."""
    return clean(format_index(factor.name, factor.index))


def _index_head(why: Explanation, main: Sequence[Term], which: int, letters: Sequence[Letter]) -> list[str] | None:
    """A factor's index as it stands above its column: a letter where it differs from term to term, else the number.

    None where it differs and no letter says how.
    """
    factors = [factor for factor in (term.operands[which] for term in main) if not _is_literal(factor)]
    if not factors:
        return []
    simple = _simple_letters(index_pattern(why.formula, factors[0].name), len(factors[0].index))
    head = []
    for place, number in enumerate(factors[0].index):
        letter = next((letter.name for letter in letters if letter.name == simple.get(place)), "")
        if len({factor.index[place] for factor in factors}) > 1:
            letter = letter or _letter_of(main, which, place, letters)
            if not letter:
                return None
        head.append(letter or str(number))
    return head


def _letter_of(main: Sequence[Term], which: int, place: int, letters: Sequence[Letter]) -> str:
    """The letter that is always what stands at this place of a factor's index; `""` where none is."""
    if any(_is_literal(term.operands[which]) for term in main):
        return ""
    same = (letter.name for letter in letters if all(letter.read(term) == term.operands[which].index[place] for term in main))
    return next(same, "")


def _same_places(main: Sequence[Term], first: int, second: int) -> bool:
    """Whether two factors have the same index in every term: it is said once."""
    return all(term.operands[first].index == term.operands[second].index for term in main)


def place_words(factor: Factor) -> str:
    """`"[0, 3]"`; a literal's own name: `"padding"`."""
    return clean(factor.name) if _is_literal(factor) else format_shape(factor.index)
