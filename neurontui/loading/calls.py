"""What a model's forward takes: its arguments' names, and how an `x` of the file is handed to it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

_Parameter = inspect.Parameter
_POSITIONAL = (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one `model(...)`, and what is to be said about where they came from."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def forward_parameters(model: nn.Module) -> list[inspect.Parameter]:
    """The parameters of `forward` without `self`; one named "input" where it does not say (C functions)."""
    forward = inner_model(model).forward
    schema = getattr(forward, "schema", None)  # a scripted module
    if schema is not None:
        return [_scripted_parameter(argument) for argument in schema.arguments[1:]]
    try:
        return list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        return [_Parameter("input", _Parameter.POSITIONAL_OR_KEYWORD)]


def _scripted_parameter(argument: Any) -> inspect.Parameter:
    default = argument.default_value if argument.has_default_value() else _Parameter.empty
    return _Parameter(argument.name, _Parameter.POSITIONAL_OR_KEYWORD, default=default)


def inner_model(model: nn.Module) -> nn.Module:
    """The user's own model inside torch.compile and DataParallel, whose forwards take anything."""
    import torch

    wrappers = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    inner = model.module if isinstance(model, wrappers) else getattr(model, "_orig_mod", None)
    return inner_model(inner) if isinstance(inner, torch.nn.Module) else model


def name_inputs(model: nn.Module, count: int) -> tuple[str, ...]:
    """The names of the first `count` positional arguments of `forward`: `("x",)`, `("xs[0]", "xs[1]")` for `*xs`."""
    names: list[str] = []
    for parameter in forward_parameters(model):
        if parameter.kind is _Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{number}]" for number in range(count - len(names))]
        elif parameter.kind in _POSITIONAL:
            names.append(parameter.name)
    names += [f"argument {number}" for number in range(len(names), count)]
    return tuple(names[:count])


def spread(value: Any, model: nn.Module) -> Call:
    """The call that an `x` in a model file means.

    A plain tuple is the arguments in order where forward takes that many, a dict the arguments by name where all
    its keys are names of forward's; anything else is the one argument.
    """
    signature = _signature(model)
    if type(value) is tuple and _binds(signature, value, {}):
        return Call(args=value)
    names = {parameter.name for parameter in signature.parameters.values()}
    if isinstance(value, Mapping) and value and set(value) <= names and _binds(signature, (), dict(value)):
        return Call(kwargs=dict(value))
    return Call(args=(value,))


def takes_nothing(model: nn.Module) -> bool:
    """Whether forward can be called without arguments."""
    return _binds(_signature(model), (), {})


def _signature(model: nn.Module) -> inspect.Signature:
    return inspect.Signature(forward_parameters(model))


def _binds(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def missing_names(model: nn.Module, given: Mapping[str, Any]) -> list[str]:
    """The arguments of forward that have no default and are not given by name; for `forward(*xs)` that one name."""
    parameters = [parameter for parameter in forward_parameters(model) if parameter.kind is not _Parameter.VAR_KEYWORD]
    named = [parameter for parameter in parameters if parameter.kind is not _Parameter.VAR_POSITIONAL]
    missing = [parameter.name for parameter in named if parameter.default is _Parameter.empty and parameter.name not in given]
    return missing or [parameter.name for parameter in parameters if not named and not given]


def are_leading(model: nn.Module, names: list[str]) -> bool:
    """Whether these are forward's first positional arguments, so that they can be given in order."""
    kinds = (*_POSITIONAL, _Parameter.VAR_POSITIONAL)
    return [parameter.name for parameter in forward_parameters(model) if parameter.kind in kinds][: len(names)] == names
