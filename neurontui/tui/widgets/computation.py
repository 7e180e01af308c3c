"""Why is it this value? The explanation, a line a term; or, after a crash, why the forward stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual import events
from textual.content import Content

from neurontui.explanation import Explanation
from neurontui.records import Trace
from neurontui.rendering import Look
from neurontui.rendering.explanations import Sheet, lay_sheet, title_of
from neurontui.text import clean
from neurontui.tui.messages import TermChosen
from neurontui.tui.widgets.lines import LinePane

MakeLines = Callable[[int, Look], Sequence[Text]]


class ComputationPane(LinePane):
    """Shows one Explanation (or one of its stages), with a cursor on a term; or ready-made lines."""

    def __init__(self) -> None:
        super().__init__(id="computation")
        self._why: Explanation | None = None
        self._trace: Trace | None = None
        self._exact = False
        self._sheet: Sheet | None = None
        self._make: MakeLines = lambda width, look: ()
        self._lines: Sequence[Text] = ()
        self.term: int | None = None  # the term under the cursor
        self.stage: int | None = None  # the stage that is shown, None for the whole

    @property
    def shown(self) -> Explanation | None:
        """The explanation in sight: a stage of it, where one was chosen."""
        if self._why is None or self.stage is None:
            return self._why
        return self._why.stages[self.stage]

    @property
    def stages(self) -> int:
        """How many stages there are to look into."""
        return len(self._why.stages) if self._why is not None else 0

    def show(self, why: Explanation, trace: Trace, *, exact: bool, term: int | None = None) -> None:
        """Show this explanation, the cursor on `term` (by default the first)."""
        self._why, self._trace, self._exact, self.stage = why, trace, exact, None
        self._choose_first(term)
        self._relay()
        self.scroll_to(0, 0, animate=False, force=True)

    def show_lines(self, title: str, make: MakeLines) -> None:
        """Show what `make(width, look)` gives instead of an explanation."""
        self._why, self._sheet, self.term, self.stage, self._make = None, None, None, None, make
        self.border_title = Content(clean(title))
        self._relay()
        self.scroll_to(0, 0, animate=False, force=True)

    def show_stage(self, stage: int | None) -> None:
        """Look into one stage, or at the whole again."""
        self.stage = stage
        self._choose_first(None)
        self._relay()

    def select(self, term: int) -> None:
        """Put the cursor on a term, as near as there is one."""
        shown = self.shown
        if shown is None or self._sheet is None or not len(shown.terms):
            return
        self.term = min(max(term, 0), len(shown.terms) - 1)
        self.show_line(self._sheet.line_of(self.term))
        self.refresh()

    def set_look(self, look: Look) -> None:
        super().set_look(look)
        self._relay()

    def on_resize(self, event: events.Resize) -> None:
        self._relay()

    def draw(self, y: int, width: int) -> Text:
        return self._lines[y] if self._sheet is None else self._sheet.line(y, self.term)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self._sheet is None or self.scroll_offset.y + offset.y >= self._sheet.height:
            return
        term = self._sheet.term_at(self.scroll_offset.y + offset.y)
        if term is not None:
            self.post_message(TermChosen(term, follows=event.chain == 2))

    def _choose_first(self, term: int | None) -> None:
        shown = self.shown
        assert shown is not None
        self.term = min(term or 0, len(shown.terms) - 1) if len(shown.terms) else None

    def _relay(self) -> None:
        width = self.room.width
        if width <= 0:
            return
        shown = self.shown
        if shown is None:
            self._lines = self._make(width, self.look)
            self.resize_lines(len(self._lines))
            return
        self.border_title = Content(clean(self._title(shown)))
        self._sheet = lay_sheet(shown, width, self.look, trace=self._trace, exact=self._exact)
        self.resize_lines(self._sheet.height)

    def _title(self, shown: Explanation) -> str:
        title = title_of(shown, exact=self._exact)
        return title if self.stage is None else f"{title} · {self.stage + 1} of {self.stages}"
