"""The course's own model, as its text has it."""

from __future__ import annotations

import torch
from torch import nn

import neurontui


class SimpleANN(nn.Module):
    """fc1, relu, fc2."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(2, 2)
        self.fc2 = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.fc1(x))
        return self.fc2(x)


def record_simple_ann() -> neurontui.Trace:
    """SimpleANN of seed 1 on [1, 2], as in the course: fc1's neuron 0 gives -0.9256, the model 0.4403."""
    torch.manual_seed(1)
    return neurontui.trace(SimpleANN(), torch.tensor([1.0, 2.0]))
