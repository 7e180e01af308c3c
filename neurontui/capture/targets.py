"""Functions by the name that was recorded, for loaded traces: only torch's own that compute, never anything a file could choose to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FunctionType
from typing import Any

from neurontui.errors import StepError

_REACH_OUT = ("from_file", "_print")  # kernels that touch a file or the terminal
_WITHOUT_KERNELS = ("tensor", "as_tensor", "asarray", "from_numpy", "frombuffer")  # functions of torch that read what Python holds


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Callable[..., Any]]:
    from torch.overrides import get_overridable_functions, get_testing_overrides

    from neurontui.capture.operations import name_of

    functions = {name_of(function): function for function in get_testing_overrides()}
    for group in (*get_overridable_functions().values(), _natives(), _python_functions()):
        for function in group:
            functions.setdefault(name_of(function), function)
    return functions


def _natives() -> Iterator[Callable[..., Any]]:
    """What is written in C++ and computes by a kernel, wherever Python finds it; and what makes tensors of numbers."""
    import torch

    computed = {_base(name) for name in _kernels() if name.startswith("aten::")}
    spaces: tuple[Any, ...] = (torch._C._VariableFunctions, torch._C._nn, torch._C._sparse, torch._C._nested, torch.Tensor)  # type: ignore[attr-defined]
    for space in spaces:
        for name in dir(space):
            if (name in computed or name.rstrip("_") in computed) and callable(getattr(space, name)):
                yield getattr(space, name)
    yield from (getattr(torch, name) for name in _WITHOUT_KERNELS)
    yield from (torch.Tensor.new_tensor, torch.Tensor.data.__set__)  # type: ignore[attr-defined]


def _python_functions() -> Iterator[Callable[..., Any]]:
    """The public functions of these modules that do not ask whether a tensor overrides them."""
    import torch

    for module in (torch.nn.functional, torch.functional, torch.nested, torch.sparse):
        for name, function in vars(module).items():
            if isinstance(function, FunctionType) and not name.startswith("_") and function.__module__ == module.__name__:
                yield function


@lru_cache(maxsize=1)
def _kernels() -> frozenset[str]:
    """What torch's dispatcher has, as `"aten::add.Tensor"`. Not what only scripts know: `aten::save` writes the file that it is told."""
    import torch

    return frozenset(name for name in torch._C._dispatch_get_all_op_names() if _base(name) not in _REACH_OUT)


def _base(kernel: str) -> str:
    """`"add"` of `"aten::add.Tensor"`."""
    return kernel.partition("::")[2].partition(".")[0]


def find_function(op: str) -> Callable[..., Any]:
    """The torch function with this recorded name.

    Raises:
        StepError: torch has no function of that name.
    """
    function = _kernel(op) if op.startswith(("aten.", "prims.")) else _by_name().get(op)
    if function is None:
        raise StepError(f"{op} is none of torch's functions, and a trace file holds no code, so it cannot be run again.")
    return function


def _kernel(op: str) -> Callable[..., Any] | None:
    """`aten.add.Tensor`, or `aten.add`, as Python calls it, of which torch chooses the overload."""
    import torch

    space, name, overload = (*op.split("."), "")[:3]
    called = f"{space}::{name}"
    known = called in {kernel.partition(".")[0] for kernel in _kernels()}
    if overload:
        known = (called if overload == "default" else f"{called}.{overload}") in _kernels()
    packet = getattr(getattr(torch.ops, space), name, None) if known else None
    return getattr(packet, overload, None) if overload else packet
