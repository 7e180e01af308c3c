"""A few lines without a frame, as high as what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from neurontui.rendering import Look
from neurontui.tui.widgets.lines import strip_of

MakeLines = Callable[[int, Look], Sequence[Text]]


class Said(Widget):
    """Lines that are made anew for each width; nothing to say takes no room."""

    look: Look = Look()

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._make: MakeLines = lambda width, look: ()

    def show(self, make: MakeLines) -> None:
        """Show what `make(width, look)` gives, now and at every other width."""
        self._make = make
        self.refresh(layout=True)

    def set_look(self, look: Look) -> None:
        """Other colours or signs."""
        self.look = look
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max((line.cell_len for line in self._make(container.width, self.look)), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._make(width, self.look))

    def render_line(self, y: int) -> Strip:
        lines = self._make(self.size.width, self.look)
        text = lines[y] if y < len(lines) else Text("")
        return strip_of(text, self.app.console).crop_extend(0, self.size.width, self.rich_style).apply_style(self.rich_style)
