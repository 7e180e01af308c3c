"""Recording with kernels: a dispatch mode below, a function mode that also opens Python functions, and a recorder for both."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from neurontui.capture.memory import Known, Memory, Store
from neurontui.capture.operations import Operation, describe
from neurontui.capture.recorder import Recorder
from neurontui.capture.snapshots import same_bits, version_of
from neurontui.records import Role
from neurontui.signatures import UNWRITTEN

_redispatch = getattr(torch.overrides, "redispatch_function", None)  # not in every torch
_QUESTIONS = frozenset(("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic"))


class KernelMemory(Memory):
    """Below autograd, torch counts a write only after the kernel has returned: kernels' schemas say what they write."""

    def look(self, tensor: Tensor) -> Known:
        known = self.known.get(id(tensor))
        if known is None:
            return self.meet(tensor)
        known.counted = False  # so that recording always asks here
        if known.count != len(known.writes):
            old = known.value
            known.count = len(known.writes)
            known.value = self._take(tensor, version_of(tensor), known.store, old.role, old.name, old.producer, old.since, known.count)
        elif known.store.leaky and not same_bits(known.value.data, tensor):
            self._notice(known)
        return known

    def is_written(self, known: Known) -> bool:
        return False

    def _add_store(self, tensor: Tensor, key: int, held: Any, own: bool, role: Role) -> Store:
        """Autograd's zeros have no memory that a copy could share, and torch 2.6 crashes at it."""
        return super()._add_store(tensor, key, held, own and not tensor._is_zerotensor(), role)


class KernelRecorder(Recorder):
    """Keeps what it does itself out of the record: kernels count only while `theirs` runs."""

    theirs = False

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        self.theirs = False
        super().enter(module, args, kwargs)
        self.theirs = True

    def begin(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super().begin(model, args, kwargs)
        self.theirs = True

    def end(self, output: Any) -> Any:
        self.theirs = False
        return super().end(output)

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        self.theirs = False
        edited = super().leave(module, args, output)
        self.theirs = True
        return edited

    def call(
        self, op: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kind: str = "function",
        target: Any = None,
    ) -> Any:  # fmt: skip
        before, self.theirs = self.theirs, False

        def run(*given: Any, **named: Any) -> Any:
            self.theirs = kind != "kernel"
            try:
                return func(*given, **named)
            finally:
                self.theirs = False

        try:
            result = super().call(op, run, args, kwargs, kind, target or func)
            if kind == "kernel" and op.label in UNWRITTEN and isinstance(result, Tensor):
                self.memory.mark_leaky(result)  # C++ may fill it without a kernel, as it does with the lengths of padded sequences
            return result
        finally:
            self.theirs = before


class KernelMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Every ATen kernel that runs becomes a step of kind "kernel"."""

    def __init__(self, recorder: KernelRecorder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.recorder = recorder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: torch would import its compiler (1.4 s) at the first kernel to keep it away from here, and nothing is compiled meanwhile."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        if not self.recorder.theirs or func is torch.ops.aten.detach.default:  # autograd's own bookkeeping
            return func(*args, **(kwargs or {}))
        with torch._C.DisableTorchFunction():
            return self.recorder.call(describe(func), func, args, kwargs or {}, "kernel")


class OpeningMode(TorchFunctionMode):
    """Records function calls, and stays on inside the Python functions of `torch.nn.functional` and `torch.functional`."""

    def __init__(self, recorder: KernelRecorder) -> None:
        super().__init__()
        self.recorder = recorder

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        op = describe(func)
        if op.quiet or op.getter or not self.recorder.theirs:
            return func(*args, **(kwargs or {}))
        return self.recorder.call(op, self.opened(func), args, kwargs or {}, target=func)

    def opened(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """`func` with this mode on around its body, where that can be done; else `func` itself."""
        body = _body(func) if _is_python(func) else None
        if body is None:
            return func

        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                return body(*args, **kwargs)

        return run


def _is_python(func: Callable[..., Any]) -> bool:
    """Only there: elsewhere going in recurses without end."""
    return hasattr(func, "__code__") and getattr(func, "__module__", "") in ("torch.nn.functional", "torch.functional")


def _body(func: Any) -> Callable[..., Any] | None:
    """`func` past its own question whether a mode wants the call, which would lead back here without end; None where it asks elsewhere."""
    if _redispatch is not None:
        return lambda *args, **kwargs: _redispatch(func, (), args, kwargs)
    if _QUESTIONS.isdisjoint(func.__code__.co_names):
        return None
    answered = func.__globals__ | dict.fromkeys(_QUESTIONS, lambda *tensors: False)  # what it calls asks as ever
    body = FunctionType(func.__code__, answered, func.__name__, func.__defaults__, func.__closure__)
    body.__kwdefaults__ = func.__kwdefaults__
    return body
