"""Indexing by tensors, assignment to a slice, copies: which element, worked out for this one element alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.families.moves import filled, moved
from neurontui.explainers.generic.maps import index_at
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import literal
from neurontui.indices import unravel
from neurontui.records import Value

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One item of an index: a new dimension, a slice of one, one place in it, or the places that a tensor names."""

    kind: str  # "new", "slice", "place", "tensor"
    places: Any = None  # range, int, or a tensor of whole numbers
    name: str = ""  # the argument that a tensor was read from
    column: int | None = None  # of a mask, the dimension that these are the places in


@explains("torch.Tensor.__getitem__")
def getitem(call: Call, /, input: Any, index: Any) -> Any:
    """`input[index]` with tensors in the index; without any it is a view, which its memory explains."""
    parts = _read_parts(input, index)
    if parts is None or not any(part.kind == "tensor" for part in parts):
        return NotImplemented
    found = _locate(call.at, call.shape, parts)
    if found is None:
        return NotImplemented
    place, chosen = found
    followed = [
        call.read(part.name, *broadcast_index(tuple(part.places.shape), chosen)) for part in parts if part.name and part.column is None
    ]
    return moved(call, "input", place, *followed)


def _read_parts(input: torch.Tensor, index: Any) -> list[_Part] | None:
    """The items one by one, one for each dimension of `input`; None for what is not covered."""
    items = list(index) if isinstance(index, tuple) else [index]
    names = ["index"] if not isinstance(index, tuple) else [f"index[{i}]" for i in range(len(items))]
    if sum(item is Ellipsis for item in items) == 0:
        items, names = [*items, Ellipsis], [*names, ""]
    taken = sum(_dims_of(item) for item in items)
    parts: list[_Part] = []
    dim = 0
    for item, name in zip(items, names, strict=True):
        if item is Ellipsis:
            made = [_Part("slice", range(n)) for n in input.shape[dim : dim + input.dim() - taken]]
        else:
            one = _read_item(item, name, input.shape[dim] if dim < input.dim() else 0)
            if one is None:
                return None
            made = one
        parts += made
        dim += sum(part.kind != "new" for part in made)
    return parts if dim == input.dim() else None


def _dims_of(item: Any) -> int:
    """How many dimensions an item takes."""
    import torch

    if item is None or item is Ellipsis:
        return 0
    return item.dim() if isinstance(item, torch.Tensor) and item.dtype in (torch.bool, torch.uint8) else 1


def _read_item(item: Any, name: str, size: int) -> list[_Part] | None:
    import torch

    if item is None:
        return [_Part("new")]
    if isinstance(item, slice):
        return (
            [_Part("slice", range(*item.indices(size)))]
            if not any(isinstance(i, torch.Tensor) for i in (item.start, item.stop, item.step))
            else None
        )
    if isinstance(item, int) and not isinstance(item, bool):
        return [_Part("place", item % size)] if size else None
    if isinstance(item, list):
        return _read_item(torch.tensor(item), "", size) if item and all(type(i) is int for i in item) else None
    if not isinstance(item, torch.Tensor) or item.dim() == 0 or item.is_floating_point():
        return None
    if item.dtype in (torch.bool, torch.uint8):
        return [_Part("tensor", places, name, dim) for dim, places in enumerate(item.nonzero().unbind(1))]
    return [_Part("tensor", item, name)]


def _locate(at: tuple[int, ...], shape: tuple[int, ...], parts: list[_Part]) -> tuple[list[int], tuple[int, ...]] | None:
    """The place in the input that `at` shows, and which of the named places it is; None where the shapes do not fit.

    The named places come where the first of them stands, or first of all where a slice lies between them.
    """
    import torch

    kept = [part for part in parts if part.kind != "place"]
    stand = [i for i, part in enumerate(kept) if part.kind == "tensor"]
    named = torch.broadcast_shapes(*(part.places.shape for part in kept if part.kind == "tensor"))  # type: ignore[no-untyped-call]
    start = stand[0] if all(b == a + 1 for a, b in pairwise(stand)) else 0
    others = [1 if part.kind == "new" else len(part.places) for part in kept if part.kind != "tensor"]
    if (*others[:start], *named, *others[start:]) != tuple(shape):
        return None
    chosen = at[start : start + len(named)]
    rest = iter((*at[:start], *at[start + len(named) :]))
    place: list[int] = []
    for part in parts:
        if part.kind == "tensor":
            place.append(int(part.places[broadcast_index(tuple(part.places.shape), chosen)]))
        elif part.kind == "place":
            place.append(part.places)
        else:
            i = next(rest)
            if part.kind == "slice":
                place.append(part.places[i])
    return place, chosen


@explains("torch.Tensor.__setitem__")
def setitem(call: Call, /, input: Any, index: Any, value: Any) -> Any:
    """`input[index] = value` with an index of slices and places: what lies in it is the value, the rest stays."""
    import torch

    if any(isinstance(item, (torch.Tensor, list, bool)) for item in (index if isinstance(index, tuple) else (index,))):
        return NotImplemented
    part = input[index]
    place = input.storage_offset() + sum(i * s for i, s in zip(call.at, input.stride(), strict=True)) - part.storage_offset()
    if part.untyped_storage()._cdata != input.untyped_storage()._cdata or 0 in input.stride():
        return NotImplemented
    inside = index_at(place, tuple(part.shape), part.stride()) if part.numel() and place >= 0 else None
    if inside is None:
        return moved(call, "input", call.at, notes=("This element is not among those that are assigned: it stays.",))
    if not isinstance(call.values.get("value"), Value):
        return filled(call, literal("value", value), "constant", "The assignment puts this number here.")
    shape = tuple(value.shape)[max(0, value.dim() - part.dim()) :]
    source = broadcast_index(shape, inside)
    return moved(call, "value", (*(0,) * (value.dim() - len(shape)), *source))


@explains("torch.Tensor.copy_")
def copy(call: Call, /, input: Any, src: Any, non_blocking: bool = False) -> Any:
    """The source's element, broadcast."""
    return moved(call, "src", broadcast_index(tuple(src.shape), call.at)) if isinstance(call.values.get("src"), Value) else NotImplemented


@explains("torch.Tensor.data.__set__")
def set_data(call: Call, /, input: Any, data: Any) -> Any:
    """`tensor.data = data`: the tensor gets the other's memory."""
    return moved(call, "data", call.at) if data.dim() == len(call.at) else NotImplemented


@explains("torch.repeat_interleave")
def repeat_interleave(call: Call, /, input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None) -> Any:
    """Each element `repeats` times, one after another; over the flattened input without a `dim`."""
    if not isinstance(repeats, int):
        return NotImplemented
    if dim is None:
        return moved(call, "input", unravel(call.at[0] // repeats, tuple(input.shape)))
    return moved(call, "input", [i // repeats if d == dim % input.dim() else i for d, i in enumerate(call.at)])
