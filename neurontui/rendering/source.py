"""The user's code, coloured, with the call that made a step marked."""

from __future__ import annotations

from rich.text import Text

from neurontui.records import SourceLine
from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def source_lines(source: SourceLine | None, width: int, height: int = 4, look: Look = DEFAULT) -> list[Text]:
    """`height` lines around the call, numbered, its line with `▶` and its columns marked. Says so where the file can't be read."""
    raise NotImplementedError


def source_title(source: SourceLine | None) -> str:
    """`"Source · simple_ann.py"`, cleaned."""
    raise NotImplementedError


def highlight(code: str, look: Look = DEFAULT) -> list[Text]:
    """Python code as coloured lines (cleaned; Pygments' colours from the palette)."""
    raise NotImplementedError
