"""Where a debugger stands, kept to come back to: traces and places are frozen, so a snapshot is a few references."""

from __future__ import annotations

from typing import Any

from neurontui.debugger.core import Debugger

_KEPT = ("runs", "opened", "place", "history", "comparing", "reached")  # how numbers are shown, and breakpoints, are not part of it

Snapshot = tuple[tuple[str, Any], ...]


def take_snapshot(debugger: Debugger) -> Snapshot:
    """Which run is walked, and where."""
    return tuple((name, getattr(debugger, name)) for name in _KEPT)


def return_to(debugger: Debugger, snapshot: Snapshot) -> None:
    """Make a debugger stand where it stood."""
    for name, value in snapshot:
        setattr(debugger, name, value)
