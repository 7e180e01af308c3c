"""The function mode: every torch function that the forward's Python calls passes through here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from neurontui.capture.frames import is_filling
from neurontui.capture.modules import is_lazy
from neurontui.capture.operations import Operation, describe
from neurontui.capture.patches import find_original
from neurontui.capture.recorder import Recorder


class FunctionMode(TorchFunctionMode):
    """Hands each call to the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.has_lazy = any(map(is_lazy, recorder.tree.modules))
        describe(torch.relu)  # at its first question torch makes its table of names: those 15 ms are no module's time

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if self.has_lazy and is_filling():
            return func(*args, **(kwargs or {}))
        op = describe(func)
        if op.theirs:
            func = find_original(func, sys._getframe(1))
            op = describe(func)
        if op.quiet or op.getter:
            return self._read(op, func, args, kwargs or {})
        return self.recorder.call(op, func, args, kwargs or {})

    def _read(self, op: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """An attribute: `.T`, `.data` and the like give a tensor nobody has seen yet, and are steps; the others are none."""
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            self.recorder.note_failure(op, func, args, kwargs, error)
            raise
        if isinstance(result, Tensor) and not op.quiet and id(result) not in self.recorder.memory.known:
            return self.recorder.call(op, lambda *_: result, args, {}, target=func)
        return result
