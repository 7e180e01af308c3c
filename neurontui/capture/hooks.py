"""What our hooks on modules are told becomes raw steps, in whichever thread it happens."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

import torch
from torch import nn

from neurontui.capture.arguments import take_arguments, take_params
from neurontui.capture.conditions import describe_autocast, random_state
from neurontui.capture.frames import find_call, is_inside
from neurontui.capture.live import Live
from neurontui.capture.memory import Memory
from neurontui.capture.modules import Tree
from neurontui.capture.operations import Operation
from neurontui.capture.raw import Raw, begin_raw
from neurontui.capture.results import hand_out
from neurontui.capture.writes import compare_params, compare_writes
from neurontui.errors import NeuronTUIError

_is_grad_enabled = torch.is_grad_enabled
_is_autocast = torch._C._is_any_autocast_enabled
_NoFunctions = torch._C.DisableTorchFunction
_ScriptModule = torch.jit.ScriptModule
_thread = threading.get_ident
_CLOSED = "a scripted body: its operations are not Python's to see, but it can be opened into its kernels"

RECORDING: list[int] = []  # the threads that record, each as often as it has recordings under way


class Idle:
    """What our hooks are in a module that was saved while it was recorded."""

    def enter(self, *called: Any) -> None:
        """Let a module be called."""

    def leave(self, *called: Any) -> None:
        """Let it return what it returns."""


class Hooks:
    """The calls of modules that are under way in each thread, and the steps so far.

    `watch` is called with the number of steps now and then; it may raise.
    """

    def __init__(self, tree: Tree, memory: Memory, live: Live | None = None, watch: Callable[[int], None] | None = None) -> None:
        self.tree = tree
        self.memory = memory
        self.live = live
        self.watch = watch
        self.steps: list[Raw] = []
        self.stack: list[Raw] = []
        self.thread = threading.get_ident()
        self.elsewhere: dict[int, list[Raw]] = {}  # the stacks of other threads: they see the hooks, not the mode
        self.lock = threading.Lock()
        self.overhead = 0.0
        self.trouble: list[str] = []
        self.root: Raw | None = None
        self.entered = False  # whether our hook on the model itself was told
        self.root_path = "."
        self.root_frame: Any = None  # the line that called the model
        self.copies: list[dict[int, Any]] = []  # what `copy.deepcopy` has made of what, each time it met our hooks
        memory.find_name = tree.find_attribute

    def __deepcopy__(self, memo: dict[int, Any]) -> Hooks:
        """The forward copies a module, and our hooks with it: the copy is recorded by the same recorder."""
        self.copies.append(memo)
        return self

    def __reduce__(self) -> tuple[type[Idle], tuple[()]]:
        """The forward saves a module with our hooks in it: where it is loaded again they do nothing."""
        return Idle, ()

    def copied(self, modules: list[nn.Module]) -> list[nn.Module]:
        """The copies of these modules that were made while they had our hooks."""
        found = [memo.get(id(module)) for memo in self.copies for module in modules]
        return [module for module in found if isinstance(module, nn.Module)]

    def begin(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Step 0, the model itself: also where a hook of the user's runs before we are told, or where there are no hooks at all."""
        model = getattr(model, "_orig_mod", model)  # compiled
        training = model.training if isinstance(model, nn.Module) else None
        op = type(model) if isinstance(model, nn.Module) else model
        root = self.root = begin_raw(None, "module", op, self.root_path, model, self.root_frame, training, _is_grad_enabled())
        if isinstance(model, _ScriptModule):
            root.note = _CLOSED
            root.random_state = random_state({})
        self._append(root)
        self.stack.append(root)
        if self.live is not None:
            self.live.begin(root)
        self._enter_root(root, model, args, kwargs)
        self.entered = False

    def _enter_root(self, root: Raw, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The arguments are looked at again when our hook is told: a hook of the user's may have replaced them."""
        self.entered = True
        with _NoFunctions():
            root.handled = sys.exception()
            root.seen = []
            if _is_autocast():
                root.autocast = describe_autocast()
            take_arguments(self.memory, root, args, kwargs, root.seen)
            if isinstance(model, nn.Module):
                root.params = take_params(self.memory, model)
        root.start = perf_counter()

    def end(self, output: Any) -> Any:
        """The model has returned: close step 0 where no hook did. Returns the output, which may have been edited."""
        if self.stack:
            with _NoFunctions():
                root = self.stack[0]
                close(self.stack, root)
                root.duration = perf_counter() - root.start - (self.overhead - root.overhead)
                if self.live is not None:
                    output = self.live.edit(self.memory, root, output, root.seen)
                root.output = hand_out(self.memory, self.tree, root, output)
                root.writes = compare_writes(self.memory, root, root.seen)
        return output

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        """A module is about to be called (the last of its forward pre-hooks).

        No `kwargs`: torch calls it for another thread, which had listed the hooks before this recording put its own in or took them out.
        """
        stack = self.stack if _thread() == self.thread else self._stack()
        if kwargs is None or stack is None:
            return
        begin = perf_counter()
        try:
            root = self.root
            if root is not None and module is root.target and not self.entered:
                self._enter_root(root, module, args, kwargs)
                return
            with _NoFunctions():
                raw = self._open_module(module, args, kwargs, stack)
        except NeuronTUIError:
            raise
        except Exception as error:
            self._give_up(type(module), error)
            return
        raw.start = perf_counter()
        self.overhead += raw.start - begin
        raw.overhead = self.overhead

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        """A module has returned or raised (the last of its forward hooks, called always). Returns the output where it was edited."""
        stack = self.stack if _thread() == self.thread else self._stack()
        if stack is None:
            return None
        end = perf_counter()
        edited = None
        try:
            with _NoFunctions():
                error = sys.exception()
                raw = stack.pop() if stack and stack[-1].target is module else _unwind(stack, module, error)
                if raw is not None:
                    raw.duration = end - raw.start - (self.overhead - raw.overhead)
                    edited = self._close_module(raw, module, output, error)
        except NeuronTUIError:
            raise
        except Exception as error:
            self._give_up(type(module), error)
        self.overhead += perf_counter() - end
        return edited

    def abort(self, error: BaseException) -> None:
        """The forward was left by an exception: what is still open was left by it."""
        for stack in (self.stack, *self.elsewhere.values()):
            while stack:
                raw = stack.pop()
                if raw.error is None and raw.duration is None:
                    raw.error = error

    def _open_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], stack: list[Raw]) -> Raw:
        parent = stack[-1] if stack else None
        path = self.tree.paths.get(id(module)) or self._find_path(module, parent)
        frame = find_call(parent.frame if parent is not None else self.root_frame, 2 if id(module) in self.tree.compiled else 1)
        raw = begin_raw(parent, "module", type(module), path, module, frame, module.training, _is_grad_enabled())
        raw.handled = sys.exception()
        if isinstance(module, _ScriptModule):
            raw.note = _CLOSED
            raw.random_state = random_state({})  # nobody sees what it draws inside
        if _is_autocast():
            raw.autocast = describe_autocast()
        take_arguments(self.memory, raw, args, kwargs, raw.seen)
        raw.params = take_params(self.memory, module)
        if self.live is not None:
            self.live.begin(raw)
        raw.clock = self.memory.clock
        self._append(raw)
        stack.append(raw)
        return raw

    def _close_module(self, raw: Raw, module: nn.Module, output: Any, error: BaseException | None) -> Any:
        edited = None
        if raw.random_state is not None and torch.equal(raw.random_state, random_state({})):
            raw.random_state = None
        if error is not None and error is not raw.handled:
            raw.error = error
        else:
            if self.live is not None:
                edited = output = self.live.edit(self.memory, raw, output, raw.seen)
            raw.output = hand_out(self.memory, self.tree, raw, output)
        if self.memory.clock != raw.clock or self.steps[-1] is raw:
            raw.writes = [*compare_writes(self.memory, raw, raw.seen), *compare_params(self.memory, raw, module)]
        raw.seen = []
        return edited

    def _give_up(self, called: Any, error: Exception) -> None:
        """What goes wrong in here is never the model's error: the step is missing, and the trace says so."""
        name = called.name if isinstance(called, Operation) else called.__qualname__
        self.trouble.append(f"A call of {name} could not be recorded ({type(error).__name__}: {error}).")

    def _find_path(self, module: nn.Module, parent: Raw | None) -> str:
        path = self.tree.find_path(module, parent.path if parent is not None else ".")
        self.tree.add(module, path)
        return path

    def _is_apart(self) -> bool:
        """Whether another thread that calls a module with our hooks records for itself, or runs the model for itself."""
        return _thread() in RECORDING or (self.root is not None and is_inside(self.root.target))

    def _stack(self) -> list[Raw] | None:
        """The calls under way in this thread, which is not the one that called the model; None where they are no part of the recording."""
        if self._is_apart():
            return None
        thread = _thread()
        if thread not in self.elsewhere:
            self.elsewhere[thread] = [self.stack[-1]] if self.stack else []
        return self.elsewhere[thread]

    def _append(self, raw: Raw) -> None:
        if self.elsewhere:
            with self.lock:
                raw.index = len(self.steps)
                self.steps.append(raw)
        else:
            raw.index = len(self.steps)
            self.steps.append(raw)
        if self.watch is not None and not len(self.steps) & 63:
            self.watch(len(self.steps))


def close(stack: list[Raw], raw: Raw) -> None:
    """Take a call off the stack, and with it what is still open inside."""
    while stack.pop() is not raw:
        pass


def _unwind(stack: list[Raw], module: nn.Module, error: BaseException | None) -> Raw | None:
    """Take this module's call off the stack, and with it the calls inside that were left by an exception no hook saw."""
    if not any(raw.target is module for raw in stack):
        return None  # a hook of the user's raised before we saw the call
    while stack[-1].target is not module:
        stack.pop().error = error
    return stack.pop()
