"""Commands for breakpoints and watches."""

from __future__ import annotations

from neurontui.commands.looks import name_element
from neurontui.commands.parsing import parse_place
from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger
from neurontui.debugger.breakpoints import split_breakpoint
from neurontui.debugger.indices import parse_index
from neurontui.debugger.watches import Watched
from neurontui.errors import CommandError
from neurontui.text import clean, format_index, short_number


def break_(debugger: Debugger, rest: str) -> Reply:
    """Sets a breakpoint, or removes the same one."""
    name, condition = split_breakpoint(rest)
    known = debugger.find_breakpoint(name, condition)
    if known:
        debugger.clear(known.number)
        return Reply("set", (f"Breakpoint {known.number} removed: {known}",), known)
    made = debugger.break_at(name, condition)
    return Reply("set", (f"Breakpoint {made.number} set: {made}",), made)


def clear(debugger: Debugger, rest: str) -> Reply:
    """Removes one breakpoint, or all."""
    number = parse_place(rest, "breakpoint")
    removed = debugger.clear(number)
    if number is not None and not removed:
        raise CommandError(f"There is no breakpoint {number}: list breakpoints shows them.")
    return Reply("set", (f"{removed} breakpoint{'s' * (removed != 1)} removed.",))


def watch(debugger: Debugger, rest: str) -> Reply:
    """Pins an element, or lets the same one go."""
    name, index = name_element(debugger, rest)
    known = debugger.watches
    made = debugger.watch(name, None if index is None else parse_index(index))
    said = next(describe_watch(watched) for watched in debugger.watched() if watched.watch == made)
    if made in known:
        debugger.unwatch(known.index(made) + 1)
        return Reply("set", (f"No longer pinned: {said}",), made)
    return Reply("set", (said,), made)


def unwatch(debugger: Debugger, rest: str) -> Reply:
    """Removes one watch, or all."""
    number = parse_place(rest, "watch")
    removed = debugger.unwatch(number)
    if number is not None and not removed:
        raise CommandError(f"There is no watch {number}: list watches shows them.")
    return Reply("set", (f"{removed} watch{'es' * (removed != 1)} removed.",))


def describe_watch(watched: Watched) -> str:
    """`"fc1/linear[0]: before -0.9256, now 3.6986"`."""
    name = format_index(clean(watched.name), watched.watch.at)
    now = "not there" if watched.now is None else short_number(watched.now)
    if watched.before is None:
        return f"{name}: {now}"
    return f"{name}: before {short_number(watched.before)}, now {now}"
