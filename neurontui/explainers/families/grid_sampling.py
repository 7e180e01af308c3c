"""grid_sample reads the input where a grid points; affine_grid makes such grids."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.interpolation import cubic_weights
from neurontui.explainers.families.windows import constants
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Column, chooser, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch


@explains("torch.nn.functional.grid_sample")
def grid_sample(
    call: Call,
    /,
    input: torch.Tensor,
    grid: torch.Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """The input at the place that the grid names, (x, y[, z]) from −1 to 1.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html"""
    n, _, *place = call.at
    dims, sizes = len(place), input.shape[2:]
    coordinates = call.read("grid", n, *place, range(dims))
    early = "zeros" if mode == "bicubic" else padding_mode  # of bicubic, each corner is brought back alone
    where = [
        _source(float(g), size, bool(align_corners), early, input.dtype) for g, size in zip(coordinates.numbers[::-1], sizes, strict=True)
    ]
    if not all(math.isfinite(w) for w in where):
        return NotImplemented
    if mode == "nearest":
        corners, weights = [tuple(int(np.round(w)) for w in where)], [1.0]  # half to even, as the kernel rounds
    elif mode == "bicubic":
        rows = [
            [_brought_back(math.floor(w) + k, size, bool(align_corners), padding_mode) for k in (-1, 0, 1, 2)]
            for w, size in zip(where, sizes, strict=True)
        ]
        corners = list(product(*rows))
        weights = [math.prod(ws) for ws in product(*(cubic_weights(w - math.floor(w)) for w in where))]
    else:
        low = [math.floor(w) for w in where]
        steps = list(product((0, 1), repeat=dims))
        corners = [tuple(b + s for b, s in zip(low, step, strict=True)) for step in steps]
        weights = [math.prod((w - b) if s else (1 - (w - b)) for w, b, s in zip(where, low, step, strict=True)) for step in steps]
    inside = [all(0 <= p < size for p, size in zip(corner, sizes, strict=True)) for corner in corners]
    return _sampled(call, coordinates, where, corners, np.array(weights), np.array(inside), mode, sizes)


@explains("torch.grid_sampler", "aten::grid_sampler_2d", "aten::grid_sampler_3d")
def grid_sampler(
    call: Call, /, input: torch.Tensor, grid: torch.Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Any:
    """The function inside grid_sample: modes are numbers."""
    mode = ("bilinear", "nearest", "bicubic")[interpolation_mode]
    return grid_sample(call, input, grid, mode, ("zeros", "border", "reflection")[padding_mode], align_corners)


@explains("torch.affine_grid_generator")
def affine_grid_generator(call: Call, /, theta: torch.Tensor, size: Any, align_corners: bool) -> Draft:
    """The function inside affine_grid."""
    return affine_grid(call, theta, size, align_corners)


def _sampled(
    call: Call,
    coordinates: Any,
    where: list[float],
    corners: list[tuple[int, ...]],
    weights: Array,
    inside: Array,
    mode: str,
    sizes: Sequence[int],
) -> Draft:
    n, c = call.at[:2]
    grid = [chooser(_single(coordinates, k)) for k in range(len(where))]
    blocks, cells = [], [corner for corner, ok in zip(corners, inside, strict=True) if ok]
    spread = 0.0
    if cells:
        column = call.read("input", n, c, *np.array(cells, np.int64).T)
        blocks.append(products(column, constants("weight of the corner", weights[inside], "follows from the grid"), *grid))
        spread = float(np.abs(blocks[0].values).sum()) + float(np.abs(column.numbers).sum()) * 2 * (max(sizes) + max(map(abs, where)))
    if not inside.all():
        blocks.append(products(constants("padding", np.zeros(int((~inside).sum()))), *grid, mark="padding"))
    point = ", ".join(f"{w:.4g}" for w in where)
    read = ", ".join(f"{g:.4g}" for g in coordinates.numbers)
    return Draft(
        f"output = Σ weight · input at the corners around the grid's place ({mode})",
        "sum",
        blocks,
        coarse=True,
        magnitude=spread,
        notes=(f"The grid's ({read}) is the place ({point}) of the input.",),
        zero="padding" if not cells else "",
        pictures=(Picture("window", "input", [(n, c, *cell) for cell in cells], caption="the corners that are read"),),
    )


def _single(column: Column, k: int) -> Column:
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


def _brought_back(place: int, size: int, aligned: bool, padding: str) -> int:
    """One corner, by the padding mode."""
    if padding == "reflection":
        low, high = (0.0, size - 1.0) if aligned else (-0.5, size - 0.5)
        return int(min(max(_reflect(float(place), low, high), 0.0), size - 1.0))
    return min(max(place, 0), size - 1) if padding == "border" else place


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
