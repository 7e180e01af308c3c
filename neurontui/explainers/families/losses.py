"""Losses of one element at a time: how far is each input from its target? Then the mean or the sum of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Column, literal, products
from neurontui.records import Value

Rule = Callable[..., tuple[Array, Array]]  # numbers of each operand -> the loss of each element, and the sizes that went into it


def elementwise(
    call: Call, names: Sequence[str], rule: Rule, formula: str, reduction: str, divisor: int | None = None, notes: Sequence[str] = ()
) -> Draft:
    """The loss of each element, then their mean (sum); with "none", of one element alone. Operands are broadcast."""
    present = [name for name in names if isinstance(call.values.get(name), Value)]
    shape = np.broadcast_shapes(*(call.values[name].shape for name in present))
    places = [np.array([i]) for i in call.at] if reduction == "none" else every_place(shape)
    columns = [_broadcast(call, name, places) for name in present]
    with np.errstate(all="ignore"):
        losses, sizes = rule(*(c.numbers if c.numbers.dtype.kind == "c" else c.numbers.astype(np.float64) for c in columns))
        scale = 1 / (divisor or max(1, len(losses))) if reduction in ("mean", "batchmean") else 1.0
        factors = [literal("1/n", scale)] if scale != 1 else []
        blocks = [products(*columns, *factors, values=losses * scale, label=_loss_label)]
        magnitude = float(np.nansum(np.where(np.isfinite(sizes), sizes, 0.0)) * scale)
    start = {"none": "output = ", "sum": "output = Σ ", "mean": "output = mean of ", "batchmean": "output = (1/batch) Σ "}[reduction]
    return Draft(start + formula, "sum", blocks, magnitude=magnitude, notes=notes, coarse=True)


def ignored_note(count: int, index: int) -> tuple[str, ...]:
    """How many targets were left out, as a note; none where all count."""
    if not count:
        return ()
    return (f"{count} target{'s are' if count > 1 else ' is'} {index} and {'are' if count > 1 else 'is'} ignored.",)


def every_place(shape: Sequence[int]) -> list[Array]:
    """The index of each element, one array a dimension."""
    return [p.ravel() for p in np.indices(tuple(shape))] if len(shape) else []


def _loss_label(row: int) -> str:
    return f"loss {row}"


def _broadcast(call: Call, name: str, places: Sequence[Array]) -> Column:
    """The operand's element for each place."""
    shape = call.values[name].shape
    mine = places[len(places) - len(shape) :]
    return call.read(name, *(np.zeros_like(p) if n == 1 else p for p, n in zip(mine, shape, strict=True)))


KERNEL_REDUCTIONS = ("none", "mean", "sum")


def reduction_of(reduction: Any, size_average: Any = None, reduce: Any = None) -> str:
    """The reduction's name; from the old flags too, and from the number that the functions inside take in their place."""
    for given in (size_average, reduce, reduction):
        if isinstance(given, int) and not isinstance(given, bool):
            return KERNEL_REDUCTIONS[given]
    if size_average is None and reduce is None:
        return str(reduction)
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _xlogy(x: Array, y: Array) -> Array:
    return np.where(x == 0, 0.0, x * np.log(y))


