"""The call tree: a line a step, folded where the user folded it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events

from neurontui.tui.messages import StepChosen
from neurontui.tui.widgets.lines import LinePane

if TYPE_CHECKING:
    from neurontui.records import Trace
    from neurontui.rendering.steps import StepMarks

SAMPLE = 300  # steps whose lines are measured
FRAME = 4  # columns of the borders and of the scroll bar
MarksOf = Callable[[int], "StepMarks"]


class StepsPane(LinePane):
    """Shows `trace.steps`; the line of the current step is in sight, its parents unfolded."""

    def __init__(self) -> None:
        super().__init__("steps")
        self.head("Steps")
        self._trace: Trace | None = None
        self._rows: Sequence[int] = ()
        self._folded: set[int] = set()
        self._marks: MarksOf
        self.columns, self.short_columns = 34, 34  # that most lines take, and take in short; borders and scroll bar included
        self._painted: dict[int, Hashable] = {}  # what the lines in sight were drawn from

    def show(self, trace: Trace, index: int, marks: MarksOf) -> None:
        """Stand on step `index` of `trace`; `marks` says what is to be seen beside a step."""
        self._marks = marks
        if trace is not self._trace:
            self._strips.clear()
            self._painted = {}
            if self._trace is None or len(trace.steps) != len(self._trace.steps):
                self._folded = set()
            self._trace = trace
            self.columns, self.short_columns = self._measure(short=False), self._measure(short=True)
            self._lay_rows()
        if self._unfold_around(index):
            self._lay_rows()
        if len(self._rows) != self.virtual_size.height:
            self.resize_lines(len(self._rows))
        self.show_line(self.row_of(index))
        self._refresh_changed()

    def _measure(self, *, short: bool) -> int:
        from neurontui.rendering.steps import line_width  # not needed for the first paint

        trace = self._trace
        assert trace is not None
        widths = sorted(line_width(trace, index, self.look, short=short) for index in range(min(len(trace.steps), SAMPLE)))
        return widths[(len(widths) - 1) * 49 // 50] + FRAME  # a few long lines do without the shapes that went in

    def row_of(self, index: int) -> int:
        """The line that shows step `index`, or the folded step above it."""
        row = bisect_left(self._rows, index)
        return row if row < len(self._rows) and self._rows[row] == index else max(row - 1, 0)

    def step_of(self, row: int) -> int:
        """The step on line `row`, the nearest where there is none."""
        return self._rows[min(max(row, 0), len(self._rows) - 1)] if self._rows else 0

    def draw(self, y: int, width: int) -> Text:
        from neurontui.rendering.steps import step_line  # not needed for the first paint

        assert self._trace is not None
        return step_line(self._trace, self._rows[y], width, self._marks(self._rows[y]), self.look, short=self.columns - FRAME > width)

    def key_of(self, y: int) -> Hashable:
        return self._rows[y], self._marks(self._rows[y])

    def is_folded(self, index: int) -> bool:
        """Whether the steps inside step `index` are hidden."""
        return index in self._folded

    def fold(self, index: int, folded: bool) -> bool:
        """Hide or show what is inside step `index`; False where that changes nothing."""
        if self._trace is None or folded == (index in self._folded) or self._trace.steps[index].end <= index + 1:
            return False
        (self._folded.add if folded else self._folded.discard)(index)
        self._lay_rows()
        self.resize_lines(len(self._rows))
        return True

    def _refresh_changed(self) -> None:
        """Paint the lines in sight that are others now: a step moves two of them."""
        top = self.scroll_offset.y
        lines = {y: self.key_of(y) for y in range(top, min(top + self.room.height, len(self._rows)))}
        for y, key in lines.items():
            if self._painted.get(y) != key:
                self.refresh_lines(y)
        self._painted = lines

    def _lay_rows(self) -> None:
        assert self._trace is not None
        steps = self._trace.steps
        if not self._folded:
            self._rows = range(len(steps))
            return
        rows, index = [], 0
        while index < len(steps):
            rows.append(index)
            index = steps[index].end if index in self._folded else index + 1
        self._rows = rows

    def _unfold_around(self, index: int) -> bool:
        assert self._trace is not None
        before, parent = len(self._folded), self._trace.steps[index].parent
        while parent is not None and self._folded:
            self._folded.discard(parent)
            parent = self._trace.steps[parent].parent
        return len(self._folded) != before

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self._rows and self.scroll_offset.y + offset.y < len(self._rows):
            self.post_message(StepChosen(self.step_of(self.scroll_offset.y + offset.y), folds=event.chain == 2))
