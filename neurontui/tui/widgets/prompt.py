"""The `:` prompt: a line of the command language, with history and completion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class Prompt(Input):
    """Hidden until it is asked for; enter runs the line, escape leaves, up and down go through the history, tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave the prompt", id="prompt-leave", show=False),
        Binding("up", "recall(-1)", "the line before", id="prompt-up", show=False),
        Binding("down", "recall(1)", "the line after", id="prompt-down", show=False),
        Binding("tab", "complete", "complete the word", id="prompt-complete", show=False),
    ]

    @dataclass
    class Entered(Message):
        """A line was entered."""

        line: str

    class Left(Message):
        """The prompt was left."""

    def __init__(self) -> None:
        super().__init__(id="prompt", compact=True, select_on_focus=False)
        self.display = False
        self.closing = False  # enter was pressed, and the line not yet run
        self._history: list[str] = []
        self._place = 0

    def ask(self, start: str) -> None:
        """Open with the beginning of a line."""
        self.display = True
        self.value = start
        self.cursor_position = len(start)
        self._place = len(self._history)
        self.screen.set_focus(self)  # at once: the next key is typed here

    def action_leave(self) -> None:
        self._close()
        self.post_message(self.Left())

    def action_recall(self, by: int) -> None:
        self._place = min(max(self._place + by, 0), len(self._history))
        self.value = self._history[self._place] if self._place < len(self._history) else ""
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        self.action_cursor_right() if self.cursor_position == len(self.value) else self.action_end()

    async def action_submit(self) -> None:
        line = self.value.strip()
        self._close()
        if line:
            self._history = [*(old for old in self._history if old != line), line]
        self.post_message(self.Entered(line))

    def _close(self) -> None:
        self.value = ""
        self.display = False
