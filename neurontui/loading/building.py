"""Building a model from a class or a function, with `--arg NAME=VALUE` for its arguments."""

from __future__ import annotations

import ast
import inspect
import typing
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError, LoadError, nearest
from neurontui.loading.modules import blamed
from neurontui.text import with_article

if TYPE_CHECKING:
    from torch import nn

_Parameter = inspect.Parameter


def build_model(value: Any, name: str, where: str, arguments: tuple[str, ...]) -> nn.Module:
    """`value` itself where it is a model, else what the class or function gives when it is called with the arguments.

    Raises:
        LoadError: it is no model, needs arguments that were not given, or raises.
        InputError: an argument is malformed or unknown.
    """
    from torch import nn

    if isinstance(value, nn.Module):
        if arguments:
            raise InputError(f"{name} in {where} is built already, so --arg {arguments[0]} has no place; name a class or a function")
        return value
    if not callable(value) or (isinstance(value, type) and not issubclass(value, nn.Module)):
        wanted = "it must be an nn.Module, its class, or a function that returns one"
        raise LoadError(f"{name!r} in {where} is {_a(value)}, not a model: {wanted}")
    given = read_arguments(arguments, value, name)
    missing = missing_arguments(value, arguments)
    if missing:
        options = " ".join(f"--arg {parameter}{'.NAME' if _is_configured(value, parameter) else ''}=…" for parameter in missing)
        raise LoadError(f"{name} in {where} needs {_count(missing)}: {', '.join(missing)}; give {options}")
    with blamed(f"building {name} of {where}", None):
        model = value(**given)
    if not isinstance(model, nn.Module):
        raise LoadError(f"{name}() in {where} returns {_a(model)}, not a model")
    return model


def missing_arguments(build: Any, arguments: tuple[str, ...]) -> list[str]:
    """The arguments without a default that are not among the given ones."""
    given = {argument.partition("=")[0].partition(".")[0] for argument in arguments}
    plain = (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD, _Parameter.KEYWORD_ONLY)
    parameters = _parameters(build)
    return [p.name for p in parameters if p.kind in plain and p.default is _Parameter.empty and p.name not in given]


def read_arguments(arguments: tuple[str, ...], build: Any, name: str) -> dict[str, Any]:
    """`("hidden=64", "act=relu", "config.layers=2")` as keyword arguments: literals are read as such, all else is text.

    A dotted name fills the fields of an argument that is itself built: from its annotated class, or, as in
    transformers, from the model's `config_class`.
    """
    known = _parameters(build)
    names = [p.name for p in known]
    open_ended = any(p.kind is _Parameter.VAR_KEYWORD for p in known)
    given: dict[str, Any] = {}
    fields: dict[str, dict[str, Any]] = {}
    for argument in arguments:
        path, equals, text = argument.partition("=")
        top, dot, rest = path.partition(".")
        if not equals or not top.isidentifier():
            raise InputError(f"--arg {argument!r} is not of the form NAME=VALUE")
        if top not in names and not open_ended:
            raise InputError(f"{name} takes no argument {top!r}, but {', '.join(names) or 'none'}{nearest(top, names)}")
        (fields.setdefault(top, {}) if dot else given)[rest or top] = _read_value(text)
    for top, values in fields.items():
        kind = _class_of(build, top)
        if kind is None:
            hint = "write a function that builds the model, and name it"
            raise InputError(f"--arg {top}.…: it is not known of what class {name}'s argument {top!r} is; {hint}")
        if _is_configured(build, top):
            _check_fields(kind, top, values)
        with blamed(f"building {kind.__name__} for {name}", None):
            given[top] = kind(**values)
    return given


def _read_value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return text


def _parameters(build: Any) -> list[inspect.Parameter]:
    """What a class or a function takes when it is called; nothing where it does not say (some C functions)."""
    try:
        return list(inspect.signature(build).parameters.values())
    except (TypeError, ValueError):
        return []


def _is_configured(build: Any, argument: str) -> bool:
    """Whether it is a transformers model's configuration, all of whose fields have defaults."""
    return argument == "config" and isinstance(getattr(build, "config_class", None), type)


def _check_fields(kind: type, top: str, values: dict[str, Any]) -> None:
    """A configuration of transformers keeps whatever it is given: a slip in a name would go unnoticed."""
    try:
        usual = kind()
    except Exception:  # one that does need something
        return
    for field in values:
        if not hasattr(usual, field.partition(".")[0]):
            raise InputError(f"--arg {top}.{field}: {kind.__name__} has no {field!r}{nearest(field, list(vars(usual)))}")


def _class_of(build: Any, argument: str) -> type | None:
    if _is_configured(build, argument):
        return build.config_class  # type: ignore[no-any-return]
    try:
        hint = typing.get_type_hints(build.__init__ if isinstance(build, type) else build).get(argument)  # type: ignore[misc]
    except (NameError, TypeError, AttributeError):
        return None
    return hint if isinstance(hint, type) and hint.__module__ != "builtins" else None


def _a(value: Any) -> str:
    kind = f"the class {value.__name__}" if isinstance(value, type) else with_article(type(value).__name__)
    return "None" if value is None else kind


def _count(names: list[str]) -> str:
    return "an argument" if len(names) == 1 else f"{len(names)} arguments"
