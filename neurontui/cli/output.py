"""What the commands without a screen write to stdout."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.text import Text

    from neurontui.explainers.failures import Failure
    from neurontui.records import Step
    from neurontui.rendering import Look


def width_of(options: argparse.Namespace) -> tuple[Look, int]:
    """The signs and colours for stdout, and its width: 100 columns where it is no terminal."""
    from neurontui.rendering import choose_look

    ascii = getattr(options, "ascii", False) or not _takes_signs()
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    return choose_look(os.environ, ascii=ascii), width


def _takes_signs() -> bool:
    try:
        "Σ·▸█".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def show(lines: Iterable[Text | str]) -> None:
    """Print lines as they are: no wrapping, no markup; colours where stdout is a terminal."""
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(line, soft_wrap=True)


def failure_json(failure: Failure, step: Step) -> dict[str, Any]:
    """A crash as data: the failing step's name and every field of the diagnosis."""
    return {"step": step.name, "error": {"type": type(step.error).__name__, "message": str(step.error)}, **_plain(failure)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
