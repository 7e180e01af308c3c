"""One frame of tensors: numbers, a heat map, or statistics; only the cells in sight are read and drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from rich.text import Text
from textual import events
from textual.content import Content

from neurontui.rendering import Look
from neurontui.rendering.tensors import Frame, column_heads, frame_window, heat_row, read_window, row_label, tensor_row
from neurontui.text import clean
from neurontui.tui.frames import Index, TensorFrame
from neurontui.tui.messages import CellChosen
from neurontui.tui.widgets.lines import LinePane

HEAT_CELL = 2
MakeLines = Callable[[int, int, Look], Sequence[Text]]


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
        self._marked: Collection[Index] = ()
        self._zero_reasons: Mapping[Index, str] = {}
        self._window: tuple[tuple[int, int, int, int], list[list[Any]]] | None = None
        self._statistics: MakeLines | None = None
        self._lines: Sequence[Text] = ()

    def show(
        self,
        frame: TensorFrame,
        *,
        view: str,
        exact: bool,
        scale: float,
        marked: Collection[Index] = (),
        statistics: MakeLines | None = None,
    ) -> None:
        """Show `frame`. `scale` ends the colour scale; `marked` are indices of its first part."""
        same = self.frame is not None and self.frame.title == frame.title and (self._view, self._exact) == (view, exact)
        self.frame, self._view, self._exact, self._scale = frame, view, exact, scale
        self._marked, self._zero_reasons, self._statistics = marked, {}, statistics
        self._window = None
        if not same:
            self._layout = None
            self.scroll_to(0, 0, animate=False, force=True)
        self.border_title = Content(clean(frame.title))
        self.set_class(frame.selected, "selected")
        self._relay()
        self._show_cursor()

    def zeros(self) -> list[Index]:
        """The indices of the zeros that are in sight."""
        if self.frame is None or self._view == "stats" or self.room.width <= 0:
            return []
        window, first, top = self._read(self.room.width), self._first_column(), self.scroll_offset.y
        cells = ((row, column) for row, line in enumerate(window, top) for column, number in enumerate(line, first) if number == 0)
        pairs = ((row, *self.frame.part_at(column)) for row, column in cells)
        return [part.index_of(row, within) for row, part, within in pairs if part.title != "before"]

    def show_zeros(self, reasons: Mapping[Index, str]) -> None:
        """Show the sign of why a zero is zero, where it is known."""
        self._zero_reasons = reasons

    @property
    def wish(self) -> tuple[int, int]:
        """The columns and rows that would show all of it, borders included."""
        if self.frame is None:
            return 0, 0
        if self._view == "stats":
            return 44, 12
        layout = self._fit(self._first_window())
        changed = any(part.before is not None for part in self.frame.parts)
        columns = self.frame.columns * self._cell_width(layout) + layout.label_width + 5 + changed
        return max(columns, len(self.frame.title) + 6), self.frame.rows + 3

    def on_resize(self, event: events.Resize) -> None:
        self._relay()
        self._show_cursor()

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The cell (row, column) that is drawn at this place inside the borders."""
        if self.frame is None or self._layout is None or self._view == "stats" or y < 1:
            return None
        row = self.scroll_offset.y + y - 1
        column = self._first_column() + (x - self._layout.label_width - 1) // self._cell_width(self._layout)
        inside = x > self._layout.label_width and row < self.frame.rows and column < self.frame.columns
        return (row, column) if inside else None

    @property
    def page(self) -> int:
        """How many rows of cells are in sight."""
        return max(self.room.height - 1, 1)

    @property
    def left_edge(self) -> int:
        return 0  # a row is drawn from its first cell in sight on

    @property
    def page_columns(self) -> int:
        """How many columns of cells are in sight."""
        return self._fitting(self._layout, self.room.width) if self._layout is not None else 1

    def draw(self, y: int, width: int) -> Text:
        frame = self.frame
        if frame is None:
            return Text("")
        if self._view == "stats":
            return self._lines[y]
        unreadable = next((part.error for part in frame.parts if part.tensor is None), "")
        if unreadable:
            return Text(clean(unreadable) if y == self.scroll_offset.y else "", self.look.palette.style("warn"))
        return self._draw_row(frame, y, width)

    def _draw_row(self, frame: TensorFrame, y: int, width: int) -> Text:
        numbers = self._read(width)
        layout = self._fit(numbers)
        first = self._first_column()
        columns = range(first, min(first + self._fitting(layout, width), frame.columns))
        if y == self.scroll_offset.y:  # the heads stay on top: row r of the tensor is line r + 1
            return self._draw_heads(frame, layout, columns)
        row = y - 1
        values = numbers[row - self.scroll_offset.y] if 0 <= row - self.scroll_offset.y < len(numbers) else []
        cursor = frame.cursor[1] - first if frame.cursor and frame.cursor[0] == row and frame.cursor[1] in columns else None
        if self._view == "heat":
            line = heat_row(values, self._scale, self.look, cursor=cursor, cell_width=HEAT_CELL)
            label = Text(f"{self._label(row):<{layout.label_width}} ", self.look.palette.style("dim"), no_wrap=True)
            return label.append_text(line)
        line = tensor_row(
            layout, self._label(row), values, self.look, cursor=cursor,
            marked=(lambda c: self._is_marked(row, first + c)) if self._marked else None,
            glyphs=self._zero_glyphs(row, columns),
        )  # fmt: skip
        if self._has_changed(row, columns, values):
            line.append(self.look.glyphs.changed, self.look.palette.style("warn", bold=True))
        return line

    def _has_changed(self, row: int, columns: range, values: Sequence[Any]) -> bool:
        """Whether a number in sight in this row is another than before the edits."""
        assert self.frame is not None
        for column, number in zip(columns, values, strict=False):
            part, within = self.frame.part_at(column)
            if part.before is not None:
                ((old,),) = read_window(part.before, part.grid, range(row, row + 1), range(within, within + 1))
                if old != number and (old == old or number == number):
                    return True
        return False

    def _draw_heads(self, frame: TensorFrame, layout: Frame, columns: range) -> Text:
        if self._view == "heat":
            ends = f"{columns.start} {self.look.glyphs.ellipsis} {columns.stop - 1}" if len(columns) > 3 else ""
            return Text(f"{'':<{layout.label_width}} {ends}", self.look.palette.style("dim"))
        heads: list[int | str] = []
        for column in columns:
            part, within = frame.part_at(column)
            heads.append(part.title if part.grid.columns == 1 and part.grid.dims < 2 else within)
        highlight = frame.cursor[1] - columns.start if frame.cursor and frame.cursor[1] in columns else None
        return column_heads(layout, heads, self.look, highlight)

    def _label(self, row: int) -> str:
        assert self.frame is not None
        part = self.frame.parts[0]
        return "" if part.grid.dims == 0 else row_label(part.role, row, part.grid.rows, self.frame.op, len(part.plane))

    def _is_marked(self, row: int, column: int) -> bool:
        assert self.frame is not None
        part, within = self.frame.part_at(column)
        return part is self.frame.parts[0] and part.index_of(row, within) in self._marked

    def _zero_glyphs(self, row: int, columns: range) -> Sequence[str]:
        if not self._zero_reasons or self.frame is None:
            return ()
        pairs = (self.frame.part_at(column) for column in columns)
        return [self._zero_reasons.get(part.index_of(row, within), "") for part, within in pairs]

    def _cell_width(self, layout: Frame) -> int:
        return HEAT_CELL if self._view == "heat" else layout.cell_width

    def _fitting(self, layout: Frame, width: int) -> int:
        return max((width - layout.label_width - 1) // self._cell_width(layout), 1)

    def _first_column(self) -> int:
        return -(-self.scroll_offset.x // self._cell_width(self._layout)) if self._layout is not None else 0

    def _first_window(self) -> list[list[Any]]:
        return self._read_cells(range(64), range(64)) if self._layout is None else []

    def _read(self, width: int) -> list[list[Any]]:
        """The numbers in sight, read once for all rows of a screen."""
        assert self.frame is not None
        if self._layout is None:
            self._fit(self._first_window())
        assert self._layout is not None
        first, top = self._first_column(), self.scroll_offset.y
        key = (top, first, self._fitting(self._layout, width), self.room.height)
        if self._window is None or self._window[0] != key:
            self._window = key, self._read_cells(range(top, top + key[3]), range(first, first + key[2]))
        return self._window[1]

    def _read_cells(self, rows: range, columns: range) -> list[list[Any]]:
        assert self.frame is not None
        joined: list[list[Any]] = [[] for _ in range(rows.start, min(rows.stop, self.frame.rows))]
        before = 0
        for part in self.frame.parts:
            wanted = range(max(columns.start - before, 0), min(columns.stop - before, part.grid.columns))
            before += part.grid.columns
            if not len(wanted) or part.tensor is None:
                continue
            window = read_window(part.tensor, part.grid, range(rows.start, min(rows.stop, part.grid.rows)), wanted)
            for line, numbers in zip(joined, window, strict=False):
                line.extend(numbers)
        return joined

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
        if self._layout is not None:
            fitted = fitted.widen(self._layout)
        self._layout = fitted
        return fitted

    def _relay(self) -> None:
        if self.frame is None or self.room.width <= 0:
            return
        if self._view == "stats":
            self._lines = self._statistics(self.room.width, self.room.height, self.look) if self._statistics else ()
            self.resize_lines(len(self._lines))
            self._say_part()
            return
        layout = self._fit(self._first_window())
        self.resize_lines(self.frame.rows + 1, layout.label_width + 1 + self.frame.columns * self._cell_width(layout))
        self._say_part()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_x(old_value, new_value)
        self._say_part()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._say_part()

    def _say_part(self) -> None:
        """In the lower border: which rows and columns are in sight, where not all are."""
        if self.frame is None or self._layout is None or self._view == "stats":
            self.border_subtitle = None
            return
        ends = (
            ("rows", self.scroll_offset.y, self.page, self.frame.rows),
            ("columns", self._first_column(), self.page_columns, self.frame.columns),
        )
        dots = self.look.glyphs.ellipsis
        words = [f"{name} {first}{dots}{min(first + page, count) - 1} of {count}" for name, first, page, count in ends if page < count]
        self.border_subtitle = Content("  ".join(words)) if words else None

    def _show_cursor(self) -> None:
        if self.frame is None or self.frame.cursor is None or self._layout is None or self._view == "stats" or self.room.height <= 1:
            return
        row, column = self.frame.cursor
        top, cell, first = self.scroll_offset.y, self._cell_width(self._layout), self._first_column()
        if row < top or row >= top + self.page:
            self.scroll_to(y=row if row < top else row - self.page + 1, animate=False, force=True)
        fitting = self._fitting(self._layout, self.room.width)
        if column < first or column >= first + fitting:
            self.scroll_to(x=cell * (column if column < first else column - fitting + 1), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        cell = self.cell_at(offset.x, offset.y) if offset is not None else None
        if cell is not None:
            self.post_message(CellChosen(self.number, *cell))
