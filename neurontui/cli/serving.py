"""`neurontui serve COMMAND …`: a command that opens the app, in a browser."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from neurontui.cli.lessons import allow_models
from neurontui.cli.parser import parse
from neurontui.errors import InputError
from neurontui.lessons.library import open_lesson
from neurontui.loading.demos import find_demo
from neurontui.loading.modules import compile_file
from neurontui.loading.references import check_reference

SHOWN = ("demo", "inspect", "run", "lesson")


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words or words[0] not in SHOWN:
        raise _no_app()
    _check(parse(words))
    if not 0 < options.port < 65536:
        raise InputError(f"--port {options.port} is no port: give one from 1 to 65535")
    try:
        from textual_serve.server import Server
    except ImportError as error:
        raise InputError("serving needs textual-serve: pip install 'neurontui[serve]'") from error
    server = Server(shlex.join([sys.executable, "-m", "neurontui", *words]), host=options.host, port=options.port, title="NeuronTUI")
    try:
        server.serve()
    except OSError as error:
        place = f"--host {options.host} --port {options.port}"
        raise InputError(f"{place} cannot be served: {error.strerror or error}; give another --port or --host") from error
    return 0


def _check(options: argparse.Namespace) -> None:
    """Say here what is wrong and ask here what is to be asked: in the browser nobody would see it.

    Raises:
        NeuronTUIError: the command opens no app, or what it names is not there or may not run.
    """
    if options.plain:
        raise _no_app()
    if options.command == "lesson":
        if len(options.words) != 1:
            raise _no_app()
        allow_models(open_lesson(options.words[0]))
    elif options.command == "run":
        compile_file(Path(options.script))
    elif options.command == "inspect":
        check_reference(options.model)
    elif options.name is None:
        raise _no_app()
    else:
        find_demo(options.name)


def _no_app() -> InputError:
    return InputError(f"serve needs a command that opens the app ({', '.join(SHOWN)}), as in `neurontui serve demo simple_ann`")
