"""Two traces held against each other: of one model, of two models, of two checkpoints. `diff(a, b)` says where they first differ."""

from __future__ import annotations

from neurontui.comparison.comparing import changes, diff, diff_weights, find_first_divergence, statuses
from neurontui.comparison.difference import Change, Diff

__all__ = ["Change", "Diff", "changes", "diff", "diff_weights", "find_first_divergence", "statuses"]
