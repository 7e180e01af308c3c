"""Settings of the whole process that are others while a model is recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import Generic, TypeVar

import torch
from torch import nn

Before = TypeVar("Before")


class Shared(Generic[Before]):
    """One setting: the first of all recordings under way changes it, the last to end puts it back, in whatever threads they are.

    `change` returns what it was before, and `put_back` takes that.
    """

    def __init__(self, change: Callable[[], Before], put_back: Callable[[Before], object]) -> None:
        self._change = change
        self._put_back = put_back
        self._before: list[Before] = []  # once for each recording
        self._lock = RLock()

    @contextmanager
    def changed(self) -> Iterator[Before]:
        """Gives what it was before the first."""
        with self._lock:
            before = self._before[0] if self._before else self._change()
            self._before.append(before)
        try:
            yield before
        finally:
            with self._lock:
                self._before.pop()
                if not self._before:
                    self._put_back(before)


def _turn_fused_off() -> bool:
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    return fast


_fused_off = Shared(_turn_fused_off, torch.backends.mha.set_fastpath_enabled)
_compiled_off = Shared(lambda: torch.compiler.set_stance("force_eager"), lambda stance: stance.__exit__(None, None, None))
_FUSED = (nn.MultiheadAttention, nn.TransformerEncoderLayer)


@contextmanager
def eager(notes: list[str], modules: list[nn.Module]) -> Iterator[None]:
    """Torch's fused attention path off, and compiled modules run as plain ones."""
    with ExitStack() as stack:
        fast = stack.enter_context(_fused_off.changed())
        if fast and any(isinstance(module, _FUSED) and not module.training for module in modules):
            notes.append("Torch's fused attention path was off while recording, so that its steps can be seen; it differs by up to 1e-6.")
        if "torch._dynamo" in sys.modules:
            stack.enter_context(_compiled_off.changed())
        yield
