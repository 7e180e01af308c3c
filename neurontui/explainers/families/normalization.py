"""LayerNorm, GroupNorm, InstanceNorm and RMSNorm: a row, group, plane is brought to mean 0 and variance 1 (RMSNorm: to mean square 1)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, exact_sum, stage
from neurontui.explainers.families.batch_norm import normalise
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Block, Column, literal, products
from neurontui.explanation import Picture
from neurontui.text import format_index

if TYPE_CHECKING:
    import torch

Box = tuple[Any, ...]


@explains("torch.nn.functional.layer_norm", "torch.native_layer_norm")
def layer_norm(
    call: Call,
    /,
    input: torch.Tensor,
    normalized_shape: Sequence[int],
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    """`(x − μ)/√(σ² + eps)·γ + β` over the last dimensions, σ² biased (Ba et al. 2016)."""
    last = call.at[len(call.at) - len(normalized_shape) :]
    box = (*call.at[: len(call.at) - len(last)], *(range(n) for n in normalized_shape))
    if call.output:
        return statistic(call, (*box[: len(call.at) - len(last)], *(range(n) for n in normalized_shape)), eps)
    return standardise(call, box, eps, last, last, weight, bias, "row")


@explains("torch.nn.functional.group_norm")
def group_norm(
    call: Call,
    /,
    input: torch.Tensor,
    num_groups: int,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Draft:
    """The same over the channels of one group and all places of one sample (Wu and He 2018)."""
    n, c = call.at[:2]
    width = input.shape[1] // num_groups
    group = c // width
    box = (n, range(group * width, (group + 1) * width), *(range(k) for k in input.shape[2:]))
    note = f"Group {group} of {num_groups}: channels {group * width} to {(group + 1) * width - 1}."
    return standardise(call, box, eps, (c,), (c,), weight, bias, "group", note)


@explains("aten::native_group_norm")
def native_group_norm(call: Call, /, input: torch.Tensor, weight: Any, bias: Any, N: int, C: int, HxW: int, group: int, eps: float) -> Any:
    """The kernel below group_norm; its other outputs are each group's mean and 1/√(σ² + eps)."""
    if not call.output:
        return group_norm(call, input, group, weight, bias, eps)
    n, g = call.at
    width = C // group
    return statistic(call, (n, range(g * width, (g + 1) * width), *(range(k) for k in input.shape[2:])), eps)


