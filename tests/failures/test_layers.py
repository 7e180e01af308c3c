"""Layers that were given another shape than they are made for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, check_case, two, zeros
from torch import nn

CASES: dict[str, Case] = {
    "linear": (
        lambda: (nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(5, 5)), zeros(1, 10)),
        "layer 2 Linear(5 → 5) takes 5 features, but layer 0 Linear(10 → 20) gives 20.",
        "20 ≠ 5",
        "Either make layer 2 Linear(20, 5), or layer 0 Linear(…, 5).",
    ),
    "linear on an input": (
        lambda: (nn.Linear(3, 2), zeros(4)),
        "Linear(3 → 2) takes 3 features, but the model's input gives 4.",
        "4 ≠ 3",
        "Either make it Linear(4, 2), or give it an input whose last dimension is 3.",
    ),
    "a bias as long as a row": (
        lambda: two(lambda x, y: F.linear(x, y, torch.zeros(3)), zeros(4, 3), zeros(2, 3)),
        "./linear gives 2 numbers, but its bias has 3.",
        "3 ≠ 2",
        "Make the bias 2 numbers long.",
    ),
    "linear on a number": (
        lambda: (nn.Linear(3, 2), torch.tensor(5.0)),
        "Linear(3 → 2) takes at least one dimension, but the model's input is a single number without any.",
        "0 dimensions ≠ at least 1",
        "as torch.tensor([1., 2., 3.]).",
    ),
    "linear on channels": (
        lambda: (nn.Linear(10, 20), zeros(4, 10, 8)),
        "Linear(10 → 20) takes 10 features, but the model's input gives 8.",
        "8 ≠ 10",
        "Dimension 1 has the 10 features: bring it to the end first, x.transpose(1, -1).",
    ),
    "linear without flatten": (
        lambda: (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(72, 5)), zeros(1, 1, 8, 8)),
        "layer 1 Linear(72 → 5) takes 72 features, but layer 0 Conv2d(1 → 2, kernel 3×3) gives 6.",
        "6 ≠ 72",
        "2 × 6 × 6 = 72 numbers: one sample",
    ),
    "matmul": (
        lambda: two(lambda x, y: x @ y, zeros(2, 3), zeros(4, 5)),
        "./matmul multiplies [2, 3] by [4, 5]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "Make the left operand (…, 4), or the right one (3, …).",
    ),
    "matmul transposed": (
        lambda: two(torch.matmul, zeros(2, 3), zeros(4, 3)),
        "./matmul multiplies [2, 3] by [4, 3]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "The right operand fits when it is transposed",
    ),
    "bmm of two batches": (
        lambda: two(torch.bmm, zeros(2, 3, 4), zeros(5, 4, 6)),
        "./bmm multiplies batches of 2 and of 5 matrices.",
        "",
        "2 or 5",
    ),
    "matrix by vector": (
        lambda: two(lambda x, y: x @ y, zeros(2, 3), zeros(4)),
        "./matmul multiplies [2, 3] by [4]: 3 columns meet 4 rows.",
        "3 ≠ 4",
        "",
    ),
    "convolution channels": (
        lambda: (nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(4, 8, 3)), zeros(1, 3, 9, 9)),
        "layer 2 Conv2d(4 → 8, kernel 3×3) takes 4 channels, but layer 0 Conv2d(3 → 8, kernel 3×3) gives 8.",
        "8 ≠ 4",
        "Either make layer 2 take in_channels=8, or layer 0 give out_channels=4.",
    ),
    "convolution with channels last": (
        lambda: (nn.Conv2d(3, 8, 3), zeros(1, 28, 28, 3)),
        "Conv2d(3 → 8, kernel 3×3) takes 3 channels, but the model's input gives 28.",
        "28 ≠ 3",
        "x.permute(0, 3, 1, 2).",
    ),
    "convolution dimensions": (
        lambda: (nn.Conv2d(1, 8, 3), zeros(28, 28)),
        "Conv2d(1 → 8, kernel 3×3) takes 4 dimensions, or 3 for one sample, but the model's input gives 2.",
        "2 dimensions ≠ 4",
        "x.unsqueeze(0)",
    ),
    "convolution over a small image": (
        lambda: (nn.Conv2d(1, 8, 5), zeros(1, 1, 3, 3)),
        "Conv2d(1 → 8, kernel 5×5) slides a kernel of 5×5 over an image of 3×3, which is smaller.",
        "too small",
        "padding",
    ),
    "grouped convolution": (
        lambda: (nn.Conv2d(4, 8, 3, groups=2), zeros(1, 6, 8, 8)),
        "Conv2d(4 → 8, kernel 3×3) takes 4 channels, but the model's input gives 6.",
        "6 ≠ 4",
        "in_channels=6",
    ),
    "pooling": (
        lambda: (nn.MaxPool2d(5), zeros(1, 3, 3, 3)),
        "MaxPool2d has nothing left to pool: the model's input gives [1, 3, 3, 3].",
        "too small",
        "larger image",
    ),
    "batch norm of one sample": (
        lambda: (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), zeros(1, 2)),
        "layer 1 BatchNorm1d(3) in train mode has one value per feature to average, from one sample: [1, 3].",
        "1 < 2",
        "model.eval()",
    ),
    "batch norm features": (
        lambda: (nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(3)), zeros(4, 2)),
        "layer 1 BatchNorm1d(3) normalises 3 features, but layer 0 Linear(2 → 5) gives 5.",
        "5 ≠ 3",
        "Either make layer 1 BatchNorm1d(5), or give it 3 features.",
    ),
    "batch norm dimensions": (
        lambda: (nn.BatchNorm1d(3), zeros(3)),
        "BatchNorm1d(3) takes [batch, features] or [batch, features, length], but the model's input gives 1 dimension: [3].",
        "1 dimension",
        "x.unsqueeze(0)",
    ),
    "batch norm of images on rows": (
        lambda: (nn.BatchNorm2d(3), zeros(4, 3)),
        "BatchNorm2d(3) takes [batch, channels, height, width], but the model's input gives 2 dimensions: [4, 3].",
        "2 dimensions",
        "nn.BatchNorm1d",
    ),
    "layer norm": (
        lambda: (nn.LayerNorm(8), zeros(2, 7)),
        "LayerNorm(8) normalises [*, 8], but the model's input gives [2, 7].",
        "[7] ≠ [8]",
        "LayerNorm(7)",
    ),
    "group norm": (
        lambda: (nn.GroupNorm(2, 4), zeros(2, 6, 3)),
        "GroupNorm(4) takes 4 channels, but the model's input gives 6.",
        "6 ≠ 4",
        "GroupNorm(…, 6)",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
