"""From a request to an open debugger: the full-screen app, plain mode, or, in a notebook, a static page."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError
from neurontui.loading import Request, load_run

if TYPE_CHECKING:
    from neurontui.debugger import Debugger
    from neurontui.records import Run, Trace

Progress = Callable[[str], None]  # is told in words what is being done; may raise CancelledError


@dataclass(frozen=True, slots=True)
class Manner:
    """How a debugger is opened: line by line or full screen, and which commands run first."""

    plain: bool = False
    ascii: bool = False
    lines: tuple[str, ...] = ()  # of -x FILE
    last: bool = False  # the process is ended next


def read_commands(file: str | None) -> tuple[str, ...]:
    """The lines of a -x file; none where none is given.

    Raises:
        InputError: it cannot be read.
    """
    if file is None:
        return ()
    try:
        return tuple(Path(file).read_text("utf-8-sig").splitlines())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"the commands in {file} cannot be read: {reason}") from error


def _say_nothing(sentence: str) -> None:
    pass


def load_trace(request: Request, progress: Progress = _say_nothing, *, copy_parameters: bool = False) -> Trace:
    """Record what the request names, or read it where it is a saved trace.

    Args:
        copy_parameters: keep the parameters too, as for a trace that outlives its model.

    Raises:
        NeuronTUIError: it leads to nothing that can be run or read. What the model raises is in `Trace.error`.
    """
    if is_saved(request):
        from neurontui.storage import load

        return load(request.reference)
    progress(f"loading {request.reference}")
    run = load_run(request)
    return _record(replace(run, copy_parameters=copy_parameters), progress)


def is_saved(request: Request) -> bool:
    """Whether the request names a file of a trace.

    Raises:
        InputError: it does, and has options that only a model can follow.
    """
    if request.demo or not request.reference.endswith(".safetensors") or not os.path.isfile(request.reference):
        return False
    if request != Request(request.reference):
        reason = "a saved run is shown as it was recorded; options such as --input and --eval need the model's own file"
        raise InputError(f"{request.reference} takes no options: {reason}")
    return True


def _record(run: Run, progress: Progress) -> Trace:
    from neurontui.capture import record_run

    progress(f"recording {run.title}")
    return record_run(run, watch=lambda count: progress(f"recording {run.title}: {count:,} steps"))


def prepare(request: Request) -> Callable[[Progress], Debugger]:
    """What the app's worker calls: it imports torch, loads, records, and returns the debugger."""

    def make(progress: Progress) -> Debugger:
        progress("importing torch")
        trace = load_trace(request, progress)
        from neurontui.debugger import Debugger

        return Debugger(trace)

    return make


def open_debugger(make: Callable[[Progress], Debugger], manner: Manner, title: str = "") -> int:
    """Open what `make` returns, in the app or in plain mode, and return the exit code.

    Raises:
        NeuronTUIError: what `make` raised.
    """
    if not manner.plain and has_screen():
        from neurontui.tui.app import run_app

        return run_app(make, title=title, commands=manner.lines, ascii=manner.ascii, last=manner.last)
    from neurontui import plain

    with commands_apart() as commands:
        return plain.run(make(_say_nothing), manner.lines, commands, sys.stdout)


def has_screen() -> bool:
    """Whether there is a terminal that can show the app, or a browser."""
    if in_browser():
        return True
    streams = (sys.stdin, sys.stdout)
    return os.environ.get("TERM") != "dumb" and all(stream is not None and not stream.closed and stream.isatty() for stream in streams)


def in_browser() -> bool:
    """Whether `neurontui serve` started this: the app talks to the browser through pipes."""
    return os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")


@contextmanager
def commands_apart() -> Iterator[Any]:
    """The stream that commands are read from.

    Where it is no terminal a model's `input()` meets the end, and its `breakpoint()` is passed over, instead of eating commands.
    """
    stream = io.StringIO() if sys.stdin is None or sys.stdin.closed else sys.stdin
    if stream.isatty():
        yield stream
        return
    hook = sys.breakpointhook
    sys.stdin, sys.breakpointhook = io.StringIO(), lambda *args, **kwargs: None
    try:
        yield stream
    finally:
        sys.stdin, sys.breakpointhook = stream, hook


def debug(
    model: Any,
    *args: Any,
    kwargs: Mapping[str, Any] | None = None,
    seed: int | None = None,
    training: bool | None = None,
    grad: bool | None = None,
) -> None:
    """Record `model(*args, **kwargs)` and open it: the app in a terminal, a static page in a notebook cell.

    The model, its buffers and the random state are afterwards as they were before.
    """
    from neurontui.records import Run

    run = Run(model, args, dict(kwargs or {}), seed, training, grad, restore=True, title=type(model).__name__)
    if in_notebook():
        show_page(_record(run, _say_nothing))
        return

    def make(progress: Progress) -> Debugger:
        from neurontui.debugger import Debugger

        return Debugger(_record(run, progress))

    open_debugger(make, Manner(), run.title)


def in_notebook() -> bool:
    """Whether this runs in a notebook cell, where there is no terminal."""
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"


def show_page(trace: Trace) -> None:
    """Show a trace below the notebook cell."""
    from IPython.display import display

    display(trace)


def frame_page(trace: Trace) -> str:
    """A trace as HTML for a notebook cell: its page in a frame of its own, so that neither's style touches the other's."""
    import html

    from neurontui.exporting import trace_text

    page = html.escape(trace_text(trace, ".html"))
    return f'<iframe srcdoc="{page}" style="width: 100%; height: 640px; border: 1px solid #8884"></iframe>'
