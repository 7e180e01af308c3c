"""What a trace file may name to be run again: torch's own functions, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neurontui.capture.targets import find_function
from neurontui.errors import StepError


def find_target(kind: str, op: str) -> Callable[..., Any] | None:
    """Torch's function of that name; None for a module's code and any function that is not torch's."""
    try:
        return find_function(op) if kind != "module" else None
    except StepError:
        return None
