"""Inputs worked out from a model's layers, by trying sizes on a copy of it that holds no data (the meta device).

The model itself and every random state stay as they are.
"""

from __future__ import annotations

from neurontui.loading.guessing.search import Guess, work_out
from neurontui.loading.guessing.trials import runs_on_meta

__all__ = ["Guess", "runs_on_meta", "work_out"]
