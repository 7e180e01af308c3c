"""Where each pane goes: a pure function of the terminal's size and of what there is to show.

In a narrow terminal the pane with the focus stands above, a few rows of it, and the computation below: a walk shows what it explains. In
a very low one there is the pane with the focus alone. From 100 columns on the steps are at the left, the tensors above, their
computation below; from 170 on, source and statistics are beside. A pane that has nothing to say gives its rows to the computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from neurontui.tui.shelves import LOWEST, Room, arrange

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


@dataclass(frozen=True, slots=True)
class Wish:
    """What the panes would like: rows and columns include their borders; 0 means nothing to show."""

    focus: str = "steps"
    zoomed: bool = False
    steps_columns: int = 34
    short_columns: int = 0  # what the steps take without the shapes that went in, where they cannot have the others
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
    third = width // 3
    steps = min(max(34, wish.steps_columns if wish.steps_columns <= third else wish.short_columns or third), third)
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


def _place_narrow(width: int, height: int, wish: Wish) -> dict[str, Box]:
    """The pane with the focus, or the steps, above; below it the computation."""
    if wish.focus.startswith("tensor"):
        above = _place_tensors(0, 0, width, height - LEAST, wish, height)
        top = max(box.y + box.height for box in above.values())
    else:
        name = "steps" if wish.focus == "computation" else wish.focus
        rows = {"steps": wish.steps_rows, "source": wish.source_rows + 4, "watches": wish.watch_rows, "console": wish.console_rows}
        top = min(max(rows.get(name, height), 5), max(height * 2 // 5, 8))
        above = {name: Box(0, 0, width, top)}
    if height - top < LOWEST:
        return above
    return above | {"computation": Box(0, top, width, height - top)}


def _stack(x: int, width: int, height: int, wish: Wish, *, source_above: bool) -> dict[str, Box]:
    """Source, tensors, computation and console, one below the other.

    Where fewer rows for computation and console let every tensor be seen whole, they give way to them: both can be scrolled.
    """
    boxes: dict[str, Box] = {}
    console = min(wish.console_rows, max(4, height // 4)) if wish.console_rows else 0
    source = min(wish.source_rows, max(5, height // 6)) if source_above else 0
    if source:
        boxes["source"] = Box(x, 0, width, source)
    least, fewer = (max(min(wish.computation_rows, share), LEAST) for share in (height // 2, height * 2 // 5))
    low = min(console, max(4, height // 6))
    frames = _place_tensors(x, source, width, max(5, height - console - source - least), wish, height - low - source - fewer)
    boxes |= frames
    top = max((box.y + box.height for box in frames.values()), default=source)
    console = min(console, max(low, height - top - least))
    boxes["computation"] = Box(x, top, width, height - console - top)
    if console:
        boxes["console"] = Box(x, height - console, width, console)
    return boxes


def _place_tensors(x: int, y: int, width: int, height: int, wish: Wish, most: int) -> dict[str, Box]:
    """The frames of the tensors; in `most` rows where that shows all of them whole."""
    places = arrange(width, height, wish.tensors, wish.chosen, most)
    return {f"tensor{number}": Box(x + place.x, y + place.y, place.width, place.height) for number, place in places.items()}
