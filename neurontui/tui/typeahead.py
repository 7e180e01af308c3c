"""Keys that come too early: while a model is loaded, recorded or run again they are kept, and obeyed in order when it is there."""

from __future__ import annotations

from collections import deque

from textual.events import Key

AT_ONCE = frozenset({"escape", "ctrl+c", "ctrl+q"})  # what ends or cancels does not wait
UNLESS_TYPED = frozenset({"q", "question_mark", "f1", "ctrl+p", "ctrl+l"})  # does not wait either, except as a letter of a line
OPENERS = frozenset({"colon", "at", "slash", "f3", "g", "e"})  # after these a line is typed, up to enter


class TypeAhead:
    """The keys that wait, first come first."""

    def __init__(self) -> None:
        self._keys: deque[Key] = deque()

    def __bool__(self) -> bool:
        return bool(self._keys)

    def keeps(self, key: Key, *, busy: bool) -> bool:
        """Keep a key that has to wait: while all is `busy`, or others wait already. Escape forgets what was typed before it."""
        if key.key in AT_ONCE:
            self._keys.clear()
            return False
        if not (busy or self._keys) or (key.key in UNLESS_TYPED and not self._in_line()):
            return False
        self._keys.append(key)
        return True

    def take(self) -> Key:
        """The key whose turn it is."""
        return self._keys.popleft()

    def _in_line(self) -> bool:
        """Whether the keys that wait end inside a line for the prompt."""
        for key in reversed(self._keys):
            if key.key == "enter":
                return False
            if key.key in OPENERS:
                return True
        return False
