"""The two losses of every first course: cross entropy and mean squared error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call, plain, to_numpy
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.losses import ignored_note
from neurontui.explainers.families.softmaxes import is_half
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, chooser, literal, products
from neurontui.explanation import Origin
from neurontui.text import format_index

STAGES = 16  # samples that get a stage of their own; beyond, log Σ is a literal beside the term


@explains("torch.nn.functional.cross_entropy")
def cross_entropy(
    call: Call, /, input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100,
    reduce: Any = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Any:  # fmt: skip
    """`−Σ W[n, c] · log p[n, c]`, p the softmax over the classes; W is 1 for the target class, over the number of samples.

    Class weights, label smoothing, ignored targets and target probabilities are all in W (torch.nn.CrossEntropyLoss).
    """
    if size_average is not None or reduce is not None or input.is_complex():
        return NotImplemented
    axis = 0 if input.dim() == 1 else 1
    samples = [n for d, n in enumerate(input.shape) if d != axis]
    places = _sample_places(samples, call.at if reduction == "none" else None)
    rows = _rows(call, "input", axis, call.at if reduction == "none" else None)
    shares, denominator = _shares(call, target, weight, ignore_index, label_smoothing, reduction, places, axis, rows.shape)
    if not denominator:
        return Draft("output = 0 / 0: every target is ignored", "apply", [], computed=math.nan)
    soft = target.is_floating_point()
    whole = _formula(reduction, weight is not None, label_smoothing, soft)
    words = _share_words(reduction, weight is not None, label_smoothing, soft, rows.shape[1], denominator)
    ignored = ignored_note(0 if soft else int((call.read("target", *places).numbers == ignore_index).sum()), ignore_index)
    with np.errstate(all="ignore"):
        top = rows.max(axis=1)
        powers = np.exp(rows - top[:, None])
        logs = top + np.log(powers.sum(axis=1))
        wobble = np.nan_to_num(powers / powers.sum(axis=1, keepdims=True) * np.abs(rows - top[:, None])).sum(axis=1)
    draft = _loss(call, places, axis, rows, shares / denominator, logs, wobble, words, soft)
    return replace(draft, formula=whole, notes=(*([words] if words else []), *ignored, *_warn_of_probabilities(rows)))


def _formula(reduction: str, weighted: bool, smoothing: float, soft: bool) -> str:
    """The loss in the words of its options."""
    over = {"mean": "the mean of ", "sum": "Σ "}.get(reduction, "")
    if smoothing or soft:
        return f"output = {over}Σⱼ share[j] · (−log p[j]), −log p = log Σ exp(input) − input"
    whole = "weight[target] · (−log p[target])" if weighted else "−log p[target]"
    if weighted and reduction == "mean":
        over, whole = "Σ ", f"{whole} / Σ weight[target]"
    return f"output = {over}{whole}, −log p = log Σ exp(input) − input"


def _share_words(reduction: str, weighted: bool, smoothing: float, soft: bool, classes: int, denominator: float) -> str:
    """What the share of a class is made of; "" where it is 1."""
    kept = f"{1 - smoothing:g}" if smoothing else "1"
    chance = "the target's probability" if kept == "1" else f"{kept} · the target's probability"
    parts = [chance if soft else f"{kept} for the target class"]
    parts += [f"{smoothing / classes:g} for every class (label_smoothing / {classes})"] if smoothing else []
    words = " plus ".join(parts) + (", times the class's weight" if weighted else "")
    below = f", over Σ weight[target] = {denominator:g}" if weighted and not soft else f", over the {denominator:g} samples"
    words += below if reduction == "mean" else ""
    return "" if words == "1 for the target class" else f"A share is {words}."


def _rows(call: Call, name: str, axis: int, at: tuple[int, ...] | None) -> Array:
    """The classes of each sample, (samples, classes); only those of the sample `at` where there is no reduction."""
    tensor = plain(call.tensor(name)).movedim(axis, -1)
    return to_numpy(tensor.reshape(-1, tensor.shape[-1]) if at is None else tensor[at].unsqueeze(0))


def _sample_places(samples: list[int], at: tuple[int, ...] | None) -> list[Array]:
    """The index of each sample, one array a dimension; only `at` where there is no reduction."""
    if at is not None:
        return [np.array([i]) for i in at]
    return [np.asarray(i) for i in np.unravel_index(np.arange(math.prod(samples)), samples)] if samples else []


def _with_class(places: list[Array], axis: int, c: Any) -> list[Any]:
    return [*places[:axis], c, *places[axis:]]


def _shares(
    call: Call,
    target: Any,
    weight: Any,
    ignore: int,
    smoothing: float,
    reduction: str,
    places: list[Array],
    axis: int,
    shape: tuple[int, ...],
) -> tuple[Array, float]:
    """W (samples, classes) and what the loss is divided by."""
    n, classes = shape
    at = call.at if reduction == "none" else None
    weights = call.numbers("weight") if weight is not None else np.ones(classes)
    if target.is_floating_point():
        wanted = _rows(call, "target", axis, at)
        return (wanted * (1 - smoothing) + smoothing / classes) * weights, float(n) if reduction == "mean" else 1.0
    labels = call.read("target", *places).numbers.astype(np.int64)
    counted = labels != ignore
    shares = np.zeros((n, classes))
    rows = np.flatnonzero(counted)
    shares[rows, labels[rows]] = weights[labels[rows]] * (1 - smoothing)
    shares[rows] += smoothing / classes * weights
    total = float(weights[labels[rows]].sum()) if reduction == "mean" else 1.0
    return shares, total


def _loss(
    call: Call, places: list[Array], axis: int, rows: Array, shares: Array, logs: Array, wobble: Array, words: str, soft: bool
) -> Draft:
    """The terms: one for each sample and class that has a share; `words` say what a share is."""
    n, c = np.nonzero(shares)
    index = _with_class([p[n] for p in places], axis, c)
    scale = shares[n, c]
    with np.errstate(all="ignore"):
        values = scale * (logs[n] - rows[n, c])
    share = Column("share", np.empty((1, 0), np.int64), scale, Origin("literal", name="share", note=words))
    shared = [share] if words else []
    blocks: list[Block] = []
    stages: list[Draft] = []
    spread = float(np.nansum(np.abs(scale) * (np.abs(rows[n, c]) + np.abs(logs[n]) + wobble[n] + 1)))
    if len(rows) <= STAGES:
        for s in range(len(rows)):
            mine = n == s
            if not mine.any():
                continue
            where = [p[s : s + 1] for p in places]
            row = call.read("input", *_with_class([np.repeat(p, rows.shape[1]) for p in where], axis, np.arange(rows.shape[1])))
            parts = products(row, values=np.exp(rows[s] - rows[s].max()), label=lambda j: f"exp(input[{j}] − max)")
            place = ", ".join(str(int(p[0])) for p in where)
            sample = f" of sample {place}" if place else ""
            total = Draft(f"Σ exp(input − max){sample}, max = {rows[s].max():.6g}", "sum", [parts], title=f"sum {place}".strip())
            log = Draft(
                "log Σ exp(input) = max + log of that sum", "apply", [products(stage(total))], computed=float(logs[s]),
                title=f"log sum {place}".strip(),
            )  # fmt: skip
            stages += [total, log]
            logits = call.read("input", *[i[mine] if isinstance(i, np.ndarray) else i for i in index])
            some = [_some(column, mine) for column in shared]
            blocks.append(
                products(
                    logits, stage(log), *some, *_label(call, places, n[mine], soft), values=values[mine], label=_minus_log(logits, shared)
                )
            )
    else:
        log_column = Column(
            "log Σ exp", np.empty((1, 0), np.int64), logs[n], Origin("literal", name="log Σ exp", note="of the sample's row, recomputed")
        )
        logits = call.read("input", *index)
        label = _minus_log(logits, shared)
        blocks.append(products(logits, log_column, *shared, *_label(call, places, n, soft), values=values, label=label))
    return Draft("", "sum", blocks, stages=stages, magnitude=spread, size=max(len(n), rows.shape[1]), coarse=is_half(call))


def _warn_of_probabilities(rows: Array) -> tuple[str, ...]:
    """Logits are wanted, which are any numbers; rows that add up to 1 come from a softmax, and cross entropy has one inside."""
    if rows.shape[1] < 2 or not (rows >= 0).all() or np.abs(rows.sum(axis=1) - 1).max() > 1e-3:
        return ()
    return ("Every row of input adds up to 1, as after a softmax. Cross entropy has one inside: it takes logits. Is that meant?",)


def _minus_log(logits: Column, shared: list[Column]) -> Callable[[int], str]:
    """`share · (−log p[0, 3])`: which class of which sample a term is."""

    def label(row: int) -> str:
        loss = f"−log {format_index('p', map(int, logits.index[row if len(logits.index) > 1 else 0]))}"
        return f"share · ({loss})" if shared else loss

    return label


def _some(column: Column, mine: Array) -> Column:
    return Column(column.name, column.index, column.numbers[mine], column.source)


def _label(call: Call, places: list[Array], samples: Array, soft: bool) -> list[Column]:
    """The target class as a factor, so that it can be followed too."""
    return [] if soft else [chooser(call.read("target", *[p[samples] for p in places]) if places else call.read("target"))]


@explains("torch.nn.functional.mse_loss")
def mse_loss(
    call: Call, /, input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Any:
    """The mean (sum, or each) of `(input − target)²`, broadcast."""
    if size_average is not None or reduce is not None or weight is not None or input.is_complex():
        return NotImplemented
    shape = tuple(np.broadcast_shapes(tuple(input.shape), tuple(target.shape)))
    count = math.prod(shape)
    if count == 0:
        return NotImplemented
    if input.shape == target.shape:
        box = call.at if reduction == "none" else tuple(range(n) for n in shape)
        a, b = call.read("input", *box), call.read("target", *box)
    else:
        at = [np.array([i]) for i in call.at] if reduction == "none" else list(np.unravel_index(np.arange(count), shape)) if shape else []
        a, b = _broadcast_read(call, "input", input.shape, at), _broadcast_read(call, "target", target.shape, at)
    divisor = count if reduction == "mean" else 1
    with np.errstate(all="ignore"):
        values = (a.numbers - b.numbers) ** 2 / divisor
        spread = float(((np.abs(a.numbers) + np.abs(b.numbers)) * np.abs(a.numbers - b.numbers) / divisor).sum()) * 2
    extra = [] if divisor == 1 else [literal("1/n", 1 / divisor, note=f"n = {divisor}")]
    notes: tuple[str, ...] = ()
    if tuple(input.shape) != tuple(target.shape):
        notes = (
            f"input {list(input.shape)} and target {list(target.shape)} differ: both are stretched to {list(shape)}, "
            "so each is compared with all. Is that meant?",
        )
    formula = {"mean": "output = (1/n) Σ (input − target)²", "sum": "output = Σ (input − target)²"}.get(
        reduction, "output = (input − target)²"
    )
    label = _squared if divisor == 1 else _squared_share
    return Draft(
        formula,
        "sum",
        [products(a, b, *extra, values=values, label=label)],
        magnitude=spread if math.isfinite(spread) else 0.0,
        notes=notes,
        indices={"n": count},
    )


def _broadcast_read(call: Call, name: str, shape: Any, at: list[Array]) -> Column:
    trailing = at[len(at) - len(shape) :]
    return call.read(name, *(np.zeros_like(i) if n == 1 else i for i, n in zip(trailing, shape, strict=True)))


def _squared(row: int) -> str:
    return "(input − target)²"


def _squared_share(row: int) -> str:
    return "(input − target)² / n"
