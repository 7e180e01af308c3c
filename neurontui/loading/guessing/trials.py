"""Trying a call: on a copy of the model on the meta device, or, where its code looks at numbers, on a small real copy."""

from __future__ import annotations

import copy
import io
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

from neurontui.randomness import kept_generators, kept_randomness

if TYPE_CHECKING:
    from torch import nn


def runs_on_meta(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], training: bool | None) -> bool:
    """Whether the call runs on a copy without data; shapes and most dtypes are tried by that, numbers are not."""
    with undisturbed(model):
        trial = copy_without_data(model, training)
        return trial is not None and attempt(trial, to_meta(args), to_meta(dict(kwargs)), "meta") is None


def attempt(trial: nn.Module, args: Any, kwargs: Any, device: str) -> BaseException | None:
    """Call a trial copy and return what it raised; tensors made inside it without a device go to `device`."""
    import torch

    from neurontui.loading.guessing.rows import RowsByWholeNumbers

    try:
        with torch.device(device), RowsByWholeNumbers():
            trial(*args, **kwargs)
    except (Exception, SystemExit) as error:  # whatever the user's forward does with a wrong size
        return error
    return None


def looks_at_numbers(error: BaseException) -> bool:
    """Whether a trial failed only because its copy holds no data, as `if x.sum() > 0` does."""
    return "meta" in str(error).lower()


def copy_without_data(model: nn.Module, training: bool | None) -> nn.Module | None:
    """A deep copy whose tensors are all on the meta device, made without copying their data; None where it can't be copied."""
    from torch.utils._pytree import tree_leaves

    memo: dict[int, Any] = {}
    for module in model.modules():
        for tensor in tree_leaves([module._parameters, module._buffers, vars(module)]):
            _remember(tensor, memo)
    return _copy(model, memo, training)


def copy_with_data(model: nn.Module, training: bool | None) -> nn.Module | None:
    """A deep copy for the few models that no copy without data can stand for; None where it would take over 1 GB."""
    from torch.nn.parameter import is_lazy

    tensors = [tensor for tensor in (*model.parameters(), *model.buffers()) if not is_lazy(tensor)]
    size = sum(tensor.numel() * tensor.itemsize for tensor in tensors)
    return _copy(model, {}, training) if size < 2**30 else None


def _copy(model: nn.Module, memo: dict[int, Any], training: bool | None) -> nn.Module | None:
    try:
        trial: nn.Module = copy.deepcopy(model, memo)
    except Exception:  # an attribute that can't be copied: an open file, a lock
        return None
    for module in trial.modules():
        _drop_users_hooks(module)
    return trial if training is None else trial.train(training)


def _remember(tensor: Any, memo: dict[int, Any]) -> None:
    import torch

    if not isinstance(tensor, torch.Tensor) or id(tensor) in memo:
        return
    if isinstance(tensor, (torch.nn.UninitializedParameter, torch.nn.UninitializedBuffer)):
        memo[id(tensor)] = type(tensor)(device="meta", dtype=tensor.dtype)  # type: ignore[call-arg]
        return
    try:
        empty = torch.empty_like(tensor.detach(), device="meta")
    except (RuntimeError, NotImplementedError):  # sparse, quantized
        return
    memo[id(tensor)] = torch.nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else empty


def _drop_users_hooks(module: nn.Module) -> None:
    """A user's hook may write to a list of theirs: only torch's own (spectral norm, lazy modules) run in a trial."""
    for hooks in (module._forward_hooks, module._forward_pre_hooks):
        for key, hook in list(hooks.items()):
            home = getattr(hook, "__module__", None) or type(hook).__module__
            if not home.startswith("torch."):
                del hooks[key]


def to_meta(value: Any) -> Any:
    """The tensors of a nested structure on the meta device."""
    import torch
    from torch.utils._pytree import tree_map_only

    return tree_map_only(torch.Tensor, lambda tensor: tensor.detach().to("meta"), value)


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Random states as before at the end, those that the model's file holds too, and nothing printed, read or warned meanwhile."""
    stdin, sys.stdin = sys.stdin, io.StringIO()
    try:
        with (
            kept_randomness(),
            kept_generators(model.modules()),
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdin = stdin
