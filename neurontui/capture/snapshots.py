"""Copies of tensors' data that stay what they were, and what torch must not notice while they are taken."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

PLAIN = frozenset((Tensor, torch.nn.Parameter))  # types without a __torch_function__ of their own

UNTRACKED = -1

_is_transformed = torch._C._are_functorch_transforms_active

_lazy_clone = getattr(torch, "_lazy_clone", None)  # private: copy-on-write storage


def unwrap(tensor: Tensor) -> Tensor:
    """The tensor below all of vmap's and grad's wrappers: those die with the transform."""
    while torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        if torch._is_functional_tensor(tensor):
            torch._sync(tensor)  # type: ignore[attr-defined, no-untyped-call]  # it puts off its writes until somebody looks
        tensor = torch._C._functorch.get_unwrapped(tensor)
    return tensor


def clone(tensor: Tensor) -> Tensor | None:
    """A full copy with the same strides, detached; None where torch cannot copy it, or where it has no numbers (a fake tensor)."""
    try:
        if type(tensor) in PLAIN and not _is_transformed():
            return _clone_memory(tensor.detach() if tensor.requires_grad else tensor)
        with _quiet():
            return None if _is_fake(tensor) else _clone_memory(tensor.detach())
    except Exception:
        return None


def _is_fake(tensor: Tensor) -> bool:
    """Whether it only stands for a tensor while torch traces a model."""
    return type(tensor).__name__ == "FakeTensor"


def _clone_memory(tensor: Tensor) -> Tensor:
    """A copy that takes no more memory than the tensor itself: of an expanded one each number once."""
    if tensor.layout != torch.strided or tensor.is_contiguous() or tensor.is_nested:
        return tensor.clone()
    extent = 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    if extent >= tensor.numel():
        return tensor.clone()
    memory = tensor.as_strided((extent,), (1,), tensor.storage_offset()).clone()
    return memory.as_strided(tensor.shape, tensor.stride(), 0)


def clone_lazily(tensor: Tensor) -> Tensor | None:
    """A copy that shares the memory until somebody writes to it. Only for plain tensors that were made inside the forward.

    It cuts aliases that exist already (numpy) and moves `data_ptr`. Quantized tensors crash after it, and so does `out=` when it gives
    memory to an empty one. Quickest with gradients off.
    """
    if not tensor.numel():
        return clone(tensor)
    try:
        copied: Tensor = _lazy_clone(tensor)  # type: ignore[misc]
    except Exception:
        return clone(tensor)
    return copied.detach() if copied.requires_grad else copied


def _quiet() -> AbstractContextManager[Any]:
    if torch._C._functorch.peek_interpreter_stack() is not None:
        from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack

        return temporarily_clear_interpreter_stack()
    return torch._C.DisableTorchFunctionSubclass()


def version_of(tensor: Tensor) -> int:
    if _is_transformed() and torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return UNTRACKED  # what is written goes to the tensor below the wrapper
    try:
        return tensor._version
    except (RuntimeError, NotImplementedError):  # an inference tensor, or a wrapper without a counter
        return UNTRACKED


def same_bits(data: Any, tensor: Tensor) -> bool:
    """Whether a tensor still is what was kept of it."""
    if data is None or data is tensor:
        return True
    try:
        with torch._C.DisableTorchFunctionSubclass():
            old, new = data.detach(), unwrap(tensor).detach()
            if old.shape != new.shape or old.dtype != new.dtype:
                return False
            if torch.equal(old, new):
                return True
            if not (old.is_floating_point() or old.is_complex()):
                return False
            return torch.equal(old.isnan(), new.isnan()) and torch.equal(old.nan_to_num(nan=0.5), new.nan_to_num(nan=0.5))
    except Exception:
        return True
