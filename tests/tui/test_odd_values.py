"""Outputs that are no tensors, and tensors without readable numbers, in the app: it opens, walks and says what it cannot show."""

from __future__ import annotations

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")


class Taking(nn.Module):
    def forward(self, given, other=None):
        return torch.as_tensor(given) * 2


class Odd(nn.Module):
    """A model of one function, with a submodule to call."""

    def __init__(self, function):
        super().__init__()
        self.function, self.sub = function, Taking()

    def forward(self, x):
        return self.function(self, x)


def record(function):
    from neurontui.capture import record_run
    from neurontui.debugger import Debugger
    from neurontui.records import Run

    return lambda progress: Debugger(record_run(Run(Odd(function), (torch.tensor([1.0, 2.0]),), restore=True, input_names=("x",))))


ARRAYS = {
    "an array": lambda self, x: x.numpy(),
    "an array first": lambda self, x: [x.numpy(), x + 1],
    "a named array": lambda self, x: {"a": x.numpy()},
    "an argument": lambda self, x: self.sub(x.numpy(), other=x.numpy()),
}


@pytest.mark.parametrize("what", ARRAYS)
async def test_arrays_of_numpy_are_no_tensors(open_app, what):
    async with open_app(record(ARRAYS[what])) as seat:
        for _ in range(len(seat.debugger.trace.steps)):
            await seat.press("s")
        assert "float32" in seat.screen
        assert seat.debugger.index == len(seat.debugger.trace.steps) - 1


UNREADABLE = {
    "meta": lambda self, x: torch.ones(2, device="meta"),
    "nested": lambda self, x: torch.nested.nested_tensor([x, x[:1]]),
    "uint4": lambda self, x: torch.zeros(2, dtype=torch.uint8).view(torch.uint4),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_a_tensor_without_numbers_says_so_in_its_pane(open_app, what):
    async with open_app(record(UNREADABLE[what])) as seat:
        await seat.line("show output")
        assert "this tensor holds no" in seat.screen
        await seat.press("tab", "2", "3", "1", "down", "right", "w", "v", "enter", "s", "S", "d")
        await seat.line("set x[0] = 3")
        await seat.press("d", "d")
        assert len(seat.debugger.runs) == 2


@pytest.mark.parametrize("convert", [lambda x: x.to_mkldnn(), lambda x: x.to_sparse()])
async def test_other_layouts_show_their_numbers(open_app, convert):
    async with open_app(record(lambda self, x: convert(x))) as seat:
        await seat.line("show output")
        assert "2.0000" in seat.screen
        await seat.press("tab", "3", "1", "down")


async def test_the_cursor_finds_no_cell_in_an_empty_matrix(open_app):
    async with open_app(record(lambda self, x: x[None, :0] * 2)) as seat:
        await seat.line("show output")
        await seat.press("tab", "down", "right", "up", "enter")
        assert seat.debugger.place.cell is None
