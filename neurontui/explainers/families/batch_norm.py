"""BatchNorm: one feature (column) over the batch; in training its own mean and variance, in evaluation the stored ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.softmaxes import is_half
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products
from neurontui.explanation import Number, Picture, Table
from neurontui.records import Value


@explains("torch.nn.functional.batch_norm")
def batch_norm(
    call: Call, /, input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Draft:  # fmt: skip
    """`(x − μ) / √(σ² + eps) · γ + β` with the channel's μ and *biased* σ² (Ioffe and Szegedy 2015)."""
    channel = call.at[1]
    x = call.read("input", *call.at)
    column = tuple(range(channel, channel + 1) if d == 1 else range(n) for d, n in enumerate(input.shape))
    if training:
        mean, variance = _measure(call, column)
    else:
        mean = Draft("running_mean[c], stored", "pick", [products(call.read("running_mean", channel))], title="mean")
        variance = Draft("running_var[c], stored", "pick", [products(call.read("running_var", channel))], title="variance")
    normalised = normalise(x, mean, variance, eps)
    terms, formula = [products(stage(normalised), *([call.read("weight", channel)] if weight is not None else []))], "output = x̂"
    formula += " · weight[c]" if weight is not None else ""
    if bias is not None:
        terms.append(products(call.read("bias", channel), label="bias"))
        formula += " + bias[c]"
    count = math.prod(len(r) for r in column)
    gamma = float(np.abs(call.read("weight", channel).numbers[0])) if weight is not None else 1.0
    beta = float(np.abs(call.read("bias", channel).numbers[0])) if bias is not None else 0.0
    return Draft(
        formula, "sum", terms, indices={"c": channel}, stages=[mean, variance, normalised], size=count if training else 3,
        magnitude=gamma * normalised.spread() + beta, tables=_running(call, channel, mean, variance, momentum, count) if training else (),
        pictures=_picture(call, column) if training else (),
        notes=_notes(call, training, count, running_mean is not None), coarse=is_half(call),
    )  # fmt: skip


@explains("torch.batch_norm")
def batch_norm_kernel(
    call: Call, /, input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5, cudnn_enabled: bool = False,
) -> Any:  # fmt: skip
    """As F.batch_norm, arguments in the kernel's order; outputs 1 and 2 of the kernel are the saved mean and 1/√(σ² + eps)."""
    if call.output and training and call.at:
        channel = call.at[0]
        mean, variance = _measure(call, tuple(range(channel, channel + 1) if d == 1 else range(n) for d, n in enumerate(input.shape)))
        if call.output == 1:
            return mean
        root = 1 / math.sqrt(stage(variance).real + eps)
        spread = root * (1 + root * root * (abs(stage(mean).real) + 1))
        blocks = [products(stage(variance)), products(literal("eps", eps))]
        return Draft("output = 1 / √(variance + eps)", "apply", blocks, computed=root, stages=[mean, variance], magnitude=spread)
    return batch_norm(call, input, running_mean, running_var, weight, bias, training, momentum, eps)


def _picture(call: Call, column: Sequence[range]) -> tuple[Picture, ...]:
    """The batch downwards, the features across; of images a cell is a whole plane."""
    return (box_picture("input", column, "the column, one feature over the batch", "column", axes=(0, 1), focus=call.at),)


def _notes(call: Call, training: bool, count: int, remembers: bool) -> tuple[str, ...]:
    if not training:
        return ("Evaluation: the stored running mean and variance are used; the batch does not matter.",)
    used = f"Training: mean and variance of this feature over the {count} values of the batch; the biased variance (÷ {count}) normalises."
    if not remembers or call.step.grad:
        return (used,)
    return used, "Gradients are off, and still the running statistics were updated: eval() stops that, no_grad() does not."


def _measure(call: Call, column: tuple[range, ...]) -> tuple[Draft, Draft]:
    """The mean and the biased variance of one channel."""
    values = call.read("input", *column)
    n = len(values.numbers)
    mean = Draft(
        "μ = (1/n) Σ input",
        "sum",
        [products(values, values=values.numbers / n, label=lambda i: f"input[{', '.join(map(str, values.index[i]))}] / {n}")],
        title="mean",
        indices={"n": n},
    )
    centre = stage(mean).real
    squares = (values.numbers - centre) ** 2 / n
    variance = Draft(
        "σ² = (1/n) Σ (input − μ)²",
        "sum",
        [products(values, stage(mean), values=squares, label=lambda i: f"(input[{', '.join(map(str, values.index[i]))}] − μ)² / {n}")],
        title="variance",
        indices={"n": n},
    )
    return mean, variance


def normalise(x: Column, mean: Draft, variance: Draft, eps: float) -> Draft:
    """The stage x̂ = (x − μ) / √(σ² + eps), with the size of what rounding in x, μ and σ² may carry into it."""
    value, centre, square = x.real, stage(mean).real, stage(variance).real
    with np.errstate(all="ignore"):
        root = float(np.sqrt(np.float64(square) + eps))
        result = float((np.float64(value) - centre) / np.float64(root))
        typical = math.sqrt(square) if square >= 0 else 0.0  # the mean's own terms are of this size around μ
        spread = float((abs(value) + abs(centre) + typical) / np.float64(root)) + 2 * abs(result)
        spread += abs(result) * (abs(centre) / root if root else 0.0)  # σ² from squares around a rounded mean
    terms = [products(x), products(stage(mean, "mean")), products(stage(variance, "variance")), products(literal("eps", eps))]
    magnitude = spread if math.isfinite(spread) else 0.0
    return Draft("x̂ = (input − mean) / √(variance + eps)", "apply", terms, computed=result, title="normalised", magnitude=magnitude)


def _running(call: Call, channel: int, mean: Draft, variance: Draft, momentum: float | None, count: int) -> tuple[Table, ...]:
    """The running statistics before and after, by the momentum line; the running variance takes the *unbiased* one (÷ n−1)."""
    unbiased = stage(variance).real * count / (count - 1) if count > 1 else math.nan
    tables = []
    for name, batch, word in (
        ("running_mean", stage(mean).real, "batch mean"),
        ("running_var", unbiased, "batch variance, unbiased (÷ n−1)"),
    ):
        if not isinstance(call.values.get(name), Value):
            continue
        before = call.read(name, channel).real
        after = call.step.writes.get(name)
        m = momentum if momentum is not None else 0.0
        rows: list[tuple[str, tuple[Number | str | None, ...]]] = [
            ("before", (before,)), (word, (batch,)), (f"{1 - m:g} · before + {m:g} · batch", ((1 - m) * before + m * batch,)),
        ]  # fmt: skip
        if after is not None:
            rows.append(("after, as the kernel stored it", (float(after.tensor()[channel]),)))
        tables.append(Table(name, tuple(rows)))
    return tuple(tables)
