"""Indices out of range: embeddings, x[…], gather, index_select, scatter. Which value, and where it stands."""

from __future__ import annotations

from typing import Any

from neurontui.errors import StaleValueError
from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.records import Value
from neurontui.text import format_shape


def diagnose_embedding(crash: Crash) -> Failure | None:
    """An index for which the table has no row."""
    indices, table = crash.operand("input"), crash.operand("weight")
    if crash.op not in {"embedding", "embedding_bag"} or indices is None or table is None or indices.dtype.is_floating_point:
        return None
    rows = table.shape[0]
    bad = find_outside(indices, 0, rows)
    if bad is None:
        return None
    value, at, count = bad
    where = f"{crash.name_of(indices)}{show_place(at)}"
    title = f"{crash.label()} has the rows 0 to {rows - 1}, but {where} asks for row {value}."
    sides = [
        crash.gives(indices),
        crash.takes([f"0…{rows - 1}"], f"{value} {'<' if value < 0 else '≥'} {max(0, rows) if value >= 0 else 0}"),
    ]
    most, least = (int(number) for number in (indices.tensor().max(), indices.tensor().min()))
    fixes = [f"Make the table larger, Embedding({max(most, rows - 1) + 1}, {table.shape[1]}), or look at how the indices are made."]
    if most == rows and least > 0:
        fixes.append("They may be counted from 1: subtract 1.")
    if least < 0:
        fixes[0] = "An embedding has no rows counted from the end: make the index 0 or more (a padding index needs a row of its own)."
    more = f" {count} of its indices are outside." if count > 1 else ""
    return crash.explain(title, sides, f"Every index is from 0 to num_embeddings - 1 = {rows - 1}.{more}", fixes, indices)


def diagnose_getitem(crash: Crash) -> Failure | None:
    """x[…] with too many indices, one that is outside, or a mask of another shape."""
    taken, index = crash.operand("input"), crash.step.inputs.get("index")
    if crash.op not in {"getitem", "setitem"} or taken is None:
        return None
    parts = list(index) if isinstance(index, tuple) else [index]
    used = sum(_width(part) for part in parts)
    if used > len(taken.shape):
        title = f"{crash.label()} gives {used} indices to {format_shape(taken.shape)}, which has only {len(taken.shape)} to index."
        return crash.explain(
            title, [crash.gives(taken)], "At most one index for each dimension.", [f"Take {used - len(taken.shape)} away."], taken
        )
    dim = 0
    for place, part in enumerate(parts):
        if part is ...:
            dim = len(taken.shape) - sum(_width(rest) for rest in parts[place + 1 :])
            continue
        found = _explain_part(crash, taken, part, dim)
        if found is not None:
            return found
        dim += _width(part)
    return None


def _width(part: Any) -> int:
    """How many dimensions one part of an index takes up."""
    if part is None or part is ... or isinstance(part, bool):
        return 0
    return len(part.shape) if isinstance(part, Value) and str(part.dtype) == "torch.bool" else 1


def _explain_part(crash: Crash, taken: Value, part: Any, dim: int) -> Failure | None:
    if isinstance(part, Value) and str(part.dtype) == "torch.bool":
        return _explain_mask(crash, taken, part, dim)
    size = taken.shape[dim] if dim < len(taken.shape) else 0
    if isinstance(part, int) and not isinstance(part, bool) and not -size <= part < size:
        return _explain_outside(crash, taken, dim, part, "", 1)
    if isinstance(part, Value) and not part.dtype.is_floating_point and (bad := find_outside(part, -size, size)) is not None:
        value, at, count = bad
        return _explain_outside(crash, taken, dim, value, f" ({crash.name_of(part)}{show_place(at)})", count)
    return None


