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

    Where a number or a shape is wanted they never are, since none of them belongs to a number. Where a choice is wanted,
    a letter that begins one is always typed.
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
        self._begins = ""
        self.command = False
        self.closing = False  # enter was pressed, and the line not yet taken

    def ask(self, begins: str = "") -> None:
        """Take an answer: a number or a shape, or words of a choice where `begins` has the letters that begin one."""
        self.command, self._begins, self.value = False, begins, ""
        self.screen.set_focus(self)  # at once: the next key is typed here

    def ask_command(self, start: str = "") -> None:
        """Take a command line."""
        self.command, self.value = True, start
        self.cursor_position = len(start)
        self.screen.set_focus(self)

    async def _on_key(self, event: events.Key) -> None:
        if event.character is not None and event.character in self._passed:
            event.prevent_default()  # not typed; it goes on to the screen's own bindings

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return (character is None or character not in self._passed) and super().check_consume_key(key, character)

    @property
    def _passed(self) -> str:
        """The characters that are no part of an answer now."""
        if self.command or (self._begins and self.value):
            return ""
        return "".join(key for key in self._keys + " " * (not self.value) if key not in self._begins)

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
