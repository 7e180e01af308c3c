"""A step while it is being recorded: a plain mutable object, from which a frozen Step is made at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neurontui.capture.memory import Known
from neurontui.records import Value

Place = int | str  # of an argument: its position or its keyword
Seen = list[tuple[Place, Known]]
EMPTY: dict[str, Any] = {}


class Raw:
    """What is known of a call while it runs. `op` is an Operation, for modules the class."""

    __slots__ = (
        "args",
        "autocast",
        "clock",
        "duration",
        "error",
        "frame",
        "grad",
        "handled",
        "index",
        "kind",
        "kwargs",
        "note",
        "op",
        "output",
        "overhead",
        "params",
        "parent",
        "path",
        "random_state",
        "seen",
        "start",
        "target",
        "training",
        "writes",
    )

    def __init__(
        self, parent: Raw | None, kind: str, op: Any, path: str, target: Any, frame: Any, training: bool | None, grad: bool
    ) -> None:
        self.index = -1  # until it is appended
        self.parent = parent
        self.kind = kind
        self.op = op
        self.path = path
        self.target = target
        self.frame = frame
        self.training = training
        self.grad = grad
        self.args: tuple[Any, ...] = ()
        self.kwargs: Mapping[str, Any] = EMPTY
        self.params: Mapping[str, Value] = EMPTY
        self.output: Any = None
        self.writes: list[tuple[Place, Value]] | None = None
        self.error: BaseException | None = None
        self.random_state: Any = None
        self.duration: float | None = None
        self.autocast: str | None = None
        self.note = ""
        if kind == "module":
            self.seen: Seen = []
            self.clock = 0  # the memory's, when the call began
            self.start = 0.0
            self.overhead = 0.0  # the recorder's own time, when the call began
            self.handled: BaseException | None = None  # an exception that somebody around was handling already
