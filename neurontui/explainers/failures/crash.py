"""The failing call of a trace, with what a diagnosis asks of it: operands, who made them, and how a person names a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from linecache import getline
from typing import Any

from neurontui.errors import message_of, name_type
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.labels import enclosing_module, label_step, place_of, short_op
from neurontui.records import SourceLine, Step, Trace, Value, leaves
from neurontui.sources import find_error_lines
from neurontui.storage.errors import RecordedError
from neurontui.text import format_shape

# Calls that decide no size: what they give has the shape of what they took, so the size was decided before them.
_DECIDERS = frozenset({"linear", "conv1d", "conv2d", "conv3d", "matmul", "mm", "bmm", "einsum", "embedding", "bilinear", "lstm", "gru"})

Keeps = Callable[[Step, Value, Value], bool]  # whether a call handed on what is asked for: the call, what it took, what it gave


def same_shape(step: Step, before: Value, after: Value) -> bool:
    """Whether a call handed the shape on."""
    return before.shape == after.shape


def same_dtype(step: Step, before: Value, after: Value) -> bool:
    """Whether a call handed the type on."""
    return before.dtype == after.dtype


@dataclass(frozen=True, slots=True)
class Crash:
    """A forward that raised: `step` is the innermost call that did, `message` torch's own words."""

    trace: Trace
    step: Step

    @property
    def error(self) -> BaseException:
        """What was raised."""
        assert self.step.error is not None
        return self.step.error

    @property
    def message(self) -> str:
        """What it says, or its type where it says nothing."""
        return message_of(self.error).strip() or name_type(self.error)

    @property
    def line(self) -> str:
        """The user's line that raised, whole: `b, c, h, w = x.shape`."""
        lines = user_lines(self.trace, self.step)
        return (getline(lines[-1].file, lines[-1].line).strip() or lines[-1].text) if lines else ""

    def is_a(self, *names: str) -> bool:
        """Whether the error is of one of these types, by name: of a loaded trace, that is all that is known."""
        return name_type(self.error) in names

    @property
    def op(self) -> str:
        """The last word of the operation: "linear", "add", "Linear"."""
        return short_op(self.step)

    @property
    def module(self) -> Step | None:
        """The innermost module step around the failing call (or itself)."""
        return enclosing_module(self.trace, self.step)

    def is_own_code(self) -> bool:
        """Whether the user's own forward raised, outside of every call that is recorded: its inputs need not be what did not fit."""
        return self.step.kind == "module" and not self.step.op.startswith("torch.nn.")

    def in_sequential(self) -> bool:
        """Whether the failing layer stands in a Sequential, where no line of the user's own is between it and the one before."""
        module = self.module
        return module is not None and module.parent is not None and self.trace.steps[module.parent].op.endswith("Sequential")

    def place(self) -> str:
        """The failing call in a word or two, as a fix names it: `layer 1`; the model itself is `it`."""
        module = self.module
        return "it" if module is not None and module.path == "." and self.label() != self.step.name else place_of(self.label())

    def operand(self, *names: str) -> Value | None:
        """The first tensor among the arguments of these names."""
        found = (self.step.inputs.get(name) for name in names)
        return next((value for value in found if isinstance(value, Value)), None)

    def operands(self) -> list[Value]:
        """All tensors among the arguments, in order."""
        return values_in((self.step.args, self.step.kwargs))

    def label(self) -> str:
        """The failing call as a person names it: `layer 1  Linear(5 → 5)`."""
        return label_step(self.trace, self.step)

    def maker(self, value: Value, keeps: Keeps = same_shape) -> tuple[Step | None, Value]:
        """The step that gave `value` its shape, past all calls that hand a shape on (ReLU, Dropout, …), and the value it made.

        No step: the shape came with the model's own input, or a parameter. `keeps` may ask for something else than the shape.
        """
        while (step := self.producer(value)) is not None and short_op(step) not in _DECIDERS:
            taken = values_in((step.args, step.kwargs))
            handed = next((before for before in taken if before.role != "parameter" and keeps(step, before, value)), None)
            if handed is None:
                break
            value = handed
        return step, value

    def producer(self, value: Value) -> Step | None:
        """The step that returned `value`; None for the model's own inputs and parameters."""
        while value.producer is None and value.same_as is not None:
            value = value.same_as
        return self.trace.steps[value.producer[0]] if value.producer is not None else None

    def find_step(self, fits: Callable[[Step], bool]) -> Step | None:
        """The last finished call before the crash for which `fits` holds."""
        steps = self.trace.steps
        return next((steps[n] for n in range(len(steps) - 1, 0, -1) if steps[n].error is None and fits(steps[n])), None)

    def source_label(self, value: Value, keeps: Keeps = same_shape) -> str:
        """Who made `value`: `layer 0  Linear(10 → 20)`, `the model's input x`, `parameter fc1.weight`."""
        step, made = self.maker(value, keeps)
        if step is not None:
            return label_step(self.trace, step)
        kinds = {"input": "the model's input", "parameter": "parameter", "buffer": "buffer", "attribute": "attribute"}
        name = made.name if made.name and made.name != made.role else ""
        return f"{kinds.get(made.role, 'a tensor made outside')} {name}".strip()

    def name_of(self, value: Value) -> str:
        """How a person calls a tensor: its own name, else the step that made it, whatever decided its shape."""
        producer = self.producer(value)
        return value.name or ("its index" if producer is None else f"the output of {place_of(label_step(self.trace, producer))}")

    def has(self, value: Value) -> Side:
        """The row of an operand whose numbers, not its shape, do not fit."""
        step = self.producer(value)
        return Side(self.name_of(value), "has", format_shape(value.shape), step=None if step is None else step.index)

    def gives(self, value: Value, *clashing: int, keeps: Keeps = same_shape) -> Side:
        """The row of whoever made `value`; `clashing` are the dimensions that do not fit."""
        step, made = self.maker(value, keeps)
        at = tuple(d % len(made.shape) for d in clashing if made.shape)
        label = self.source_label(value, keeps)
        return Side(label, "gives", format_shape(made.shape), clashing=at, step=None if step is None else step.index)

    def takes(self, shape: Sequence[object], clash: str = "", *clashing: int) -> Side:
        """The row of the failing call: the shape that it would have taken."""
        at = tuple(d % len(shape) for d in clashing if shape)
        return Side(self.label(), "takes", format_shape(shape), clash, at, self.step.index)

    def explain(
        self,
        title: str,
        rows: Sequence[Side],
        rule: str = "",
        fixes: Sequence[str] = (),
        wrong: Value | None = None,
        keeps: Keeps = same_shape,
    ) -> Failure:
        """The finished diagnosis; `wrong` is the operand that does not fit."""
        maker = None if wrong is None else self.maker(wrong, keeps)[0]
        producer = None if maker is None else maker.index
        lines = user_lines(self.trace, self.step)
        title = " ".join(title.split())
        said = "" if " ".join(self.message.split()) in title else self.message  # a forward's own raise is its title, not torch's words
        said_by = "the error" if self.is_own_code() else "torch"
        return Failure(title, self.step.index, tuple(rows), rule, tuple(fixes), said, producer, lines, said_by)


