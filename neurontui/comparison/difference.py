"""What differs between two traces: `Diff`, one `Change` a step. Frozen; no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["equal", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Change:
    """One step (or parameter, input, output) in both traces, by name.

    `status` is "equal" (every bit), "changed", or "missing" (in one trace only: `left` or `right` is None).
    `maximum` is max |left − right| over all elements, NaN where one side alone is NaN, None where shapes or types forbid it.
    """

    name: str
    left: int | None  # step index in the first trace
    right: int | None
    status: Status
    maximum: float | None = None
    at: tuple[int, ...] | None = None  # where the largest difference is
    numbers: tuple[float, float] | None = None  # the two numbers there
    ulps: int | None = None  # how many representable numbers they are apart at most; None where that tells nothing
    differing: int = 0  # how many elements differ
    shapes: tuple[str, str] = ("", "")  # "[1, 20] float32" on each side
    note: str = ""  # what else differs: "shape", "dtype", "error", "structure"
    written: str = ""  # the argument, where the call gave the same and only what it wrote there in place differs


@dataclass(frozen=True, slots=True)
class Diff:
    """Two traces held against each other, steps aligned by name. `first_divergence` is None where every bit is the same."""

    changes: tuple[Change, ...]  # a row a step, in execution order
    parameters: tuple[Change, ...]  # those that differ or are missing, as they were before the run
    inputs: tuple[Change, ...]  # the model's inputs that differ
    outputs: tuple[Change, ...]  # every tensor of the outputs
    first_divergence: Change | None  # the first step (deepest call) whose output differs
    notes: tuple[str, ...] = ()  # other plain sentences: modes, seeds, errors that differ
    buffers: tuple[Change, ...] = ()  # as parameters
    unrelated: bool = False  # two different models: no layer, parameter or buffer of one has a name of the other

    @property
    def equal(self) -> bool:
        """Whether nothing at all differs."""
        rows = (*self.changes, *self.parameters, *self.buffers, *self.inputs, *self.outputs)
        return all(row.status == "equal" for row in rows)
