"""`neurontui lesson [NAME | FILE.md | check FILE.md]`: handed to `neurontui.lessons.run_lesson(words, manner) -> int`."""

from __future__ import annotations

import argparse

from neurontui import lessons
from neurontui.cli.requests import make_manner
from neurontui.errors import LessonError


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    play = getattr(lessons, "run_lesson", None)
    if play is None:
        raise LessonError("this version of NeuronTUI has no lessons")
    return int(play(options.words, make_manner(options)))
