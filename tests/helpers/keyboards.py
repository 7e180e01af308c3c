"""Someone at the keyboard of an app in a terminal that is not there."""

from __future__ import annotations

from contextlib import asynccontextmanager

NAMES = {
    " ": "space",
    ",": "comma",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    ".": "full_stop",
    "=": "equals_sign",
    "/": "slash",
    "-": "minus",
}


@asynccontextmanager
async def running(app, **options):
    """`async with running(app) as pilot`: afterwards nothing of it runs any more, whose end would change things in the next test."""
    try:
        async with app.run_test(**options) as pilot:
            yield pilot
    finally:
        app.let_go()
        assert app.jobs.wait(20), "its thread goes on"


class Keyboard:
    """Real keys, and the screen as text. `settle`, after each key, waits until the app has shown what it does."""

    def __init__(self, app, pilot):
        self.app, self.pilot = app, pilot

    async def settle(self):
        raise NotImplementedError

    async def press(self, *keys):
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, words):
        await self.pilot.press(*(NAMES.get(letter, letter) for letter in words))

    @property
    def screen(self):
        """The screen as text."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())
