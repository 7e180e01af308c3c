"""Tables: rows of numbers under one another, as input, mask, ×1/(1−p), output of a dropout."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.explanation import Number, Table
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import ZERO_WORDS, Look
from neurontui.rendering.lines import line_of, wrap_line
from neurontui.text import Column, clean, fit_numbers

DEFAULT = Look()
Cell = Number | str | None


def table_lines(table: Table, width: int, look: Look = DEFAULT) -> list[Text]:
    """Rows under one another, each column aligned on the point; the highlighted column bold, its head (or first row) between `▸ ◂`.

    Where not all columns fit, those around the highlighted one are shown, and which they are is said.
    """
    palette = look.palette
    rows = [
        (spell_signs(clean(name), look), [_written(cell, look, table.zeros.get((row, place), "")) for place, cell in enumerate(cells)])
        for row, (name, cells) in enumerate(table.rows)
    ]
    labels = max((len(name) for name, _ in rows), default=0)
    fitted = _fit_columns(rows, table)
    shown = _choose_columns([column_width for _, column_width in fitted], table.highlight or 0, width - labels - 1)
    lines = wrap_line(Text(spell_signs(clean(table.title), look), palette.style("text", bold=True)), width) if table.title else []
    if table.columns:
        rows = [("", [clean(head) for head in table.columns]), *rows]
    for number, (name, cells) in enumerate(rows):
        line = line_of((f"{name:<{labels}} ", palette.style("dim")))
        for place in shown:
            column, column_width = fitted[place]
            cell = cells[place] if place < len(cells) else ""
            words = cell if isinstance(cell, str) and number == 0 and table.columns else column.write(cell)
            here = place == table.highlight
            first = here and number == 0
            line.append(look.glyphs.selected if first else " ", palette.style("accent"))
            style = palette.style("accent" if first and table.columns else "dim" if number == 0 and table.columns else "text", bold=here)
            line.append(f"{words:>{column_width}}", style)
            line.append(look.glyphs.pointer if first else " ", palette.style("accent"))
        lines.append(line)
    if len(shown) < len(fitted):
        lines.append(Text(f"columns {shown[0]} to {shown[-1]} of {len(fitted)}", palette.style("dim"), no_wrap=True, end=""))
    reasons = dict.fromkeys(reason for (_, place), reason in sorted(table.zeros.items()) if place in shown)
    words = "   ".join(f"{look.zero_glyph(reason)} {look.words(ZERO_WORDS[reason])}" for reason in reasons if look.zero_glyph(reason))
    return [*lines, *(wrap_line(Text(words, palette.style("dim")), width) if words else ())]


def _written(cell: Cell, look: Look, zero: str) -> Number | str:
    """A cell as it is shown; of a zero whose reason is known, the sign."""
    if cell == 0 and look.zero_glyph(zero):
        return look.zero_glyph(zero)
    return spell_signs("–" if cell is None else clean(cell), look) if cell is None or isinstance(cell, str) else cell


def _fit_columns(rows: Sequence[tuple[str, list[Number | str]]], table: Table) -> list[tuple[Column, int]]:
    """How the numbers of each column are written, and how wide it is with its head."""
    fitted = []
    for place in range(max((len(cells) for _, cells in rows), default=0)):
        column = fit_numbers([cells[place] for _, cells in rows if place < len(cells)], whole=True)
        head = len(clean(table.columns[place])) if place < len(table.columns) else 0
        fitted.append((column, max(column.width, head)))
    return fitted


def _choose_columns(widths: Sequence[int], around: int, room: int) -> range:
    """The columns that fit into `room`, grown to both sides of one."""
    if not widths:
        return range(0)
    first = last = min(around, len(widths) - 1)
    used = widths[first] + 2
    while True:
        if last + 1 < len(widths) and used + widths[last + 1] + 2 <= room:
            last += 1
            used += widths[last] + 2
        elif first > 0 and used + widths[first - 1] + 2 <= room:
            first -= 1
            used += widths[first] + 2
        else:
            return range(first, last + 1)
