"""Sparse, quantized, nested and meta tensors: in parts that a file can hold, and put together again."""

from __future__ import annotations

from math import prod
from typing import Any

import torch

from neurontui.storage.structures import find_dtype
from neurontui.text import format_dtype

_LARGEST = 2**32  # elements, zeros included: what a file can ask for by a few bytes
_COMPRESSED = {torch.sparse_csr: "csr", torch.sparse_csc: "csc", torch.sparse_bsr: "bsr", torch.sparse_bsc: "bsc"}
_LAYOUTS = {name: layout for layout, name in _COMPRESSED.items()}
Parts = tuple[list[Any], list[torch.Tensor]]


def take_apart(data: torch.Tensor) -> Parts | None:
    """The form of a tensor and its parts; None for one that is plain, or that cannot be taken apart."""
    if data.is_nested:
        return _take_nested(data)
    if type(data).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return None
    if data.device.type == "meta":
        return ["meta", list(data.shape), list(data.stride()), format_dtype(data.dtype)], []
    if data.layout == torch.sparse_coo:
        return ["coo", list(data.shape), data.is_coalesced()], [data._indices().clone(), data._values().clone()]
    if data.layout in _COMPRESSED:
        rows = data.layout in (torch.sparse_csr, torch.sparse_bsr)
        places = [data.crow_indices(), data.col_indices()] if rows else [data.ccol_indices(), data.row_indices()]
        return [_COMPRESSED[data.layout], list(data.shape)], [part.clone() for part in (*places, data.values())]
    if data.is_mkldnn:
        return ["mkldnn"], [data.to_dense()]
    return _take_quantized(data) if data.is_quantized else None


def _take_nested(data: torch.Tensor) -> Parts | None:
    """Its tensors; of a jagged one all rows, and where each begins: that very tensor, by which torch knows which of them may meet."""
    if data.layout == torch.strided:
        return ["nested"], [part.clone() for part in data.unbind()]
    jagged: Any = data
    if jagged.lengths() is not None or data.device.type == "meta":
        return None
    return ["jagged", jagged._ragged_idx], [data.values().clone(), jagged.offsets()]


def _take_quantized(data: torch.Tensor) -> Parts | None:
    if data.qscheme() == torch.per_tensor_affine:
        return ["quantized", data.q_scale(), data.q_zero_point()], [data.int_repr()]
    if data.qscheme() == torch.per_channel_affine:
        channels = [data.q_per_channel_scales().clone(), data.q_per_channel_zero_points().clone()]
        return ["quantized channels", data.q_per_channel_axis()], [data.int_repr(), *channels]
    return None


def put_together(form: list[Any], parts: list[torch.Tensor]) -> torch.Tensor:
    """What `take_apart` took apart.

    Raises:
        ValueError, RuntimeError, TypeError, IndexError: the parts fit no such tensor.
    """
    kind, *rest = form
    if kind == "nested":
        return torch.nested.nested_tensor(parts)
    if kind == "jagged":
        return _put_jagged(int(rest[0]), *parts)
    if kind == "mkldnn":
        return parts[0].to_mkldnn()
    if kind == "quantized":
        return torch._make_per_tensor_quantized_tensor(parts[0], float(rest[0]), int(rest[1]))
    if kind == "quantized channels":
        numbers, scales, zeros = parts
        return torch._make_per_channel_quantized_tensor(numbers, scales, zeros, int(rest[0]))
    size = [int(number) for number in rest[0]]
    if kind == "meta":
        return torch.empty_strided(size, [int(number) for number in rest[1]], dtype=find_dtype(rest[2]), device="meta")
    return _put_sparse(kind, size, parts, coalesced=kind == "coo" and bool(rest[1]))


def _put_jagged(dimension: int, values: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """Kernels believe the offsets: they are held against the values here."""
    places = offsets.tolist()
    if places[0] != 0 or places != sorted(places) or places[-1] != values.shape[dimension - 1]:
        raise ValueError("a nested tensor's rows are elsewhere")
    made: torch.Tensor = torch.nested.nested_tensor_from_jagged(values, offsets, jagged_dim=dimension)
    return made


def _put_sparse(kind: str, size: list[int], parts: list[torch.Tensor], coalesced: bool) -> torch.Tensor:
    if min(size, default=0) < 0 or prod(size) > _LARGEST:
        raise ValueError("a sparse tensor is larger than any that is read")
    if kind == "coo":
        made = torch.sparse_coo_tensor(parts[0], parts[1], size, check_invariants=True)
        return made.coalesce() if coalesced else made
    places, others, values = parts
    return torch.sparse_compressed_tensor(places, others, values, size, layout=_LAYOUTS[kind], check_invariants=True)
