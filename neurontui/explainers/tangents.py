"""Forward mode over recorded calls: how every number of a run moves with one element, call by call, without the model.

The derivatives are kept as the run kept its numbers: one for each element of each memory, so that views, writes in place and
writes through views need no rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from neurontui.capture import call_again
from neurontui.capture.structures import rebuild, tensors_in
from neurontui.explainers.edits import list_edited
from neurontui.explainers.names import key
from neurontui.records import Step, Trace, Value, leaves

if TYPE_CHECKING:
    import torch

# Numbers pass through these, and torch's derivatives do not: the memory is the same, and so are the derivatives in it.
_CUT = frozenset({"detach", "data", "requires_grad", "set_data"})

# Arguments that these functions do depend on, and that torch's derivatives take for constants without a word.
_CONSTANT = {
    **dict.fromkeys(("batch_norm", "torch.batch_norm", "instance_norm", "torch.instance_norm"), frozenset({"running_mean", "running_var"})),
    **dict.fromkeys(("cross_entropy", "nll_loss", "multi_margin_loss", "binary_cross_entropy"), frozenset({"weight"})),
}


class Untraceable(Exception):
    """The element's way leads through something that no recorded call shows: a scripted body, another thread, a transform."""


class Tangents:
    """∂number/∂element for every number in memory, as far as the steps have been pushed through."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._memory: dict[int, torch.Tensor] = {}
        self._unseen = {store for store, writes in (trace.memory or {}).items() if any(write.step is None for write in writes)}

    def seed(self, value: Value, index: tuple[int, ...]) -> None:
        """The element in question: 1."""
        import torch

        part = torch.zeros(value.shape, dtype=value.dtype)
        part[index] = 1
        self._put(value, part)

    def read(self, value: Value) -> torch.Tensor | None:
        """The derivatives of a Value's elements; None where all are zero."""
        memory = self._memory.get(value.store) if value.store is not None else None
        if memory is None or not (value.dtype.is_floating_point or value.dtype.is_complex):
            return None
        if value.store in self._unseen:
            raise Untraceable("other code wrote to its memory")
        self._grow(value)
        found = self._memory[value.store].view(value.dtype).as_strided(value.shape, value.strides, value.offset)  # type: ignore[index]
        return found.clone() if bool((found != 0).any()) else None

    def push(self, step: Step) -> None:
        """On through one call. A module's calls inside are steps of their own.

        Raises:
            Untraceable: the call cannot be run again with derivatives.
        """
        given = {id(value): value for _, value in leaves((step.args, step.kwargs))}
        slopes = {place: slope for place, value in given.items() if (slope := self.read(value)) is not None}
        if step.kind == "module":
            self._leave_module(step, bool(slopes))
            return
        if step.error is not None or (key(step.op) in _CUT and not step.writes):
            return
        if step.note.startswith("inside"):  # its tensors are others than those that went into the transform
            raise Untraceable(f"{step.name} ran {step.note}")
        if slopes and not leaves_of(step) and not step.writes and not isinstance(step.output, (bool, int, str, type(None))):
            raise Untraceable(f"{step.name} gives a plain number, and nobody sees where that goes")
        moved = dict(self._run(step, given, slopes)) if slopes else {}
        for value in step.writes.values():
            self._overwrite(value, moved.get(_place(value)))
        for number, (_, value) in enumerate(leaves(step.output)):
            slope = moved.get(_place(value))
            if slope is not None and (value.store not in self._memory or list_edited(self.trace, step, number, value.shape)):
                self._put(value, slope)

    def _leave_module(self, step: Step, moves: bool) -> None:
        """Its calls have been pushed through; what a person set in its output does not move."""
        for number, (_, value) in enumerate(leaves(step.output)):
            edited = list_edited(self.trace, step, number, value.shape)
            made = value.producer == (step.index, number) and value.same_as is None
            if moves and made and not (edited and value.store in self._memory):
                raise Untraceable(f"{step.name} makes its output out of sight")
            slope = self.read(value) if edited else None
            if slope is not None:
                for index in edited:
                    slope[index] = 0
                self._put(value, slope)

    def _run(self, step: Step, given: dict[int, Value], slopes: dict[int, Any]) -> Iterator[tuple[tuple[Any, ...], torch.Tensor]]:
        """(place in memory, derivatives) of each tensor that the call gave or wrote, where there are any."""
        constant = _CONSTANT.get(key(step.op), frozenset())
        try:
            if any(id(value) in slopes for name, value in step.inputs.items() if name in constant):
                raise Untraceable("torch takes this argument for a constant")
            pairs = _run_dual(self.trace, step, given, slopes)
        except Exception:  # no derivative is written for it, or it is a function of the user's: two runs of this one call
            pairs = _run_twice(self.trace, step, given, slopes)
        for value, number, slope in pairs:
            if slope is None:
                continue
            for index in list_edited(self.trace, step, number, value.shape):
                slope[index] = 0
            yield _place(value), slope

    def _put(self, value: Value, slope: torch.Tensor) -> None:
        """Into its memory; where its elements lie on one another (an expanded tensor), once."""
        if value.store is None:
            raise Untraceable("a tensor without plain memory")
        self._grow(value)
        room = self._memory[value.store].view(value.dtype).as_strided(value.shape, value.strides, value.offset)
        for dim, stride in enumerate(value.strides):
            if stride == 0 and value.shape[dim] > 1:
                room, slope = room.narrow(dim, 0, 1), slope.sum(dim, keepdim=True)
        room.copy_(slope)

    def _overwrite(self, value: Value, slope: torch.Tensor | None) -> None:
        import torch

        if not (value.dtype.is_floating_point or value.dtype.is_complex):
            return
        if slope is not None:
            self._put(value, slope)
        elif value.store in self._memory:
            self._put(value, torch.zeros(value.shape, dtype=value.dtype))

    def _grow(self, value: Value) -> None:
        """Room for all of a Value's elements."""
        import torch

        last = value.offset + sum((n - 1) * stride for n, stride in zip(value.shape, value.strides, strict=True))
        real = value.dtype.to_real() if value.dtype.is_complex else value.dtype
        held = self._memory.get(value.store) if value.store is not None else None
        size = 2 * math.ceil((last + 1) * value.dtype.itemsize / real.itemsize / 2) if 0 not in value.shape else 0
        if held is None or held.numel() * held.element_size() < size * real.itemsize:
            kept = torch.zeros(0, dtype=real) if held is None else held
            room = torch.zeros(math.ceil(size * real.itemsize / kept.element_size()) + kept.numel(), dtype=kept.dtype)
            room[: kept.numel()] = kept
            self._memory[value.store] = room  # type: ignore[index]


