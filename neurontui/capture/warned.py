"""Warnings while we call torch for the model: shown at the model's line, and not once more where a call is run again.

Which warnings are shown, and by what, Python keeps for the whole process; threads take turns, so that all is left as it was.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from neurontui.sources import find_line, is_ours

_LOCK = RLock()
_OTHERS: list[Any] = [warnings.showwarning]  # what shows warnings but for us, the innermost last


@contextmanager
def warned_as_theirs() -> Iterator[None]:
    """A warning of torch's about the line that called it names the model's line; while we call torch for the model, that is ours."""
    with _LOCK:
        replaced = warnings.showwarning
        if replaced is not _show:  # else another thread's recording has done so
            _OTHERS.append(replaced)
            warnings.showwarning = _show
    try:
        yield
    finally:
        with _LOCK:
            if replaced is not _show:
                _OTHERS.remove(replaced)
                if warnings.showwarning is _show:
                    warnings.showwarning = replaced


def _show(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: str | None = None) -> None:
    if is_ours(filename):
        filename, lineno = find_line(sys._getframe(1)) or (filename, lineno)
        line = None
    _OTHERS[-1](message, category, filename, lineno, file, line)


@contextmanager
def unwarned() -> Iterator[None]:
    """Nothing is warned of."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
