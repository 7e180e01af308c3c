"""Reductions beyond sum and mean: extremes and where they are, products, variances, norms, logsumexp, all, any, medians, counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.lengths import p_norm
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.regions import reduced_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Column, literal, products
from neurontui.explanation import Picture
from neurontui.records import Value

if TYPE_CHECKING:
    import torch


def read_reduced(call: Call, input: torch.Tensor, dim: Any, keepdim: bool) -> tuple[Column, Picture]:
    """What a reduction over `dim` reads, and the picture of it."""
    box = reduced_box(input.shape, dim, keepdim, call.at)
    return call.read("input", *box), box_picture("input", box, "what is reduced", "row" if isinstance(dim, int) else "group")


# ---- extremes -------------------------------------------------------------------------------------------------------------------


def extreme(numbers: Array, greatest: bool) -> int:
    """The place of the greatest (least) number, the first of equals; the first NaN where there is one."""
    missing = np.flatnonzero(np.isnan(numbers)) if numbers.dtype.kind == "f" else np.zeros(0, np.int64)
    return int(missing[0]) if len(missing) else int(np.argmax(numbers) if greatest else np.argmin(numbers))


def equals(numbers: Array, value: Any) -> Array:
    """The places of the numbers that equal `value`; NaN equals NaN here."""
    return np.flatnonzero((numbers == value) | ((numbers != numbers) & bool(value != value)))


def _marked(count: int, place: int) -> Any:
    marks = np.full(count, "", dtype=object)
    marks[place] = "winner"
    return marks


def _extreme(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, greatest: bool, where: bool) -> Any:
    """The greatest of a row, or its place."""
    word = "max" if greatest else "min"
    column, picture = read_reduced(call, input, dim, keepdim)
    if not len(column.numbers):
        return NotImplemented
    winner = extreme(column.numbers, greatest)
    block = products(column, mark=_marked(len(column.numbers), winner))
    if not where:
        return Draft(f"output = {word} of input", word, [block], pictures=(picture,))  # type: ignore[arg-type]
    equal = equals(column.numbers, column.numbers[winner])
    place, notes = _choose(call, equal, winner)
    marked = products(column, mark=_marked(len(column.numbers), place))
    return Draft(f"output = place of the {word} of input", "apply", [marked], computed=place, notes=notes, pictures=(picture,))


def _choose(call: Call, equal: Array, first: int) -> tuple[int, tuple[str, ...]]:
    """Among equals any is right: the one that the kernel took, if it is one of them, else the first."""
    if len(equal) < 2:
        return first, ()
    taken = int(call.actual) if isinstance(call.actual, int) and call.actual in equal else first
    return taken, (f"{len(equal)} equal values: the kernel may give the place of any of them, and gave {taken}.",)


def _max_or_min(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, other: Any, greatest: bool) -> Any:
    """torch.max has three meanings: of everything, along a dimension (with places), and of two tensors element by element."""
    if isinstance(call.values.get("dim"), Value):
        call.values["other"] = call.values.pop("dim")
        other = dim
    if other is not None:
        a, b = call.element("input"), call.element("other")
        blocks = [products(a), products(b)]
        return Draft(f"output = {'max' if greatest else 'min'}(input, other)", "max" if greatest else "min", blocks)
    return _extreme(call, input, dim, keepdim, greatest, call.output == 1)


@explains("torch.max")
def maximum(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.max.html"""
    return _max_or_min(call, input, dim, keepdim, other, True)


