"""What a crash in the forward says: `Failure`, in rows of who gives what and who takes what. Frozen text; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurontui.records import SourceLine


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a clash: `layer 1  Linear(5 → 5)   takes   [*, 5]   20 ≠ 5`.

    `clashing` are the dimensions of `shape` that do not fit, from 0; `clash` says it in words, on the side that complains.
    """

    label: str
    verb: Literal["gives", "takes", "has"]
    shape: str
    clash: str = ""
    clashing: tuple[int, ...] = ()
    step: int | None = None  # the step that this side is, where it is one


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the forward stopped at `step`. An error that nobody wrote a diagnosis for has no rule and no fixes."""

    title: str  # one sentence: "fc1 gives 20 numbers, fc2 takes 5."
    step: int  # the failing call
    rows: tuple[Side, ...]
    rule: str
    fixes: tuple[str, ...]
    torch_said: str  # the error's own words
    producer: int | None  # the step that made the wrong operand
    user_lines: tuple[SourceLine, ...]  # the user's own lines of the traceback, outermost first
    said_by: str = "torch"  # or "the error", where the forward's own code raised it

    def __str__(self) -> str:
        """The diagnosis in plain lines."""
        sides = [f"{side.label} {side.verb} {side.shape}" + (f" ({side.clash})" if side.clash else "") for side in self.rows]
        rule = [f"Rule: {self.rule}"] if self.rule else []
        said = [f"{self.said_by} said: {self.torch_said}"] if self.torch_said else []
        return "\n".join([self.title, *sides, *rule, *self.fixes, *said])
