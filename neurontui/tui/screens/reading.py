"""A page of lines over the screen: help, and answers that are longer than a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from neurontui.rendering import Look
from neurontui.tui.moves import move_row
from neurontui.tui.widgets.lines import LinePane

Lines = Callable[[int], Sequence[Text]]  # a page's lines for so many columns
WIDEST = 120  # columns of a page, as in app.tcss


def page_width(screen: int) -> int:
    """How many columns of text a page has on a screen so wide: nine tenths, without borders, margins and the scroll bar."""
    return max(min(screen * 9 // 10, WIDEST) - 5, 10)


class Page(LinePane):
    """Lines that are made for a width, to be scrolled."""

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

    def __init__(self, title: str, make: Lines, look: Look) -> None:
        super().__init__("page")
        self.look = look
        self.head(title, "escape closes")
        self._make = make
        self._lines: Sequence[Text] = ()

    def lay(self, width: int) -> None:
        """Make the lines for so many columns, and take the rows that they need."""
        self._lines = self._make(width)
        self.styles.height = len(self._lines) + 2
        self.resize_lines(len(self._lines))

    def draw(self, y: int, width: int) -> Text:
        return self._lines[y]

    def action_turn(self, way: str) -> None:
        rows = max(self.virtual_size.height - self.room.height + 1, 1)
        self.scroll_to(y=move_row(self.scroll_offset.y, rows, self.room.height, way), animate=False)


class Reading(ModalScreen[None]):
    """Shows lines until escape, enter, q or ? is pressed; `:` closes it too, and asks for a command on the screen below by `ask`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,question_mark,f1", "dismiss", "close", id="page-close", show=False),
        Binding("colon", "command", "command", id="page-command", show=False),
    ]
    is_busy = False

    def __init__(self, title: str, make: Lines, look: Look, ask: Callable[[str], None]) -> None:
        super().__init__()
        self._page = Page(title, make, look)
        self._ask = ask

    def compose(self) -> ComposeResult:
        yield self._page

    def on_mount(self) -> None:
        self._page.lay(page_width(self.app.size.width))

    def on_resize(self, event: events.Resize) -> None:
        self._page.lay(page_width(event.size.width))

    def action_command(self) -> None:
        self.dismiss()
        self._ask("")
