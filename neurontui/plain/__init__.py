"""Plain mode: the debugger and the lessons line by line, one fact a line, without drawing characters."""

from __future__ import annotations

from neurontui.plain.walking import PROMPT, describe_reply, describe_walk, run

__all__ = ["PROMPT", "describe_reply", "describe_walk", "run"]
