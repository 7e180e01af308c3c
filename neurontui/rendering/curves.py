"""A curve with the point on it: an activation and the number that went in."""

from __future__ import annotations

from itertools import groupby, pairwise
from operator import itemgetter

from rich.style import Style
from rich.text import Text

from neurontui.explanation import Picture
from neurontui.rendering.canvas import Canvas
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of
from neurontui.text import short_number

Cell = tuple[str, Style]  # a sign and how it is drawn


def curve_lines(picture: Picture, width: int, height: int, look: Look) -> list[Text]:
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
    cells = [[(sign, look.palette.style("accent")) for sign in row] for row in canvas.rows(look.glyphs.curve)]
    inside = low_x <= 0 <= high_x, low_y <= 0 <= high_y
    _draw_axes(cells, canvas.cell_of(*place(0 if inside[0] else low_x, 0 if inside[1] else low_y)), inside, look)
    marked = point or _edge_point(picture.point, (low_x, high_x), (low_y, high_y))
    if marked is not None:
        column, row = canvas.cell_of(*place(*marked))
        cells[row][column] = look.glyphs.point, look.palette.style("warn", bold=True)
    rows = [_line_of_cells(row) for row in cells]
    return [*rows, _ends(low_x, high_x, picture.point, width, look)]


def _edge_point(point: tuple[float, float] | None, across: tuple[float, float], up: tuple[float, float]) -> tuple[float, float] | None:
    """Where a point without a finite place is marked: at the edge that it lies beyond; NaN at the bottom. None for one at NaN."""
    if point is None or point[0] != point[0]:
        return None
    y = up[0] if point[1] != point[1] else point[1]
    return min(max(point[0], across[0]), across[1]), min(max(y, up[0]), up[1])


def _is_finite(point: tuple[float, float]) -> bool:
    return all(abs(number) < float("inf") for number in point)


def _ends(low: float, high: float, point: tuple[float, float] | None, width: int, look: Look) -> Text:
    """`-4          x = -0.9256, y = 0          4`: the point in words, as its sign below the axis would be read as a second point."""
    ends = short_number(low), short_number(high)
    legend = f"x = {short_number(point[0])}, y = {short_number(point[1])}" if point else ""
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


def _draw_axes(cells: list[list[Cell]], origin: tuple[int, int], inside: tuple[bool, bool], look: Look) -> None:
    """The axes through zero, where there is no dot already."""
    column, row = origin
    style = look.palette.style("dim")
    for line in cells if inside[0] else ():
        if line[column][0] == " ":
            line[column] = look.glyphs.axis, style
    if inside[1]:
        cells[row] = [(look.glyphs.rule, style) if cell[0] == " " else cell for cell in cells[row]]


def _line_of_cells(cells: list[Cell]) -> Text:
    """Signs of one style together: a line of many parts is drawn slowly."""
    runs = groupby(cells, key=itemgetter(1))
    return line_of(*(("".join(sign for sign, _ in run), style) for style, run in runs))
