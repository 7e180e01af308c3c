"""Where a person stands: a `Place`, in a stack of opened calls, in a stack of runs: all of it is one `Standing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from neurontui.records import Step, Trace

if TYPE_CHECKING:
    import torch

Index = tuple[int, ...]
Plane = tuple[int | None, ...]  # one entry a dimension: a fixed index, or None for a dimension that is shown whole
View = Literal["numbers", "heat", "stats"]
Comparing = Literal["now", "both", "before"]
Mode = Literal["written", "train", "eval"]


@dataclass(frozen=True, slots=True)
class Place:
    """One position in one trace.

    `at` is the element of output number `output` that is explained, or None where the step gave no tensor element.
    `shown` counts in `Debugger.tensors()`; `cell` is the cursor in that tensor; `plane` is the slice of it that is shown.
    `stage` is the stage of the explanation that is looked at, or None for the explanation itself.
    """

    index: int
    at: Index | None
    output: int = 0
    shown: int = 0
    cell: Index | None = None
    plane: Plane = ()
    stage: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """How an element of one step moves the output of a later one: a heat map over that output.

    `slopes` has the later output's shape: the change there for a small change of the element, divided by it. `touched` counts
    the elements that moved at all, `largest` lists those that moved most, each with its slope.
    """

    source: str  # the name of the step, input, parameter or buffer whose element was asked about
    at: Index
    later: int  # the index of the step that was looked at
    output: int
    slopes: torch.Tensor
    touched: int
    largest: tuple[tuple[Index, float], ...]
    note: str = ""  # why the model was run again for it, where it could not be differentiated


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One run of the model: its trace, and what was changed to get it ("set fc1.weight[0, 1] = 2"; "" for the first)."""

    trace: Trace
    change: str = ""


Trail = tuple[tuple[tuple[Trace, ...], Place], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where a person stands, as one value: a move makes another, so that whoever reads it never sees half a move."""

    runs: tuple[Recording, ...]  # the first run, then one a change; the last is the present one
    place: Place
    opened: tuple[Trace, ...] = ()  # calls opened into their kernels, outermost first
    history: Trail = ()  # where follow and goto came from, with what was open there
    comparing: Comparing = "now"
    reached: Reached | None = None  # the last answer of `reach`, until the model is run again

    @property
    def run(self) -> Trace:
        """The present run, below all opened calls."""
        return self.runs[-1].trace

    @property
    def first(self) -> Trace | None:
        """The first run, before all changes; None where nothing was changed."""
        return self.runs[0].trace if len(self.runs) > 1 else None

    @property
    def trace(self) -> Trace:
        """The trace that is walked: the opened call, or the present run."""
        return self.opened[-1] if self.opened else self.run

    @property
    def step(self) -> Step:
        """The current step."""
        return self.trace.steps[self.place.index]
