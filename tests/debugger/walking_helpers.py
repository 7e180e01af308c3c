"""Hand-made call trees, and small models with what the debugger has to cope with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course import record_simple_ann

import neurontui
from neurontui.debugger import Debugger
from neurontui.records import Step, Trace


def make_step(index: int, parent: int | None, end: int, **fields: Any) -> Step:
    """A step of a hand-made tree; every other field is empty."""
    given: dict[str, Any] = {
        "kind": "module", "op": "Block", "path": f"m{index}", "call": 1, "name": f"m{index}",
        "args": (), "kwargs": {}, "params": {}, "output": None, "writes": {},
        "training": True, "grad": True, "autocast": None, "duration": None, "random_state": None, "error": None,
    }  # fmt: skip
    return Step(index=index, parent=parent, end=end, **(given | fields))


def make_tree(parents: Sequence[int | None]) -> tuple[Step, ...]:
    """A pre-order tuple of steps with these parents (`parents[0]` is None)."""
    ends = [index + 1 for index in range(len(parents))]
    for index in range(len(parents) - 1, 0, -1):
        parent = parents[index]
        assert parent is not None
        ends[parent] = max(ends[parent], ends[index])
    return tuple(make_step(index, parent, end) for index, (parent, end) in enumerate(zip(parents, ends, strict=True)))


def make_trace(parents: Sequence[int | None], error: BaseException | None = None) -> Trace:
    """A hand-made trace."""
    return Trace(steps=make_tree(parents), output=None, error=error, run=None)


def simple_ann() -> Debugger:
    """SimpleANN of seed 1 on [1, 2], as in the course."""
    return Debugger(record_simple_ann())


def record(model: Any, *inputs: Any, **options: Any) -> Debugger:
    """Any model, recorded."""
    return Debugger(neurontui.trace(model, *inputs, **options))
