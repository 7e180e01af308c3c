"""An app in a terminal that is not there: real keys, real models, the screen as text."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from keyboards import Keyboard, running

from neurontui.loading import Request
from neurontui.session import prepare
from neurontui.tui.app import NeuronTUI


class Seat(Keyboard):
    """Someone at the keyboard of one app."""

    @property
    def debugger(self):
        return self.app.main.runner.debugger

    @property
    def board(self):
        return self.app.main.board

    async def settle(self, limit=20.0):
        """Wait until the job thread has nothing to do and the screen shows it."""
        jobs, loop = self.app.jobs, asyncio.get_running_loop()
        deadline, quiet = loop.time() + limit, 0
        while quiet < 2:
            assert loop.time() < deadline, "the app is still busy"
            busy = jobs._queue or jobs._slots or jobs._running is not None or (self.app.main.runner and self.app.main.runner.waiting)
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(0.005)
            await self.pilot.pause()

    async def line(self, words):
        """Type a line at the prompt."""
        await self.press("colon")
        await self.type(words)
        await self.press("enter")

    @property
    def bottom(self):
        return self.screen.splitlines()[-1]


@pytest.fixture
def open_app():
    """`async with open_app("simple_ann", (120, 40)) as seat`: a demo, or what a `make(progress)` prepares."""

    @asynccontextmanager
    async def open_it(model="simple_ann", size=(120, 40), ready=True, **options):
        make = prepare(Request(model, demo=True)) if isinstance(model, str) else model
        app = NeuronTUI(make, title=model if isinstance(model, str) else "model", **options)
        async with running(app, size=size) as pilot:
            seat = Seat(app, pilot)
            if ready:
                for _ in range(2000):
                    if app.main.runner is not None:
                        break
                    await asyncio.sleep(0.01)
                await seat.settle()
            yield seat

    return open_it
