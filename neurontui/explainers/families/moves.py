"""Data that are only moved, by a formula: which element, without running the call on the whole tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.maps import index_at
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, chooser, literal, products
from neurontui.explanation import Picture
from neurontui.indices import ravel, unravel
from neurontui.text import format_index


def moved(call: Call, name: str, index: Sequence[int], *followed: Column, notes: tuple[str, ...] = ()) -> Draft:
    """One term: the element `name[index]`. `followed` are the index operands that chose it."""
    column = call.read(name, *index)
    place = format_index(name, index)
    term = products(column, *map(chooser, followed), values=column.numbers, label=place, mark="picked")
    picture = Picture("map", name, (tuple(index),))
    return Draft(f"{format_index('output', call.at)} = {place}", "pick", [term], method="index", notes=notes, pictures=(picture,))


def filled(call: Call, column: Column, mark: str, note: str, *followed: Column) -> Draft:
    """One term: a constant that was put here, and why. `followed` are the operands that chose it."""
    zero = mark if column.number == 0 else ""
    term = products(column, *map(chooser, followed), values=column.numbers, mark=mark)
    return Draft(f"output = {column.name}", "pick", [term], method="index", zero=zero, notes=(note,))


@explains("torch.gather")
def gather(call: Call, /, input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Draft:
    """`output[…, k, …] = input[…, index[…, k, …], …]`."""
    chosen = call.read("index", *call.at)
    if not call.at or not input.dim():
        return moved(call, "input", [int(chosen.real)] if input.dim() else [], chosen)
    d = dim % len(call.at)
    return moved(call, "input", [int(chosen.real) if n == d else i for n, i in enumerate(call.at)], chosen)


@explains("torch.index_select")
def index_select(call: Call, /, input: Any, dim: int, index: Any) -> Draft:
    """`output[…, k, …] = input[…, index[k], …]`."""
    if not call.at:
        return moved(call, "input", (), call.read("index", *(0 for _ in index.shape)))
    d = dim % len(call.at)
    chosen = call.read("index", *([call.at[d]] if index.dim() else []))
    return moved(call, "input", [int(chosen.real) if n == d else i for n, i in enumerate(call.at)], chosen)


@explains("torch.flip")
def flip(call: Call, /, input: Any, *places: Any, dims: Any = ()) -> Draft:
    """The elements of each of `dims` in opposite order."""
    turned = {d % input.dim() for d in _flat((*places, dims))} if input.dim() else set()
    return moved(call, "input", [n - 1 - i if d in turned else i for d, (i, n) in enumerate(zip(call.at, input.shape, strict=True))])


@explains("torch.roll")
def roll(call: Call, /, input: Any, shifts: Any, dims: Any = None) -> Draft:
    """The elements pushed on by `shifts`, round the end."""
    many = _flat((shifts,))
    along = _flat((dims,)) if dims is not None else []
    if not along:
        size = max(1, math.prod(input.shape))
        return moved(call, "input", unravel((ravel(call.at, tuple(input.shape)) - many[0]) % size, tuple(input.shape)))
    at = list(call.at)
    for shift, dim in zip(many, along, strict=True):
        at[dim] = (at[dim] - shift) % input.shape[dim]
    return moved(call, "input", at)


@explains("torch.Tensor.repeat")
def repeat(call: Call, /, input: Any, *times: Any, repeats: Any = ()) -> Draft:
    """The tensor, laid side by side."""
    last = call.at[len(call.at) - input.dim() :]
    return moved(call, "input", [i % n for i, n in zip(last, input.shape, strict=True)])


@explains("torch.tril")
def tril(call: Call, /, input: Any, diagonal: int = 0) -> Draft:
    """What lies on and below the diagonal; 0 above."""
    return _triangle(call, call.at[-1] - call.at[-2] <= diagonal, "above")


@explains("torch.triu")
def triu(call: Call, /, input: Any, diagonal: int = 0) -> Draft:
    """What lies on and above the diagonal; 0 below."""
    return _triangle(call, call.at[-1] - call.at[-2] >= diagonal, "below")


def _triangle(call: Call, kept: bool, side: str) -> Draft:
    return moved(call, "input", call.at) if kept else filled(call, literal("zero", 0), "masked", f"It lies {side} the diagonal: 0.")


@explains("torch.masked_fill")
def masked_fill(call: Call, /, input: Any, mask: Any, value: Any) -> Draft:
    """`value` where the mask is True, else the input."""
    blocked = call.element("mask")
    if blocked.number:
        return filled(call, call.element("value", ()), "masked", "The mask is True here: the value is put.", blocked)
    return moved(call, "input", broadcast_index(tuple(input.shape), call.at), blocked, notes=("The mask is False here: the input stays.",))


@explains("torch.nn.functional.pad")
def pad(call: Call, /, input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """The input, with a border of `value`; other modes are answered by their index map."""
    if mode != "constant":
        return NotImplemented
    at = list(call.at)
    for k in range(len(pad) // 2):
        at[len(at) - 1 - k] -= pad[2 * k]
    if all(0 <= i < n for i, n in zip(at, input.shape, strict=True)):
        return moved(call, "input", at)
    return filled(call, literal("value", 0 if value is None else value), "padding", "It lies in the border that pad adds.")


@explains("torch.as_strided")
def as_strided(call: Call, /, input: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None) -> Any:
    """The element that lies `storage_offset + Σ at · stride` elements into the input's memory."""
    value = call.values["input"]
    offset = value.offset if storage_offset is None else storage_offset
    place = offset + sum(i * s for i, s in zip(call.at, stride, strict=True)) - value.offset
    index = index_at(place, value.shape, value.strides or tuple(input.stride()))
    if index is None:
        return _unwritten(call, "It lies in memory that the input is a part of, but outside of what the input shows.")
    return moved(call, "input", index)


