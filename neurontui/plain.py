"""Plain mode: the debugger line by line, one fact a line, without drawing characters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from neurontui.debugger import Debugger


def run(debugger: Debugger, commands: Iterable[str], stdin: TextIO, stdout: TextIO) -> int:
    """Prints the walk, runs `commands`, then the lines of `stdin` until its end; prompts where stdin is a terminal.

    Returns:
        The exit code: 0; 1 where the forward raised; 2 where a command that was not typed at a prompt was wrong.
    """
    raise NotImplementedError
