"""Any sequence of commands on any model: nothing but a Reply comes back, and the debugger stands somewhere that exists."""

from __future__ import annotations

import random

import pytest
import torch
from course import SimpleANN
from torch import nn
from walking_helpers import record

from neurontui import plain
from neurontui.commands import execute
from neurontui.debugger import Debugger


class Encoder(nn.Module):
    """Attention, a recurrence with several outputs, a layer that is called twice, a dropout, an in-place write."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.recurrence = nn.LSTM(4, 3, batch_first=True)
        self.layer = nn.Linear(3, 3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        attended, weights = self.attention(x, x, x)
        y, (hidden, _) = self.recurrence(attended)
        y = self.layer(torch.relu(self.layer(y)))
        y[:, 0] = 0.0
        return {"y": self.drop(y), "hidden": hidden, "weights": weights}


MODELS = {
    "ann": lambda: record(SimpleANN(), torch.tensor([1.0, 2.0])),
    "encoder": lambda: record(Encoder(), torch.randn(2, 3, 4)),
    "batch norm": lambda: record(nn.BatchNorm1d(3), torch.randn(4, 3)),
    "crash": lambda: record(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(5, 5)), torch.randn(1, 4)),
    "whole numbers": lambda: record(nn.Embedding(5, 2), torch.tensor([[1, 2]])),
    "empty": lambda: record(nn.ReLU(), torch.empty(0, 3)),
}

LINES = """
n | s | r | c | N | S | R | C | next 3 | back step 2 | open | r | why | follow | follow 1 | follow 0 input |
unfollow | stage next | stage back | show next | show back | show next slice | show back slice | show
output[0] | show input | at 0 | at 0,0 | at 0,0,0 | at -1 | goto . | goto %2 | goto 1 | find linear | find |
back find | break | break nan | break absmax > 1 | break changed | clear | watch | watch output | unwatch 1 |
view heat | view exact | set output[0] = 2 | set input[0,0] = 1 | set weight[0,0] = -1 | set bias[0] = nan |
set x[0] = 1 | set input[0,0] = 3 | undo | seed | mode | diff | copy | copy slice | copy explanation | where |
list | list steps | list tensors | list watches | list changes | stats | stats output | help why | why
input[0] | why weight[0,0] | why output[0,0] | predict | nonsense | nan | reach | reach 1
""".replace("\n", " ").split("|")


def check(debugger: Debugger) -> None:
    """It stands on a step, looks at a tensor of it, and explains an element that is there."""
    place = debugger.place
    assert 0 <= place.index < len(debugger.trace.steps)
    tensors = debugger.tensors()
    assert place.shown < len(tensors) or not tensors
    if debugger.shown is not None:
        shape = debugger.shown.value.shape
        assert len(place.plane) == len(shape)
        assert place.cell is None or all(0 <= cell < size for cell, size in zip(place.cell, shape, strict=True))
    assert all(inner.outer is not None for inner in debugger.opened)
    assert debugger.runs[0].change == ""


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("model", MODELS)
def test_any_session(model: str, seed: int) -> None:
    torch.manual_seed(seed)
    debugger = MODELS[model]()
    chance = random.Random(f"{model} {seed}")
    for _ in range(60):
        line = chance.choice(LINES)
        reply = execute(debugger, line)
        assert all("\n" not in text for text in reply.text), reply.text
        assert reply.text or reply.kind in ("nothing", "predict", "quit")
        list(plain.describe_reply(debugger, reply))
        check(debugger)
