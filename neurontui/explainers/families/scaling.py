"""Norms that divide by a length: normalize, weight_norm, local_response_norm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.lengths import p_norm
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.regions import dims_of
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import literal, products

if TYPE_CHECKING:
    import torch


@explains("torch.nn.functional.normalize")
def normalize(call: Call, /, input: torch.Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Draft:
    """`x / max(‖x‖ₚ, eps)` along `dim`. https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html"""
    dims = dims_of(dim, input.dim())
    box = tuple(range(n) if d in dims else call.at[d] for d, n in enumerate(input.shape))
    values = call.read("input", *box)
    length = p_norm([values], values.numbers, float(p))
    norm = float(length.result())  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        inverse = float(1 / np.float64(max(norm, eps) if norm == norm else norm))
    scale = Draft("1 / max(norm, eps)", "apply", [products(stage(length)), products(literal("eps", eps))], computed=inverse, title="scale")
    block = products(call.read("input", *call.at), stage(scale))
    notes = (f"The norm is below eps = {eps:g}: eps divides.",) if norm < eps else ()
    return Draft(
        "output = input / max(‖input‖, eps)",
        "sum",
        [block],
        stages=[length, scale],
        notes=notes,
        size=len(values.numbers),
        coarse=True,
        magnitude=2 * float(np.abs(block.values[0])),
        pictures=(box_picture("input", box, "the row whose length divides", "row"),),
    )


@explains("_weight_norm", "torch._weight_norm", "aten::_weight_norm_interface")
def weight_norm(call: Call, /, v: torch.Tensor, g: torch.Tensor, dim: int = 0) -> Any:
    """`w = g·v/‖v‖`, the length over all dimensions but `dim`, over all for −1 (Salimans and Kingma 2016)."""
    if call.output:
        return NotImplemented
    kept = call.at[dim] if dim != -1 else 0
    box = tuple(kept if d == dim else range(n) for d, n in enumerate(v.shape))
    values = call.read("v", *box)
    length = p_norm([values], values.numbers, 2.0, name="v")
    inverse = Draft("1 / ‖v‖", "apply", [products(stage(length))], computed=_inverse(float(length.result())), title="scale")  # type: ignore[arg-type]
    place = tuple(kept if d == dim else 0 for d in range(g.dim()))
    block = products(call.read("v", *call.at), call.read("g", *place), stage(inverse))
    return Draft(
        "output = g · v / ‖v‖",
        "sum",
        [block],
        stages=[length, inverse],
        size=len(values.numbers),
        magnitude=2 * abs(float(block.values[0])),
        pictures=(box_picture("v", box, "the weights whose length divides", "group"),),
    )


def _inverse(value: float) -> float:
    return 1 / value if value else math.inf


@explains("torch.nn.functional.local_response_norm")
def local_response_norm(call: Call, /, input: torch.Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """`x / (k + α·(1/n) Σ x²)^β` over n neighbouring channels, those beyond the ends counting as 0 (Krizhevsky et al. 2012)."""
    if not input.is_floating_point():  # the mean of whole numbers is cut to a whole number
        return NotImplemented
    n, c = call.at[:2]
    first = c - size // 2
    box = (n, range(max(0, first), min(input.shape[1], first + size)), *call.at[2:])
    values = call.read("input", *box)
    squares = products(values, literal("α/n", alpha / size), values=values.numbers**2 * alpha / size)
    total = Draft("S = k + (α/n) Σ input²", "sum", [squares, products(literal("k", k))], title="denominator")
    s = float(total.result())  # type: ignore[arg-type]
    scale = Draft("S^−β", "apply", [products(stage(total)), products(literal("β", beta))], computed=s**-beta, title="scale")
    block = products(call.read("input", *call.at), stage(scale))
    return Draft(
        "output = input / (k + (α/n) Σ input²)^β",
        "sum",
        [block],
        stages=[total, scale],
        indices={"c": c, "n": size},
        coarse=True,
        magnitude=(2 + beta) * abs(float(block.values[0])),
        pictures=(box_picture("input", box, "the neighbouring channels", "column"),),
    )
