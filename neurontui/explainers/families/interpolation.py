"""interpolate: which inputs an output pixel lies between, and with which weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.windows import constants, letters
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch

Taps = tuple[list[int], list[float], float]  # positions on the input, their weights, the size of the source coordinate
_LINEAR = ("linear", "bilinear", "trilinear")


@explains("torch.nn.functional.interpolate", "torch.nn.functional.upsample")
def interpolate(
    call: Call,
    /,
    input: torch.Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html"""
    dims = input.dim() - 2
    if (
        antialias
        or mode not in ("nearest", "nearest-exact", "bicubic", "area", *_LINEAR)
        or not (input.is_floating_point() or mode.startswith("near"))
    ):
        return NotImplemented
    sizes, outs, place = input.shape[-dims:], call.shape[-dims:], call.at[-dims:]
    factors = _factors(scale_factor, dims) if not recompute_scale_factor and size is None else [None] * dims
    double = str(input.dtype) == "torch.float64"
    taps = [_taps(mode, *one, bool(align_corners), double) for one in zip(place, sizes, outs, factors, strict=True)]
    return weighted(call, call.at[:-dims], taps, f"{mode}{', align_corners' if align_corners else ''}", "ijk"[:dims])


def _kernel(call: Call, mode: str, aligned: bool, factors: Any) -> Any:
    """The functions inside interpolate: a mode each; `factors` are the scales that were given, flat or in a list."""
    input = call.tensor("input")
    dims = input.dim() - 2
    given = list(factors[0]) if len(factors) == 1 and isinstance(factors[0], (list, tuple)) else [f for f in factors if f is not None]
    double = str(input.dtype) == "torch.float64"
    scales = [float(f) for f in given] if len(given) == dims else [None] * dims
    if not input.is_floating_point() and not mode.startswith("near"):
        return NotImplemented
    sizes = zip(call.at[-dims:], input.shape[-dims:], call.shape[-dims:], scales, strict=True)
    return weighted(call, call.at[:-dims], [_taps(mode, *one, aligned, double) for one in sizes], mode, "ijk"[:dims])


@explains("aten::upsample_nearest1d", "aten::upsample_nearest2d", "aten::upsample_nearest3d")
def upsample_nearest(call: Call, /, input: torch.Tensor, output_size: Any, *scales: Any) -> Any:
    """Inside interpolate."""
    return _kernel(call, "nearest", False, scales)


@explains("aten::_upsample_nearest_exact1d", "aten::_upsample_nearest_exact2d", "aten::_upsample_nearest_exact3d")
def upsample_nearest_exact(call: Call, /, input: torch.Tensor, output_size: Any, *scales: Any) -> Any:
    """Inside interpolate."""
    return _kernel(call, "nearest-exact", False, scales)


@explains("aten::upsample_linear1d", "aten::upsample_bilinear2d", "aten::upsample_trilinear3d")
def upsample_linear(call: Call, /, input: torch.Tensor, output_size: Any, align_corners: bool, *scales: Any) -> Any:
    """Inside interpolate."""
    return _kernel(call, "linear", align_corners, scales)


@explains("aten::upsample_bicubic2d")
def upsample_bicubic(call: Call, /, input: torch.Tensor, output_size: Any, align_corners: bool, *scales: Any) -> Any:
    """Inside interpolate."""
    return _kernel(call, "bicubic", align_corners, scales)


def weighted(call: Call, before: Sequence[int], taps: Sequence[Taps], how: str, names: str) -> Draft:
    """The sum over all combinations of each dimension's positions, a weight being the product of theirs."""
    cells = np.array(list(product(*(t[0] for t in taps))), np.int64)
    weights = np.array([math.prod(combination) for combination in product(*(t[1] for t in taps))])
    column = call.read("input", *before, *cells.T)
    source = ", ".join(f"{sum(p * w for p, w in zip(t[0], t[1], strict=True)):.4g}" for t in taps)
    spread = float(np.abs(column.numbers * weights).sum())
    wobble = sum(t[2] for t in taps) * float(np.ptp(column.numbers)) if len(cells) > 1 and np.isfinite(column.numbers).all() else 0.0
    at = letters(call.at[len(call.at) - len(taps) :], names)
    said = "the nearest input" if how.startswith("nearest") else "the inputs that this pixel lies between"
    picture = Picture("window", "input", [(*before, *map(int, cell)) for cell in cells], caption=said)
    if how.startswith("nearest"):
        return Draft("output = the nearest input", "pick", [products(column, mark="picked")], indices=at, pictures=(picture,))
    block = products(column, constants("weight of the place", weights, "follows from the positions alone"))
    return Draft(
        f"output = Σ weight · input ({how})",
        "sum",
        [block],
        indices=at,
        notes=(f"This pixel lies at {source} of the input.",),
        magnitude=spread + wobble,
        pictures=(picture,),
        coarse=True,
    )


def _factors(scale_factor: Any, dims: int) -> list[float | None]:
    if scale_factor is None:
        return [None] * dims
    return [float(f) for f in scale_factor] if isinstance(scale_factor, (list, tuple)) else [float(scale_factor)] * dims


def _taps(mode: str, i: int, size: int, out: int, factor: float | None, aligned: bool, double: bool) -> Taps:
    """One dimension's positions and weights; the kernels reckon coordinates in the input's precision, at least float32."""
    real = np.float64 if double else np.float32
    scale = real(1 / factor) if factor else real(size) / real(out)
    if mode == "area":
        cells = list(range(i * size // out, -((i + 1) * size // -out)))
        return cells, [1 / len(cells)] * len(cells), 0.0
    if mode.startswith("nearest"):
        return [_nearest(mode, i, size, out, scale, real)], [1.0], 0.0
    if aligned:
        at = float(real(i) * (real(size - 1) / real(out - 1))) if out > 1 else 0.0
    else:
        at = float(scale * (real(i) + real(0.5)) - real(0.5))
    if mode == "bicubic":
        return _cubic(at, size)
    at = max(0.0, at)
    first = min(int(at), size - 1)
    share = min(max(at - first, 0.0), 1.0)
    second = min(first + 1, size - 1)
    if size == out or share == 0 or second == first:
        return (
            ([i], [1.0], 0.0)
            if size == out
            else ([first], [1.0], 0.0)
            if second == first
            else ([first, second], [1 - share, share], abs(at))
        )
    return [first, second], [1 - share, share], abs(at)


def _nearest(mode: str, i: int, size: int, out: int, scale: Any, real: Any) -> int:
    if mode == "nearest-exact":
        return min(int(np.floor((real(i) + real(0.5)) * scale)), size - 1)
    if out == size:
        return i
    return i // 2 if out == 2 * size else min(int(np.floor(real(i) * scale)), size - 1)


def cubic_weights(t: float, a: float = -0.75) -> list[float]:
    """Keys' cubic convolution (1981) of four neighbours, `t` the distance from the second."""

    def outer(x: float) -> float:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    def inner(x: float) -> float:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]


def _cubic(at: float, size: int) -> Taps:
    """Four neighbours; beyond the border the border itself."""
    first = math.floor(at)
    cells = [min(max(first + k, 0), size - 1) for k in (-1, 0, 1, 2)]
    merged: dict[int, float] = {}
    for cell, weight in zip(cells, cubic_weights(at - first), strict=True):
        merged[cell] = merged.get(cell, 0.0) + weight
    return list(merged), list(merged.values()), 4 * (abs(at) + 1)
