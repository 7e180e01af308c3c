"""The tensors of one step, as the Tensor pane shows them. Which tensor has which role (and so which colour) is decided here alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurontui.records import Step, Trace, Value

ShownRole = Literal["input", "weight", "bias", "buffer", "output"]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One tensor of the current step.

    `title` names it within the step ("input", "tensors[0]", "weight", "running_mean", "output", "output 1");
    `target` is what `set`, `watch` and `show` call it from anywhere ("fc1.weight", "x", "fc1/linear"), "" where it has no such name.
    """

    title: str
    role: ShownRole
    value: Value
    target: str = ""
    output: int | None = None  # its number among the step's outputs
    written: Value | None = None  # what the call itself left in it, where it wrote in place
    before: Value | None = None  # the same tensor in the run before the edits, where there was an edit


def list_tensors(trace: Trace, index: int, first: Trace | None = None) -> tuple[Shown, ...]:
    """Inputs, then parameters and buffers, then outputs of a step; `first` is the run before the edits, for `before`."""
    raise NotImplementedError


def assign_role(title: str, value: Value) -> ShownRole:
    """The role of a tensor that goes into a step, by its argument name and by what it was when it was first seen."""
    raise NotImplementedError


def find_tensor(trace: Trace, name: str, step: Step | None = None) -> Shown:
    """The tensor called `name`: a title at `step`, a parameter or buffer, an input of the model, or a step's output.

    Raises:
        StepError: nothing has that name; the sentence gives the nearest.
    """
    raise NotImplementedError
