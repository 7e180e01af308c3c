"""Statistics of one tensor: counts, moments, extremes and a histogram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neurontui.records import Value
from neurontui.text import format_number

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of elements, and moments of the finite ones, worked out in float64.

    The moments are None where no element is finite, or where the dtype is complex (of those `absmax` is there).
    `std` divides by n, not n - 1. `histogram` counts the finite elements in equal bins from `low` to `high`.
    """

    count: int
    nans: int
    infs: int
    zeros: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    absmax: float | None = None
    histogram: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0


def statistics_rows(statistics: Statistics) -> list[tuple[str, str]]:
    """Name and number, the moments first, then the counts; what there is none of is left out, but for NaN, Inf and zeros."""
    moments = [("mean", statistics.mean), ("std", statistics.std), ("min", statistics.minimum), ("max", statistics.maximum)]
    if statistics.minimum is None:
        moments.append(("largest |x|", statistics.absmax))
    rows = [(name, format_number(float(number))) for name, number in moments if number is not None]
    counts = [("count", statistics.count), ("zeros", statistics.zeros), ("NaN", statistics.nans), ("Inf", statistics.infs)]
    return rows + [(name, f"{count:,}{_share(count, statistics.count) if name != 'count' else ''}") for name, count in counts]


def _share(part: int, whole: int) -> str:
    """`" (50 %)"`, where there is something to tell."""
    if not part or not whole:
        return ""
    share = 100 * part / whole
    return f" ({share:.0f} %)" if 1 <= share <= 99 or part == whole else " (<1 %)" if share < 1 else " (>99 %)"


def measure(value: Value, bins: int = 16) -> Statistics:
    """The statistics of a recorded tensor, with a histogram of `bins` bins. Runs torch.

    Raises:
        StaleValueError: it is a parameter that has changed since it was recorded.
    """
    import torch

    tensor = value.tensor()
    if tensor.is_meta:
        return Statistics(tensor.numel(), 0, 0, 0)
    once = _each_once(tensor)
    times = tensor.numel() // once.numel() if once.numel() else 1
    data = _flatten(once)
    finite = data[torch.isfinite(data)]
    nans = int(torch.isnan(data).sum())
    infs = data.numel() - finite.numel() - nans
    counted = Statistics(times * data.numel(), times * nans, times * infs, times * int((data == 0).sum()))
    if not finite.numel():
        return counted
    if finite.is_complex():
        return replace(counted, absmax=float(finite.abs().max()))
    low, high = float(finite.min()), float(finite.max())
    return replace(
        counted, minimum=low, maximum=high, mean=float(finite.mean()), std=float(finite.std(correction=0)), absmax=max(abs(low), abs(high)),
        histogram=tuple(times * count for count in _count_bins(finite, low, high, bins)), low=low, high=high,
    )  # fmt: skip


def find_bad(value: Value) -> frozenset[str]:
    """"nan" and "inf", as far as the tensor has them. Runs torch."""
    import torch

    data = _each_once(value.tensor())
    if not (data.is_floating_point() or data.is_complex()) or data.is_quantized or data.is_meta:
        return frozenset()
    if data.layout is not torch.strided or data.is_nested or data.itemsize == 1:  # isfinite takes no 8-bit floats
        data = _flatten(data)
    if bool(torch.isfinite(data).all()):
        return frozenset()
    return frozenset(name for name, found in (("nan", torch.isnan(data)), ("inf", torch.isinf(data))) if bool(found.any()))


def _each_once(data: torch.Tensor) -> torch.Tensor:
    """Its repeated dimensions (of an expanded tensor) with size 1: a thousand million elements may be three numbers."""
    import torch

    if data.layout is not torch.strided or data.is_nested:
        return data
    sizes = zip(data.shape, data.stride(), strict=True)
    return data[tuple(slice(0, 1) if stride == 0 and size > 1 else slice(None) for size, stride in sizes)]


def _count_bins(finite: torch.Tensor, low: float, high: float, bins: int) -> tuple[int, ...]:
    """How many of `finite` (n,) lie in each of `bins` equal bins; all in the middle one where low equals high, as numpy does."""
    import torch

    width = (high - low) / bins
    if not 0 < width < float("inf"):
        return tuple(finite.numel() if place == bins // 2 else 0 for place in range(bins))
    places = ((finite - low) / width).long().clamp_(0, bins - 1)
    return tuple(torch.bincount(places, minlength=bins).tolist())


def _flatten(data: torch.Tensor) -> torch.Tensor:
    """All elements (n,) as float64 or complex128 on the CPU; what is stored of a sparse or quantized tensor."""
    import torch

    if data.is_quantized:
        data = data.dequantize()
    if data.is_nested:
        data = torch.cat([part.reshape(-1) for part in data.unbind()])
    if data.layout is not torch.strided:
        data = data.values() if data.layout is not torch.sparse_coo else data.coalesce().values()
    wide = torch.complex128 if data.is_complex() else torch.float64
    return data.detach().reshape(-1).to("cpu", wide)
