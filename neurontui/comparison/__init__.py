"""Two traces held against each other: of one model, of two models, of two checkpoints. `diff(a, b)` says where they first differ."""

from __future__ import annotations

from neurontui.comparison.difference import Change, Diff
from neurontui.records import Trace

__all__ = ["Change", "Diff", "changes", "diff"]


def diff(a: Trace, b: Trace) -> Diff:
    """Hold `b` against `a`, step by step, aligned by step names."""
    raise NotImplementedError


def changes(a: Trace, b: Trace) -> tuple[Change, ...]:
    """The rows of `diff(a, b)` alone: one for each step of either trace, in execution order."""
    raise NotImplementedError
