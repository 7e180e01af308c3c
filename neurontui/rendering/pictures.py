"""Pictures beside an explanation: a curve with its point, bars, rows of a table."""

from __future__ import annotations

from rich.text import Text

from neurontui.explanation import Explanation, Picture, Table
from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def table_lines(table: Table, width: int, look: Look = DEFAULT) -> list[Text]:
    """Rows of numbers under one another, aligned; the highlighted column marked; zeros with their sign."""
    raise NotImplementedError


def picture_lines(picture: Picture, width: int, height: int = 8, look: Look = DEFAULT) -> list[Text]:
    """A curve with the point on it, a bar chart; for windows, rows and maps their caption in words (the tensor pane marks the cells)."""
    raise NotImplementedError


def pictures_of(why: Explanation, argument: str) -> tuple[Picture, ...]:
    """The pictures that mark cells of this argument's tensor."""
    raise NotImplementedError
