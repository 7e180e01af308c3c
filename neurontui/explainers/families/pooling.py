"""Pooling: the greatest, the mean or the power mean of a window, and the places of the greatest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.windows import Window, box_picture, constants, dims_of, each, letters, place_window, window_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Column, literal, products
from neurontui.explanation import Picture
from neurontui.indices import ravel

if TYPE_CHECKING:
    import torch

Option = int | Sequence[int] | None


def _max_pool(call: Call, dims: int, kernel_size: Option, stride: Option, padding: Option, dilation: Option) -> Draft:
    """The greatest input of the window; padding counts as −∞, so it never wins."""
    kernel = each(kernel_size, dims)
    sizes = call.tensor("input").shape[-dims:]
    window = place_window(call.at[-dims:], sizes, kernel, each(stride, dims, kernel), each(padding, dims), each(dilation, dims))
    box: tuple[int | range, ...] = (*call.at[:-dims], *window.cells)
    return greatest(call, box, dims, window_picture("input", call.at[:-dims], window), _beyond(window))


@explains(
    "torch.nn.functional.max_pool1d",
    "torch.nn.functional.max_pool1d_with_indices",
    "torch.nn.functional.max_pool2d",
    "torch.nn.functional.max_pool2d_with_indices",
    "torch.nn.functional.max_pool3d",
    "torch.nn.functional.max_pool3d_with_indices",
)
def max_pool(
    call: Call,
    /,
    input: torch.Tensor,
    kernel_size: Option,
    stride: Option = None,
    padding: Option = 0,
    dilation: Option = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html"""
    return _max_pool(call, dims_of(call), kernel_size, stride, padding, dilation)


def greatest(call: Call, box: Sequence[int | range], dims: int, window: Picture, notes: Sequence[str] = ()) -> Draft:
    """The greatest input of a box, the first of equals; or, as the second output, its flat place in its plane."""
    column = call.read("input", *box)
    winner = first_greatest(column.numbers)
    picture = replace(window, focus=tuple(map(int, column.index[winner])))
    at = letters(call.at[-dims:], "ijk"[:dims])
    if call.output == 0:
        return Draft(
            "output = max over the window of input",
            "max",
            [products(column, mark=marks(len(column.numbers), winner))],
            indices=at,
            notes=notes,
            pictures=(picture,),
        )
    sizes = call.tensor("input").shape[-dims:]
    where = tuple(column.index[winner])[-dims:]
    flat = ravel([int(i) for i in where], sizes)
    return Draft(
        "indices = flat place, in its plane, of the window's greatest input",
        "apply",
        [products(column, mark=marks(len(column.numbers), winner))],
        computed=flat,
        indices=at,
        notes=(*notes, f"The greatest is at {[int(i) for i in where]} of the plane {list(sizes)}."),
        pictures=(picture,),
    )


def first_greatest(numbers: Array) -> int:
    """The place of the greatest, the first of equals; of NaN, the last, as torch's pooling keeps it."""
    missing = np.flatnonzero(np.isnan(numbers)) if numbers.dtype.kind == "f" else np.zeros(0, np.int64)
    return int(missing[-1]) if len(missing) else int(np.argmax(numbers))


def marks(count: int, winner: int, word: str = "winner") -> Sequence[str]:
    """One mark a term, empty but for the winner."""
    found = np.full(count, "", dtype=object)
    found[winner] = word
    return found  # type: ignore[return-value]


def _beyond(window: Window) -> tuple[str, ...]:
    outside = len(window.outside)
    return (f"{outside} of the window's taps lie beyond the input and never win.",) if outside else ()


