"""A model reference ("net.py", "net.py:NAME", "package.module:NAME") to the model and the namespace that it lives in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from neurontui.errors import LoadError, nearest
from neurontui.loading.archives import load_archive
from neurontui.loading.building import build_model
from neurontui.loading.calls import Call
from neurontui.loading.files import ENDINGS
from neurontui.loading.modules import blamed, compile_file, import_module, load_file
from neurontui.loading.weights import WEIGHTS_ENDINGS

if TYPE_CHECKING:
    from torch import nn

# What is no Python file by its ending, and what to do with it. Some would run as Python: `1,2` is a tuple.
_OTHER_ENDINGS = {
    **dict.fromkeys(ENDINGS, "give the model's own file, and this one with --input"),
    **dict.fromkeys((*WEIGHTS_ENDINGS, ".pt2", ".onnx"), "give the model's own file, and this one with --weights"),
    **dict.fromkeys((".md", ".html", ".svg", ".pdf"), "give the model's own file"),
    ".ipynb": "save the notebook's code as one, and give that",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model, the name it has in its file ("" where it was the only one), and the names that the file defines."""

    model: nn.Module
    name: str
    namespace: dict[str, Any]
    where: str  # "net.py", for sentences
    example: Call | None = None  # the one that an exported model was saved with


def find_model(reference: str, arguments: tuple[str, ...] = ()) -> Found:
    """Load what a reference names, and choose or build its model.

    A file may also be an exported or a scripted model (`.pt2`, `.pt`).
    A name leads to an instance, a class, or a function that returns a model; `net.py:tiny` also finds `model_tiny`.

    Raises:
        LoadError: it leads to no model, or to several.
        InputError: an --arg that does not fit.
    """
    place, name = split_reference(reference)
    if _is_file(place):
        archive = load_archive(Path(place)) if not name and os.path.isfile(place) and not place.endswith(".py") else None
        if archive is not None:
            model, example = archive
            return Found(model, "", {}, place, example)
        instead = _OTHER_ENDINGS.get(Path(place).suffix.lower())
        if instead and os.path.isfile(place):
            raise LoadError(f"{place} is no Python file: {instead}")
        module = load_file(Path(place))
    else:
        module = import_module(place)
    namespace = vars(module)
    if name:
        namespace = {**namespace, **_made_on_demand(module, name.partition(".")[0], place)}
        return _named(place, name, namespace, arguments)
    return _only(place, module.__name__, namespace, arguments)


def check_reference(reference: str) -> None:
    """What can be said about a reference without running anything.

    Raises:
        LoadError: it is a Python file that is not there, or is no Python.
    """
    place, _ = split_reference(reference)
    if place.endswith(".py") or os.path.isdir(place):
        compile_file(Path(place))


def split_reference(reference: str) -> tuple[str, str]:
    """`"net.py:Net"` → `("net.py", "Net")`; a Windows drive is no name."""
    place, colon, name = reference.rpartition(":")
    if not colon or os.path.exists(reference) or len(place) == 1 or "/" in name or "\\" in name:
        return reference, ""
    return place, name


def _is_file(place: str) -> bool:
    return place.endswith((".py", *_OTHER_ENDINGS)) or "/" in place or "\\" in place or os.path.exists(place)


def _made_on_demand(module: ModuleType, name: str, place: str) -> dict[str, Any]:
    """A name that a module has only when it is asked for, as all of transformers' are."""
    if name in vars(module) or (not hasattr(type(module), "__getattr__") and "__getattr__" not in vars(module)):
        return {}
    with blamed(f"{name} of {place}", None):
        try:
            return {name: getattr(module, name)}
        except AttributeError:
            return {}


