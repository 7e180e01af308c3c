"""The call tree, a line a step; the position line."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from neurontui.records import Step, Trace
from neurontui.rendering.glyphs import Look

DEFAULT = Look()


@dataclass(frozen=True, slots=True)
class StepMarks:
    """What a step's line shows beside the step itself."""

    current: bool = False  # the debugger stands here
    breakpoint: bool = False
    folded: bool = False
    bad: str = ""  # "NaN" or "Inf" where the output has one
    changed: bool = False  # differs from the run before the edit
    note: str = ""  # a word at the end of the name, dimmed


def step_title(step: Step) -> str:
    """What a step is called in the tree: `fc1`, `linear`, the class name for the model itself; cleaned."""
    raise NotImplementedError


def step_type(step: Step) -> str:
    """A module's class (`Linear`), `""` for functions and kernels; cleaned."""
    raise NotImplementedError


def step_shapes(step: Step, look: Look = DEFAULT) -> str:
    """`"[2] → [1]"`: the shapes that went in (tensors of the inputs but parameters) and came out."""
    raise NotImplementedError


def step_line(trace: Trace, index: int, width: int, marks: StepMarks = StepMarks(), look: Look = DEFAULT, depth: int | None = None) -> Text:
    """One line of the call tree, exactly `width` cells: marks, indent, title, class, and the shapes set right.

    `depth` is the step's depth in the tree where the caller knows it (else the parents are walked).
    """
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Position:
    """What the position line says about the place where the debugger stands."""

    trace: Trace
    index: int
    seed: int | None = None
    depth: int = 0  # opened calls on the stack
    edits: int = 0  # edited runs on the stack
    warning: str = ""  # "dropout is active under an eval module"


def position_line(position: Position, width: int, look: Look = DEFAULT) -> Text:
    """`SimpleANN › fc1 › linear   [2] → [2]     %2 of 6  TRAIN  grad  seed 1  cpu  float32`, exactly `width` cells."""
    raise NotImplementedError


def step_list(trace: Trace, width: int = 80, look: Look = DEFAULT) -> list[Text]:
    """The whole call tree, with `%index` before each step, for plain text."""
    raise NotImplementedError


def plain_step_list(trace: Trace) -> list[str]:
    """The walk for a screen reader: one sentence a step, no drawing characters."""
    raise NotImplementedError
