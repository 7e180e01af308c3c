"""A key that a dictionary of the module's does not hold: which it holds."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from torch import nn

from neurontui.errors import nearest
from neurontui.explainers.failures.crash import Crash, user_lines
from neurontui.explainers.failures.failure import Failure

_MOST_KEYS = 8


def diagnose_key(crash: Crash) -> Failure | None:
    """`self.heads["up"]`, where the model's own line says so and `self.heads` is still there to be looked at."""
    if not crash.is_a("KeyError") or not crash.error.args or not crash.is_own_code():
        return None
    key = crash.error.args[0]
    lines = user_lines(crash.trace, crash.step)
    found = ((name, _held(crash.step.target, name)) for name in _looked_in(lines[-1].text if lines else ""))
    name, holder = next(((name, holder) for name, holder in found if holder is not None and key not in holder), ("", None))
    if holder is None:
        return None
    keys = list(map(str, holder))
    title = f"{crash.label()} looks in self.{name} for {key!r}, which it does not hold{nearest(str(key), keys) or '.'}"
    listed = ", ".join(map(repr, keys[:_MOST_KEYS])) + (f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else "")
    fixes = [f"It holds {listed}." if keys else f"It is empty: fill self.{name} in __init__."]
    return crash.explain(title, [], "A key is found under the name that it was given.", fixes)


def _looked_in(code: str) -> list[str]:
    """The attributes of self in which code looks something up: `heads` of `self.heads[name]`."""
    try:
        parts = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return []
    holders = [part.value for part in parts if isinstance(part, ast.Subscript)]
    return [
        holder.attr
        for holder in holders
        if isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name) and holder.value.id == "self"
    ]


def _held(module: Any, name: str) -> Mapping[Any, Any] | nn.ModuleDict | nn.ParameterDict | None:
    """What a module holds under a name, where that is a dictionary. No code of the user's is run."""
    if not isinstance(module, nn.Module):
        return None
    held: Any = module._modules.get(name, module.__dict__.get(name))
    return held if type(held) in (dict, nn.ModuleDict, nn.ParameterDict) else None
