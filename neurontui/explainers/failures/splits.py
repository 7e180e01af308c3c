"""Taking apart: split sizes that do not add up, and more or fewer names than parts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurontui.explainers.failures.crash import Crash, label_step, place_of, values_in, with_producer
from neurontui.explainers.failures.failure import Failure, Side
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
    seen = [value for step in reversed(crash.trace.steps[: crash.step.end]) for value in values_in(step.output)]
    known = [value for value in (*crash.operands(), *seen) if len(value.shape) not in (count, *((0,) if given is None else ()))]
    taken = next((value for value in known if given is None or len(value.shape) == given), None)
    if taken is None:
        return None
    rank = len(taken.shape)
    title = f"{crash.label()} takes {count} sizes from {name}.shape, but {name} has {rank} dimensions: {format_shape(taken.shape)}."
    rows = [crash.gives(taken), crash.takes(["*"] * count, f"{rank} ≠ {count} dimensions")]
    fitting = ", ".join(names[:rank]) if rank < count else f"{', '.join(names[:count])}, *rest"
    fixes = [f"Write {fitting} = {name}.shape, or give it {count} dimensions."]
    if rank == count - 1:
        fixes.append("One sample without its batch? Put the batch dimension in front: x.unsqueeze(0).")
    return crash.explain(title, rows, "A shape has one number for each dimension.", fixes, taken)


def _explain_parts(crash: Crash, giver: Step, count: int) -> Failure:
    parts = len(giver.output)
    who, called = place_of(label_step(crash.trace, giver)), giver.op.rpartition(".")[2]
    title = f"{crash.label()} takes {count} parts, but {who} gives {parts}."
    shapes = " and ".join(format_shape(value.shape) for value in values_in(giver.output)[:4])
    rows = [
        Side(label_step(crash.trace, giver), "gives", f"{parts} parts: {shapes}", f"{parts} ≠ {count}", (), giver.index),
        Side(crash.label(), "takes", f"{count} parts", "", (), crash.step.index),
    ]
    fix = {"LSTM": "output, (h, c) = layer(x)", "GRU": "output, h = layer(x)", "RNN": "output, h = layer(x)"}
    fix["MultiheadAttention"] = "output, weights = layer(x, x, x)"
    advice = [f"It gives {fix[called]}." if called in fix else f"Write {parts} names for its {parts} parts."]
    if called in ("chunk", "split", "tensor_split"):
        advice.append(f"{called} gives fewer parts than asked for where the dimension is too small: look at its size above.")
    return with_producer(crash.explain(title, rows, "There are as many names as parts.", advice), giver)
