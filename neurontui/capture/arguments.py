"""What a call is given: its arguments and a module's own tensors, as Values, before it runs."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from neurontui.capture.memory import Memory
from neurontui.capture.raw import Place, Raw, Seen
from neurontui.capture.snapshots import PLAIN
from neurontui.capture.structures import SIMPLE, map_structure
from neurontui.records import Value


def take_arguments(memory: Memory, raw: Raw, args: tuple[Any, ...], kwargs: dict[str, Any], seen: Seen) -> None:
    """Fill `raw.args` and `raw.kwargs`, and `seen` with the tensors among them, to see later which of them the call wrote."""
    table = memory.known
    values = []
    for place, argument in enumerate(args):
        cls = type(argument)
        if cls in PLAIN:
            known = table.get(id(argument))
            if known is None or not known.counted or known.version != argument._version or known.count != len(known.writes):
                known = memory.look(argument)
            seen.append((place, known))
            values.append(known.value)
        elif cls in SIMPLE:
            values.append(argument)
        else:
            values.append(_take(memory, place, argument, seen))
    raw.args = tuple(values)
    if kwargs:
        raw.kwargs = {name: _take(memory, name, argument, seen) for name, argument in kwargs.items()}


def _take(memory: Memory, place: Place, argument: Any, seen: Seen) -> Any:
    cls = type(argument)
    if cls in SIMPLE or (cls is tuple and SIMPLE.issuperset(map(type, argument))):  # most are: a kernel's size, an eps
        return argument

    def leaf(tensor: Tensor) -> Value:
        known = memory.look(tensor)
        seen.append((place, known))
        return known.value

    return map_structure(Tensor, leaf, argument)


def take_params(memory: Memory, module: nn.Module) -> dict[str, Value]:
    """A module's own parameters and buffers as they are, by local name."""
    params = {}
    known = memory.known
    for tensors in (module._parameters, module._buffers):
        for name, tensor in tensors.items():
            if tensor is not None and (type(tensor) in PLAIN or not isinstance(tensor, UninitializedParameter | UninitializedBuffer)):
                params[name] = (memory.look if id(tensor) in known else memory.meet)(tensor).value
    return params
