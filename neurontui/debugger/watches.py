"""Watches: pinned numbers, each a row "before → now"."""

from __future__ import annotations

from dataclasses import dataclass

from neurontui.explanation import Number
from neurontui.records import Value


@dataclass(frozen=True, slots=True)
class Watch:
    """One pinned element: `target` as in `Shown.target` ("fc1.weight", "x", "fc1/linear"), `at` its index."""

    target: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch reads now, and in the run before the edits (None where that run had no such element, or there was no edit)."""

    watch: Watch
    now: Number | None
    before: Number | None


def read_element(value: Value, at: tuple[int, ...]) -> Number:
    """One element of a recorded tensor.

    Raises:
        StaleValueError: it is a parameter that has changed since it was recorded.
    """
    data = value.tensor()
    if data.is_quantized:
        data = data.dequantize()
    number: Number = (data if data.layout.__str__() == "torch.strided" else data.to_dense())[at].item()
    return number
