"""Additions at indexed places: scatter_add, scatter_reduce, index_add, index_put with accumulate; and embedding_bag."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, chooser, literal, products
from neurontui.explanation import Picture
from neurontui.indices import ravel

if TYPE_CHECKING:
    import torch


def _arrivals(call: Call, index: torch.Tensor, dim: int) -> Array:
    """The cells of `index`, (n, dims), that point to this output element."""
    rank = index.dim()
    if not rank:
        return np.zeros((1, 0), np.int64)
    axis = dim % rank
    if any(i >= n for d, (i, n) in enumerate(zip(call.at, index.shape, strict=True)) if d != axis):
        return np.zeros((0, rank), np.int64)
    row = call.read("index", *(range(index.shape[axis]) if d == axis else i for d, i in enumerate(call.at)))
    hits = np.flatnonzero(row.numbers == call.at[axis])
    cells = np.tile(np.array(call.at, np.int64), (len(hits), 1))
    cells[:, axis] = hits
    return cells


def _added(
    call: Call, cells: Array, source: str, how: str, formula: str, include: bool = True, alpha: float = 1, index: str = "index"
) -> Draft:
    """The old value and all that arrives, brought together by `how`."""
    blocks: list[Block] = [products(call.read("input", *call.at), label="what was there")] if include or not len(cells) else []
    n = len(cells)
    if n:
        columns = [call.read(source, *cells.T) if cells.shape[1] else call.read(source)]
        columns += [literal("alpha", alpha)] if alpha != 1 else []
        blocks.append(products(*columns))
    notes = (f"{n} element{'s' * (n != 1)} of {source} arrive{'s' * (n == 1)} here.",)
    pictures = (Picture("map", source, [tuple(map(int, cell)) for cell in cells], caption="what arrives here"),) if n else ()
    if how == "mean" and n:
        count = n + (1 if include else 0)
        values = np.concatenate([b.values for b in blocks])
        made = [Block((*b.columns, literal("1/count", 1 / count)), b.values / count) for b in blocks if isinstance(b.columns, tuple)]
        if values.dtype.kind != "f":
            return Draft(formula, "apply", blocks, computed=int(values.sum() // count), notes=notes, pictures=pictures)
        return Draft(formula, "sum", made, notes=notes, pictures=pictures, coarse=True)
    combine: Any = {"sum": "sum", "prod": "product", "amax": "max", "amin": "min", "mean": "sum"}[how]
    magnitude = None
    if how == "prod":
        with np.errstate(all="ignore"):
            values = np.concatenate([b.values for b in blocks])
            magnitude = float(np.abs(np.prod(values.astype(np.float64)))) * len(values)
            magnitude = magnitude if math.isfinite(magnitude) else 0.0
    return Draft(formula, combine, blocks, notes=notes, pictures=pictures, coarse=True, magnitude=magnitude)


@explains("torch.scatter_add")
def scatter_add(call: Call, /, input: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html"""
    return _added(call, _arrivals(call, index, dim), "src", "sum", "output[p] = input[p] + Σ src[q] over index[q] → p")


