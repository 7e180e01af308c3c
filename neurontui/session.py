"""From a request to an open debugger: the full-screen app, plain mode, or, in a notebook, a static page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurontui.debugger import Debugger
    from neurontui.loading import Request
    from neurontui.records import Trace


@dataclass(frozen=True, slots=True)
class Manner:
    """How a debugger is opened: line by line or full screen, and which commands run first."""

    plain: bool = False
    ascii: bool = False
    commands: str | None = None  # -x FILE


def load_trace(request: Request) -> Trace:
    """Record what the request names, or read it where it is a saved trace."""
    raise NotImplementedError


def open_debugger(prepare: Callable[[], Debugger], manner: Manner, title: str = "") -> int:
    """Open what `prepare` returns, in the app or in plain mode, and return the exit code."""
    raise NotImplementedError


def debug(model: Any, *args: Any, **kwargs: Any) -> None:
    """Record `model(*args, **kwargs)` and open it: the app in a terminal, a static page in a notebook cell."""
    raise NotImplementedError