def with_producer(failure: Failure, step: Step) -> Failure:
    """`failure`, of which `step` made what does not fit: None, a tuple, too many parts."""
    return replace(failure, producer=step.index)


def find_crash(trace: Trace) -> Crash | None:
    """The innermost call that carries the error of the trace; None where nothing raised."""
    if trace.error is None:
        return None
    for index in range(len(trace.steps) - 1, -1, -1):
        if trace.steps[index].error is trace.error:
            return _own_module(Crash(trace, trace.steps[index]))
    failing = [step for step in trace.steps if step.error is not None]
    return Crash(trace, failing[-1]) if failing else None


def _own_module(crash: Crash) -> Crash:
    """Of calls that went too deep the innermost of the user's own modules: which call was the last one is chance."""
    if not crash.is_a("RecursionError"):
        return crash
    around: Step | None = crash.step
    while around is not None and not Crash(crash.trace, around).is_own_code():
        around = None if around.parent is None else crash.trace.steps[around.parent]
    return crash if around is None else Crash(crash.trace, around)


def find_cause(crash: Crash) -> Crash | None:
    """The call inside that failed, whose error the user's own code answered with this one: `except RuntimeError as e: raise … from e`."""
    if not crash.is_own_code():
        return None
    inside = crash.trace.steps[crash.step.index + 1 : crash.step.end]
    if isinstance(crash.error, RecordedError):  # of which it is not kept: then what failed last, if nothing was called after it
        found = next((step for step in reversed(inside) if step.error is not None), None)
        return Crash(crash.trace, found) if found is not None and found.end == crash.step.end else None
    before = crash.error.__cause__ or crash.error.__context__
    failed = [step for step in inside if step.error is not None and step.error is before]
    return Crash(crash.trace, failed[-1]) if failed else None


def values_in(structure: Any) -> list[Value]:
    """The recorded tensors of an argument structure, in order."""
    return [value for _, value in leaves(structure)]


def user_lines(trace: Trace, step: Step) -> tuple[SourceLine, ...]:
    """The traceback cut to the user's lines, outermost first; of a loaded trace, the lines of the failing call and those around it."""
    error = step.error
    lines = error.lines if isinstance(error, RecordedError) else () if error is None else find_error_lines(error)
    around: list[SourceLine] = []
    at: Step | None = step
    while at is not None and not lines:
        around = [*([at.source] if at.source is not None else []), *around]
        at = None if at.parent is None else trace.steps[at.parent]
    found = lines or tuple(around)
    return tuple(
        line for place, line in enumerate(found) if not place or (line.file, line.line) != (found[place - 1].file, found[place - 1].line)
    )
