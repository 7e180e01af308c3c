"""Names of functions' arguments, found when they are read: from Python signatures, torch's own tables and ATen schemas."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurontui.records import Step

# Where torch takes any number of sizes (`x.view(2, 3)`), they are one argument.
_VARIADIC = {
    "view": "shape", "reshape": "shape", "permute": "dims", "expand": "size", "repeat": "repeats", "tile": "dims", "new_zeros": "size",
    "new_ones": "size", "new_empty": "size", "zeros": "size", "ones": "size", "empty": "size", "rand": "size", "randn": "size",
    "rot90": "dims", "flip": "dims", "resize_": "size", "unflatten": "sizes", "flipud": "input", "movedim": "source",
}  # fmt: skip
_TABLE: dict[str, tuple[str, ...]] = {
    "torch.Tensor.__getitem__": ("input", "index"),
    "torch.Tensor.__setitem__": ("input", "index", "value"),
    "torch.Tensor.data.__set__": ("input", "data"),
    "torch.Tensor.type": ("input", "dtype"),
    "torch.Tensor.to": ("input", "dtype"),
    "torch.cat": ("tensors", "dim"),
    "torch.where": ("condition", "input", "other"),
    "torch.Tensor.where": ("input", "condition", "other"),
}


def bind(step: Step) -> dict[str, Any]:
    """A step's arguments by name, defaults left out, in the order of the signature."""
    if not step.args:
        return dict(step.kwargs)
    names, variadic = names_of(step.op, step.target if step.kind != "kernel" else None, len(step.args), step.kind)
    bound: dict[str, Any] = {}
    for place, argument in enumerate(step.args):
        if variadic is not None and place >= variadic and len(step.args) > variadic + 1:
            bound[names[variadic]] = tuple(step.args[variadic:])
            break
        bound[names[place] if place < len(names) else f"arg{place}"] = argument
    bound.update(step.kwargs)
    return bound


def names_of(op: str, target: Any, count: int, kind: str = "function") -> tuple[tuple[str, ...], int | None]:
    """Names of the positional arguments, and the place from which on any number of them is one argument (or None)."""
    if kind == "module":
        return forward_names(target)
    if kind == "kernel":
        return _kernel_names(op, count), None
    try:
        return _names(op, target, count)
    except TypeError:  # a target that cannot be hashed
        return ("input",), None


def forward_names(module: Any) -> tuple[tuple[str, ...], int | None]:
    """The names of a module's (or a plain callable's) positional arguments, without `self`."""
    call = getattr(module, "forward", module)
    function = getattr(call, "__func__", call)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:
        return _from_signature(call)
    names = code.co_varnames[: code.co_argcount]
    if names[:1] == ("self",) or hasattr(call, "__self__"):
        names = names[1:]
    if code.co_flags & inspect.CO_VARARGS:
        return (*names, code.co_varnames[code.co_argcount + code.co_kwonlyargcount]), len(names)
    return names, None


def _from_signature(call: Callable[..., Any]) -> tuple[tuple[str, ...], int | None]:
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return (), None
    names, variadic = [], None
    for parameter in parameters:
        if parameter.kind == parameter.VAR_POSITIONAL:
            variadic = len(names)
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL):
            names.append(parameter.name)
    return tuple(names), variadic


@lru_cache(maxsize=4096)
def _names(op: str, target: Any, count: int) -> tuple[tuple[str, ...], int | None]:
    word = op.rpartition(".")[2]
    if op in _TABLE:
        return _TABLE[op], None
    first_is_tensor = op.startswith("torch.Tensor.")
    if word in _VARIADIC:
        name = _VARIADIC[word]
        takes_input = (
            first_is_tensor or word == "rot90" or word == "flip" or (word in ("reshape", "permute", "tile", "movedim", "unflatten"))
        )
        if word in ("unflatten", "movedim", "rot90", "flipud"):
            return _documented(op, target, count), None
        return (("input", name), 1) if takes_input else ((name,), 0)
    return _documented(op, target, count), None


def _documented(op: str, target: Any, count: int) -> tuple[str, ...]:
    """From the Python function, torch's table of overridable functions, or a schema with enough arguments."""
    for candidate in (_python_names(target), _override_names(op, target)):
        if candidate is not None and len(candidate) >= count:
            return _as_documented(candidate)
    return _schema_names(op, count) or tuple(_as_documented(_override_names(op, target) or ("input",)))


def _python_names(target: Any) -> tuple[str, ...] | None:
    function = target
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if getattr(function, "__code__", None) is None:
        return None
    names, variadic = _from_signature(function)
    return None if variadic is not None else names


def _override_names(op: str, target: Any) -> tuple[str, ...] | None:
    override = _overrides().get(target) or _overrides().get(_namesake(op))
    if override is None:
        return None
    names, variadic = _from_signature(override)
    return None if variadic is not None else names


def _namesake(op: str) -> Any:
    """torch.add for torch.Tensor.add and torch.Tensor.add_: the documentation of a method refers to its function."""
    import torch

    word = op.rpartition(".")[2]
    return getattr(torch, word, None) or getattr(torch, word.rstrip("_"), None)


@lru_cache(maxsize=1)
def _overrides() -> Mapping[Any, Callable[..., Any]]:
    from torch.overrides import get_testing_overrides

    return get_testing_overrides()  # type: ignore[no-any-return]


def _schema_names(op: str, count: int) -> tuple[str, ...] | None:
    import torch

    word = op.rpartition(".")[2]
    for name in (word, word.strip("_")):
        schemas = torch._C._jit_get_schemas_for_operator(f"aten::{name}")
        fitting = [[argument.name for argument in schema.arguments] for schema in schemas]
        fitting = [names for names in fitting if len(names) >= count]
        if fitting:
            return _as_documented(tuple(min(fitting, key=len)))
    return None


def _kernel_names(op: str, count: int) -> tuple[str, ...]:
    import torch

    space, _, rest = op.partition(".")
    name, _, overload = rest.partition(".")
    for schema in torch._C._jit_get_schemas_for_operator(f"{space}::{name}"):
        if schema.overload_name == ("" if overload == "default" else overload):
            return _as_documented(tuple(argument.name for argument in schema.arguments))
    return tuple("input" if place == 0 else f"arg{place}" for place in range(count))


def _as_documented(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("input" if name == "self" else name for name in names)
