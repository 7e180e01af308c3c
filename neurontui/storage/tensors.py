"""A value's data ↔ what a .safetensors file can hold: contiguous numbers of a common type, and how to make the tensor of them again."""

from __future__ import annotations

from math import prod

import torch

from neurontui.records import Value

# What the safetensors format names, largest elements first: so each tensor in the file is aligned to its own element size.
NAMES = {
    torch.float64: "F64", torch.int64: "I64", torch.uint64: "U64", torch.complex64: "C64",
    torch.float32: "F32", torch.int32: "I32", torch.uint32: "U32",
    torch.float16: "F16", torch.bfloat16: "BF16", torch.int16: "I16", torch.uint16: "U16",
    torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL", torch.float8_e5m2: "F8_E5M2", torch.float8_e4m3fn: "F8_E4M3",
}  # fmt: skip


def packed_form(data: torch.Tensor) -> tuple[tuple[int, ...], torch.dtype]:
    """The shape and type of `pack(data)`."""
    shape = tuple(1 if _is_repeated(data, dim) else size for dim, size in enumerate(data.shape))
    return (shape, data.dtype) if data.dtype in NAMES else ((*shape, 2), data.dtype.to_real())


def pack(data: torch.Tensor) -> torch.Tensor:
    """The numbers of `data`, contiguous, in a type that the format names; repeated dimensions (stride 0) once. A copy.

    The copy also keeps memory that is shared until it is written from being split.
    """
    plain = _each_once(data).resolve_conj().resolve_neg()
    return (plain if plain.dtype in NAMES else torch.view_as_real(plain)).cpu().clone(memory_format=torch.contiguous_format)


def _each_once(data: torch.Tensor) -> torch.Tensor:
    """Its repeated dimensions with size 1."""
    return data[tuple(slice(0, 1) if _is_repeated(data, dim) else slice(None) for dim in range(data.dim()))]


def _is_repeated(data: torch.Tensor, dim: int) -> bool:
    return data.stride(dim) == 0 and data.shape[dim] > 1


def unpack(packed: torch.Tensor, shape: tuple[int, ...], strides: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """The tensor that `pack` took apart, with its strides: they decide which kernel runs, and how a random mask falls."""
    if packed.data_ptr() % dtype.itemsize:  # pairs of float64 lie anywhere in the file: a complex128 there ends the process
        packed = packed.clone()
    plain = packed if packed.dtype == dtype else torch.view_as_complex(packed)
    if plain.dtype != dtype:
        raise ValueError("the numbers are of another type")
    if plain.shape != shape:
        return plain.expand(shape)
    if plain.stride() == strides or not _is_modest(shape, strides):
        return plain
    return torch.empty_strided(shape, strides, dtype=dtype, device=plain.device).copy_(plain)


def _is_modest(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether a tensor of these strides has a place for each number, and at most four times the memory: a file cannot ask for more."""
    return len(shape) == len(strides) and min(strides, default=1) > 0 and prod(shape) <= extent_of(shape, strides) <= 4 * prod(shape)


def extent_of(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """How many elements of memory lie from the first to the last element."""
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) if prod(shape) else 0


def read_data(value: Value) -> torch.Tensor | str:
    """The data to be kept, or why it cannot be."""
    if value.data is None:
        return "it could not be copied while it was recorded"
    data = value.tensor()
    if not data.is_nested and tuple(data.shape) != value.shape:
        return "it had no numbers yet"  # a lazy module's parameter
    if type(data).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return f"a {type(data).__name__} is described only"
    if data.layout != torch.strided or data.is_nested:
        return f"a {'nested' if data.is_nested else str(data.layout).removeprefix('torch.')} tensor is described only"
    if data.is_quantized or (data.dtype not in NAMES and not data.is_complex()):
        return f"{str(data.dtype).removeprefix('torch.')} is described only"
    return data


def find_view(value: Value, data: torch.Tensor, base: Value, whole: torch.Tensor) -> int | None:
    """How far `value` starts inside `base`'s memory, if it is bit for bit a view of it."""
    shift = value.offset - base.offset
    dense = whole.numel() == extent_of(tuple(whole.shape), tuple(whole.stride()))
    shared = value.dtype == base.dtype and dense and shift >= 0
    if not shared or shift + extent_of(tuple(data.shape), tuple(data.stride())) > whole.numel():
        return None
    view = whole.as_strided(data.shape, data.stride(), whole.storage_offset() + shift)
    return shift if _same_bits(_each_once(view), _each_once(data)) else None


def _same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    first, second = (torch.view_as_real(side) if side.is_complex() else side for side in (one, other))
    return torch.equal(*(side.clone(memory_format=torch.contiguous_format).reshape(-1).view(torch.uint8) for side in (first, second)))
