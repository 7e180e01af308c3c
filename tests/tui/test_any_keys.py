"""Whatever is pressed, clicked or resized, while models run again: the app goes on, and ends as it should."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

import neurontui
from neurontui.debugger import Debugger
from neurontui.tui.keymap import KEYMAP, MOVES

SIZES = [(80, 24), (120, 40), (200, 60), (60, 15), (30, 10), (20, 5)]
LINES = [
    "set 0[0, 0] = nan", "set 0.weight[0, 1] = 1e30", "set input[0, 0] = inf", "break absmax > 1", "break nan", "watch 0", "reach 3",
    "goto 2", "at 1,1", "show 0.weight[0, :]", "find dropout", "mode eval", "seed 3", "view heat", "list", "nonsense", "at -1",
]  # fmt: skip
KEYS = [key for binding in (*KEYMAP, *MOVES) if binding.id not in ("quit", "suspend") for key in binding.key.split(",")]


class Uneven(nn.Module):
    """Other steps in train and in eval mode, other shapes, tensors without numbers, and prints."""

    def __init__(self):
        super().__init__()
        self.fc, self.drop = nn.Linear(4, 4), nn.Dropout()

    def forward(self, x):
        print("\x1b[31mx is", x.shape)
        for _ in range(9 if self.training else 1):
            x = self.drop(self.fc(x)).relu_()
        return {"x": x, "none": torch.zeros(0, 3), "root": torch.log(x - 1), "index": torch.arange(3), "complex": torch.complex(x, x)}


def crash():
    return nn.Sequential(nn.Linear(4, 5), nn.Linear(4, 2)), torch.ones(3, 4)


def layers():
    return nn.Sequential(nn.Linear(4, 6), nn.Dropout(), nn.LayerNorm(6), nn.Softmax(-1)), torch.randn(3, 4)


def uneven():
    return Uneven(), torch.randn(2, 4)


@pytest.mark.parametrize("make", [crash, layers, uneven])
@pytest.mark.parametrize("seed", [1, 2])
async def test_any_keys(open_app, make, seed):
    chance = random.Random(f"{make.__name__} {seed}")
    model, x = make()
    async with open_app(lambda progress: Debugger(neurontui.trace(model, x, restore=True)), chance.choice(SIZES)) as seat:
        for _ in range(40):
            what = chance.random()
            if what < 0.7:
                await seat.pilot.press(chance.choice(KEYS))
            elif what < 0.85:
                seat.app.main.runner.run(chance.choice(LINES))
            elif what < 0.92:
                await seat.pilot.click(offset=(chance.randrange(seat.app.size.width), chance.randrange(seat.app.size.height)))
            else:
                await seat.pilot.resize_terminal(*chance.choice(SIZES))
            if chance.random() < 0.5:
                await seat.settle()
        await seat.settle()
        assert seat.app.is_running
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
