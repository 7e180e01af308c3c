"""Numbers out of recorded tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurontui.debugger.places import Index, Plane
from neurontui.explanation import Number
from neurontui.indices import unravel
from neurontui.records import Value

if TYPE_CHECKING:
    import torch


def read_element(value: Value, at: Index) -> Number:
    """One element of a recorded tensor.

    Raises:
        StaleValueError: it is a parameter that has changed since it was recorded, or has no numbers.
    """
    number: Number = value.numbers()[at].item()
    return number


def read_slice(value: Value, plane: Plane) -> list[list[Number]]:
    """The rows of a slice that leaves at most two dimensions whole; a vector is a column, a scalar one row of one.

    Raises:
        StaleValueError: it is a parameter that has changed since it was recorded, or has no numbers.
    """
    window = value.numbers()[tuple(slice(None) if place is None else place for place in plane)]
    if window.dim() < 2:
        return [[number] for number in window.reshape(-1).tolist()]
    rows: list[list[Number]] = window.tolist()
    return rows


def find_largest(numbers: torch.Tensor, most: int = 16) -> list[tuple[Index, float]]:
    """The elements that are largest in size and not zero, largest first, each with its index. Runs torch."""
    flat = numbers.reshape(-1)
    places = flat.abs().nan_to_num(0.0).topk(min(most, flat.numel())).indices
    found = zip(places.tolist(), flat[places].tolist(), strict=True)
    return [(unravel(place, numbers.shape), number) for place, number in found if number != 0]
