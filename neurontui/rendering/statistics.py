"""A tensor's statistics and histogram, as lines. The numbers are the debugger's; this only draws them."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def statistics_lines(statistics: Any, width: int, look: Look = DEFAULT) -> list[Text]:
    """Name and number pairs (`mean`, `std`, `min`, `max`, `zeros`, `NaN`, `Inf`), in as many columns as fit."""
    raise NotImplementedError


def histogram_lines(counts: list[int], low: float, high: float, width: int, height: int = 4, look: Look = DEFAULT) -> list[Text]:
    """A histogram `height` lines high, its two ends written below."""
    raise NotImplementedError
