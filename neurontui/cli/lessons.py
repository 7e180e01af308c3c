"""`neurontui lesson [NAME | FILE.md | check FILE.md]`: handed to `neurontui.lessons`."""

from __future__ import annotations

import argparse

from neurontui.cli.requests import make_manner


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    from neurontui.lessons.session import run_lesson

    return run_lesson(options.words, make_manner(options))
