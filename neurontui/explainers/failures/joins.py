"""Tensors that are put together: cat, stack, and everything that broadcasts (+, *, where, …)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurontui.explainers.failures.crash import Crash, values_in
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import Value
from neurontui.text import format_shape

_BROADCAST = re.compile(r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)")
_TARGET = re.compile(r"Target sizes: \[([\d, ]*)\]|size=\[([\d, ]*)\]\): the number of sizes provided")
BROADCAST_RULE = "From the last dimension backwards, two sizes are equal, or one of them is 1 (it is repeated) or missing."


def diagnose_cat(crash: Crash) -> Failure | None:
    """`torch.cat` of tensors that differ elsewhere than along `dim`; `torch.stack` of tensors that differ at all."""
    parts = values_in(crash.step.inputs.get("tensors"))
    if crash.op not in {"cat", "concat", "concatenate", "stack", "hstack", "vstack"} or len(parts) < 2:
        return None
    dim = crash.step.inputs.get("dim", 0)
    if len({len(part.shape) for part in parts}) > 1:
        return _explain_ranks(crash, parts)
    rank = len(parts[0].shape)
    if not isinstance(dim, int) or not -rank <= dim < rank + (crash.op == "stack"):
        return None
    free = None if crash.op == "stack" else dim % rank
    for part in parts[1:]:
        clashing = [d for d in range(rank) if d != free and part.shape[d] != parts[0].shape[d]]
        if clashing:
            return _explain_part(crash, parts, part, clashing, free)
    return None


def _explain_ranks(crash: Crash, parts: Sequence[Value]) -> Failure:
    counts = " and ".join(str(len(part.shape)) for part in parts)
    title = f"{crash.label()} joins tensors of {counts} dimensions."
    wrong = next(part for part in parts if len(part.shape) != len(parts[0].shape))
    fixes = ["Give the smaller one the missing dimension with unsqueeze, or flatten the larger one."]
    return crash.explain(title, [crash.gives(part) for part in parts], "All parts have the same number of dimensions.", fixes, wrong)


def _explain_part(crash: Crash, parts: Sequence[Value], part: Value, clashing: list[int], free: int | None) -> Failure:
    d = clashing[0]
    first, other = parts[0].shape[d], part.shape[d]
    number = parts.index(part)
    title = f"{crash.label()} joins {format_shape(parts[0].shape)} and, as part {number}, {format_shape(part.shape)}: "
    title += f"dimension {d} has {first} and {other}."
    wanted = [("*" if dim == free else size) for dim, size in enumerate(parts[0].shape)]
    rows = [crash.gives(parts[0], *clashing), crash.gives(part, *clashing), crash.takes(wanted, f"{other} ≠ {first}", *clashing)]
    if free is None:
        rule, fixes = (
            "stack makes a new dimension, so all parts have the same shape.",
            ["To join along a dimension that is there, use torch.cat."],
        )
    else:
        rule, fixes = f"All sizes except that of dimension {free} are equal.", []
        if all(1 in (parts[0].shape[place], part.shape[place]) for place in clashing):
            small, large = sorted((parts[0], part), key=lambda value: value.shape[d])
            sizes = ", ".join(str(large.shape[place]) if place in clashing else "-1" for place in range(len(small.shape)))
            fixes.append(f"cat repeats nothing: expand the {format_shape(small.shape)} first, y.expand({sizes}).")
        elif len(parts[0].shape) > 2 and free == 1 and min(clashing) > 1:
            fixes.append(f"Bring them to one size first: F.interpolate(y, size={tuple(parts[0].shape[2:])}), or F.pad.")
    if free is not None:
        fits = clashing == [d] and parts[0].shape[free] == part.shape[free]
        fixes.append(f"Join along dimension {d}: torch.cat(…, dim={d})." if fits else f"Make dimension {d} of both {first}, or {other}.")
    return crash.explain(title, rows, rule, fixes, part)


def diagnose_broadcast(crash: Crash) -> Failure | None:
    """Two operands of shapes that do not broadcast."""
    operands = crash.operands()
    clash = _BROADCAST.search(crash.message)
    if "broadcast shape" in crash.message and len(operands) > 1:
        return _explain_in_place(crash, operands[0], operands[1])
    if clash is None or len(operands) < 2:
        return None
    pair = next(((a, b) for i, a in enumerate(operands) for b in operands[i + 1 :] if _clashes(a, b)), None)
    return None if pair is None else _explain_pair(crash, *pair)


def diagnose_assignment(crash: Crash) -> Failure | None:
    """`x[…] = value`: a value that does not fit the part that is written."""
    found = _TARGET.search(crash.message)
    value = crash.operands()[-1] if crash.operands() else None
    if crash.op != "setitem" or found is None or value is None:
        return None
    part = [int(size) for size in (found[1] or found[2] or "").split(",") if size.strip()]
    title = f"{crash.label()} writes {format_shape(value.shape)} into a part of {format_shape(part)}."
    rows = [crash.gives(value), crash.takes(part, f"{format_shape(value.shape)} ≠ {format_shape(part)}")]
    fixes = [f"Make the value {format_shape(part)}, or of sizes that are repeated to it."]
    if [size for size in value.shape if size != 1] == [size for size in part if size != 1]:
        fixes.insert(0, "Take its dimensions of 1 away: y.squeeze().")
    return crash.explain(title, rows, BROADCAST_RULE, fixes, value)


def _clashes(one: Value, other: Value) -> list[int]:
    """The dimensions, counted from the end (-1 is the last, first), where two shapes do not broadcast."""
    pairs = zip(reversed(one.shape), reversed(other.shape), strict=False)
    return [-1 - place for place, (a, b) in enumerate(pairs) if a != b and 1 not in (a, b)]


def _explain_pair(crash: Crash, one: Value, other: Value) -> Failure:
    clashing = _clashes(one, other)
    dim = clashing[0]
    first, second = one.shape[dim], other.shape[dim]
    title = f"{crash.label()} meets {format_shape(one.shape)} and {format_shape(other.shape)}: {first} and {second} do not broadcast."
    left, right = crash.gives(one, *clashing), crash.gives(other, *clashing)
    rows = [left, Side(right.label, right.verb, right.shape, f"{second} ≠ {first}", right.clashing, right.step)]
    fixes = _align(one, other) + _shortcut(crash, one, other) + _cut(crash, one, other)
    fixes.append(f"Make both {first} or both {second} there; whoever made them is named above.")
    wrong = other if other.producer is not None or one.producer is None else one
    return crash.explain(title, rows, BROADCAST_RULE, fixes, wrong)


def _align(one: Value, other: Value) -> list[str]:
    """A tensor of fewer dimensions whose sizes are there, but not at the end: `[2, 4]` beside `[2, 4, 5, 5]`."""
    if one.shape[::-1] == other.shape:
        return ["The shapes are each other turned over: transpose one of them."]
    small, large = sorted((one, other), key=lambda value: len(value.shape))
    width, rank = len(small.shape), len(large.shape)
    place = next((d for d in range(rank - width) if large.shape[d : d + width] == small.shape), None)
    if place is None or not width:
        return []
    ones = rank - width - place
    where = f"dimension {place}" if width == 1 else f"dimensions {place} {'and' if width == 2 else 'to'} {place + width - 1}"
    made = format_shape([*small.shape, *[1] * ones])
    return [f"If {format_shape(small.shape)} belongs to {where}: y[..., {', '.join(['None'] * ones)}] makes it {made}."]


def _shortcut(crash: Crash, one: Value, other: Value) -> list[str]:
    """Two branches of a residual block, of which one changed channels or size."""
    if crash.op not in {"add", "iadd"} or len(one.shape) != len(other.shape) or len(one.shape) < 2 or one.shape[0] != other.shape[0]:
        return []
    if len(one.shape) == 4:
        old, new = sorted((one.shape, other.shape), key=lambda shape: -shape[-1])
        steps = {-(-a // b) for a, b in zip(old[2:], new[2:], strict=True)}
        if len(steps) == 1:
            stride = steps.pop()
            layer = f"Conv2d({old[1]}, {new[1]}, 1{f', stride={stride}' * (stride > 1)})"
            return [f"A shortcut of its own fits them: {layer} on {format_shape(old)}."]
    if one.shape[:-1] == other.shape[:-1] and {one.role, other.role} <= {"step", "input"}:
        return [f"A shortcut of its own fits them: Linear({other.shape[-1]}, {one.shape[-1]}) on {format_shape(other.shape)}."]
    return []


def _cut(crash: Crash, one: Value, other: Value) -> list[str]:
    """A parameter or buffer made for a longest length, as positions and causal masks are."""
    held = next((value for value in (one, other) if crash.maker(value)[1].role in ("parameter", "buffer")), None)
    if held is None or one.role == other.role == "parameter":
        return []
    free = other if held is one else one
    places = {place % len(held.shape): free.shape[place] for place in _clashes(one, other)}
    name = crash.maker(held)[1].name or "it"
    if any(held.shape[place] < size for place, size in places.items()):
        return [f"{name} has room for {min(held.shape[place] for place in places)}: make it larger, or give shorter inputs."]
    parts = [f":{places[place]}" if place in places else ":" for place in range(max(places) + 1)]
    return [f"Take only as much of it as there is: {name}[{', '.join(parts)}]."]


def _explain_in_place(crash: Crash, one: Value, other: Value) -> Failure:
    title = f"{crash.label()} writes into {format_shape(one.shape)}, but with {format_shape(other.shape)} the result is larger."
    fixes = ["Write it as x = x + y, which makes a new tensor, if the larger shape is what you want."]
    rule = "An in-place operation cannot change the shape of the tensor that it writes into."
    pairs = enumerate(zip(reversed(one.shape), reversed(other.shape), strict=False))
    larger = [-1 - place for place, (held, given) in pairs if given not in (1, held)]
    rows = [crash.gives(one, *larger), crash.gives(other, *larger)]
    return crash.explain(title, rows, rule, fixes, other)
