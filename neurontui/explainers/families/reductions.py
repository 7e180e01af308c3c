"""Reductions beyond sum and mean: products, variances, norms, logsumexp, all, any, counts, quantiles."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.lengths import explain_norm
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.regions import reduced_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch


def read_reduced(call: Call, input: torch.Tensor, dim: Any, keepdim: bool) -> tuple[Column, Picture]:
    """What a reduction over `dim` reads, and the picture of it."""
    box = reduced_box(input.shape, dim, keepdim, call.at)
    return call.read("input", *box), box_picture("input", box, "", "row" if isinstance(dim, int) else "group")


@explains("torch.prod")
def product(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.prod.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    with np.errstate(all="ignore"):
        size = abs(float(np.prod(np.abs(column.numbers.astype(np.complex128)))))
    magnitude = size * len(column.numbers) if math.isfinite(size) else 0.0
    return Draft("output = Π input", "product", [products(column)], magnitude=magnitude, pictures=(picture,), coarse=True)


def _truth(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, every: bool) -> Any:
    """Whether all (any) are true: the first that decides it is marked."""
    column, picture = read_reduced(call, input, dim, keepdim)
    true = column.numbers != 0
    found = bool(true.all() if every else true.any())
    deciding = np.flatnonzero(~true if every else true)
    marks = np.full(len(true), "", dtype=object)
    marks[deciding[:1]] = "winner"
    word = "all" if every else "any"
    note = f"{int(true.sum())} of {len(true)} are true."
    block = products(column, values=true.astype(np.int64), mark=marks)  # type: ignore[arg-type]
    computed: Any = found if call.result.dtype.is_complex is False and str(call.result.dtype) == "torch.bool" else int(found)
    return Draft(f"output = {word} of input ≠ 0", "apply", [block], computed=computed, notes=(note,), pictures=(picture,))


@explains("torch.all", "torch._is_all_true")
def every(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.all.html"""
    return _truth(call, input, dim, keepdim, True)


