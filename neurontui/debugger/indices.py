"""Indices of elements and slices of tensors: read from text, checked against a shape, and made to fit."""

from __future__ import annotations

from collections.abc import Sequence

from neurontui.debugger.places import Index, Plane
from neurontui.errors import CommandError, StepError
from neurontui.text import clean, format_shape


def parse_index(text: str) -> Index:
    """`"0,2"`, `"[0, 2]"`, `"(0, 2)"` and `"0 2"` as `(0, 2)`; `""` and `"[]"` are the index of a scalar.

    Raises:
        CommandError: it is not whole numbers.
    """
    words = _split_words(text)
    if ":" in words:
        raise CommandError(f"{clean(text.strip())} is a slice; one element needs a whole number for each dimension, as in 0,2.")
    try:
        return tuple(int(word) for word in words)
    except ValueError:
        raise CommandError(f"{clean(text.strip())} is no index: give whole numbers with commas between them, as in 0,2.") from None


def parse_plane(text: str) -> Plane:
    """`"[0, :]"` as `(0, None)`: a fixed index, or None for a dimension that is shown whole.

    Raises:
        CommandError: an entry is neither a whole number nor a colon.
    """
    try:
        return tuple(None if word == ":" else int(word) for word in _split_words(text))
    except ValueError:
        raise CommandError(f"{clean(text.strip())} is no slice: give a whole number or : for each dimension, as in [0, :].") from None


def _split_words(text: str) -> list[str]:
    return text.strip().strip("[]()").replace(",", " ").split()


def format_plane(plane: Plane) -> str:
    """`(0, None)` as `"[0, :]"`."""
    return f"[{', '.join(':' if place is None else str(place) for place in plane)}]"


def check_index(at: Sequence[int], shape: Sequence[int], what: str) -> Index:
    """`at` as an index into `shape` with negative places counted from the end; `what` names the tensor for the sentence.

    Raises:
        StepError: the tensor has no such element.
    """
    had = f"{clean(what)} has the shape {format_shape(shape)}"
    if not all(shape):
        raise StepError(f"{clean(what)} is empty: it has the shape {format_shape(shape)}, so there is no element in it.")
    if not at and shape:
        raise StepError(f"{had}: say which element, as in {format_shape([0] * len(shape))}.")
    if len(at) != len(shape):
        wanted = f"its index has {len(shape)} number{'s' * (len(shape) != 1)}"
        raise StepError(f"{had}, so {wanted}, not {len(at)} as in {format_shape(at)}.")
    if not has_index(at, shape):
        last = format_shape([size - 1 for size in shape])
        raise StepError(f"{had}: there is no element {format_shape(at)} in it, only up to {last}.")
    return tuple(place % size for place, size in zip(at, shape, strict=True))


def has_index(at: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether a tensor of this shape has the element `at`; negative places count from the end."""
    return len(at) == len(shape) and all(-size <= place < size for place, size in zip(at, shape, strict=True))


def first_index(shape: Sequence[int]) -> Index | None:
    """The first element's index; None for an empty tensor."""
    return (0,) * len(shape) if all(shape) else None


def fit_plane(plane: Plane, shape: Sequence[int], what: str) -> Plane:
    """`plane` completed for `shape`: at most two dimensions are shown whole, the last ones where it does not say; others start at 0.

    Raises:
        StepError: it has too many entries, too many colons, or an index that the shape does not have.
    """
    if len(plane) > len(shape):
        raise StepError(f"{clean(what)} has {len(shape)} dimension{'s' * (len(shape) != 1)}, and {format_plane(plane)} has {len(plane)}.")
    free = plane.count(None)
    if free > 2:
        raise StepError(f"{format_plane(plane)} leaves {free} dimensions whole; two can be shown, so fix the others, as in [0, :, :].")
    for place, size in zip(plane, shape, strict=False):
        if place is not None and not -size <= place < size:
            raise StepError(f"{clean(what)} has the shape {format_shape(shape)}: {format_plane(plane)} is outside of it.")
    rest = len(shape) - len(plane)
    whole = min(2 - free, rest)
    fixed = tuple(place if place is None else place % size for place, size in zip(plane, shape, strict=False))
    return fixed + (0,) * (rest - whole) + (None,) * whole


def plane_through(cell: Index, plane: Plane) -> Plane:
    """The slice with the same whole dimensions that `cell` lies in."""
    return tuple(None if free is None else place for place, free in zip(cell, plane, strict=True))


def next_plane(plane: Plane, shape: Sequence[int], back: bool = False) -> Plane | None:
    """The slice after this one in row-major order of its fixed dimensions, or before it; None at the end."""
    dimensions = [k for k, place in enumerate(plane) if place is not None]
    moved = list(plane)
    for k in reversed(dimensions):
        place = (plane[k] or 0) + (-1 if back else 1)
        if 0 <= place < shape[k]:
            moved[k] = place
            return tuple(moved)
        moved[k] = shape[k] - 1 if back else 0
    return None
