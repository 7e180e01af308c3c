"""NeuronTUI: pdb for tensors. Importing it loads neither torch nor textual; each name is fetched when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurontui.capture import edit, expand, record, trace
    from neurontui.comparison import Diff, diff
    from neurontui.errors import NeuronTUIError
    from neurontui.explainers import explain, explains
    from neurontui.explanation import Explanation, Factor, Origin, Term
    from neurontui.records import Step, Trace, Value
    from neurontui.session import debug
    from neurontui.storage import load, save

__version__ = "0.1.0"

_HOMES = {
    "trace": "capture", "edit": "capture", "expand": "capture", "record": "capture",
    "explain": "explainers", "explains": "explainers",
    "diff": "comparison", "Diff": "comparison",
    "save": "storage", "load": "storage",
    "debug": "session",
    "NeuronTUIError": "errors",
    "Explanation": "explanation", "Term": "explanation", "Factor": "explanation", "Origin": "explanation",
    "Trace": "records", "Step": "records", "Value": "records",
}  # fmt: skip

__all__ = [
    "Diff", "Explanation", "Factor", "NeuronTUIError", "Origin", "Step", "Term", "Trace", "Value",
    "debug", "diff", "edit", "expand", "explain", "explains", "load", "record", "save", "trace",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'neurontui' has no attribute {name!r}")
    value = getattr(import_module(f"neurontui.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
