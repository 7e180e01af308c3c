"""Two tensors held against each other: how many elements differ, by how much at most, where, and by how many units in the last place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurontui.indices import unravel
from neurontui.readable import make_readable

if TYPE_CHECKING:
    import torch


SMALL = 4096  # elements: up to so many numpy is many times as fast as torch
_TELLING = 1 << 16  # more units in the last place than this are no rounding, and say nothing


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of two tensors of one shape. `maximum` is NaN where one side alone is not a number."""

    differing: int
    maximum: float
    at: tuple[int, ...] | None
    numbers: tuple[float, float] | None
    ulps: int | None


def measure_distance(left: torch.Tensor, right: torch.Tensor) -> Distance:
    """How far `right` is from `left`, element by element; both of one shape. NaN equals NaN, and 0 equals -0."""
    import torch

    exact = left.dtype == right.dtype
    if exact and left.numel() <= SMALL and left.dtype in _plain_types() and _is_simple(left) and _is_simple(right):
        return measure_small(left.numpy().reshape(-1), right.numpy().reshape(-1), tuple(left.shape))
    first, second = _as_plain(left), _as_plain(right)
    if first is None and second is None:
        return Distance(0, 0.0, None, None, None)  # only shapes are known, and they are equal
    if first is None or second is None:
        return Distance(left.numel(), float("nan"), None, None, None)  # one side alone has numbers
    if first.shape != second.shape:
        return Distance(1, float("nan"), None, None, None)
    if first.device != second.device:
        first, second = first.cpu(), second.cpu()
    unequal = (first != second) & ~(torch.isnan(first) & torch.isnan(second))
    differing = int(unequal.sum())
    if not differing:
        return Distance(0, 0.0, None, None, 0)
    gap = _gap(first, second).masked_fill(~unequal, -1.0)
    place = int(gap.nan_to_num(nan=float("inf")).argmax())
    at = unravel(place, gap.shape)
    numbers = (_number(first[at]), _number(second[at]))
    return Distance(differing, float(gap.flatten()[place]), at, numbers, _ulps(left, right, unequal) if exact else None)


def same_tensors(left: torch.Tensor, right: torch.Tensor) -> bool:
    """Whether two tensors of one shape and type have the same numbers. NaN equals NaN, and 0 equals -0."""
    import torch

    if left.dtype in _plain_types() and _is_simple(left) and _is_simple(right):
        if torch.equal(left, right):
            return True
        if not left.is_floating_point() or not bool(left.isnan().any()):
            return False
    return not measure_distance(left, right).differing


@cache
def _plain_types() -> frozenset[torch.dtype]:
    """The types that numpy has as torch has them."""
    import torch

    return frozenset(
        {torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool}
    )


def _is_simple(tensor: torch.Tensor) -> bool:
    """Whether numpy can look at its memory as it is."""
    import torch

    plain = type(tensor) is torch.Tensor or type(tensor) is torch.nn.Parameter
    return plain and tensor.is_cpu and tensor.layout is torch.strided and not (tensor.is_neg() or tensor.is_nested)


def _as_plain(tensor: torch.Tensor) -> torch.Tensor | None:
    """A strided tensor of the same numbers; None on the meta device, where there are none.

    Raises:
        UnreadableError: torch gives none of them out.
    """
    import torch

    if tensor.device.type == "meta":
        return None
    if tensor.is_nested:
        return torch.cat([part.reshape(-1) for part in tensor.unbind()])
    return make_readable(tensor)


def _gap(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """|first − second| in float64; infinities of one sign that are equal never get here as unequal."""
    import torch

    wide = torch.complex128 if first.is_complex() or second.is_complex() else torch.float64
    return (first.to(wide) - second.to(wide)).abs()


def _ulps(left: torch.Tensor, right: torch.Tensor, unequal: torch.Tensor) -> int | None:
    """How many representable numbers two elements are apart at most; None for types without a last place, or where it tells nothing."""
    import torch

    integers = {torch.float64: torch.int64, torch.float32: torch.int32, torch.float16: torch.int16, torch.bfloat16: torch.int16}
    if left.dtype not in integers or not all(str(side.layout) == "torch.strided" and not side.is_nested for side in (left, right)):
        return None
    finite = unequal & torch.isfinite(left) & torch.isfinite(right)
    first, second = (_ordered(side[finite], integers[left.dtype]) for side in (left, right))
    if not len(first) or bool(((first < 0) != (second < 0)).any() and left.dtype == torch.float64):
        return None
    count = int((first - second).abs().max())
    return count if count <= _TELLING else None


def _ordered(numbers: torch.Tensor, integer: torch.dtype) -> torch.Tensor:
    """IEEE 754 bit patterns as integers in the order of the numbers: neighbours are 1 apart."""
    import torch

    bits = numbers.contiguous().view(integer).to(torch.int64)
    lowest = torch.iinfo(integer).min
    return torch.where(bits < 0, lowest - bits, bits)


def measure_small(first: NDArray[Any], second: NDArray[Any], shape: tuple[int, ...]) -> Distance:
    """The same for two flat arrays of one real type, whose elements have their places in `shape`."""
    unequal = first != second
    if first.dtype.kind == "f" and unequal.any():
        unequal &= ~(np.isnan(first) & np.isnan(second))
    differing = int(np.count_nonzero(unequal))
    if not differing:
        return Distance(0, 0.0, None, None, 0)
    with np.errstate(all="ignore"):
        gap = np.abs(first.astype(np.float64) - second.astype(np.float64))
    gap[~unequal] = -1.0
    place = int(np.where(np.isnan(gap), np.inf, gap).argmax())
    at = unravel(place, shape)
    ulps = _ulps_small(first[unequal], second[unequal]) if first.dtype.kind == "f" else None
    return Distance(differing, float(gap[place]), at, (float(first[place]), float(second[place])), ulps)


def _ulps_small(first: NDArray[Any], second: NDArray[Any]) -> int | None:
    finite = np.isfinite(first) & np.isfinite(second)
    if not finite.any():
        return None
    whole = np.dtype(f"i{first.dtype.itemsize}")
    bits = [side[finite].view(whole).astype(np.int64) for side in (first, second)]
    lowest = int(np.iinfo(whole).min)
    one, other = (np.where(side < 0, lowest - side, side) for side in bits)
    if first.dtype.itemsize == 8 and bool(((one < 0) != (other < 0)).any()):
        return None
    count = int(np.abs(one - other).max())
    return count if count <= _TELLING else None


def _number(element: torch.Tensor) -> float:
    """One element as a float: the modulus of a complex one."""
    return float(element.abs() if element.is_complex() else element)
