"""The recorder: what hooks and the function mode see becomes raw steps. Names, origins and lines are worked out later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from neurontui.capture.arguments import take_arguments
from neurontui.capture.conditions import describe_autocast, describe_transform, random_state
from neurontui.capture.frames import find_frame
from neurontui.capture.hooks import Hooks, close
from neurontui.capture.live import Live
from neurontui.capture.memory import Memory
from neurontui.capture.modules import Tree
from neurontui.capture.operations import Operation
from neurontui.capture.raw import Raw, Seen, begin_raw
from neurontui.capture.results import SILENT, hand_out, take_results
from neurontui.capture.writes import compare_writes, keep_before_write, note_writes, writes_uncounted
from neurontui.errors import NeuronTUIError

_is_grad_enabled = torch.is_grad_enabled
_set_grad_enabled = torch._C._set_grad_enabled
_is_autocast = torch._C._is_any_autocast_enabled
_is_transformed = torch._C._are_functorch_transforms_active
_NoFunctions = torch._C.DisableTorchFunction
_getframe = sys._getframe


class Recorder(Hooks):
    """Everything that one recording knows while it runs: beside the hooks, what the function mode is told."""

    def __init__(self, tree: Tree, memory: Memory, live: Live | None = None, watch: Callable[[int], None] | None = None) -> None:
        super().__init__(tree, memory, live, watch)
        # Other function modes around ours (`torch.set_default_device`) would see what we do.
        self.alone = torch._C._len_torch_function_stack() == 0

    def call(
        self, op: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kind: str = "function",
        target: Any = None,
    ) -> Any:  # fmt: skip
        """Call a torch function and record it. Torch has already put the function mode aside."""
        begin = perf_counter()
        seen: Seen = []
        try:
            if self.alone:
                raw, state = self._open_call(op, args, kwargs, kind, target or func, seen)
            else:
                with _NoFunctions():
                    raw, state = self._open_call(op, args, kwargs, kind, target or func, seen)
        except NeuronTUIError:
            raise
        except Exception as error:
            self._give_up(op, error)
            return func(*args, **kwargs)
        start = perf_counter()
        self.overhead += start - begin
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            raw.duration = perf_counter() - start
            raw.error = error
            close(self.stack, raw)
            note_writes(self.memory, raw, op, seen)
            del raw, seen  # the traceback holds this frame: what it holds must not hold the error
            raise
        end = perf_counter()
        raw.duration = end - start
        close(self.stack, raw)
        try:
            if self.alone:
                result = self._close_call(raw, op, args, kwargs, state, seen, result)
            else:
                with _NoFunctions():
                    result = self._close_call(raw, op, args, kwargs, state, seen, result)
        except NeuronTUIError:
            raise
        except Exception as error:
            self._give_up(op, error)
        self.overhead += perf_counter() - end
        return result

    def note_failure(self, op: Operation, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], error: BaseException) -> None:
        """A call that is no step raised (`x.size(7)`): the failing call is a step."""
        with _NoFunctions():
            raw, _ = self._open_call(op, args, kwargs, "function", target, [])
            raw.error, raw.duration = error, 0.0
            close(self.stack, raw)

    def _open_call(
        self, op: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], kind: str, target: Any, seen: Seen
    ) -> tuple[Raw, Tensor | None]:
        stack = self.stack
        if stack:
            parent = stack[-1]
            frame = find_frame(_getframe(3), parent.frame, 0)
            raw = begin_raw(parent, kind, op, parent.path, target, frame, parent.training, _is_grad_enabled())
        else:
            frame = find_frame(_getframe(3), self.root_frame, 0)
            raw = begin_raw(None, kind, op, self.root_path, target, frame, None, _is_grad_enabled())
        if _is_autocast():
            raw.autocast = describe_autocast()
        if _is_transformed():
            raw.note = describe_transform()
        take_arguments(self.memory, raw, args, kwargs, seen)
        if op.mutates or op.renormalises or (kwargs and ("out" in kwargs or kwargs.get("inplace") is True)):
            keep_before_write(self.memory, op, args, kwargs, seen)
        if self.live is not None:
            self.live.begin(raw)
        state = random_state(kwargs) if op.draws else None
        self._append(raw)
        stack.append(raw)
        return raw, state

    def _close_call(
        self, raw: Raw, op: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], state: Tensor | None, seen: Seen, result: Any
    ) -> Any:
        if state is not None and not torch.equal(state, random_state(kwargs)):
            raw.random_state = state
        memory = self.memory
        if op.exchanges and args and isinstance(args[0], Tensor):
            memory.forget(args[0])
            if self.live is not None:
                self.live.edit(memory, raw, args[0], seen)
            raw.output = memory.make(args[0], raw.index, 0, fresh=False)
            raw.writes = [(0, raw.output)]
            return result
        if self.steps[-1] is not raw:  # it has recorded calls inside: those made its output and its writes
            if self.live is not None:
                result = self.live.edit(memory, raw, result, seen)
            raw.output = hand_out(self.memory, self.tree, raw, result)
            raw.writes = compare_writes(memory, raw, seen)
            if raw.output is None and raw.writes:
                raw.output = raw.writes[0][1]
            return result
        if self.live is not None:
            result = self.live.edit_output(memory, raw, result, seen, fresh=not op.aliases)
        unseen = op.unversioned and writes_uncounted(op, raw)
        for _, known in seen:
            if unseen or not known.counted or known.version != known.tensor._version:
                note_writes(memory, raw, op, seen)
                break
        if op.leaks and args and isinstance(args[0], Tensor):
            memory.mark_leaky(args[0])
        if self.live is not None:
            self.live.note_edits(memory, raw)
        if raw.grad:
            _set_grad_enabled(False)  # copies are cheaper then
        try:
            if type(result) is Tensor:
                raw.output = memory.make(result, raw.index, 0, not op.aliases)
            else:
                take_results(memory, raw, op, seen, result)
        finally:
            if raw.grad:
                _set_grad_enabled(True)
        if op.shares and isinstance(result, Tensor) and not (args and isinstance(args[0], Tensor)):
            memory.mark_leaky(result)
        if raw.output is SILENT:
            raw.output = result
            if not op.reads and raw.kind != "kernel" and self.steps[-1] is raw:
                self.steps.pop()  # it neither took nor gave a tensor's data
                if self.live is not None:
                    self.live.forget(raw)
        return result
