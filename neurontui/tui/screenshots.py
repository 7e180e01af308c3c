"""Pictures of the screen, as SVG that needs nothing from anywhere: of the app that runs, or of one that is opened without a terminal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurontui.errors import InputError

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from neurontui.tui.app import NeuronTUI

Size = tuple[int, int]  # columns, rows
PAUSE = 0.02  # seconds: longer than any timer of the screen's own


def draw(app: NeuronTUI, size: Size, title: str, keys: Sequence[str] = ()) -> str:
    """The screen of an app of this size, once it has nothing more to do after these keys.

    Raises:
        NeuronTUIError: what the app could not open.
    """
    try:
        return asyncio.run(_draw(app, size, title, keys))
    finally:
        app.let_go()


async def _draw(app: NeuronTUI, size: Size, title: str, keys: Sequence[str]) -> str:
    async with app.run_test(size=size) as pilot:
        await _wait(app, pilot)
        for key in keys:
            await pilot.press(key)
            await _wait(app, pilot)
        picture = app.export_screenshot(title=title)
    if app.failure is not None:
        raise app.failure
    return picture


async def _wait(app: NeuronTUI, pilot: Pilot[int]) -> None:
    """Until the job thread has nothing to do, and the screen shows what it did."""
    quiet = 0
    while quiet < 2 and app.failure is None:
        await pilot.pause(PAUSE)
        quiet = quiet + 1 if app.jobs.idle else 0


def write_screenshot(picture: str, path: Path) -> None:
    """Write an SVG.

    Raises:
        InputError: the file can't be written.
    """
    try:
        path.write_text(picture, "utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error


def without_fonts(svg: str) -> str:
    """An SVG of Textual's, without the fonts that it would fetch from a server: the viewer's own monospace does."""
    local = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return local.replace("Fira Code", "DejaVu Sans Mono").replace("<!-- Generated with Rich https://www.textualize.io -->", "")
