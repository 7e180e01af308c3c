"""The explainers by operation: `explains` puts them in, `find` gets them out, plug-ins come by entry point."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, TypeVar

from neurontui.explainers.names import key

Explainer = Callable[..., Any]  # (call, /, *the operation's arguments) -> Draft or NotImplemented
F = TypeVar("F", bound=Explainer)

ENTRY_POINTS = "neurontui.explainers"
_EXPLAINERS: dict[str, Explainer] = {}


def explains(*operations: str) -> Callable[[F], F]:
    """Register the decorated function as the explainer of each operation ("torch.nn.functional.linear").

    Raises:
        ValueError: one of them has an explainer already, or no operation was named.
    """
    if not operations:
        raise ValueError("explains() was given no operation: name at least one, as in @explains('torch.relu').")

    def register(explainer: F) -> F:
        keys = {key(operation) for operation in operations}
        taken = sorted(k for k in keys if k in _EXPLAINERS)
        if taken:
            other = _EXPLAINERS[taken[0]]
            raise ValueError(
                f"{taken[0]!r} has an explainer already, {other.__module__}.{other.__qualname__}: one operation has one explainer."
            )
        _EXPLAINERS.update(dict.fromkeys(keys, explainer))
        return explainer

    return register


def find(op: str) -> Explainer | None:
    """The explainer of an operation, by any of its spellings."""
    load()
    return _EXPLAINERS.get(key(op))


@cache
def load() -> None:
    """Import every family, then the plug-ins."""
    families = import_module("neurontui.explainers.families")
    for module in iter_modules(families.__path__, families.__name__ + "."):
        import_module(module.name)
    load_plugins()


def load_plugins() -> None:
    """Load what installed packages add by the entry-point group; a plug-in that breaks is a warning, and adds nothing."""
    for point in entry_points(group=ENTRY_POINTS):
        before = dict(_EXPLAINERS)
        try:
            point.load()
        except Exception as error:
            _EXPLAINERS.clear()
            _EXPLAINERS.update(before)
            what = f"The explainer plug-in {point.name!r} ({point.value}) was left out: {type(error).__name__}: {error}"
            warnings.warn(what, stacklevel=2)
