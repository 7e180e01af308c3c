"""The line in which a question is answered, or a command typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class AnswerLine(Input):
    """Has the focus while a question is open. While it is empty, `keys` are not typed into it: they do what they do elsewhere.

    With `words` false (a number or a shape is wanted) they never are, since none of them belongs to a number.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave the line", id="answer-leave", show=False)]

    @dataclass
    class Entered(Message):
        """A line was entered."""

        line: str
        command: bool

    class Left(Message):
        """The line was left."""

    def __init__(self, keys: str) -> None:
        super().__init__(id="answer", compact=True, select_on_focus=False)
        self._keys = keys
        self._words = False
        self.command = False

    def ask(self, *, words: bool) -> None:
        """Take an answer; `words` says whether it may be one."""
        self.command, self._words, self.value = False, words, ""
        self.focus()

    def ask_command(self, start: str = "") -> None:
        """Take a command line."""
        self.command, self._words, self.value = True, True, start
        self.cursor_position = len(start)
        self.focus()

    async def _on_key(self, event: events.Key) -> None:
        if event.character is not None and event.character in self._passed:
            event.prevent_default()  # not typed; it goes on to the screen's own bindings

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return (character is None or character not in self._passed) and super().check_consume_key(key, character)

    @property
    def _passed(self) -> str:
        """The characters that are no part of an answer now."""
        return "" if self.command or (self._words and self.value) else self._keys + ("" if self.value else " ")

    def action_home(self, select: bool = False) -> None:
        self._pass_where_empty()
        super().action_home(select)

    def action_end(self, select: bool = False) -> None:
        self._pass_where_empty()
        super().action_end(select)

    def _pass_where_empty(self) -> None:
        if not self.value and not self.command:
            raise SkipAction  # there is nowhere to go in the line: the screen's own binding has it

    def action_leave(self) -> None:
        self.post_message(self.Left())

    async def action_submit(self) -> None:
        self.post_message(self.Entered(self.value.strip(), self.command))
