"""Names of functions' arguments, found when they are read: from Python signatures, ATen schemas and torch's own table of functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from neurontui.errors import LoadError

if TYPE_CHECKING:
    from neurontui.records import Step

Names = tuple[tuple[str, ...], int | None]  # and the place from which on any number of arguments is one (`x.view(2, 3)`)

# Where the documentation's name is neither in a Python signature nor in a schema.
_TABLE: dict[str, tuple[str, ...]] = {
    "torch.Tensor.__getitem__": ("input", "index"),
    "torch.Tensor.__setitem__": ("input", "index", "value"),
    "torch.Tensor.data.__set__": ("input", "data"),
    "torch.Tensor.type": ("input", "dtype"),
    "torch.Tensor.new_tensor": ("input", "data"),
    "torch.tensor": ("data",),
    "torch.as_tensor": ("data",),
    "torch.from_numpy": ("ndarray",),
    "torch.functional.einsum": ("equation", *(f"operand{place}" for place in range(16))),
    "torch.Tensor.__contains__": ("input", "element"),
}
_SIZES = {"view": "shape", "reshape": "shape", "permute": "dims", "repeat": "repeats", "tile": "dims"}

# Short names of functions that give memory as somebody left it: its numbers mean nothing.
UNWRITTEN = frozenset(
    {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted", "resize", "new", "empty_quantized"}
)


def bind(step: Step) -> dict[str, Any]:
    """A step's arguments by name, defaults left out, in the order of the signature."""
    if not step.args:
        return dict(step.kwargs)
    names, variadic = names_of(step.op, step.target, step.args, step.kwargs, step.kind)
    bound: dict[str, Any] = {}
    for place, argument in enumerate(step.args):
        if variadic is not None and place >= variadic and (len(step.args) > variadic + 1 or step.kind == "module"):
            bound[names[variadic]] = tuple(step.args[variadic:])
            break
        bound[names[place] if place < len(names) else f"arg{place}"] = argument
    bound.update(step.kwargs)
    return {name: argument for name, argument in bound.items() if argument is not None and not name.startswith("_")}


def names_of(op: str, target: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], kind: str = "function") -> Names:
    """Names of the positional arguments of a recorded call."""
    if kind == "module":
        return forward_names(target)
    kinds = tuple(_kind_of(argument) for argument in args)
    try:
        return _names(op, target, kinds, frozenset(kwargs))
    except TypeError:  # a target that cannot be hashed
        return _names(op, None, kinds, frozenset(kwargs))


def forward_names(module: Any) -> Names:
    """The names of a module's (or a plain callable's) positional arguments, without `self`."""
    call = getattr(module, "forward", module)
    function = getattr(call, "__func__", call)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:
        return _from_signature(call)
    names = code.co_varnames[: code.co_argcount]
    if hasattr(call, "__self__"):
        names = names[1:]
    if code.co_flags & inspect.CO_VARARGS:
        return (*names, code.co_varnames[code.co_argcount + code.co_kwonlyargcount]), len(names)
    return names, None


def check_made(model: Any) -> None:
    """Look whether every module in `model` is one: without nn.Module's own __init__ it has no place for layers, and torch says so badly.

    Raises:
        LoadError: one of them is not; the sentence names its class.
    """
    waiting, seen = [model], set()
    while waiting:
        module = waiting.pop()
        if id(module) in seen or not hasattr(type(module), "named_modules"):
            continue
        seen.add(id(module))
        children = getattr(module, "_modules", None)
        if children is None:
            raise LoadError(f"{type(module).__name__} does not call super().__init__(); begin its __init__ with it")
        waiting += children.values()


def _from_signature(call: Callable[..., Any] | None) -> Names:
    try:
        parameters = inspect.signature(call).parameters.values() if call is not None else ()
    except (TypeError, ValueError):
        return (), None
    names: list[str] = []
    variadic = None
    for parameter in parameters:
        if parameter.kind == parameter.VAR_POSITIONAL:
            variadic = len(names)
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL):
            names.append(parameter.name)
    return tuple(names), variadic


def _kind_of(argument: Any) -> str:
    """One letter: how the argument would have to be typed in a schema."""
    if hasattr(argument, "producer"):  # a Value
        return "t"
    if isinstance(argument, list | tuple):
        kinds = {_kind_of(item) for item in argument}
        return "T" if "t" in kinds else "L"
    if argument is None:
        return "?"
    if type(argument).__module__ == "torch":
        return {"dtype": "d", "device": "v", "Size": "L"}.get(type(argument).__name__, "o")
    return {bool: "b", int: "i", float: "f", complex: "f", str: "s"}.get(type(argument), "o")


