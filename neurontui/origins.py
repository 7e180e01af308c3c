"""Who made a number: the newest recorded write that covers an element's bytes, found by memory and not by object identity alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from neurontui.explanation import Origin
from neurontui.records import Step, Trace, Value, leaves
from neurontui.text import clean

Index = tuple[int, ...]

MOST_LOCATED = 4096  # elements that are looked for one by one


def find_origin(trace: Trace, step: int, value: Value, index: Sequence[int]) -> Origin:
    """Where element `index` of `value` came from, which step number `step` took as an input (or holds as a parameter).

    The origin's `step`, `output` and `index` are the call that made it (`output` is None, with a `name`, where the call wrote that
    argument without returning it). In an opened call an origin of kind "input" goes on in the outer trace: `find_outer_origin`.
    """
    place = tuple(index)
    logs = trace.memory or {}
    for write in reversed(logs.get(value.store, ())[value.since : value.time]):
        found = locate(value, place, write.value)
        if found is None:
            continue
        if write.step is None:
            return Origin("outside", name=value.name, index=place, note="written where nobody could see it: by other code, C++ or a thread")
        name = write.value.name if write.output is not None else _name_written(trace, write.step, write.value)
        return Origin("step", write.step, write.output, name, found)
    if value.store is None and value.time > value.since:  # inside a transform, tensors do not tell which memory is theirs
        return Origin("outside", name=value.name, index=place, note="written through another tensor, in memory that cannot be told")
    if value.producer is not None:
        maker, output = value.producer
        if output < 0:
            return Origin("step", maker, None, _name_written(trace, maker, value), place)
        return Origin("step", maker, output, value.name, place)
    if value.role == "step":
        return Origin("unknown", name=value.name, index=place, note="the trace does not say who made it")
    note = _first_seen(trace, step) if value.role == "outside" else ""
    return Origin(value.role, name=value.name, index=place, note=note)


def find_outer_origin(trace: Trace, origin: Origin) -> Origin:
    """An opened call's "input" origin, gone on with in the trace that the call was opened from; any other origin as it is."""
    if trace.outer is None or origin.kind != "input" or origin.index is None:
        return origin
    outer, at = trace.outer
    inner_step, outer_step = trace.steps[0], outer.steps[at]
    inner, outside = leaves((inner_step.args, inner_step.kwargs)), leaves((outer_step.args, outer_step.kwargs))
    for (_, mine), (_, theirs) in zip(inner, outside, strict=False):
        if mine.name == origin.name:
            return find_origin(outer, at, theirs, origin.index)
    return origin


def find_outermost(trace: Trace, origin: Origin) -> tuple[Trace, Origin]:
    """`find_outer_origin` through all calls that were opened around: the origin, and the trace that its step counts in."""
    while trace.outer is not None and (outside := find_outer_origin(trace, origin)) is not origin:
        trace, origin = trace.outer[0], outside
    return trace, origin


def find_overwriting(trace: Trace, value: Value, index: Sequence[int] | None = None) -> tuple[int, Value, Index | None] | None:
    """The first call that wrote over element `index` of a step's output (None: over any of it) after it was made.

    With what it wrote, and which element of that the one in question is; None where the memory still is what it was.
    """
    made = value.producer[0] if value.producer is not None else None
    for write in (trace.memory or {}).get(value.store, ())[value.time :]:
        if write.step is None or write.step == made:
            continue
        if index is None and _meets(value, write.value):
            return write.step, write.value, None
        found = locate(value, tuple(index), write.value) if index is not None else None
        if found is not None:
            return write.step, write.value, found
    return None


def say_overwriting(later: Step, number: str = "") -> str:
    """The sentence on a call that wrote over what is shown; of one element, with the number that it wrote there."""
    given = f", with {number}" if number else ""
    return f"Later {clean(later.name)} (%{later.index}) overwrote it in place{given}: this is what it was before."


