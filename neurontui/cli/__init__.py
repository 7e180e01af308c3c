"""The command line. It imports neither torch nor textual: each command imports what it needs inside itself."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from neurontui.cli.leaving import leave
from neurontui.cli.parser import build_parser, parse
from neurontui.errors import NeuronTUIError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0; 1 for a difference or a forward that raised; 2 for bad input."""
    code = _run(list(sys.argv[1:] if argv is None else argv))
    if argv is None:  # else it is a part of somebody's program
        leave(code)
    return code


def _run(words: list[str]) -> int:
    """Run the command; one sentence where it cannot be."""
    debugging = "--debug" in words
    try:
        if not words:
            build_parser()[0].print_help()
            return 2
        options = parse(words)
        command = import_module(f"neurontui.cli.{options.module}")
        code = int(command.run(options))
        sys.stdout.flush()  # here, where a closed pipe is caught
        return code
    except NeuronTUIError as error:
        if debugging:
            raise
        from neurontui.text import clean

        print(f"neurontui: {clean(str(error))}", file=sys.stderr)
        return error.exit_code
    except SystemExit as stop:  # --help and --version
        return int(stop.code or 0)
    except KeyboardInterrupt as stop:
        from neurontui.text import clean

        if str(stop):
            print(f"neurontui: {clean(str(stop))}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `neurontui explain … | head`
        _drop_output()
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT):  # those of a write; any other is a bug of ours
            raise
        _drop_output()
        print(f"neurontui: the output cannot be written: {error.strerror}", file=sys.stderr)
        return 2


def _drop_output() -> None:
    """What is still to be written would raise once more, when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
