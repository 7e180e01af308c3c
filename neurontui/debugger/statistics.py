"""Statistics of one tensor: counts, moments, extremes and a histogram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neurontui.errors import UnreadableError
from neurontui.readable import make_readable
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
    try:
        once = _stored(tensor)
    except UnreadableError:
        return Statistics(int(tensor.numel()), 0, 0, 0)
    is_whole = tensor.layout is torch.strided and not tensor.is_nested  # of a sparse tensor what is stored is counted
    times = tensor.numel() // once.numel() if is_whole and once.numel() else 1
    data = _widen(once)
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
    """ "nan" and "inf", as far as the tensor has them. Runs torch."""
    import torch

    tensor = value.tensor()
    if not (tensor.is_floating_point() or tensor.is_complex()):
        return frozenset()
    try:
        data = _stored(tensor)
    except UnreadableError:
        return frozenset()
    if data.itemsize == 1:  # isfinite takes no 8-bit floats
        data = _widen(data)
    if bool(torch.isfinite(data).all()):
        return frozenset()
    return frozenset(name for name, found in (("nan", torch.isnan(data)), ("inf", torch.isinf(data))) if bool(found.any()))


def _stored(data: torch.Tensor) -> torch.Tensor:
    """The elements that are stored; those of repeated dimensions (of an expanded tensor: a thousand million may be three numbers) once.

    Raises:
        UnreadableError: it has none that can be read.
    """
    import torch

    if data.is_nested and not data.is_meta:
        return torch.cat([part.reshape(-1) for part in data.unbind()])
    if data.layout is torch.sparse_coo and not data.is_meta:
        return data.coalesce().values()
    if data.layout in (torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc) and not data.is_meta:
        return data.values()
    data = make_readable(data)
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


def _widen(data: torch.Tensor) -> torch.Tensor:
    """All elements (n,) as float64 or complex128 on the CPU."""
    import torch

    wide = torch.complex128 if data.is_complex() else torch.float64
    return data.detach().reshape(-1).to("cpu", wide)
