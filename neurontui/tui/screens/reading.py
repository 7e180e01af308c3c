"""A page of lines over the screen: help, and answers that are longer than a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from neurontui.rendering import Look
from neurontui.tui.moves import move_row
from neurontui.tui.widgets.lines import LinePane

WIDEST = 120  # columns of a page, as in app.tcss


def page_width(screen: int) -> int:
    """How many columns of text a page has on a screen so wide: nine tenths, without borders, margins and the scroll bar."""
    return max(min(screen * 9 // 10, WIDEST) - 5, 10)


class Page(LinePane):
    """Ready-made lines, to be scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"turn({way!r})", show=False, id=f"page-{way}")
        for keys, way in (
            ("up,k", "up"),
            ("down,j", "down"),
            ("pageup", "pageup"),
            ("pagedown,space", "pagedown"),
            ("home", "home"),
            ("end", "end"),
        )
    ]

    def __init__(self, title: str, lines: Sequence[Text], look: Look) -> None:
        super().__init__("page")
        self.head(title, "escape closes")
        self.look = look
        self._lines = lines

    def on_mount(self) -> None:
        self.styles.height = len(self._lines) + 2
        self.resize_lines(len(self._lines))

    def draw(self, y: int, width: int) -> Text:
        return self._lines[y]

    def action_turn(self, way: str) -> None:
        rows = max(self.virtual_size.height - self.room.height + 1, 1)
        self.scroll_to(y=move_row(self.scroll_offset.y, rows, self.room.height, way), animate=False)


class Reading(ModalScreen[None]):
    """Shows lines until escape, enter, q or ? is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,question_mark,f1", "dismiss", "close", id="page-close", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[Text], look: Look) -> None:
        super().__init__()
        self._page = Page(title, lines, look)

    def compose(self) -> ComposeResult:
        yield self._page
