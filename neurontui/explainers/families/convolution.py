"""Convolution, with every stride, padding, dilation and group; and its kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.transposed_convolution import explain_transposed
from neurontui.explainers.families.windows import Window, box_picture, each, letters, place_window, window_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Block, literal, products

if TYPE_CHECKING:
    import torch

Option = int | Sequence[int]
_SPACE, _TAPS = "ijk", "uvw"


@explains("torch.nn.functional.conv1d", "torch.nn.functional.conv2d", "torch.nn.functional.conv3d")
def conv(
    call: Call,
    /,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Option = 1,
    padding: Option | str = 0,
    dilation: Option = 1,
    groups: int = 1,
) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html"""
    return explain_convolution(call, input, weight, bias, stride, padding, dilation, groups)


@explains("aten::convolution", "aten::convolution_overrideable", "torch._convolution")
def convolution(
    call: Call,
    /,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Option,
    padding: Option,
    dilation: Option,
    transposed: bool,
    output_padding: Option,
    groups: int,
    *_flags: Any,  # of the backend
    **_more: Any,
) -> Draft:
    """The one kernel below all of them."""
    if transposed:
        return explain_transposed(call, input, weight, bias, stride, padding, groups, dilation)
    return explain_convolution(call, input, weight, bias, stride, padding, dilation, groups)


def explain_convolution(
    call: Call,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Option,
    padding: Option | str,
    dilation: Option,
    groups: int,
) -> Draft:
    """`b + Σ w[o,c,u]·x[g·Cin/G+c, i·s+u·d−p]`; a window's taps that fall on padding are terms of zero."""
    dims = weight.dim() - 2
    kernel, steps, spacing = tuple(weight.shape[2:]), each(stride, dims), each(dilation, dims)
    before = leading_padding(padding, kernel, spacing)
    *batch, o = call.at[: len(call.at) - dims]
    place = call.at[len(call.at) - dims :]
    window = place_window(place, input.shape[-dims:], kernel, steps, before, spacing)
    channels = weight.shape[1]
    first = o // (weight.shape[0] // groups) * channels
    box = (*batch, range(first, first + channels), *window.cells)
    blocks = [products(call.read("input", *box), call.read("weight", o, range(channels), *window.taps))]
    blocks += _on_padding(call, window, o, channels)
    if bias is not None:
        blocks.append(products(call.read("bias", o), label="bias"))
    return Draft(
        formula_of(dims, steps, before, spacing, groups, bias is not None, "n, " if batch else ""),
        "sum",
        blocks,
        indices=dict(zip("n", batch, strict=False))
        | {"o": o}
        | letters(place, _SPACE[:dims])
        | ({"g": first // channels} if groups > 1 else {}),
        notes=_notes(groups, first, channels, window),
        zero="padding" if _all_padding(call, window) else "",
        pictures=(
            window_picture("input", box[: len(box) - dims], window),
            box_picture("weight", (o, range(channels), *map(range, kernel)), "", "window"),
        ),
    )


def leading_padding(padding: Option | str, kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """The zeros before the first element; "same" puts the odd one behind."""
    if isinstance(padding, str):
        return tuple(d * (k - 1) // 2 if padding == "same" else 0 for k, d in zip(kernel, dilation, strict=True))
    return each(padding, len(kernel))


def _on_padding(call: Call, window: Window, o: int, channels: int) -> list[Block]:
    outside = window.outside
    if not len(outside):
        return []
    c = np.repeat(np.arange(channels), len(outside))
    taps = np.tile(outside, (channels, 1))
    return [products(literal("padding", 0), call.read("weight", o, c, *taps.T), mark="padding")]


def _all_padding(call: Call, window: Window) -> bool:
    return call.actual == 0 and not all(window.taps)


def _notes(groups: int, first: int, channels: int, window: Window) -> tuple[str, ...]:
    notes = ()
    if groups > 1:
        read = f"channels {first} to {first + channels - 1} are" if channels > 1 else f"channel {first} is"
        notes += (f"Group {first // channels} of {groups}: only the input {read} read.",)  # type: ignore[assignment]
    if len(window.outside):
        notes += (
            f"{len(window.outside)} of the window's {int(np.prod(window.kernel))} taps fall on padding, where the input counts as 0.",
        )  # type: ignore[assignment]
    return notes


def formula_of(
    dims: int, stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int], groups: int, biased: bool, batch: str = ""
) -> str:
    """`output[n, o, i] = bias[o] + Σ weight[o, c, u] · input[n, c, i·s + u·d − p]` with this call's own stride, padding and dilation.

    `batch` is "n, ", or "" where the input has no batch dimension.
    """
    space, taps = ", ".join(_SPACE[:dims]), ", ".join(_TAPS[:dims])
    channel = "c" if groups == 1 else "g·C + c"
    source = ", ".join(position(i, u, s, p, d) for i, u, s, p, d in zip(_SPACE, _TAPS, stride, padding, dilation, strict=False))
    total = f"Σ weight[o, c, {taps}] · input[{batch}{channel}, {source}]"
    return f"output[{batch}o, {space}] = " + ("bias[o] + " if biased else "") + total


def position(i: str, u: str, stride: int, padding: int, dilation: int) -> str:
    """`2·i + u − 1`: what 1 and 0 would add is left out."""
    text = (i if stride == 1 else f"{stride}·{i}") + " + " + (u if dilation == 1 else f"{dilation}·{u}")
    return text if not padding else f"{text} − {padding}"
