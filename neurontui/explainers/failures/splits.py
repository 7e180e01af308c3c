"""Taking apart: split sizes that do not add up, and more or fewer names than parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from linecache import getline

from neurontui.explainers.failures.crash import Crash, user_lines, values_in, with_producer
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.labels import label_step, place_of, short_op
from neurontui.explainers.failures.nontensors import UNPACKED, show_parts
from neurontui.records import Step, Value
from neurontui.text import format_shape

_SIZES = re.compile(r"split_sizes to sum exactly to (\d+) \(input tensor's size at dimension (-?\d+)\), but got split_sizes=\[([-\d, ]*)\]")
_UNPACK = re.compile(r"(?:not enough|too many) values to unpack \(expected (?:at least )?(\d+)(?:, got (\d+))?\)")


def diagnose_split(crash: Crash) -> Failure | None:
    """`x.split([2, 2], dim=1)` of a dimension of 5."""
    found, taken = _SIZES.search(crash.message), crash.operand("input", "tensor")
    if found is None or taken is None:
        return None
    whole, dim, sizes = int(found[1]), int(found[2]), [int(size) for size in found[3].split(",") if size.strip()]
    total = f"{' + '.join(map(str, sizes))} = {sum(sizes)}"
    title = f"{crash.label()} splits dimension {dim} of {format_shape(taken.shape)} into {format_shape(sizes)}: {total}, not {whole}."
    rows = [crash.gives(taken, dim), crash.takes(_at(taken, dim, sum(sizes)), f"{sum(sizes)} ≠ {whole}", dim)]
    rest = whole - sum(sizes[:-1])
    fixes = [f"Let the last part be what is left: x.split({[*sizes[:-1], rest]}, dim={dim})."] if rest > 0 else []
    fixes.append(f"For {len(sizes)} parts of nearly one size: x.chunk({len(sizes)}, dim={dim}).")
    return crash.explain(title, rows, f"The sizes add up to the size of dimension {dim}.", fixes, taken)


def _at(taken: Value, dim: int, size: int) -> list[object]:
    """`taken`'s shape with `size` in one dimension, and * elsewhere."""
    return [size if place == dim % len(taken.shape) else "*" for place in range(len(taken.shape))]


def diagnose_unpacking(crash: Crash) -> Failure | None:
    """`b, c, h, w = x.shape` of a matrix; `a, b, c = x.chunk(3)` that gave two parts; `a, b, c = self.lstm(x)`."""
    found = _UNPACK.search(crash.message)
    if found is None or not crash.is_a("ValueError"):
        return None
    names, _, made = crash.line.partition("=")
    count, given = int(found[1]), None if found[2] is None else int(found[2])
    shape = re.search(r"(\w+)(?:\.shape|\.size\(\))", made)
    if shape is not None:
        return _explain_shape(crash, shape[1], [name.strip() for name in names.split(",")], count, given)
    giver = crash.find_step(lambda step: isinstance(step.output, tuple | list) and len(step.output) != count)
    return None if giver is None else _explain_parts(crash, giver, count)


def _explain_shape(crash: Crash, name: str, names: Sequence[str], count: int, given: int | None) -> Failure | None:
    taken = _find_named(crash, name)
    if taken is None or len(taken.shape) == count or given not in (None, len(taken.shape)):
        return None
    rank = len(taken.shape)
    title = f"{crash.label()} takes {count} sizes from {name}.shape, but {name} has {rank} dimensions: {format_shape(taken.shape)}."
    rows = [crash.gives(taken), crash.takes(["*"] * count, f"{rank} ≠ {count} dimensions")]
    fitting = ", ".join(names[:rank]) if rank < count else f"{', '.join(names[:count])}, *rest"
    fixes = [f"Write {fitting} = {name}.shape, or give it {count} dimensions."]
    if rank == count - 1:
        fixes.append("One sample without its batch? Put the batch dimension in front: x.unsqueeze(0).")
    return crash.explain(title, rows, "A shape has one number for each dimension.", fixes, taken)


def _find_named(crash: Crash, name: str) -> Value | None:
    """The tensor that the user's `name` stands for: what the line gave that last set it, else an argument of the forward."""
    at = user_lines(crash.trace, crash.step)[-1]
    number = at.line - 1
    while number > 0 and not (text := getline(at.file, number)).lstrip().startswith("def "):
        if re.match(rf"\s*(?:\w+\s*,\s*)*{name}\b[\w\s,]*=[^=]", text):
            made = [step for step in reversed(crash.trace.steps) if step.source is not None and step.source.line == number]
            return next((step.output for step in made if isinstance(step.output, Value)), None)
        number -= 1
    return crash.operand(name)


def _explain_parts(crash: Crash, giver: Step, count: int) -> Failure:
    parts = len(giver.output)
    who, called = place_of(label_step(crash.trace, giver)), short_op(giver)
    title = f"{crash.label()} takes {count} parts, but {who} gives {parts}."
    rows = [
        Side(label_step(crash.trace, giver), "gives", f"{parts} parts: {show_parts(giver.output)}", f"{parts} ≠ {count}", (), giver.index),
        Side(crash.label(), "takes", f"{count} parts", "", (), crash.step.index),
    ]
    advice = [f"Write {UNPACKED[called]}." if called in UNPACKED else f"Write {parts} names for its {parts} parts."]
    whole = next(iter(values_in(giver.args)), None)
    if called == "unbind" and whole is not None:
        there = crash.source_label(whole)
        title = f"{crash.label()} takes {count} parts of {there}, one tensor of {format_shape(whole.shape)}, which has {parts} rows."
        rows[0] = Side(there, "gives", format_shape(whole.shape), f"{parts} ≠ {count}", (0,), giver.index)
        advice = [f"Taking apart goes along dimension 0. For {count} parts of its last dimension: x.chunk({count}, dim=-1)."]
    elif called == "split":
        advice.append(f"split takes the size of a part; chunk takes their number: x.chunk({count}, dim=-1).")
    elif called in ("chunk", "tensor_split"):
        advice.append(f"{called} gives fewer parts than asked for where the dimension is too small.")
    return with_producer(crash.explain(title, rows, "There are as many names as parts.", advice), giver)
