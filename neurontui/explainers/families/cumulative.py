"""Running sums, products, extremes and differences along one dimension."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.extremes import extreme
from neurontui.explainers.families.reductions import log_sum
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch


def _so_far(call: Call, input: torch.Tensor, dim: int) -> tuple[Column, Picture, int]:
    """The elements up to and with this one along `dim`."""
    if not input.dim():
        return call.read("input"), box_picture("input", (), "the number itself", "row"), 0
    axis = dim % input.dim()
    box = tuple(range(i + 1) if d == axis else i for d, i in enumerate(call.at))
    return call.read("input", *box), box_picture("input", box, "what has come so far", "row"), call.at[axis]


@explains("torch.cumsum")
def cumsum(call: Call, /, input: torch.Tensor, dim: int, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html"""
    column, picture, i = _so_far(call, input, dim)
    return Draft("output[i] = Σ input[j] over j ≤ i", "sum", [products(column)], indices={"i": i}, pictures=(picture,))


@explains("torch.cumprod")
def cumprod(call: Call, /, input: torch.Tensor, dim: int, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.cumprod.html"""
    column, picture, i = _so_far(call, input, dim)
    with np.errstate(all="ignore"):
        size = float(np.prod(np.abs(column.numbers.astype(np.complex128))).real) * len(column.numbers)
    magnitude = size if math.isfinite(size) else 0.0
    return Draft(
        "output[i] = Π input[j] over j ≤ i", "product", [products(column)], indices={"i": i}, pictures=(picture,), magnitude=magnitude
    )


@explains("torch.logcumsumexp")
def logcumsumexp(call: Call, /, input: torch.Tensor, dim: int) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.logcumsumexp.html"""
    column, picture, _ = _so_far(call, input, dim)
    return NotImplemented if input.is_complex() else log_sum(column, picture)


def _extreme_so_far(call: Call, input: torch.Tensor, dim: int, greatest: bool) -> Any:
    """The greatest so far; of equals the last, as torch keeps it."""
    column, picture, i = _so_far(call, input, dim)
    word = "max" if greatest else "min"
    missing = bool(np.isnan(column.numbers.astype(np.float64)).any())
    winner = extreme(column.numbers, greatest)
    if missing:
        winner = int(np.flatnonzero(np.isnan(column.numbers))[-1])
    else:
        winner = int(np.flatnonzero(column.numbers == column.numbers[winner])[-1])
    marks = np.full(len(column.numbers), "", dtype=object)
    marks[winner] = "winner"
    block = products(column, mark=marks)  # type: ignore[arg-type]
    if call.output == 0:
        return Draft(f"output[i] = {word} of input[j] over j ≤ i", word, [block], indices={"i": i}, pictures=(picture,))  # type: ignore[arg-type]
    return Draft(
        f"indices[i] = place of the {word} over j ≤ i, the last of equals",
        "apply",
        [block],
        computed=winner,
        indices={"i": i},
        pictures=(picture,),
    )


@explains("torch.cummax")
def cummax(call: Call, /, input: torch.Tensor, dim: int) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.cummax.html"""
    return _extreme_so_far(call, input, dim, True)


@explains("torch.cummin")
def cummin(call: Call, /, input: torch.Tensor, dim: int) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.cummin.html"""
    return _extreme_so_far(call, input, dim, False)


@explains("torch.diff")
def diff(call: Call, /, input: torch.Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """`(−1)ᵏ`-weighted neighbours: for n = 1 the next minus this one. https://docs.pytorch.org/docs/stable/generated/torch.diff.html"""
    import torch

    axis = dim % input.dim()
    i = call.at[axis]
    if n == 0:
        return Draft("output = input: it is not differenced at all", "pick", [products(call.read("input", *call.at), mark="picked")])
    columns = [_joined(call, axis, i + k, prepend, append, input) for k in range(n + 1)]
    if input.dtype is torch.bool:
        if n != 1:
            return NotImplemented
        a, b = (bool(c.number) for c in columns)
        return Draft("output[i] = input[i+1] ≠ input[i]", "apply", [products(c) for c in columns], computed=a != b, indices={"i": i})
    signs = [(-1) ** (n - k) * math.comb(n, k) for k in range(n + 1)]
    blocks = [products(c, literal("sign" if abs(s) == 1 else "weight", s)) for c, s in zip(columns, signs, strict=True)][::-1]
    formula = "output[i] = input[i+1] − input[i]" if n == 1 else f"output[i] = Σₖ (−1)^({n}−k) · C({n}, k) · input[i+k]"
    return Draft(formula, "sum", blocks, indices={"i": i}, coarse=n > 1)


def _joined(call: Call, axis: int, place: int, prepend: Any, append: Any, input: torch.Tensor) -> Column:
    """An element of prepend, input and append laid end to end."""
    for name, tensor in (("prepend", prepend), ("input", input), ("append", append)):
        if tensor is None:
            continue
        size = tensor.shape[axis] if tensor.dim() else 1
        if place < size:
            index = tuple(place if d == axis else i for d, i in enumerate(call.at)) if tensor.dim() else ()
            return call.read(name, *index)
        place -= size
    raise IndexError(place)
