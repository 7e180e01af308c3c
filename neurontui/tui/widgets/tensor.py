"""One frame of tensors: numbers, a heat map, or statistics; only the cells in sight are read and drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import events
from textual.geometry import Size

from neurontui.rendering import Look
from neurontui.rendering.lines import wrap_line
from neurontui.rendering.tensors import LOUD, QUIET, Frame, column_heads, frame_window, heat_row, row_label, scale_legend, tensor_row
from neurontui.text import Column, clean
from neurontui.tui.messages import CellChosen, SightChanged
from neurontui.tui.shelves import Room
from neurontui.tui.widgets.lines import LinePane
from neurontui.tui.windows import changed_rows, read_cells, visible_columns

if TYPE_CHECKING:
    from neurontui.tui.frames import Index, TensorFrame

HEAT_CELL = 2
GLANCE = 8  # columns of numbers that one takes in at a glance
FEW_CELLS = 8  # columns below which a heat map shows nothing
SHORT, SLIM = 16, 60  # rows, and columns of the screen: up to these a heat map shows the numbers too
MOST_MARKED = 1000  # marked cells: of more only the first is brought into sight
STATISTICS = 30, 12  # columns and rows that a tensor's statistics take at least
ABREAST = 48  # columns in which counts stand beside moments, so that the histogram is in sight
COMPLAINT = 34  # columns that say why a tensor's numbers cannot be shown
BESIDE = 4  # columns beside the cells: the borders, a space before and one after the labels
MakeLines = Callable[[int, int, Look], Sequence[Text]]


@dataclass(frozen=True, slots=True)
class Sight:
    """The cells that are in sight: their rows, their columns, their numbers, and the rows that an edit changed."""

    rows: range
    columns: list[int]
    numbers: list[list[Any]]
    changed: frozenset[int]


class TensorPane(LinePane):
    """Shows one `TensorFrame`. The heads above and the labels at the left stay while it scrolls by whole cells."""

    def __init__(self, number: int) -> None:
        super().__init__(f"tensor{number}")
        self.number = number
        self.frame: TensorFrame | None = None
        self._view = "numbers"
        self._exact = False
        self._scale = 0.0
        self._layout: Frame | None = None
        self._of = ""
        self._marked: Mapping[int, Collection[Index]] = {}
        self._zero_reasons: Mapping[Index, str] = {}
        self._sight: Sight | None = None
        self._statistics: MakeLines | None = None
        self._lines: Sequence[Text] = ()
        self._others, self._brief = "", False

    def show(
        self,
        frame: TensorFrame,
        *,
        view: str,
        exact: bool,
        scale: float,
        of: str = "",
        marked: Mapping[int, Collection[Index]] | None = None,
        statistics: MakeLines | None = None,
    ) -> None:
        """Show `frame` of the step `of`, where it stays scrolled as it is while that is run again.

        `scale` ends the colour scale; `marked` holds indices by the number of the tensor.
        """
        title = self.frame.title if self.frame is not None else None
        same = (title, self._of, self._view, self._exact) == (frame.title, of, view, exact)
        self.frame, self._of, self._view, self._exact, self._scale = frame, of, view, exact, scale
        self._marked, self._zero_reasons, self._statistics = marked or {}, {}, statistics
        self._sight = None
        if not same:
            self._layout = None
            self.scroll_to(0, 0, animate=False, force=True)
        elif view != "stats" and self.room.width > 0:
            self._fit(self._look_at(frame).numbers)  # before the pane's width is asked for: an edit may have made them longer
        self.relay()

    def zeros(self) -> list[Index]:
        """The indices of the zeros that are in sight."""
        if self.frame is None or self._view == "stats" or self.room.width <= 0 or self.frame.unreadable:
            return []
        sight = self._look_at(self.frame)
        rows = zip(sight.rows, sight.numbers, strict=False)
        cells = ((row, column) for row, line in rows for column, number in zip(sight.columns, line, strict=True) if number == 0)
        pairs = ((row, *self.frame.part_at(column)) for row, column in cells)
        return [part.index_of(row, within) for row, part, within in pairs if part.title != "before"]

    def show_zeros(self, reasons: Mapping[Index, str]) -> None:
        """Show the sign of why a zero is zero, where it is known."""
        if reasons != self._zero_reasons:
            self._zero_reasons = dict(reasons)
            self.refresh()

    def is_cramped(self, others: str) -> bool:
        """Whether the lower border has no room to say which rows and columns are in sight in many words, and how many `others` are not."""
        return len(self._part_words(others, brief=False)) > self._head_room

    def tell_of_others(self, words: str, brief: bool) -> None:
        """Say in the lower border how many other tensors are not in sight; "" where all are. `brief`: all of it in few words."""
        if (words, brief) != (self._others, self._brief):
            self._others, self._brief = words, brief
            self._say_part()

    @property
    def wish(self) -> Room:
        """The room that would show all of it, borders included."""
        if self.frame is None:
            return Room(0, 0)
        short, title = (len(clean(words)) + 6 for words in (self.frame.short or self.frame.title, self.frame.title))
        if self._view == "stats":
            lines = self._statistics(ABREAST - 4, 0, self.look) if self._statistics else ()
            columns = max(STATISTICS[0], *(line.cell_len + 4 for line in lines))
            return Room(max(columns, short), max(STATISTICS[1], len(lines) + 2), columns, titled=title)
        if self.frame.unreadable:
            return Room(max(COMPLAINT, short), len(self._complaint(self.frame, COMPLAINT - 4)) + 2, COMPLAINT, titled=title)
        layout = self._fit(self._first_window())
        changed = any(part.before is not None for part in self.frame.parts)
        beside = layout.label_width + BESIDE + changed
        cell = self._cell_width(layout)
        columns = self.frame.columns * cell + beside
        few = FEW_CELLS if self._is_map(layout) else max(2, 1 + self.frame.frozen)
        least = columns if self.frame.parts[0].grid.dims < 2 else min(columns, few * cell + beside)
        good = min(columns, (GLANCE + self.frame.frozen) * cell + beside)
        return Room(max(columns, short), self.frame.rows + 3, least, good, title)

    def _take(self, room: Size) -> bool:
        """Other cells come into sight with another room, wherever it is given: so it is when `tab` or `z` brings a frame in."""
        changed = super()._take(room)
        if changed:
            self.post_message(SightChanged(self.number))
        return changed

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The cell (row, column) that is drawn at this place inside the borders."""
        if self.frame is None or self._layout is None or self._view == "stats" or y < 1:
            return None
        sight, row = self._look_at(self.frame), self.scroll_offset.y + y - 1
        place = (x - self._layout.label_width - 1) // self._cell_width(self._layout)
        inside = x > self._layout.label_width and row < self.frame.rows and place < len(sight.columns)
        return (row, sight.columns[place]) if inside else None

    @property
    def page(self) -> int:
        """How many rows of cells are in sight."""
        return max(self.room.height - 1, 1)

    @property
    def left_edge(self) -> int:
        return 0  # a row is drawn from its first cell in sight on

    @property
    def page_columns(self) -> int:
        """How many columns of cells are in sight, without those that stay."""
        if self._layout is None or self.frame is None:
            return 1
        return max(self._fitting(self._layout, self.room.width) - self.frame.frozen, 1)

    def draw(self, y: int, width: int) -> Text:
        frame = self.frame
        if frame is None:
            return Text("")
        if self._view == "stats":
            return self._lines[y]
        if frame.unreadable:
            lines = self._complaint(frame, width)
            return lines[y] if y < len(lines) else Text("")
        return self._draw_row(frame, y)

    def _complaint(self, frame: TensorFrame, width: int) -> list[Text]:
        """Why its numbers cannot be shown."""
        return wrap_line(Text(clean(frame.unreadable), self.look.palette.style("warn")), width)

    def _draw_row(self, frame: TensorFrame, y: int) -> Text:
        sight = self._look_at(frame)
        layout = self._fit(sight.numbers)
        if y == self.scroll_offset.y:  # the heads stay on top: row r of the tensor is line r + 1
            return self._draw_heads(frame, layout, sight.columns)
        row = y - 1
        values = sight.numbers[row - sight.rows.start] if 0 <= row - sight.rows.start < len(sight.numbers) else []
        at_cursor = frame.cursor is not None and frame.cursor[0] == row and frame.cursor[1] in sight.columns
        cursor = sight.columns.index(frame.cursor[1]) if at_cursor and frame.cursor else None
        if self._is_map(layout):
            line = heat_row(values, self._scale, self.look, cursor=cursor, cell_width=HEAT_CELL)
            label = Text(f"{self._label(row):>{layout.label_width}} ", self.look.palette.style("dim"), no_wrap=True)
            return label.append_text(line)
        line = tensor_row(
            layout, self._label(row), values, self.look, cursor=cursor,
            marked=(lambda place: self._is_marked(row, sight.columns[place])) if any(self._marked.values()) else None,
            glyphs=self._zero_glyphs(row, sight.columns), strength=LOUD if self._view == "heat" else QUIET,
        )  # fmt: skip
        if row in sight.changed:
            line.append(self.look.glyphs.changed, self.look.palette.style("warn", bold=True))
        return line

    def _draw_heads(self, frame: TensorFrame, layout: Frame, columns: Sequence[int]) -> Text:
        if self._is_map(layout):
            legend = scale_legend(self._scale, self.room.width - layout.label_width - 1, self.look)
            return Text(" " * (layout.label_width + 1), no_wrap=True).append_text(legend)
        heads = [self._head(frame, column) for column in columns]
        chosen = frame.cursor[1] if frame.cursor else None
        line = column_heads(layout, heads, self.look, columns.index(chosen) if chosen in columns else None)
        for place, (column, head) in enumerate(zip(columns, heads, strict=True)):
            if isinstance(head, str) and column != chosen:
                start = layout.label_width + 1 + place * layout.cell_width
                line.stylize(self.look.palette.style(frame.part_at(column)[0].role), start, start + layout.cell_width)
        return line

    def _head(self, frame: TensorFrame, column: int) -> int | str:
        part, within = frame.part_at(column)
        return clean(part.title) if part.grid.dims < 2 else within

    def _label(self, row: int) -> str:
        assert self.frame is not None
        part = self.frame.parts[0]
        return "" if part.grid.dims == 0 else row_label(part.role, row, part.grid.rows, self.frame.op, len(part.plane))

    def _is_marked(self, row: int, column: int) -> bool:
        assert self.frame is not None
        part, within = self.frame.part_at(column)
        return part.index_of(row, within) in self._marked.get(part.shown, ())

    def _zero_glyphs(self, row: int, columns: Sequence[int]) -> Sequence[str]:
        if not self._zero_reasons or self.frame is None:
            return ()
        pairs = (self.frame.part_at(column) for column in columns)
        return [self._zero_reasons.get(part.index_of(row, within), "") for part, within in pairs]

    def _is_map(self, layout: Frame) -> bool:
        """Whether the heat map has no room for the numbers: else it is they that stand on strong colours."""
        assert self.frame is not None
        return self._view == "heat" and (self.frame.rows > SHORT or self.frame.columns * layout.cell_width > SLIM)

    def _cell_width(self, layout: Frame) -> int:
        return HEAT_CELL if self._is_map(layout) else layout.cell_width

    def _fitting(self, layout: Frame, width: int) -> int:
        return max((width - layout.label_width - 1) // self._cell_width(layout), 1)

    def _first_column(self) -> int:
        return -(-self.scroll_offset.x // self._cell_width(self._layout)) if self._layout is not None else 0

    def _first_window(self) -> list[list[Any]]:
        return read_cells(self.frame, range(64), range(64)) if self.frame is not None and self._layout is None else []

    def _look_at(self, frame: TensorFrame) -> Sight:
        """The cells in sight, read once for all rows of a screen."""
        layout = self._layout or self._fit(self._first_window())
        rows = range(self.scroll_offset.y, self.scroll_offset.y + self.page)
        columns = visible_columns(frame, self._first_column(), self._fitting(layout, self.room.width))
        if self._sight is None or (self._sight.rows, self._sight.columns) != (rows, columns):
            numbers = read_cells(frame, rows, columns)
            self._sight = Sight(rows, columns, numbers, changed_rows(frame, rows, columns, numbers))
        return self._sight

    def _fit(self, numbers: list[list[Any]]) -> Frame:
        """The layout of the cells: it grows with what was seen, and never shrinks while a tensor is scrolled."""
        assert self.frame is not None
        if self._layout is not None and not numbers:
            return self._layout
        rows = self.frame.rows
        labels = [self._label(row) for row in {0, max(rows - 1, 0)}]
        part = self.frame.parts[0]
        dtype = part.tensor.dtype if part.tensor is not None else None
        fitted = frame_window(numbers, labels, scale=self._scale, exact=self._exact, dtype=dtype, role=part.role)
        heads = [len(clean(one.title)) for one in self.frame.parts if one.grid.dims < 2]
        fitted = replace(fitted, column=fitted.column.widen(Column(max(heads, default=0) - fitted.column.right - 1, 0)))
        if self._layout is not None:
            fitted = fitted.widen(self._layout)
        self._layout = fitted
        return fitted

    def relay(self) -> None:
        if self.frame is None or self.room.width <= 0:
            return
        self._sight = None
        if self._view == "stats":
            self._lines = self._statistics(self.room.width, self.room.height, self.look) if self._statistics else ()
            self.resize_lines(len(self._lines))
            self._say_part()
            return
        if self.frame.unreadable:
            self.resize_lines(len(self._complaint(self.frame, self.room.width)))
            self._say_part()
            return
        layout = self._fit(self._first_window())
        self.resize_lines(self.frame.rows + 1, layout.label_width + 1 + self.frame.columns * self._cell_width(layout))
        self._show_cursor()
        self._say_part()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self._show_other_part()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._show_other_part()

    def _show_other_part(self) -> None:
        self._say_part()
        self.post_message(SightChanged(self.number))

    def _say_part(self) -> None:
        """In the lower border: which rows and columns are in sight, how many tensors are not, and what overwrote this one."""
        if self.frame is None:
            return
        title = self._fit_head(clean(self.frame.title), clean(self.frame.short))
        later = clean(self.frame.later)
        notes = [f"overwritten by {later}  {self._others}", f"overwritten  {self._others}"] if later else []
        choices = [self._part_words(note.strip(), brief) for note in (*notes, self._others) for brief in sorted({self._brief, True})]
        self.head(title, next((words for words in choices if len(words) <= self._head_room), self._others))

    def _part_words(self, others: str, brief: bool) -> str:
        """`rows 0…5 of 10  columns 0…7 of 8  2 more ]`, or `0…5/10 × 0…7/8  2 more ]`, of what is not whole."""
        if self.frame is None or self._layout is None or self._view == "stats":
            return others
        moving = self.frame.columns - self.frame.frozen
        ends = (("rows", self.scroll_offset.y, self.page, self.frame.rows), ("columns", self._first_column(), self.page_columns, moving))
        dots = self.look.glyphs.ellipsis
        cut = [(name, first, min(first + page, count) - 1, count) for name, first, page, count in ends if page < count]
        seen = [(name, f"{first}{dots}{last}" if first < last else f"{first}", count) for name, first, last, count in cut]
        if not brief:
            words = "  ".join(f"{name} {places} of {count}" for name, places, count in seen)
        elif len(seen) == 1:
            words = "{} {}/{}".format(*seen[0])
        else:
            words = f" {self.look.glyphs.times} ".join(f"{places}/{count}" for _, places, count in seen)
        return f"{words}  {others}".strip()

    def _show_cursor(self) -> None:
        """Scroll no further than needed to have the cursor in sight; where it is elsewhere, what the explanation speaks of."""
        if self.frame is None or self._layout is None or self._view == "stats" or self.room.height <= 1:
            return
        for row, column in [self.frame.cursor] if self.frame.cursor is not None else self._marked_ends(self.frame):
            self._show_cell(self.frame, self._layout, row, column)

    def _marked_ends(self, frame: TensorFrame) -> list[tuple[int, int]]:
        """The last and the first of the marked cells: the first is in sight even where not all have room."""
        marked = self._marked.get(frame.parts[0].shown, ())
        some = marked if len(marked) <= MOST_MARKED else (min(marked),)
        cells = [cell for index in some if (cell := frame.parts[0].cell_of(index)) is not None]
        rows, columns = [row for row, _ in cells], [column for _, column in cells]
        return [(max(rows), max(columns)), (min(rows), min(columns))] if cells else []

    def _show_cell(self, frame: TensorFrame, layout: Frame, row: int, column: int) -> None:
        top, cell, first = self.scroll_offset.y, self._cell_width(layout), self._first_column()
        if row < top or row >= top + self.page:
            self.scroll_to(y=row if row < top else row - self.page + 1, animate=False, force=True)
        fitting = self.page_columns
        if column < frame.columns - frame.frozen and not first <= column < first + fitting:
            self.scroll_to(x=cell * (column if column < first else column - fitting + 1), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        cell = self.cell_at(offset.x, offset.y) if offset is not None else None
        if cell is not None:
            self.post_message(CellChosen(self.number, *cell))
