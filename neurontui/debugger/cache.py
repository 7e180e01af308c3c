"""What the debugger has worked out already: explanations, tensors of steps, statistics, marks, comparisons."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Cache:
    """The last `size` results, each under a key. Keys hold traces and values by identity, so nothing is ever confused.

    A worker may make while a screen gets.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The result under `key`, or None."""
        with self._lock:
            return self._results.get(key)

    def clear(self) -> None:
        """Forgets everything, and lets go of the traces and tensors in it."""
        with self._lock:
            self._results.clear()

    def make(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result under `key`, made where it is not there yet."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]  # type: ignore[no-any-return]
        result = make()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self.size:
                self._results.popitem(last=False)
        return result