def _run_dual(trace: Trace, step: Step, given: dict[int, Value], slopes: dict[int, Any]) -> list[tuple[Value, int, Any]]:
    """The call on dual numbers: torch's own forward-mode derivatives."""
    import torch
    from torch.autograd.forward_ad import dual_level
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with torch.inference_mode(False), dual_level(), sdpa_kernel(SDPBackend.MATH):
        tensors = {place: _make_dual(value.tensor().clone(), slopes.get(place)) for place, value in given.items()}
        made = _call(trace, step, tensors)
        _check_numbers(step, made)
        parts = [torch._VF._unpack_dual(tensor, level=0).tangent for tensor in [*made, *tensors.values()]]
        return _name_parts(step, given, [None if part is None else part.clone() for part in parts])


def _make_dual(tensor: torch.Tensor, slope: torch.Tensor | None) -> torch.Tensor:
    """As `torch.autograd.forward_ad.make_dual`, which first compiles derivatives of derivatives for more than a second."""
    import torch

    return tensor if slope is None else torch._VF._make_dual(tensor, slope, level=0)


def _run_twice(trace: Trace, step: Step, given: dict[int, Value], slopes: dict[int, Any]) -> list[tuple[Value, int, Any]]:
    """The call a little to both sides along the derivatives that came in, in float64 where it can be: the central difference."""
    import torch

    size = max(float(slope.abs().max()) for slope in slopes.values())
    reach = max(1.0, *(float(given[place].numbers().abs().max()) for place in slopes))
    for wide, small in ((torch.float64, 1e-6), (None, 1e-3)):
        move = small * reach / size
        try:
            sides = [_move_and_call(trace, step, given, slopes, way * move, wide) for way in (1, -1)]
        except Exception:
            continue
        up, down = sides
        if any(tensor.layout is not torch.strided for tensor in up):
            raise Untraceable(f"{step.name} gives a sparse tensor")
        differences = [(a - b) / (2 * move) if a.is_floating_point() or a.is_complex() else None for a, b in zip(up, down, strict=True)]
        return _name_parts(step, given, differences)
    raise Untraceable(f"{step.name} cannot be run again")


def _move_and_call(
    trace: Trace, step: Step, given: dict[int, Value], slopes: dict[int, Any], by: float, wide: torch.dtype | None
) -> list[torch.Tensor]:
    import torch

    tensors = {}
    with torch.inference_mode(False):
        for place, value in given.items():
            tensor = value.tensor().clone()
            tensor = tensor.to(wide) if wide is not None and tensor.is_floating_point() else tensor
            tensors[place] = tensor + by * slopes[place].to(tensor.dtype) if place in slopes else tensor
        return [*_call(trace, step, tensors), *tensors.values()]


def _call(trace: Trace, step: Step, tensors: dict[int, torch.Tensor]) -> list[torch.Tensor]:
    args, kwargs = rebuild((step.args, dict(step.kwargs)), lambda value: tensors[id(value)])
    made = list(tensors_in(call_again(trace, step, args, kwargs)))
    if len(made) not in (0, len(leaves_of(step))):
        raise Untraceable(f"{step.name} gives something else when it is run again")
    return made


def _check_numbers(step: Step, made: list[Any]) -> None:
    """The same function must have been run: with derivatives on, torch may take another way, never to other numbers."""
    import torch

    for tensor, value in zip(made, leaves_of(step), strict=False):
        there, here = value.tensor(), tensor.detach()
        scale = 1e-2 * float(there.abs().nan_to_num(0, 0, 0).max()) if there.is_floating_point() and there.numel() else 0.0
        if there.shape != here.shape or not torch.allclose(here.to(there.dtype), there, rtol=1e-2, atol=scale, equal_nan=True):
            raise Untraceable(f"{step.name} gives other numbers when it is run again")


def _name_parts(step: Step, given: dict[int, Value], parts: list[Any]) -> list[tuple[Value, int, Any]]:
    """Which recorded tensor each part belongs to: the outputs, then what was written among the arguments (output -1)."""
    outputs = leaves_of(step) if len(parts) > len(given) else []
    found = [(value, number, parts[number]) for number, value in enumerate(outputs)]
    written = {_place(value): value for value in step.writes.values()}
    for value, part in zip(given.values(), parts[len(outputs) :], strict=True):
        if _place(value) in written:
            found.append((written[_place(value)], 0, part))
    return found


def leaves_of(step: Step) -> list[Value]:
    """The tensors that a step gave, in the order of their output numbers."""
    return [value for _, value in leaves(step.output)]


def _place(value: Value) -> tuple[Any, ...]:
    """Which elements of which memory a Value covers."""
    return value.store, value.offset, value.shape, value.strides
