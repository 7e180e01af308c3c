"""Why did it stop? A crash in the forward, explained; and an error of any other kind, in its own words."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from neurontui.records import Trace
from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def failure_lines(failure: Any, width: int, look: Look = DEFAULT) -> list[Text]:
    """The panel of screens.md for a `Failure` (neurontui.explainers.failures): who gives, who takes, the rule, the fixes, torch's words."""
    raise NotImplementedError


def error_lines(error: BaseException, width: int, look: Look = DEFAULT) -> list[Text]:
    """An exception that nobody diagnosed: its type and message, cleaned and wrapped."""
    raise NotImplementedError


def plain_failure(failure: Any) -> list[str]:
    """The failure for a screen reader: one fact a line."""
    raise NotImplementedError


def failure_title(trace: Trace) -> str:
    """`"Sequential › 1 › linear   %4 of 5   the forward stopped here"`; cleaned."""
    raise NotImplementedError
