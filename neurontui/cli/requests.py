"""From parsed options to a `Request` and a `Manner`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import fields

from neurontui.loading import Request
from neurontui.session import Manner, read_commands


def make_request(options: argparse.Namespace, reference: str, *, demo: bool = False) -> Request:
    """The options about the model, whose names are those of the request's fields."""
    known = {field.name: getattr(options, field.name) for field in fields(Request) if hasattr(options, field.name)}
    listed = {"inputs": tuple(options.inputs), "arguments": tuple(options.arguments)}
    return Request(**{**known, **listed, "reference": reference, "demo": demo})


def make_manner(options: argparse.Namespace) -> Manner:
    """How the debugger is to be opened.

    Raises:
        InputError: the -x file cannot be read.
    """
    return Manner(options.plain, options.ascii, read_commands(options.commands), last=True)


@contextmanager
def quiet_answer() -> Iterator[None]:
    """What a model prints while it is loaded and run goes to stderr: stdout is the answer alone."""
    with redirect_stdout(sys.stderr):
        yield
