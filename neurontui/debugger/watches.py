"""Watches: pinned numbers, each a row "before → now"."""

from __future__ import annotations

from dataclasses import dataclass

from neurontui.explanation import Number


@dataclass(frozen=True, slots=True)
class Watch:
    """One pinned element: `target` as in `Shown.target` ("fc1.weight", "x", "fc1/linear"), `at` its index."""

    target: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch reads now, and in the first run (None where that had no such element, or nothing was changed since)."""

    watch: Watch
    name: str  # what the watched tensor is called where it is shown
    now: Number | None
    before: Number | None
