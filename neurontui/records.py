"""What a recorded forward pass is made of: `Run`, `Edit`, `Value`, `Step`, `Trace`. All frozen; none imports torch at run time.

A `Trace` is a call tree in execution order: one flat pre-order tuple of steps, each with its parent's index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

Kind = Literal["module", "function", "kernel"]
Role = Literal["input", "parameter", "buffer", "attribute", "step", "outside"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One tensor as it was at one moment. `role` says what it was when it was first seen.

    A `step` value was made by a recorded call: `producer` is (step index, output number).
    `store`, `offset`, `strides` and `time` say which bytes of which memory it covered, and how many writes to
    that memory had been recorded by then; `neurontui.origins` reads them to find who wrote an element.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device
    role: Role
    name: str | None = None
    data: Any = field(default=None, repr=False)
    producer: tuple[int, int] | None = None
    store: int | None = None
    offset: int = 0
    strides: tuple[int, ...] = ()
    time: int = 0
    version: int | None = None  # set where `data` is the user's own parameter, kept by reference
    same_as: Value | None = None  # the value this call merely handed on (an eval dropout returns its own input)

    def tensor(self) -> torch.Tensor:
        """The data as it was at that moment, detached.

        Raises:
            StaleValueError: it is a parameter that was kept by reference and has been written since.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """One number that is set before or during a run: `target` is a parameter or buffer name, an input, or a step name."""

    target: str
    at: tuple[int, ...]
    number: Any


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What is to be recorded: a model, its inputs, and how. `None` means: exactly as the model is."""

    model: Any
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    training: bool | None = None
    grad: bool | None = None
    restore: bool = False
    copy_parameters: bool = False
    edits: tuple[Edit, ...] = ()
    reference: str = ""  # how the user named the model: "demos/neuron.py", "demo simple_ann"
    title: str = ""  # short name for a head line
    notes: tuple[str, ...] = ()  # what was chosen for the user, and how to choose otherwise
    input_names: tuple[str, ...] = ()  # names of args: forward's own ("x")


@dataclass(frozen=True, slots=True, eq=False)
class SourceLine:
    """Where the user's code made a call. Lines are from 1; columns from 0, or None where unknown."""

    file: str
    line: int
    end_line: int | None
    column: int | None
    end_column: int | None
    text: str  # the text of that expression, or of the line
    function: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One recorded call. `path` is the module's dotted path ("." for the model itself); functions carry their module's."""

    index: int
    parent: int | None
    kind: Kind
    op: str
    path: str
    call: int
    name: str  # what can be typed: "fc1", "layers.0#2", "fc1/linear", "./relu", "fc1/linear#2"
    args: tuple[Any, ...]  # in their own structure, a Value for each tensor
    kwargs: Mapping[str, Any]
    params: Mapping[str, Value]  # a module's own parameters and buffers *before* the call, by local name
    output: Any  # what the call returned, in its structure, a Value for each tensor
    writes: Mapping[str, Value]  # what the call wrote in place, by argument (or local buffer) name, after the call
    training: bool | None
    grad: bool
    autocast: str | None
    duration: float | None  # seconds
    random_state: Any  # the generator's state before a call that drew numbers
    error: BaseException | None
    end: int  # one past the last descendant: steps[index + 1 : end] is the subtree
    frame: Any = None  # (code object, instruction offset) of the user's line, resolved by `source`

    @property
    def inputs(self) -> dict[str, Any]:
        """Arguments by name, defaults left out, in the order of the signature."""
        raise NotImplementedError

    @property
    def source(self) -> SourceLine | None:
        """The line of the user's code that made this call."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One recorded forward pass; it never changes."""

    steps: tuple[Step, ...]
    output: Any  # what model(x) returned
    error: BaseException | None
    run: Run | None  # None for a loaded trace
    notes: tuple[str, ...] = ()  # what recording changed or chose, one sentence each
    outer: tuple[Trace, int] | None = None  # for an opened call: the trace and the step that it came from
    memory: Any = None  # the log of writes that `origins` reads
    find: Callable[[str], int] | None = None

    def step(self, name: str | int) -> Step:
        """The step called `name` ("fc1", "fc1/linear", "layers.0#2", "%2") or with that index.

        Raises:
            StepError: the trace has no such step; the sentence names the nearest.
        """
        raise NotImplementedError
