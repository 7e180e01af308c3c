"""Tensors drawn small: which cells an output element reads, which fall on padding, and where the element itself lies.

input[0, 0…2, :, :]     weight[1, 0…2, :, :]   →   output[0, 1, :, :]
▫ ▫ ▫                   ■ ■ ■                      ● · · · ·
▫ ■ ■ · · · · · · ·     ■ ■ ■                      · · · · ·
▫ ■ ■ · · · · · · ·     ■ ■ ■                      · · · · ·
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rich.style import Style
from rich.text import Text

from neurontui.explanation import Picture
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of
from neurontui.rendering.palette import role_of
from neurontui.text import clean, format_index

GAP = 3  # cells between two grids
WIDEST = 100  # columns that are drawn at most; a longer dimension is cut
NARROWEST = 8  # columns of cells below which a grid goes into a line of its own
BESIDE = 2  # rows that are drawn beside those of a picture of rows: all others are like them


@dataclass(frozen=True, slots=True)
class Plane:
    """What is drawn of one tensor: a range of places for each of its two axes, which may begin before 0 and end behind it (padding)."""

    picture: Picture
    axes: tuple[int | None, int]  # None: there is one row only
    rows: range
    columns: range  # all of them; `_fit_columns` says which are drawn
    marks: tuple[int, int]  # the first and the last marked column
    corner: tuple[int, ...]  # the index of the first marked cell: where the plane lies in the other dimensions

    @property
    def width(self) -> int:
        """The cells of the screen that the columns take, and the dots on both sides where there are too many."""
        return 2 * len(self.columns) - 1 if len(self.columns) <= WIDEST else 2 * WIDEST + 3


def grid_lines(pictures: Sequence[Picture], width: int, rows: int, look: Look) -> list[Text]:
    """The tensors side by side, an arrow before the output; in several lines of grids where one is too narrow."""
    planes = [_choose_plane(picture, rows) for picture in pictures]
    lines: list[Text] = []
    for group in _wrap(planes, width, look):
        blocks = [_draw(plane, room, look) for plane, room in zip(group, _share(group, width, look), strict=True)]
        lines += _side_by_side(group, blocks, look)
    return lines


def _choose_plane(picture: Picture, rows: int) -> Plane:
    """The two dimensions that are drawn: those that the picture names, else the last two; of a long first one, the rows round the marks."""
    dims = len(picture.shape)
    axes: tuple[int | None, int] = (None, 0) if dims == 1 else (dims - 2, dims - 1)
    if len(picture.axes) == 2:
        axes = (picture.axes[0], picture.axes[1])
    down, across = axes
    spans = [_span(picture, axis) for axis in range(dims)]
    if picture.kind == "row" and down is not None:
        rows = min(rows, spans[down][1] + 1 - spans[down][0] + BESIDE)
    lines = range(1) if down is None else _crop(_extent(picture, down), spans[down], rows)
    return Plane(picture, axes, lines, _extent(picture, across), spans[across], tuple(low for low, _ in spans))


def _extent(picture: Picture, axis: int) -> range:
    """The places of one axis, padding that is marked included."""
    low, high = _span(picture, axis)
    return range(min(0, low), max(picture.shape[axis], high + 1))


def _crop(whole: range, marks: tuple[int, int], most: int) -> range:
    """All places, or, where they are more than `most`, those round the marked ones, which lie between `marks`."""
    if len(whole) <= most:
        return whole
    low, high = marks
    start = min(max(low - max(most - (high - low + 1), 0) // 2, whole.start), whole.stop - most)
    return range(start, start + most)


def _ends(cells: Sequence[tuple[int, ...]], axis: int) -> tuple[int, int]:
    """The least and the greatest place of cells in a dimension; a box knows them without listing its cells."""
    ends: Callable[[int], tuple[int, int]] | None = getattr(cells, "ends", None)
    return ends(axis) if ends is not None else (min(cell[axis] for cell in cells), max(cell[axis] for cell in cells))


def _span(picture: Picture, axis: int) -> tuple[int, int]:
    """The least and the greatest marked place in a dimension, of cells on padding too."""
    lows, highs = zip(*(_ends(cells, axis) for cells in (picture.cells, picture.outside) if len(cells)), strict=True)
    return min(lows), max(highs)


def place_of(picture: Picture, parts: Mapping[int, str] = MappingProxyType({}), *, slices: bool = False) -> str:
    """`input[0, 0…2, :, :]`: the index of what is marked, or what `parts` says of a dimension; with `slices` as it is typed, `0:3`."""
    words = []
    for axis in range(len(picture.shape)):
        low, high = _ends(picture.cells if len(picture.cells) else picture.outside, axis)
        words.append(parts.get(axis) or (str(low) if low == high else f"{low}:{high + 1}" if slices else f"{low}…{high}"))
    return f"{clean(picture.argument)}[{', '.join(words)}]"


def _title(plane: Plane, columns: range, look: Look) -> str:
    """What the grid shows; `4:9` for the part of a dimension that is drawn."""
    parts = {}
    for axis, places in ((plane.axes[0], plane.rows), (plane.axes[1], columns)):
        if axis is not None:
            first, stop = max(places.start, 0), min(places.stop, plane.picture.shape[axis])
            parts[axis] = ":" if stop - first == plane.picture.shape[axis] else f"{first}:{stop}"
    return spell_signs(place_of(plane.picture, parts), look)


def _wants(plane: Plane, look: Look) -> int:
    return max(plane.width, len(_title(plane, plane.columns, look)))


def _wrap(planes: Sequence[Plane], width: int, look: Look) -> list[list[Plane]]:
    """The grids in lines: a new one where a grid would get too narrow to be read."""
    groups: list[list[Plane]] = [[]]
    for plane in planes:
        group = [*groups[-1], plane]
        least = sum(min(_wants(one, look), max(2 * NARROWEST, len(_title(one, one.columns, look)))) for one in group)
        least += _between(group, look)
        if groups[-1] and least > width:
            groups.append([plane])
        else:
            groups[-1] = group
    return groups


def _between(group: Sequence[Plane], look: Look) -> int:
    arrows = sum(plane.picture.argument == "output" for plane in group)
    return GAP * (len(group) - 1 + arrows) + len(look.glyphs.arrow) * arrows


def _share(group: Sequence[Plane], width: int, look: Look) -> list[int]:
    """The room of each grid: what it wants, the widest giving way."""
    left = width - _between(group, look)
    rooms = [0] * len(group)
    order = sorted(range(len(group)), key=lambda number: _wants(group[number], look))
    for done, number in enumerate(order):
        rooms[number] = min(_wants(group[number], look), max(left // (len(group) - done), 1))
        left -= rooms[number]
    return rooms


def _draw(plane: Plane, room: int, look: Look) -> list[Text]:
    """The title and a line a row, as many columns as there is room for, those round the marks; dots where there are more."""
    columns, whole = _fit_columns(plane, room), plane.columns
    dots, dim = look.glyphs.ellipsis[:1], look.palette.style("dim")
    marked = plane.picture.cells if hasattr(plane.picture.cells, "ends") else frozenset(plane.picture.cells)
    title = Text(_title(plane, columns, look), look.palette.style("dim"), no_wrap=True, end="")
    title.truncate(room, overflow=overflow_of(look))
    lines = [title]
    for row in plane.rows:
        line = Text(f"{dots} " if columns.start > whole.start else "", dim, no_wrap=True, end="")
        for column in columns:
            line.append(" " if column != columns[0] else "")
            line.append(*_sign(plane, row, column, marked, look))
        if columns.stop < whole.stop:
            line.append(f" {dots}", dim)
        lines.append(line)
    for line in lines:
        line.truncate(room, pad=True)
    return lines


def _fit_columns(plane: Plane, room: int) -> range:
    """The columns that are drawn: all, or as many as leave room for the dots on each side where there are more."""
    columns = plane.columns
    for dots in range(3):
        columns = _crop(plane.columns, plane.marks, min(max((room + 1) // 2 - dots, 1), WIDEST))
        if (columns.start > plane.columns.start) + (columns.stop < plane.columns.stop) <= dots:
            break
    return columns


def _sign(plane: Plane, row: int, column: int, marked: Collection[tuple[int, ...]], look: Look) -> tuple[str, Style]:
    """The sign of a cell and its style: one that is read, the one that counts, one on padding, any other; nothing beyond the tensor."""
    glyphs, palette, focus, shape = look.glyphs, look.palette, plane.picture.focus, plane.picture.shape
    index = list(plane.corner)
    if plane.axes[0] is not None:
        index[plane.axes[0]] = row
    index[plane.axes[1]] = column
    place = tuple(index)
    if focus is not None and all(axis is None or focus[axis] == place[axis] for axis in plane.axes):
        return glyphs.point, palette.style("warn", bold=True)
    if place in marked:
        return glyphs.cell, palette.style(role_of(plane.picture.argument), bold=True)
    if place in plane.picture.outside:
        return glyphs.padding, palette.style("text")
    inside = all(0 <= i < size for i, size in zip(place, shape, strict=True))
    return (glyphs.dot if not glyphs.ascii else ".") if inside else " ", palette.style("dim")


def _side_by_side(group: Sequence[Plane], blocks: Sequence[list[Text]], look: Look) -> list[Text]:
    """The grids beside one another, an arrow in the title's line before the output."""
    height = max(map(len, blocks))
    lines = []
    for y in range(height):
        line = Text(no_wrap=True, end="")
        for number, (plane, block) in enumerate(zip(group, blocks, strict=True)):
            if plane.picture.argument == "output":
                arrow = look.glyphs.arrow if y == min(1, height - 1) else " " * len(look.glyphs.arrow)
                line.append(f"{' ' * GAP if number else ''}{arrow}{' ' * GAP}", look.palette.style("dim"))
            elif number:
                line.append(" " * GAP)
            line.append_text(block[y] if y < len(block) else Text(" " * block[0].cell_len))
        line.rstrip()
        lines.append(line)
    return lines


