"""Running one line of the command language."""

from __future__ import annotations

import re

from neurontui.commands.replies import Reply
from neurontui.commands.table import BACKWARD, find_command
from neurontui.debugger import Debugger
from neurontui.errors import NeuronTUIError
from neurontui.text import clean

_CAPITALS = {command.alias: f"back {command.name}" for command in BACKWARD if command.alias}


def execute(debugger: Debugger, line: str) -> Reply:
    """Runs one line. What NeuronTUI refuses comes back as a Reply of kind "error" with its one sentence; it never raises that.

    Capitals and `back` go backwards: `N` is `back next`. An empty line and a `# comment` do nothing.
    """
    try:
        return run_line(debugger, line)
    except NeuronTUIError as refusal:
        return Reply("error", (clean(refusal),), refusal)


def run_line(debugger: Debugger, line: str) -> Reply:
    """As `execute`, but raising.

    Raises:
        NeuronTUIError: the line is wrong, or cannot be done here.
    """
    word, rest = split_line(line)
    if not word:
        return Reply("nothing")
    return find_command(word).run(debugger, rest)


def split_line(line: str) -> tuple[str, str]:
    """The command's word and what follows; `("", "")` for an empty line or a comment. `@0,2`, `/relu` need no space."""
    words = line.strip()
    if not words or words.startswith("#"):
        return "", ""
    word, rest = re.match(r"([@/?]|[^\s\[]+|\S+)\s*(.*)", words, re.DOTALL).groups()  # type: ignore[union-attr]
    expanded, _, move = _CAPITALS.get(word, word).partition(" ")
    return expanded, f"{move} {rest}".strip()
