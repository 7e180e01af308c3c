"""Completing a line at the prompt: command words first, then names of steps or tensors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.suggester import Suggester

if TYPE_CHECKING:
    from neurontui.debugger import Debugger

_STEPS = {"goto", "g", "break", "b"}
_TENSORS = {"show", "set", "watch", "w", "why", "stats"}


def complete(line: str, debugger: Debugger) -> str | None:
    """`line` with its last word completed, or None where nothing begins like that."""
    from neurontui.commands import COMMANDS

    command, space, rest = line.partition(" ")
    if not space:
        words: Iterable[str] = (known.name for known in COMMANDS)
        return _first(command, words) if command else None
    if command in _STEPS and rest:
        found = _first(rest, (step.name for step in debugger.trace.steps))
    elif command in _TENSORS and rest:
        shown = debugger.tensors()
        found = _first(rest, (*(one.target for one in shown), *(one.title for one in shown), *_parameters(debugger)))
    else:
        return None
    return f"{command} {found}" if found else None


def _parameters(debugger: Debugger) -> Iterable[str]:
    return (value.name for step in debugger.trace.steps for value in step.params.values() if value.name)


def _first(start: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if name.startswith(start) and name != start), None)


class LineSuggester(Suggester):
    """Suggests, in the prompt, how the line might go on."""

    def __init__(self, debugger: Debugger) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._debugger = debugger

    async def get_suggestion(self, value: str) -> str | None:
        return complete(value, self._debugger)
