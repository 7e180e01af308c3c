"""Images and sequences that cannot be resized, padded or taken apart as asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, check_case, two, zeros
from torch import nn

CASES: dict[str, Case] = {
    "rpad": (
        lambda: (nn.ReflectionPad2d(1), zeros(3, 3)),
        "ReflectionPad2d pads the last 2 dimensions with mode 'reflect', for which [3, 3] has too few.",
        "2 is neither 3 nor 4",
        "Put the missing dimension in front: x.unsqueeze(0).",
    ),
    "interp bilinear 3d": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, mode="bilinear"), zeros(1, 2, 4)),
        "./interpolate resizes [1, 2, 4] with the mode 'bilinear', which is for [batch, channels, height, width].",
        "3 ≠ 4 dimensions",
        "For length use mode='linear', or mode='nearest'.",
    ),
    "interp linear 4d": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, mode="linear"), zeros(1, 2, 4, 4)),
        "./interpolate resizes [1, 2, 4, 4] with the mode 'linear', which is for [batch, channels, length].",
        "4 ≠ 3 dimensions",
        "For height and width use mode='bilinear', or mode='nearest'.",
    ),
    "interp bicubic 5d": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, mode="bicubic"), zeros(1, 2, 4, 4, 4)),
        "./interpolate resizes [1, 2, 4, 4, 4] with the mode 'bicubic', which is for [batch, channels, height, width].",
        "5 ≠ 4 dimensions",
        "For depth and height and width use mode='trilinear', or mode='nearest'.",
    ),
    "interp area mode none": (
        lambda: two(lambda x, y: F.interpolate(x, size=3, mode="cubic"), zeros(1, 2, 4, 4)),
        "./interpolate has no mode 'cubic'.",
        "",
        "For height and width use mode='bilinear', or mode='nearest'.",
    ),
    "interp 2d": (
        lambda: two(lambda x, y: F.interpolate(x, size=3), zeros(4, 4)),
        "./interpolate resizes (batch, channels, …), but the model's input x gives [4, 4].",
        "",
        "Put the missing dimensions in front: x[None, None] makes a batch of one image with one channel.",
    ),
    "interp bilinear 2d": (
        lambda: two(lambda x, y: F.interpolate(x, size=(3, 3), mode="bilinear"), zeros(4, 4)),
        "./interpolate resizes (batch, channels, …), but the model's input x gives [4, 4].",
        "",
        "Put the missing dimensions in front: x[None, None] makes a batch of one image with one channel.",
    ),
    "interp size 3": (
        lambda: two(lambda x, y: F.interpolate(x, size=(3, 4, 4)), zeros(1, 3, 4, 4)),
        "./interpolate resizes [1, 3, 4, 4] by 3 numbers: one too many.",
        "3 ≠ 2",
        "Say only height and width: (4, 4).",
    ),
    "interp size x.shape": (
        lambda: two(lambda x, y: F.interpolate(x, size=y.shape, mode="bilinear"), zeros(1, 3, 4, 4), zeros(1, 3, 8, 8)),
        "./interpolate resizes [1, 3, 4, 4] by 4 numbers, but it has 2 dimensions to resize.",
        "4 ≠ 2",
        "Say only height and width: (8, 8).",
    ),
    "interp scale 1": (
        lambda: two(lambda x, y: F.interpolate(x, scale_factor=(2, 2, 2)), zeros(1, 3, 4, 4)),
        "./interpolate resizes [1, 3, 4, 4] by 3 numbers: one too many.",
        "3 ≠ 2",
        "Say only height and width: (2, 2).",
    ),
    "interp int": (
        lambda: two(lambda x, y: F.interpolate(x, size=(8, 8), mode="bilinear"), torch.zeros(1, 3, 4, 4, dtype=torch.long)),
        "./interpolate takes floating point numbers, but the model's input x gives int64.",
        "",
        "Convert first: x.float().",
    ),
    "upsample": (
        lambda: (nn.Upsample(scale_factor=2, mode="bilinear"), zeros(1, 2, 4)),
        "Upsample resizes [1, 2, 4] with the mode 'bilinear', which is for [batch, channels, height, width].",
        "3 ≠ 4 dimensions",
        "For length use mode='linear', or mode='nearest'.",
    ),
    "upsample2d": (
        lambda: (nn.UpsamplingBilinear2d(scale_factor=2), zeros(1, 2, 4)),
        "UpsamplingBilinear2d resizes [1, 2, 4] with the mode 'bilinear', which is for [batch, channels, height, width].",
        "3 ≠ 4 dimensions",
        "For length use mode='linear', or mode='nearest'.",
    ),
    "pad mode": (
        lambda: two(lambda x, y: F.pad(x, (1, 1), mode="mirror")),
        "./pad has no mode 'mirror'.",
        "",
        "Say mode='reflect', or leave it out: zeros.",
    ),
    "pad odd": (
        lambda: two(lambda x, y: F.pad(x, (1, 1, 1))),
        "./pad has 3 sides to pad: an odd number.",
        "",
        "Give two for each dimension: (1, 1, 1, 0) pads the last side by nothing.",
    ),
    "pad many": (
        lambda: two(lambda x, y: F.pad(x, (1, 1, 1, 1, 1, 1))),
        "./pad pads 3 dimensions, but [2, 3] has 2.",
        "",
        "Leave the rest away: (1, 1, 1, 1).",
    ),
    "pad reflect 2d": (
        lambda: two(lambda x, y: F.pad(x, (1, 1, 1, 1), mode="reflect"), zeros(4, 4)),
        "./pad pads the last 2 dimensions with mode 'reflect', for which [4, 4] has too few.",
        "2 is neither 3 nor 4",
        "Put the missing dimension in front: x.unsqueeze(0).",
    ),
    "pad reflect 4d 2": (
        lambda: two(lambda x, y: F.pad(x, (1, 1), mode="reflect"), zeros(1, 3, 4, 4)),
        "./pad pads the last dimension with mode 'reflect', for which [1, 3, 4, 4] has too many.",
        "4 is neither 2 nor 3",
        "Of 4 dimensions it pads the last 2: give 4 numbers, 0 for a side that stays.",
    ),
    "pad reflect big": (
        lambda: two(lambda x, y: F.pad(x, (4, 4, 1, 1), mode="reflect"), zeros(1, 3, 4, 4)),
        "./pad pads 4 beside a size of 4: mirrored or repeated, there are only 3.",
        "4 < 5",
        "Pad by at most 3 there, or fill with zeros: mode='constant'.",
    ),
    "pad circular big": (
        lambda: two(lambda x, y: F.pad(x, (5, 4, 1, 1), mode="circular"), zeros(1, 3, 4, 4)),
        "./pad pads 5 beside a size of 4: mirrored or repeated, there are only 4.",
        "4 < 5",
        "Pad by at most 4 there, or fill with zeros: mode='constant'.",
    ),
    "pad cut": (
        lambda: two(lambda x, y: F.pad(x, (-3, -3)), zeros(1, 3, 4, 4)),
        "./pad cuts 6 away of 4.",
        "4 < 6",
        "Cut at most 4 there.",
    ),
    "pad replicate": (
        lambda: two(lambda x, y: F.pad(x, (1, 1) * 4, mode="replicate"), zeros(1, 3, 4, 4)),
        "./pad pads the last 4 dimensions with mode 'replicate', for which [1, 3, 4, 4] has too few.",
        "4 is neither 5 nor 6",
        "Of 4 dimensions it pads the last 2: give 4 numbers, 0 for a side that stays.",
    ),
    "ReflectionPad2d": (
        lambda: (nn.ReflectionPad2d(5), zeros(1, 3, 4, 4)),
        "ReflectionPad2d pads 5 beside a size of 4: mirrored or repeated, there are only 3.",
        "4 < 6",
        "Pad by at most 3 there, or fill with zeros: nn.ZeroPad2d.",
    ),
    "ReflectionPad2d 2d": (
        lambda: (nn.ReflectionPad2d(1), zeros(4, 4)),
        "ReflectionPad2d pads the last 2 dimensions with mode 'reflect', for which [4, 4] has too few.",
        "2 is neither 3 nor 4",
        "Put the missing dimension in front: x.unsqueeze(0).",
    ),
    "ReflectionPad1d 4d": (
        lambda: (nn.ReflectionPad1d(1), zeros(1, 3, 4, 4)),
        "ReflectionPad1d pads the last dimension with mode 'reflect', for which [1, 3, 4, 4] has too many.",
        "4 is neither 2 nor 3",
        "Of 4 dimensions it pads the last 2: give 4 numbers, 0 for a side that stays.",
    ),
    "ZeroPad": (
        lambda: (nn.ZeroPad2d(-3), zeros(1, 3, 4, 4)),
        "ZeroPad2d cuts 6 away of 4.",
        "4 < 6",
        "Cut at most 4 there.",
    ),
    "CircularPad big": (
        lambda: (nn.CircularPad2d(9), zeros(1, 3, 4, 4)),
        "CircularPad2d pads 9 beside a size of 4: mirrored or repeated, there are only 4.",
        "4 < 9",
        "Pad by at most 4 there, or fill with zeros: nn.ZeroPad2d.",
    ),
    "conv padmode reflect": (
        lambda: (nn.Conv2d(3, 3, 9, padding=4, padding_mode="reflect"), zeros(1, 3, 4, 4)),
        "Conv2d(3 → 3, kernel 9×9) pads 4 beside a size of 4: mirrored or repeated, there are only 3.",
        "4 < 5",
        "Pad by at most 3 there, or fill with zeros: padding_mode='zeros'.",
    ),
    "shuffle": (
        lambda: (nn.PixelShuffle(2), zeros(1, 3, 4, 4)),
        "PixelShuffle takes channels in groups of 4, but the model's input gives 3: 3 / 4 is no whole number.",
        "3 / 4",
        "Give it 4 channels: a multiple of 4.",
    ),
    "unshuffle": (
        lambda: (nn.PixelUnshuffle(2), zeros(1, 3, 5, 5)),
        "PixelUnshuffle takes rows or columns in groups of 2, but the model's input gives 5: 5 / 2 is no whole number.",
        "5 / 2",
        "Give it 4 rows or columns: a multiple of 2.",
    ),
    "shuffle 2d": (
        lambda: (nn.PixelShuffle(2), zeros(4, 4)),
        "PixelShuffle takes (channels, height, width), but the model's input gives [4, 4].",
        "",
        "Put the missing dimension in front: x.unsqueeze(0).",
    ),
    "split": (
        lambda: two(lambda x, y: x.split([2, 2], dim=1), zeros(2, 5)),
        "./split splits dimension 1 of [2, 5] into [2, 2]: 2 + 2 = 4, not 5.",
        "4 ≠ 5",
        "Let the last part be what is left: x.split([2, 3], dim=1).",
    ),
    "split0": (
        lambda: two(lambda x, y: torch.split(x, [3, 3]), zeros(2, 5)),
        "./split splits dimension 0 of [2, 5] into [3, 3]: 3 + 3 = 6, not 2.",
        "6 ≠ 2",
        "For 2 parts of nearly one size: x.chunk(2, dim=0).",
    ),
    "split more": (
        lambda: two(lambda x, y: torch.split(x, [3, 3, 3], 1), zeros(2, 5)),
        "./split splits dimension 1 of [2, 5] into [3, 3, 3]: 3 + 3 + 3 = 9, not 5.",
        "9 ≠ 5",
        "For 3 parts of nearly one size: x.chunk(3, dim=1).",
    ),
    "split neg": (
        lambda: two(lambda x, y: torch.split(x, [2, 2], -1), zeros(2, 5)),
        "./split splits dimension -1 of [2, 5] into [2, 2]: 2 + 2 = 4, not 5.",
        "4 ≠ 5",
        "Let the last part be what is left: x.split([2, 3], dim=-1).",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
