"""What one recorded call, parameter or output has on each side: `Change`, from the values of its structure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from neurontui.comparison.difference import Change, Status
from neurontui.comparison.tensors import Distance, measure_distance, same_tensors
from neurontui.errors import StaleValueError
from neurontui.records import Value, leaves
from neurontui.text import format_dtype, format_shape


def compare_structures(name: str, left: int | None, right: int | None, first: Any, second: Any) -> Change:
    """Hold two structures against each other, tensor by tensor; the worst tensor speaks for all."""
    ours, theirs = values_in(first), values_in(second)
    if len(ours) == len(theirs) == 1:
        return compare_values(name, left, right, ours[0], theirs[0])
    if len(ours) != len(theirs):
        return Change(name, left, right, "changed", shapes=(_count(ours), _count(theirs)), note="structure")
    worst = Change(name, left, right, "equal", 0.0 if ours else None, shapes=(describe(ours), describe(theirs)))
    for one, other in zip(ours, theirs, strict=True):
        found = compare_values(name, left, right, one, other)
        if _rank(found) > _rank(worst):
            worst = found
    return worst


def compare_values(name: str, left: int | None, right: int | None, one: Value, other: Value) -> Change:
    """Hold two tensors against each other."""
    shapes = (describe([one]), describe([other]))
    if one.shape != other.shape:
        return Change(name, left, right, "changed", shapes=shapes, note="shape")
    if one.data is not None and one.data is other.data and one.version == other.version:
        return Change(name, left, right, "equal", 0.0, shapes=shapes)
    try:
        distance = measure_distance(one.tensor(), other.tensor())
    except StaleValueError as error:
        return Change(name, left, right, "missing", shapes=shapes, note=str(error))
    return _change(name, left, right, distance, shapes, "dtype" if one.dtype != other.dtype else "")


def same_structures(first: Any, second: Any) -> bool:
    """Whether two structures hold the same tensors, number for number: many times as quick as `compare_structures`."""
    ours, theirs = values_in(first), values_in(second)
    return len(ours) == len(theirs) and all(same_values(one, other) for one, other in zip(ours, theirs, strict=True))


def same_values(one: Value, other: Value) -> bool:
    """Whether two tensors have the same shape, type and numbers (NaN is the same as NaN); False where one cannot be read any more."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.data is not None and one.data is other.data and one.version == other.version:
        return True
    try:
        return same_tensors(one.tensor(), other.tensor())
    except StaleValueError:
        return False


def _change(name: str, left: int | None, right: int | None, distance: Distance, shapes: tuple[str, str], note: str) -> Change:
    status: Status = "changed" if distance.differing or note else "equal"
    return Change(
        name, left, right, status, distance.maximum, distance.at, distance.numbers, distance.ulps, distance.differing, shapes, note
    )  # fmt: skip


def _rank(change: Change) -> tuple[bool, float]:
    """How much a change says: another shape most, then NaN on one side, then the largest difference."""
    if change.status == "equal":
        return (False, 0.0)
    return (True, float("inf") if change.maximum is None or change.maximum != change.maximum else change.maximum)


def values_in(structure: Any) -> list[Value]:
    if type(structure) is Value:
        return [structure]
    return [value for _, value in leaves(structure)]


def describe(values: Sequence[Value]) -> str:
    """`[1, 20] float32`; of several, the first and how many more."""
    if not values:
        return ""
    first = _describe(values[0].shape, values[0].dtype)
    return first if len(values) == 1 else f"{first} and {len(values) - 1} more"


@lru_cache(maxsize=1024)
def _describe(shape: tuple[int, ...], dtype: object) -> str:
    return f"{format_shape(shape)} {format_dtype(dtype)}"


def _count(values: Sequence[Value]) -> str:
    return f"{len(values)} tensor{'' if len(values) == 1 else 's'}"
