"""Loading and recording behind an open screen: progress, failures, cancelling; models that fail, print, read, hang."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest
import torch

from neurontui.errors import CancelledError, LoadError


def record(model, *args, **options):
    from neurontui.capture import record_run
    from neurontui.debugger import Debugger
    from neurontui.records import Run

    return lambda progress: Debugger(record_run(Run(model, args, restore=True, input_names=("x",), **options)))


async def test_the_screen_is_there_before_the_model(open_app):
    gate = threading.Event()

    def make(progress):
        progress("recording by hand")
        gate.wait(10)
        raise LoadError("There is no model in it.")

    async with open_app(make, ready=False) as seat:
        await asyncio.sleep(0.1)
        await seat.pilot.pause()
        assert "Steps" in seat.screen
        assert "recording by hand" in seat.bottom
        gate.set()
        for _ in range(200):
            await asyncio.sleep(0.01)
            if seat.app.failure is not None:
                break
        assert isinstance(seat.app.failure, LoadError)
        assert seat.app.return_value == 2


async def test_the_progress_line_stays_until_there_is_something_to_see(open_app):
    gate = threading.Event()

    def make(progress):
        gate.wait(10)
        return record(torch.nn.Linear(2, 1), torch.ones(2))(progress)

    async with open_app(make, ready=False) as seat:
        main, shown = seat.app.main, []
        say = main.say
        main.say = lambda *words: (shown.append(bool(main.board.frames)), say(*words))
        gate.set()
        for _ in range(500):
            await asyncio.sleep(0.01)
            if shown:
                break
        assert shown[-1], "the keys come back with the panes"


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_loading_can_be_cancelled(open_app, key):
    def make(progress):
        while True:
            time.sleep(0.005)

    async with open_app(make, ready=False) as seat:
        await asyncio.sleep(0.1)
        await seat.pilot.press(key)
        await seat.pilot.pause()
        assert isinstance(seat.app.failure, CancelledError)


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_a_crash_is_explained_and_walkable(open_app, key):
    async with open_app("dimension_rule") as seat:
        assert "Why did it stop?" in seat.screen
        assert "20" in seat.screen
        await seat.press("c")
        assert seat.debugger.step.error is not None
        assert "✗" in seat.screen
        await seat.pilot.press(key)
        await seat.pilot.pause()
        assert seat.app.return_value == 1


async def test_what_a_model_prints_reads_and_breaks_on(open_app):
    import torch
    from torch import nn

    class Noisy(nn.Module):
        def forward(self, x):
            print("x is [red]", list(x.shape))
            breakpoint()
            return x * 2

    class Asking(nn.Module):
        def forward(self, x):
            return x * float(input("how much? "))

    async with open_app(record(Noisy(), torch.ones(3))) as seat:
        await asyncio.sleep(0.05)
        await seat.settle()
        assert "x is [red] [3]" in seat.screen
        assert "breakpoint() was passed over" in seat.screen
    async with open_app(record(Asking(), torch.ones(3))) as seat:
        assert "EOFError" in seat.screen


async def test_a_long_run_can_be_cancelled_and_nothing_changes(open_app):
    import torch
    from torch import nn

    class Slow(nn.Module):
        slow = False

        def forward(self, x):
            for _ in range(2000 if Slow.slow else 1):
                time.sleep(0.005)
            return x + 1

    async with open_app(record(Slow(), torch.ones(3))) as seat:
        Slow.slow = True
        await seat.pilot.press("x")
        await asyncio.sleep(0.3)
        await seat.pilot.pause()
        assert "escape cancels" in seat.bottom
        await seat.pilot.press("escape")
        await seat.settle()
        assert "cancelled" in seat.bottom
        assert len(seat.debugger.runs) == 1
        await seat.press("s")
        assert seat.debugger.index == 1


async def test_the_key_that_quits_does_not_wait_for_a_model_that_runs(open_app):
    import torch
    from torch import nn

    class Endless(nn.Module):
        again = False

        def forward(self, x):
            while Endless.again:
                time.sleep(0.005)
            return x + 1

    async with open_app(record(Endless(), torch.ones(3))) as seat:
        Endless.again = True
        await seat.pilot.press("x")
        await asyncio.sleep(0.1)
        assert seat.app.main.is_busy
        await seat.pilot.press("q")
        await seat.pilot.pause()
        assert seat.app.return_value == 0
        assert not seat.app.jobs.idle


async def test_names_of_users_are_never_markup(open_app):
    import torch
    from torch import nn

    model = nn.Sequential()
    model.add_module("[red]a\x1b[31m", nn.Linear(2, 2))
    async with open_app(record(model, torch.ones(2))) as seat:
        await seat.press("s")
        assert "[red]a␛[31m" in seat.screen


async def test_tensors_of_any_kind_are_shown(open_app):
    import torch
    from torch import nn

    class Odd(nn.Module):
        def forward(self, x):
            empty = x[:0]
            deep = x.reshape(1, 2, 1, 3)
            return torch.cat([deep.flatten(), empty.flatten()]), x > 0, x.sum(), (x + 1j), x * float("nan")

    async with open_app(record(Odd(), torch.arange(6.0))) as seat:
        for _ in range(len(seat.debugger.trace.steps) + 1):
            await seat.pilot.press("right_square_bracket", "right_curly_bracket", "down", "2", "3", "1")
            await seat.press("s")
        assert "NaN" in seat.screen or any(seat.debugger.mark(index) == "nan" for index in range(len(seat.debugger.trace.steps)))


async def test_a_long_trace_and_a_wide_weight_are_walked_without_delay(open_app):
    import torch
    from torch import nn

    class Long(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide = nn.Linear(2048, 2048)

        def forward(self, x):
            x = self.wide(x)
            for _ in range(5000):
                x = x + 1
            return x

    async with open_app(record(Long(), torch.ones(2048))) as seat:
        start = time.perf_counter()
        await seat.press("end", "home", "pagedown", "pageup")
        assert seat.debugger.index == 0
        await seat.line("goto wide/linear")
        await seat.line("show wide.weight")
        await seat.press("pagedown", "end", "end")
        assert seat.debugger.place.cell is not None
        assert time.perf_counter() - start < 20  # a frozen screen, not a budget: the benchmarks measure
        assert seat.board.tensors[seat.board.chosen_frame].virtual_size.height == 2049


def test_nothing_imports_torch_before_the_first_paint():
    program = "import neurontui.tui.app, sys; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


@pytest.mark.parametrize("name", ["batchnorm", "full_model", "heads", "last_dimension", "stacked", "flatten", "dropout", "neuron"])
async def test_every_demo_is_walked_to_its_end(open_app, name):
    async with open_app(name, (100, 32)) as seat:
        for _ in range(len(seat.debugger.trace.steps)):
            await seat.press("s", "tab")
        assert seat.debugger.index == len(seat.debugger.trace.steps) - 1
