"""Tensors as rows of cells: only what is visible is read, so a 4096x4096 weight costs what its window costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from neurontui.records import Value
from neurontui.rendering.glyphs import Look
from neurontui.text import Column

DEFAULT = Look()

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
        raise NotImplementedError

    def cell(self, index: tuple[int, ...]) -> tuple[int, int]:
        """The cell (row, column) of an index of this slice."""
        raise NotImplementedError


def lay_grid(shape: Sequence[int], leading: Sequence[int] = ()) -> Grid:
    """The grid of a tensor of this shape; missing leading indices are 0."""
    raise NotImplementedError


def read_window(tensor: Any, grid: Grid, rows: range, columns: range) -> list[list[Any]]:
    """The numbers of a window of the grid as Python numbers, read in one slice."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Frame:
    """How a window's rows are drawn: the width of the row labels and of a cell, and what is highlighted."""

    label_width: int
    column: Column
    scale: float = 0.0  # the largest magnitude, the end of the colour scale; 0: no backgrounds
    exact: bool = False
    dtype: object = None
    role: str = "output"

    @property
    def cell_width(self) -> int:
        """Cells from one column to the next (the gap included)."""
        return self.column.width + 2


def frame_window(
    numbers: Numbers, labels: Sequence[str], *, scale: float = 0.0, exact: bool = False, dtype: object = None, role: str = "output"
) -> Frame:
    """The frame that fits this window: computed from the visible numbers alone."""
    raise NotImplementedError


def row_label(role: str, row: int, rows: int) -> str:
    """`"neuron 0"` for rows of a weight, a bias and a 1-D output of a Linear; else `"0"`."""
    raise NotImplementedError


def column_heads(frame: Frame, columns: Sequence[int | str], look: Look = DEFAULT, highlight: int | None = None) -> Text:
    """The line above the cells: column numbers (or words) set right over their cells."""
    raise NotImplementedError


def tensor_row(
    frame: Frame,
    label: str,
    numbers: Sequence[Any],
    look: Look = DEFAULT,
    *,
    cursor: int | None = None,
    marked: Callable[[int], bool] | None = None,
    glyphs: Sequence[str] = (),
) -> Text:
    """One row of cells, with the cursor's cell shown as `▸ -0.9256 ◂`-like reverse, `marked` cells underlined.

    `glyphs` holds, a cell, why a zero is zero (`"relu"`, `"dropped"`, …) or `""`.
    """
    raise NotImplementedError


def heat_row(numbers: Sequence[Any], scale: float, look: Look = DEFAULT, *, cursor: int | None = None, cell_width: int = 2) -> Text:
    """One row of a heat map: a coloured cell a number; without colour, shades and a sign (`-`, `+`)."""
    raise NotImplementedError


def tensor_lines(value: Value, width: int = 80, height: int = 12, look: Look = DEFAULT, *, leading: Sequence[int] = (), exact: bool = False) -> list[Text]:
    """The beginning of a tensor as lines, for plain text; says how much more there is."""
    raise NotImplementedError


def plain_tensor(value: Value, limit: int = 16) -> list[str]:
    """A tensor for a screen reader: one element or row a line, in words, the first `limit` of them."""
    raise NotImplementedError


def value_title(title: str, value: Value) -> str:
    """`"weight [2, 2]"`, with the dtype where it is not float32; cleaned."""
    raise NotImplementedError
