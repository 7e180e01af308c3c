"""Keys that come too early: while a model is loaded, recorded or run again they are kept, and obeyed in order when it is there."""

from __future__ import annotations

from collections import deque

from textual.events import Key

from neurontui.tui.keymap import KEYMAP


def _keys_of(*ids: str) -> frozenset[str]:
    """The keys of these bindings."""
    return frozenset(key for binding in KEYMAP if binding.id in ids for key in binding.key.split(","))


AT_ONCE = _keys_of("leave") | {"ctrl+q"}  # what ends or cancels does not wait
UNLESS_TYPED = _keys_of("quit", "help", "redraw") | {"ctrl+p"}  # does not wait either, except as a letter of a line
OPENERS = _keys_of("prompt", "at", "find", "goto", "edit")  # after these a line is typed, up to enter


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
