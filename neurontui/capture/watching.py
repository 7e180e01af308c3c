"""`record()`: every top-level model call inside a `with` becomes a Trace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from neurontui.capture.running import record_run
from neurontui.records import Run, Trace


@contextmanager
def record(*, wanted: Callable[[int, nn.Module], bool] | None = None) -> Iterator[list[Trace]]:
    """Record the top-level model calls made inside the `with`, in this thread. What the model raises goes on to its caller.

    `wanted(number, model)` (number from 1) says whether a call is to be recorded at all; by default all are.
    """
    traces: list[Trace] = []
    thread, plain = threading.get_ident(), nn.Module.__call__
    inside = False
    number = 0

    def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside, number
        if inside or threading.get_ident() != thread:
            return plain(module, *args, **kwargs)
        inside = True
        number += 1
        try:
            if wanted is not None and not wanted(number, module):
                return plain(module, *args, **kwargs)
            trace = record_run(Run(module, args, kwargs, copy_parameters=True))
        finally:
            inside = False
        traces.append(trace)
        if trace.error is not None:
            raise trace.error
        return trace.output

    nn.Module.__call__ = call  # type: ignore[method-assign, assignment]
    try:
        yield traces
    finally:
        nn.Module.__call__ = plain  # type: ignore[method-assign]
