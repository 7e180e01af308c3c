"""Pictures beside an explanation: a curve with its point, bars; and tables, rows of numbers under one another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.text import Text

from neurontui.explanation import Explanation, Number, Picture, Table
from neurontui.rendering.canvas import Canvas
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, wrap_line
from neurontui.text import Column, clean, fit_numbers, short_number

DEFAULT = Look()
Cell = Number | str | None


def table_lines(table: Table, width: int, look: Look = DEFAULT) -> list[Text]:
    """Rows under one another, each column aligned on the point; the highlighted column bold, its head (or first row) between `▸ ◂`.

    Where not all columns fit, those around the highlighted one are shown, and which they are is said.
    """
    palette = look.palette
    rows = [(spell_signs(clean(name), look), [_written(cell, look) for cell in cells]) for name, cells in table.rows]
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
    return lines


def _written(cell: Cell, look: Look) -> Number | str:
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


def picture_lines(picture: Picture, width: int, height: int = 7, look: Look = DEFAULT) -> list[Text]:
    """A curve with the point on it, or bars; other kinds mark cells of a tensor, so here is their caption alone."""
    caption = [*wrap_line(Text(spell_signs(clean(picture.caption), look), look.palette.style("dim")), width)] if picture.caption else []
    if picture.kind == "bar" and picture.curve:
        return [*_bars(picture, min(width, 60), look), *caption]
    if picture.curve:
        return [*_curve(picture, min(width, 48), height, look), *caption]
    return caption


def _curve(picture: Picture, width: int, height: int, look: Look) -> list[Text]:
    """The curve in dots, the axes where they are in sight, the point as a sign of its own; below, the ends and the point's numbers."""
    curve = list(filter(_is_finite, picture.curve))
    point = picture.point if picture.point is not None and _is_finite(picture.point) else None
    points = [*curve, *([point] if point else [])]
    if not points:
        return []
    low_x, high_x = min(x for x, _ in points), max(x for x, _ in points)
    low_y, high_y = min(y for _, y in points), max(y for _, y in points)
    canvas = Canvas(width, height, look.glyphs.ascii)
    across, down = canvas.size

    def place(x: float, y: float) -> tuple[int, int]:
        right = (x - low_x) / (high_x - low_x) if high_x > low_x else 0.5
        up = (y - low_y) / (high_y - low_y) if high_y > low_y else 0.5
        return round(right * (across - 1)), round((1 - up) * (down - 1))

    for before, after in pairwise(curve):
        _draw_line(canvas, place(*before), place(*after))
    rows = [Text(row, look.palette.style("accent"), no_wrap=True, end="") for row in canvas.rows(look.glyphs.curve)]
    inside = low_x <= 0 <= high_x, low_y <= 0 <= high_y
    _draw_axes(rows, canvas, place(0 if inside[0] else low_x, 0 if inside[1] else low_y), inside, look)
    marked = point or _edge_point(picture.point, (low_x, high_x), (low_y, high_y))
    if marked is not None:
        _put(rows, *canvas.cell_of(*place(*marked)), look.glyphs.point, look.palette.style("warn", bold=True))
    return [*rows, _curve_ends(low_x, high_x, picture.point, width, look)]


def _edge_point(
    point: tuple[float, float] | None, across: tuple[float, float], up: tuple[float, float]
) -> tuple[float, float] | None:
    """Where a point without a finite place is marked: at the edge that it lies beyond; NaN at the bottom. None for one at NaN."""
    if point is None or point[0] != point[0]:
        return None
    y = up[0] if point[1] != point[1] else point[1]
    return min(max(point[0], across[0]), across[1]), min(max(y, up[0]), up[1])


def _is_finite(point: tuple[float, float]) -> bool:
    return all(abs(number) < float("inf") for number in point)


def _curve_ends(low: float, high: float, point: tuple[float, float] | None, width: int, look: Look) -> Text:
    """`-4          ● (-0.9256, 0)          4`."""
    ends = short_number(low), short_number(high)
    legend = f"{look.glyphs.point} ({short_number(point[0])}, {short_number(point[1])})" if point else ""
    room = width - len(ends[0]) - len(ends[1])
    line = Text(ends[0], look.palette.style("dim"), no_wrap=True, end="")
    line.append(f"{legend if len(legend) + 2 <= room else '':^{max(room, 1)}}", look.palette.style("warn", bold=True))
    line.append(ends[1], look.palette.style("dim"))
    return line


def _draw_line(canvas: Canvas, start: tuple[int, int], stop: tuple[int, int]) -> None:
    """Dots from one point to the next."""
    steps = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]), 1)
    for step in range(steps + 1):
        canvas.dot(round(start[0] + (stop[0] - start[0]) * step / steps), round(start[1] + (stop[1] - start[1]) * step / steps))


def _draw_axes(rows: list[Text], canvas: Canvas, origin: tuple[int, int], inside: tuple[bool, bool], look: Look) -> None:
    """The axes through zero, where there is no dot already."""
    column, row = canvas.cell_of(*origin)
    style = look.palette.style("dim")
    for y, line in enumerate(rows):
        if inside[0] and line.plain[column] == " ":
            _put(rows, column, y, look.glyphs.axis, style)
    if inside[1]:
        for x, sign in enumerate(rows[row].plain):
            if sign == " ":
                _put(rows, x, row, look.glyphs.rule, style)


def _put(rows: list[Text], column: int, row: int, sign: str, style: object) -> None:
    line = rows[row]
    rows[row] = line_of(line[:column], (sign, style), line[column + 1 :])


def _bars(picture: Picture, width: int, look: Look, most: int = 16) -> list[Text]:
    """A bar for each (place, share): an attention row, probabilities. The one at the point is marked."""
    palette = look.palette
    largest = max((abs(y) for _, y in picture.curve), default=0) or 1.0
    column = fit_numbers([y for _, y in picture.curve[:most]])
    labels = max((len(short_number(x)) for x, _ in picture.curve[:most]), default=0)
    room = max(width - labels - column.width - 6, 4)
    lines = []
    for x, y in picture.curve[:most]:
        here = picture.point is not None and x == picture.point[0]
        eighths = round(min(abs(y) / largest, 1.0) * room * 8) if y == y else 0
        cells = look.glyphs.eighths[-1] * (eighths // 8) + (look.glyphs.eighths[eighths % 8] if eighths % 8 else "")
        sign = look.glyphs.selected if here else " "
        lines.append(
            line_of(
                (f"{sign} {short_number(x):>{labels}} ", palette.style("accent" if here else "dim", bold=here)),
                (f"{column.write(y)}  ", palette.style("text", bold=here)),
                (cells, palette.style("positive" if y >= 0 else "negative")),
            )
        )
    if len(picture.curve) > most:
        lines.append(Text(f"  … {len(picture.curve) - most:,} more", palette.style("dim"), no_wrap=True, end=""))
    return lines


def pictures_of(why: Explanation, argument: str) -> tuple[Picture, ...]:
    """The pictures that mark cells of this argument's tensor."""
    return tuple(picture for picture in why.pictures if picture.argument == argument)
