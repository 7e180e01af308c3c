"""`load_run`: everything a request says, carried out in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError
from neurontui.loading.demos import find_demo
from neurontui.loading.references import Found, find_model
from neurontui.loading.request import Request
from neurontui.records import Run
from neurontui.signatures import check_made

if TYPE_CHECKING:
    import torch

WRITTEN = 2**32  # seeds below this were written by someone


def load_run(request: Request) -> Run:
    """The model, its inputs and how it is to be run, ready to be recorded. `Run.notes` says what was chosen for the user.

    Raises:
        LoadError: the reference leads to no model.
        InputError: an input or a model argument cannot be used.
        WeightsError: the weights file is none, or does not fit.
    """
    from neurontui.loading.calls import name_inputs
    from neurontui.loading.choosing import choose_call
    from neurontui.loading.weights import load_weights

    device, dtype = read_device(request.device), read_dtype(request.dtype)
    found = _find(request)
    check_made(found.model)
    notes = []
    if request.weights is not None:
        notes.append(load_weights(found.model, request.weights))
    _move(found, device, dtype)
    call = choose_call(found, request)
    return Run(
        model=found.model,
        args=_moved(call.args, device, dtype),
        kwargs=_moved(call.kwargs, device, dtype),
        seed=request.seed,
        training=request.training,
        grad=request.grad,
        restore=True,
        reference=f"demo {request.reference}" if request.demo else request.reference,
        title=type(found.model).__name__,
        notes=tuple(note for note in (*notes, *call.notes) if note),
        input_names=name_inputs(found.model, len(call.args)),
        file_seed=_read_file_seed(),
    )


def _read_file_seed() -> int | None:
    """What the file gave torch.manual_seed, if it did: a new process draws itself a seed of 64 bits, a person writes a short one."""
    import torch

    seed = torch.initial_seed()
    return seed if seed < WRITTEN else None


def _find(request: Request) -> Found:
    return find_model(find_demo(request.reference) if request.demo else request.reference, request.arguments)


def read_device(text: str | None) -> torch.device | None:
    """`"cuda:0"` as a device that is really there.

    Raises:
        InputError: there is no such device here.
    """
    if text is None:
        return None
    import torch

    try:
        device = torch.device(text)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        raise InputError(f"the device {text!r} cannot be used here: {_first_sentence(error)}") from error
    if device.type == "meta":
        raise InputError("the device 'meta' holds no numbers to look at; choose cpu")
    return device


def read_dtype(text: str | None) -> torch.dtype | None:
    """`"float64"` as a floating-point dtype.

    Raises:
        InputError: torch has none of that name.
    """
    if text is None:
        return None
    import torch

    dtype = getattr(torch, text.removeprefix("torch."), None)
    if not isinstance(dtype, torch.dtype) or not (dtype.is_floating_point or dtype.is_complex):
        raise InputError(f"the dtype {text!r} is no floating-point dtype of torch; give float32, float64, float16 or bfloat16")
    return dtype


def _move(found: Found, device: torch.device | None, dtype: torch.dtype | None) -> None:
    if device is None and dtype is None:
        return
    try:
        found.model.to(device=device, dtype=dtype)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        target = " ".join(str(part) for part in (device, dtype) if part is not None)
        raise InputError(f"{found.where} cannot be moved to {target}: {_first_sentence(error)}") from error


def _first_sentence(error: Exception) -> str:
    """What torch said, without the advice that follows and the list of some twenty kinds of device."""
    from textwrap import shorten

    said = str(error).partition(". ")[0]
    if said.startswith("Expected one of") and "device type" in said:
        return "torch knows no such kind; most machines have cpu, and some cuda or mps"
    return shorten(said, 160, placeholder=" …")


def _moved(value: Any, device: torch.device | None, dtype: torch.dtype | None) -> Any:
    """The tensors of a nested structure on the device, floating-point ones in the dtype."""
    import torch
    from torch.utils._pytree import tree_map_only

    if device is None and dtype is None:
        return value
    return tree_map_only(torch.Tensor, lambda tensor: tensor.to(device, dtype if tensor.is_floating_point() else None), value)
