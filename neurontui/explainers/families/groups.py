"""Products of grouped or sparse matrices: grouped_mm (a mixture of experts), sparse mm; and to_sparse, to_dense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import literal, products

if TYPE_CHECKING:
    import torch


@explains("_grouped_mm", "torch._grouped_mm", "torch.nn.functional.grouped_mm")
def grouped_mm(
    call: Call,
    /,
    mat_a: torch.Tensor,
    mat_b: torch.Tensor,
    offs: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    out_dtype: Any = None,
) -> Any:
    """One product a group; `offs` holds where each group ends: in the rows of a, the columns of b, or the summed dimension.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grouped_mm.html"""
    *batch, i, j = call.at
    k = range(mat_a.shape[-1])
    if offs is None:
        a: tuple[Any, ...] = (batch[0], i, k)
        b: tuple[Any, ...] = (batch[0], k, j)
        group = batch[0]
    else:
        ends = call.numbers("offs")
        group = batch[0] if batch else int(np.searchsorted(ends, i if mat_b.dim() == 3 else j, side="right"))
        if group >= len(ends):
            return NotImplemented  # beyond the last group nobody writes
        if batch:
            k = range(int(ends[group - 1]) if group else 0, int(ends[group]))
        a = (i, k) if mat_a.dim() == 2 else (group, i, k)
        b = (k, j) if mat_b.dim() == 2 else (group, k, j)
    blocks = [products(call.read("mat_a", *a), call.read("mat_b", *b))]
    if bias is not None:
        blocks.append(products(call.read("bias", *((group, j) if bias.dim() == 2 else (j,))), label="bias"))
    return Draft(
        "output[i, j] = Σₖ mat_a[i, k] · mat_b[group, k, j]",
        "sum",
        blocks,
        indices={"i": i, "j": j, "group": group},
        notes=(f"Group {group} of {mat_b.shape[0] if mat_b.dim() == 3 else mat_a.shape[0] if mat_a.dim() == 3 else call.shape[0]}.",),
        pictures=(box_picture("mat_a", a, "the row", "row"), box_picture("mat_b", b, "the column", "column")),
    )


@explains("_sparse_mm", "torch._sparse_mm", "torch._C._sparse._sparse_mm", "torch.sparse.mm", "torch.smm", "torch.hspmm")
def sparse_mm(call: Call, /, sparse: torch.Tensor, dense: torch.Tensor, reduce: Any = None) -> Any:
    """A row of a sparse matrix times a column: only the elements that it stores are terms."""
    if reduce is not None:
        return NotImplemented
    i, j = call.at
    row = call.read("sparse", i, range(sparse.shape[1]))
    k = np.flatnonzero(row.numbers)
    blocks = [products(call.read("sparse", i, k), call.read("dense", k, j))] if len(k) else []
    note = f"The row stores {len(k)} of {sparse.shape[1]} elements; the others are 0 and are left out."
    return Draft(
        "output[i, j] = Σ sparse[i, k] · dense[k, j] over the stored k", "sum", blocks, indices={"i": i, "j": j}, notes=(note,), coarse=True
    )


@explains(
    "torch.Tensor.to_sparse",
    "torch.Tensor.to_dense",
    "torch.Tensor.to_sparse_csr",
    "torch.Tensor.to_sparse_csc",
    "torch.Tensor.to_sparse_coo",
    "torch.Tensor.coalesce",
)
def relaid(call: Call, /, input: torch.Tensor, *options: Any, **named: Any) -> Draft:
    """The same numbers, kept another way."""
    block = products(call.read("input", *call.at), mark="picked")
    note = "A sparse tensor keeps only the elements that are not 0; reading any other gives 0."
    return Draft("output = input, stored another way", "pick", [block], method="index", notes=(note,))


@explains("torch.quantize_per_tensor")
def quantize_per_tensor(call: Call, /, input: torch.Tensor, scale: Any, zero_point: Any, dtype: Any) -> Any:
    """`(clamp(round(x/scale) + zero_point) − zero_point)·scale`, read back as a number.
    https://docs.pytorch.org/docs/stable/generated/torch.quantize_per_tensor.html"""
    import torch

    if isinstance(input, (list, tuple)):
        return NotImplemented
    bounds = torch.iinfo(dtype)
    step, zero = float(scale), int(zero_point)
    x = call.read("input", *call.at)
    level = min(max(round(float(x.number) / step) + zero, bounds.min), bounds.max)  # type: ignore[arg-type]
    terms = [products(x), products(literal("scale", step)), products(literal("zero_point", zero))]
    notes = (f"It is kept as the whole number {level}, from {bounds.min} to {bounds.max}.",)
    formula = "output = (clamp(round(input / scale) + zero_point) − zero_point) · scale"
    return Draft(formula, "apply", terms, computed=(level - zero) * step, notes=notes)
