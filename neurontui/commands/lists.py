"""Commands that tell where one is and what there is."""

from __future__ import annotations

import linecache
from pathlib import PurePath

from neurontui.commands.parsing import choose_word, expect_nothing
from neurontui.commands.replies import Reply
from neurontui.commands.stops import describe_watch
from neurontui.debugger import Debugger
from neurontui.debugger.movement import list_enclosing
from neurontui.debugger.shown import label_step, label_target
from neurontui.errors import name_type
from neurontui.records import SourceLine, Step
from neurontui.text import clean, format_shape, format_shapes

AROUND = 5  # source lines before and after
MOST_STEPS = 200  # steps listed around the current one

LISTS = ("source", "steps", "tensors", "breakpoints", "watches", "changes")


def where(debugger: Debugger, rest: str) -> Reply:
    """The calls around this step, outermost first, with their source lines."""
    expect_nothing(rest, "where")
    traces = (debugger.run, *debugger.opened)
    places = [*(trace.outer[1] if trace.outer else 0 for trace in debugger.opened), debugger.index]
    calls = [trace.steps[i] for trace, index in zip(traces, places, strict=True) for i in list_enclosing(trace.steps, index)]
    around = [step for step in calls if step.parent is not None or step is calls[0]]  # an opened call is there from outside already
    return Reply("said", tuple(f"{describe_call(step)}{_describe_source(step.source)}" for step in around))


def list_(debugger: Debugger, rest: str) -> Reply:
    """The source around this step, or all of a kind."""
    what = choose_word(rest or "source", LISTS, "list")
    return Reply("said", _LISTED[what](debugger))


def describe_call(step: Step) -> str:
    """`"%2 fc1/linear: [2] to [2]"`; what raised says so."""
    shapes = f"{format_shapes(tuple(step.inputs.values())) or 'no tensor'} to {format_shapes(step.output) or 'no tensor'}"
    error = f", raised {clean(name_type(step.error))}" if step.error is not None else ""
    note = f", {clean(step.note)}" if step.note else ""
    return f"%{step.index} {label_step(step)}: {shapes}{error}{note}"


def _describe_source(source: SourceLine | None) -> str:
    return f", {clean(PurePath(source.file).name)} line {source.line}: {clean(source.text.strip())}" if source else ""


def _list_source(debugger: Debugger) -> tuple[str, ...]:
    source = debugger.step.source
    if source is None:
        return ("No line of a user's file is known for this step.",)
    lines = linecache.getlines(source.file)
    if not lines:
        return (f"line {source.line}: {clean(source.text.strip())}",)
    first = max(source.line - AROUND, 1)
    shown = lines[first - 1 : source.line + AROUND]
    digits = len(str(first + len(shown) - 1))
    return tuple(
        f"{'here' if line == source.line else '':4} {line:>{digits}}: {clean(text.rstrip().expandtabs(4))}"
        for line, text in enumerate(shown, first)
    )


def _list_steps(debugger: Debugger) -> tuple[str, ...]:
    steps = debugger.trace.steps
    first = max(debugger.index - MOST_STEPS // 2, 0) if len(steps) > MOST_STEPS else 0
    lines = [f"{describe_call(step)}{', here' * (step.index == debugger.index)}" for step in steps[first : first + MOST_STEPS]]
    left = len(steps) - len(lines)
    return (*lines, f"{left} more steps are not listed.") if left else tuple(lines)


def _list_tensors(debugger: Debugger) -> tuple[str, ...]:
    lines = []
    for shown in debugger.tensors():
        name = f", {clean(label_target(debugger.run, shown.target))}" if shown.target and shown.target != shown.title else ""
        notes = ", written by this call" * (shown.written is not None) + ", here" * (shown is debugger.shown)
        role = f"{shown.role} " if shown.title.partition(" ")[0] != shown.role else ""
        lines.append(f"{role}{clean(shown.title)} {format_shape(shown.value.shape)}{name}{notes}")
    return tuple(lines) or ("This step has no tensors.",)


def _list_breakpoints(debugger: Debugger) -> tuple[str, ...]:
    return tuple(f"{stop.number}: {stop}" for stop in debugger.breakpoints) or ("There are no breakpoints.",)


def _list_watches(debugger: Debugger) -> tuple[str, ...]:
    return tuple(f"{number}: {describe_watch(row)}" for number, row in enumerate(debugger.watched(), 1)) or ("There are no watches.",)


def _list_changes(debugger: Debugger) -> tuple[str, ...]:
    return tuple(f"{number}: {run.change}" for number, run in enumerate(debugger.runs[1:], 1)) or ("Nothing was changed.",)


_LISTED = {
    "source": _list_source, "steps": _list_steps, "tensors": _list_tensors, "breakpoints": _list_breakpoints, "watches": _list_watches,
    "changes": _list_changes,
}  # fmt: skip
