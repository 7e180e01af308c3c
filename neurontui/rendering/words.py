"""An explanation in words, for a screen reader: one fact a line, no drawing characters."""

from __future__ import annotations

from math import prod

from neurontui.explanation import Explanation, Number, Picture, Term
from neurontui.records import Trace
from neurontui.rendering.forms import factor_name, is_product
from neurontui.rendering.glyphs import ZERO_WORDS
from neurontui.rendering.grids import place_of
from neurontui.rendering.terms import running_numbers, term_values
from neurontui.rendering.verdicts import is_put, origin_words, output_name, shown_pair, spell, title_of, verdict_words
from neurontui.text import clean, exact_number, format_number, short_number

_WAYS = {
    "index": "This number was only moved, by its index",
    "element": "Explained by running that element again",
    "gradient": "Explained by gradient",
}
SPOKEN = {"✓": "kept", "✗": "dropped", "0✗": "0 dropped", "0·": "0 by the activation"}  # signs in a table's cells
STAGE_TERMS = 4  # of a stage, which can be opened
_COMBINED = {"sum": "the sum so far is", "product": "the product so far is"}


def plain_explanation(why: Explanation, *, trace: Trace | None = None, terms: int = 64, exact: bool = False) -> list[str]:
    """The explanation for a screen reader: title, formula, stages, a line a term with what it adds up to, verdict, origins, notes.

    Terms and stages are numbered from 0, as `follow` and `stage` take them.
    """
    lines = [title_of(why, exact=exact), f"Formula: {clean(why.formula)}"]
    lines += [f"Index {clean(letter)} is {number}" for letter, number in why.indices.items()]
    lines += [f"Stage {place}, {clean(stage.title)}: {_stage_words(stage, exact)}" for place, stage in enumerate(why.stages)]
    running = running_numbers(why, term_values(why.terms))
    for place in range(min(len(why.terms), terms)):
        sofar = f", {_COMBINED[why.combine]} {spell(running[place], exact)}" if running else ""
        lines.append(f"Term {place}: {term_words(why, why.terms[place], exact=exact)}{sofar}")
    if len(why.terms) > terms:
        more = len(why.terms) - terms
        lines.append(f"{more} more term{'s' * (more != 1)}")
    lines += _verdict_lines(why, exact)
    lines += [f"{factor} comes from {origin}" for factor, origin in _origins(why, trace)]
    for table in why.tables:
        lines += [f"{clean(table.title)}, {clean(name)}: {', '.join(_cell(cell) for cell in row)}" for name, row in table.rows]
    lines += [line for picture in why.pictures for line in picture_words(picture)]
    return lines + [clean(note) for note in why.notes]


def picture_words(picture: Picture) -> list[str]:
    """What a picture shows: which part of a tensor is read, the highest bar, from where to where a curve goes; and its caption."""
    said = [clean(picture.caption)] if picture.caption else []
    if picture.kind == "bar" and picture.curve and not picture.labels:
        highest = max(picture.curve, key=lambda bar: (bar[1] == bar[1], bar[1]))
        return [*said, f"The highest of {len(picture.curve)} bars is that of {short_number(highest[0])}, {format_number(highest[1])}"]
    if picture.kind == "curve" and picture.curve:
        (x, y), (last, top) = picture.curve[0], picture.curve[-1]
        ends = f"The curve is drawn from {short_number(x)}, where it is {short_number(y)}, to {short_number(last)}, where it is"
        return [*said, f"{ends} {short_number(top)}"]
    if picture.shape and len(picture.cells) > 1:
        said.append(f"It reads {place_of(picture, slices=True)}: {len(picture.cells)} of {prod(picture.shape)} elements")
    outside = len(picture.outside)
    return said + ([f"{outside} place{'s' * (outside != 1)} beside it {'are' if outside != 1 else 'is'} padding"] if outside else [])


def _stage_words(stage: Explanation, exact: bool) -> str:
    """A stage's formula, what it gives (a number, or a row of them), and from which numbers: the first ones."""
    terms = [stage.terms[place] for place in range(min(len(stage.terms), STAGE_TERMS))]
    if stage.computed is None:
        gives = f"{len(stage.terms)} number{'s' * (len(stage.terms) != 1)}: {', '.join(spell(term.value, exact) for term in terms)}"
        return f"{clean(stage.formula)} gives {gives}{', …' if len(stage.terms) > len(terms) else ''}"
    factors = [factor for term in terms for factor in term.operands]
    named = [f"{factor_name(factor)} {spell(factor.number, exact)}" for factor in factors[:STAGE_TERMS]]
    if len(stage.terms) > len(terms) or len(factors) > len(named):
        named.append("…")
    return f"{clean(stage.formula)} gives {spell(stage.computed, exact)}{', from ' * bool(factors)}{', '.join(named) if factors else ''}"


def _cell(cell: Number | str | None) -> str:
    if cell is None:
        return "nothing"
    return SPOKEN.get(cell, clean(cell)) if isinstance(cell, str) else format_number(cell)


def _verdict_lines(why: Explanation, exact: bool) -> list[str]:
    computed, actual = shown_pair(why, exact)
    _, words, close = verdict_words(why, exact)
    lines = [f"Recomputed {output_name(why)}: {computed}"] if why.computed is not None and not why.edited else []
    if why.actual is not None and not why.edited:
        lines.append(f"The kernel gave: {actual}")
    lines.append(f"{words[0].upper()}{words[1:]}{f', {close}' if close else ''}".replace("Δ", "difference"))
    if why.method != "formula":
        lines.append("This number was put here by the code" if is_put(why) else _WAYS[why.method])
    if why.zero:
        lines.append(f"It is zero: {ZERO_WORDS.get(why.zero, clean(why.zero))}")
    return lines


def _origins(why: Explanation, trace: Trace | None, most: int = 8) -> list[tuple[str, str]]:
    """(factor, where from) of the first terms, each once."""
    found: dict[str, str] = {}
    for place in range(min(len(why.terms), most)):
        for factor in why.terms[place].factors:
            if factor.origin.kind != "literal":
                found.setdefault(factor_name(factor), origin_words(factor.origin, trace))
    return list(found.items())[:most]


def term_words(why: Explanation, term: Term, *, exact: bool = False) -> str:
    """One term as words: `"input[0] 1.0000 times weight[0, 0] 0.3643 is 0.3643"`."""

    def number(value: Number) -> str:
        return exact_number(value) if exact else format_number(value)

    mark = f", {clean(term.mark)}" if term.mark else ""
    named = [f"{factor_name(factor)} {number(factor.number)}" for factor in term.operands]
    choosing = [f"{factor_name(factor)} {number(factor.number)}" for factor in term.factors if factor.chooses]
    mark += f", chosen by {' and '.join(choosing)}" if choosing else ""
    if len(named) > 1 and is_product(term):
        return f"{' times '.join(named)} is {number(term.value)}{mark}"
    if len(named) == 1 and (term.operands[0].number == term.value or number(term.operands[0].number) == number(term.value)):
        return f"{named[0]}{mark}"
    return f"{clean(term.label)} is {number(term.value)}" + (f", from {' and '.join(named)}" if named else "") + mark