@explains("torch.min")
def minimum(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.min.html"""
    return _max_or_min(call, input, dim, keepdim, other, False)


@explains("torch.amax")
def amax(call: Call, /, input: torch.Tensor, dim: Any = (), keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.amax.html"""
    return _extreme(call, input, dim, keepdim, True, False)


@explains("torch.amin")
def amin(call: Call, /, input: torch.Tensor, dim: Any = (), keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.amin.html"""
    return _extreme(call, input, dim, keepdim, False, False)


@explains("torch.aminmax")
def aminmax(call: Call, /, input: torch.Tensor, *, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.aminmax.html"""
    return _extreme(call, input, dim, keepdim, call.output == 1, False)


@explains("torch.argmax")
def argmax(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.argmax.html"""
    return _extreme(call, input, dim, keepdim, True, True)


@explains("torch.argmin")
def argmin(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.argmin.html"""
    return _extreme(call, input, dim, keepdim, False, True)


# ---- products, truth, counts ---------------------------------------------------------------------------------------------------


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


@explains("torch.all")
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


# ---- spread ---------------------------------------------------------------------------------------------------------------------


def _variance(call: Call, column: Column, correction: float, picture: Picture) -> Draft:
    """`Σ (x − μ)² / (n − correction)`, after the mean."""
    n = len(column.numbers)
    with np.errstate(all="ignore"):
        mean = Draft("μ = (1/n) Σ input", "sum", [products(column, literal("1/n", 1 / n if n else math.nan))], title="mean", indices={"n": n})
        centre = mean.result()
        below = max(0.0, n - correction)
        squares = np.abs(column.numbers - centre) ** 2 / np.float64(below)  # type: ignore[operator]
        block = products(column, stage(mean), values=squares, label=lambda row: f"(input{[int(i) for i in column.index[row]]} − μ)² / {below:g}")
        spread = 2 * float(squares.sum()) + (2 * abs(centre) * float(np.sqrt(squares.sum() / np.float64(below))) if below else 0.0)  # type: ignore[arg-type]
    notes = (f"Divided by n − {correction:g} = {below:g}.",)
    magnitude = spread if math.isfinite(spread) else 0.0
    return Draft("output = Σ (input − μ)² / (n − correction)", "sum", [block], stages=[mean], title="variance", magnitude=magnitude, notes=notes, pictures=(picture,), size=n)


def _deviation(variance: Draft) -> Draft:
    """The square root of it."""
    square = float(variance.result())  # type: ignore[arg-type]
    root = math.sqrt(square) if square >= 0 else math.nan
    spread = abs(root) + (variance.spread() / (2 * root) if root else 0.0)
    return replace(
        variance, formula="output = √(Σ (input − μ)² / (n − correction))", combine="apply", blocks=[products(stage(variance))], computed=root,
        stages=[*variance.stages, variance], magnitude=spread if math.isfinite(spread) else 0.0, title="",
    )  # fmt: skip


def _moments(call: Call, input: torch.Tensor, dim: Any, unbiased: Any, keepdim: bool, correction: Any) -> Draft:
    """The variance; `var(input, False)` means unbiased=False."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    given = correction if correction is not None else 1 if unbiased is None or unbiased else 0
    column, picture = read_reduced(call, input, dim, keepdim)
    return _variance(call, column, float(given), picture)


@explains("torch.var")
def variance(call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.var.html"""
    return _moments(call, input, dim, unbiased, keepdim, correction)


@explains("torch.std")
def deviation(call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.std.html"""
    return _deviation(_moments(call, input, dim, unbiased, keepdim, correction))


@explains("torch.var_mean")
def var_mean(call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.var_mean.html"""
    made = _moments(call, input, dim, unbiased, keepdim, correction)
    return replace(made.stages[0], title="") if call.output else made


@explains("torch.std_mean")
def std_mean(call: Call, /, input: torch.Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.std_mean.html"""
    made = _moments(call, input, dim, unbiased, keepdim, correction)
    return replace(made.stages[0], title="") if call.output else _deviation(made)


# ---- lengths --------------------------------------------------------------------------------------------------------------------


def _length(call: Call, input: torch.Tensor, p: float, dim: Any, keepdim: bool) -> Draft:
    column, picture = read_reduced(call, input, dim, keepdim)
    made = p_norm([column], column.numbers, p, title="")
    return replace(made, formula=f"output = {made.formula}", pictures=(picture,))


@explains("torch.linalg.vector_norm")
def vector_norm(call: Call, /, input: torch.Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html"""
    return _length(call, input, float(ord), dim, keepdim)


@explains("torch.norm")
def norm(call: Call, /, input: torch.Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.norm.html; "fro" is the root of the sum of squares."""
    if p == "nuc":
        return NotImplemented
    return _length(call, input, 2.0 if p in ("fro", None) else float(p), dim, keepdim)


@explains("torch.linalg.norm")
def linalg_norm(call: Call, /, input: torch.Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.linalg.norm.html; other matrix norms than Frobenius are left to the generic ways."""
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
    return Draft("output = max + log Σ exp(input − max)", "sum", terms, stages=[top, total, logarithm], pictures=(picture,), size=len(numbers), coarse=True,
                 magnitude=spread if math.isfinite(spread) else 0.0)  # fmt: skip


# ---- medians --------------------------------------------------------------------------------------------------------------------


def _median(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, skip: bool) -> Any:
    """The lower of the two in the middle; NaN wins, or is left out."""
    column, picture = read_reduced(call, input, dim, keepdim)
    numbers = column.numbers
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(len(numbers), bool)
    if not len(numbers):
        return NotImplemented
    order = np.argsort(numbers, kind="stable")
    middle = (len(numbers) - (int(missing.sum()) if skip else 0) - 1) // 2
    place = int(np.flatnonzero(missing)[0]) if missing.any() and not skip else int(order[max(middle, 0)])
    equal = equals(numbers, numbers[place])
    return _ranked(call, column, picture, place, equal, f"the lower median: {max(middle, 0)} of {len(numbers)} lie below it in order", "median")


def _ranked(call: Call, column: Column, picture: Picture, place: int, equal: Array, note: str, word: str) -> Draft:
    """One element of a row, by its rank; or its place."""
    if call.output == 1:
        place, notes = _choose(call, equal, place)
        return Draft(f"output = place of the {word}", "apply", [products(column, mark=_marked(len(column.numbers), place))], computed=place,
                     notes=(note, *notes), pictures=(picture,))  # fmt: skip
    index = tuple(int(i) for i in column.index[place])
    picked = Column(column.name, np.array([index]).reshape(1, len(index)), column.numbers[place : place + 1])
    return Draft(f"output = {word} of input", "pick", [products(picked, mark="picked")], notes=(note,), pictures=(picture,))


@explains("torch.median")
def median(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.median.html"""
    return _median(call, input, dim, keepdim, False)


@explains("torch.nanmedian")
def nanmedian(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nanmedian.html"""
    return _median(call, input, dim, keepdim, True)


@explains("torch.kthvalue")
def kthvalue(call: Call, /, input: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    place = int(np.argsort(column.numbers, kind="stable")[k - 1])
    equal = equals(column.numbers, column.numbers[place])
    return _ranked(call, column, picture, place, equal, f"number {k} of {len(column.numbers)}, the smallest first", f"{k}-th smallest")


@explains("torch.mode")
def mode(call: Call, /, input: torch.Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent value, the least of several. https://docs.pytorch.org/docs/stable/generated/torch.mode.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    if np.isnan(column.numbers.astype(np.complex128)).any():
        return NotImplemented
    values, counts = np.unique(column.numbers, return_counts=True)
    best = values[np.argmax(counts)]
    equal = np.flatnonzero(column.numbers == best)
    return _ranked(call, column, picture, int(equal[-1]), equal, f"it appears {int(counts.max())} times among {len(column.numbers)}", "most frequent")


