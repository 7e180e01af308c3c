"""`neurontui explain MODEL|TRACE --step NAME [--at INDEX]`: one number's explanation; no screen."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from neurontui.cli.output import show, show_json, width_of
from neurontui.cli.requests import make_request, quiet_answer
from neurontui.errors import InputError, message_of, name_type
from neurontui.session import load_trace

if TYPE_CHECKING:
    from neurontui.explainers.failures import Failure
    from neurontui.records import Step, Trace


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 1 where the forward raised, even where the step in question came to its end."""
    if options.terms < 0:
        raise InputError(f"--terms {options.terms} is no number of terms: give 0 or more")
    at = read_index(options.at)
    with quiet_answer():
        trace = load_trace(make_request(options, options.model))
        _say_notes(trace)
        step = trace.step(options.step)
    if step.error is not None:
        _explain_failure(options, trace, step)
    else:
        (_explain_deep if options.deep else _explain)(options, trace, step, at)
    return 0 if trace.error is None else 1


def read_index(text: str | None) -> tuple[int, ...] | None:
    """`"0,2"` → `(0, 2)`; None where none was given.

    Raises:
        InputError: it is no index.
    """
    if text is None:
        return None
    try:
        return tuple(int(word) for word in text.strip().strip("[]()").replace(",", " ").split())
    except ValueError as error:
        raise InputError(f"--at {text!r} is no index: give whole numbers with commas between them, as in 0,2") from error


def _say_notes(trace: Trace) -> None:
    from neurontui.text import clean

    for note in trace.notes:
        print(f"note: {clean(note)}", file=sys.stderr)


def _explain(options: argparse.Namespace, trace: Trace, step: Step, at: tuple[int, ...] | None) -> None:
    from neurontui.explainers import explain

    with quiet_answer():
        why = explain(trace, step, at, options.output)
    if options.json:
        from neurontui.exporting import explanation_json

        show_json(explanation_json(why, trace, terms=options.terms))
    elif options.plain:
        from neurontui.rendering.words import plain_explanation

        show(plain_explanation(why, trace=trace, terms=options.terms))
    else:
        from neurontui.rendering.explanations import explanation_text

        look, width = width_of(options)
        show([explanation_text(why, width, trace=trace, terms=options.terms, look=look)])


def _explain_deep(options: argparse.Namespace, trace: Trace, step: Step, at: tuple[int, ...] | None) -> None:
    from neurontui.explainers import deep

    with quiet_answer():
        expression = deep(trace, step, at, terms=options.terms, output=options.output)
    if options.json:
        from neurontui.exporting import expression_json

        show_json(expression_json(expression))
        return
    from neurontui.rendering.expressions import expression_lines

    look, width = width_of(options)
    show(expression_lines(expression, width, look))


def _explain_failure(options: argparse.Namespace, trace: Trace, step: Step) -> None:
    """The step raised, so it has no number: say why it raised."""
    from neurontui.explainers.failures import diagnose

    failure = diagnose(trace)
    assert failure is not None  # the trace has an error
    if options.json:
        show_json(_failure_data(failure, step))
    elif options.plain:
        from neurontui.rendering.failures import plain_failure

        show(plain_failure(failure))
    else:
        from neurontui.rendering.failures import failure_lines, failure_title

        look, width = width_of(options)
        show([failure_title(trace, look), *failure_lines(failure, width, look)])


def _failure_data(failure: Failure, step: Step) -> dict[str, object]:
    """A crash as JSON data: the failing step's name, what was raised, and every field of the diagnosis."""
    from neurontui.exporting.data import frozen_data

    error = {"type": name_type(step.error), "message": message_of(step.error)}
    return {"step": step.name, "error": error, **frozen_data(failure)}
