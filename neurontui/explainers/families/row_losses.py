"""Losses of a row at a time: of its classes (nll, margins), or of two or three rows against one another (triplet, cosine)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.losses import KERNEL_REDUCTIONS, every_place, ignored_note, reduction_of
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, chooser, literal, products


@explains("torch.nn.functional.nll_loss")
def nll_loss(
    call: Call,
    /,
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """`−w[target]·input[target]`, the mean weighted by w. https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html"""
    chosen = reduction_of(reduction, size_average, reduce)
    places = [np.array([i]) for i in call.at] if chosen == "none" else every_place(target.shape)
    labels = call.read("target", *places)
    kept = labels.numbers != ignore_index
    if not kept.any():
        return Draft(
            "output = 0: every target is ignored" if chosen != "mean" else "output = 0 / 0: every target is ignored",
            "apply",
            [products(labels, mark="masked")],
            computed=math.nan if chosen == "mean" else 0.0,
            zero="masked" if chosen != "mean" else "",
        )
    places, classes = [p[kept] for p in places], labels.numbers[kept]
    chosen_at = (*places[:1], classes, *places[1:]) if places else (classes,)
    picked, target_of = call.read("input", *chosen_at), chooser(call.read("target", *places))
    weights = [call.read("weight", classes)] if weight is not None else []
    total = float(weights[0].numbers.sum()) if weights else float(len(classes))
    share = literal("−1/Σ weight" if weights else "−1/n", -1 / total if total else math.nan) if chosen == "mean" else literal("sign", -1)
    start = {"none": "output = −", "sum": "output = −Σ ", "mean": "output = −(1/Σ w) Σ " if weights else "output = −(1/n) Σ "}[chosen]
    notes = ignored_note(int((~kept).sum()), ignore_index)
    return Draft(
        f"{start}{'weight[target] · ' if weights else ''}input[target]",
        "sum",
        [products(picked, *weights, share, target_of, mark="picked")],
        notes=notes,
        coarse=True,
    )


@explains("torch.nn.functional.nll_loss_nd")
def nll_loss_nd(call: Call, /, input: Any, target: Any, weight: Any = None, reduction: int = 1, ignore_index: int = -100) -> Any:
    """The function inside nll_loss."""
    return nll_loss(call, input, target, weight, None, ignore_index, None, KERNEL_REDUCTIONS[reduction])


@explains("aten::nll_loss_forward", "aten::nll_loss2d_forward")
def nll_loss_forward(call: Call, /, input: Any, target: Any, weight: Any = None, reduction: int = 1, ignore_index: int = -100) -> Any:
    """The kernel below; its second output is the sum of the weights."""
    return NotImplemented if call.output else nll_loss(call, input, target, weight, None, ignore_index, None, KERNEL_REDUCTIONS[reduction])


def _reduced(call: Call, blocks: Sequence[Block], sizes: Sequence[float], formula: str, reduction: str, notes: Sequence[str] = ()) -> Draft:
    """One term a sample."""
    start = {"none": "output = ", "sum": "output = Σ ", "mean": "output = mean of "}[reduction]
    return Draft(start + formula, "sum", list(blocks), magnitude=float(np.sum(sizes)), notes=notes, coarse=True)


def _by_row(call: Call, count: int, reduction: str, names: Sequence[str], rule: Callable[..., tuple[float, float]], formula: str) -> Draft:
    """`rule` of each sample's rows; with "none", of the asked one."""
    samples = list(call.at) or [0] if reduction == "none" else range(count)
    scale = 1 / max(1, count) if reduction == "mean" else 1.0
    blocks, sizes = [], []
    for n in samples:
        columns = [_row(call, name, n) for name in names]
        with np.errstate(all="ignore"):
            value, size = rule(*(c.numbers.astype(np.float64) if c.numbers.dtype.kind in "fb" else c.numbers for c in columns))
        blocks.append(Block(_factors(columns), np.array([value * scale]), f"sample {n}"))
        sizes.append(abs(size) * scale)
    return _reduced(call, blocks, sizes, formula, reduction)


def _factors(columns: Sequence[Column]) -> Callable[[int], tuple[Column, ...]]:
    """Every number of the rows as a factor of the sample's one term."""

    def made(_: int) -> tuple[Column, ...]:
        return tuple(
            Column(c.name, np.array([c.index[i]], np.int64).reshape(1, -1), c.numbers[i : i + 1])
            for c in columns
            for i in range(len(c.numbers))
        )

    return made


def _row(call: Call, name: str, n: int) -> Column:
    shape = call.tensor(name).shape
    if not shape:
        return call.read(name)
    return (
        call.read(name, n, range(shape[1]))
        if len(shape) > 1
        else call.read(name, n)
        if _scalar_per_sample(call, name)
        else call.read(name, range(shape[0]))
    )


def _scalar_per_sample(call: Call, name: str) -> bool:
    """Whether a one-dimensional argument holds one number a sample (a target beside rows)."""
    return any(len(call.tensor(other).shape) > 1 for other, value in call.values.items() if hasattr(value, "shape") and other != name)


