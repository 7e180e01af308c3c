"""Functions by the name that was recorded, for loaded traces: only torch's own, never anything a file could choose to run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from neurontui.errors import StepError


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Callable[..., Any]]:
    import torch
    from torch.overrides import get_overridable_functions, get_testing_overrides

    from neurontui.capture.operations import name_of

    functions = {name_of(function): function for function in get_testing_overrides()}
    for group in get_overridable_functions().values():
        for function in group:
            functions.setdefault(name_of(function), function)
    for name in dir(torch._C._VariableFunctions):  # of torch's inner operators those that Python code calls and that check what they get
        if name.startswith(("_foreach_", "_pad_packed_sequence", "_unpack_dual")):
            functions.setdefault(f"torch.{name}", getattr(torch._C._VariableFunctions, name))
    return functions


@lru_cache(maxsize=1)
def _factories() -> dict[str, Callable[..., Any]]:
    import torch

    words = (
        "tensor",
        "zeros",
        "ones",
        "empty",
        "full",
        "arange",
        "linspace",
        "eye",
        "rand",
        "randn",
        "randint",
        "randperm",
        "as_tensor",
        "normal",
        "bernoulli",
        "scalar_tensor",
        "rand_like",
        "randn_like",
        "randint_like",
        "zeros_like",
        "ones_like",
        "full_like",
        "empty_like",
        "logspace",
    )
    made = {f"torch.{word}": getattr(torch, word) for word in words}
    made |= {f"torch.Tensor.new_{word}": getattr(torch.Tensor, f"new_{word}") for word in ("tensor", "zeros", "ones", "full", "empty")}
    made |= {f"torch.Tensor.to_sparse_{word}": getattr(torch.Tensor, f"to_sparse_{word}") for word in ("csr", "csc", "bsr", "bsc")}
    return {**made, "torch.Tensor.data.__set__": torch.Tensor.data.__set__}  # type: ignore[attr-defined]


def find_function(op: str) -> Callable[..., Any]:
    """The torch function with this recorded name.

    Raises:
        StepError: torch has no function of that name.
    """
    function = _kernel(op) if op.startswith(("aten.", "prims.")) else _by_name().get(op) or _factories().get(op)
    if function is None:
        raise StepError(f"{op} is no function of torch that could be run again.")
    return function


def _kernel(op: str) -> Callable[..., Any] | None:
    import torch

    space, _, rest = op.partition(".")
    name, _, overload = rest.partition(".")
    packet = getattr(getattr(torch.ops, space), name, None)
    return getattr(packet, overload or "default", None)
