"""interpolate: which inputs an output pixel lies between, and with which weights; grid_sample and affine_grid."""

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
from neurontui.explainers.terms import Array, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch

Taps = tuple[list[int], list[float], float]  # positions on the input, their weights, the size of the source coordinate
_LINEAR = ("linear", "bilinear", "trilinear")


@explains("torch.nn.functional.interpolate", "torch.nn.functional.upsample")
def interpolate(
    call: Call, /, input: torch.Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html"""
    dims = input.dim() - 2
    if antialias or mode not in ("nearest", "nearest-exact", "bicubic", "area", *_LINEAR) or not (input.is_floating_point() or mode.startswith("near")):
        return NotImplemented
    sizes, outs, place = input.shape[-dims:], call.shape[-dims:], call.at[-dims:]
    factors = _factors(scale_factor, dims) if not recompute_scale_factor and size is None else [None] * dims
    double = str(input.dtype) == "torch.float64"
    taps = [_taps(mode, *one, bool(align_corners), double) for one in zip(place, sizes, outs, factors, strict=True)]
    return weighted(call, call.at[:-dims], taps, f"{mode}{', align_corners' if align_corners else ''}", "ijk"[:dims])


def weighted(call: Call, before: Sequence[int], taps: Sequence[Taps], how: str, names: str) -> Draft:
    """The sum over all combinations of each dimension's positions, a weight being the product of theirs."""
    cells = np.array(list(product(*(t[0] for t in taps))), np.int64)
    weights = np.array([math.prod(combination) for combination in product(*(t[1] for t in taps))])
    column = call.read("input", *before, *cells.T)
    source = ", ".join(f"{sum(p * w for p, w in zip(t[0], t[1], strict=True)):.4g}" for t in taps)
    spread = float(np.abs(column.numbers * weights).sum())
    wobble = sum(t[2] for t in taps) * float(np.ptp(column.numbers)) if len(cells) > 1 and np.isfinite(column.numbers).all() else 0.0
    at = letters(call.at[len(call.at) - len(taps) :], names)
    picture = Picture("window", "input", [(*before, *map(int, cell)) for cell in cells], caption="the inputs that this pixel lies between")
    if how.startswith("nearest"):
        return Draft("output = the nearest input", "pick", [products(column, mark="picked")], indices=at, pictures=(picture,))
    block = products(column, constants("weight of the place", weights, "follows from the positions alone"))
    return Draft(f"output = Σ weight · input ({how})", "sum", [block], indices=at, notes=(f"This pixel lies at {source} of the input.",),
                 magnitude=spread + wobble, pictures=(picture,), coarse=True)  # fmt: skip


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
        return ([i], [1.0], 0.0) if size == out else ([first], [1.0], 0.0) if second == first else ([first, second], [1 - share, share], abs(at))
    return [first, second], [1 - share, share], abs(at)


def _nearest(mode: str, i: int, size: int, out: int, scale: Any, real: Any) -> int:
    if mode == "nearest-exact":
        return min(int(np.floor((real(i) + real(0.5)) * scale)), size - 1)
    if out == size:
        return i
    return i // 2 if out == 2 * size else min(int(np.floor(real(i) * scale)), size - 1)


def cubic_weights(t: float, a: float = -0.75) -> list[float]:
    """Keys' cubic convolution (1981) of four neighbours, `t` the distance from the second."""
    outer = lambda x: ((a * x - 5 * a) * x + 8 * a) * x - 4 * a  # noqa: E731
    inner = lambda x: ((a + 2) * x - (a + 3)) * x * x + 1  # noqa: E731
    return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]


def _cubic(at: float, size: int) -> Taps:
    """Four neighbours; beyond the border the border itself."""
    first = math.floor(at)
    cells = [min(max(first + k, 0), size - 1) for k in (-1, 0, 1, 2)]
    merged: dict[int, float] = {}
    for cell, weight in zip(cells, cubic_weights(at - first), strict=True):
        merged[cell] = merged.get(cell, 0.0) + weight
    return list(merged), list(merged.values()), 4 * (abs(at) + 1)


# ---- sampling at a grid ---------------------------------------------------------------------------------------------------------