def _meets(value: Value, other: Value) -> bool:
    """Whether two tensors of one storage have an element in common; of large ones, whether their ranges in it meet."""
    ranges = [_bytes(each) for each in (value, other)]
    if not all(ranges) or ranges[0][-1] < ranges[1][0] or ranges[1][-1] < ranges[0][0]:
        return False
    small, large = sorted((value, other), key=lambda each: math.prod(each.shape))
    if math.prod(small.shape) > MOST_LOCATED:
        return True
    return any(locate(small, place, large) is not None for place in itertools.product(*map(range, small.shape)))


def _bytes(value: Value) -> range:
    """From a tensor's first to its last byte in its storage; empty where it has no element."""
    if 0 in value.shape:
        return range(0)
    return range(value.offset * value.dtype.itemsize, (value.offset + _reach(value) + 1) * value.dtype.itemsize)


def locate(value: Value, index: Index, other: Value) -> Index | None:
    """The element of `other` that covers the first byte of `value[index]`, where both lie in the same storage; None where none does."""
    if value.store is None or value.store != other.store or len(index) != len(value.strides):
        return None
    size, other_size = value.dtype.itemsize, other.dtype.itemsize
    byte = (value.offset + sum(place * stride for place, stride in zip(index, value.strides, strict=True))) * size
    if value.strides == other.strides and value.offset == other.offset and value.shape == other.shape and size == other_size:
        return index
    relative = byte // other_size - other.offset
    return _find_index(relative, other.shape, other.strides)


def list_located(value: Value, index: Index, other: Value) -> set[Index]:
    """All elements of `other` that lie where `value[index]` does: several where its elements lie on one another (`expand`, `unfold`)."""
    first = locate(value, index, other)
    if first is None or not _overlaps(other):
        return set() if first is None else {first}
    start = sum(place * stride for place, stride in zip(first, other.strides, strict=True))
    found: set[tuple[Index, int]] = {((), start)}
    for dim, (size, stride) in enumerate(zip(other.shape, other.strides, strict=True)):
        reach = _reach(other, dim + 1)
        found = {
            ((*head, place), rest - place * stride) for head, rest in found for place in range(size) if 0 <= rest - place * stride <= reach
        }
    return {head for head, rest in found if rest == 0}


def _overlaps(value: Value) -> bool:
    return 1 + _reach(value) < math.prod(value.shape)


def _reach(value: Value, dim: int = 0) -> int:
    """How many elements of the storage lie between the first and the last one, along the dimensions from `dim` on."""
    return sum((size - 1) * stride for size, stride in zip(value.shape[dim:], value.strides[dim:], strict=True))


def _find_index(offset: int, shape: Index, strides: Index) -> Index | None:
    """The index whose element lies `offset` elements behind the first one; None where the strides reach no such place."""
    if any(size == 0 for size in shape):
        return None
    order = sorted((dim for dim in range(len(shape)) if shape[dim] > 1 and strides[dim] > 0), key=lambda dim: -strides[dim])
    found = [0] * len(shape)
    if _descend(offset, order, 0, shape, strides, found):
        return tuple(found)
    return None


def _descend(rest: int, order: list[int], depth: int, shape: Index, strides: Index, found: list[int]) -> bool:
    """Strides need not nest (`unfold`, `as_strided`), so a dimension's index may be smaller than the largest that fits."""
    if rest < 0:
        return False
    if depth == len(order):
        return rest == 0
    dim = order[depth]
    reach = sum((shape[later] - 1) * strides[later] for later in order[depth + 1 :])
    for place in range(min(rest // strides[dim], shape[dim] - 1), -1, -1):
        left = rest - place * strides[dim]
        if left > reach:
            return False
        found[dim] = place
        if _descend(left, order, depth + 1, shape, strides, found):
            return True
    found[dim] = 0
    return False


def _name_written(trace: Trace, step: int, value: Value) -> str | None:
    """The argument that a call wrote and does not return."""
    return next((name for name, written in trace.steps[step].writes.items() if written is value), value.name)


def _first_seen(trace: Trace, step: int) -> str:
    line = trace.steps[step].source if 0 <= step < len(trace.steps) else None
    return (
        f"made before the run or out of sight; first seen at line {line.line}"
        if line is not None
        else "made before the run or out of sight"
    )
