"""`record()`: every top-level model call inside a `with` becomes a Trace."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from torch import nn

from neurontui.capture.running import record_run
from neurontui.records import Run, Trace
from neurontui.sources import find_caller


@contextmanager
def record(*, wanted: Callable[[int, nn.Module], bool] | None = None, finished: Callable[..., None] | None = None) -> Iterator[list[Trace]]:
    """Record the top-level model calls made inside the `with`, in this thread. What the model raises goes on to its caller.

    `wanted(number, model)` (number from 1) says whether a call is to be recorded at all; by default all are.
    `finished(number, model, args, kwargs, output, error, seconds, trace)` is called after every call, recorded or not (`trace` is None).
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
        start = perf_counter()
        output, error, trace = None, None, None
        try:
            if wanted is None or wanted(number, module):
                trace = record_run(Run(module, args, kwargs, copy_parameters=True), frame=find_caller(sys._getframe(1)))
                output, error = trace.output, trace.error
                traces.append(trace)
            else:
                output = plain(module, *args, **kwargs)
        except BaseException as raised:
            error = raised
        finally:
            inside = False
        if finished is not None:
            finished(number, module, args, kwargs, output, error, perf_counter() - start, trace)
        if error is not None:
            raise error
        return output

    nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        yield traces
    finally:
        nn.Module.__call__ = plain  # type: ignore[method-assign]
