"""The command palette: every command of the language, by what it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from neurontui.tui.screens.main import MainScreen


class LineCommands(Provider):
    """Lists the commands; one that needs words opens the prompt with its name."""

    def _rows(self) -> list[tuple[str, str, Callable[[], None]]]:
        from neurontui.commands import COMMANDS

        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        rows: list[tuple[str, str, Callable[[], None]]] = []
        for command in COMMANDS:
            optional = not command.arguments or command.arguments.startswith("[") or command.arguments.startswith("next")
            call = partial(screen.run_line, command.name) if optional else partial(screen.action_ask, f"{command.name} ")
            rows.append((command.name, f"{command.name}: {command.help}", call))
        return rows

    async def discover(self) -> Hits:
        for _, words, call in self._rows():
            yield DiscoveryHit(Content(words), call, text=words, help=None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, words, call in self._rows():
            if (score := matcher.match(words)) > 0:  # what is in the name counts twice: goto is not unfollow, "back from a goto"
                yield Hit(score + matcher.match(name), matcher.highlight(words), call, text=words)
