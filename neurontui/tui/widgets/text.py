"""Panes of ready-made lines: the source, the statistics, the console."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size

from neurontui.rendering import Look
from neurontui.text import clean
from neurontui.tui.widgets.lines import LinePane

Maker = Callable[[int, int, Look], Sequence[Text]]


class TextPane(LinePane):
    """Lines that are made anew for each size, while they are in sight: `show` takes what makes them from (width, height, look)."""

    def __init__(self, id: str, title: str) -> None:
        super().__init__(id)
        self.head(title)
        self._make: Maker = lambda width, height, look: ()
        self._lines: Sequence[Text] = ()

    def show(self, make: Maker) -> None:
        """Show what `make(width, height, look)` gives, now and at every other size."""
        self._make = make
        self.relay()

    def set_look(self, look: Look) -> None:
        super().set_look(look)
        self.relay()

    def draw(self, y: int, width: int) -> Text:
        return self._lines[y]

    def relay(self) -> None:
        width, height = self.room
        if not self.display:
            self._room = Size(0, 0)  # then they are made when it is given a place again
        elif width > 0 and height > 0:
            lines = self._make(width, height, self.look)
            if _looks(lines) != _looks(self._lines):
                self._lines = lines
                self.resize_lines(len(lines))


def _looks(lines: Sequence[Text]) -> list[object]:
    """What lines look like: the same looks are not painted again. (Equal texts may differ in their own style.)"""
    return [(line.plain, line.style, line.spans) for line in lines]


class ConsolePane(LinePane):
    """What the model printed, newest in sight."""

    def __init__(self) -> None:
        super().__init__("console")
        self.head("Console")
        self._lines: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many lines were printed."""
        return len(self._lines)

    def show(self, lines: tuple[str, ...]) -> None:
        """Show these lines, as text: nothing in them is obeyed."""
        at_end = self.scroll_offset.y + self.room.height >= len(self._lines)
        self._lines = lines
        self.resize_lines(len(lines), max(map(_cells, lines), default=0))
        if at_end:
            self.show_line(max(len(lines) - 1, 0))

    def draw(self, y: int, width: int) -> Text:
        return Text(_printed(self._lines[y]), self.look.palette.style("text"), no_wrap=True)


def _printed(line: str) -> str:
    """A printed line as it is shown: with the tab stops of a terminal, and nothing in it that is obeyed."""
    return clean(line.expandtabs())


def _cells(line: str) -> int:
    """How wide a printed line is."""
    return len(line) if line.isascii() and line.isprintable() else cell_len(_printed(line))
