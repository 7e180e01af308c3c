"""Terms as rows of a table: how wide each column is (`lay_terms`), the heads, and any one row (`draw_term`).

A row of the main form reads `i   input[i]  ×  weight[0, i]  =  product  →  running sum   bar`; the bar is that of the running sum.
Terms of another form (a bias) show their label instead of the factors. Where a term is one number, its label and that number are the row.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import Any, cast

from rich.text import Text

from neurontui.explanation import Explanation, Number, Term
from neurontui.rendering.bars import Bar, fit_bar
from neurontui.rendering.forms import (
    ANY,
    FactorColumn,
    Letter,
    factor_name,
    find_letters,
    fit_factors,
    has_form,
    is_product,
    letter_ranges,
    main_form,
    place_words,
)  # fmt: skip
from neurontui.rendering.formulas import SAMPLE, color_names, factor_role, names_in, sample_places, spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of
from neurontui.text import Column, clean, fit_exact, fit_numbers

DEFAULT = Look()
LEAST_BAR, MOST_BAR = 9, 25
MOST_FACTORS = 4  # a term of more factors (an attention score) shows its label
VALUE_HEADS = {"sum": "value", "product": "factor", "max": "value", "min": "value", "pick": "value", "apply": "value"}
WINNERS = {"max": "the largest", "min": "the smallest", "pick": ""}


@dataclass(frozen=True, slots=True)
class Cover:
    """What is blanked while it is to be predicted: the running numbers from term `first` on; with `values` that term's own, too."""

    first: int
    values: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TermLayout:
    """The columns of one explanation's terms, for one width."""

    form: tuple[str, ...]
    letters: tuple[Letter, ...]
    factors: tuple[FactorColumn, ...]
    label_width: int  # of what stands before the value where there are no factor columns
    multiplies: bool  # a value is the product of its factors
    value: Column
    value_head: str
    running: Sequence[Number]
    running_column: Column | None
    bar: Bar | None
    mark_width: int
    ranges: tuple[str, ...]  # what each letter runs through: "i = 0…1"
    names: dict[str, str]
    running_heads: tuple[str, str]  # the second one where there is little room
    rounded: bool = False  # the running sum has no room for exact digits
    gap: int = 2  # on each side of an operator; 1 where there is little room

    @property
    def running_head(self) -> str:
        """What stands above the running sum."""
        return f"{self.running_heads[1]} ≈" if self.rounded else self.running_heads[self.gap == 1]

    @property
    def running_width(self) -> int:
        """The cells of the running sum."""
        return max(self.running_column.width, len(self.running_head)) if self.running_column is not None else 0

    @property
    def value_width(self) -> int:
        """The cells of the value."""
        return max(self.value.width, len(self.value_head))

    @property
    def body_width(self) -> int:
        """The cells of letters and factors, or of the label."""
        if not self.factors:
            return self.label_width
        return self._letters_width + sum(column.width for column in self.factors) + self._sign * (len(self.factors) - 1)

    @property
    def _letters_width(self) -> int:
        return sum(letter.width + 1 for letter in self.letters) + (self.gap if self.letters else 0)

    @property
    def _sign(self) -> int:
        """The cells of an operator with its gaps."""
        return 2 * self.gap + 1

    @property
    def width(self) -> int:
        """All cells of a row."""
        total = 3 + self.body_width + (self._sign if self.factors else 3) + self.value_width
        if self.running_column is not None:
            total += self._sign + self.running_width
        if self.bar is not None:
            total += 3 + self.bar.width
        return total + (self.mark_width + 2 if self.mark_width else 0)


def term_values(terms: Sequence[Term]) -> list[Number]:
    """The value of every term; read from the array where the terms have one."""
    values: Any = getattr(terms, "values", None)
    return list(values().tolist()) if callable(values) else [term.value for term in terms]


def running_numbers(why: Explanation, values: Sequence[Number]) -> list[Number]:
    """The running sum (or product) after each term; the last is what the explanation itself computed."""
    if why.combine not in ("sum", "product") or len(values) < 2:
        return []
    numbers = list(accumulate(values, operator.add if why.combine == "sum" else operator.mul))
    if why.computed is not None:
        numbers[-1] = why.computed
    return numbers


