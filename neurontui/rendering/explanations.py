"""An explanation, line by line: formula, stages, terms with the running sum and bars, verdict, origin, tables, notes.

`lay_sheet` gives a `Sheet`: any line of it costs the same, however many terms there are, so a virtualised widget
shows a neuron of 65,536 inputs as easily as one of two.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from neurontui.explanation import Explanation, Factor
from neurontui.records import Trace
from neurontui.rendering.forms import factor_name
from neurontui.rendering.formulas import color_names, factor_role, formula_line, names_in, sample_places, spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import join_lines, line_of, overflow_of, wrap_line
from neurontui.rendering.pictures import ROWS, pictures_lines
from neurontui.rendering.tables import table_lines
from neurontui.rendering.terms import Cover, TermLayout, draw_term, lay_terms, term_heads
from neurontui.rendering.verdicts import (
    origin_text,
    origin_words,
    place_words,
    spell,
    title_of,
    value_of,
    verdict_line,
    verdict_sign,
    zero_words,
)
from neurontui.rendering.words import plain_explanation
from neurontui.text import clean, fit_numbers

__all__ = ["Sheet", "explanation_text", "lay_sheet", "plain_explanation", "title_of", "verdict_sign"]

DEFAULT = Look()
FEW = 12  # up to so many terms the verdict stands below them, where a sum is written; else above, where it is in sight
GLIMPSE = 6  # of more terms than that, so many are in sight below a picture


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """An explanation laid out for one width. Lines are `top`, one a term, then `bottom`; one of them is the selected term's origin."""

    why: Explanation
    look: Look
    layout: TermLayout
    top: tuple[Text, ...]
    bottom: tuple[Text, ...]
    origin_lines: range  # where the origin of the selected term stands, a line a factor where one line is too short
    trace: Trace | None = None
    exact: bool = False
    cover: Cover | None = None

    @property
    def height(self) -> int:
        """The number of lines."""
        return len(self.top) + len(self.why.terms) + len(self.bottom)

    def line(self, y: int, selected: int | None = None) -> Text:
        """Line `y` (from 0); `selected` is the term that the cursor is on."""
        if y in self.origin_lines:
            return self.origin(selected, y - self.origin_lines.start)
        term = self.term_at(y)
        if term is not None:
            return draw_term(self.layout, self.why, term, self.look, selected=term == selected, exact=self.exact, cover=self.cover)
        return (self.top[y] if y < len(self.top) else self.bottom[y - len(self.top) - len(self.why.terms)]).copy()

    def origin(self, selected: int | None, part: int = 0) -> Text:
        """Where the factors of the selected term came from: all in one line, or factor `part` of them."""
        if selected is None or not 0 <= selected < len(self.why.terms):
            return Text(end="")
        origins = _origins(self.why, selected, self.trace, self.look)
        if len(self.origin_lines) > 1:
            origins = origins[part : part + 1]
        return Text("   ", no_wrap=True, end="").join(origins)

    def term_at(self, y: int) -> int | None:
        """The term that line `y` shows, or None."""
        term = y - len(self.top)
        return term if 0 <= term < len(self.why.terms) else None

    def line_of(self, term: int) -> int:
        """The line that shows this term."""
        return len(self.top) + term


def lay_sheet(
    why: Explanation,
    width: int,
    look: Look = DEFAULT,
    *,
    trace: Trace | None = None,
    exact: bool = False,
    cover: Cover | None = None,
    title: bool = False,
    rows: int = ROWS,
    height: int | None = None,
) -> Sheet:
    """Lay an explanation out. `title` puts its title in the first line (a pane has it in its border); a picture has about `rows` lines.

    A picture that would push the sum out of a pane of `height` lines stands below it. With a `cover` it is the computation with what is
    to be predicted blanked, and nothing that says it elsewhere.
    """
    if cover is not None:
        return _lay_covered(why, width, look, trace, exact, cover)
    layout = lay_terms(why, width, look, exact=exact)
    verdict = _verdict_part(why, width, look, exact)
    opening = _opening_part(why, width, look, exact, title, layout)
    pictures, stages = pictures_lines(why, width, rows, look), stage_lines(why, width, look, exact=exact)
    heads = [term_heads(layout, why, look)] if layout.factors or layout.running_column is not None else []
    tail = _tail_part(why, width, look)
    origins = [Text(end="")] * _origin_lines(why, width, trace, look)
    head, is_few = _spaced(opening, pictures, stages), len(why.terms) <= FEW
    needed = len(why.terms) + 2 if is_few else len(verdict) + len(origins) + 1 + GLIMPSE  # 2: an empty line and the verdict
    if height is not None and len(head) + len(heads) + needed > height:
        head, tail = _spaced(opening, stages), [*tail, *([Text(end=""), *pictures] if pictures else [])]
    if is_few:
        top = [*head, *heads]
        bottom = [Text(end=""), *verdict, *origins, *tail]
        start = len(top) + len(why.terms) + 1 + len(verdict)
    else:
        top = [*head, *verdict, *origins, Text(end=""), *heads]
        bottom = [Text(end=""), *tail] if tail else []
        start = len(head) + len(verdict)
    return Sheet(why, look, layout, tuple(top), tuple(bottom), range(start, start + len(origins)), trace, exact)


