"""Choosing and ordering: where, topk, sort, argsort, searchsorted, bucketize, one_hot, unique, bincount, histc."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.extremes import equals
from neurontui.explainers.families.moves import place_of_true
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.regions import row_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, chooser, products
from neurontui.indices import ravel
from neurontui.records import Value

if TYPE_CHECKING:
    import torch


@explains("torch.where")
def where(call: Call, /, condition: torch.Tensor, input: Any = None, other: Any = None) -> Any:
    """The element of `input` where the condition holds, else that of `other`. https://docs.pytorch.org/docs/stable/generated/torch.where.html"""
    return place_of_true(call, "condition", call.at[0], call.output) if other is None else _where(call)


@explains("torch.Tensor.where")
def where_method(call: Call, /, input: torch.Tensor, condition: torch.Tensor, other: Any) -> Draft:
    """`x.where(condition, other)` is where(condition, x, other)."""
    return _where(call)


def _where(call: Call) -> Draft:
    test = call.element("condition")
    taken = "input" if test.number else "other"
    source = call.element(taken)
    value = call.values.get(taken)
    pictures = (box_picture(taken, broadcast_index(value.shape, call.at), "chosen", "map"),) if isinstance(value, Value) else ()
    note = f"The condition is {bool(test.number)} here, so {taken} is taken."
    zero = "masked" if source.number == 0 and not isinstance(value, Value) else ""
    block = products(source, chooser(test), values=source.numbers, mark="picked")
    return Draft("output = input where condition, else other", "pick", [block], notes=(note,), pictures=pictures, zero=zero)


# ---- order ----------------------------------------------------------------------------------------------------------------------


def order_of(numbers: Array, descending: bool) -> Array:
    """The places in sorted order, equals in their own order, NaN as the greatest, as torch sorts."""
    values = numbers.astype(np.int64) if numbers.dtype == np.bool_ else numbers
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    return np.lexsort((-values, ~missing)) if descending else np.lexsort((values, missing))


def _ordered(call: Call, input: torch.Tensor, dim: int, descending: bool, places: bool, word: str, stable: bool = False) -> Draft:
    """The i-th of a row in order, or its place in the row."""
    axis = dim % input.dim() if input.dim() else 0
    box = row_box(input.shape, dim, call.at) if input.dim() else ()
    column = call.read("input", *box)
    i = call.at[axis] if input.dim() else 0
    place = int(order_of(column.numbers, descending)[i])
    value = column.numbers[place]
    equal = equals(column.numbers, value)
    notes = [f"Number {i} of {len(column.numbers)} in {'descending' if descending else 'ascending'} order."]
    if len(equal) > 1 and not stable:
        found = _recorded_place(call, places, box, axis)
        place = found if found in equal else place
        notes.append(f"{len(equal)} equal values: which of them comes first is the kernel's choice.")
    picture = box_picture("input", box, "the row that is ordered", "row")
    at = {"i": i}
    if places:
        marks = np.full(len(column.numbers), "", dtype=object)
        marks[place] = "winner"
        block = products(column, mark=marks)  # type: ignore[arg-type]
        formula = f"indices[i] = place of the i-th {word}, counted from 0"
        return Draft(formula, "apply", [block], computed=place, indices=at, notes=notes, pictures=(picture,))
    index = np.array([column.index[place]], np.int64).reshape(1, input.dim())
    picked = Column("input", index, column.numbers[place : place + 1])
    formula = f"output[i] = the i-th {word} of the row, counted from 0"
    return Draft(formula, "pick", [products(picked, mark="picked")], indices=at, notes=notes, pictures=(picture,))


def _recorded_place(call: Call, places: bool, box: tuple[Any, ...], axis: int) -> int:
    """Which of several equals the kernel took, by the places that it gave."""
    output = call.step.output
    if places and isinstance(call.actual, int):
        return call.actual
    if isinstance(output, (list, tuple)) and len(output) == 2 and isinstance(output[1], Value):
        return int(output[1].tensor()[call.at])
    return -1


