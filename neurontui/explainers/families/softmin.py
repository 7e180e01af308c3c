"""softmin: the softmax of what is negated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.regions import row_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products

if TYPE_CHECKING:
    import torch


@explains("torch.nn.functional.softmin")
def softmin(call: Call, /, input: torch.Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """`exp(min − x) / Σ exp(min − xⱼ)`. https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html"""
    if dim is None or not input.dim() or input.is_complex():
        return NotImplemented
    box = row_box(input.shape, dim, call.at)
    row, x = call.read("input", *box), call.read("input", *call.at)
    low = Draft("min of the row", "min", [products(row)], title="min")
    with np.errstate(all="ignore"):
        gaps = float(low.result()) - row.numbers  # type: ignore[arg-type]
        powers = np.exp(gaps)
        total = Draft("Σ exp(min − input[j])", "sum", [products(row, stage(low), values=powers)], title="sum of exponentials")
        gap = float(low.result()) - float(x.number)  # type: ignore[arg-type]
        value = float(np.exp(gap) / powers.sum())
        wobble = float(np.nansum(powers / powers.sum() * np.abs(np.where(np.isfinite(gaps), gaps, 0.0))))
    spread = value * (1 + abs(gap) + wobble)
    return Draft(
        "output = exp(min − input) / Σⱼ exp(min − input[j])",
        "apply",
        [products(x), products(stage(low)), products(stage(total))],
        computed=value,
        stages=[low, total],
        magnitude=spread if math.isfinite(spread) else 0.0,
        size=len(powers),
        coarse=True,
        pictures=(box_picture("input", box, "the row that is normalised to sum 1", "row"),),
    )
