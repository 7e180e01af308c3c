"""`neurontui run SCRIPT.py [ARG …]`: run a script as it is, list its model calls, open one."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from neurontui.cli.requests import make_manner, quiet_answer
from neurontui.errors import InputError
from neurontui.scripts import CallLine, Choice, ScriptRun, check_choice, describe_error, run_script
from neurontui.session import in_browser, open_debugger


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 1 where the script or the call that is opened raised."""
    if options.call is not None and options.call < 1:
        raise InputError(f"--call {options.call} is no call: they are counted from 1")
    choice = Choice(options.call, options.last, options.model)
    manner = make_manner(options)
    with _apart_from_browser() if in_browser() else nullcontext():
        script = _run_script(options, choice)
    trace = script.trace
    if trace is None:
        return 130 if isinstance(script.error, KeyboardInterrupt) else 1
    from neurontui.debugger import Debugger

    title = f"{Path(options.script).name}, call {script.number} of {script.count}"
    code = open_debugger(lambda progress: Debugger(trace), manner, title)
    return code or int(script.error is not None)


@contextmanager
def _apart_from_browser() -> Iterator[None]:
    """Both streams are the browser's: textual-serve takes few lines before the app's own, and a script's `input()` meets the end."""
    stream, sys.stdin = sys.stdin, io.StringIO()
    try:
        with quiet_answer():
            yield
    finally:
        sys.stdin = stream


def _run_script(options: argparse.Namespace, choice: Choice) -> ScriptRun:
    """Run it, and say what it raised and which calls it made."""
    script = run_script(options.script, options.arguments, choice)
    if sys.stdout is None or sys.stdout.closed:
        raise InputError(f"{options.script} closed its standard output, so nothing can be shown")
    if script.error is not None:
        print(describe_error(script.error, options.script), file=sys.stderr)
    if script.error is None or script.trace is not None:
        check_choice(script, choice, options.script)
        for line in _describe(script, choice):
            print(line)
    return script


def _describe(script: ScriptRun, choice: Choice) -> Iterator[str]:
    """The list of calls, one a line."""
    from neurontui.text import format_duration

    def write(line: CallLine) -> str:
        return f"call {line.number}  {line.model}  {line.shapes}  {format_duration(line.seconds)}{line.error and f'  {line.error}'}"

    left_out = script.count - len(script.lines)
    for place, line in enumerate(script.lines):
        if left_out and line.number > 1 and script.lines[place - 1].number != line.number - 1:
            yield f"… {left_out:,} more calls …"
        yield write(line)
    if script.count > 1:
        others = "" if choice.call or choice.last else "; --call N, --last or --model NAME open another"
        yield f"opened: call {script.number} of {script.count}{others}"
