"""Tensors as rows of cells: only what is visible is read, so a 4096x4096 weight costs what its window costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.text import Span, Text

from neurontui.readable import make_readable
from neurontui.rendering.glyphs import Look
from neurontui.rendering.palette import role_of
from neurontui.text import Column, fit_numbers

DEFAULT = Look()
QUIET, LOUD = 0.45, 0.8  # how strong the colours behind numbers are, in the view of numbers and in the heat map
GAP = 2  # between two columns of cells: one for the cursor's sign on each side

Numbers = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A tensor laid out as rows and columns of cells: `(rows, columns)`, what is beyond two dimensions fixed by `leading`.

    A vector is one column (`[n]` reads downwards, as neurons do); a scalar is one cell.
    """

    rows: int
    columns: int
    leading: tuple[int, ...] = ()  # indices of the dimensions before the last two
    dims: int = 2  # dimensions of the tensor

    def index(self, row: int, column: int) -> tuple[int, ...]:
        """The tensor's index of a cell: `(row,)` for a vector, `()` for a scalar."""
        return (*self.leading, row, column)[: self.dims]

    def cell(self, index: tuple[int, ...]) -> tuple[int, int]:
        """The cell (row, column) of an index of this slice."""
        if len(index) < 2:
            return (index[0] if index else 0), 0
        return index[-2], index[-1]


def lay_grid(shape: Sequence[int], leading: Sequence[int] = ()) -> Grid:
    """The grid of a tensor of this shape; missing leading indices are 0."""
    dims = len(shape)
    if dims < 2:
        return Grid(shape[0] if dims else 1, 1, (), dims)
    before = dims - 2
    place = tuple(leading[:before]) + (0,) * (before - len(leading))
    return Grid(shape[-2], shape[-1], place, dims)


def read_window(tensor: Any, grid: Grid, rows: range, columns: range) -> list[list[Any]]:
    """The numbers of a window of the grid as Python numbers, read in one slice; `(len(rows), len(columns))` where it is inside."""
    tensor = make_readable(tensor)
    if grid.dims == 0:
        return [[tensor.tolist()]]
    here = tensor[grid.leading] if grid.leading else tensor
    if grid.dims == 1:
        return [[number] for number in here[rows.start : rows.stop].tolist()]
    window: list[list[Any]] = here[rows.start : rows.stop, columns.start : columns.stop].tolist()
    return window


@dataclass(frozen=True, slots=True)
class Frame:
    """How rows are drawn: the width of the row labels and of a cell's column, the colour scale, exact digits or not."""

    label_width: int
    column: Column
    scale: float = 0.0  # the largest magnitude, the end of the colour scale; 0: no backgrounds
    exact: bool = False
    dtype: object = None
    role: str = "output"

    @property
    def cell_width(self) -> int:
        """Cells from one column to the next (the gap included)."""
        return self.column.width + GAP

    def widen(self, other: Frame) -> Frame:
        """This frame with room for what `other` has room for."""
        return replace(self, label_width=max(self.label_width, other.label_width), column=self.column.widen(other.column))


def frame_window(
    numbers: Numbers, labels: Sequence[str], *, scale: float = 0.0, exact: bool = False, dtype: object = None, role: str = "output"
) -> Frame:
    """The frame that fits these numbers (a window or a sample of the tensor) and labels."""
    fitted = fit_numbers((number for row in numbers for number in row), exact=exact, dtype=dtype)
    column = Column(max(fitted.left, 2 - fitted.right, 1), fitted.right)  # room for a marked zero: "0·"
    return Frame(max(map(len, labels), default=0), column, scale, exact, dtype, role)


def row_label(role: str, row: int, rows: int, op: str = "", dims: int = 2) -> str:
    """`"neuron 0"` for a row of a Linear's weight and bias and for an element of its 1-D output (`op` ends in "linear"); else `"0"`."""
    is_neuron = op.rsplit(".", 1)[-1].lower() == "linear" and (role in ("weight", "bias") or (role == "output" and dims == 1))
    return f"neuron {row}" if is_neuron else str(row)


def column_heads(frame: Frame, columns: Sequence[int | str], look: Look = DEFAULT, highlight: int | None = None) -> Text:
    """The line above the cells: column numbers or words, set right over their cells; the highlighted one in the accent colour."""
    line = Text(" " * (frame.label_width + 1), no_wrap=True, end="")
    accent = look.palette.style("accent", bold=True)
    for place, head in enumerate(columns):
        words = str(head)[: frame.column.width + 1]
        role = "dim" if isinstance(head, int) else frame.role if role_of(head) == "input" else role_of(head)
        style = accent if place == highlight else look.palette.style(role)
        line.append(f"{words:>{frame.column.width + 1}}", style)
        line.append(" ")
    return line


