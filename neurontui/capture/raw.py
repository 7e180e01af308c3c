"""A step while it is being recorded: a plain mutable object, from which a frozen Step is made at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neurontui.capture.memory import Known
from neurontui.records import Value

Place = int | str  # of an argument: its position or its keyword
Seen = list[tuple[Place, Known]]
EMPTY: dict[str, Any] = {}


@dataclass(slots=True, init=False, eq=False)
class Raw:
    """What is known of a call while it runs. `op` is an Operation, for modules the class."""

    index: int
    parent: Raw | None
    kind: str
    op: Any
    path: str
    target: Any
    frame: Any
    training: bool | None
    grad: bool
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    params: Mapping[str, Value]
    output: Any
    writes: list[tuple[Place, Value]] | None
    error: BaseException | None
    random_state: Any
    duration: float | None
    autocast: str | None
    note: str
    # Only modules:
    seen: Seen
    clock: int  # the memory's, when the call began
    start: float
    overhead: float  # the recorder's own time, when the call began
    handled: BaseException | None  # an exception that somebody around was handling already


def begin_raw(parent: Raw | None, kind: str, op: Any, path: str, target: Any, frame: Any, training: bool | None, grad: bool) -> Raw:
    """A call that is about to run."""
    raw = Raw()
    raw.index = -1  # until it is appended
    raw.parent, raw.kind, raw.op, raw.path, raw.target = parent, kind, op, path, target
    raw.frame, raw.training, raw.grad = frame, training, grad
    raw.args, raw.kwargs, raw.params = (), EMPTY, EMPTY
    raw.output = raw.writes = raw.error = raw.random_state = raw.duration = raw.autocast = None
    raw.note = ""
    if kind == "module":
        raw.seen = []
        raw.clock, raw.start, raw.overhead, raw.handled = 0, 0.0, 0.0, None
    return raw
