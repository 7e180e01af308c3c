"""The functions that a trace file may name: those that torch itself lists as overridable, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


def find_function(op: str) -> Callable[..., Any] | None:
    """Torch's function of that name ("torch.nn.functional.linear"), or None."""
    return _functions().get(op)


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    import warnings

    from torch.overrides import get_overridable_functions, resolve_name

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # listing them touches deprecated names
        functions = [function for group in get_overridable_functions().values() for function in group]
        return {name: function for function in functions if (name := resolve_name(function))}