def _lay_covered(why: Explanation, width: int, look: Look, trace: Trace | None, exact: bool, cover: Cover) -> Sheet:
    layout = lay_terms(why, width, look, exact=exact)
    heads = [term_heads(layout, why, look)] if layout.factors or layout.running_column is not None else []
    top = (*formula_line(why, width, look, layout.ranges), Text(end=""), *heads)
    return Sheet(why, look, layout, top, (), range(0), trace, exact, cover)


def _origins(why: Explanation, term: int, trace: Trace | None, look: Look) -> list[Text]:
    return [origin_text(factor, trace, look) for factor in why.terms[term].factors]


def _origin_lines(why: Explanation, width: int, trace: Trace | None, look: Look, most: int = 3) -> int:
    """How many lines the origins of one term take: one, where the widest of a few terms fits into it."""
    sample = [_origins(why, place, trace, look) for place in sample_places(len(why.terms), 8)]
    fits = all(sum(text.cell_len for text in texts) + 3 * (len(texts) - 1) <= width for texts in sample)
    return 1 if fits and sample else min(max((len(texts) for texts in sample), default=0), most)


def _opening_part(why: Explanation, width: int, look: Look, exact: bool, title: bool, layout: TermLayout) -> list[Text]:
    """Title and formula."""
    lines = [Text(title_of(why, exact=exact), look.palette.style("text", bold=True), no_wrap=True, end="")] if title else []
    return [*lines, *formula_line(why, width, look, layout.ranges)]


def _spaced(*parts: list[Text]) -> list[Text]:
    """All lines of the parts, with an empty line after each part that has any."""
    return [line for part in parts if part for line in (*part, Text(end=""))]


def _verdict_part(why: Explanation, width: int, look: Look, exact: bool) -> list[Text]:
    lines = verdict_line(why, width, look, exact=exact)
    zero = zero_words(why, look)
    if zero:
        head = (f"{look.words('why zero:')} ", look.palette.style("dim"))
        lines += wrap_line(line_of(head, (zero, look.palette.style("accent"))), width, 2)
    return lines


