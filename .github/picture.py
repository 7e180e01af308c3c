"""Make the README's picture from the real app: `python .github/picture.py` writes `.github/neurontui.svg`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from neurontui.debugger import Debugger
from neurontui.loading import Request
from neurontui.session import load_trace
from neurontui.tui.app import NeuronTUI

TITLE = "neurontui demo simple_ann"


async def take_picture() -> str:
    """The screen after `s` `s`, as SVG, without fonts from elsewhere."""
    app = NeuronTUI(lambda progress: Debugger(load_trace(Request("simple_ann", demo=True), progress)), title=TITLE)
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.pause(5)
        for key in ("s", "s", "enter"):
            await pilot.press(key)
            await pilot.pause(2)
        picture = app.export_screenshot(title=TITLE)
        app.exit(0)
    return re.sub(r"@font-face \{.*?\}\n", "", picture, flags=re.DOTALL)


if __name__ == "__main__":
    Path(__file__).with_name("neurontui.svg").write_text(asyncio.run(take_picture()), encoding="utf-8")
