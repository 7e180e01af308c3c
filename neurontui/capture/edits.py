"""One number that a person sets: whether it can be set at all, which is asked before a model is run, and setting it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from neurontui.capture.operations import EXCHANGES, shares_array
from neurontui.errors import EditError, StaleValueError
from neurontui.records import Edit, Step, Trace, Value, leaves, split_target
from neurontui.text import format_dtype


def find_edited(trace: Trace, target: str) -> tuple[Step, int] | None:
    """The step whose output is meant, and the number of the output."""
    for name in (target, target.rpartition(":")[0]):
        step = trace.find(name) if name else None
        place = None if step is None else split_target(target, name)
        if step is not None and place is not None:
            return step, place
    return None


def check_edit(trace: Trace, edit: Edit, step: Step, place: int) -> None:
    """Refuse what cannot be set in output number `place` of a step, going by how the step ran in `trace`.

    Raises:
        EditError: there is no such output or element, the number does not fit, or the memory is none that may be written.
    """
    if step.error is not None:
        raise EditError(f"{step.name} raised an error and gave nothing, so no number of its output can be set.")
    given = [value for _, value in leaves(step.output)]
    if place >= len(given):
        tell = f"this step returns {len(given)} tensor{'s' * (len(given) != 1)}" if given else "this step returns no tensor"
        raise EditError(f"{tell}, so there is no output {place} to set a number of.")
    if step.note.startswith("inside"):
        raise EditError(f"{step.name} ran {step.note}, where its tensor is a part of what is shown, so none of its numbers can be set.")
    check_element(edit, given[place].shape, given[place].dtype)
    if not _has_numbers(given[place]):
        raise EditError(f"{edit.target} does not hold its numbers one by one, so none of them can be set.")
    if is_foreign(trace, given[place]):
        raise EditError(say_foreign(edit.target))


def say_foreign(target: str) -> str:
    """Why a tensor cannot be edited that shares its memory with something of the user's."""
    return (
        f"{target} lies in memory from before the run or made out of sight (a global tensor, an array), and that stays as it is: "
        "set a number in a step that makes a new tensor of it."
    )


def is_foreign(trace: Trace, value: Value) -> bool:
    """Whether a tensor lies in memory from outside of the model and its inputs: those are copied for a run, but this is not."""
    while value.role == "step" and value.producer is not None:
        maker = trace.steps[value.producer[0]]
        given = [found for _, found in leaves((maker.args, maker.kwargs)) if found.store is not None and found.store == value.store]
        if not given:
            return shares_array(maker.label, maker.args) or maker.label in EXCHANGES
        value = given[0]
    return value.role == "outside"


def check_element(edit: Edit, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    """Whether there is such an element, and the number fits its dtype.

    Raises:
        EditError: one of the two is not so.
    """
    if len(edit.at) != len(shape) or not all(-size <= place < size for place, size in zip(edit.at, shape, strict=True)):
        raise EditError(
            f"{edit.target} has the shape {shape}, so {tuple(edit.at)} is none of its elements; give one index for each dimension."
        )
    if not (dtype.is_floating_point or dtype.is_complex) and isinstance(edit.number, float) and not edit.number.is_integer():
        raise EditError(f"{edit.target} holds {format_dtype(dtype)} numbers, so {edit.number} cannot be set; give a whole number.")
    try:
        torch.zeros((), dtype=dtype).fill_(edit.number)
    except NotImplementedError:  # a quantized tensor and the like: setting it will tell
        return
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise _unfit(edit, dtype, error) from error


def set_element(tensor: Tensor, edit: Edit) -> None:
    """`tensor[at] = number`, in the tensor's own memory, which torch does not count as a write: autograd would refuse some.

    Raises:
        EditError: the index is out of range, or the number does not fit the dtype.
    """
    check_element(edit, tuple(tensor.shape), tensor.dtype)
    try:
        with torch._C.DisableTorchFunctionSubclass(), _writable(tensor):
            (tensor if tensor.is_inference() else tensor.data)[tuple(edit.at)] = edit.number
    except (RuntimeError, TypeError, ValueError, OverflowError, NotImplementedError) as error:
        raise _unfit(edit, tensor.dtype, error) from error


def _writable(tensor: Tensor) -> AbstractContextManager[Any]:
    """An inference tensor may be written in inference mode only."""
    return torch.inference_mode() if tensor.is_inference() else torch.no_grad()


def _unfit(edit: Edit, dtype: torch.dtype, error: Exception) -> EditError:
    return EditError(f"{edit.number!r} cannot be set in {edit.target} ({format_dtype(dtype)}): {str(error).partition(chr(10))[0]}.")


def _has_numbers(value: Value) -> bool:
    try:
        tensor = value.tensor()
    except StaleValueError:  # a parameter that was changed since: its numbers are the copy's
        return value.data is not None
    return tensor.layout is torch.strided and not tensor.is_meta and not tensor.is_nested
