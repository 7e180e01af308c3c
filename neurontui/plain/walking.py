"""The debugger line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from neurontui.commands import Reply, execute
from neurontui.comparison import Diff
from neurontui.debugger import Debugger, Shown, Statistics
from neurontui.errors import StaleValueError
from neurontui.explainers.failures import Failure
from neurontui.explanation import Explanation
from neurontui.lessons.practice import Practice
from neurontui.plain.lines import read_lines, write_line
from neurontui.plain.questions import take_words
from neurontui.rendering.differences import plain_diff
from neurontui.rendering.failures import plain_failure
from neurontui.rendering.statistics import plain_histogram
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
        write_line(stdout, line)
    wrong = False
    practice = Practice(debugger)
    for line, typed in read_lines(commands, stdin, stdout, PROMPT):
        if not typed:
            write_line(stdout, f"{PROMPT}{clean(line.strip())}")
        reply = _execute(debugger, line, typed)
        for words in take_words(practice, str(reply.subject or "")) if reply.kind == "predict" else describe_reply(debugger, reply):
            write_line(stdout, words)
        wrong = wrong or (reply.kind in ("error", "screenshot") and not typed)
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
    if reply.kind in ("error", "screenshot"):
        yield f"Error: {reply.text[0]}"
    elif reply.kind == "moved":
        yield plain_step(debugger.step)
        yield from reply.text[1:]
    elif reply.kind != "copied":  # there is no clipboard here: what is copied is written
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
        yield from plain_histogram(subject)
    elif isinstance(subject, Diff):
        yield from plain_diff(subject)


def _describe_shown(debugger: Debugger, shown: Shown) -> Iterator[str]:
    """The slice that is looked at: before and after where the call or an edit changed it."""
    name, comparing = shown.title, debugger.standing.comparing
    values = [("", shown.value)]
    if shown.written is not None and shown.written is not shown.value:
        values.append((f"{name} after the call:", shown.written))
    if shown.before is not None and comparing != "now":
        now = [(f"{name} now:", shown.value), *values[1:]] if comparing == "both" else []
        values = [(f"{name} before the changes:", shown.before), *now]
    for head, value in values:
        if head:
            yield clean(head)
        plane = debugger.place.plane if value.shape == shown.value.shape else ()
        try:
            yield from plain_tensor(value, name=clean(name), exact=debugger.exact, plane=plane)
        except StaleValueError as error:  # it was changed since, or holds none
            yield clean(error)


def _execute(debugger: Debugger, line: str, typed: bool) -> Reply:
    """One command; what is typed can be interrupted."""
    try:
        return execute(debugger, line)
    except KeyboardInterrupt:
        if not typed:
            raise
        return Reply("said", ("Interrupted.",))
