"""Convolutions, pooling, folding, interpolation and sampling: random shapes, options and types, each held against torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from family_checks import Chance, hold

import neurontui
from neurontui.explainers.families.windows import place_window


@pytest.mark.parametrize("seed", range(40))
def test_convolution(seed: int) -> None:
    c = Chance(seed)
    dims, groups, dtype = c.randint(1, 3), c.choice([1, 2, 3]), c.dtype(torch.complex64)
    ins, outs = groups * c.randint(1, 3), groups * c.randint(1, 2)
    kernel, dilation = c.sizes(dims, 1, 3), c.sizes(dims, 1, 2)
    batch = [c.randint(1, 2)] if c.chance(0.7) else []
    x = c.numbers(*batch, ins, *c.sizes(dims, 5, 8), dtype=dtype)
    bias = c.numbers(outs, dtype=dtype) if c.chance() else None
    padding = c.choice(["valid", c.sizes(dims, 0, 2), "same"])
    if padding == "same":
        kernel = [k | 1 for k in kernel]  # an even one warns
    stride = [1] * dims if padding == "same" else c.sizes(dims, 1, 3)
    weight = c.numbers(outs, ins // groups, *kernel, dtype=dtype)
    conv = (F.conv1d, F.conv2d, F.conv3d)[dims - 1]
    assert hold(c, conv, x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)
    transposed = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[dims - 1]
    stride = c.sizes(dims, 1, 3)
    extra = [c.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)]
    weight = c.numbers(ins, outs // groups, *kernel, dtype=dtype)
    assert hold(
        c, transposed, x, weight, bias, stride=stride, padding=c.sizes(dims, 0, 1), output_padding=extra, groups=groups, dilation=dilation
    )


@pytest.mark.parametrize("seed", range(40))
def test_pooling(seed: int) -> None:
    c = Chance(seed)
    dims, dtype = c.randint(1, 3), c.dtype()
    sizes, kernel = c.sizes(dims, 5, 8), c.sizes(dims, 1, 4)
    x = c.numbers(*([2] if c.chance() else []), 2, *sizes, dtype=dtype)
    stride, padding = c.choice([None, c.sizes(dims, 1, 3)]), [c.randint(0, k // 2) for k in kernel]
    dilation = [c.randint(1, 2) if (k - 1) * 2 < n else 1 for k, n in zip(kernel, sizes, strict=True)]
    name = f"pool{dims}d"
    most, mean, power = (getattr(F, f"{kind}_{name}") for kind in ("max", "avg", "lp"))
    hold(c, most, x, kernel, stride, padding, dilation, ceil_mode=c.chance(), return_indices=c.chance())
    override = {"divisor_override": c.choice([None, 3])} if dims > 1 else {}
    hold(c, mean, x, kernel, stride, padding, c.chance(), c.chance(), **override)
    one = (kernel[0], stride and stride[0]) if dims == 1 else (kernel, stride)
    hold(c, power, x, c.choice([1, 2, 3.0]), *one, ceil_mode=c.chance())
    outs = c.sizes(dims, 1, 6)
    hold(c, getattr(F, f"adaptive_avg_{name}"), x, outs[0] if dims == 1 else outs)
    hold(c, getattr(F, f"adaptive_max_{name}"), x, outs, return_indices=True)
    pooled, places = most(x, 2, 2, return_indices=True)
    hold(c, getattr(F, f"max_un{name}"), pooled, places, 2, 2, 0, sizes)


@pytest.mark.parametrize("seed", range(15))
def test_folding(seed: int) -> None:
    c = Chance(seed)
    dtype, sizes = c.dtype(torch.complex64), c.sizes(2, 5, 7)
    x = c.numbers(*([2] if c.chance() else []), 2, *sizes, dtype=dtype)
    options = {"kernel_size": c.sizes(2, 1, 3), "dilation": c.sizes(2, 1, 2), "padding": c.sizes(2, 0, 2), "stride": c.sizes(2, 1, 3)}
    hold(c, F.unfold, x, methods=("formula", "index"), **options)
    hold(c, F.fold, F.unfold(x, **options), sizes, **options)


@pytest.mark.parametrize("seed", range(30))
def test_interpolation(seed: int) -> None:
    c = Chance(seed)
    dims, dtype = c.randint(1, 3), c.dtype()
    sizes = c.sizes(dims, 1, 6)
    x = c.numbers(2, 2, *sizes, dtype=dtype)
    factor = c.choice([2, 1.5, 0.7, 3.3])
    how = {"scale_factor": factor, "recompute_scale_factor": c.choice([None, True])}
    if c.chance() or min(int(n * factor) for n in sizes) < 1:
        how = {"size": c.sizes(dims, 1, 10)}
    for mode in ("nearest", "nearest-exact", "area"):
        hold(c, F.interpolate, x, mode=mode, **how)
    hold(c, F.interpolate, x, mode=("linear", "bilinear", "trilinear")[dims - 1], align_corners=c.chance(), **how)
    if dims == 2:
        hold(c, F.interpolate, x, mode="bicubic", align_corners=c.chance(), **how)
    if dims > 1:
        places, aligned = c.sizes(dims, 2, 4), c.chance()
        for padding in ("zeros", "border", "reflection"):
            hold(c, F.grid_sample, x, c.numbers(2, *places, dims, dtype=dtype) * 0.8, c.choice(["bilinear", "nearest"]), padding, aligned)
        hold(c, F.affine_grid, c.numbers(2, dims, dims + 1, dtype=dtype), [2, 3, *places], align_corners=aligned)


def test_a_window_on_padding_tells_why_it_is_zero() -> None:
    layer = torch.nn.Conv2d(1, 1, 1, padding=1, bias=False)
    trace = neurontui.trace(layer, torch.ones(1, 1, 2, 2))
    why = neurontui.explain(trace, "./conv2d", (0, 0, 0, 0))
    assert (why.zero, [term.mark for term in why.terms]) == ("padding", ["padding"])
    assert neurontui.explain(trace, "./conv2d", (0, 0, 1, 1)).zero == ""


def test_taps_that_a_transposed_convolution_misses_are_counted() -> None:
    trace = neurontui.trace(torch.nn.ConvTranspose1d(1, 1, 1, stride=2, bias=False), torch.ones(1, 1, 3))
    why = neurontui.explain(trace, "./conv_transpose1d", (0, 0, 1))
    assert len(why.terms) == 0
    assert why.agrees is True
    assert why.computed == 0


def test_places_of_a_window() -> None:
    window = place_window((0, 3), (5, 5), (3, 3), (2, 1), (1, 1), (1, 2))
    assert [list(cells) for cells in window.cells] == [[0, 1], [2, 4]]
    assert [list(taps) for taps in window.taps] == [[1, 2], [0, 1]]
    assert len(window.outside) == 9 - 4


def test_the_winner_of_a_pooling_window_is_marked() -> None:
    trace = neurontui.trace(torch.nn.MaxPool1d(3), torch.tensor([[[1.0, 5.0, 2.0]]]))
    why = neurontui.explain(trace, "./max_pool1d", (0, 0, 0))
    assert [(term.mark, term.value) for term in why.terms] == [("", 1), ("winner", 5), ("", 2)]
    assert list(why.pictures[0].cells) == [(0, 0, 0), (0, 0, 1), (0, 0, 2)]
