"""A recorded tensor as a block of text: what plain mode and exports print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from neurontui.records import Value
from neurontui.rendering.glyphs import Look
from neurontui.rendering.tensors import DEFAULT, column_heads, frame_window, lay_grid, read_window, tensor_row
from neurontui.text import clean, exact_number, format_dtype, format_index, format_number, format_shape


def value_title(title: str, value: Value) -> str:
    """`"weight [2, 2]"`, with the dtype where it is not float32; cleaned."""
    dtype = format_dtype(value.dtype)
    return f"{clean(title)} {format_shape(value.shape)}{'' if dtype == 'float32' else f' {dtype}'}"


def tensor_lines(
    value: Value, width: int = 80, height: int = 12, look: Look = DEFAULT, *, leading: Sequence[int] = (), exact: bool = False
) -> list[Text]:
    """The beginning of a tensor as lines, for plain text; says how much more there is."""
    grid = lay_grid(value.shape, leading)
    if not grid.rows or not grid.columns:
        return [Text("(no elements)", look.palette.style("dim"), end="")]
    rows = range(min(grid.rows, height))
    numbers = read_window(value.tensor(), grid, rows, range(min(grid.columns, width // 4 + 1)))
    labels = [str(row) for row in rows] if grid.dims else [""]
    frame = frame_window(numbers, labels, exact=exact, dtype=value.dtype)
    columns = max(1, min(len(numbers[0]), (width - frame.label_width - 1) // frame.cell_width))
    lines = [column_heads(frame, range(columns), look)] if grid.dims > 1 else []
    lines += [tensor_row(frame, label, row[:columns], look) for label, row in zip(labels, numbers, strict=True)]
    rest = _rest(grid.rows - len(rows), grid.columns - columns, grid.leading)
    return [*lines, Text(rest, look.palette.style("dim"), end="")] if rest else lines


def _rest(rows: int, columns: int, leading: tuple[int, ...]) -> str:
    """What is not shown, in words."""
    parts = [f"{count:,} more {word}{'s' if count > 1 else ''}" for count, word in ((rows, "row"), (columns, "column")) if count > 0]
    if leading:
        parts.append(f"this is slice [{', '.join(map(str, leading))}, :, :]")
    return f"({'; '.join(parts)})" if parts else ""


def plain_tensor(value: Value, limit: int = 16, *, name: str = "element", exact: bool = False) -> list[str]:
    """A tensor for a screen reader: one element or row a line, the first `limit` of them."""
    grid = lay_grid(value.shape)
    count = grid.rows * grid.columns
    if not count:
        return ["no elements"]
    numbers = read_window(value.tensor(), grid, range(min(grid.rows, limit)), range(min(grid.columns, limit)))

    def spell(number: Any) -> str:
        return exact_number(number, value.dtype) if exact else format_number(number)

    if grid.dims < 2:
        lines = [f"{format_index(name, grid.index(row, 0))} is {spell(line[0])}" for row, line in enumerate(numbers)]
    else:
        lines = [f"row {', '.join(map(str, (*grid.leading, row)))}: {', '.join(map(spell, line))}" for row, line in enumerate(numbers)]
    rest = _rest(grid.rows - len(numbers), grid.columns - len(numbers[0]), grid.leading)
    return [*lines, rest.strip("()")] if rest else lines
