"""Why is it this value? The explanation, a line a term; or, after a crash, why the forward stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType

from neurontui.rendering import Look
from neurontui.text import clean
from neurontui.tui.messages import TermChosen
from neurontui.tui.moves import move_row
from neurontui.tui.widgets.lines import LinePane, scroll

if TYPE_CHECKING:
    from neurontui.explanation import Explanation, Number
    from neurontui.records import Trace
    from neurontui.rendering.explanations import Sheet

MOST_ROWS = 10  # of a picture

MakeLines = Callable[[int, Look], Sequence[Text]]


class ComputationPane(LinePane):
    """Shows one Explanation, with a cursor on a term; or ready-made lines."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "screen.line('copy explanation')", show=False, id="copy-explanation")]

    def __init__(self) -> None:
        super().__init__("computation")
        self.shown: Explanation | None = None
        self._trace: Trace | None = None
        self._exact = False
        self._before: Number | None = None
        self._sheet: Sheet | None = None
        self._make: MakeLines = lambda width, look: ()
        self._hint: Callable[[Look], Sequence[Text]] = lambda look: ()
        self._lines: Sequence[Text] = ()
        self.term: int | None = None  # the term under the cursor

    def show(
        self,
        why: Explanation,
        trace: Trace,
        *,
        exact: bool,
        before: Number | None = None,
        hints: Callable[[Look], Sequence[Text]] = lambda look: (),
    ) -> None:
        """Show this explanation, `hints` below it, and what the number was `before` the edits; for the same one the cursor stays."""
        if why is self.shown and (exact, before) == (self._exact, self._before):
            return
        if why is not self.shown:
            self.term = 0 if len(why.terms) else None
            self.scroll_to(0, 0, animate=False, force=True)
        self.shown, self._trace, self._exact, self._before, self._hint = why, trace, exact, before, hints
        self.relay()

    def show_lines(self, title: str, make: MakeLines) -> None:
        """Show what `make(width, look)` gives instead of an explanation."""
        self.shown, self._sheet, self.term, self._make = None, None, None, make
        self.head(self.look.words(clean(title)))
        self.relay()
        self.scroll_to(0, 0, animate=False, force=True)

    def select(self, term: int) -> None:
        """Put the cursor on a term, as near as there is one."""
        if self.shown is None or self._sheet is None or not len(self.shown.terms):
            return
        self.term = min(max(term, 0), len(self.shown.terms) - 1)
        self.show_line(self._sheet.line_of(self.term))
        self.refresh()

    def move(self, way: str) -> None:
        """Put the cursor on the term that a key leads to; beyond the first and the last one the pane scrolls, and back again."""
        if self.term is None or self.shown is None or self._sheet is None or way in ("left", "right"):
            scroll(self, way)
            return
        target = move_row(self.term, len(self.shown.terms), self.room.height, way)
        read_on = way in ("up", "down") and self._sheet.line_of(self.term) < self.scroll_offset.y  # what stands below the terms
        if target == self.term or read_on:
            scroll(self, way)
        else:
            self.select(target)

    def set_look(self, look: Look) -> None:
        super().set_look(look)
        self.relay()

    def draw(self, y: int, width: int) -> Text:
        if self._sheet is None or y > self._sheet.height:
            return self._lines[y - (0 if self._sheet is None else self._sheet.height + 1)]
        return self._sheet.line(y, self.term) if y < self._sheet.height else Text("")

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self._sheet is None or self.scroll_offset.y + offset.y >= self._sheet.height:
            return
        term = self._sheet.term_at(self.scroll_offset.y + offset.y)
        if term is not None:
            self.post_message(TermChosen(term, follows=event.chain == 2))

    def relay(self) -> None:
        width = self.room.width
        if width <= 0:
            return
        if self.shown is None:
            self._lines = self._make(width, self.look)
            self.resize_lines(len(self._lines))
            return
        from neurontui.rendering.explanations import FEW, lay_sheet, title_of, verdict_sign  # not needed for the first paint

        height = self.room.height
        rows = min(max(height // 3, 5), MOST_ROWS)
        self._sheet = lay_sheet(self.shown, width, self.look, trace=self._trace, exact=self._exact, rows=rows, height=height)
        unseen = self._sheet.origin_lines.start > height  # the verdict stands in the line before
        title = self.look.words(clean(title_of(self.shown, exact=self._exact, before=self._before)))
        self.head(title, verdict_sign(self.shown, self.look) if unseen else "")
        self._lines = self._hint(self.look) if len(self.shown.terms) <= FEW else ()
        self.resize_lines(self._sheet.height + bool(self._lines) + len(self._lines))
