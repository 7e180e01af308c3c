"""Before and now, watches, and where two runs first differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def before_now_lines(
    labels: Sequence[str], before: Sequence[Any], now: Sequence[Any], look: Look = DEFAULT, *, show: str = "both", exact: bool = False
) -> list[Text]:
    """Two columns, `before` and `now`, with `~` where they differ; `show` is "both", "before" or "now"."""
    raise NotImplementedError


def watch_line(name: str, before: Any, now: Any, width: int, look: Look = DEFAULT) -> Text:
    """`fc1/linear[0]   -0.9256 → 3.6986 ~`: a pinned value, a row; `before` is None where there was no run before."""
    raise NotImplementedError


def diff_lines(diff: Any, width: int, look: Look = DEFAULT) -> list[Text]:
    """A `Diff` (neurontui.comparison): the first divergence in words, then a row a step with what changed and by how much."""
    raise NotImplementedError


def plain_diff(diff: Any) -> list[str]:
    """The same, one fact a line."""
    raise NotImplementedError
