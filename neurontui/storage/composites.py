"""Tensors that are made of others: sparse, quantized and nested ones, in parts that a file can hold, and put together again."""

from __future__ import annotations

from math import prod
from typing import Any

import torch

_LARGEST = 2**32  # elements, zeros included: what a file can ask for by a few bytes
_COMPRESSED = {torch.sparse_csr: "csr", torch.sparse_csc: "csc", torch.sparse_bsr: "bsr", torch.sparse_bsc: "bsc"}
_LAYOUTS = {name: layout for layout, name in _COMPRESSED.items()}


def take_apart(data: torch.Tensor) -> tuple[list[Any], list[torch.Tensor]] | None:
    """The form of a tensor and its parts; None for one that is plain, or that cannot be taken apart."""
    if type(data).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__ or data.device.type == "meta":
        return None
    if data.is_nested:
        return (["nested"], [part.clone() for part in data.unbind()]) if data.layout == torch.strided else None
    if data.layout == torch.sparse_coo:
        return ["coo", list(data.shape), data.is_coalesced()], [data._indices().clone(), data._values().clone()]
    if data.layout in _COMPRESSED:
        rows = data.layout in (torch.sparse_csr, torch.sparse_bsr)
        places = [data.crow_indices(), data.col_indices()] if rows else [data.ccol_indices(), data.row_indices()]
        return [_COMPRESSED[data.layout], list(data.shape)], [part.clone() for part in (*places, data.values())]
    if data.is_quantized and data.qscheme() == torch.per_tensor_affine:
        return ["quantized", data.q_scale(), data.q_zero_point()], [data.int_repr()]
    return None


def put_together(form: list[Any], parts: list[torch.Tensor]) -> torch.Tensor:
    """What `take_apart` took apart.

    Raises:
        ValueError, RuntimeError, TypeError, IndexError: the parts fit no such tensor.
    """
    kind, *rest = form
    if kind == "nested":
        return torch.nested.nested_tensor(parts)
    if kind == "quantized":
        return torch._make_per_tensor_quantized_tensor(parts[0], float(rest[0]), int(rest[1]))
    size = [int(number) for number in rest[0]]
    if min(size, default=0) < 0 or prod(size) > _LARGEST:
        raise ValueError("a sparse tensor is larger than any that is read")
    if kind == "coo":
        made = torch.sparse_coo_tensor(parts[0], parts[1], size, check_invariants=True)
        return made.coalesce() if rest[1] else made
    places, others, values = parts
    return torch.sparse_compressed_tensor(places, others, values, size, layout=_LAYOUTS[kind], check_invariants=True)