def _named(place: str, name: str, namespace: dict[str, Any], arguments: tuple[str, ...]) -> Found:
    top, *rest = name.split(".")
    key = next((key for key in (top, f"model_{top}") if key in namespace), None)
    if key is None:
        variants = [known.removeprefix("model_") for known in namespace if known.startswith("model_")]
        known = [known for known in namespace if not known.startswith("_")]
        raise LoadError(f"{place} has no {name!r}{_offer(place, namespace)}{nearest(top, known + variants)}")
    value = namespace[key]
    for part in rest:
        if not hasattr(value, part):
            raise LoadError(f"{name!r} in {place} has no {part!r}{nearest(part, dir(value))}")
        value = getattr(value, part)
    return Found(build_model(value, key if not rest else name, place, arguments), key, namespace, place)


def _only(place: str, module_name: str, namespace: dict[str, Any], arguments: tuple[str, ...]) -> Found:
    """The model of a file in which none was named: `model`, the only instance, the only class that can be built."""
    from torch import nn

    value = namespace.get("model")
    if isinstance(value, nn.Module) or (isinstance(value, type) and issubclass(value, nn.Module)) or _is_own_function(value, module_name):
        return Found(build_model(value, "model", place, arguments), "model", namespace, place)
    instances = find_instances(namespace)
    if len(instances) == 1:
        name, model = next(iter(instances.items()))
        return Found(build_model(model, name, place, arguments), name, namespace, place)
    if instances:
        listed = ", ".join(f"{name} ({type(model).__name__})" for name, model in instances.items())
        raise LoadError(f"{place} has several models: {listed}; choose one as {place}:{next(iter(instances))}")
    return _only_class(place, module_name, namespace, arguments)


def find_instances(namespace: dict[str, Any]) -> dict[str, nn.Module]:
    """The module-level models, under their first names: neither part of another one nor a loss."""
    from torch import nn

    found: dict[int, str] = {}
    for name, value in namespace.items():
        if isinstance(value, nn.Module) and not is_loss(type(value)):
            found.setdefault(id(value), name)
    parts = {id(part) for name in found.values() for part in namespace[name].modules() if part is not namespace[name]}
    return {name: namespace[name] for key, name in found.items() if key not in parts}


def is_loss(kind: type) -> bool:
    """Whether a module class is a loss: one of torch's, or named so."""
    from torch.nn.modules.loss import _Loss

    return issubclass(kind, _Loss) or kind.__name__.lower().endswith(("loss", "criterion"))


def _only_class(place: str, module_name: str, namespace: dict[str, Any], arguments: tuple[str, ...]) -> Found:
    from neurontui.loading.building import missing_arguments

    classes = _own_classes(namespace, module_name)
    ready = [kind for kind in classes if not missing_arguments(kind, arguments)]
    if len(ready) == 1 or (arguments and len(classes) == 1):
        kind = ready[0] if ready else classes[0]
        return Found(build_model(kind, kind.__name__, place, arguments), kind.__name__, namespace, place)
    if len(classes) == 1:
        build_model(classes[0], classes[0].__name__, place, arguments)  # says which arguments are missing
    if classes:
        needs = {kind.__name__: missing_arguments(kind, arguments) for kind in classes}
        listed = ", ".join(f"{name} (needs {', '.join(missing)})" if missing else name for name, missing in needs.items())
        raise LoadError(f"{place} has several model classes: {listed}; choose one as {place}:{(ready or classes)[0].__name__}")
    raise LoadError(f"{place} has no model: no nn.Module at its top level, neither an instance nor a class{_main_hint(namespace)}")


def _own_classes(namespace: dict[str, Any], module_name: str) -> list[type]:
    from torch import nn

    values = {id(value): value for value in namespace.values() if isinstance(value, type) and issubclass(value, nn.Module)}
    return [kind for kind in values.values() if kind.__module__ == module_name and not is_loss(kind)]


def _is_own_function(value: Any, module_name: str) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module_name


def _offer(place: str, namespace: dict[str, Any]) -> str:
    instances = list(find_instances(namespace))
    return f"; its models are {', '.join(instances)}" if instances else ""


def _main_hint(namespace: dict[str, Any]) -> str:
    from linecache import getlines

    lines = getlines(str(namespace.get("__file__", "")))
    hidden = any(line.startswith("if __name__") for line in lines)
    return '; what stands under `if __name__ == "__main__":` runs only with `neurontui run`' if hidden else ""