def broadcast_lines(pictures: Sequence[Picture], width: int, look: Look) -> list[Text]:
    """The shapes under one another, set right as torch lines them up; a stretched dimension as `1→3`, one that is not there as a dot.

    input   [    4  3  8]   input[1, 2, 5]
    other   [    ·  1→3  8]  other[0, 5]
    """
    whole = next((picture.shape for picture in pictures if picture.argument == "output"), ())
    rows = [(picture, _stretched(picture.shape, whole, look)) for picture in pictures]
    widths = [max(len(row[place]) for _, row in rows) for place in range(len(whole))]
    names = {picture.argument: spell_signs(clean(picture.argument), look) for picture, _ in rows}
    longest = max(map(len, names.values()))
    lines = []
    for picture, row in rows:
        role = look.palette.style(role_of(picture.argument), bold=picture.argument == "output")
        line = line_of((f"{names[picture.argument]:<{longest}}  ", role))
        for word, cells in zip(row, widths, strict=True):
            stretched = look.glyphs.arrow in word
            line.append(f" {word:>{cells}} ", look.palette.style("warn" if stretched else "text", bold=stretched))
        takes = format_index(names[picture.argument], picture.cells[0])
        line.append(f"   {takes}", look.palette.style("dim"))
        line.truncate(width, overflow=overflow_of(look))
        lines.append(line)
    return lines


def _stretched(shape: Sequence[int], whole: Sequence[int], look: Look) -> list[str]:
    """A word for each dimension of the output: the operand's size there."""
    missing = [look.glyphs.dot if not look.glyphs.ascii else "."] * (len(whole) - len(shape))
    there = zip(shape, whole[len(missing) :], strict=True)
    return missing + [str(size) if size == full else f"{size}{look.glyphs.arrow}{full}" for size, full in there]