def lay_terms(why: Explanation, width: int, look: Look = DEFAULT, *, exact: bool = False) -> TermLayout:
    """The columns that fit into `width`: the bar goes first, then the places of factors, their heads' brackets, the factors."""
    values = term_values(why.terms)
    places = sample_places(len(values))
    sample = [why.terms[place] for place in places]
    running = running_numbers(why, values)
    form = main_form(sample)
    main = [term for term in sample if has_form(term, form)]
    multiplies = all(map(is_product, main))
    told_apart = multiplies or len(set(form)) == len(form)
    many = 1 < len(form) <= MOST_FACTORS and told_apart
    as_columns = bool(main) and why.combine != "pick" and (many or (len(form) == 1 and not multiplies))
    letters = find_letters(why, main, len(values)) if as_columns else ()
    extremes = _extremes(values)
    shown_values = [*(term.value for term in sample), *extremes]
    shown_sums = [*(running[place] for place in places if running), *_extremes(running)]
    labels = max((len(spell_signs(label_of(term), look)) + 2 for term in sample), default=0)
    layout = TermLayout(
        form=form if as_columns else (), letters=letters, factors=(), label_width=min(labels, max(width // 2, 8)), multiplies=multiplies,
        value=fit_numbers(shown_values, exact=exact),
        value_head=look.words("product" if as_columns and multiplies else VALUE_HEADS[why.combine]),
        running=running, running_column=fit_numbers(shown_sums, exact=exact) if running else None, bar=None,
        mark_width=max((len(_mark_words(why, term)) for term in sample), default=0),
        ranges=letter_ranges(why, main, letters), names=names_in(why),
        running_heads=(look.words("running sum"), look.words("sum")) if why.combine == "sum" else (look.words("so far"),) * 2,
    )  # fmt: skip
    fitted = _fit_exact(layout, why, main, width, shown_values, shown_sums, labels) if exact else _fit(layout, why, main, width, labels)
    return _with_bar(fitted, why, _extremes(running), width)


def _fit(layout: TermLayout, why: Explanation, main: Sequence[Term], width: int, labels: int) -> TermLayout:
    """The layout with as much as there is room for: heads' brackets go first, then places, then gaps, the factors, the running sum."""
    for heads, with_places, gap in ((True, True, 2), (False, True, 2), (False, False, 2), (False, False, 1)):
        factors = fit_factors(why, main, layout.letters, fit_numbers, heads, with_places) if layout.form else ()
        fitted = replace(layout, factors=factors, gap=gap)
        if fitted.width <= width:
            return fitted
    bare = _without_factors(fitted, width, labels)
    return bare if bare.width <= width else replace(bare, running_column=None)


def _fit_exact(
    layout: TermLayout, why: Explanation, main: Sequence[Term], width: int, values: Sequence[Number], sums: Sequence[Number], labels: int
) -> TermLayout:  # fmt: skip
    """As `_fit`, for exact digits: which term it is and what its numbers are stays, so heads go first, then the running sum's digits.

    Then go the running sum, the alignment on the point, and the places; the factors last.
    """
    running = layout.running_column
    sum_columns = [(running, False), (fit_numbers(sums), True), (None, False)] if running is not None else [(None, False)]
    for aligned, with_places in ((True, True), (False, True), (False, False)):
        fit = partial(fit_exact, aligned=aligned)
        for column, rounded in sum_columns:
            one = replace(layout, running_column=column, rounded=rounded, value=fit(values))
            for heads, gap in ((True, 2), (False, 2), (False, 1)):
                factors = fit_factors(why, main, layout.letters, fit, heads, with_places) if layout.form else ()
                fitted = replace(one, factors=factors, gap=gap)
                if fitted.width <= width and (factors or labels <= one.label_width):
                    return fitted
    return _without_factors(fitted, width, labels)


def _without_factors(layout: TermLayout, width: int, labels: int) -> TermLayout:
    """The layout with a label in the place of the factors, as much of it as there is room for."""
    bare = replace(layout, factors=(), form=(), letters=())
    return replace(bare, label_width=min(labels, max(width - bare.width + bare.label_width, 8)))


def _with_bar(layout: TermLayout, why: Explanation, extremes: Sequence[float], width: int) -> TermLayout:
    """The layout with a bar for the running sum beside it, where there is room for one."""
    room = min(width - layout.width - 3, MOST_BAR)
    if why.combine != "sum" or layout.running_column is None or room < LEAST_BAR or not any(extremes):
        return layout
    return replace(layout, bar=fit_bar(min(extremes), max(extremes), room))


def _extremes(numbers: Sequence[Number]) -> tuple[float, ...]:
    """The least and the greatest finite number; `()` where there is none, or where they are complex. Quick for very many."""
    total = sum(numbers)
    if not numbers or isinstance(total, complex):
        return ()
    real = cast("Sequence[float]", numbers)
    finite = real if abs(total) < float("inf") else [number for number in real if abs(number) < float("inf")]
    return (min(finite), max(finite)) if finite else ()


def _mark_words(why: Explanation, term: Term) -> str:
    """The word behind a row: "padding", "masked", …; for a maximum, which term it is."""
    if term.mark in ("winner", "picked"):
        return WINNERS.get(why.combine, "")
    if not term.mark and why.combine in ("max", "min") and len(why.terms) > 1 and term.value == why.computed:
        taken = any(other.mark in ("winner", "picked") for other in why.terms[:SAMPLE])
        return "as large" if taken and why.combine == "max" else "as small" if taken else WINNERS[why.combine]
    return clean(term.mark)


def term_heads(layout: TermLayout, why: Explanation, look: Look = DEFAULT) -> Text:
    """The line above the terms; empty where a row explains itself."""
    palette = look.palette
    dim = palette.style("dim")
    line = Text("   ", no_wrap=True, end="")
    if layout.factors:
        letters = " ".join(f"{letter.name:>{letter.width}}" for letter in layout.letters)
        line.append(letters + (" " * (layout.gap + 1) if letters else ""), dim)
        for place, column in enumerate(layout.factors):
            line.append(" " * (2 * layout.gap + 1) if place else "")
            line.append(f"{column.head:>{column.width}}", palette.style(column.role))
    else:
        line.append(" " * layout.body_width)
    line.append(" " * (2 * layout.gap + 1 if layout.factors else 3))
    line.append(f"{layout.value_head:>{layout.value_width}}", dim)
    if layout.running_column is not None:
        line.append(f"{' ' * (2 * layout.gap + 1)}{layout.running_head:>{layout.running_width}}", dim)
    return line


def draw_term(
    layout: TermLayout, why: Explanation, k: int, look: Look = DEFAULT, *, selected: bool = False, exact: bool = False,
    cover: Cover | None = None,
) -> Text:  # fmt: skip
    """The row of term `k`; `cover` writes `?` for the numbers that are still to be predicted."""
    term, palette = why.terms[k], look.palette
    line = line_of((f" {look.glyphs.selected if selected else ' '} "[:3], palette.style("accent", bold=True)))
    is_main = bool(layout.factors) and has_form(term, layout.form)
    line.append_text(_main_body(layout, term, look, selected, exact) if is_main else _label_body(layout, why, term, k, look))
    gives = ("=" if layout.multiplies else "⇒" if not look.glyphs.ascii else ">") if is_main else " "
    gap = " " * layout.gap
    line.append(f"{gap}{gives}{gap}" if layout.factors else "   ", palette.style("dim"))
    covered = cover is not None and k >= cover.first
    secret = cover is not None and covered and ((cover.values and k == cover.first) or len(why.terms) == 1 or why.combine == "apply")
    value = "?".rjust(layout.value.width) if secret else layout.value.write(term.value, exact=exact)
    role = factor_role(term.operands[0]) if len(term.operands) == 1 and not is_main else ""
    line.append(f"{value:>{layout.value_width}}", palette.style(role or "text", bold=selected))
    if layout.running_column is not None:
        line.append(f"{gap}{look.glyphs.arrow if not look.glyphs.ascii else '>'}{gap}", palette.style("dim"))
        number = "?" if covered else layout.running_column.write(layout.running[k], exact=exact and not layout.rounded)
        line.append(f"{number:>{layout.running_width}}", palette.style("text"))
    if layout.bar is not None and not covered:
        line.append("   ")
        line.append_text(layout.bar.draw(layout.running[k], look))
    mark = "" if cover is not None and why.combine in ("max", "min") else _mark_words(why, term)
    if mark:
        line.append(f"  {look.words(mark)}", palette.style("accent" if mark in WINNERS.values() else "dim"))
    return line


def _main_body(layout: TermLayout, term: Term, look: Look, selected: bool, exact: bool) -> Text:
    palette = look.palette
    line = Text(no_wrap=True, end="")
    words = " ".join(f"{letter.read(term):>{letter.width}}" for letter in layout.letters)
    line.append(words + (" " * (layout.gap + 1) if layout.letters else ""), palette.style("text" if selected else "dim", bold=selected))
    for place, (column, factor) in enumerate(zip(layout.factors, term.operands, strict=True)):
        sign = look.glyphs.times if layout.multiplies else ","
        line.append(f"{' ' * layout.gap}{sign}{' ' * layout.gap}" if place else "", palette.style("dim"))
        number = column.column.write(factor.number, exact=exact)
        words = factor_name(factor) if column.name == ANY else place_words(factor)
        where = f"{words:<{column.places}} " if column.places else ""
        line.append(" " * (column.width - len(where) - len(number)))
        line.append(where, palette.style("dim"))
        line.append(number, palette.style(factor_role(factor) or "text" if column.name == ANY else column.role, bold=selected))
    return line


def _label_body(layout: TermLayout, why: Explanation, term: Term, k: int, look: Look) -> Text:
    """A term's label, `+` before it where it is added to rows of another form."""
    sign = {"sum": "+ ", "product": f"{look.glyphs.times} "}.get(why.combine, "")
    sign = sign if k else " " * len(sign)
    words = color_names(sign + spell_signs(label_of(term), look), layout.names, look)
    words.truncate(layout.body_width, overflow=overflow_of(look), pad=True)
    return words


def label_of(term: Term) -> str:
    """The term's label, cleaned; of a term that is one of its factors (a bias, a row that was picked), that factor's name."""
    named = [factor for factor in term.operands if factor.origin.kind != "literal" and factor.number == term.value]
    joined = " · ".join(map(factor_name, term.operands))
    if named and (term.label in ("", "bias", named[0].name, joined)) and (len(term.operands) == 1 or not is_product(term)):
        return factor_name(named[0])
    return clean(term.label) or joined
