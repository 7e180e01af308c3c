"""Putting back what a run changed: buffers, parameters, plain attributes, and the random states."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeGuard

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter


@contextmanager
def restored_state(modules: list[nn.Module]) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Buffers, the modules' plain attributes and all random states end as they were.

    So do the parameters in the list that it gives: (parameter, copy of what it was before the run wrote to it).
    """
    with torch._C.DisableTorchFunction():
        buffers, copies = _copy_buffers(modules)
    attributes = [(module, type(module), _plain_attributes(module)) for module in modules]
    written: list[tuple[Tensor, Tensor]] = []
    with restored_randomness():
        try:
            yield written
        finally:
            with torch._C.DisableTorchFunction():
                _restore_buffers(buffers, copies)
                for parameter, was in reversed(written):
                    parameter.data.copy_(was)
            for module, cls, held_attributes in attributes:
                if type(module) is cls:  # a lazy module has become another for good
                    _put_back(module, held_attributes)


Buffers = list[tuple[nn.Module, dict[str, Tensor | None]]]
Copies = list[tuple[Tensor, Tensor, int]]


def _copy_buffers(modules: list[nn.Module]) -> tuple[Buffers, Copies]:
    buffers = [(module, dict(module._buffers.items())) for module in modules]
    distinct = {id(tensor): tensor for _, held in buffers for tensor in held.values() if _is_plain(tensor)}
    return buffers, [(tensor, tensor.detach().clone(), tensor._version) for tensor in distinct.values()]


def _restore_buffers(buffers: Buffers, copies: Copies) -> None:
    for module, held in buffers:
        if not _are_same(dict(module._buffers.items()), held):
            module._buffers.clear()
            module._buffers.update(held)
    for tensor, copied, version in copies:
        if tensor._version != version or not torch.equal(tensor, copied):
            tensor.data.copy_(copied)


def _are_same(left: dict[str, Tensor | None], right: dict[str, Tensor | None]) -> bool:
    return list(left) == list(right) and all(left[name] is right[name] for name in left)


def _plain_attributes(module: nn.Module) -> dict[str, object]:
    return {name: value for name, value in module.__dict__.items() if not name.startswith("_")}


def _put_back(module: nn.Module, attributes: dict[str, object]) -> None:
    own = module.__dict__
    for name in [name for name in own if not name.startswith("_") and name not in attributes and name != "training"]:
        del own[name]
    for name, value in attributes.items():
        if own.get(name) is not value and name != "training":
            own[name] = value


def _is_plain(tensor: Tensor | None) -> TypeGuard[Tensor]:
    return tensor is not None and not isinstance(tensor, UninitializedParameter | UninitializedBuffer) and not tensor.is_inference()


@contextmanager
def restored_randomness() -> Iterator[None]:
    """Torch's, Python's and numpy's random states end as they were."""
    state = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda._initialized else None
    python = random.getstate()
    numpy = sys.modules.get("numpy.random")
    numpy_state = numpy.get_state() if numpy is not None else None
    try:
        yield
    finally:
        torch.set_rng_state(state)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        random.setstate(python)
        if numpy is not None:
            numpy.set_state(numpy_state)
