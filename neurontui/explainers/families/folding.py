"""unfold: each window becomes a column; fold: each column is added back where its window lay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.transposed_convolution import meeting
from neurontui.explainers.families.windows import box_picture, each
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import literal, products
from neurontui.explanation import Picture
from neurontui.indices import unravel

if TYPE_CHECKING:
    import torch

Option = int | Sequence[int]


@explains("torch.nn.functional.unfold", "aten::im2col")
def unfold(call: Call, /, input: torch.Tensor, kernel_size: Option, dilation: Option = 1, padding: Option = 0, stride: Option = 1) -> Any:
    """Row c·K + u, column l: `input[c, i·s + u·d − p]` of the l-th window. https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html"""
    if call.op.startswith("torch.Tensor."):
        return NotImplemented  # Tensor.unfold(dimension, size, step) is another function
    kernel, spacing, before, steps = each(kernel_size, 2), each(dilation, 2), each(padding, 2), each(stride, 2)
    *batch, row, column = call.at
    c, u, v = unravel(row, (input.shape[-3], *kernel))
    i, j = divmod(column, blocks_of(input.shape[-1], kernel[1], spacing[1], before[1], steps[1]))
    y, x = i * steps[0] - before[0] + u * spacing[0], j * steps[1] - before[1] + v * spacing[1]
    letters = {"c": c, "u": u, "v": v, "i": i, "j": j}
    formula = "output[c·K + (u, v), (i, j)] = input[c, i·s + u·d − p, j·s + v·d − p]"
    if not (0 <= y < input.shape[-2] and 0 <= x < input.shape[-1]):
        return Draft(formula, "pick", [products(literal("padding", 0), mark="padding")], indices=letters, zero="padding")
    place = (*batch, c, y, x)
    picture = box_picture("input", place, "", "map")
    return Draft(
        formula, "pick", [products(call.read("input", *place), mark="picked")], indices=letters, method="index", pictures=(picture,)
    )


def blocks_of(size: int, kernel: int, dilation: int, padding: int, stride: int) -> int:
    """How many windows fit: ⌊(L + 2p − d(k − 1) − 1)/s⌋ + 1."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@explains("torch.nn.functional.fold", "aten::col2im")
def fold(
    call: Call,
    /,
    input: torch.Tensor,
    output_size: Option,
    kernel_size: Option,
    dilation: Option = 1,
    padding: Option = 0,
    stride: Option = 1,
) -> Draft:
    """The sum of all that windows put here. https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html"""
    kernel, spacing, before, steps = each(kernel_size, 2), each(dilation, 2), each(padding, 2), each(stride, 2)
    sizes = each(output_size, 2)
    *batch, c, y, x = call.at
    high = blocks_of(sizes[0], kernel[0], spacing[0], before[0], steps[0])
    wide = blocks_of(sizes[1], kernel[1], spacing[1], before[1], steps[1])
    rows = meeting(y, high, kernel[0], steps[0], before[0], spacing[0])
    columns = meeting(x, wide, kernel[1], steps[1], before[1], spacing[1])
    pairs = np.array(
        [(c * kernel[0] * kernel[1] + u * kernel[1] + v, i * wide + j) for u, i in rows for v, j in columns], np.int64
    ).reshape(-1, 2)
    terms = [products(call.read("input", *batch, *pairs.T))] if len(pairs) else []
    return Draft(
        "output[c, y, x] = Σ input[c·K + (u, v), l] over the windows l that cover (y, x)",
        "sum",
        terms,
        indices={"c": c, "y": y, "x": x},
        coarse=True,
        notes=(f"{len(pairs)} windows cover this element.",),
        pictures=(Picture("map", "input", [(*batch, int(r), int(k)) for r, k in pairs], caption="what is added up here"),),
    )
