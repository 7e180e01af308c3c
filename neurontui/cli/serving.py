"""`neurontui serve COMMAND …`: a command that opens the app, in a browser."""

from __future__ import annotations

import argparse
import shlex
import sys

from neurontui.cli.parser import parse
from neurontui.errors import InputError

SHOWN = ("demo", "inspect", "run", "lesson")


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words or words[0] not in SHOWN:
        raise InputError(f"serve needs a command that opens the app ({', '.join(SHOWN)}), as in `neurontui serve demo simple_ann`")
    parse(words)  # a wrong word is said here, not in the browser
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
