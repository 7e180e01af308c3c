"""One small model with every kind of page, recorded once."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import neurontui
from neurontui.records import Trace


@pytest.fixture(scope="session")
def full_model() -> Trace:
    """The course's full model in train mode on two samples: known outputs 0.3014 and -0.3914."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 1))
    x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    return neurontui.trace(model, x, seed=0, copy_parameters=True)


@pytest.fixture(scope="session")
def crash() -> Trace:
    """Linear(10, 20), then Linear(5, 5)."""
    return neurontui.trace(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), torch.ones(1, 10), copy_parameters=True)


class Evil(nn.Module):
    """Names and errors that try to be markup, scripts and terminal escapes."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("<script>alert(1)</script>", nn.Linear(2, 2))
        self.add_module("a|b`c\x1b[31m", nn.ReLU())
        self.add_module("[link](http://x) \u202e", nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for module in self.children():
            x = module(x)
        raise ValueError("</script><script>alert(2)</script> \x1b]0;owned\x07 | `tick`")


@pytest.fixture(scope="session")
def evil() -> Trace:
    return neurontui.trace(Evil(), torch.ones(2), copy_parameters=True)
