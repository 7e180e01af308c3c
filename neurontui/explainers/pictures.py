"""Pictures made whole: the shapes of the tensors in them, what each operand gives where its explainer drew none, and the output."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.terms import Cells, Column
from neurontui.explanation import Picture
from neurontui.indices import ravel
from neurontui.records import Value

MANY = 1024  # cells that are listed one by one; boxes have no limit
MOST = 3  # operands that are drawn


def complete_pictures(call: Call, made: Draft) -> tuple[Picture, ...]:
    """The draft's pictures, then a row for each other operand that gives several elements; with any of them, the output's element."""
    named = {picture.argument for picture in made.pictures}
    others = (Picture("row", name, cells) for name, cells in _cells_read(made).items() if name not in named)
    drawn = [_with_shape(call, picture) for picture in [*made.pictures, *others][: len(made.pictures) + MOST]]
    if not any(picture.shape for picture in drawn) or not call.shape:
        return tuple(drawn)
    kinds = {picture.kind for picture in drawn}
    kind = drawn[0].kind if kinds in ({"broadcast"}, {"row"}) else "map"
    axes = next((picture.axes for picture in drawn if picture.shape == call.shape), ())
    return (*drawn, Picture(kind, "output", (call.at,), shape=call.shape, axes=axes))


def _with_shape(call: Call, picture: Picture) -> Picture:
    value = call.values.get(picture.argument)
    if picture.shape or not isinstance(value, Value) or not (len(picture.cells) or picture.outside):
        return picture
    caption = picture.caption or (_places(call, picture, value) if picture.kind == "map" and len(picture.cells) == 1 else "")
    axes = picture.axes or (choose_axes(picture.cells, value.shape) if picture.kind != "window" and len(picture.cells) > 1 else ())
    return replace(picture, shape=tuple(value.shape), axes=axes, caption=caption)


def _places(call: Call, picture: Picture, value: Value) -> str:
    """Which element became which, counted row by row; whether the output lies in the same memory."""
    before, after = ravel(picture.cells[0], value.shape), ravel(call.at, call.shape)
    many, now = math.prod(value.shape), math.prod(call.shape)
    counted = f"element {before} of {many} in row-major order is now element {after} of {now}"
    if not isinstance(call.target, Value) or value.store is None or call.target.store is None:
        return counted
    if value.store != call.target.store:
        return f"{counted}; a copy: the output has its own memory"
    written = any(left.store == value.store for left in call.step.writes.values())
    return f"{counted}; {'written in place' if written else 'a view'}: both share one memory"


def choose_axes(cells: Sequence[tuple[int, ...]], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The two dimensions in which the marked cells can be told from the others; () for the last two.

    Where these are marked throughout (a group of whole planes), the last one that is not and the one before it; where the marks are one
    cell of them (a softmax over channels), the dimension that they run along and the last.
    """
    dims = len(shape)
    if dims < 3:
        return ()
    ends = [(cells[0][axis], cells[-1][axis]) for axis in range(dims)]
    partial = [axis for axis in range(dims) if ends[axis] != (0, shape[axis] - 1)]
    spread = [axis for axis in range(dims) if ends[axis][0] != ends[axis][1]]
    if partial and max(partial) < dims - 2:
        return (max(partial) - 1, max(partial)) if max(partial) else (0, 1)
    if spread and max(spread) < dims - 2:
        return max(spread), dims - 1
    return ()


def _cells_read(made: Draft) -> dict[str, Sequence[tuple[int, ...]]]:
    """By argument, the elements that the terms read, of operands that give more than one."""
    read: dict[str, list[Column]] = {}
    for column in _columns(made):
        if column.source is None and len(column.index) and len(column.index[0]):
            read.setdefault(column.name, []).append(column)
    cells = {name: _join(columns) for name, columns in read.items()}
    return {name: found for name, found in cells.items() if len(found) > 1}


def _columns(made: Draft) -> Iterator[Column]:
    for block in made.blocks:
        if not callable(block.columns):
            yield from block.columns


def _join(columns: Sequence[Column]) -> Sequence[tuple[int, ...]]:
    """The cells of all of them; none where they are too many to list."""
    first = columns[0].index
    if len(columns) == 1 and isinstance(first, Cells):
        return first
    if sum(len(column.index) for column in columns) > MANY:
        return ()
    return tuple(dict.fromkeys(tuple(map(int, cell)) for column in columns for cell in column.index))
