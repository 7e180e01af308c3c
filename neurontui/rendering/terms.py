"""Terms as rows of a table: how wide each column is (`lay_terms`), the heads, and any one row (`draw_term`).

A row of the main form reads `i   input[i]  ×  weight[0, i]  =  product  →  running sum   bar`. Terms of another form
(a bias) show their label instead of the factors. Where a term is one number, its label and that number are the row.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import isclose, isfinite, prod
from typing import Any

from rich.text import Text

from neurontui.explanation import Explanation, Factor, Number, Term
from neurontui.rendering.bars import Bar, fit_bar
from neurontui.rendering.formulas import color_names, index_patterns, names_in, sample_places, spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of
from neurontui.rendering.palette import role_of
from neurontui.rendering.verdicts import factor_name
from neurontui.text import Column, clean, fit_numbers, format_shape

DEFAULT = Look()
LEAST_BAR, MOST_BAR = 9, 25
MOST_FACTORS = 4  # a term of more factors (an attention score) shows its label
VALUE_HEADS = {"sum": "value", "product": "factor", "max": "value", "min": "value", "pick": "value", "apply": "value"}
WINNERS = {"max": "the largest", "min": "the smallest", "pick": ""}


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


@dataclass(frozen=True, slots=True, eq=False)
class TermLayout:
    """The columns of one explanation's terms, for one width."""

    form: tuple[str, ...]
    letters: tuple[tuple[str, int, int, int], ...]  # (letter, which factor, which place of its index, width)
    factors: tuple[FactorColumn, ...]
    label_width: int  # of what stands before the value where there are no factor columns
    multiplies: bool  # a value is the product of its factors
    value: Column
    value_head: str
    running: Sequence[Number]
    running_column: Column | None
    bar: Bar | None
    mark_width: int
    names: dict[str, str]
    gap: int = 2  # on each side of an operator; 1 where there is little room

    @property
    def running_width(self) -> int:
        """The cells of the running sum; its head is shortened where there is little room."""
        head = "running sum" if self.gap > 1 else "sum"
        return max(self.running_column.width, len(head)) if self.running_column is not None else 0

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
        return sum(width + 1 for *_, width in self.letters) + (self.gap if self.letters else 0)

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
    return list(values.tolist()) if hasattr(values, "tolist") else [term.value for term in terms]


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
    form = _main_form(sample)
    main = [term for term in sample if has_form(term, form)]
    multiplies = all(is_product(term) for term in main)
    as_columns = bool(main) and (1 < len(form) <= MOST_FACTORS or (len(form) == 1 and not multiplies))
    letters = _letters(why, main, len(values)) if as_columns else ()
    finite = _finite(values)
    extremes = [max(finite), min(finite)] if finite else []
    sums = _finite(running)
    shown_running = [running[place] for place in places if running] + ([max(sums), min(sums)] if sums else [])
    base = {
        "form": form if as_columns else (), "letters": letters, "multiplies": multiplies,
        "value": fit_numbers([term.value for term in sample] + extremes, exact=exact),
        "value_head": "product" if as_columns and multiplies else VALUE_HEADS[why.combine],
        "running": running, "running_column": fit_numbers(shown_running, exact=exact) if running else None,
        "mark_width": max((len(_mark_words(why, term)) for term in sample), default=0), "names": names_in(why),
    }  # fmt: skip
    labels = [len(spell_signs(label_of(term), look)) + 2 for term in sample]
    for heads, with_places, gap in ((True, True, 2), (False, True, 2), (False, False, 2), (False, False, 1)):
        columns = _factor_columns(why, main, letters, exact, heads, with_places) if as_columns else ()
        layout = TermLayout(factors=columns, label_width=min(max(labels, default=0), max(width // 2, 8)), bar=None, gap=gap, **base)  # type: ignore[arg-type]
        if layout.width <= width:
            return _with_bar(layout, why, finite, width)
    layout = replace(layout, factors=(), form=(), letters=())
    layout = replace(layout, label_width=min(max(labels, default=0), max(width - layout.width + layout.label_width, 8)))
    return layout if layout.width <= width else replace(layout, running_column=None)


def _with_bar(layout: TermLayout, why: Explanation, finite: Sequence[float], width: int) -> TermLayout:
    """The layout with a contribution bar, where terms are summed and there is room for one."""
    room = min(width - layout.width - 3, MOST_BAR)
    if why.combine != "sum" or len(layout.running) < 2 or room < LEAST_BAR or not any(finite):
        return layout
    return replace(layout, bar=fit_bar(min(finite), max(finite), room))


def _finite(numbers: Sequence[Number]) -> list[float]:
    return [number for number in numbers if not isinstance(number, complex) and isfinite(number)]


def _form(term: Term) -> tuple[str, ...]:
    return tuple(factor.name for factor in term.factors)


def _main_form(sample: Sequence[Term]) -> tuple[str, ...]:
    """The factors that most terms have; of equally many, the form with more factors. A literal (a padding's 0) stands for any name."""
    plain = [term for term in sample if not any(map(_is_literal, term.factors))]
    counted = Counter(map(_form, plain or sample))
    return max(counted, key=lambda form: (counted[form], len(form)), default=())


def _is_literal(factor: Factor) -> bool:
    return factor.origin.kind == "literal"


def has_form(term: Term, form: tuple[str, ...]) -> bool:
    """Whether the term has these factors, in this order; a literal may stand in the place of any but the only one."""
    if len(term.factors) != len(form):
        return False
    pairs = list(zip(term.factors, form, strict=True))
    return all(factor.name == name or (_is_literal(factor) and len(form) > 1) for factor, name in pairs)


def is_product(term: Term) -> bool:
    """Whether the term's value is the product of its factors (else it is another function of them)."""
    try:
        product = prod(factor.number for factor in term.factors)
        if product != product or term.value != term.value:
            return product != product and term.value != term.value
        if isinstance(product, complex) or isinstance(term.value, complex):
            return abs(product - term.value) <= 1e-9 * abs(term.value)
        return isclose(product, term.value, rel_tol=1e-9, abs_tol=1e-300)
    except OverflowError:
        return False


def _letters(why: Explanation, main: Sequence[Term], count: int) -> tuple[tuple[str, int, int, int], ...]:
    """The letters of the formula that differ from term to term, and where in the factors' indices they are read."""
    patterns = index_patterns(why.formula)
    found: dict[str, tuple[str, int, int, int]] = {}
    for which, factor in enumerate(main[0].factors):
        if len({len(term.factors[which].index) for term in main}) > 1:
            continue
        for place, letter in _simple_letters(patterns.get(factor.name, ()), len(factor.index)).items():
            values = [term.factors[which].index[place] for term in main]
            known = letter in why.indices or letter in found
            if not known and (len(set(values)) > 1 or count == 1 or letter in _summed(why.formula)):
                found[letter] = (letter, which, place, max(len(letter), *(len(str(value)) for value in values)))
    return tuple(found.values())


def _summed(formula: str) -> str:
    """The letters that stand below a Σ, as a subscript or in braces."""
    return "".join(dict(zip("ᵢⱼₖₗₘₙᵤᵥₐₑₕₒₚᵣₛₜₓ", "ijklmnuvaehoprstx", strict=True)).get(char, "") for char in formula)


def _simple_letters(pattern: tuple[str, ...], dims: int) -> dict[int, str]:
    """The places of an index where its pattern is one plain letter; patterns are aligned at their end."""
    offset = dims - len(pattern)
    return {place + offset: part for place, part in enumerate(pattern) if part.isidentifier() and place + offset >= 0}


def _factor_columns(
    why: Explanation, main: Sequence[Term], letters: Sequence[tuple[str, int, int, int]], exact: bool, heads: bool, places: bool
) -> tuple[FactorColumn, ...]:
    patterns, shown = index_patterns(why.formula), {letter for letter, *_ in letters}
    columns = []
    for which in range(len(main[0].factors)):
        factors = [term.factors[which] for term in main]
        named = [factor for factor in factors if not _is_literal(factor)] or factors
        simple = _simple_letters(patterns.get(named[0].name, ()), len(named[0].index))
        moving = {place for place in range(len(named[0].index)) if len({factor.index[place] for factor in named}) > 1}
        unsaid = any(simple.get(place) not in shown for place in moving)
        head = clean(named[0].name)
        if heads and named[0].index and not unsaid:
            head += f"[{', '.join(_index_head(place, number, simple, moving, shown) for place, number in enumerate(named[0].index))}]"
        role = "text" if named[0].origin.kind in ("stage", "literal") else role_of(named[0].name)
        wide = max(len(_place_words(factor)) for factor in factors) if unsaid and places else 0
        columns.append(FactorColumn(named[0].name, role, head, fit_numbers([factor.number for factor in factors], exact=exact), wide))
    return tuple(columns)


def _index_head(place: int, number: int, simple: dict[int, str], moving: set[int], shown: set[str]) -> str:
    """A letter where the index differs from term to term, else the number."""
    letter = simple.get(place, "")
    return letter if letter and (place in moving or letter in shown) else str(number)


def _place_words(factor: Factor) -> str:
    """`"[0, 3]"`; a literal's own name: `"padding"`."""
    return clean(factor.name) if _is_literal(factor) else format_shape(factor.index)


def _mark_words(why: Explanation, term: Term) -> str:
    """The word behind a row: "padding", "masked", …; for a maximum, which term it is."""
    if term.mark in ("winner", "picked"):
        return WINNERS.get(why.combine, "")
    if not term.mark and why.combine in ("max", "min") and len(why.terms) > 1 and term.value == why.computed:
        return WINNERS[why.combine]
    return clean(term.mark)


def term_heads(layout: TermLayout, why: Explanation, look: Look = DEFAULT) -> Text:
    """The line above the terms; empty where a row explains itself."""
    palette = look.palette
    dim = palette.style("dim")
    line = Text("   ", no_wrap=True, end="")
    if layout.factors:
        letters = " ".join(f"{letter:>{width}}" for letter, _, _, width in layout.letters)
        line.append(letters + (" " * (layout.gap + 1) if letters else ""), dim)
        for place, column in enumerate(layout.factors):
            line.append(" " * (2 * layout.gap + 1) if place else "")
            line.append(f"{column.head:>{column.width}}", palette.style(column.role))
    else:
        line.append(" " * layout.body_width)
    line.append(" " * (2 * layout.gap + 1 if layout.factors else 3))
    line.append(f"{layout.value_head:>{layout.value_width}}", dim)
    if layout.running_column is not None:
        head = ("running sum" if layout.gap > 1 else "sum") if why.combine == "sum" else "so far"
        line.append(f"{' ' * (2 * layout.gap + 1)}{head:>{layout.running_width}}", dim)
    return line


def draw_term(
    layout: TermLayout, why: Explanation, k: int, look: Look = DEFAULT, *, selected: bool = False, exact: bool = False, hidden: bool = False
) -> Text:
    """The row of term `k`. `hidden` writes `?` for the last running number, or for the only value."""
    term, palette = why.terms[k], look.palette
    line = line_of((f" {look.glyphs.selected if selected else ' '} "[:3], palette.style("accent", bold=True)))
    is_main = bool(layout.factors) and has_form(term, layout.form)
    line.append_text(_main_body(layout, term, look, selected, exact) if is_main else _label_body(layout, why, term, k, look))
    gives = ("=" if layout.multiplies else "⇒" if not look.glyphs.ascii else ">") if is_main else " "
    gap = " " * layout.gap
    line.append(f"{gap}{gives}{gap}" if layout.factors else "   ", palette.style("dim"))
    secret = hidden and (len(why.terms) == 1 or why.combine == "apply")
    value = "?".rjust(layout.value.width) if secret else layout.value.write(term.value, exact=exact)
    role = role_of(term.factors[0].name) if len(term.factors) == 1 and not is_main and term.factors[0].origin.kind != "literal" else "text"
    line.append(f"{value:>{layout.value_width}}", palette.style(role, bold=selected))
    if layout.running_column is not None:
        line.append(f"{gap}{look.glyphs.arrow if not look.glyphs.ascii else '>'}{gap}", palette.style("dim"))
        last = hidden and k == len(layout.running) - 1
        number = "?" if last else layout.running_column.write(layout.running[k], exact=exact)
        line.append(f"{number:>{layout.running_width}}", palette.style("text"))
    if layout.bar is not None:
        line.append("   ")
        line.append_text(layout.bar.draw(term.value, look))
    mark = "" if hidden and why.combine in ("max", "min") else _mark_words(why, term)
    if mark:
        line.append(f"  {mark}", palette.style("accent" if mark in WINNERS.values() else "dim"))
    return line


def _main_body(layout: TermLayout, term: Term, look: Look, selected: bool, exact: bool) -> Text:
    palette = look.palette
    line = Text(no_wrap=True, end="")
    words = " ".join(f"{term.factors[which].index[place]:>{width}}" for _, which, place, width in layout.letters)
    line.append(words + (" " * (layout.gap + 1) if layout.letters else ""), palette.style("text" if selected else "dim", bold=selected))
    for place, (column, factor) in enumerate(zip(layout.factors, term.factors, strict=True)):
        sign = look.glyphs.times if layout.multiplies else ","
        line.append(f"{' ' * layout.gap}{sign}{' ' * layout.gap}" if place else "", palette.style("dim"))
        number = column.column.write(factor.number, exact=exact)
        where = f"{_place_words(factor):<{column.places}} " if column.places else ""
        line.append(" " * (column.width - len(where) - len(number)))
        line.append(where, palette.style("dim"))
        line.append(number, palette.style(column.role, bold=selected))
    return line


def _label_body(layout: TermLayout, why: Explanation, term: Term, k: int, look: Look) -> Text:
    """A term's label, `+` before it where it is added to rows of another form."""
    sign = {"sum": "+ ", "product": f"{look.glyphs.times} "}.get(why.combine, "") if layout.factors or k else ""
    if not layout.factors and why.combine in ("sum", "product"):
        sign = sign or "  "
    words = color_names(sign + spell_signs(label_of(term), look), layout.names, look)
    words.truncate(layout.body_width, overflow="ellipsis" if not look.glyphs.ascii else "crop", pad=True)
    return words


def label_of(term: Term) -> str:
    """The term's label, cleaned; `"bias[0]"` for the label "bias" of the factor bias[0]."""
    if len(term.factors) == 1 and term.label in ("", term.factors[0].name):
        return factor_name(term.factors[0])
    return clean(term.label) or " · ".join(map(factor_name, term.factors))
