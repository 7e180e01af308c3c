"""Where each pane goes: a pure function of the terminal's size and of what there is to show.

In a narrow terminal the pane with the focus stands above, a few rows of it, and the computation below: a walk shows what it explains. In
a very low one there is the pane with the focus alone. From 100 columns on the steps are at the left, the tensors above, their
computation below; from 170 on, source and statistics are beside. A pane that has nothing to say gives its rows to the computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDE, BESIDE = 100, 170  # columns
LOW, TALL = 16, 30  # rows: one pane alone below the first; the source is shown from the second on, below it with the focus
MOST = 4  # frames of tensors in sight; more tensors are a `]` away
LEAST = 8  # rows below which a computation is not worth its frame


class Box(NamedTuple):
    """A rectangle in cells, borders included."""

    x: int
    y: int
    width: int
    height: int


class Room(NamedTuple):
    """What a frame of a tensor would like, borders included: `least` columns show its labels and a few columns of cells."""

    columns: int
    rows: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panes would like: rows and columns include their borders; 0 means nothing to show."""

    focus: str = "steps"
    zoomed: bool = False
    steps_columns: int = 34
    steps_rows: int = 8
    source_rows: int = 0
    tensors: tuple[Room, ...] = ()
    chosen: int = -1  # the tensor that is looked at
    computation_rows: int = 10
    console_rows: int = 0
    watch_rows: int = 0


def place(width: int, height: int, wish: Wish) -> dict[str, Box]:
    """The box of every pane that is shown; a pane that is not in it is hidden. Frames are "tensor0", "tensor1", …"""
    if width <= 0 or height <= 0:
        return {}
    if wish.zoomed or height < LOW:
        return {wish.focus: Box(0, 0, width, height)}
    if width < WIDE:
        return _place_narrow(width, height, wish)
    steps = min(max(34, wish.steps_columns), width // 3)
    watches = min(wish.watch_rows, height // 3)
    boxes = {"steps": Box(0, 0, steps, height - watches)}
    if watches:
        boxes["watches"] = Box(0, height - watches, steps, watches)
    right = width - steps
    if width < BESIDE:
        return boxes | _stack(steps, right, height, wish, source_above=height >= TALL or wish.focus == "source")
    beside = right * 36 // 100
    boxes |= _stack(steps, right - beside, height, wish, source_above=False)
    source = max(height * 2 // 5, 8) if wish.source_rows else 0
    if source:
        boxes["source"] = Box(width - beside, 0, beside, source)
    boxes["statistics"] = Box(width - beside, source, beside, height - source)
    return boxes


def share(total: int, frames: Sequence[Room], first: int | None = None) -> list[int]:
    """Columns for each frame: what it wants where all fit, else the widest give way to one another equally, none below its least.

    Number `first` comes first: it may have half of the room, or what the others leave.
    """
    if sum(frame.columns for frame in frames) <= total:
        return [frame.columns for frame in frames]
    least = [min(frame.least, frame.columns) for frame in frames]
    if sum(least) > total:
        least = [min(floor, total // len(frames)) for floor in least]
    wants = [frame.columns - floor for frame, floor in zip(frames, least, strict=True)]
    left = total - sum(least)
    more = [0] * len(frames)
    if first is not None:
        others = sum(wants) - wants[first]
        more[first] = min(wants[first], max(left - others, total // 2 - least[first], 0), left)
        wants[first], left = 0, left - more[first]
    order = sorted(range(len(wants)), key=lambda i: wants[i])
    for place_in_order, i in enumerate(order):
        given = min(wants[i], left // (len(order) - place_in_order))
        more[i] += given
        left -= given
    return [floor + extra for floor, extra in zip(least, more, strict=True)]


def _place_narrow(width: int, height: int, wish: Wish) -> dict[str, Box]:
    """The pane with the focus, or the steps, above; below it the computation."""
    if wish.focus.startswith("tensor"):
        above = _place_tensors(0, 0, width, height, wish)
        top = max(box.y + box.height for box in above.values())
    else:
        name = "steps" if wish.focus == "computation" else wish.focus
        rows = {"steps": wish.steps_rows, "source": wish.source_rows + 4, "watches": wish.watch_rows, "console": wish.console_rows}
        top = min(max(rows.get(name, height), 5), max(height * 2 // 5, 8))
        above = {name: Box(0, 0, width, top)}
    if height - top < LEAST:
        return above
    return above | {"computation": Box(0, top, width, height - top)}


def _stack(x: int, width: int, height: int, wish: Wish, *, source_above: bool) -> dict[str, Box]:
    """Source, tensors, computation and console, one below the other."""
    boxes: dict[str, Box] = {}
    console = min(wish.console_rows, max(4, height // 4)) if wish.console_rows else 0
    source = min(wish.source_rows, max(5, height // 6)) if source_above else 0
    least = max(min(wish.computation_rows, height // 2), LEAST)
    if source:
        boxes["source"] = Box(x, 0, width, source)
    frames = _place_tensors(x, source, width, max(5, height - console - source - least), wish)
    boxes |= frames
    top = max((box.y + box.height for box in frames.values()), default=source)
    boxes["computation"] = Box(x, top, width, height - console - top)
    if console:
        boxes["console"] = Box(x, height - console, width, console)
    return boxes


def _place_tensors(x: int, y: int, width: int, height: int, wish: Wish) -> dict[str, Box]:
    """Frames side by side, each as high as it likes; in several rows where one would be too narrow and there is the height for more.

    A frame without the room for a column of numbers is left out: a cut number would look like another one.
    """
    numbers = range(len(wish.tensors))
    rows = _wrap(width, wish)
    if sum(max(wish.tensors[number].rows for number in row) for row in rows) > height or not _is_cramped(width, wish):
        rows = [_pick(width, wish)] if numbers else []
    boxes: dict[str, Box] = {}
    for row in rows:
        left, tallest = x, min(max(wish.tensors[number].rows for number in row), height)
        first = row.index(wish.chosen) if wish.chosen in row else None
        given = share(width, [wish.tensors[number] for number in row], first)
        for number, wide in zip(row, given, strict=True):
            boxes[f"tensor{number}"] = Box(left, y, wide, min(wish.tensors[number].rows, height))
            left += wide
        y += tallest
    return boxes


def _pick(width: int, wish: Wish) -> list[int]:
    """The frames that have the room for a column each: the one that is looked at, then the output, the input, the others in their order."""
    numbers = range(len(wish.tensors))
    picked: list[int] = []
    for number in dict.fromkeys((wish.chosen if wish.chosen in numbers else 0, len(numbers) - 1, *numbers)):
        if picked and sum(wish.tensors[one].least for one in (*picked, number)) > width:
            break  # a bias without its weight would mislead
        picked.append(number)
    return sorted(picked)


def _is_cramped(width: int, wish: Wish) -> bool:
    """Whether a frame that asks for less than half of the row would get less than three quarters of what it asks for."""
    given = share(width, wish.tensors)
    return any(4 * got < 3 * min(frame.columns, width // 2) for got, frame in zip(given, wish.tensors, strict=True))


def _wrap(width: int, wish: Wish) -> list[list[int]]:
    """The numbers of the frames in rows, as words in lines."""
    rows: list[list[int]] = [[]]
    for number, frame in enumerate(wish.tensors):
        if rows[-1] and sum(wish.tensors[one].columns for one in rows[-1]) + frame.columns > width:
            rows.append([])
        rows[-1].append(number)
    return [row for row in rows if row]
