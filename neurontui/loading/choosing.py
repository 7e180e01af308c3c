"""Which inputs a model is run on: those of `--input`, else those of its file, else worked out from the model."""

from __future__ import annotations

import itertools
import re
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError
from neurontui.loading.calls import Call, forward_parameters, name_inputs, spread, takes_nothing
from neurontui.loading.inputs import Given, read_inputs
from neurontui.loading.modules import blamed
from neurontui.loading.references import Found
from neurontui.loading.request import Request
from neurontui.text import format_dtype

if TYPE_CHECKING:
    import torch
    from torch import nn


def choose_call(found: Found, request: Request) -> Call:
    """The arguments of the one call that will be recorded.

    Raises:
        InputError: an input cannot be read, or none was given and none can be worked out.
        LoadError: the file's own `example_input()` raised.
    """
    given = read_inputs(request.inputs, request.seed)
    named = [item.name for item in given if item.name and not _is_numbered(item.name)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise InputError(f"the input {twice} was given more than once; give it once")
    args = tuple(item for item in given if not item.name or _is_numbered(item.name))
    kwargs = {item.name: item for item in given if item.name and not _is_numbered(item.name)}
    if args:
        return settle(found.model, Call(args, kwargs), request.training)
    call = found.example or _own_call(found) or _guess(found.model, kwargs, request)
    names = name_inputs(found.model, len(call.args))
    ordered = tuple(kwargs.pop(name, value) for name, value in zip(names, call.args, strict=True))
    return settle(found.model, Call(ordered, {**call.kwargs, **kwargs}, call.notes), request.training)


def _own_call(found: Found) -> Call | None:
    own = own_input(found)
    return None if own is None else spread(own, found.model)


def _is_numbered(name: str) -> bool:
    """Whether numpy made up the name (`arr_0`), so that it is no argument's."""
    return re.fullmatch(r"arr_\d+", name) is not None


def own_input(found: Found) -> Any:
    """The input that the file itself holds: `x_NAME` for a model NAME, `x`, `example_input`; None where there is none.

    `()` is one too, where forward can be called with nothing.
    """
    variant = found.name.removeprefix("model_")
    for name in (f"x_{found.name}", f"x_{variant}", "x", "example_input"):
        value = found.namespace.get(name)
        if name == "example_input" and isinstance(value, FunctionType):
            with blamed(f"example_input() of {found.where}", str(found.namespace.get("__file__"))):
                return value()
        if value is not None and (holds_tensor(value) or (type(value) is tuple and not value and takes_nothing(found.model))):
            return value
    return None


def holds_tensor(value: Any) -> bool:
    """Whether something that is called `x` can be an input: a tensor, or a structure with one in it."""
    import torch
    from torch.utils._pytree import tree_leaves

    if isinstance(value, (type, ModuleType, FunctionType, str, torch.nn.Module)):
        return False
    fields = list(vars(value).values()) if hasattr(value, "__dict__") and not isinstance(value, torch.Tensor) else []
    entries = list(value.values()) if hasattr(value, "values") and callable(value.values) and not isinstance(value, torch.Tensor) else []
    return any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves([value, fields, entries]))


def _guess(model: nn.Module, given: dict[str, Given], request: Request) -> Call:
    """The inputs that are still missing, worked out from the model's layers."""
    from neurontui.loading.guessing import work_out

    guess = work_out(model, {name: item.value for name, item in given.items()}, request.training)
    if guess is None:
        wanted = ", ".join(parameter.name for parameter in forward_parameters(model))
        raise InputError(
            f"no input was given, and none could be worked out for {type(model).__name__}, whose forward takes ({wanted});"
            " give one with --input, as --input randn:1x3x32x32, or a module-level x"
        )
    items = dict(zip(guess.specs, read_inputs(tuple(guess.specs.values()), request.seed), strict=True))
    if not items:
        return Call()
    said = ", ".join(f"{name} is {spec}" for name, spec in guess.specs.items())
    doubt = "" if guess.runs else " (the model does not run with it, nor with any other size that was tried)"
    notes = (f"no input was given: {said}, worked out from {guess.reason}{doubt}; choose another with --input, or with an x in the file",)
    return Call(tuple(items.values()), notes=notes) if guess.positional else Call(kwargs=items, notes=notes)


def settle(model: nn.Module, call: Call, training: bool | None) -> Call:
    """Give what was written without a dtype the one that the model takes, and put it where the model is.

    Whole numbers ([1, 2], arange:4) become floating-point ones where the model has floating-point parameters
    and does not need whole ones, as an Embedding does.
    """
    import torch

    items = [item for item in (*call.args, *call.kwargs.values()) if isinstance(item, Given)]
    whole = [item for item in items if _is_whole(item)]
    tensors = [*model.parameters(), *model.buffers()]
    dtype = next((tensor.dtype for tensor in tensors if tensor.is_floating_point() or tensor.is_complex()), None)
    device = next((tensor.device for tensor in tensors), torch.device("cpu"))
    kept = _needed_whole(model, call, whole, dtype, training) if dtype else set(map(id, whole))

    def fit(item: Any) -> Any:
        if not isinstance(item, Given) or not isinstance(item.value, torch.Tensor):
            return item.value if isinstance(item, Given) else item
        floats = item.untyped and (item.value.is_floating_point() or (_is_whole(item) and id(item) not in kept))
        return item.value.to(device, dtype if floats else None)

    converted = " and ".join(item.text for item in whole if id(item) not in kept)
    note = f"{converted} {'were' if ' and ' in converted else 'was'} read as {format_dtype(dtype)}, as the model's parameters are"
    notes = (note,) if converted and not call.notes else ()  # what was chosen for the user is said already
    return Call(tuple(map(fit, call.args)), {name: fit(item) for name, item in call.kwargs.items()}, (*call.notes, *notes))


def _is_whole(item: Given) -> bool:
    import torch

    return item.untyped and isinstance(item.value, torch.Tensor) and item.value.dtype == torch.int64


def _needed_whole(model: nn.Module, call: Call, whole: list[Given], dtype: torch.dtype, training: bool | None) -> set[int]:
    """Which of the whole-number inputs the model needs as such: the fewest with which a copy of it without data runs."""
    import torch

    from neurontui.loading.guessing import runs_on_meta

    if not whole:
        return set()
    choices = sorted(itertools.product((False, True), repeat=min(len(whole), 4)), key=sum)
    for choice in choices:
        kept = {id(item) for item, keep in zip(whole, choice, strict=False) if keep}

        def read(item: Any, kept: set[int] = kept) -> Any:
            if not isinstance(item, Given):
                return item
            return item.value if id(item) in kept or not item.untyped or not _is_whole(item) else item.value.to(dtype)

        if runs_on_meta(model, tuple(map(read, call.args)), {name: read(item) for name, item in call.kwargs.items()}, training):
            return kept
    picks_rows = any(isinstance(part, (torch.nn.Embedding, torch.nn.EmbeddingBag)) for part in model.modules())
    return set(map(id, whole)) if picks_rows else set()
