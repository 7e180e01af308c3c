"""The lines of a file that are run at the beginning: what is wrong with any of them is told when the last one has run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurontui.text import clean

if TYPE_CHECKING:
    from neurontui.commands import Reply

MOST = 3  # wrong lines that are told


class Beginning:
    """Hears the reply to each of these lines, in their order; each would wipe away what was said of the one before."""

    def __init__(self, lines: tuple[str, ...] = ()) -> None:
        self.lines = lines
        self._left = len(lines)
        self._wrong: list[str] = []

    def hear(self, line: str, reply: Reply) -> str:
        """What is to be said when all have run; "" before that, after it, and where nothing was wrong."""
        if not self._left:
            return ""
        self._left -= 1
        if reply.kind == "error":
            self._wrong.append(f"{clean(line.strip()) or 'a line'}: {reply.text[0]}")
        if self._left or not self._wrong:
            return ""
        more = len(self._wrong) - MOST
        rest = (f"and {more} more line{'s were' if more > 1 else ' was'} wrong",) if more > 0 else ()
        return "   ".join((*self._wrong[:MOST], *rest))

    @property
    def was_wrong(self) -> bool:
        """Whether one of those that have run was."""
        return bool(self._wrong)

    def end(self) -> None:
        """The rest is not run any more."""
        self._left = 0
