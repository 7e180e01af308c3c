"""Putting back what a run changed: buffers, parameters, plain attributes, and the random states."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from neurontui.capture.modules import is_lazy
from neurontui.randomness import kept_generators, kept_randomness


@contextmanager
def restored_state(modules: list[nn.Module]) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Which parameters, buffers, submodules and hooks a module has, its plain attributes, gradients and all random states end as they were.

    So do the lists, dicts and sets among the attributes (a cache that grows with each call), the numbers of buffers, and the parameters
    in the list that it gives: (parameter, copy of what it was before the run wrote to it).
    """
    with torch._C.DisableTorchFunction():
        buffers = _copy_buffers(modules)
        gradients = _copy_gradients(modules)
    settled = [module for module in modules if not is_lazy(module)]
    tables = [(module, _copy_tables(module)) for module in settled]
    attributes = [(module, _plain_attributes(module)) for module in settled]
    containers = _copy_containers([value for _, held in attributes for value in held.values()])
    written: list[tuple[Tensor, Tensor]] = []
    with kept_randomness(), kept_generators(modules):
        try:
            yield written
        finally:
            with torch._C.DisableTorchFunction():
                _restore_buffers(buffers)
                for parameter, was in reversed(written):
                    parameter.data.copy_(was)
                _restore_gradients(gradients)
            for module, held_tables in tables:
                _restore_tables(module, held_tables)
            for container, items in containers:
                if not _holds(container, items):  # another thread may be reading it
                    container.clear()
                    _FILLERS[type(container)](container, items)
            for module, held_attributes in attributes:
                _put_back(module, held_attributes)


Copies = list[tuple[Tensor, Tensor, int]]
Gradients = list[tuple[Tensor, Tensor | None, Tensor | None]]
Tables = dict[str, dict[Any, Any]]


def _copy_buffers(modules: list[nn.Module]) -> Copies:
    distinct = {id(tensor): tensor for module in modules for tensor in module._buffers.values() if _is_plain(tensor)}
    return [(tensor, tensor.detach().clone(), tensor._version) for tensor in distinct.values()]


def _restore_buffers(copies: Copies) -> None:
    for tensor, copied, version in copies:
        if tensor._version != version or not torch.equal(tensor, copied):
            tensor.data.copy_(copied)


def _copy_gradients(modules: list[nn.Module]) -> Gradients:
    """Each parameter's gradient, and its numbers: a backward pass inside the forward adds to it in place."""
    parameters = {id(parameter): parameter for module in modules for parameter in module._parameters.values() if _is_plain(parameter)}
    leaves = [parameter for parameter in parameters.values() if parameter is not None and parameter.is_leaf]
    return [(leaf, leaf.grad, None if leaf.grad is None else leaf.grad.detach().clone()) for leaf in leaves]


def _restore_gradients(gradients: Gradients) -> None:
    for parameter, gradient, copied in gradients:
        if parameter.grad is not gradient:
            parameter.grad = gradient
        if gradient is not None and copied is not None and not (gradient.layout == torch.strided and torch.equal(gradient, copied)):
            gradient.data.copy_(copied)


def _copy_tables(module: nn.Module) -> Tables:
    """Torch's own tables of what a module holds: `_parameters`, `_buffers`, `_modules`, and its hooks."""
    held = module.__dict__.items()
    return {name: dict(table) for name, table in held if name.startswith("_") and isinstance(table, dict)}


def _restore_tables(module: nn.Module, tables: Tables) -> None:
    for name, held in tables.items():
        table = module.__dict__.get(name)
        if isinstance(table, dict) and not _are_same(table, held):
            table.clear()
            table.update(held)


def _are_same(left: dict[Any, Any], right: dict[Any, Any]) -> bool:
    return list(left) == list(right) and all(left[name] is right[name] for name in left)


def _plain_attributes(module: nn.Module) -> dict[str, object]:
    """What is no table of torch's; what the user calls `_cache` is no less an attribute."""
    held = module.__dict__.items()
    return {name: value for name, value in held if name != "training" and not (name.startswith("_") and isinstance(value, dict))}


def _put_back(module: nn.Module, attributes: dict[str, object]) -> None:
    own = module.__dict__
    for name in [name for name in _plain_attributes(module) if name not in attributes]:
        del own[name]
    for name, value in attributes.items():
        if name not in own or own[name] is not value:
            own[name] = value


_FILLERS: dict[type, Callable[[Any, Any], None]] = {
    list: list.extend, deque: deque.extend, set: set.update, dict: dict.update, OrderedDict: OrderedDict.update, defaultdict: dict.update,
}  # fmt: skip


def _copy_containers(waiting: list[Any]) -> list[tuple[Any, Any]]:
    """Every container among these values, and inside of them, with a copy of it that holds the same things."""
    found: dict[int, tuple[Any, Any]] = {}
    while waiting:
        held = waiting.pop()
        if type(held) in _FILLERS and id(held) not in found:
            found[id(held)] = (held, copy.copy(held))
            waiting += [item for item in (held.values() if isinstance(held, dict) else held) if type(item) in _FILLERS]
    return list(found.values())


def _holds(container: Any, items: Any) -> bool:
    """Whether the very same things are in it still, in the same order."""
    if isinstance(container, dict):
        return _are_same(container, items)
    return len(container) == len(items) and all(held is item for held, item in zip(container, items, strict=True))


def _is_plain(tensor: Tensor | None) -> TypeGuard[Tensor]:
    return tensor is not None and not isinstance(tensor, UninitializedParameter | UninitializedBuffer) and not tensor.is_inference()
