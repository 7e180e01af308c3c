"""Plain mode: the debugger line by line, one fact a line, without drawing characters."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TextIO

from neurontui.commands import Reply, execute
from neurontui.comparison import Diff
from neurontui.debugger import Debugger, Shown, Statistics
from neurontui.explainers.failures import Failure
from neurontui.explanation import Explanation
from neurontui.rendering.differences import plain_diff
from neurontui.rendering.failures import plain_failure
from neurontui.rendering.statistics import plain_statistics
from neurontui.rendering.steps import plain_step
from neurontui.rendering.values import plain_tensor
from neurontui.rendering.words import plain_explanation
from neurontui.text import clean

PROMPT = "(neurontui) "


def run(debugger: Debugger, commands: Iterable[str], stdin: TextIO, stdout: TextIO) -> int:
    """Prints the walk, runs `commands`, then the lines of `stdin` until its end; prompts where stdin is a terminal.

    Returns:
        The exit code: 0; 1 where the forward raised; 2 where a command was wrong that was not typed at a prompt.
    """
    failed = debugger.run.error is not None
    for line in describe_walk(debugger):
        _write(stdout, line)
    wrong = False
    for line, typed in _read_lines(commands, stdin, stdout):
        if not typed:
            _write(stdout, f"{PROMPT}{clean(line.strip())}")
        reply = _execute(debugger, line, typed)
        for words in describe_reply(debugger, reply):
            _write(stdout, words)
        wrong = wrong or (reply.kind == "error" and not typed)
        if reply.kind == "quit":
            break
    return 2 if wrong else int(failed)


def describe_walk(debugger: Debugger) -> Iterator[str]:
    """What was chosen for the user, each step with its shapes, why the forward stopped where it did, and who made a NaN that came out."""
    run = debugger.run
    yield from (clean(note) for note in run.notes)
    yield from (plain_step(step) for step in run.steps)
    failure = debugger.failure()
    if failure is not None:
        yield from plain_failure(failure)
    debugger.scan(0, 1)
    nonfinite = debugger.nonfinite() if debugger.mark(0) in ("nan", "inf") else None
    if nonfinite is not None:
        yield clean(nonfinite.sentence)


def describe_reply(debugger: Debugger, reply: Reply) -> Iterator[str]:
    """The lines that answer one command."""
    subject = reply.subject
    if reply.kind == "error":
        yield f"Error: {reply.text[0]}"
    elif reply.kind == "predict":
        yield "There is no question here: questions are asked in lessons."
    elif reply.kind == "moved":
        yield plain_step(debugger.step)
        yield from reply.text[1:]
    else:
        yield from reply.text
    if isinstance(subject, str) and reply.kind == "copied":
        yield from (clean(line.replace("\t", " ")) for line in subject.splitlines())
    elif isinstance(subject, Shown) and reply.kind == "shown":
        yield from _describe_shown(debugger, subject)
    elif isinstance(subject, Explanation):
        yield from plain_explanation(subject, trace=debugger.trace, exact=debugger.exact)
    elif isinstance(subject, Failure):
        yield from plain_failure(subject)
    elif isinstance(subject, Statistics):
        yield from plain_statistics(subject)
    elif isinstance(subject, Diff):
        yield from plain_diff(subject)


def _describe_shown(debugger: Debugger, shown: Shown) -> Iterator[str]:
    """The slice that is looked at: before and after where the call or an edit changed it."""
    name = shown.title
    values = [("", shown.value)]
    if shown.written is not None and shown.written is not shown.value:
        values.append((f"{name} after the call:", shown.written))
    if shown.before is not None and debugger.comparing != "now":
        values.insert(0, (f"{name} before the changes:", shown.before))
    for head, value in values:
        if head:
            yield clean(head)
        plane = debugger.place.plane if value.shape == shown.value.shape else ()
        yield from plain_tensor(value, name=clean(name), exact=debugger.exact, plane=plane)


def _execute(debugger: Debugger, line: str, typed: bool) -> Reply:
    """One command; what is typed can be interrupted."""
    try:
        return execute(debugger, line)
    except KeyboardInterrupt:
        if not typed:
            raise
        return Reply("said", ("Interrupted.",))


def _read_lines(commands: Iterable[str], stdin: TextIO, stdout: TextIO) -> Iterator[tuple[str, bool]]:
    """The lines to run, and whether each was typed at a prompt; empty lines and comments of files are left out."""
    for line in commands:
        if _says_something(line):
            yield line, False
    terminal = stdin.isatty()
    while True:
        try:
            line = _prompt(stdin, stdout) if terminal else stdin.readline()
        except KeyboardInterrupt:
            if not terminal:
                raise
            _write(stdout, "")
            continue
        if not line:
            return
        if terminal or _says_something(line):
            yield line, terminal


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _prompt(stdin: TextIO, stdout: TextIO) -> str:
    """One typed line with its newline, "" at the end; with the line editing and history of readline on the real terminal."""
    if stdin is not sys.stdin or stdout is not sys.stdout:
        stdout.write(PROMPT)
        stdout.flush()
        return stdin.readline()
    with suppress(ImportError):
        import readline  # noqa: F401 (its import gives `input` a history)
    try:
        return f"{input(PROMPT)}\n"
    except EOFError:
        return ""


def _write(stdout: TextIO, line: str) -> None:
    """One line; what the stream's encoding does not have is written as its code."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stdout.flush()
