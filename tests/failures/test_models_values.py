"""What people write, wrong in the values, the types or the names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, Gives, Takes, check_case, two, whole, zeros
from torch import nn


class Keyword(nn.Module):
    def forward(self, x: torch.Tensor, *, scale: float) -> torch.Tensor:
        return x * scale


CASES: dict[str, Case] = {
    "layer norm of channels": (
        lambda: (nn.LayerNorm(8), zeros(1, 8, 6, 6)),
        "LayerNorm(8) normalises [*, 8], but the model's input gives [1, 8, 6, 6].",
        "[6] ≠ [8]",
        "The 8 are in dimension 1 here: GroupNorm(1, 8), or x.movedim(1, -1) before it and x.movedim(-1, 1) after.",
    ),
    "batch norm of features last": (
        lambda: (nn.BatchNorm2d(3), zeros(2, 5, 5, 3)),
        "BatchNorm2d(3) normalises 3 features, but the model's input gives 5.",
        "5 ≠ 3",
        "The 3 features are last here, BatchNorm looks for them in dimension 1: x.movedim(-1, 1) before it, and x.movedim(1, -1) after it.",
    ),
    "classes last": (
        lambda: two(lambda x, y: F.cross_entropy(x, y), zeros(2, 5, 10), torch.zeros(2, 5, dtype=torch.long)),
        "./cross_entropy takes a target of [2, 10] for scores of [2, 5, 10], but it is [2, 5].",
        "[2, 5] ≠ [2, 10]",
        "The classes are last here: F.cross_entropy(x.flatten(0, -2), target.flatten()), or x.movedim(-1, 1) for the scores.",
    ),
    "a target with a channel": (
        lambda: two(lambda x, y: F.cross_entropy(x, y), zeros(2, 4, 6, 6), torch.zeros(2, 1, 6, 6, dtype=torch.long)),
        "./cross_entropy takes a target of [2, 6, 6] for scores of [2, 4, 6, 6], but it is [2, 1, 6, 6].",
        "[2, 1, 6, 6] ≠ [2, 6, 6]",
        "Take the dimension of 1 away: target.squeeze(1).",
    ),
    "margin classes": (
        lambda: two(lambda x, y: F.multi_margin_loss(x, y), zeros(2, 3), whole(0, 5)),
        "./multi_margin_loss knows the classes 0 to 2, but y[1] is 5.",
        "5 is outside",
        "Give the last layer 6 outputs, or look at how the classes are numbered.",
    ),
    "a target that is no probability": (
        lambda: two(lambda x, y: F.binary_cross_entropy(x, y), zeros(2), zeros(2) + 2),
        "./binary_cross_entropy takes targets from 0 to 1, but some of y are outside.",
        "",
        "Divide by the largest: target / target.max().",
    ),
    "cosine target": (
        lambda: two(lambda x, y: F.cosine_embedding_loss(x, x, y), zeros(2, 3), zeros(3)),
        "./cosine_embedding_loss takes a target of [2], one for each pair of rows of [2, 3], but it is [3].",
        "[3] ≠ [2]",
        "Give the target [2].",
    ),
    "lstm state alone": (
        lambda: (nn.LSTM(3, 4), zeros(5, 2, 3), zeros(1, 2, 4)),
        "LSTM takes two states, (h, c), but was given one tensor: [1, 2, 4].",
        "1 ≠ 2",
        "Give both: layer(x, (h, c)), with c = torch.zeros_like(h) at the start.",
    ),
    "lstm state of another batch": (
        lambda: (nn.GRU(3, 4), zeros(5, 2, 3), zeros(1, 3, 4)),
        "GRU takes a hidden state of [1, 2, 4], but was given [1, 3, 4].",
        "[1, 3, 4] ≠ [1, 2, 4]",
        "Make the state torch.zeros(1, 2, 4); with batch_first=True only the input has the batch first.",
    ),
    "lstm of float64": (
        lambda: (nn.LSTM(3, 4), zeros(5, 2, 3).double()),
        "LSTM mixes float64 (the model's input) and float32 (weight_ih_l0).",
        "float64 ≠ float32",
        "Convert the input, x.to(torch.float32), or the model, model.to(torch.float64).",
    ),
    "float64 made inside": (
        lambda: two(lambda x, y: F.linear(x * y.double(), torch.ones(2, 3))),
        "./linear mixes float64 (./double) and float32 (./ones).",
        "float64 ≠ float32",
        "Convert the input, x.to(torch.float32), or the model, model.to(torch.float64).",
    ),
    "bool times float": (
        lambda: two(lambda x, y: (x > 0) @ y, zeros(2, 3), zeros(3, 2)),
        "./matmul mixes bool (./gt) and float32 (y).",
        "bool ≠ float32",
        "A comparison gives bool: convert with mask.float().",
    ),
    "bytes of an image": (
        lambda: (nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 8, 8, dtype=torch.uint8)),
        "Conv2d(3 → 4, kernel 3×3) mixes uint8 (the model's input) and float32 (weight).",
        "uint8 ≠ float32",
        "An image of bytes becomes numbers from 0 to 1 by x.float() / 255.",
    ),
    "complex features": (
        lambda: two(lambda x, y: F.linear(torch.fft.rfft(x), torch.ones(2, 2))),
        "./linear mixes complex64 (./rfft) and float32 (./ones).",
        "complex64 ≠ float32",
        "Complex numbers become real ones by x.abs(), or by x.real and x.imag side by side: torch.view_as_real(x).flatten(-2).",
    ),
    "a layer on meta": (
        lambda: (nn.Sequential(nn.Linear(3, 4, device="meta")), zeros(2, 3)),
        "layer 0 Linear(3 → 4) mixes devices: the model's input is on cpu, 0.weight on meta.",
        "cpu ≠ meta",
        "A meta tensor has a shape and no numbers: to_empty(device='cpu') makes memory, load_state_dict fills it.",
    ),
    "a tensor made on meta": (
        lambda: two(lambda x, y: torch.cat([x, torch.zeros(2, 3, device="meta")])),
        "./cat mixes devices: the model's input x is on cpu, ./zeros on meta.",
        "cpu ≠ meta",
        "Make it where it is used: zeros(…, device='cpu'), or device=x.device of a tensor there.",
    ),
    "a tuple plus a tensor": (
        lambda: (nn.Sequential(nn.MaxPool2d(2, return_indices=True), nn.Conv2d(1, 1, 3)), zeros(1, 1, 8, 8)),
        "layer 1 Conv2d(1 → 1, kernel 3×3) takes a tensor, but layer 0 gives a tuple: [1, 1, 4, 4], [1, 1, 4, 4].",
        "a tuple",
        "Take the part that you want: output, _ = layer(x). In a nn.Sequential, put a small module between that does so.",
    ),
    "a list of tensors": (
        lambda: two(lambda x, y: F.relu([x, y])),
        "./relu takes a tensor, but was given a list.",
        "",
        "Put its tensors together, torch.stack(xs) or torch.cat(xs).",
    ),
    "an array": (
        lambda: two(lambda x, y: F.relu(x.numpy())),
        "./relu takes a tensor, but was given a numpy.ndarray.",
        "",
        "Convert it: torch.from_numpy(a).float().",
    ),
    "torch misspelled": (
        lambda: two(lambda x, y: torch.rellu(x)),
        "Does asks torch for rellu, which it does not have; did you mean 'relu'?",
        "",
        "Look how it is spelled.",
    ),
    "a method misspelled": (
        lambda: two(lambda x, y: x.reul()),
        "Does asks a Tensor for reul, which it does not have; did you mean 'relu'?",
        "",
        "Look how it is spelled; what is no method may be a function, torch.NAME(x) or F.NAME(x).",
    ),
    "the shape of a layer": (
        lambda: two(lambda x, y: nn.ReLU().shape),
        "Does asks a ReLU for shape, which it does not have.",
        "",
        "A tensor has shape, a layer does not: take it of what the layer gives, layer(x).shape.",
    ),
    "the shape of an Embedding": (
        lambda: two(lambda x, y: nn.Embedding(2, 3).shape),
        "Does asks an Embedding for shape, which it does not have.",
        "",
        "A tensor has shape, a layer does not: take it of what the layer gives, layer(x).shape.",
    ),
    "both directions of an LSTM": (
        lambda: (nn.Sequential(Takes(nn.LSTM(3, 4, bidirectional=True)), nn.Linear(4, 1)), zeros(5, 3)),
        "layer 1 Linear(4 → 1) takes 4 features, but 0.layer LSTM gives 8.",
        "8 ≠ 4",
        "0.layer is bidirectional: it gives both directions, 2 × 4 = 8.",
    ),
    "pooled to one pixel": (
        lambda: (nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Linear(8, 2)), zeros(2, 3, 8, 8)),
        "layer 2 Linear(8 → 2) takes 8 features, but layer 1 AdaptiveAvgPool2d gives 1.",
        "1 ≠ 8",
        "Flatten each sample first, torch.flatten(x, 1): 8 × 1 × 1 = 8.",
    ),
    "as many pixels as channels": (
        lambda: (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(6, 6, 3)), zeros(2, 3, 8, 8)),
        "layer 1 Conv2d(6 → 6, kernel 3×3) takes 6 channels, but layer 0 Conv2d(3 → 8, kernel 3×3) gives 8.",
        "8 ≠ 6",
        "Either make layer 1 take in_channels=8, or layer 0 give out_channels=6.",
    ),
    "squeeze of a batch of one": (
        lambda: (nn.Sequential(Gives(lambda x: x.squeeze()), nn.BatchNorm1d(8)), zeros(1, 8, 1, 1)),
        "layer 1 BatchNorm1d(8) takes [batch, features] or [batch, features, length], but 0/squeeze gives 1 dimension: [8].",
        "1 dimension",
        "squeeze() takes a batch of one away too: use x.flatten(1), which keeps it.",
    ),
    "max along a dimension": (
        lambda: two(lambda x, y: x.max(dim=1) + 1),
        "Does takes a tensor, but ./max gives a tuple: [2], [2].",
        "a tuple",
        "Take the part that you want: values, indices = x.max(…).",
    ),
    "sort": (
        lambda: two(lambda x, y: torch.relu(x.sort(dim=1))),
        "Does takes a tensor, but ./sort gives a tuple: [2, 3], [2, 3].",
        "a tuple",
        "Take the part that you want: values, indices = x.sort(…).",
    ),
    "a model that gives a dict": (
        lambda: (nn.Sequential(Gives(lambda x: {"h": x}), nn.Linear(3, 2)), zeros(2, 3)),
        "layer 1 Linear(3 → 2) takes a tensor, but layer 0 gives a dict: 'h': [2, 3].",
        "a dict",
        "Take the part that you want: out['h']. In a nn.Sequential, put a small module between that does so.",
    ),
    "a packed sequence": (
        lambda: two(lambda x, y: torch.relu(nn.utils.rnn.pack_sequence([x, y]))),
        "Does takes a tensor, but was given a PackedSequence.",
        "",
        "Unpack it first: x, lengths = nn.utils.rnn.pad_packed_sequence(x, batch_first=True).",
    ),
    "a keyword-only argument": (
        lambda: (Keyword(), zeros(2, 3)),
        "Keyword was called without scale.",
        "without scale",
        "Give scale in the call, or on the command line: --input scale=….",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
