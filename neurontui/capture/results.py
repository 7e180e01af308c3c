"""What a call gives: the Values of its output, and who made them."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from neurontui.capture.memory import Memory
from neurontui.capture.modules import Tree
from neurontui.capture.operations import Operation
from neurontui.capture.raw import Raw, Seen
from neurontui.capture.snapshots import PLAIN
from neurontui.capture.structures import map_structure
from neurontui.records import Value

SILENT = object()  # the output of a call that gave no tensor and wrote none


def take_results(memory: Memory, raw: Raw, op: Operation, seen: Seen, result: Any) -> None:
    """The output of a function: several tensors, or none; then it is what the call wrote."""
    count = -1

    def leaf(tensor: Tensor) -> Value:
        nonlocal count
        count += 1
        return memory.make(tensor, raw.index, count, fresh=not op.aliases and type(tensor) in PLAIN)

    raw.output = map_structure(Tensor, leaf, result)
    if count >= 0:
        return
    if raw.writes:
        first = raw.writes[0][0]
        raw.output = memory.make(next(known.tensor for place, known in seen if place == first), raw.index, 0, fresh=False)
    else:
        raw.output = SILENT


def hand_out(memory: Memory, tree: Tree, raw: Raw, output: Any) -> Any:
    """The output of a call with calls inside: those stay the makers of each tensor; what nobody was seen to make, this call made."""
    known = memory.known.get(id(output))
    if known is not None and known.counted:
        return memory.look(known.tensor).value
    count = -1

    def leaf(tensor: Tensor) -> Value:
        nonlocal count
        count += 1
        if id(tensor) not in memory.known and id(tensor) not in memory.names and tree.find_attribute(tensor) is None:
            return memory.make(tensor, raw.index, count, fresh=False)
        return memory.look(tensor).value

    return map_structure(Tensor, leaf, output)
