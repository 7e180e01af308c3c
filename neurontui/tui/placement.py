"""Where each pane goes: a pure function of the terminal's size and of what there is to show.

Below 100 columns or 30 rows one pane has the whole screen; tensors leave the rows they do not need to their computation. From there
on the steps are at the left, the tensors above, their computation below; from 170 columns on, source and statistics are beside.
A pane that has nothing to say gives its rows to the computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDE, TALL, BESIDE = 100, 30, 170  # columns, rows, columns
MOST = 4  # frames of tensors in sight; more tensors are a `]` away
LEAST = 8  # rows below which a computation is not worth its frame


class Box(NamedTuple):
    """A rectangle in cells, borders included."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panes would like: rows and columns include their borders; 0 means nothing to show."""

    focus: str = "steps"
    zoomed: bool = False
    steps_columns: int = 34
    source_rows: int = 0
    tensors: tuple[tuple[int, int], ...] = ()  # (columns, rows) of each tensor's frame
    computation_rows: int = 10
    console_rows: int = 0
    watch_rows: int = 0


def place(width: int, height: int, wish: Wish) -> dict[str, Box]:
    """The box of every pane that is shown; a pane that is not in it is hidden. Frames are "tensor0", "tensor1", …"""
    if width <= 0 or height <= 0:
        return {}
    if wish.zoomed or width < WIDE or height < TALL:
        return _place_alone(width, height, wish)
    steps = min(max(30, width * 28 // 100), max(34, wish.steps_columns))
    watches = min(wish.watch_rows, height // 3)
    boxes = {"steps": Box(0, 0, steps, height - watches)}
    if watches:
        boxes["watches"] = Box(0, height - watches, steps, watches)
    right = width - steps
    if width < BESIDE:
        return boxes | _stack(steps, right, height, wish, source_above=True)
    beside = right * 36 // 100
    boxes |= _stack(steps, right - beside, height, wish, source_above=False)
    source = max(height * 55 // 100, 8) if wish.source_rows else 0
    if source:
        boxes["source"] = Box(width - beside, 0, beside, source)
    boxes["statistics"] = Box(width - beside, source, beside, height - source)
    return boxes


def share(total: int, wants: Sequence[int]) -> list[int]:
    """Columns for each: what it wants where all fit, else the widest give way to one another equally."""
    left, given = total, [0] * len(wants)
    order = sorted(range(len(wants)), key=lambda i: wants[i])
    for place_in_order, i in enumerate(order):
        given[i] = min(wants[i], left // (len(order) - place_in_order))
        left -= given[i]
    return given


def _place_alone(width: int, height: int, wish: Wish) -> dict[str, Box]:
    if not wish.focus.startswith("tensor"):
        return {wish.focus: Box(0, 0, width, height)}
    boxes = _place_tensors(0, 0, width, height, wish.tensors)
    top = max(box.y + box.height for box in boxes.values())
    if height - top >= LEAST and not wish.zoomed:
        boxes["computation"] = Box(0, top, width, height - top)
    return boxes


def _stack(x: int, width: int, height: int, wish: Wish, *, source_above: bool) -> dict[str, Box]:
    """Source, tensors, computation and console, one below the other."""
    boxes: dict[str, Box] = {}
    console = min(wish.console_rows, max(4, height // 4)) if wish.console_rows else 0
    source = min(wish.source_rows, max(5, height // 6)) if source_above else 0
    least = max(min(wish.computation_rows, height // 2), LEAST)
    if source:
        boxes["source"] = Box(x, 0, width, source)
    frames = _place_tensors(x, source, width, max(5, height - console - source - least), wish.tensors)
    boxes |= frames
    top = max((box.y + box.height for box in frames.values()), default=source)
    boxes["computation"] = Box(x, top, width, height - console - top)
    if console:
        boxes["console"] = Box(x, height - console, width, console)
    return boxes


def _place_tensors(x: int, y: int, width: int, height: int, wants: tuple[tuple[int, int], ...]) -> dict[str, Box]:
    """Frames side by side, each as high as it likes; in several rows where one would be too narrow and there is the height for more."""
    rows = _wrap(width, wants)
    if sum(max(tall for _, tall in row) for row in rows) > height or not _is_cramped(width, wants):
        rows = [list(wants)]
    boxes: dict[str, Box] = {}
    for row in rows:
        left, tallest = x, min(max((tall for _, tall in row), default=0), height)
        for (_, tall), wide in zip(row, share(width, [want for want, _ in row]), strict=True):
            boxes[f"tensor{len(boxes)}"] = Box(left, y, wide, min(tall, height))
            left += wide
        y += tallest
    return boxes


def _is_cramped(width: int, wants: tuple[tuple[int, int], ...]) -> bool:
    """Whether a frame that asks for less than half of the row would get less than three quarters of what it asks for."""
    given = share(width, [want for want, _ in wants])
    return any(4 * got < 3 * min(want, width // 2) for got, (want, _) in zip(given, wants, strict=True))


def _wrap(width: int, wants: tuple[tuple[int, int], ...]) -> list[list[tuple[int, int]]]:
    """Frames in rows, as words in lines."""
    rows: list[list[tuple[int, int]]] = [[]]
    for want in wants:
        if rows[-1] and sum(wide for wide, _ in rows[-1]) + want[0] > width:
            rows.append([])
        rows[-1].append(want)
    return [row for row in rows if row]
