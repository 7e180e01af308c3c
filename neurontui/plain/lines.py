"""Reading and writing lines in plain mode."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TextIO


def read_lines(commands: Iterable[str], stdin: TextIO, stdout: TextIO, prompt: str, *, blank: bool = False) -> Iterator[tuple[str, bool]]:
    """The lines to run, and whether each was typed at a prompt; empty lines (unless `blank`) and comments of files are left out."""
    for line in commands:
        if _says_something(line):
            yield line, False
    terminal = stdin.isatty()
    while True:
        try:
            line = _ask(stdin, stdout, prompt) if terminal else stdin.readline()
        except KeyboardInterrupt:
            if not terminal:
                raise
            write_line(stdout, "")
            continue
        if not line:
            return
        if terminal or _says_something(line) or (blank and not line.strip()):
            yield line, terminal


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _ask(stdin: TextIO, stdout: TextIO, prompt: str) -> str:
    """One typed line with its newline, "" at the end; with the line editing and history of readline on the real terminal."""
    if stdin is not sys.stdin or stdout is not sys.stdout:
        stdout.write(prompt)
        stdout.flush()
        return stdin.readline()
    with suppress(ImportError):
        import readline  # noqa: F401 (its import gives `input` a history)
    try:
        return f"{input(prompt)}\n"
    except EOFError:
        return ""


def write_line(stdout: TextIO, line: str) -> None:
    """One line; what the stream's encoding does not have is written as its code."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stdout.flush()
