"""A recorded tensor as a block of text: what plain mode and exports print."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.records import Value
from neurontui.rendering.glyphs import Look
from neurontui.rendering.tensors import DEFAULT, column_heads, frame_window, lay_grid, read_window, tensor_row
from neurontui.text import clean, exact_number, format_dtype, format_index, format_number, format_shape

Plane = tuple[int | None, ...]


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


def plain_tensor(value: Value, limit: int = 16, *, name: str = "element", exact: bool = False, plane: Plane = ()) -> list[str]:
    """A tensor for a screen reader: one element or row a line, the first `limit` of them.

    `plane` is the slice that is shown, an entry a dimension: a number, or None for the whole of it (at most two of them).
    By default the last two dimensions, the others at 0.
    """
    dims = len(value.shape)
    whole = plane if len(plane) == dims else tuple(0 if dim < dims - 2 else None for dim in range(dims))
    free = [size for size, fixed in zip(value.shape, whole, strict=True) if fixed is None]
    grid = lay_grid(free)
    if not grid.rows or not grid.columns:
        return ["no elements"]
    part = value.numbers()[tuple(slice(None) if fixed is None else fixed for fixed in whole)]
    window = read_window(part, grid, range(limit), range(limit))
    numbers = [[exact_number(number, value.dtype) if exact else format_number(number) for number in row] for row in window]
    if len(free) < 2:
        lines = [f"{clean(format_index(name, _fill(whole, row)))} is {line[0]}" for row, line in enumerate(numbers)]
    else:
        lines = [f"row {row}: {', '.join(line)}" for row, line in enumerate(numbers)]
    rest = _rest(grid.rows - len(numbers), grid.columns - len(numbers[0]), ()).strip("()")
    cut = len(free) == 2 and len(free) < dims
    slice_words = f"this is the slice [{', '.join(':' if fixed is None else str(fixed) for fixed in whole)}]" if cut else ""
    return [*lines, *filter(None, (rest, slice_words))]


def _fill(plane: Plane, index: int) -> tuple[int, ...]:
    """The whole index, `index` in the place of the free dimension."""
    return tuple(index if fixed is None else fixed for fixed in plane)
