"""Types, devices, arguments and losses that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from failing import Case, Does, check_case, two, whole, zeros
from torch import nn


class Renamed(nn.Module):
    """Gives a layer its input by place and by name."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x, input=x)


CASES: dict[str, Case] = {
    "whole numbers": (
        lambda: (nn.Linear(3, 2), whole(1, 2, 3)),
        "Linear(3 → 2) mixes int64 (the model's input) and float32 (weight).",
        "int64 ≠ float32",
        "write 1. instead of 1",
    ),
    "two precisions": (
        lambda: (nn.Linear(3, 2), zeros(3).double()),
        "Linear(3 → 2) mixes float64 (the model's input) and float32 (weight).",
        "float64 ≠ float32",
        "x.to(torch.float32)",
    ),
    "a mean of whole numbers": (
        lambda: two(lambda x, y: y.mean(), zeros(1), whole(1, 2)),
        "./mean takes floating point numbers, but the model's input y gives int64.",
        "",
        "x.float()",
    ),
    "two devices": (
        lambda: (nn.Linear(3, 2), torch.zeros(3, device="meta")),
        "Linear(3 → 2) mixes devices: the model's input is on meta, weight on cpu.",
        "meta ≠ cpu",
        "make it on the device of the others",
    ),
    "a missing argument": (
        lambda: (Does(torch.add), zeros(1)),
        "Does was called without y.",
        "without y",
        "--input y=…",
    ),
    "a missing argument in a Sequential": (
        lambda: (nn.Sequential(Does(torch.add)), zeros(1)),
        "layer 0 Does was called without y.",
        "without y",
        "A Sequential hands on one value only",
    ),
    "one argument too many": (
        lambda: (nn.Linear(2, 2), zeros(2), zeros(2)),
        "Linear(2 → 2) was called with 2 arguments, but its forward takes 1.",
        "2 ≠ 1",
        "Leave 1 argument out.",
    ),
    "one argument too many for the user's own": (
        lambda: (Does(torch.add), zeros(2), zeros(2), zeros(2)),
        "Does was called with 3 arguments, but its forward takes 2.",
        "3 ≠ 2",
        "Leave 1 argument out, or give forward(self, …) 1 more.",
    ),
    "an argument by its place and by its name": (
        lambda: (Renamed(), zeros(2)),
        "layer Linear(2 → 2) was given input twice: by its place and by its name.",
        "input twice",
        "Give input once, without its name or with it.",
    ),
    "None": (
        lambda: (nn.Linear(2, 2), None),
        "Linear(2 → 2) uses None as a tensor.",
        "",
        "returned nothing",
    ),
    "a list": (
        lambda: (nn.Linear(2, 2), [1.0, 2.0]),
        "Linear(2 → 2) takes a tensor, but was given a list.",
        "",
        "torch.tensor([…])",
    ),
    "the tuple of an LSTM": (
        lambda: (nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 1)), zeros(5, 3)),
        "layer 1 Linear(4 → 1) takes a tensor, but layer 0 gives a tuple: [5, 4], ([1, 4], [1, 4]).",
        "a tuple",
        "output, (h, c) = layer(x)",
    ),
    "a ModuleList that is called": (
        lambda: (nn.ModuleList([nn.ReLU()]), zeros(1)),
        "ModuleList has no forward, so it cannot be called.",
        "",
        "call each of them in a loop",
    ),
    "a ModuleList that is made and called at once": (
        lambda: two(lambda x, y: nn.ModuleList([nn.ReLU()])(x)),
        "Does calls a ModuleList, which has no forward, so it cannot be called.",
        "",
        "call each of them in a loop",
    ),
    "classes out of range": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), whole(0, 3)),
        "CrossEntropyLoss knows the classes 0 to 2, but target[1] is 3.",
        "3 is outside",
        "target - 1",
    ),
    "classes below zero": (
        lambda: two(F.nll_loss, zeros(2, 3), whole(0, -1)),
        "./nll_loss knows the classes 0 to 2, but y[1] is -1.",
        "-1 is outside",
        "counted from 0",
    ),
    "a target of another batch": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), whole(0, 1, 2)),
        "CrossEntropyLoss takes a target of [2] for scores of [2, 3], but it is [3].",
        "[3] ≠ [2]",
        "same batch",
    ),
    "a target in a column": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), torch.tensor([[0], [1]])),
        "CrossEntropyLoss takes a target of [2] for scores of [2, 3], but it is [2, 1].",
        "[2, 1] ≠ [2]",
        "target.squeeze(-1)",
    ),
    "a target of fractions": (
        lambda: (nn.CrossEntropyLoss(), zeros(2, 3), zeros(2)),
        "CrossEntropyLoss takes class numbers (int64) as its target, but the model's input target gives float32.",
        "float32 ≠ int64",
        "target.long()",
    ),
    "mse": (
        lambda: (nn.MSELoss(), zeros(2, 3), zeros(4)),
        "MSELoss compares [2, 3] with a target of [4].",
        "[4] ≠ [2, 3]",
        "Make both [2, 3], or both [4].",
    ),
    "bce": (
        lambda: (nn.BCELoss(), zeros(2, 1), zeros(2)),
        "BCELoss compares [2, 1] with a target of [2].",
        "[2] ≠ [2, 1]",
        "x.squeeze(-1)",
    ),
    "bce without a sigmoid": (
        lambda: (nn.BCELoss(), zeros(2) + 3, zeros(2)),
        "BCELoss takes probabilities, but some of the model's input are outside 0 to 1.",
        "",
        "BCEWithLogitsLoss",
    ),
    "pooling after flattening": (
        lambda: (nn.MaxPool2d(2), zeros(3, 3)),
        "MaxPool2d takes 4 dimensions, or 3 for one sample, but the model's input gives 2.",
        "2 dimensions ≠ 4",
        "Pool before flattening",
    ),
    "one_hot": (
        lambda: two(lambda x, y: F.one_hot(y, 3), zeros(1), whole(0, 5)),
        "./one_hot makes 3 columns, but y[1] is 5.",
        "5 is outside",
        "num_classes=6",
    ),
    "lstm": (
        lambda: (nn.LSTM(3, 4), zeros(5, 2, 7)),
        "LSTM takes 3 features a time step, but the model's input gives 7.",
        "7 ≠ 3",
        "input_size=7",
    ),
    "lstm cell": (
        lambda: (nn.LSTMCell(3, 4), zeros(2, 7)),
        "LSTMCell takes 3 features a time step, but the model's input gives 7.",
        "7 ≠ 3",
        "input_size=7",
    ),
    "attention": (
        lambda: (nn.MultiheadAttention(8, 2), zeros(3, 1, 6), zeros(3, 1, 6), zeros(3, 1, 6)),
        "MultiheadAttention takes embeddings of 8, but the model's input query gives 6.",
        "6 ≠ 8",
        "MultiheadAttention(6, …)",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", CASES)
def test_the_sentence(what: str, tmp_path: Path) -> None:
    check_case(CASES[what], tmp_path)