@explains("torch.sort", "torch.msort")
def sort(call: Call, /, input: torch.Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.sort.html"""
    dim = 0 if call.key == "msort" else dim
    return _ordered(call, input, dim, descending, call.output == 1, "greatest" if descending else "smallest", stable)


@explains("torch.argsort")
def argsort(call: Call, /, input: torch.Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.argsort.html"""
    return _ordered(call, input, dim, descending, True, "greatest" if descending else "smallest", stable)


@explains("torch.topk")
def topk(call: Call, /, input: torch.Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Draft:
    """The k greatest of a row. https://docs.pytorch.org/docs/stable/generated/torch.topk.html"""
    if sorted or not input.dim():
        return _ordered(call, input, dim, largest, call.output == 1, "greatest" if largest else "smallest")
    return _unsorted(call, input, k, dim, largest)


def _unsorted(call: Call, input: torch.Tensor, k: int, dim: int, largest: bool) -> Draft:
    """With sorted=False the k greatest come in the kernel's own order: the place that it gave is among them, or the formula is wrong."""
    box = row_box(input.shape, dim, call.at)
    column = call.read("input", *box)
    order = order_of(column.numbers, largest)
    edge = column.numbers[order[k - 1]]
    among = set(order[:k].tolist()) | set(np.flatnonzero(column.numbers == edge).tolist())
    place = int(call.step.output[1].tensor()[call.at])
    place = place if place in among else int(order[call.at[dim % input.dim()]])
    index = np.array([column.index[place]], np.int64)
    picked = Column("input", index, column.numbers[place : place + 1])
    notes = (f"One of the {k} {'greatest' if largest else 'smallest'}; sorted=False leaves their order to the kernel.",)
    block = products(picked, mark="picked")
    picture = (box_picture("input", box, "the row that is chosen from", "row"),)
    if call.output == 1:
        return Draft("indices = place of one of the k", "apply", [block], computed=place, notes=notes, pictures=picture)
    return Draft("output = one of the k", "pick", [block], notes=notes, pictures=picture)


# ---- bins and classes -----------------------------------------------------------------------------------------------------------


@explains("torch.searchsorted")
def searchsorted(
    call: Call,
    /,
    sorted_sequence: torch.Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """How many of the sorted row lie below the value. https://docs.pytorch.org/docs/stable/generated/torch.searchsorted.html"""
    if sorter is not None:
        return NotImplemented
    right = right or side == "right"
    box = (
        (*call.at[: sorted_sequence.dim() - 1], range(sorted_sequence.shape[-1]))
        if sorted_sequence.dim() > 1
        else (range(sorted_sequence.shape[0]),)
    )
    return _below(call, "sorted_sequence", box, "input", right)


@explains("torch.bucketize")
def bucketize(call: Call, /, input: Any, boundaries: torch.Tensor, *, out_int32: bool = False, right: bool = False) -> Draft:
    """Which bucket the value falls into. https://docs.pytorch.org/docs/stable/generated/torch.bucketize.html"""
    return _below(call, "boundaries", (range(boundaries.shape[0]),), "input", right)


def _below(call: Call, row: str, box: tuple[Any, ...], value: str, right: bool) -> Draft:
    edges, x = call.read(row, *box), call.element(value)
    below = edges.numbers <= x.number if right else edges.numbers < x.number
    sign = "≤" if right else "<"
    block = products(edges, x, values=below.astype(np.int64), label=lambda j: f"{row}[{j}] {sign} {value}")
    return Draft(
        f"output = how many of {row} are {sign} {value}", "sum", [block], pictures=(box_picture(row, box, "the sorted row", "row"),)
    )


@explains("torch.nn.functional.one_hot")
def one_hot(call: Call, /, input: torch.Tensor, num_classes: int = -1) -> Draft:
    """1 at the class, 0 elsewhere. https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html"""
    *place, c = call.at
    column = call.read("input", *place)
    hit = column.number == c
    return Draft(
        "output[…, c] = 1 where input[…] is c, else 0",
        "pick",
        [products(column, values=[int(hit)], label="match", mark="picked" if hit else "")],
        indices={"c": c},
        notes=(f"The class is {column.number}.",),
        zero="" if hit else "constant",
    )


def _counted(column: Column, dtype: Any) -> Block:
    """1 for each element: it is one more."""
    return products(column, values=np.ones(len(column.numbers), dtype), label="one more")


@explains("torch.bincount")
def bincount(call: Call, /, input: torch.Tensor, weights: Any = None, minlength: int = 0) -> Draft:
    """How often a number appears, or the sum of its weights. https://docs.pytorch.org/docs/stable/generated/torch.bincount.html"""
    found = np.flatnonzero(call.numbers("input") == call.at[0])
    column = call.read("input", found)
    if weights is not None:
        block = products(call.read("weights", found), chooser(column))
        return Draft("output[c] = Σ weights where input is c", "sum", [block], indices={"c": call.at[0]})
    return Draft("output[c] = how many of input are c", "sum", [_counted(column, np.int64)], indices={"c": call.at[0]})


@explains("torch.histc")
def histc(call: Call, /, input: torch.Tensor, bins: int = 100, min: Any = 0, max: Any = 0) -> Draft:
    """How many fall into each of equal bins; the last holds its right edge too. https://docs.pytorch.org/docs/stable/generated/torch.histc.html"""
    import torch

    x = call.numbers("input").astype(np.float64)
    low, high = float(min), float(max)
    if low == high:
        low, high = (float(x.min()), float(x.max())) if x.size else (low, high)
    if low == high:
        low, high = low - 1, high + 1
    flat = x.reshape(-1)
    edges = [torch.tensor(edge, dtype=input.dtype) for edge in (low, high)]
    scaled = (input.detach().reshape(-1) - edges[0]) * bins / (edges[1] - edges[0])  # at the edges the input's own precision decides
    place = np.floor(scaled.double().cpu().numpy())
    place = np.where(place == bins, bins - 1, place)
    inside = (flat >= low) & (flat <= high) & (place == call.at[0])
    cells = np.stack(np.unravel_index(np.flatnonzero(inside), x.shape), axis=0) if x.ndim else np.zeros((0, int(inside.sum())), np.int64)
    column = call.read("input", *cells) if x.ndim else call.read("input")
    width = (high - low) / bins
    span = f"[{low + call.at[0] * width:g}, {low + (call.at[0] + 1) * width:g}{']' if call.at[0] == bins - 1 else ')'}"
    blocks = [_counted(column, np.float64)] if inside.any() else []
    return Draft(
        "output[c] = how many of input fall into bin c", "sum", blocks, indices={"c": call.at[0]}, notes=(f"Bin {call.at[0]} is {span}.",)
    )


@explains("torch.unique", "torch._unique2")
def unique(
    call: Call, /, input: torch.Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The different values; where each element went; how often each appears. https://docs.pytorch.org/docs/stable/generated/torch.unique.html"""
    if dim is not None:
        return NotImplemented
    groups = np.unique(call.numbers("input").reshape(-1), return_inverse=True, equal_nan=False)[1]
    return _grouped(call, input, groups, return_inverse, return_counts, "different values")


@explains("torch.unique_consecutive")
def unique_consecutive(
    call: Call, /, input: torch.Tensor, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """Each run of equal neighbours, row by row, as one. https://docs.pytorch.org/docs/stable/generated/torch.unique_consecutive.html"""
    if dim is not None:
        return NotImplemented
    flat = call.numbers("input").reshape(-1)
    groups = np.concatenate([[0], np.cumsum(flat[1:] != flat[:-1])]) if flat.size else np.zeros(0, np.int64)
    return _grouped(call, input, groups, return_inverse, return_counts, "runs of equal neighbours")


def _grouped(call: Call, input: torch.Tensor, groups: Array, inverse: bool, counts: bool, what: str) -> Draft:
    """One output element of `unique` and its like; `groups` says of each element, row by row, which of them it is."""
    kind = ["value", *(["inverse"] if inverse else []), *(["count"] if counts else [])][call.output]
    if kind == "inverse":
        x = call.read("input", *call.at)
        place = int(groups[ravel(call.at, tuple(input.shape))])
        return Draft(f"inverse = place of this element's value among the {what}", "apply", [products(x)], computed=place)
    here = np.flatnonzero(groups == call.at[0])
    cells = np.stack(np.unravel_index(here, input.shape)) if input.dim() else np.zeros((0, 1), np.int64)
    column = call.read("input", *cells) if input.dim() else call.read("input")
    if kind == "count":
        return Draft(f"counts[i] = how many elements are in the i-th of the {what}", "sum", [_counted(column, np.int64)])
    first = Column("input", np.asarray(column.index)[:1], column.numbers[:1])
    notes = (f"{len(here)} element{'s are' if len(here) != 1 else ' is'} in it.",)
    return Draft(f"output[i] = the i-th of the {what}", "pick", [products(first, mark="picked")], notes=notes)


@explains("torch.isin")
def isin(call: Call, /, elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether the element equals any of the others."""
    if not isinstance(call.values.get("elements"), Value) or not isinstance(call.values.get("test_elements"), Value):
        return NotImplemented
    x = call.read("elements", *call.at)
    others = call.read("test_elements", *(range(n) for n in test_elements.shape))
    hits = others.numbers == x.numbers[0]
    marks = np.where(hits, "winner", "")
    block = products(others, values=hits.astype(np.int64), mark=marks)  # type: ignore[arg-type]
    return Draft(
        "output = whether elements is among test_elements",
        "apply",
        [products(x), block],
        computed=bool(hits.any()) != invert,
        notes=(f"{int(hits.sum())} of {len(hits)} are equal to it.",),
    )
