"""Lines as an SVG picture that needs no font from anywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from neurontui.rendering.palette import DARK, Palette


def lines_svg(lines: Sequence[Text], title: str, *, palette: Palette = DARK) -> str:
    """Lines of styled text as an SVG, as wide as the widest of them."""
    width = max((line.cell_len for line in lines), default=1) + 2
    screen = io.StringIO()
    console = Console(width=max(width, 20), record=True, file=screen, force_terminal=True, color_system="truecolor", legacy_windows=False)
    for line in lines:
        console.print(line, no_wrap=True, crop=False, highlight=False, soft_wrap=True)
    ground, text = (_channels(color) for color in (palette.ground or "#ffffff", palette.text or "#000000"))
    theme = TerminalTheme(ground, text, [text] * 8)
    return without_fonts(console.export_svg(title=title, theme=theme))


def without_fonts(svg: str) -> str:
    """An SVG that Rich or Textual wrote, without the fonts that it would fetch from a server: the viewer's own monospace does."""
    local = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return local.replace("Fira Code", "DejaVu Sans Mono").replace("<!-- Generated with Rich https://www.textualize.io -->", "")


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