@explains("torch.nn.functional.grid_sample")
def grid_sample(
    call: Call, /, input: torch.Tensor, grid: torch.Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """The input at the place that the grid names, (x, y[, z]) from −1 to 1.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html"""
    if mode not in ("bilinear", "nearest"):
        return NotImplemented
    n, c, *place = call.at
    dims, sizes = len(place), input.shape[2:]
    coordinates = call.read("grid", n, *place, range(dims))
    where = [_source(float(g), size, bool(align_corners), padding_mode, input.dtype) for g, size in zip(coordinates.numbers[::-1], sizes, strict=True)]
    if not all(math.isfinite(w) for w in where):
        return NotImplemented
    if mode == "nearest":
        corners, weights = [tuple(int(np.round(w)) for w in where)], [1.0]  # half to even, as the kernel rounds
    else:
        low = [math.floor(w) for w in where]
        steps = list(product((0, 1), repeat=dims))
        corners = [tuple(b + s for b, s in zip(low, step, strict=True)) for step in steps]
        weights = [math.prod((w - b) if s else (1 - (w - b)) for w, b, s in zip(where, low, step, strict=True)) for step in steps]
    inside = [all(0 <= p < size for p, size in zip(corner, sizes, strict=True)) for corner in corners]
    return _sampled(call, coordinates, where, corners, np.array(weights), np.array(inside), mode, sizes)


def _sampled(
    call: Call, coordinates: Any, where: list[float], corners: list[tuple[int, ...]], weights: Array, inside: Array, mode: str, sizes: Sequence[int]
) -> Draft:
    n, c = call.at[:2]
    blocks, cells = [], [corner for corner, ok in zip(corners, inside, strict=True) if ok]
    spread = 0.0
    if cells:
        column = call.read("input", n, c, *np.array(cells, np.int64).T)
        blocks.append(products(column, constants("weight of the corner", weights[inside], "follows from the grid")))
        spread = float(np.abs(blocks[0].values).sum()) + float(np.abs(column.numbers).sum()) * 2 * (max(sizes) + max(map(abs, where)))
    if not inside.all():
        blocks.append(products(constants("padding", np.zeros(int((~inside).sum()))), mark="padding"))
    point = ", ".join(f"{w:.4g}" for w in where)
    read = ", ".join(f"{g:.4g}" for g in coordinates.numbers)
    blocks.append(products(*(_single(coordinates, k) for k in range(len(where))), values=[0.0], label="the grid says where, and adds nothing itself"))
    return Draft(
        f"output = Σ weight · input at the corners around the grid's place ({mode})", "sum", blocks, coarse=True, magnitude=spread,
        notes=(f"The grid's ({read}) is the place ({point}) of the input.",), zero="padding" if not cells else "",
        pictures=(Picture("window", "input", [(n, c, *cell) for cell in cells], caption="the corners that are read"),),
    )  # fmt: skip


def _single(column: Any, k: int) -> Any:
    from neurontui.explainers.terms import Column

    return Column(column.name, np.array([column.index[k]], np.int64), column.numbers[k : k + 1])


def _source(g: float, size: int, aligned: bool, padding: str, dtype: torch.dtype) -> float:
    """A grid coordinate as a place on the input, each operation rounded as the kernel rounds it."""
    import torch

    one = torch.tensor(g, dtype=dtype) + 1
    at = float(one / 2 * (size - 1) if aligned else (one * size - 1) / 2)
    if padding == "reflection":
        low, high = (0.0, size - 1.0) if aligned else (-0.5, size - 0.5)
        at = float(torch.tensor(_reflect(at, low, high), dtype=dtype))
    if padding in ("border", "reflection"):
        at = min(max(at, 0.0), size - 1.0)
    return at


def _reflect(at: float, low: float, high: float) -> float:
    span = high - low
    if span <= 0:
        return 0.0
    rest = math.fmod(abs(at - low), span)
    return rest + low if int(abs(at - low) // span) % 2 == 0 else span - rest + low


@explains("torch.nn.functional.affine_grid")
def affine_grid(call: Call, /, theta: torch.Tensor, size: Any, align_corners: bool | None = None) -> Draft:
    """`grid = theta · (x, y[, z], 1)` with coordinates from −1 to 1 (Jaderberg et al. 2015)."""
    n, *place, k = call.at
    base = []
    for i, length in zip(place[::-1], list(size)[:1:-1], strict=True):
        edge = -1 + 2 * i / (length - 1) if length > 1 else 0.0
        base.append(edge if align_corners else edge * (length - 1) / length)
    columns = call.read("theta", n, k, range(len(base) + 1)), constants("x, y, z, 1", np.array([*base, 1.0]), "the pixel's own coordinates")
    formula = "output[k] = Σ theta[k, j] · (" + ", ".join("xyz"[: len(base)]) + ", 1)[j]"
    return Draft(formula, "sum", [products(*columns)], indices={"n": n, "k": k}, coarse=True)
