"""What the next call does with a number."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import neurontui
from neurontui.rendering.uses import say_use


@pytest.mark.parametrize(
    ("module", "words", "there"),
    [
        (nn.ReLU(inplace=True), "keeps it only if it is positive", True),
        (nn.Dropout(), "drops it, or scales it up", True),
        (nn.Dropout().eval(), "lets it pass", True),
        (nn.Softmax(-1), "makes it a share of 1", True),
        (nn.Linear(4, 4), "multiplies it by weights and adds up", False),
        (nn.Flatten(), "moves it as it is", False),
        (nn.LayerNorm(4), "normalizes it", True),
        (nn.PixelShuffle(1), "takes it", False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_use_is_said_in_words(module, words, there):
    trace = neurontui.trace(module, torch.randn(4, 4))
    assert say_use(trace.steps[-1]) == (words, there)


def test_arithmetic_leaves_each_number_at_its_place():
    class Twice(nn.Module):
        def forward(self, x):
            y = x + x
            y *= 2
            return y.clone()

    trace = neurontui.trace(Twice(), torch.randn(3))
    assert [say_use(step) for step in trace.steps[1:]] == [("takes it", True)] * 3
