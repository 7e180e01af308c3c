"""Numbers that a person set in a step's output: what the kernel gave there is in no record, and is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurontui.capture import call_again
from neurontui.capture.structures import tensors_in
from neurontui.records import Step, Trace, Value, leaves

if TYPE_CHECKING:
    import torch

Index = tuple[int, ...]


def list_edited(trace: Trace, step: Step, output: int, shape: tuple[int, ...]) -> frozenset[Index]:
    """The elements of output number `output` of a step that were set by hand in this run."""
    if trace.run is None or not trace.run.edits:
        return frozenset()
    names = {f"{step.name}:{output}"} | ({step.name} if output == 0 else set())
    return frozenset(
        tuple(place % size for place, size in zip(edit.at, shape, strict=True)) for edit in trace.run.edits if edit.target in names
    )


def run_unedited(trace: Trace, step: Step, output: int) -> torch.Tensor | None:
    """What the kernel gives for that output before a number is set in it; None for a call that returns nothing."""
    made = list(tensors_in(call_again(trace, step)))
    return made[output] if output < len(made) else None


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
