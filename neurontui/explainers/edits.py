"""Numbers that a person set in a step's output: what the kernel gave there is in no record, and is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurontui.capture import call_again
from neurontui.capture.replaying import clone_value
from neurontui.capture.snapshots import same_bits
from neurontui.capture.structures import rebuild, tensors_in
from neurontui.origins import list_located
from neurontui.records import Step, Trace, Value, leaves, split_target

if TYPE_CHECKING:
    import torch

Index = tuple[int, ...]


def list_edited(trace: Trace, step: Step, output: int, shape: tuple[int, ...]) -> frozenset[Index]:
    """The elements of output number `output` of a step that were set by hand in this run.

    They are all that lie where a number was set: those of an expanded tensor lie on one another.
    """
    if trace.run is None or not trace.run.edits:
        return frozenset()
    values = [value for _, value in leaves(step.output)]
    found: set[Index] = set()
    for edit in trace.run.edits:
        place = split_target(edit.target, step.name)
        if place is None or place >= len(values) or output >= len(values):
            continue
        at = tuple(index % size for index, size in zip(edit.at, values[place].shape, strict=True))
        found |= {at} if place == output else set()
        found |= list_located(values[place], at, values[output])
    return frozenset(found)


def run_unedited(trace: Trace, step: Step, output: int) -> torch.Tensor | None:
    """What the kernel gives for that output before a number is set in it; of a call that returns nothing, what it wrote."""
    args, kwargs = rebuild((step.args, dict(step.kwargs)), clone_value)
    given = list(tensors_in((args, kwargs)))
    before = [tensor.detach().clone() for tensor in given]
    made = list(tensors_in(call_again(trace, step, args, kwargs)))
    made = made or [now for now, was in zip(given, before, strict=True) if not same_bits(was, now)]
    return made[output].detach() if output < len(made) else None


def find_maker(trace: Trace, step: Step, output: int, shape: tuple[int, ...]) -> Step | None:
    """The last call inside a module that gave this tensor before numbers were set in the module's output; None where none did.

    It is the one with the same numbers wherever nothing was set.
    """
    import torch

    edited = list_edited(trace, step, output, shape)
    target = next((value for number, (_, value) in enumerate(leaves(step.output)) if number == output), None)
    if not edited or target is None:
        return None
    after = target.tensor()
    for inner in reversed(trace.steps[step.index + 1 : step.end]):
        before = _only_output(inner, shape)
        if before is not None:
            restored = after.clone()
            for index in edited:
                restored[index] = before.tensor()[index]
            if torch.equal(torch.nan_to_num(restored), torch.nan_to_num(before.tensor().to(after.dtype))):
                return inner
    return None


def _only_output(step: Step, shape: tuple[int, ...]) -> Value | None:
    values = [value for _, value in leaves(step.output)]
    return values[0] if len(values) == 1 and values[0].shape == shape and values[0].data is not None else None
