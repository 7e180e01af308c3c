"""Elements and their places: a tensor's elements counted in row-major order, the last index fastest."""

from __future__ import annotations

from collections.abc import Sequence


def ravel(at: Sequence[int], shape: Sequence[int]) -> int:
    """The place of the element `at`: `(1, 2)` of a shape (2, 3) is 5."""
    place = 0
    for index, size in zip(at, shape, strict=True):
        place = place * size + index
    return place


def unravel(place: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index of the element at a place: 5 in a shape (2, 3) is `(1, 2)`."""
    at = []
    for size in reversed(shape):
        place, index = divmod(place, size)
        at.append(index)
    return tuple(reversed(at))
