"""Where a person stands: `Place`, in a stack of opened calls, in a stack of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from neurontui.records import Trace

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