@explains("torch.instance_norm")
def inner_instance_norm(
    call: Call,
    /,
    input: torch.Tensor,
    weight: Any = None,
    bias: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Draft:
    """The function inside instance_norm: the same in another order."""
    return instance_norm(call, input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


@explains("torch.nn.functional.instance_norm")
def instance_norm(
    call: Call,
    /,
    input: torch.Tensor,
    running_mean: torch.Tensor | None = None,
    running_var: torch.Tensor | None = None,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Draft:
    """The same over one channel of one sample (Ulyanov et al. 2016); or with the stored statistics."""
    n, c = call.at[:2]
    if use_input_stats:
        made = standardise(call, (n, c, *(range(k) for k in input.shape[2:])), eps, (c,), (c,), weight, bias, "plane")
        return replace(made, coarse=True)  # it runs as a batch norm, which keeps half-precision statistics in half precision
    mean = Draft("running_mean[c], stored", "pick", [products(call.read("running_mean", c))], title="mean")
    variance = Draft("running_var[c], stored", "pick", [products(call.read("running_var", c))], title="variance")
    return _scaled(call, normalise(call.read("input", *call.at), mean, variance, eps), [mean, variance], (c,), (c,), weight, bias, 3)


def standardise(
    call: Call,
    box: Box,
    eps: float,
    weight_at: tuple[int, ...],
    bias_at: tuple[int, ...],
    weight: torch.Tensor | None,
    bias: torch.Tensor | None,
    word: str,
    note: str = "",
) -> Draft:
    """Mean and variance of a box of the input, the element normalised by them, then scaled and shifted."""
    mean, variance = measure(call, box)
    normalised = normalise(call.read("input", *call.at), mean, variance, eps)
    count = len(mean.values)
    picture = box_picture("input", box, f"the {word} of {count} that is averaged", "group" if word == "plane" else word, focus=call.at)
    notes = (f"μ and the biased σ² (÷ {count}) are taken over this {word} of {count} numbers.", *([note] if note else []))
    return _scaled(call, normalised, [mean, variance], weight_at, bias_at, weight, bias, count, notes, picture)


def _scaled(
    call: Call,
    normalised: Draft,
    stages: list[Draft],
    weight_at: tuple[int, ...],
    bias_at: tuple[int, ...],
    weight: torch.Tensor | None,
    bias: torch.Tensor | None,
    count: int,
    notes: Sequence[str] = (),
    picture: Picture | None = None,
) -> Draft:
    """`x̂ · γ + β`."""
    gamma = [call.read("weight", *weight_at)] if weight is not None else []
    blocks: list[Block] = [products(stage(normalised, "normalised"), *gamma)]
    if bias is not None:
        blocks.append(products(call.read("bias", *bias_at), label="bias"))
    scale = abs(float(gamma[0].number)) if gamma else 1.0  # type: ignore[arg-type]
    shift = abs(float(blocks[-1].values[0])) if bias is not None else 0.0
    formula = "output = (input − μ) / √(σ² + eps)" + (" · weight" if gamma else "") + (" + bias" if bias is not None else "")
    return Draft(
        formula,
        "sum",
        blocks,
        stages=[*stages, normalised],
        size=count,
        magnitude=scale * normalised.spread() + shift,
        notes=notes,
        pictures=(picture,) if picture else (),
    )


def measure(call: Call, box: Box, name: str = "input") -> tuple[Draft, Draft]:
    """The mean of a box of an argument, and its biased variance, as two stages."""
    values = call.read(name, *box)
    n = len(values.numbers)
    shares = values.numbers / n
    centre = exact_sum(shares)  # once: a group of a large image has many elements
    mean = Draft(
        f"μ = (1/n) Σ {name}",
        "sum",
        [products(values, literal("1/n", 1 / n), values=shares)],
        computed=centre,
        title="mean",
        indices={"n": n},
    )
    with np.errstate(all="ignore"):
        squares = (values.numbers - float(centre)) ** 2 / n  # type: ignore[arg-type]
    block = products(values, stage(mean), values=squares, label=lambda row: f"({place(values, row)} − μ)² / n")
    square = exact_sum(squares)
    return mean, Draft(f"σ² = (1/n) Σ ({name} − μ)²", "sum", [block], computed=square, title="variance", indices={"n": n})


def place(column: Column, row: int) -> str:
    """`input[0, 2]`: the element of a term."""
    return format_index(column.name, column.index[row if len(column.index) > 1 else 0])


def statistic(call: Call, box: Box, eps: float) -> Draft:
    """The second and third outputs of the native kernels: the mean, and 1/√(σ² + eps)."""
    mean, variance = measure(call, box)
    if call.output == 1:
        return mean
    root = 1 / math.sqrt(float(variance.result()) + eps)  # type: ignore[arg-type]
    terms = [products(stage(variance)), products(literal("eps", eps))]
    return Draft(
        "rstd = 1 / √(σ² + eps)", "apply", terms, computed=root, stages=[mean, variance], magnitude=2 * root, size=len(mean.values)
    )


@explains("torch.nn.functional.rms_norm")
def rms_norm(
    call: Call, /, input: torch.Tensor, normalized_shape: Sequence[int], weight: torch.Tensor | None = None, eps: float | None = None
) -> Any:
    """`x/√(mean x² + eps)·γ` over the last dimensions (Zhang and Sennrich 2019); without eps, the smallest step of the input's type."""
    import torch

    if input.is_complex():
        return NotImplemented
    eps = torch.finfo(input.dtype).eps if eps is None else eps
    last = call.at[len(call.at) - len(normalized_shape) :]
    box = (*call.at[: len(call.at) - len(last)], *(range(n) for n in normalized_shape))
    values, x = call.read("input", *box), call.read("input", *call.at)
    n = len(values.numbers)
    with np.errstate(all="ignore"):
        squares = products(values, values=values.numbers**2 / n, label=lambda row: f"{place(values, row)}² / n")
        square = Draft("m = (1/n) Σ input²", "sum", [squares], title="mean square", indices={"n": n})
        root = float(1 / np.sqrt(np.float64(square.result()) + eps))  # type: ignore[arg-type]
    scale = Draft(
        "1 / √(m + eps)",
        "apply",
        [products(stage(square)), products(literal("eps", eps))],
        computed=root,
        title="scale",
        magnitude=2 * root,
    )
    gamma = [call.read("weight", *last)] if weight is not None else []
    block = products(x, stage(scale), *gamma)
    return Draft(
        "output = input / √((1/n) Σ input² + eps)" + (" · weight" if gamma else ""),
        "sum",
        [block],
        stages=[square, scale],
        size=n,
        coarse=True,
        magnitude=2 * abs(float(block.values[0])),
        pictures=(box_picture("input", box, f"the row of {n} that is squared and averaged", "row"),),
    )