@explains("torch.scatter_reduce")
def scatter_reduce(
    call: Call, /, input: torch.Tensor, dim: int, index: torch.Tensor, src: torch.Tensor, reduce: str, *, include_self: bool = True
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html"""
    formula = f"output[p] = {reduce} of {'input[p] and ' if include_self else ''}src[q] over index[q] → p"
    return _added(call, _arrivals(call, index, dim), "src", reduce, formula, include_self)


@explains("torch.scatter")
def scatter(
    call: Call, /, input: torch.Tensor, dim: int, index: torch.Tensor, src: Any = None, *, reduce: str | None = None, value: Any = None
) -> Any:
    """With reduce: added or multiplied; without, one of src is put there (an index map)."""
    if reduce is None or not hasattr(src, "dim"):
        return NotImplemented
    formula = f"output[p] = input[p] {'+ Σ' if reduce == 'add' else '· Π'} src[q] over index[q] → p"
    return _added(call, _arrivals(call, index, dim), "src", _REDUCTIONS[reduce], formula)


_REDUCTIONS = {"add": "sum", "multiply": "prod"}


def _along_index(call: Call, input: torch.Tensor, dim: int, source: torch.Tensor) -> Array:
    """The cells of `source` whose index along `dim` is this element's, (n, dims)."""
    axis = dim % input.dim() if input.dim() else 0
    hits = np.flatnonzero(call.numbers("index").reshape(-1) == (call.at[axis] if call.at else 0))
    cells = np.tile(np.array(call.at, np.int64), (len(hits), 1))
    if source.dim() and cells.shape[1]:
        cells[:, axis] = hits
    return cells


@explains("torch.index_reduce")
def index_reduce(
    call: Call, /, input: torch.Tensor, dim: int, index: torch.Tensor, source: torch.Tensor, reduce: str, *, include_self: bool = True
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html"""
    cells = _along_index(call, input, dim, source)
    formula = f"output[p] = {reduce} of {'input[p] and ' if include_self else ''}source[q] over index[q] → p"
    return _added(call, cells, "source", reduce, formula, include_self)


@explains("torch.index_add")
def index_add(call: Call, /, input: torch.Tensor, dim: int, index: torch.Tensor, source: torch.Tensor, *, alpha: float = 1) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html"""
    cells = _along_index(call, input, dim, source)
    return _added(call, cells, "source", "sum", "output[p] = input[p] + Σ source[q] over index[q] → p", alpha=alpha)


@explains("torch.index_put", "torch._index_put_impl")
def index_put(
    call: Call, /, input: torch.Tensor, indices: Any, values: torch.Tensor, accumulate: bool = False, unsafe: bool = False
) -> Any:
    """With accumulate: all values that arrive are added; without, one is put there (an index map)."""
    import torch

    if not accumulate:
        return NotImplemented
    targets = torch.arange(input.numel(), device=input.device).reshape(input.shape)[tuple(indices)]
    flat = ravel(call.at, input.shape)
    hits = torch.nonzero(targets == flat).cpu().numpy()
    shape = values.shape
    cells = hits[:, hits.shape[1] - len(shape) :].copy()
    for d, n in enumerate(shape):
        if n == 1:
            cells[:, d] = 0
    return _added(call, cells, "values", "sum", "output[p] = input[p] + Σ values[q] over indices[q] → p")


@explains("torch.nn.functional.embedding_bag")
def embedding_bag(
    call: Call,
    /,
    input: torch.Tensor,
    weight: torch.Tensor,
    offsets: Any = None,
    max_norm: Any = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, mean or maximum of a bag of rows. https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html"""
    if call.output or max_norm is not None:
        return NotImplemented
    bag, d = call.at
    if input.dim() == 2:
        places: tuple[Any, ...] = (bag, np.arange(input.shape[1]))
        rows = call.read("input", bag, range(input.shape[1]))
    else:
        ends = [*call.numbers("offsets").tolist(), *([] if include_last_offset else [len(input)])]
        rows = call.read("input", range(ends[bag], ends[bag + 1]))
        places = (np.arange(ends[bag], ends[bag + 1]),)
    padding = padding_idx + weight.shape[0] if padding_idx is not None and padding_idx < 0 else padding_idx
    kept = rows.numbers != padding if padding is not None else np.ones(len(rows.numbers), bool)
    count = int(kept.sum())
    notes = (f"The bag has {len(kept)} rows" + (f", {len(kept) - count} of them padding." if count < len(kept) else "."),)
    if not count:
        return Draft("output = 0: the bag is empty", "sum", [], notes=notes, indices={"bag": bag, "d": d}, zero="padding")
    values = call.read("weight", rows.numbers[kept], d)
    chosen = Column(
        "input",
        np.stack([np.asarray(i)[None] if np.ndim(i) == 0 else np.asarray(i) for i in np.broadcast_arrays(*places)], 1)[kept],
        rows.numbers[kept],
    )
    if mode == "max":
        return Draft(
            "output[bag, d] = max of weight[row, d] over the bag",
            "max",
            [products(values, chooser(chosen))],
            notes=notes,
            indices={"bag": bag, "d": d},
        )
    weights = []
    if per_sample_weights is not None:
        weights = [call.read("per_sample_weights", *(p[kept] if np.ndim(p) else p for p in places))]
    share = [literal("1/count", 1 / count)] if mode == "mean" else []
    blocks = [products(values, *weights, *share, chooser(chosen), mark="picked")]
    formula = (
        "output[bag, d] = "
        + ("(1/n) " if mode == "mean" else "")
        + "Σ weight[row, d]"
        + (" · per_sample_weights" if weights else "")
        + " over the bag"
    )
    return Draft(formula, "sum", blocks, notes=notes, indices={"bag": bag, "d": d}, coarse=True)


@explains("torch.embedding_bag", "aten::_embedding_bag", "aten::_embedding_bag_forward_only")
def inner_embedding_bag(
    call: Call,
    /,
    weight: torch.Tensor,
    input: torch.Tensor,
    offsets: Any,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The function inside embedding_bag; modes are numbers, −1 is no padding."""
    name = ("sum", "mean", "max")[mode]
    padding = None if padding_idx == -1 else padding_idx
    return embedding_bag(call, input, weight, offsets, None, 2, False, name, False, per_sample_weights, include_last_offset, padding)