@explains("torch.nn.functional.multi_margin_loss")
def multi_margin_loss(
    call: Call,
    /,
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """`Σ_{j ≠ y} max(0, margin − x[y] + x[j])ᵖ / classes`."""
    if weight is not None:
        return NotImplemented

    def rule(x: Array, y: Array) -> tuple[float, float]:
        gaps = np.maximum(0, margin - x[y[0]] + np.delete(x, y[0])) ** p
        size = np.sum((abs(margin) + abs(x[y[0]]) + np.abs(x)) * np.maximum(1, np.abs(margin - x[y[0]] + x)) ** (p - 1))
        return float(gaps.sum() / len(x)), float(size * p / len(x))

    count = input.shape[0] if input.dim() > 1 else 1
    formula = f"Σⱼ max(0, {margin:g} − input[target] + input[j])^{p} / classes, j ≠ target"
    return _by_row(call, count, reduction_of(reduction, size_average, reduce), ("input", "target"), rule, formula)


@explains("torch.nn.functional.multilabel_margin_loss")
def multilabel_margin_loss(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Draft:
    """`Σ over labels y and others j of max(0, 1 − x[y] + x[j]) / classes`; the labels are those before the first −1."""

    def rule(x: Array, y: Array) -> tuple[float, float]:
        ends = np.flatnonzero(y < 0)
        labels = y[: ends[0]] if len(ends) else y
        others = np.setdiff1d(np.arange(len(x)), labels)
        gaps = np.maximum(0, 1 - x[labels][:, None] + x[others][None, :])
        return float(gaps.sum() / len(x)), float((1 + np.abs(x).max(initial=0) * 2) * gaps.size / len(x))

    count = input.shape[0] if input.dim() > 1 else 1
    formula = "Σ over labels y, others j of max(0, 1 − input[y] + input[j]) / classes"
    return _by_row(call, count, reduction_of(reduction, size_average, reduce), ("input", "target"), rule, formula)


@explains("torch.nn.functional.multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(
    call: Call, /, input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """`−mean over classes of y·log σ(x) + (1−y)·log σ(−x)`."""
    if weight is not None or input.dim() != 2:
        return NotImplemented

    def rule(x: Array, y: Array) -> tuple[float, float]:
        up, down = -np.logaddexp(0, -x), -np.logaddexp(0, x)
        size = np.abs(y * up) + np.abs((1 - y) * down) + np.abs(x) + 1
        return float(-(y * up + (1 - y) * down).mean()), float(size.mean())

    formula = "−mean over classes of target·log σ(input) + (1 − target)·log σ(−input)"
    return _by_row(call, input.shape[0], reduction_of(reduction, size_average, reduce), ("input", "target"), rule, formula)


def _distance(a: Array, b: Array, p: float, eps: float) -> tuple[float, float]:
    """‖a − b + eps‖ₚ, and the size of what went into it."""
    gaps = np.abs(a - b + eps)
    value = float(gaps.max(initial=0)) if math.isinf(p) else float((gaps**p).sum() ** (1 / p))
    with np.errstate(all="ignore"):
        slope = (gaps / value) ** (p - 1) if value and not math.isinf(p) else np.ones_like(gaps)
    return value, value + float((np.nan_to_num(slope) * (np.abs(a) + np.abs(b))).sum())


@explains("torch.nn.functional.triplet_margin_loss")
def triplet_margin_loss(
    call: Call,
    /,
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """`max(0, d(a, p) − d(a, n) + margin)`; swap takes the nearer of d(a, n) and d(p, n) (Balntas et al. 2016)."""
    if anchor.dim() > 2 or anchor.shape != positive.shape or anchor.shape != negative.shape:
        return NotImplemented

    def rule(a: Array, b: Array, c: Array) -> tuple[float, float]:
        near, far = _distance(a, b, p, eps), _distance(a, c, p, eps)
        if swap:
            far = min(far, _distance(b, c, p, eps))
        return max(0.0, near[0] - far[0] + margin), near[1] + far[1] + abs(margin)

    count = anchor.shape[0] if anchor.dim() > 1 else 1
    formula = f"max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + {margin:g})"
    return _by_row(call, count, reduction_of(reduction, size_average, reduce), ("anchor", "positive", "negative"), rule, formula)


@explains("torch.nn.functional.cosine_embedding_loss")
def cosine_embedding_loss(
    call: Call,
    /,
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """`1 − cos(x1, x2)` for target 1, `max(0, cos − margin)` for −1."""

    def rule(a: Array, b: Array, y: Array) -> tuple[float, float]:
        root = math.sqrt((float(a @ a) + 1e-12) * (float(b @ b) + 1e-12))  # the kernel's own EPSILON
        cosine = float(a @ b) / root
        value = 1 - cosine if y[0] == 1 else max(0.0, cosine - margin) if y[0] == -1 else 0.0
        return value, 2 + float(np.abs(a) @ np.abs(b)) / root + abs(margin)

    count = input1.shape[0] if input1.dim() > 1 else 1
    formula = f"1 − cos(input1, input2) for target 1, max(0, cos − {margin:g}) for −1"
    return _by_row(call, count, reduction_of(reduction, size_average, reduce), ("input1", "input2", "target"), rule, formula)
