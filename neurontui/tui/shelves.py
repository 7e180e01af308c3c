"""Frames of tensors on shelves: which stand side by side, how wide and how high each is. A pure function, as `placement` is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

GLANCE = 11  # rows of a frame, of which eight are cells: as many as one takes in at a glance
LOWEST = 6  # rows of a frame that is cut where there are several shelves
ANOTHER = 0.3  # of a frame: what another shelf has to show more


class Room(NamedTuple):
    """What a frame of a tensor would like, borders included: `columns` and `rows` show all of it.

    `least` columns show its labels and a few columns of cells, `good` as many as one takes in at a glance, `titled` its whole title too.
    """

    columns: int
    rows: int
    least: int = 0
    good: int = 0
    titled: int = 0


class Place(NamedTuple):
    """Where a frame stands among the others, in cells."""

    x: int
    y: int
    width: int
    height: int


Shelf = Sequence[int]  # numbers of frames, from left to right


def arrange(width: int, height: int, frames: Sequence[Room], chosen: int = -1, most: int = 0) -> dict[int, Place]:
    """The places of the frames in `width` columns and `height` rows; `most` rows where they show every frame whole.

    As many shelves as show the most of all; a frame without the room for a column of cells is left out: a cut number would look like
    another one.
    """
    if not frames or height <= 0:
        return {}
    shelves, heights = _whole(width, max(most, height), frames) or _best(width, height, frames, chosen)
    widths = _align(width, [_fill(width, frames, shelf, chosen) for shelf in shelves])
    places, y = {}, 0
    for shelf, given, tall in zip(shelves, widths, heights, strict=True):
        x = 0
        for number, wide in zip(shelf, given, strict=True):
            places[number] = Place(x, y, wide, min(frames[number].rows, tall))
            x += wide
        y += tall
    return places


def share(total: int, frames: Sequence[Room], first: int | None = None) -> list[int]:
    """Columns for each frame: what it wants where all fit, else the large ones give way before the small ones, none below its least.

    Number `first` comes first: it may have half of the room, or what the others leave. What is less than half as large as the largest
    is small, unless it is wider than all the room; the others give way to one another equally.
    """
    if sum(frame.columns for frame in frames) <= total:
        return [frame.columns for frame in frames]
    given = [min(frame.least, frame.columns) for frame in frames]
    if sum(given) > total:
        given = [min(floor, total // len(frames)) for floor in given]
    wants = [frame.columns - floor for frame, floor in zip(frames, given, strict=True)]
    left = total - sum(given)
    if first is not None:
        others = sum(wants) - wants[first]
        left -= _give(first, min(wants[first], max(left - others, total // 2 - given[first], 0), left), given, wants)
        wants[first] = 0
    largest = max(frame.columns * frame.rows for frame in frames)
    order = sorted(range(len(frames)), key=lambda i: wants[i])
    small = [i for i in order if 2 * frames[i].columns * frames[i].rows < largest and frames[i].columns <= total]
    for i in small:
        left -= _give(i, min(wants[i], left), given, wants)
    large = [i for i in order if i not in small]
    for place_in_order, i in enumerate(large):
        left -= _give(i, min(wants[i], left // (len(large) - place_in_order)), given, wants)
    return given


def _give(number: int, columns: int, given: list[int], wants: list[int]) -> int:
    given[number] += columns
    wants[number] -= columns
    return columns


def _whole(width: int, height: int, frames: Sequence[Room]) -> tuple[list[Shelf], list[int]] | None:
    """The fewest shelves on which every frame is whole, and how high they are; None where there are none."""
    for shelves in _split(len(frames)):
        heights = [max(frames[number].rows for number in shelf) for shelf in shelves]
        fits = all(sum(frames[number].columns for number in shelf) <= width for shelf in shelves)
        if fits and sum(heights) <= height:
            return shelves, heights
    return None


def _best(width: int, height: int, frames: Sequence[Room], chosen: int) -> tuple[list[Shelf], list[int]]:
    """The shelves that show the most of all frames, and how high they are: one of some of them, or several of all of them."""
    one = _pick(width, frames, chosen)
    best: tuple[list[Shelf], list[int]] = [one], [min(max(frames[number].rows for number in one), height)]
    most = _worth(width, frames, *best)
    for shelves in _split(len(frames)):
        if any(sum(min(frames[number].least, frames[number].columns) for number in shelf) > width for shelf in shelves):
            continue
        heights = _share_rows(height, [[frames[number].rows for number in shelf] for shelf in shelves])
        if not heights:
            continue
        worth = _worth(width, frames, shelves, heights)
        if worth > most:
            best, most = (shelves, heights), worth
    return best


def _split(count: int) -> Iterator[list[Shelf]]:
    """All ways to stand `count` frames on shelves in their order: the fewest shelves first, the upper ones as full as can be."""
    for cuts in range(count):
        for places in reversed(list(combinations(range(1, count), cuts))):
            yield [range(start, stop) for start, stop in pairwise((0, *places, count))]


def _worth(width: int, frames: Sequence[Room], shelves: Sequence[Shelf], heights: Sequence[int]) -> float:
    """How much of the frames is seen, of what one takes in at a glance: 1 for each that is whole, less for each shelf but the first."""
    seen = 0.0
    for shelf, tall in zip(shelves, heights, strict=True):
        for number, wide in zip(shelf, share(width, [frames[number] for number in shelf]), strict=True):
            frame = frames[number]
            across, down = wide / max(frame.good or frame.columns, 1), (tall - 3) / max(min(frame.rows, GLANCE) - 3, 1)
            seen += min(across, 1.0) * min(max(down, 0.0), 1.0)
    return seen - ANOTHER * (len(shelves) - 1)


def _share_rows(height: int, shelves: Sequence[Sequence[int]]) -> list[int]:
    """Rows for each shelf of frames of so many rows: first what one takes in at a glance, then the rest; [] where there are too few."""
    wants = [max(rows) for rows in shelves]
    given = [min(want, GLANCE) for want in wants]
    floors = [min(want, LOWEST if len(shelves) > 1 else height) for want in wants]
    if sum(floors) > height:
        return []
    while sum(given) > height:
        tallest = max((i for i in range(len(given)) if given[i] > floors[i]), key=lambda i: given[i])
        given[tallest] -= 1
    while sum(given) < height and given != wants:
        lowest = min((i for i in range(len(given)) if given[i] < wants[i]), key=lambda i: given[i])
        given[lowest] += 1
    return given


def _pick(width: int, frames: Sequence[Room], chosen: int) -> list[int]:
    """The frames that have the room for a column each: the one that is looked at, then the output, the input, the others in their order."""
    numbers = range(len(frames))
    picked: list[int] = []
    for number in dict.fromkeys((chosen if chosen in numbers else 0, len(numbers) - 1, *numbers)):
        if picked and sum(frames[one].least for one in (*picked, number)) > width:
            break  # a bias without its weight would mislead
        picked.append(number)
    return sorted(picked)


def _fill(width: int, frames: Sequence[Room], shelf: Shelf, chosen: int) -> list[int]:
    """The widths of the frames of a shelf, with the room for a frame's whole title where there is some left."""
    rooms = [frames[number] for number in shelf]
    widths = share(width, rooms, shelf.index(chosen) if chosen in shelf else None)
    left = width - sum(widths)
    for number, frame in enumerate(rooms):
        more = frame.titled - widths[number]
        if 0 < more <= left and widths[number] >= frame.columns:
            widths[number] += more
            left -= more
    return widths


def _align(width: int, shelves: list[list[int]]) -> list[list[int]]:
    """Frames below one another end at the same columns, where that takes no more room than there is."""
    if len({len(shelf) for shelf in shelves}) > 1:
        return shelves
    widest = [max(column) for column in zip(*shelves, strict=True)]
    return [widest] * len(shelves) if sum(widest) <= width else shelves