@explains("torch.nn.functional.l1_loss")
def l1_loss(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html"""

    def rule(x: Array, y: Array, w: Array | float = 1.0) -> tuple[Array, Array]:
        return np.abs(x - y) * w, (np.abs(x) + np.abs(y)) * np.abs(w)

    return (
        NotImplemented
        if weight is not None
        else elementwise(call, ("input", "target"), rule, "|input − target|", reduction_of(reduction, size_average, reduce))
    )


@explains("torch.nn.functional.smooth_l1_loss")
def smooth_l1_loss(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Draft:
    """A parabola near 0, a line beyond beta (Girshick 2015)."""

    beta = reduce if isinstance(reduce, float) else beta  # the function inside takes it in this place

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        d, size = np.abs(x - y), np.abs(x) + np.abs(y)
        near = d < beta
        return np.where(near, 0.5 * d * d / (beta or 1), d - 0.5 * beta), np.where(near, d / (beta or 1), 1.0) * size + 0.5 * beta

    formula = f"½d²/{beta:g} where d = |input − target| < {beta:g}, else d − {beta / 2:g}"
    return elementwise(call, ("input", "target"), rule, formula, reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.huber_loss")
def huber_loss(call: Call, /, input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """The same, not divided by delta (Huber 1964)."""

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        d, size = np.abs(x - y), np.abs(x) + np.abs(y)
        near = d <= delta
        return np.where(near, 0.5 * d * d, delta * (d - 0.5 * delta)), np.where(near, d, delta) * size + 0.5 * delta * delta

    formula = f"½d² where d = |input − target| ≤ {delta:g}, else {delta:g}·(d − {delta / 2:g})"
    return NotImplemented if weight is not None else elementwise(call, ("input", "target"), rule, formula, reduction_of(reduction))


@explains("torch.nn.functional.binary_cross_entropy")
def binary_cross_entropy(
    call: Call, /, input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Draft:
    """`−(y·log x + (1−y)·log(1−x))`, each logarithm not below −100, as torch.nn.BCELoss does."""

    def rule(x: Array, y: Array, w: Array | float = 1.0) -> tuple[Array, Array]:
        up, down = np.maximum(np.log(x), -100), np.maximum(np.log1p(-x), -100)
        return -(y * up + (1 - y) * down) * w, (np.abs(y * up) + np.abs((1 - y) * down) + np.abs(y) + np.abs(1 - y)) * np.abs(w)

    formula = "−(target·log input + (1 − target)·log(1 − input))" + (" · weight" if weight is not None else "")
    return elementwise(call, ("input", "target", "weight"), rule, formula, reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    call: Call,
    /,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Draft:
    """`(1−y)·x + (1 + (pos_weight−1)·y)·softplus(−x)`: the sigmoid and the logarithm in one."""
    kernel = isinstance(reduce, int) and not isinstance(reduce, bool)
    if kernel or isinstance(call.values.get("size_average"), Value):  # the function inside: (input, target, weight, pos_weight, reduction)
        reduction = KERNEL_REDUCTIONS[reduce] if kernel else "mean"
        pos_weight, size_average, reduce = size_average, None, None
        call.values["pos_weight"] = call.values.pop("size_average", None)
    names = ["input", "target", *(["weight"] if weight is not None else []), *(["pos_weight"] if pos_weight is not None else [])]

    def rule(x: Array, y: Array, *more: Array) -> tuple[Array, Array]:
        w = more[0] if weight is not None else 1.0
        positive = 1 + (more[-1] - 1) * y if pos_weight is not None else 1.0
        soft = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
        size = np.abs((1 - y) * x) + np.abs(x * y) + np.abs(positive) * (soft + np.abs(x))
        return ((1 - y) * x + positive * soft) * w, size * np.abs(w)

    formula = "−(target·log σ(input) + (1 − target)·log(1 − σ(input)))"
    return elementwise(call, names, rule, formula, reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.kl_div")
def kl_div(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False
) -> Draft:
    """`target·(log target − input)`; batchmean divides by the batch. The input is a logarithm."""

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        if log_target:
            return np.exp(y) * (y - x), np.exp(y) * ((np.abs(y) + np.abs(x)) * (1 + np.abs(y)))
        return _xlogy(y, y) - y * x, np.abs(_xlogy(y, y)) + np.abs(y * x) + np.abs(y)

    formula = "exp(target)·(target − input)" if log_target else "target·(log target − input)"
    chosen = reduction_of(reduction, size_average, reduce)
    return elementwise(call, ("input", "target"), rule, formula, chosen, input.shape[0] if chosen == "batchmean" and input.dim() else None)


@explains("torch.nn.functional.poisson_nll_loss")
def poisson_nll_loss(
    call: Call,
    /,
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Draft:
    """`exp(x) − y·x`, or `x − y·log(x + eps)`; full adds Stirling's approximation of log y! for y > 1."""
    if isinstance(size_average, float):  # the function inside: (input, target, log_input, full, eps, reduction)
        eps, reduction, size_average = size_average, KERNEL_REDUCTIONS[int(eps)], None

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        first, second = (np.exp(x), y * x) if log_input else (x, y * np.log(x + eps))
        stirling = np.where(y > 1, _xlogy(y, y) - y + 0.5 * np.log(2 * math.pi * np.where(y > 0, y, 1)), 0.0) if full else np.zeros_like(x)
        return first - second + stirling, np.abs(first) * (1 + np.abs(x)) + np.abs(second) + np.abs(y) + np.abs(
            stirling
        ) + full * 2 * np.abs(y)

    formula = ("exp(input) − target·input" if log_input else "input − target·log(input + eps)") + (" + log target!" if full else "")
    return elementwise(call, ("input", "target"), rule, formula, reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.gaussian_nll_loss")
def gaussian_nll_loss(
    call: Call, /, input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """`½(log max(var, eps) + (x−y)²/max(var, eps))`; full adds ½ log 2π (Nix and Weigend 1994)."""
    if isinstance(var, (int, float)) or var.dim() not in (0, input.dim()):
        return NotImplemented

    def rule(x: Array, y: Array, v: Array) -> tuple[Array, Array]:
        v = np.maximum(v, eps)
        more = 0.5 * math.log(2 * math.pi) if full else 0.0
        size = 0.5 * (np.abs(np.log(v)) + 1 + (x - y) ** 2 / v) + np.abs(x - y) * (np.abs(x) + np.abs(y)) / v + more
        return 0.5 * (np.log(v) + (x - y) ** 2 / v) + more, size

    return elementwise(
        call, ("input", "target", "var"), rule, "½(log var + (input − target)²/var)" + (" + ½ log 2π" if full else ""), reduction
    )


@explains("torch.nn.functional.soft_margin_loss")
def soft_margin_loss(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Draft:
    """`log(1 + exp(−y·x))`; the kernel takes it as it stands, so that the exponential may overflow the type."""
    import torch

    most = torch.finfo(input.dtype).max

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        power = np.exp(-y * x)
        value = np.log1p(np.where(power > most, np.inf, power))
        return value, value + 1 + np.abs(x * y)

    return elementwise(call, ("input", "target"), rule, "log(1 + exp(−target·input))", reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.hinge_embedding_loss")
def hinge_embedding_loss(
    call: Call, /, input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Draft:
    """`x` where the target is 1, `max(0, margin − x)` where it is −1; both where it is neither, as the kernel adds them."""

    def rule(x: Array, y: Array) -> tuple[Array, Array]:
        value = np.where(y != 1, np.maximum(0, margin - x), 0) + np.where(y != -1, x, 0)
        return value, np.abs(x) + abs(margin)

    formula = f"input where target is 1, max(0, {margin:g} − input) where it is −1"
    return elementwise(call, ("input", "target"), rule, formula, reduction_of(reduction, size_average, reduce))


@explains("torch.nn.functional.margin_ranking_loss")
def margin_ranking_loss(
    call: Call,
    /,
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Draft:
    """`max(0, −y·(x1 − x2) + margin)`."""

    def rule(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return np.maximum(0, -y * (a - b) + margin), np.abs(y) * (np.abs(a) + np.abs(b)) + abs(margin)

    formula = f"max(0, −target·(input1 − input2) + {margin:g})"
    return elementwise(call, ("input1", "input2", "target"), rule, formula, reduction_of(reduction, size_average, reduce))
