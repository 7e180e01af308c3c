"""The window of a frame: which of its columns are in sight, and their numbers, read in one slice a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neurontui.rendering.tensors import read_window

if TYPE_CHECKING:
    from neurontui.tui.frames import TensorFrame


def visible_columns(frame: TensorFrame, first: int, fitting: int) -> list[int]:
    """`fitting` columns from `first` on; the frozen ones (the bias beside its weight) always stand at the end."""
    moving = frame.columns - frame.frozen
    return [*range(first, min(first + max(fitting - frame.frozen, 1), moving)), *range(moving, frame.columns)]


def read_cells(frame: TensorFrame, rows: range, columns: Sequence[int], *, before: bool = False) -> list[list[Any]]:
    """The numbers `(rows, columns)` of all parts together, shorter at the end of the tensor; `before`: those before the edits.

    A part that cannot be read, or has no numbers from before, gives none.
    """
    joined: list[list[Any]] = [[] for _ in range(rows.start, min(rows.stop, frame.rows))]
    start = 0
    for part in frame.parts:
        inside = [column - start for column in columns if start <= column < start + part.grid.columns]
        start += part.grid.columns
        tensor = part.before if before else part.tensor
        if not inside or (tensor is None and not before):
            continue
        if tensor is None:
            window = [[None] * len(inside)] * len(joined)
        else:
            window = read_window(tensor, part.grid, range(rows.start, min(rows.stop, part.grid.rows)), range(inside[0], inside[-1] + 1))
        for line, numbers in zip(joined, window, strict=False):
            line.extend(numbers)
    return joined


def changed_rows(frame: TensorFrame, rows: range, columns: Sequence[int], numbers: Sequence[Sequence[Any]]) -> frozenset[int]:
    """The rows in which a number in sight is another than before the edits."""
    if frame.unreadable or all(part.before is None for part in frame.parts):
        return frozenset()
    old = read_cells(frame, rows, columns, before=True)
    pairs = zip(rows, zip(numbers, old, strict=True), strict=False)
    return frozenset(row for row, (now, then) in pairs if any(_differ(a, b) for a, b in zip(now, then, strict=True)))


def _differ(now: Any, then: Any) -> bool:
    return then is not None and now != then and (now == now or then == then)
