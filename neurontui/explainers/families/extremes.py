"""The greatest and the least of a row, the middle, the k-th, the most frequent: the element itself, or its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.reductions import read_reduced
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Column, products
from neurontui.explanation import Picture
from neurontui.records import Value

if TYPE_CHECKING:
    import torch


def extreme(numbers: Array, greatest: bool) -> int:
    """The place of the greatest (least) number, the first of equals; the first NaN where there is one."""
    missing = np.flatnonzero(np.isnan(numbers)) if numbers.dtype.kind == "f" else np.zeros(0, np.int64)
    return int(missing[0]) if len(missing) else int(np.argmax(numbers) if greatest else np.argmin(numbers))


def equals(numbers: Array, value: Any) -> Array:
    """The places of the numbers that equal `value`; NaN equals NaN here."""
    return np.flatnonzero((numbers == value) | ((numbers != numbers) & bool(value != value)))


def _marked(count: int, place: int) -> Any:
    marks = np.full(count, "", dtype=object)
    marks[place] = "winner"
    return marks


def _extreme(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, greatest: bool, where: bool) -> Any:
    """The greatest of a row, or its place."""
    word = "max" if greatest else "min"
    column, picture = read_reduced(call, input, dim, keepdim)
    if not len(column.numbers):
        return NotImplemented
    winner = extreme(column.numbers, greatest)
    block = products(column, mark=_marked(len(column.numbers), winner))
    if not where:
        return Draft(f"output = {word} of input", word, [block], pictures=(picture,))  # type: ignore[arg-type]
    equal = equals(column.numbers, column.numbers[winner])
    place, notes = _choose(call, equal, winner)
    marked = products(column, mark=_marked(len(column.numbers), place))
    return Draft(f"output = place of the {word} of input", "apply", [marked], computed=place, notes=notes, pictures=(picture,))


def _choose(call: Call, equal: Array, first: int) -> tuple[int, tuple[str, ...]]:
    """Among equals any is right: the one that the kernel took, if it is one of them, else the first."""
    if len(equal) < 2:
        return first, ()
    taken = int(call.actual) if isinstance(call.actual, int) and call.actual in equal else first
    return taken, (f"{len(equal)} equal values: the kernel may give the place of any of them, and gave {taken}.",)


def _max_or_min(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, other: Any, greatest: bool) -> Any:
    """torch.max has three meanings: of everything, along a dimension (with places), and of two tensors element by element."""
    if isinstance(call.values.get("dim"), Value):
        call.values["other"] = call.values.pop("dim")
        other = dim
    if other is not None:
        a, b = call.element("input"), call.element("other")
        blocks = [products(a), products(b)]
        return Draft(f"output = {'max' if greatest else 'min'}(input, other)", "max" if greatest else "min", blocks)
    return _extreme(call, input, dim, keepdim, greatest, call.output == 1)


@explains("torch.max")
def maximum(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.max.html"""
    return _max_or_min(call, input, dim, keepdim, other, True)


@explains("torch.min")
def minimum(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.min.html"""
    return _max_or_min(call, input, dim, keepdim, other, False)


@explains("torch.amax")
def amax(call: Call, /, input: torch.Tensor, dim: Any = (), keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.amax.html"""
    return _extreme(call, input, dim, keepdim, True, False)


@explains("torch.amin")
def amin(call: Call, /, input: torch.Tensor, dim: Any = (), keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.amin.html"""
    return _extreme(call, input, dim, keepdim, False, False)


@explains("torch.aminmax")
def aminmax(call: Call, /, input: torch.Tensor, *, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.aminmax.html"""
    return _extreme(call, input, dim, keepdim, call.output == 1, False)


@explains("torch.argmax")
def argmax(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.argmax.html"""
    return _extreme(call, input, dim, keepdim, True, True)


@explains("torch.argmin")
def argmin(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.argmin.html"""
    return _extreme(call, input, dim, keepdim, False, True)


def _median(call: Call, input: torch.Tensor, dim: Any, keepdim: bool, skip: bool) -> Any:
    """The lower of the two in the middle; NaN wins, or is left out."""
    column, picture = read_reduced(call, input, dim, keepdim)
    numbers = column.numbers
    missing = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(len(numbers), bool)
    if not len(numbers):
        return NotImplemented
    order = np.argsort(numbers, kind="stable")
    middle = (len(numbers) - (int(missing.sum()) if skip else 0) - 1) // 2
    place = int(np.flatnonzero(missing)[0]) if missing.any() and not skip else int(order[max(middle, 0)])
    equal = equals(numbers, numbers[place])
    return _ranked(
        call, column, picture, place, equal, f"the lower median: {max(middle, 0)} of {len(numbers)} lie below it in order", "median"
    )


def _ranked(call: Call, column: Column, picture: Picture, place: int, equal: Array, note: str, word: str) -> Draft:
    """One element of a row, by its rank; or its place."""
    if call.output == 1:
        place, notes = _choose(call, equal, place)
        return Draft(
            f"output = place of the {word}",
            "apply",
            [products(column, mark=_marked(len(column.numbers), place))],
            computed=place,
            notes=(note, *notes),
            pictures=(picture,),
        )
    index = tuple(int(i) for i in column.index[place])
    picked = Column(column.name, np.array([index]).reshape(1, len(index)), column.numbers[place : place + 1])
    return Draft(f"output = {word} of input", "pick", [products(picked, mark="picked")], notes=(note,), pictures=(picture,))


@explains("torch.median")
def median(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.median.html"""
    return _median(call, input, dim, keepdim, False)


@explains("torch.nanmedian")
def nanmedian(call: Call, /, input: torch.Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nanmedian.html"""
    return _median(call, input, dim, keepdim, True)


@explains("torch.kthvalue")
def kthvalue(call: Call, /, input: torch.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    place = int(np.argsort(column.numbers, kind="stable")[k - 1])
    equal = equals(column.numbers, column.numbers[place])
    return _ranked(
        call, column, picture, place, equal, f"number {k} of {len(column.numbers)}, the smallest first", f"number {k}, the smallest first,"
    )


@explains("torch.mode")
def mode(call: Call, /, input: torch.Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent value, the least of several. https://docs.pytorch.org/docs/stable/generated/torch.mode.html"""
    column, picture = read_reduced(call, input, dim, keepdim)
    if np.isnan(column.numbers.astype(np.complex128)).any():
        return NotImplemented
    values, counts = np.unique(column.numbers, return_counts=True)
    best = values[np.argmax(counts)]
    equal = np.flatnonzero(column.numbers == best)
    often = int(counts.max())
    caption = f"it appears {often} time{'s' * (often != 1)} among {len(column.numbers)}"
    return _ranked(call, column, picture, int(equal[-1]), equal, caption, "most frequent")