def stage_lines(why: Explanation, width: int, look: Look = DEFAULT, *, exact: bool = False) -> list[Text]:
    """A line a stage: its number (from 0, as it is typed), title, formula, and value set right."""
    if not why.stages:
        return []
    palette, overflow = look.palette, overflow_of(look)
    values = [value_of(stage) for stage in why.stages]
    column = fit_numbers([value for value in values if value is not None], exact=exact)
    titles = min(max(len(clean(stage.title)) for stage in why.stages), max(width // 3, 8))
    digits = len(str(len(why.stages) - 1))
    lines = []
    for place, (stage, value) in enumerate(zip(why.stages, values, strict=True)):
        title = Text(clean(stage.title), palette.style("text", bold=True), no_wrap=True, end="")
        title.truncate(titles, overflow=overflow, pad=True)
        line = line_of((f" {place:>{digits}} ", palette.style("accent")), title, "  ")
        formula = color_names(spell_signs(clean(stage.formula), look), names_in(stage), look)
        room = max(width - line.cell_len - column.width - 4, 0)
        formula.truncate(room, overflow=overflow if room > 3 else "crop", pad=True)
        line.append_text(formula)
        line.append(f"  {column.write(value, exact=exact) if value is not None else ' ' * column.width}", palette.style("text", bold=True))
        if stage.agrees is False:
            line.append(f" {look.glyphs.wrong}", palette.style("wrong", bold=True))
        lines.append(line)
    return lines


def _tail_part(why: Explanation, width: int, look: Look) -> list[Text]:
    """Tables and notes."""
    lines: list[Text] = []
    for table in why.tables:
        lines += [Text(end=""), *table_lines(table, width, look)]
    if why.notes:
        lines.append(Text(end=""))
    for note in why.notes:
        lines += wrap_line(Text(spell_signs(look.words(clean(note)), look), look.palette.style("dim")), width, 2)
    return lines


def explanation_text(
    why: Explanation, width: int = 80, *, trace: Trace | None = None, terms: int = 64, look: Look = DEFAULT, exact: bool = False
) -> Text:
    """The whole explanation as one Text of lines: the first `terms` terms, where each of their factors came from, the stages."""
    sheet = lay_sheet(why, width, look, trace=trace, exact=exact, title=True)
    lines = [line for y in range(len(sheet.top) + min(len(why.terms), terms)) if y not in sheet.origin_lines for line in [sheet.line(y)]]
    left = len(why.terms) - terms
    if left > 0:
        lines.append(_left_out(left, look))
    lines += [sheet.line(y) for y in range(len(sheet.top) + len(why.terms), sheet.origin_lines.start)]
    lines.append(Text(end=""))
    lines += [line for text in origins_text(why, trace, look, min(terms, len(why.terms))) for line in wrap_line(text, width, 4)]
    after = max(sheet.origin_lines.stop, len(sheet.top) + len(why.terms))
    lines += [sheet.line(y) for y in range(after, sheet.height)]
    for stage in why.stages:
        lines += [Text(end=""), *stage_text(stage, width, terms, look, exact)]
    return join_lines(_squeeze(lines))


def _left_out(count: int, look: Look) -> Text:
    return Text(f"   {look.glyphs.ellipsis} {count:,} more term{'s' if count > 1 else ''}", look.palette.style("dim"), end="")


def stage_text(stage: Explanation, width: int, terms: int, look: Look, exact: bool) -> list[Text]:
    """A stage below its explanation: its title and value, formula and first terms; what is like the whole's is not said again."""
    sheet = lay_sheet(stage, width, look, exact=exact)
    title = line_of(
        (clean(stage.title), look.palette.style("text", bold=True)),
        (f" = {spell(value_of(stage), exact)}" if value_of(stage) is not None else "", look.palette.style("text", bold=True)),
    )
    start = 0 if len(stage.terms) <= FEW else sheet.origin_lines.stop
    head = [] if start == 0 else formula_line(stage, width, look)
    lines = [title, *head, *(sheet.line(y) for y in range(start, len(sheet.top) + min(len(stage.terms), terms)))]
    left = len(stage.terms) - terms
    return [*lines, _left_out(left, look)] if left > 0 else lines


def origins_text(why: Explanation, trace: Trace | None, look: Look, terms: int) -> list[Text]:
    """Where the factors of the first `terms` terms came from: a line for all that came from one place.

    `input[0] … input[7] ← the model's input x[0] … x[7]`
    """
    groups: dict[tuple[object, ...], list[Factor]] = {}
    for place in range(terms):
        for factor in why.terms[place].factors:
            if factor.origin.kind != "literal":
                origin = factor.origin
                groups.setdefault((factor.name, origin.kind, origin.step, origin.output, origin.name, origin.stage), []).append(factor)
    lines = []
    for factors in groups.values():
        first, last = factors[0], factors[-1]
        line = origin_text(first, trace, look)
        if first.index != last.index or first.origin.index != last.origin.index:
            names = [Text(factor_name(factor), look.palette.style(factor_role(factor) or "text")) for factor in (first, last)]
            until = f" {look.glyphs.ellipsis} "
            line = line_of(
                names[0], until, names[1], (f" {look.glyphs.came_from} ", look.palette.style("dim")), origin_words(first.origin, trace)
            )
            if last.origin.index != first.origin.index:
                line.append(f"{until}{place_words(last.origin, trace)}")
        lines.append(line)
    return lines


def _squeeze(lines: list[Text]) -> list[Text]:
    """Without empty lines at the ends, or two in a row."""
    kept: list[Text] = []
    for line in lines:
        line.rstrip()
        if line.plain or (kept and kept[-1].plain):
            kept.append(line)
    while kept and not kept[-1].plain:
        kept.pop()
    return kept
