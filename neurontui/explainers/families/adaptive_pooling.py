"""Adaptive pooling (the output's size is given, the windows follow), and unpooling (each maximum goes back to its place)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.pooling import greatest
from neurontui.explainers.families.windows import box_picture, dims_of, letters
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import chooser, literal, products
from neurontui.indices import ravel, unravel

if TYPE_CHECKING:
    import torch


def bins(call: Call, dims: int) -> tuple[int | range, ...]:
    """What the output element reads: `⌊i·L/O⌋` to `⌈(i+1)·L/O⌉` of each dimension."""
    sizes, outs, place = call.tensor("input").shape[-dims:], call.shape[-dims:], call.at[-dims:]
    cells = [range(i * n // o, -((i + 1) * n // -o)) for i, n, o in zip(place, sizes, outs, strict=True)]
    return (*call.at[:-dims], *cells)


def _notes(box: Sequence[int | range], dims: int) -> tuple[str, ...]:
    spans = " × ".join(f"[{r.start}, {r.stop})" for r in box[-dims:] if isinstance(r, range))
    return (f"The bin [⌊i·L/O⌋, ⌈(i+1)·L/O⌉) is {spans} here.",)


def _average(call: Call, dims: int) -> Draft:
    box = bins(call, dims)
    column = call.read("input", *box)
    count = len(column.numbers)
    return Draft(
        f"output = (Σ input over the bin) / {count}",
        "sum",
        [products(column, literal("1/count", 1 / count))],
        coarse=dims == 3,  # the 3d kernel adds in its own type
        indices=letters(call.at[-dims:], "ijk"[:dims]),
        notes=_notes(box, dims),
        pictures=(box_picture("input", box),),
    )


def _greatest(call: Call, dims: int) -> Draft:
    box = bins(call, dims)
    return greatest(call, box, dims, box_picture("input", box), _notes(box, dims))


@explains(
    "torch.nn.functional.adaptive_avg_pool1d",
    "torch.nn.functional.adaptive_avg_pool2d",
    "aten::_adaptive_avg_pool2d",
    "torch.nn.functional.adaptive_avg_pool3d",
    "aten::_adaptive_avg_pool3d",
)
def adaptive_avg_pool(call: Call, /, input: torch.Tensor, output_size: Any) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html"""
    return _average(call, dims_of(call))


@explains(
    "torch.nn.functional.adaptive_max_pool1d",
    "torch.nn.functional.adaptive_max_pool1d_with_indices",
    "torch.nn.functional.adaptive_max_pool2d",
    "torch.nn.functional.adaptive_max_pool2d_with_indices",
    "torch.nn.functional.adaptive_max_pool3d",
    "torch.nn.functional.adaptive_max_pool3d_with_indices",
)
def adaptive_max_pool(call: Call, /, input: torch.Tensor, output_size: Any, return_indices: bool = False) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html"""
    return _greatest(call, dims_of(call))


def _unpool(call: Call, dims: int) -> Draft:
    """The input whose index names this place (the last of several), else 0."""
    import torch

    plane = call.at[:-dims]
    flat = ravel(call.at[-dims:], call.shape[-dims:])
    found = torch.nonzero(call.tensor("indices")[plane] == flat)
    if not len(found):
        return Draft(
            "output = 0, where no index points",
            "pick",
            [products(literal("nothing", 0))],
            zero="padding",
            notes=(f"No maximum came from place {flat} of this plane.",),
        )
    source = (*plane, *found[-1].tolist())
    column = call.read("input", *source)
    return Draft(
        "output[indices[i]] = input[i]",
        "pick",
        [products(column, chooser(call.read("indices", *source)), mark="picked")],
        notes=(f"Its index says: place {flat} of the plane.",),
        pictures=(box_picture("input", source, "the maximum that goes here", "map"),),
    )


@explains("torch.nn.functional.max_unpool1d", "torch.nn.functional.max_unpool2d", "torch.nn.functional.max_unpool3d")
def max_unpool(
    call: Call,
    /,
    input: torch.Tensor,
    indices: torch.Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html"""
    return _unpool(call, dims_of(call))


def _fractional(call: Call, dims: int) -> Any:
    """The greatest input of a window whose place was drawn: the call again, with the same random state, tells which one."""
    again = call.again(return_indices=True)
    flat = int(again[1][call.at])
    plane = tuple(call.tensor("input").shape[-dims:])
    source = (*call.at[:-dims], *unravel(flat, plane))
    column = call.read("input", *source)
    picture = (box_picture("input", source, "the greatest of its window", "map"),)
    notes = (f"The windows' places are drawn; the greatest input of this one is at place {flat} of its plane.",)
    if call.output:
        return Draft(
            "indices = flat place of the greatest", "apply", [products(column, mark="winner")], computed=flat, notes=notes, pictures=picture
        )
    return Draft("output = max of a window whose place was drawn", "pick", [products(column, mark="winner")], notes=notes, pictures=picture)


@explains(
    "torch.nn.functional.fractional_max_pool2d",
    "torch.nn.functional.fractional_max_pool2d_with_indices",
    "torch.nn.functional.fractional_max_pool3d",
    "torch.nn.functional.fractional_max_pool3d_with_indices",
)
def fractional_max_pool(
    call: Call,
    /,
    input: torch.Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html"""
    return _fractional(call, dims_of(call))