def tensor_row(
    frame: Frame,
    label: str,
    numbers: Sequence[Any],
    look: Look = DEFAULT,
    *,
    cursor: int | None = None,
    marked: Callable[[int], bool] | None = None,
    glyphs: Sequence[str] = (),
    strength: float = QUIET,
) -> Text:
    """One row of cells; the cursor's cell stands between `▸` and `◂`, `marked` cells are underlined; `strength` is that of their colours.

    `glyphs` holds, a cell, why a zero is zero (`"relu"`, `"dropped"`, …) or `""`.
    """
    palette = look.palette
    edge = palette.style("accent", bold=True)
    parts, spans = [f"{label:>{frame.label_width}} "], [Span(0, frame.label_width + 1, palette.style("dim"))]
    end = len(parts[0])
    for place, number in enumerate(numbers):
        reason = glyphs[place] if place < len(glyphs) else ""
        sign = look.zero_glyph(reason) if reason and number == 0 else ""
        written = frame.column.align(sign) if sign else frame.column.write(number, exact=frame.exact, dtype=frame.dtype)
        here, is_marked = place == cursor, marked is not None and marked(place)
        background = palette.cursor if here else palette.cell_background(number, frame.scale, strength)
        role = "wrong" if number != number and not here else "text"  # red cannot be read on the cursor
        parts.append(f"{look.glyphs.selected}{written}{look.glyphs.pointer}" if here else f" {written} ")
        start, stop = end + 1, end + 1 + len(written)
        spans.append(Span(end, start, edge if here else palette.style("text", background=background)))
        spans.append(Span(start, stop, palette.style(role, bold=here or is_marked, background=background, underline=is_marked)))
        spans.append(Span(stop, stop + 1, edge if here else palette.style("text", background=background)))
        end = stop + 1
    return Text("".join(parts), spans=spans, no_wrap=True, end="")


SHADES = (" ", "░", "▒", "▓", "█")
ASCII_SHADES = (" ", ".", ":", "+", "#")


def heat_row(numbers: Sequence[Any], scale: float, look: Look = DEFAULT, *, cursor: int | None = None, cell_width: int = 2) -> Text:
    """One row of a heat map: a coloured cell a number; without colour a shade by size, with `-` before a negative one."""
    parts, spans, colored = [], [], look.palette.colored
    for place, number in enumerate(numbers):
        here = place == cursor
        bad = isinstance(number, complex) or number != number
        cell = f"{look.glyphs.selected}{look.glyphs.pointer}" if here else "?" if bad else "" if colored else _shade(number, scale, look)
        background = look.palette.cell_background(number, scale, 1.0) if colored else ""
        parts.append(f"{cell:>{cell_width}}"[:cell_width])
        style = look.palette.style("wrong" if bad else "text", bold=here, background=background, reverse=here and not colored)
        spans.append(Span(place * cell_width, (place + 1) * cell_width, style))
    return Text("".join(parts), spans=spans, no_wrap=True, end="")


def scale_legend(scale: float, width: int, look: Look = DEFAULT) -> Text:
    """Which colour is how much, within `width` cells: `-0.67 ▁▁▁ 0 ▁▁▁ 0.67`, or its shade; nothing, where there is no room."""
    end = f"{scale:.3g}"
    line = Text(no_wrap=True, end="")
    if not scale or width < 14:
        return line
    cell = 1 if look.palette.colored else 2  # a shade stands behind its sign
    cells = min((width - 2 * len(end) - 5) // (2 * cell), 8 // cell)
    steps = [(place + 1) / max(cells, 1) for place in range(max(cells, 0))]
    dim = look.palette.style("dim")
    line.append(f"-{end} ", dim)
    line.append_text(heat_row([-scale * share for share in reversed(steps)], scale, look, cell_width=cell))
    line.append(" 0 ", dim)
    line.append_text(heat_row([scale * share for share in steps], scale, look, cell_width=cell))
    line.append(f" {end}", dim)
    return line if line.cell_len <= width else Text(no_wrap=True, end="")


def _shade(number: Any, scale: float, look: Look) -> str:
    shades = ASCII_SHADES if look.glyphs.ascii else SHADES
    share = min(abs(number) / scale, 1.0) if scale and abs(number) != float("inf") else float(number != 0)
    level = 0 if number == 0 else max(1, round(share * (len(shades) - 1)))
    return ("-" if number < 0 else " ") + shades[level]