def _explain_outside(crash: Crash, taken: Value, dim: int, value: int, where: str, count: int, from_end: bool = True) -> Failure:
    size = taken.shape[dim]
    low = -size if from_end else 0
    title = f"{crash.label()} asks for index {value}{where} of dimension {dim}, which has {size} (0 to {size - 1})."
    sides = [crash.gives(taken, dim), crash.takes([f"{low}…{size - 1}"], f"{value} is outside")]
    more = f" {count} indices are outside." if count > 1 else ""
    fixes = [
        f"The last one is {'-1, or ' * from_end}{size - 1}."
        if value == size
        else f"Use an index from 0 to {size - 1}, or look at how it is made."
    ]
    return crash.explain(title, sides, f"An index is from {low} to {size - 1} here.{more}", fixes, taken)


def _explain_mask(crash: Crash, taken: Value, mask: Value, dim: int) -> Failure | None:
    part = taken.shape[dim : dim + len(mask.shape)]
    if part == mask.shape:
        return None
    title = f"{crash.label()} picks from {format_shape(taken.shape)} with a mask of {format_shape(mask.shape)}."
    sides = [crash.gives(taken), crash.gives(mask)]
    return crash.explain(
        title, sides, "A mask has the shape of the dimensions that it picks from.", [f"Make the mask {format_shape(part)}."], mask
    )


def diagnose_gather(crash: Crash) -> Failure | None:
    """gather, scatter, index_select, take_along_dim, select: an index beyond the end of `dim`."""
    names = {"gather", "scatter", "scatter_add", "index_select", "index_add", "take_along_dim", "select", "index_copy", "index_fill"}
    taken, index = crash.operand("input"), crash.step.inputs.get("index", crash.step.inputs.get("indices"))
    dim = crash.step.inputs.get("dim", 0)
    if crash.op.rstrip("_") not in names or taken is None or not isinstance(dim, int) or not -len(taken.shape) <= dim < len(taken.shape):
        return None
    size = taken.shape[dim]
    if isinstance(index, int):
        return None if -size <= index < size else _explain_outside(crash, taken, dim % len(taken.shape), index, "", 1)
    bad = find_outside(index, 0, size) if isinstance(index, Value) and not index.dtype.is_floating_point else None
    if bad is None or not isinstance(index, Value):
        return None
    value, at, count = bad
    where = f" ({crash.name_of(index)}{show_place(at)})"
    return _explain_outside(crash, taken, dim % len(taken.shape), value, where, count, from_end=False)


def diagnose_one_hot(crash: Crash) -> Failure | None:
    """`F.one_hot` of a class that is not below num_classes."""
    taken, classes = crash.operand("input"), crash.step.inputs.get("num_classes", -1)
    if crash.op != "one_hot" or taken is None or not isinstance(classes, int) or taken.dtype.is_floating_point:
        return None
    bad = find_outside(taken, 0, classes if classes > 0 else 1 << 62)
    if bad is None:
        return None
    value, at, _ = bad
    title = f"{crash.label()} makes {classes} columns, but {crash.name_of(taken)}{show_place(at)} is {value}."
    rows = [crash.gives(taken), crash.takes([f"0…{classes - 1}"], f"{value} is outside")]
    fixes = ["Classes are counted from 0."]
    if value > 0:
        fixes = [f"Give num_classes={int(taken.tensor().max()) + 1}, or look at the classes."]
    return crash.explain(title, rows, "A class is from 0 to num_classes - 1.", fixes, taken)


def find_outside(indices: Value, low: int, high: int) -> tuple[int, tuple[int, ...], int] | None:
    """The first element that is not in low…high-1, its place, and how many there are; None of what holds no whole numbers to look at."""
    if indices.dtype.is_floating_point or indices.dtype.is_complex or indices.device.type == "meta":
        return None
    try:
        numbers = indices.tensor()
    except StaleValueError:
        return None
    places = ((numbers < low) | (numbers >= high)).nonzero()
    if not len(places):
        return None
    at = tuple(places[0].tolist())
    return int(numbers[at]), at, len(places)


def show_place(at: tuple[int, ...]) -> str:
    """`"[0, 3]"`; nothing of a single number."""
    return f"[{', '.join(map(str, at))}]" if at else ""
