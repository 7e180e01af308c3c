"""What the commands without a screen write to stdout."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from neurontui.text import json_text

if TYPE_CHECKING:
    from rich.text import Text

    from neurontui.rendering import Look


def width_of(options: argparse.Namespace) -> tuple[Look, int]:
    """The signs and colours for stdout, and its width: 100 columns where it is no terminal."""
    from neurontui.rendering import choose_look

    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    return choose_look(os.environ, ascii=options.ascii or options.plain or not _takes_signs()), width


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


def show_json(data: object) -> None:
    """Print JSON data; it never holds NaN, which JSON does not know."""
    print(json_text(data, 2, ascii=not _takes_signs()))
