"""The command language: one line of text -> calls on the `Debugger` -> a `Reply`."""

from __future__ import annotations

from neurontui.commands.replies import Reply
from neurontui.commands.running import execute
from neurontui.commands.table import COMMANDS, Command, find_command

__all__ = ["COMMANDS", "Command", "Reply", "execute", "find_command"]
