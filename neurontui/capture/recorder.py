"""The recorder: what hooks and the function mode see becomes raw steps, and at the end a frozen Trace.

While recording, steps are plain mutable `Raw` objects in a list; names, origins and lines are worked out later.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from neurontui.capture.drafts import make_value
from neurontui.capture.live import Live
from neurontui.capture.memory import Known, Memory
from neurontui.capture.modules import Tree
from neurontui.capture.operations import Operation, name_of_class
from neurontui.capture.snapshots import PLAIN
from neurontui.capture.structures import map_structure
from neurontui.records import Value
from neurontui.sources import IS_USERS, find_caller, is_users

_SIMPLE = frozenset((int, float, bool, str, type(None), slice, torch.dtype, torch.device, torch.Size, type(Ellipsis)))
_CALL = nn.Module._call_impl.__code__
_EMPTY: dict[str, Any] = {}
_is_grad_enabled = torch.is_grad_enabled
_is_autocast = torch._C._is_any_autocast_enabled


class Raw:
    """A step while it is being recorded."""

    __slots__ = (
        "args",
        "autocast",
        "clock",
        "duration",
        "error",
        "frame",
        "grad",
        "handled",
        "index",
        "kind",
        "kwargs",
        "note",
        "op",
        "output",
        "overhead",
        "params",
        "parent",
        "path",
        "random_state",
        "seen",
        "start",
        "target",
        "training",
        "writes",
    )  # fmt: skip

    def __init__(self, index: int, parent: Raw | None, kind: str, op: Any, path: str, target: Any) -> None:
        self.index = index
        self.parent = parent
        self.kind = kind
        self.op = op
        self.path = path
        self.target = target
        self.args: tuple[Any, ...] = ()
        self.kwargs: Mapping[str, Any] = _EMPTY
        self.params: Mapping[str, Value] = _EMPTY
        self.output: Any = None
        self.writes: list[tuple[int | str, Value]] | None = None
        self.error: BaseException | None = None
        self.random_state: Any = None
        self.duration: float | None = None
        self.autocast: str | None = None
        self.note = ""


class Recorder:
    """Everything that one recording knows while it runs. `watch` is called with the number of steps now and then; it may raise."""

    def __init__(self, tree: Tree, memory: Memory, live: Live | None = None, watch: Callable[[int], None] | None = None) -> None:
        self.tree = tree
        self.memory = memory
        self.live = live
        self.watch = watch
        self.steps: list[Raw] = []
        self.stack: list[Raw] = []
        self.thread = threading.get_ident()
        self.elsewhere: dict[int, list[Raw]] = {}
        self.lock = threading.RLock()
        self.overhead = 0.0
        self.root_path = "."
        memory.find_name = tree.find_attribute

    # ---- modules -------------------------------------------------------------------------------------------------

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A module is about to be called (the last of its forward pre-hooks)."""
        begin = perf_counter()
        with torch._C.DisableTorchFunction(), self.lock:
            stack = self._stack()
            parent = stack[-1] if stack else None
            raw = Raw(len(self.steps), parent, "module", type(module), self._path(module, parent), module)
            raw.handled = sys.exception()
            raw.frame = self._find_module_frame(parent)
            raw.training, raw.grad = module.training, _is_grad_enabled()
            if _is_autocast():
                raw.autocast = describe_autocast()
            seen: list[tuple[int | str, Tensor]] = []
            raw.args = tuple([self._take(place, argument, seen) for place, argument in enumerate(args)])
            if kwargs:
                raw.kwargs = {name: self._take(name, argument, seen) for name, argument in kwargs.items()}
            raw.seen = seen
            if module._parameters or module._buffers:
                self._take_params(raw, module)
            raw.clock = self.memory.clock
            self.steps.append(raw)
            stack.append(raw)
            if self.watch is not None and not len(self.steps) & 63:
                self.watch(len(self.steps))
        raw.start = perf_counter()
        self.overhead += raw.start - begin
        raw.overhead = self.overhead

    def leave(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        """A module has returned or raised (the last of its forward hooks, called always)."""
        end = perf_counter()
        with torch._C.DisableTorchFunction(), self.lock:
            stack = self._stack()
            error = sys.exception()
            raw = self._unwind(stack, module, error)
            if raw is None:
                return None
            raw.duration = end - raw.start - (self.overhead - raw.overhead)
            edited = None
            if error is not None and error is not raw.handled:
                raw.error = error
            else:
                if self.live is not None:
                    edited = output = self.live.edit_output(raw, output)
                raw.output = self._hand_out(raw, output)
            if self.memory.clock != raw.clock or self.steps[-1] is raw:
                self._take_writes(raw, module)
        self.overhead += perf_counter() - end
        return edited

    def _path(self, module: nn.Module, parent: Raw | None) -> str:
        path = self.tree.paths.get(id(module))
        if path is None:
            path = self.tree.find_path(module, parent.path if parent is not None else ".")
            self.tree.add(module, path)
            self.memory.names.update(self.tree.names)
        return path

    def _take_params(self, raw: Raw, module: nn.Module) -> None:
        look = self.memory.look
        params = {}
        for name, tensor in module._parameters.items():
            if tensor is not None and (type(tensor) in PLAIN or _is_there(tensor)):
                params[name] = look(tensor, "parameter", name)
        for name, tensor in module._buffers.items():
            if tensor is not None and _is_there(tensor):
                params[name] = look(tensor, "buffer", name)
        raw.params = params

    def _take_writes(self, raw: Raw, module: nn.Module) -> None:
        """What this module's call did to its arguments and its own tensors."""
        writes: list[tuple[int | str, Value]] = []
        look = self.memory.look
        for place, tensor in raw.seen:
            before = raw.args[place] if isinstance(place, int) else raw.kwargs[place]
            if type(before) is Value and look(tensor) is not before and _differs(look(tensor), before):
                writes.append((place, look(tensor)))
        for name, before in raw.params.items():
            tensor = module._parameters.get(name)
            tensor = module._buffers.get(name) if tensor is None else tensor
            if _is_there(tensor) and look(tensor) is not before:
                writes.append((name, look(tensor)))
        if writes:
            raw.writes = writes

    def _hand_out(self, raw: Raw, output: Any) -> Any:
        """A module's output: the innermost call stays the maker of each tensor; what nobody was seen to make, the module made."""
        memory, count = self.memory, -1

        def leaf(tensor: Tensor) -> Value:
            nonlocal count
            count += 1
            if id(tensor) not in memory.known and id(tensor) not in memory.names:
                named = self.tree.find_attribute(tensor)
                if named is None:
                    return memory.make(tensor, raw.index, count, fresh=False)
            return _pass_on(memory.look(tensor), raw.index, count)

        return leaf(output) if type(output) is Tensor else map_structure(Tensor, leaf, output)

    def _unwind(self, stack: list[Raw], module: nn.Module, error: BaseException | None) -> Raw | None:
        """Take this module's call off the stack, and with it any calls inside that were left by an exception no hook saw."""
        if stack and stack[-1].target is module:
            return stack.pop()
        if not any(raw.target is module for raw in stack):
            return None  # a hook of the user's raised before we saw the call
        while stack[-1].target is not module:
            stack.pop().error = error
        return stack.pop()

    # ---- functions -----------------------------------------------------------------------------------------------

    def call(
        self, op: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kind: str = "function",
        target: Any = None,
    ) -> Any:  # fmt: skip
        """Call a torch function and record it. Torch has already put the function mode aside."""
        begin = perf_counter()
        memory = self.memory
        parent = self.stack[-1] if self.stack else None
        raw = Raw(len(self.steps), parent, kind, op, parent.path if parent is not None else self.root_path, target or func)
        raw.frame = self._find_frame(parent)
        raw.training = parent.training if parent is not None else None
        raw.grad = _is_grad_enabled()
        if _is_autocast():
            raw.autocast = describe_autocast()
        if torch._C._functorch.maybe_current_level() is not None:
            raw.note = describe_transform()
        seen: list[tuple[int | str, Tensor]] = []
        raw.args = tuple([self._take(place, argument, seen) for place, argument in enumerate(args)])
        if kwargs:
            raw.kwargs = {name: self._take(name, argument, seen) for name, argument in kwargs.items()}
        if op.mutates or "out" in kwargs:
            for _, tensor in seen:
                memory.keep_before_write(tensor)
        if self.live is not None:
            self.live.begin(raw)
        state = _random_state(kwargs) if op.draws else None
        self.steps.append(raw)
        self.stack.append(raw)
        if self.watch is not None and not len(self.steps) & 63:
            self.watch(len(self.steps))
        start = perf_counter()
        self.overhead += start - begin
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            raw.duration = perf_counter() - start
            raw.error = error
            self._close(raw)
            self._note_writes(raw, op, seen)
            raise
        end = perf_counter()
        raw.duration = end - start
        self._close(raw)
        if state is not None and not torch.equal(state, _random_state(kwargs)):
            raw.random_state = state
        result = self._finish_call(raw, op, args, seen, result)
        self.overhead += perf_counter() - end
        return result

    def _finish_call(self, raw: Raw, op: Operation, args: tuple[Any, ...], seen: list[tuple[int | str, Tensor]], result: Any) -> Any:
        memory = self.memory
        if op.exchanges and args and isinstance(args[0], Tensor):
            memory.forget(args[0])
            raw.output = memory.make(args[0], raw.index, 0, fresh=False)
            raw.writes = [(0, raw.output)]
            return result
        if self.steps[-1] is not raw:
            return self._finish_outer(raw, seen, result)
        self._note_writes(raw, op, seen)
        if op.leaks and args and isinstance(args[0], Tensor):
            memory.mark_leaky(args[0])
        if self.live is not None:
            result = self.live.edit_output(raw, result)
        if type(result) is Tensor:
            raw.output = memory.make(result, raw.index, 0, not op.aliases)
            return result
        count = -1

        def leaf(tensor: Tensor) -> Value:
            nonlocal count
            count += 1
            return memory.make(tensor, raw.index, count, fresh=not op.aliases and type(tensor) in PLAIN)

        raw.output = map_structure(Tensor, leaf, result)
        if count < 0:
            self._finish_silent(raw, op, seen)
        return result

    def _finish_silent(self, raw: Raw, op: Operation, seen: list[tuple[int | str, Tensor]]) -> None:
        """A call that returned no tensor: its output is what it wrote; a call that neither takes nor gives data is no step."""
        if raw.writes:
            first = raw.writes[0][0]
            tensor = next(tensor for place, tensor in seen if place == first)
            raw.output = self.memory.make(tensor, raw.index, 0, fresh=False)
        elif not op.reads and raw.kind != "kernel":
            self.steps.pop()

    def _finish_outer(self, raw: Raw, seen: list[tuple[int | str, Tensor]], result: Any) -> Any:
        """A function with recorded calls inside: those made its output and its writes."""
        raw.output = self._hand_out(raw, result)
        writes = []
        for place, tensor in seen:
            before = raw.args[place] if isinstance(place, int) else raw.kwargs[place]
            now = self.memory.look(tensor)
            if type(before) is Value and now is not before and _differs(now, before):
                writes.append((place, now))
        raw.writes = writes or None
        return result

    def _note_writes(self, raw: Raw, op: Operation, seen: list[tuple[int | str, Tensor]]) -> None:
        """Which arguments the call wrote: torch counted it, or the call is one that torch does not count."""
        find = self.memory.find_written
        found: list[tuple[int | str, Known]] = []
        for place, tensor in seen:
            known = find(tensor)
            if known is not None:
                found.append((place, known))
        if op.uncounted is not None:
            found.extend(op.uncounted(self.memory, raw, seen))
        if not found:
            return
        if len(found) > 1:
            found = _only_targets(found)
        raw.writes = [(place, self.memory.log(known, raw.index, str(place))) for place, known in found]

    def _close(self, raw: Raw) -> None:
        stack = self.stack
        while stack.pop() is not raw:
            pass

    # ---- shared --------------------------------------------------------------------------------------------------

    def _take(self, place: int | str, argument: Any, seen: list[tuple[int | str, Tensor]]) -> Any:
        cls = type(argument)
        if cls in PLAIN:
            seen.append((place, argument))
            return self.memory.look(argument)
        if cls in _SIMPLE:
            return argument

        def leaf(tensor: Tensor) -> Value:
            seen.append((place, tensor))
            return self.memory.look(tensor)

        return map_structure(Tensor, leaf, argument)

    def _stack(self) -> list[Raw]:
        thread = threading.get_ident()
        if thread == self.thread:
            return self.stack
        if thread not in self.elsewhere:
            self.elsewhere[thread] = [self.stack[-1]] if self.stack else []
        return self.elsewhere[thread]

    def _find_frame(self, parent: Raw | None) -> Any:
        """The user's line that made a function call; inside torch's own modules, the line that called the module."""
        frame = sys._getframe(3)
        while frame is not None:
            code = frame.f_code
            users = IS_USERS.get(code.co_filename)
            if users is None:
                users = is_users(code.co_filename)
            if users:
                return code, frame.f_lasti
            if code is _CALL and parent is not None:
                return parent.frame
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def _find_module_frame(self, parent: Raw | None) -> Any:
        frame = sys._getframe(2)
        passed = False
        while frame is not None:
            code = frame.f_code
            users = IS_USERS.get(code.co_filename)
            if users is None:
                users = is_users(code.co_filename)
            if users:
                return code, frame.f_lasti
            if code is _CALL:
                if passed and parent is not None:
                    return parent.frame
                passed = True
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def abort(self, error: BaseException) -> None:
        """The forward was left by an exception: what is still open was left by it."""
        for stack in (self.stack, *self.elsewhere.values()):
            while stack:
                raw = stack.pop()
                if raw.error is None and raw.duration is None:
                    raw.error = error


def find_outer_frame() -> Any:
    """The user's line around whoever asks."""
    return find_caller(sys._getframe(1))


def describe_autocast() -> str:
    """ "cpu:bfloat16", one for each device type, with commas."""
    devices = [device for device in ("cpu", "cuda") if torch.is_autocast_enabled(device)]
    return ",".join(f"{device}:{str(torch.get_autocast_dtype(device)).removeprefix('torch.')}" for device in devices) or "other"


def describe_transform() -> str:
    """ "vmap", "grad", … from the outside in."""
    stack = torch._C._functorch.get_interpreter_stack() or []
    return "inside " + " of ".join(str(interpreter.key()).rpartition(".")[2].lower() for interpreter in stack)


def class_name(raw: Raw) -> str:
    return name_of_class(raw.op) if isinstance(raw.op, type) else raw.op.name


def _random_state(kwargs: Mapping[str, Any]) -> Tensor:
    generator = kwargs.get("generator")
    return (torch.default_generator if generator is None else generator).get_state()


def _only_targets(found: list[tuple[int | str, Known]]) -> list[tuple[int | str, Known]]:
    """An argument that merely shares memory with what was written (`x.add_(x[0])`) was not itself written."""
    targets: dict[int | None, int | str] = {}
    for place, known in found:
        key = known.store.key
        if key not in targets or place == "out":
            targets[key] = place
    kept = [(place, known) for place, known in found if targets[known.store.key] == place or known.store.key is None]
    return list({id(known): (place, known) for place, known in kept}.values())


def _is_there(tensor: Any) -> bool:
    return tensor is not None and not isinstance(tensor, nn.parameter.UninitializedTensorMixin)


def _differs(now: Value, before: Value) -> bool:
    return now.time != before.time or now.producer != before.producer


def _pass_on(value: Value, step: int, output: int) -> Value:
    """An output of a module: its data and origin are those of the call inside that made it."""
    return make_value(
        value.shape, value.dtype, value.device, value.role, value.name, value.data, value.producer, value.store, value.offset,
        value.strides, value.time, value.version, value, value.since, value.aliases,
    )  # fmt: skip