def _avg_pool(
    call: Call, dims: int, kernel_size: Option, stride: Option, padding: Option, count_include_pad: bool, divisor_override: int | None
) -> Draft:
    """The sum of the window over its divisor: all its cells, only those on the input, or what the call gives."""
    kernel, before = each(kernel_size, dims), each(padding, dims)
    steps, sizes = each(stride, dims, kernel), call.tensor("input").shape[-dims:]
    place = call.at[-dims:]
    window = place_window(place, sizes, kernel, steps, before, (1,) * dims)
    padded = 1
    for i, s, p, k, size in zip(place, steps, before, kernel, sizes, strict=True):
        padded *= min(i * s - p + k, size + p) - (i * s - p)  # ceil_mode may hang over even the padding
    on_input = int(np.prod([len(r) for r in window.cells]))
    divisor = divisor_override or (padded if count_include_pad else on_input)
    box = (*call.at[:-dims], *window.cells)
    column = call.read("input", *box)
    notes = [
        f"The divisor is {divisor}: "
        + (
            "given by divisor_override."
            if divisor_override
            else "the window with its padding."
            if count_include_pad
            else "the window's cells on the input."
        )
    ]
    if len(window.outside):
        notes.append(f"{len(window.outside)} of the window's {int(np.prod(kernel))} cells lie beyond the input.")
    at, picture = letters(place, "ijk"[:dims]), (window_picture("input", call.at[:-dims], window),)
    if column.numbers.dtype.kind != "f":
        return Draft(
            f"output = (Σ input over the window) / {divisor}, cut to a whole number",
            "apply",
            [products(column)],
            computed=int(column.numbers.sum() / divisor),
            indices=at,
            notes=notes,
            pictures=picture,
        )
    share = literal("1/divisor", 1 / divisor)
    blocks = [products(column, share)]
    if count_include_pad and not divisor_override and padded > on_input:
        blocks.append(products(constants("padding", np.zeros(padded - on_input)), share, mark="padding"))
    return Draft(f"output = (Σ input over the window) / {divisor}", "sum", blocks, indices=at, notes=notes, pictures=picture)


@explains("torch.nn.functional.avg_pool1d", "torch.nn.functional.avg_pool2d", "torch.nn.functional.avg_pool3d")
def avg_pool(
    call: Call,
    /,
    input: torch.Tensor,
    kernel_size: Option,
    stride: Option = None,
    padding: Option = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html"""
    return _avg_pool(call, dims_of(call), kernel_size, stride, padding, count_include_pad, divisor_override)


def _lp_pool(call: Call, dims: int, norm_type: float, kernel_size: Option, stride: Option) -> Draft:
    """`(Σ xᵖ)^(1/p)` over the window; torch takes the mean of a cut window times the whole window's size."""
    kernel = each(kernel_size, dims)
    steps, sizes = each(stride, dims, kernel), call.tensor("input").shape[-dims:]
    window = place_window(call.at[-dims:], sizes, kernel, steps, (0,) * dims, (1,) * dims)
    box = (*call.at[:-dims], *window.cells)
    column = call.read("input", *box)
    cells, whole = len(column.numbers), int(np.prod(kernel))
    with np.errstate(all="ignore"):
        powers = column.numbers ** float(norm_type)
        scale = [literal("window / cells", whole / cells)] if cells != whole else []
        total = Draft(
            f"S = Σ input^{norm_type:g} over the window", "sum", [_powered(column, powers * whole / cells, scale)], title="sum of powers"
        )
        s = total.result()
        value = float(np.float64(s) ** (1 / float(norm_type)))  # type: ignore[arg-type]
    slope = abs(value / (float(norm_type) * s)) if s else 0.0
    root = products(Column("S", np.empty((1, 0), np.int64), np.array([s]), total), values=[value], label=f"S^(1/{norm_type:g})")
    return Draft(
        f"output = S^(1/{norm_type:g})",
        "apply",
        [root],
        computed=value,
        stages=[total],
        magnitude=abs(value) + slope * total.spread(),
        coarse=True,
        pictures=(box_picture("input", box),),
    )


def _powered(column: Column, values: Array, scale: Sequence[Column]) -> Any:
    return products(column, *scale, values=values, label=lambda row: f"input{[int(i) for i in column.index[row]]}ᵖ")


@explains("torch.nn.functional.lp_pool1d", "torch.nn.functional.lp_pool2d", "torch.nn.functional.lp_pool3d")
def lp_pool(
    call: Call, /, input: torch.Tensor, norm_type: float, kernel_size: Option, stride: Option = None, ceil_mode: bool = False
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html"""
    return _lp_pool(call, dims_of(call), norm_type, kernel_size, stride)