@explains("torch.Tensor.resize_", "torch.Tensor.resize_as_")
def resize(call: Call, /, input: Any, *size: Any, **format: Any) -> Any:
    """The same memory in another shape; what lies beyond the old end was written by nobody."""
    place = ravel(call.at, call.shape)
    if place < input.numel() and input.is_contiguous():
        return moved(call, "input", unravel(place, tuple(input.shape)))
    return _unwritten(call, "It lies beyond the old end: nobody wrote this memory (as with empty()).")


def _unwritten(call: Call, note: str) -> Draft:
    term = products(literal("memory", call.result[call.at].item()))
    return Draft("output = whatever was in memory", "pick", [term], unchecked=True, notes=(note,))


@explains("torch.take_along_dim")
def take_along_dim(call: Call, /, input: Any, indices: Any, dim: int | None = None) -> Draft:
    """`gather` with broadcasting; over the flattened input without a `dim`."""
    if dim is None:
        chosen = call.read("indices", *unravel(call.at[0], tuple(indices.shape)))
        return moved(call, "input", unravel(int(chosen.real) % input.numel(), tuple(input.shape)), chosen)
    d = dim % len(call.at)
    chosen = call.element("indices", tuple(i if n != d else min(i, indices.shape[d] - 1) for n, i in enumerate(call.at)))
    at = [int(chosen.real) % input.shape[n] if n == d else (0 if input.shape[n] == 1 else i) for n, i in enumerate(call.at)]
    return moved(call, "input", at, chosen)


def _flat(numbers: Sequence[Any]) -> list[int]:
    """Ints and sequences of ints as one list: `flip(0, 1)` and `flip((0, 1))`."""
    return [int(i) for item in numbers for i in (item if isinstance(item, (list, tuple)) else (item,))]


@explains("torch.nonzero", "torch.argwhere")
def nonzero(call: Call, /, input: Any, *, as_tuple: bool = False) -> Draft:
    """Row k: the index of the k-th element that is not zero; as a tuple, one tensor a dimension."""
    return place_of_true(call, "input", *((call.at[0], call.output) if as_tuple else call.at))


def place_of_true(call: Call, name: str, k: int, dim: int) -> Draft:
    """Coordinate `dim` of the k-th element of an argument that is not zero (nonzero, argwhere, where with one argument)."""
    import torch

    place = torch.nonzero(call.tensor(name))[k].tolist()
    value = place[dim] if place else 0
    term = products(call.read(name, *place), values=[value], label=f"coordinate {dim} of {name}{place}", mark="picked")
    formula = f"output[k] = coordinate {dim} of the k-th element of {name} that is not 0"
    return Draft(formula, "pick", [term], method="index", indices={"k": k})
