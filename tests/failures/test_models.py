"""What people write, wrong in the shape."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, check_case, own, two, whole, zeros
from torch import nn

CASES: dict[str, Case] = {
    "expanded size": (
        lambda: two(lambda x, y: torch.broadcast_to(x, (4, 3))),
        "./broadcast_to repeats [2, 3] to [4, 3]: 2 cannot become 4.",
        "2 ≠ 4",
        "To copy it several times: x.repeat(2, 1).",
    ),
    "expanded size idxput": (
        lambda: two(lambda x, y: (x * 1).masked_scatter_(y > 0, x), None, zeros(5)),
        "./masked_scatter_ repeats [5] to [2, 3]: 5 cannot become 3.",
        "5 ≠ 3",
        "Make that size 1 first, as x.mean(dim, keepdim=True) does, or the same.",
    ),
    "expand masked": (
        lambda: two(lambda x, y: x.copy_(y), zeros(2, 3), zeros(2, 4)),
        "./copy_ meets [2, 3] and [2, 4]: 3 and 4 do not broadcast.",
        "4 ≠ 3",
        "Make both 3 or both 4 there; whoever made them is named above.",
    ),
    "conv after pooling": (
        lambda: (nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3)), zeros(2, 3, 16, 16)),
        "layer 3 Conv2d(32 → 64, kernel 3×3) takes 32 channels, but layer 0 Conv2d(3 → 16, kernel 3×3) gives 16.",
        "16 ≠ 32",
        "Either make layer 3 take in_channels=16, or layer 0 give out_channels=32.",
    ),
    "conv on rows": (
        lambda: (nn.Sequential(nn.Flatten(), nn.Conv2d(1, 4, 3)), zeros(2, 1, 8, 8)),
        "layer 1 Conv2d(1 → 4, kernel 3×3) takes 4 dimensions, or 3 for one sample, but layer 0 Flatten gives 2.",
        "2 dimensions ≠ 4",
        "Take layer 0 away before it: it works on the image, not on rows.",
    ),
    "conv on a grey image": (
        lambda: (nn.Conv2d(3, 4, 3), zeros(2, 1, 8, 8)),
        "Conv2d(3 → 4, kernel 3×3) takes 3 channels, but the model's input gives 1.",
        "1 ≠ 3",
        "One channel is repeated to 3 by x.expand(-1, 3, -1, -1).",
    ),
    "conv3d on images": (
        lambda: (nn.Conv3d(3, 4, 3), zeros(2, 3, 8, 8)),
        "Conv3d(3 → 4, kernel 3×3×3) takes 3 channels, but the model's input gives 2.",
        "2 ≠ 3",
        "[2, 3, …] looks like a batch without depth: use a 2-d convolution, or put a depth of 1 there, x.unsqueeze(2).",
    ),
    "flattened image": (
        lambda: (nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 5)), zeros(1, 1, 12, 12)),
        "layer 3 Linear(72 → 5) takes 72 features, but layer 2 Flatten gives 50.",
        "50 ≠ 72",
        "Either make layer 3 Linear(50, 5), or give it an input whose last dimension is 72.",
    ),
    "F.linear turned over": (
        lambda: two(lambda x, y: F.linear(x, y), zeros(3, 6), zeros(6, 4)),
        "./linear takes 4 features, but the model's input x gives 6.",
        "6 ≠ 4",
        "The weight fits when it is turned over: F.linear takes (out_features, in_features), so weight.T here.",
    ),
    "heads and places": (
        lambda: two(lambda x, y: x @ y, zeros(2, 6, 2, 4), zeros(2, 2, 4, 6)),
        "./matmul multiplies batches of 6 and of 2 matrices.",
        "",
        "Dimension 2 of the left one is 2: is left.transpose(1, 2), heads before places, what you want?",
    ),
    "bilinear features": (
        lambda: (nn.Bilinear(3, 4, 5), zeros(2, 3), zeros(2, 3)),
        "Bilinear(3, 4 → 5) takes 4 features as input2, but the model's input input2 gives 3.",
        "3 ≠ 4",
        "Either make it Bilinear(3, 3, 5), or give it 4 features.",
    ),
    "bilinear rows": (
        lambda: (nn.Bilinear(3, 4, 5), zeros(2, 3), zeros(3, 4)),
        "Bilinear(3, 4 → 5) pairs [2, 3] with [3, 4], which are not as many rows.",
        "",
        "Give both the same batch.",
    ),
    "gate of channels": (
        lambda: two(lambda x, y: x * y, zeros(2, 4, 5, 5), zeros(2, 4)),
        "./mul meets [2, 4, 5, 5] and [2, 4]: 5 and 4 do not broadcast.",
        "4 ≠ 5",
        "If [2, 4] belongs to dimensions 0 and 1: y[..., None, None] makes it [2, 4, 1, 1].",
    ),
    "residual": (
        lambda: two(lambda x, y: x + y, zeros(2, 16, 4, 4), zeros(2, 8, 8, 8)),
        "./add meets [2, 16, 4, 4] and [2, 8, 8, 8]: 4 and 8 do not broadcast.",
        "8 ≠ 4",
        "A shortcut of its own fits them: Conv2d(8, 16, 1, stride=2) on [2, 8, 8, 8].",
    ),
    "residual features": (
        lambda: two(lambda x, y: x + y, zeros(2, 16), zeros(2, 8)),
        "./add meets [2, 16] and [2, 8]: 16 and 8 do not broadcast.",
        "8 ≠ 16",
        "A shortcut of its own fits them: Linear(8, 16) on [2, 8].",
    ),
    "parameter too long": (
        lambda: own(lambda w, x: w + x, zeros(2)),
        "./add meets [3] and [2]: 3 and 2 do not broadcast.",
        "2 ≠ 3",
        "Take only as much of it as there is: w[:2].",
    ),
    "parameter too short": (
        lambda: own(lambda w, x: w + x, zeros(5)),
        "./add meets [3] and [5]: 3 and 5 do not broadcast.",
        "5 ≠ 3",
        "w has room for 3: make it larger, or give shorter inputs.",
    ),
    "cat of a class token": (
        lambda: two(lambda x, y: torch.cat([x, y], dim=1), zeros(1, 1, 8), zeros(4, 6, 8)),
        "./cat joins [1, 1, 8] and, as part 1, [4, 6, 8]: dimension 0 has 1 and 4.",
        "4 ≠ 1",
        "cat repeats nothing: expand the [1, 1, 8] first, y.expand(4, -1, -1).",
    ),
    "cat of two images": (
        lambda: two(lambda x, y: torch.cat([x, y], dim=1), zeros(1, 8, 15, 15), zeros(1, 8, 14, 14)),
        "./cat joins [1, 8, 15, 15] and, as part 1, [1, 8, 14, 14]: dimension 2 has 15 and 14.",
        "14 ≠ 15",
        "Bring them to one size first: F.interpolate(y, size=(15, 15)), or F.pad.",
    ),
    "a column written into a row": (
        lambda: two(lambda x, y: torch.relu(x).__setitem__((slice(None), 0), y), zeros(2, 3), zeros(2, 1)),
        "./setitem writes [2, 1] into a part of [2].",
        "[2, 1] ≠ [2]",
        "Take its dimensions of 1 away: y.squeeze().",
    ),
    "view after a prefix": (
        lambda: two(lambda x, y: x.view(2, 5, 3, 2), zeros(2, 5, 8)),
        "./view makes [2, 5, 3, 2] of [2, 5, 8]: 60 numbers, but there are 80.",
        "80 ≠ 60",
        "After [2, 5] the sizes multiply to 8, not to 3 × 2.",
    ),
    "view of a fixed batch": (
        lambda: two(lambda x, y: x.view(32, -1), zeros(5, 3, 4)),
        "./view makes [32, -1] of [5, 3, 4]: 60 numbers cannot be divided by 32.",
        "60 / 32 is no whole number",
        "Is that the batch? It is x.shape[0] here: x.view(x.shape[0], -1), or torch.flatten(x, 1).",
    ),
    "expand at the end": (
        lambda: two(lambda x, y: x.expand(-1, 5), zeros(2)),
        "./expand repeats [2] to [-1, 5]: 2 cannot become 5.",
        "2 ≠ 5",
        "Put the new dimension at the end: x[..., None] expands to that.",
    ),
    "embedding of several outside": (
        lambda: (nn.Embedding(4, 2), whole(0, 5, 9)),
        "Embedding(4 rows of 2) has the rows 0 to 3, but input[1] asks for row 5.",
        "5 ≥ 4",
        "Make the table larger, Embedding(10, 2), or look at how the indices are made.",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