@explains("torch.any")
def some(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.any.html"""
    return _truth(call, input, dim, keepdim, False)


@explains("torch.count_nonzero")
def count_nonzero(call: Call, /, input: torch.Tensor, dim: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.count_nonzero.html"""
    column, picture = read_reduced(call, input, dim, False)
    block = products(column, values=(column.numbers != 0).astype(np.int64))
    return Draft("output = how many of input are not 0", "sum", [block], pictures=(picture,))


@explains("torch.nansum")
def nansum(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nansum.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    gone = np.isnan(column.numbers)
    block = products(column, values=np.where(gone, 0, column.numbers), mark=np.where(gone, "masked", ""))  # type: ignore[arg-type]
    return Draft("output = Σ input, NaN counting as 0", "sum", [block], pictures=(picture,))


def _variance(call: Call, column: Column, correction: float, picture: Picture) -> Draft:
    """`Σ (x − μ)² / (n − correction)`, after the mean."""
    n = len(column.numbers)
    if not n:
        nothing = complex(math.nan, math.nan) if column.numbers.dtype.kind == "c" else math.nan
        mean = Draft("μ = 0 / 0", "apply", [], computed=nothing, title="mean")
        return Draft("output = 0 / 0: there is nothing to reduce", "apply", [], computed=math.nan, stages=[mean])
    with np.errstate(all="ignore"):
        mean = Draft(
            "μ = (1/n) Σ input", "sum", [products(column, literal("1/n", 1 / n if n else math.nan))], title="mean", indices={"n": n}
        )
        centre = mean.result()
        below = max(0.0, n - correction)
        squares = np.abs(column.numbers - centre) ** 2 / np.float64(below)
        block = products(
            column, stage(mean), values=squares, label=lambda row: f"(input{[int(i) for i in column.index[row]]} − μ)² / {below:g}"
        )
        spread = 2 * float(squares.sum()) + (2 * abs(centre) * float(np.sqrt(squares.sum() / np.float64(below))) if below else 0.0)  # type: ignore[arg-type]
    notes = (f"Divided by n − {correction:g} = {below:g}.",)
    magnitude = spread if math.isfinite(spread) else 0.0
    return Draft(
        "output = Σ (input − μ)² / (n − correction)",
        "sum",
        [block],
        stages=[mean],
        magnitude=magnitude,
        notes=notes,
        pictures=(picture,),
        size=n,
    )


def _deviation(variance: Draft) -> Draft:
    """The square root of it."""
    below = replace(variance, formula=variance.formula.replace("output", "σ²"), title="variance", stages=())
    square = float(below.result())  # type: ignore[arg-type]
    root = math.sqrt(square) if square >= 0 else math.nan
    spread = abs(root) + (variance.spread() / (2 * root) if root else 0.0)
    return replace(
        variance,
        formula="output = √(Σ (input − μ)² / (n − correction))",
        combine="apply",
        blocks=[products(stage(below))],
        computed=root,
        stages=[*variance.stages, below],
        magnitude=spread if math.isfinite(spread) else 0.0,
    )


def _moments(call: Call, input: torch.Tensor, dim: Any, unbiased: Any, keepdim: bool, correction: Any) -> Draft:
    """The variance; `var(input, False)` means unbiased=False."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    given = correction if correction is not None else 1 if unbiased is None or unbiased else 0
    column, picture = read_reduced(call, input, dim, keepdim)
    return _variance(call, column, float(given), picture)


@explains("torch.var")
def variance(
    call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.var.html"""
    return _moments(call, input, dim, unbiased, keepdim, correction)


@explains("torch.std")
def deviation(
    call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.std.html"""
    return _deviation(_moments(call, input, dim, unbiased, keepdim, correction))


@explains("torch.var_mean")
def var_mean(
    call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html"""
    made = _moments(call, input, dim, unbiased, keepdim, correction)
    return replace(made.stages[0], title="") if call.output else made


@explains("torch.std_mean")
def std_mean(
    call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html"""
    made = _moments(call, input, dim, unbiased, keepdim, correction)
    return replace(made.stages[0], title="") if call.output else _deviation(made)


def _length(call: Call, input: torch.Tensor, p: float, dim: Any, keepdim: bool) -> Draft:
    column, picture = read_reduced(call, input, dim, keepdim)
    return replace(explain_norm([column], column.numbers, p), pictures=(picture,))


@explains("torch.linalg.vector_norm")
def vector_norm(call: Call, /, input: torch.Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html"""
    return _length(call, input, float(ord), dim, keepdim)


@explains("torch.norm")
def norm(
    call: Call, /, input: torch.Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None
) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.norm.html; "fro" is the root of the sum of squares."""
    if p == "nuc":
        return NotImplemented
    return _length(call, input, 2.0 if p in ("fro", None) else float(p), dim, keepdim)


@explains("torch.linalg.norm")
def linalg_norm(call: Call, /, input: torch.Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.linalg.norm.html; other matrix norms are left to the generic ways."""
    matrix = (isinstance(dim, (tuple, list)) and len(dim) == 2) or (dim is None and ord is not None and input.dim() == 2)
    if ord is not None and matrix and ord != "fro":
        return NotImplemented
    return _length(call, input, 2.0 if ord in (None, "fro") else float(ord), dim, keepdim)


@explains("torch.logsumexp")
def logsumexp(call: Call, /, input: torch.Tensor, dim: Any, keepdim: bool = False) -> Any:
    """`max + log Σ exp(x − max)`. https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    return log_sum(column, picture) if column.numbers.dtype.kind != "c" and len(column.numbers) else NotImplemented


def log_sum(column: Column, picture: Picture) -> Draft:
    """The logarithm of a sum of exponentials, by its maximum."""
    numbers = column.numbers.astype(np.float64)
    with np.errstate(all="ignore"):
        top = Draft("max input", "max", [products(column)], title="max")
        high = float(np.max(numbers))
        base = high if math.isfinite(high) else 0.0
        powers = np.exp(numbers - base)
        total = Draft("Σ exp(input − max)", "sum", [products(column, stage(top), values=powers)], title="sum of exponentials")
        log = float(np.log(powers.sum()))
        wobble = float(np.nansum(powers * np.abs(numbers - base)) / powers.sum()) if powers.sum() > 0 else 0.0
    logarithm = Draft("log Σ", "apply", [products(stage(total))], computed=log, title="log")
    terms = [products(stage(top), values=[base], label="max"), products(stage(logarithm), label="log Σ exp")]
    spread = abs(base) + abs(log) + wobble + 1
    return Draft(
        "output = max + log Σ exp(input − max)",
        "sum",
        terms,
        stages=[top, total, logarithm],
        pictures=(picture,),
        size=len(numbers),
        coarse=True,
        magnitude=spread if math.isfinite(spread) else 0.0,
    )


@explains("torch.quantile")
def quantile(
    call: Call, /, input: torch.Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """Between the two neighbours in order at place q·(n − 1). https://docs.pytorch.org/docs/stable/generated/torch.quantile.html"""
    several = hasattr(q, "dim") and q.dim() == 1
    share = float(q[call.at[0]] if several else q)
    at = call.at[1:] if several else call.at
    box = reduced_box(input.shape, dim, keepdim, at)
    column = call.read("input", *box)
    if np.isnan(column.numbers).any() or interpolation != "linear":
        return NotImplemented
    order = np.argsort(column.numbers, kind="stable")
    spot = share * (len(order) - 1)
    low = math.floor(spot)
    blocks = []
    for place, weight in ((low, 1 - (spot - low)), (min(low + 1, len(order) - 1), spot - low)):
        index = np.array([column.index[int(order[place])]], np.int64)
        picked = Column("input", index.reshape(1, -1), column.numbers[order[place]][None])
        blocks.append(products(picked, literal("weight", weight), mark="picked"))
    spread = sum(abs(float(c.numbers[0])) for b in blocks if isinstance(b.columns, tuple) for c in b.columns[:1]) * (1 + spot)
    notes = (f"Place {spot:.6g} of {len(order)} in ascending order.",)
    return Draft(
        "output = (1 − w) · lower + w · upper neighbour",
        "sum",
        blocks,
        notes=notes,
        magnitude=spread,
        pictures=(box_picture("input", box, "what is ordered", "group"),),
    )


@explains("torch.nanmean")
def nanmean(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Draft:
    """The mean of those that are no NaN."""
    column, picture = read_reduced(call, input, dim, keepdim)
    gone = np.isnan(column.numbers)
    count = int((~gone).sum())
    with np.errstate(all="ignore"):
        values = np.where(gone, 0.0, column.numbers) / np.float64(count)
    block = products(column, literal("1/n", 1 / count if count else math.nan), values=values, mark=np.where(gone, "masked", ""))  # type: ignore[arg-type]
    return Draft("output = (1/n) Σ input, NaN left out", "sum", [block], notes=(f"n = {count} numbers.",), pictures=(picture,))


@explains("torch.linalg.matrix_norm")
def matrix_norm(
    call: Call, /, input: torch.Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The Frobenius norm; the others are left to the generic ways."""
    return _length(call, input, 2.0, dim, keepdim) if ord == "fro" else NotImplemented


@explains("torch.norm_except_dim")
def norm_except_dim(call: Call, /, v: torch.Tensor, pow: int = 2, dim: int = 0) -> Draft:
    """The length over all dimensions but one (over all for −1), as weight_norm takes it."""
    box = tuple(call.at[d] if d == dim else range(n) for d, n in enumerate(v.shape))
    column = call.read("v", *box)
    made = explain_norm([column], column.numbers, float(pow), name="v")
    return replace(made, pictures=(box_picture("v", box, "what is measured", "group"),))
