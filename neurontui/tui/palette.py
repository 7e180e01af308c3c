"""The command palette: every command of the language, and every key, by what it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.style import Style

from neurontui.text import clean
from neurontui.tui.keymap import KEYMAP
from neurontui.tui.screens.main import MainScreen

NAMED, SAID, WHOLE = 200.0, 100.0, 400.0  # what a row is worth that has what was typed in its name, or anywhere; whose name it is


class Row(NamedTuple):
    """A line of the palette: what it is called, what it says, what it does."""

    name: str
    words: str
    call: Callable[[], Any]


class LineCommands(Provider):
    """Lists the commands; one that needs words opens the prompt with its name. Below them stand the keys that are none of them."""

    def _rows(self) -> list[Row]:
        from neurontui.commands import COMMANDS

        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        rows: list[Row] = []
        for command in COMMANDS:
            optional = not command.arguments or command.arguments.startswith("[") or command.arguments.startswith("next")
            call = partial(screen.run_line, command.name) if optional else partial(screen.action_ask, f"{command.name} ")
            rows.append(Row(command.name, f"{f'{command.name} {command.arguments}'.strip()}: {command.help}", call))
        known = {row.name for row in rows}
        for binding in KEYMAP:
            name = binding.action[6:-2] if binding.action.startswith("line(") else binding.id or ""
            if name not in known:
                rows.append(Row(name, f"{name}: {binding.description}", partial(self.app.run_action, binding.action, screen)))
        return rows

    async def discover(self) -> Hits:
        for row in self._rows():
            yield DiscoveryHit(Content(row.words), row.call, text=row.words, help=None)

    async def search(self, query: str) -> Hits:
        matcher, typed, found = self.matcher(query), query.strip().lower(), False
        for name, words, call in self._rows():
            if (score := matcher.match(words)) <= 0:
                continue
            # Letters that are scattered over a sentence count least: "heat" is no breakpoint "here, at a name".
            more = NAMED * (typed in name) + SAID * (typed in words.lower()) + WHOLE * (typed == name)
            found = True
            yield Hit(score + matcher.match(name) + more, _mark(words, typed, matcher.match_style), call, text=words)
        if not found:
            words = f"no command or key speaks of {clean(typed)}: help lists them all"
            yield Hit(0.01, Content(words), partial(self.app.run_action, "help", self.app.screen_stack[0]), text=words)


def _mark(words: str, typed: str, style: Style) -> Content:
    """The words, with what was typed marked in them. As they are: markup would take `[COUNT]` for a style."""
    start = words.lower().find(typed)
    return Content(words).stylize(style, start, start + len(typed)) if start >= 0 else Content(words)
