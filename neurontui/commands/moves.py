"""Commands that go to another step."""

from __future__ import annotations

from collections.abc import Callable

from neurontui.commands.parsing import expect_nothing, parse_count
from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger
from neurontui.debugger.movement import find_crash
from neurontui.debugger.shown import find_step, label_step
from neurontui.errors import CommandError, name_type
from neurontui.text import clean


def next_(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """The next step that is not inside this one."""
    return _move(debugger, debugger.next, rest, back)


def step(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """The next step, into calls."""
    return _move(debugger, debugger.step_in, rest, back)


def return_(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """Out of the enclosing call."""
    return _move(debugger, debugger.return_, rest, back)


def continue_(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """To the next breakpoint, or to the call that failed."""
    expect_nothing(rest, "continue")
    start = debugger.index
    found = debugger.continue_(back)
    if found:
        return Reply("moved", (describe_step(debugger), f"Stopped by breakpoint {found.number}: {found}"), debugger.step)
    if debugger.index != start:
        return Reply("moved", _arrive(debugger), debugger.step)
    return Reply("stayed", (f"There is no breakpoint {'before' if back else 'after'} this step.",), debugger.step)


def open_(debugger: Debugger, rest: str) -> Reply:
    """Into the kernels of this call."""
    expect_nothing(rest, "open")
    inner = debugger.open()
    count = len(inner.steps) - 1
    told = f"The call is open: {count} call{'s' * (count != 1)} inside; return at their top closes it."
    return Reply("moved", (describe_step(debugger), told, *inner.notes), debugger.step)


def goto(debugger: Debugger, rest: str) -> Reply:
    """To a step by name or index."""
    if not rest.strip():
        raise CommandError("goto needs a step: its name as in fc1/linear, or its number as in %2.")
    name = rest.strip()
    debugger.goto(f"%{name}" if name.isdecimal() and find_step(debugger.trace, name) is None else name)
    return Reply("moved", _arrive(debugger), debugger.step)


def find(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """To the next step that has a text in its name or operation."""
    if debugger.find(rest.strip(), back):
        return Reply("moved", _arrive(debugger), debugger.step)
    return Reply("stayed", (f"No step has {clean(debugger.sought)!r} in its name or operation.",), debugger.step)


def unfollow(debugger: Debugger, rest: str) -> Reply:
    """Back to where a follow or goto came from."""
    expect_nothing(rest, "unfollow")
    if debugger.unfollow():
        return Reply("moved", _arrive(debugger), debugger.step)
    return Reply("stayed", ("There is no follow, goto or find to come back from.",), debugger.step)


def describe_step(debugger: Debugger) -> str:
    """`"%2 fc1/linear"`; the model itself by its class."""
    return f"%{debugger.index} {label_step(debugger.step)}"


def _move(debugger: Debugger, move: Callable[[bool, int], int], rest: str, back: bool) -> Reply:
    count = parse_count(rest)
    done = move(back, count)
    way_out = "; back return goes up, and there closes the opened call" if debugger.opened and not back else ""
    stays = () if done == count else (f"This is the {'first' if back else 'last'} step that way{way_out}.",)
    return Reply("moved", (*_arrive(debugger), *stays), debugger.step) if done else Reply("stayed", stays, debugger.step)


def _arrive(debugger: Debugger) -> tuple[str, ...]:
    if debugger.index == find_crash(debugger.trace.steps):
        return (describe_step(debugger), f"The forward stopped here, with {clean(name_type(debugger.step.error))}; why explains it.")
    return (describe_step(debugger),)
