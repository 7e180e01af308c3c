"""What the terminal shows already: only the cells that are others now are written.

Textual writes every pane that was laid out or drawn again, all of its cells: 25 kB for a step at 120x40, most of them the same as
before. A terminal takes longer to read that than the app to make it, and a slow line much longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console

GAP = 6  # cells that are the same, but written again, since moving over them takes as many bytes
Cell = tuple[str, Style | None]  # a character; "" is the second half of the wide one before
UNKNOWN: Cell = ("\0", None)  # no pane draws this character


class Changes(CompositorUpdate):
    """An update that writes only what the terminal does not show yet. It has to be written: from then on that counts as shown."""

    def __init__(self, update: CompositorUpdate, written: Written, size: Size) -> None:
        self._update, self._written, self._size = update, written, size

    def render_segments(self, console: Console) -> str:
        return self._written.write(self._update, self._size, console)


class Written:
    """The cells that the terminal shows, as far as they were written since `forget`."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: list[list[Cell]] = []

    def forget(self, size: Size) -> None:
        """The terminal is so large now, and nobody knows what it shows."""
        self._size = size
        self._lines = [[UNKNOWN] * size.width for _ in range(size.height)]

    def write(self, update: CompositorUpdate, size: Size, console: Console) -> str:
        """The escape sequences after which a terminal of this size shows what `update` draws."""
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            return update.render_segments(console)
        if size != self._size:
            self.forget(size)
        segments: list[Segment] = []
        for x, y, strip in patches_of(update):
            if y < len(self._lines):
                segments += self._replace(x, y, cells_of(strip)[: size.width - x])
        return Strip(segments).render(console)

    def _replace(self, x: int, y: int, cells: list[Cell]) -> Iterator[Segment]:
        """Have line `y` show these cells from column `x` on; what has to be written for it."""
        line = self._lines[y]
        old = line[x : x + len(cells)]
        line[x : x + len(cells)] = cells
        for first, last in changed_runs(old, cells):
            yield Segment(Control.move_to(x + first, y).segment.text)
            yield from segments_of(cells[first:last])


def patches_of(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, each with the column and the line that it begins at."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield x, y, strip
                x += strip.cell_length
        return
    for y, first, last in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if chop is not None and x < last and end > first:
                yield x, y, chop


def cells_of(strip: Strip) -> list[Cell]:
    """A strip cell by cell. What takes no cell of its own stands with the character before it."""
    cells: list[Cell] = []
    for text, style, _ in strip:
        blank = (" ", ground_of(style))
        if text.isascii():
            cells += [blank if character == " " else (character, style) for character in text]
            continue
        widths = [cell_len(character) for character in text]
        if sum(widths) != (whole := cell_len(text)):  # several characters that are one sign
            cells += [(text, style), *[("", style)] * (whole - 1)]
            continue
        for character, width in zip(text, widths, strict=True):
            if width:
                cells += [blank] if character == " " else [(character, style), ("", style)][:width]
            elif cells:
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
    return cells


@lru_cache(4096)
def ground_of(style: Style | None) -> Style | None:
    """What is to be seen of a style on a blank: its background, unless it draws lines or swaps its colours."""
    if style is None or style.underline or style.underline2 or style.reverse or style.strike or style.overline or style.link:
        return style
    return Style(bgcolor=style.bgcolor)


def segments_of(cells: list[Cell]) -> Iterator[Segment]:
    """The cells as text, as few segments as they need: a blank does not end one whose background it has."""
    text, style = "", cells[0][1]
    for character, own in cells:
        if own != style and (character != " " or own != ground_of(style)):
            yield Segment(text, style)
            text, style = "", own
        text += character
    yield Segment(text, style)


def changed_runs(old: list[Cell], new: list[Cell]) -> Iterator[tuple[int, int]]:
    """From where to where the cells differ; what lies between two runs is longer than `GAP`."""
    if old == new:
        return
    first = last = 0  # of the run so far; empty at the beginning
    for place, (before, now) in enumerate(zip(old, new, strict=True)):
        if before == now:
            continue
        if place > last + GAP or first == last:
            if first < last:
                yield first, last
            first = place
        last = place + 1
        while last < len(new) and not new[last][0]:
            last += 1  # a wide character is written whole
    yield first, last
