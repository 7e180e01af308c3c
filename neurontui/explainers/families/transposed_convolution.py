"""Transposed convolution: each input is spread over the output; an output element collects those that reach it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.windows import each, letters
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, products
from neurontui.explanation import Picture

if TYPE_CHECKING:
    import torch

Option = int | Sequence[int]


@explains("torch.nn.functional.conv_transpose1d", "torch.nn.functional.conv_transpose2d", "torch.nn.functional.conv_transpose3d")
def conv_transpose(
    call: Call,
    /,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Option = 1,
    padding: Option = 0,
    output_padding: Option = 0,
    groups: int = 1,
    dilation: Option = 1,
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html; output_padding only adds rows at the end."""
    return explain_transposed(call, input, weight, bias, stride, padding, groups, dilation)


def explain_transposed(
    call: Call,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Option,
    padding: Option,
    groups: int,
    dilation: Option,
) -> Draft:
    """`b + Σ w[c,o,u]·x[c, (i+p−u·d)/s]` over the taps u for which s divides i+p−u·d: their number varies by pixel."""
    dims = weight.dim() - 2
    kernel, steps, before, spacing = tuple(weight.shape[2:]), each(stride, dims), each(padding, dims), each(dilation, dims)
    *batch, o = call.at[: len(call.at) - dims]
    place = call.at[len(call.at) - dims :]
    pairs = [meeting(*one) for one in zip(place, input.shape[-dims:], kernel, steps, before, spacing, strict=True)]
    met = np.array(list(product(*pairs)), np.int64).reshape(-1, dims, 2)  # (taps, dims, (tap, input position))
    group = o // weight.shape[1]
    channels = input.shape[-dims - 1] // groups
    c = np.repeat(np.arange(group * channels, (group + 1) * channels), len(met))
    many = np.tile(met, (channels, 1, 1))
    blocks = []
    pictures: tuple[Picture, ...] = ()
    if len(c):
        cells, taps = call.read("input", *batch, c, *many[:, :, 1].T), call.read("weight", c, o % weight.shape[1], *many[:, :, 0].T)
        blocks.append(products(cells, taps))
        reaching = Picture("window", "input", _cells(cells), caption="the inputs that reach this output")
        pictures = (reaching, Picture("window", "weight", _cells(taps)))
    if bias is not None:
        blocks.append(products(call.read("bias", o), label="bias"))
    return Draft(
        _formula(dims, steps, before, spacing, groups, bias is not None, "n, " if batch else ""),
        "sum",
        blocks,
        coarse=True,  # the kernel (col2im) adds up in the output's type
        indices=dict(zip("n", batch, strict=False)) | {"o": o} | letters(place, "ijk"[:dims]) | ({"g": group} if groups > 1 else {}),
        notes=(f"{len(met)} of the {int(np.prod(kernel))} taps meet an input here; the others fall between inputs or beside them.",),
        pictures=pictures,
    )


def meeting(i: int, size: int, k: int, stride: int, padding: int, dilation: int) -> list[tuple[int, int]]:
    """(tap u, input position) for each tap by which some input reaches output position i."""
    found = ((u, i + padding - u * dilation) for u in range(k))
    return [(u, place // stride) for u, place in found if place % stride == 0 and 0 <= place // stride < size]


def _cells(column: Column) -> list[tuple[int, ...]]:
    return [tuple(row) for row in np.asarray(column.index).tolist()]


def _formula(
    dims: int, stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int], groups: int, biased: bool, batch: str
) -> str:
    taps, space = ", ".join("uvw"[:dims]), ", ".join("ijk"[:dims])
    places = []
    for i, u, s, p, d in zip("ijk", "uvw", stride, padding, dilation, strict=False):
        top = i + (f" + {p}" if p else "") + " − " + (u if d == 1 else f"{d}·{u}")
        places.append(top if s == 1 else f"({top})/{s}")
    outs = "o" if groups == 1 else "o mod Cout/G"
    whole = "" if all(s == 1 for s in stride) else ", where that is a whole number"
    total = f"Σ weight[c, {outs}, {taps}] · input[{batch}c, {', '.join(places)}]{whole}"
    return f"output[{batch}o, {space}] = " + ("bias[o] + " if biased else "") + total
