"""Windows that slide over an input: where one lies, which of its taps fall on padding. No operation is explained here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.terms import Array, Cells, Column
from neurontui.explanation import Origin, Picture

if TYPE_CHECKING:
    from neurontui.explainers.calls import Call


@dataclass(frozen=True, slots=True)
class Window:
    """`cells` are the positions on the input, one range a dimension; `taps` the places in the kernel that meet them.

    `reach` are all positions of the kernel's taps, of those beside the input too.
    """

    cells: tuple[range, ...]
    taps: tuple[range, ...]
    reach: tuple[range, ...]

    @property
    def kernel(self) -> tuple[int, ...]:
        """The kernel's size."""
        return tuple(map(len, self.reach))

    @property
    def outside(self) -> Array:
        """The places in the kernel that fall on padding, (n, dims)."""
        taken = set(product(*self.taps))
        left = [u for u in np.ndindex(*self.kernel) if u not in taken] if len(taken) < np.prod(self.kernel) else []
        return np.array(left, np.int64).reshape(len(left), len(self.kernel))


def dims_of(call: Call) -> int:
    """How many dimensions the window has, as the operation's name says: 2 for `max_pool2d`."""
    return next(dims for dims in (1, 2, 3) if f"{dims}d" in call.key)


def each(value: int | Sequence[int] | None, dims: int, default: Sequence[int] = ()) -> tuple[int, ...]:
    """An option as one int a dimension: 3 -> (3, 3); `default` for None and ()."""
    if value is None or (not isinstance(value, int) and len(value) == 0):
        return tuple(default)
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * dims if len(values) == 1 else values


def place_window(
    at: Sequence[int], sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> Window:
    """The window of output position `at`: input positions i·s − p + u·d, as far as they lie on the input."""
    cells, taps, reach = [], [], []
    for i, size, k, s, p, d in zip(at, sizes, kernel, stride, padding, dilation, strict=True):
        start = i * s - p
        first = max(0, -(start // d)) if start < 0 else 0
        last = min(k, -((start - size) // d) if start < size else 0)
        taps.append(range(first, max(first, last)))
        cells.append(range(start + first * d, start + max(first, last) * d, d))
        reach.append(range(start, start + k * d, d))
    return Window(tuple(cells), tuple(taps), tuple(reach))


def letters(at: Sequence[int], names: str) -> dict[str, int]:
    """The letters of a formula with their numbers: the last len(at) of `names`."""
    return dict(zip(names[len(names) - len(at) :], at, strict=True))


def constants(name: str, numbers: Array, note: str = "") -> Column:
    """A factor that is no tensor's element, with a number of its own for each term: weights that follow from the positions."""
    return Column(name, np.empty((1, 0), np.int64), numbers, Origin("literal", name=name, note=note))


def box_picture(
    argument: str,
    box: Sequence[Any],
    caption: str = "",
    kind: str = "window",
    *,
    axes: tuple[int, ...] = (),
    focus: Sequence[int] | None = None,
) -> Picture:
    """A box of cells marked on an argument."""
    cells = Cells([i if isinstance(i, range) else range(i, i + 1) for i in box])
    return Picture(kind, argument, cells, caption=caption, axes=axes, focus=None if focus is None else tuple(map(int, focus)))


def window_picture(argument: str, lead: Sequence[Any], window: Window) -> Picture:
    """A window on an argument, behind the dimensions `lead`; and what of it falls on padding, of one channel where planes are drawn."""
    many = lead if len(window.reach) == 1 else [i[:1] if isinstance(i, range) else i for i in lead]
    channels = [i if isinstance(i, range) else range(i, i + 1) for i in many]
    beside = window.outside
    places = [tuple(steps[u] for steps, u in zip(window.reach, taps, strict=True)) for taps in beside.tolist()]
    outside = tuple((*before, *place) for before in product(*channels) for place in places)
    return replace(box_picture(argument, (*lead, *window.cells)), outside=outside)
