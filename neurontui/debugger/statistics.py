"""Statistics of one tensor: counts, moments, extremes and a histogram."""

from __future__ import annotations

from dataclasses import dataclass

from neurontui.records import Value


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of elements, and moments of the finite ones in float64 (None where there are none, or where the dtype is complex).

    `deviation` divides by n, not n - 1. `histogram` counts the finite elements in equal bins between `smallest` and `largest`.
    """

    count: int
    nans: int
    infs: int
    zeros: int
    negatives: int
    smallest: float | None
    largest: float | None
    mean: float | None
    deviation: float | None
    absolute: float | None  # the largest absolute value
    histogram: tuple[int, ...] = ()


def summarise(value: Value, bins: int = 16) -> Statistics:
    """The statistics of a recorded tensor, in `bins` bins. Runs torch."""
    raise NotImplementedError
