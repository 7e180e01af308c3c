"""The modules of a model: their paths, the names of the tensors they hold, and where a tensor or module hides in an attribute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from neurontui.capture.memory import Names
from neurontui.capture.operations import name_of_class


def is_lazy(module: nn.Module) -> bool:
    """Whether a layer waits for its first call to get its parameters; there it becomes another one for good."""
    return "_initialize_hook" in module.__dict__


class Tree:
    """Every submodule of a model with its first path; further paths of the same module are its aliases."""

    def __init__(self, model: Any, start: str = "") -> None:
        self.paths: dict[int, str] = {}
        self.aliases: dict[int, list[str]] = {}
        self.modules: list[nn.Module] = []
        self.compiled: set[int] = set()
        self.names: dict[int, Names] = {}
        if isinstance(model, nn.Module):
            self._walk(model, start)

    def _walk(self, root: nn.Module, start: str) -> None:
        waiting: list[tuple[str, nn.Module]] = [(start, root)]
        while waiting:
            path, module = waiting.pop()
            key, children = id(module), module._modules
            if "_orig_mod" in children:  # the wrapper that torch.compile puts round a module
                self.compiled.add(id(children["_orig_mod"]))
                waiting.append((path, children["_orig_mod"]))  # type: ignore[arg-type]
                continue
            if key in self.paths:
                self.aliases.setdefault(key, []).append(path)
                continue
            self.paths[key] = path or "."
            self.modules.append(module)
            self._name_tensors(module, path)
            if children:
                waiting.extend((_join(path, name), child) for name, child in reversed(children.items()) if child is not None)

    def _name_tensors(self, module: nn.Module, path: str) -> None:
        prefix, names = f"{path}." if path else "", self.names
        for role, tensors in (("parameter", module._parameters), ("buffer", module._buffers)):
            for name, tensor in tensors.items():
                if tensor is not None:
                    key = id(tensor)
                    known = names.get(key)
                    if known is None:
                        names[key] = (tensor, role, prefix + name, ())  # type: ignore[assignment]
                    else:
                        names[key] = (*known[:3], (*known[3], prefix + name))

    def add(self, module: nn.Module, path: str) -> None:
        """A module that was made inside the forward, or is held where torch does not look."""
        self._walk(module, path)

    def find_attribute(self, tensor: Tensor) -> Names | None:
        """Which module holds this tensor as a plain attribute."""
        for module in self.modules:
            for place, held in _attributes(module):
                if held is tensor:
                    return tensor, "attribute", join_name(self.paths[id(module)], place), ()
        return None

    def list_held(self) -> dict[str, Tensor]:
        """The tensors that modules hold as plain attributes, by name."""
        found: dict[str, Tensor] = {}
        for module in self.modules:
            for place, held in _attributes(module):
                if isinstance(held, Tensor):
                    found.setdefault(join_name(self.paths[id(module)], place), held)
        return found

    def find_path(self, module: nn.Module, parent: str) -> str:
        """A path for a module that is no submodule: where an attribute holds it, else its class in brackets."""
        for owner in self.modules:
            for place, held in _attributes(owner):
                if held is module:
                    return join_name(self.paths[id(owner)], place)
        return join_name(parent, f"({name_of_class(type(module)).rpartition('.')[2]})")


def _attributes(module: nn.Module) -> Iterator[tuple[str, Any]]:
    """A module's plain attributes and what lists, tuples and dicts among them hold."""
    for name, value in list(module.__dict__.items()):
        if name.startswith(("_parameters", "_buffers", "_modules")) or name.endswith("_hooks"):
            continue
        yield name, value
        if isinstance(value, list | tuple):
            yield from ((f"{name}[{place}]", item) for place, item in enumerate(value))
        elif isinstance(value, dict):
            yield from ((f"{name}[{key!r}]", item) for key, item in list(value.items()))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def join_name(path: str, name: str) -> str:
    return name if path == "." else f"{path}.{name}"
