"""A page of lines over the screen: help, and answers that are longer than a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from neurontui.rendering import Look
from neurontui.tui.widgets.lines import LinePane


class Page(LinePane):
    """Ready-made lines, to be scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_to_line(-1)", show=False, id="page-line-up"),
        Binding("down,j", "scroll_to_line(1)", show=False, id="page-line-down"),
    ]

    def __init__(self, title: str, lines: Sequence[Text], look: Look) -> None:
        super().__init__(id="page")
        self.border_title = Content(title)
        self.border_subtitle = Content("escape closes")
        self.look = look
        self._lines = lines

    def on_mount(self) -> None:
        self.styles.height = len(self._lines) + 2
        self.resize_lines(len(self._lines), max((line.cell_len for line in self._lines), default=0))

    def draw(self, y: int, width: int) -> Text:
        return self._lines[y]

    def action_scroll_to_line(self, by: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)


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