@lru_cache(maxsize=8192)
def _names(op: str, target: Any, kinds: tuple[str, ...], keywords: frozenset[str]) -> Names:
    word = op.rpartition(".")[2]
    if op in _TABLE:
        return _TABLE[op], None
    if op.startswith(("aten.", "prims.")):
        return _kernel_names(op), None
    python, variadic = _from_signature(_python(target))
    if python and variadic is None and len(python) >= len(kinds):
        return _document(python), None
    for name in dict.fromkeys((word, word.rstrip("_"), word.strip("_").removeprefix("r"))):
        found = _match_schema(name, kinds, keywords)
        if found is not None:
            names, variadic = found
            if variadic is not None and name in _SIZES:
                names = (*names[:variadic], _SIZES[name])
            elif name in _SIZES:
                names = tuple(_SIZES[name] if entry in ("size", "dims") else entry for entry in names)
            return names, variadic
    return _document(_overridden(op, target)), None


def _python(target: Any) -> Callable[..., Any] | None:
    while hasattr(target, "__wrapped__"):
        target = target.__wrapped__
    return target if getattr(target, "__code__", None) is not None else None


def _match_schema(name: str, kinds: tuple[str, ...], keywords: frozenset[str]) -> Names | None:
    """The names of the first overload whose types fit; sizes given one by one (`x.view(2, 3)`) are one argument."""
    import torch

    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        entries = schema.arguments
        known = {entry.name for entry in entries}
        if not keywords <= (
            known | {"input", "generator", "dtype", "device", "requires_grad", "layout", "pin_memory", "out", "axis", "keepdims"}
        ):
            continue
        for place, entry in enumerate(entries):
            sized = str(entry.type) in ("List[int]", "List[SymInt]")
            alone = all(later.kwarg_only for later in entries[place + 1 :])
            if sized and alone and len(kinds) > place + 1 and set(kinds[place:]) <= {"i", "b"} and _fit(kinds[:place], entries):
                return _document(tuple(entry.name for entry in entries[: place + 1])), place
        if len(entries) >= len(kinds) and _fit(kinds, entries):
            return _document(tuple(entry.name for entry in entries)), None
    return None


_FITS = {
    "Tensor": "t",
    "Optional[Tensor]": "t?",
    "List[Tensor]": "T",
    "List[Optional[Tensor]]": "T",
    "number": "ifbt",
    "Optional[number]": "ifb?",
    "int": "ibot",
    "SymInt": "ibt",
    "Optional[int]": "ib?o",
    "Optional[SymInt]": "ib?",
    "float": "fi",
    "Optional[float]": "fi?",
    "bool": "b",
    "Optional[bool]": "b?",
    "str": "s",
    "Optional[str]": "s?",
    "List[int]": "Lib",
    "List[SymInt]": "LibT",
    "Optional[List[int]]": "Lib?",
    "Optional[List[SymInt]]": "Lib?",
    "List[float]": "L",
    "List[bool]": "L",
    "Device": "so",
    "Dict[str, int]": "o",
}


def _fit(kinds: tuple[str, ...], entries: Any) -> bool:
    return all(kind in _letters(entry) for kind, entry in zip(kinds, entries, strict=False))


def _letters(entry: Any) -> str:
    """A schema's dtype, device and layout arguments are typed as numbers."""
    return {"dtype": "d?", "device": "vs?", "layout": "o?"}.get(entry.name) or _FITS.get(str(entry.type), "o?L")


def _kernel_names(op: str) -> tuple[str, ...]:
    import torch

    space, _, rest = op.partition(".")
    name, _, overload = rest.partition(".")
    for schema in torch._C._jit_get_schemas_for_operator(f"{space}::{name}"):
        if schema.overload_name == ("" if overload in ("default", "") else overload):
            return _document(tuple(entry.name for entry in schema.arguments))
    return ("input",)


@lru_cache(maxsize=1)
def _overrides() -> Mapping[Any, Callable[..., Any]]:
    from torch.overrides import get_testing_overrides

    return get_testing_overrides()


def _overridden(op: str, target: Any) -> tuple[str, ...]:
    """From torch's table of overridable functions; a method is documented as its function."""
    import torch

    word = op.rpartition(".")[2]
    for candidate in (target, getattr(torch, word, None), getattr(torch, word.rstrip("_"), None)):
        try:
            names, variadic = _from_signature(_overrides().get(candidate))
        except TypeError:
            continue
        if names and variadic is None:
            return names
    return ("input",)


def _document(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("input" if name == "self" else name for name in names)
