"""What every line of a trace file has to be, whoever wrote it: consumers rely on types, and on walks that come to an end.

Each raises ValueError where it is not so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from neurontui.records import Kind, Role, Value
from neurontui.storage.structures import Json

_NONE = type(None)
STRUCTURES = ("args", "kwargs", "params", "output", "writes", "random_state", "aliases")
PLAIN: dict[str, tuple[type, ...]] = {
    "index": (int,), "parent": (int, _NONE), "kind": (str,), "op": (str,), "path": (str,), "call": (int,), "name": (str,),
    "training": (bool, _NONE), "grad": (bool,), "autocast": (str, _NONE), "duration": (int, float, _NONE), "end": (int,), "note": (str,),
}  # fmt: skip
_VALUE: dict[str, tuple[type, ...]] = {
    "shape": (list,), "dtype": (str,), "device": (str,), "role": (str,), "name": (str, _NONE), "producer": (list, _NONE),
    "store": (int, _NONE), "offset": (int,), "strides": (list,), "time": (int,), "since": (int,), "aliases": (list,),
    "same_as": (int, _NONE), "requires_grad": (bool,),
}  # fmt: skip
_LINE = ((str,), (int,), (int, _NONE), (int, _NONE), (int, _NONE), (str,), (str,))


def check_step(row: Json, index: int, count: int) -> None:
    """A step has its types, and its place in a call tree."""
    _check_types(row, PLAIN)
    parent = row["parent"]
    if row["index"] != index or not index < row["end"] <= count or not (parent is None or 0 <= parent < index):
        raise ValueError("the call tree is broken")
    if row["kind"] not in get_args(Kind):
        raise ValueError("a step is of no kind")


def check_structures(parts: Mapping[str, Any]) -> None:
    """What is by name has names, and parameters and writes are tensors."""
    if not isinstance(parts["args"], tuple) or not all(isinstance(alias, str) for alias in parts["aliases"]):
        raise ValueError("arguments are no tuple")
    for name in ("kwargs", "params", "writes"):
        if not all(isinstance(key, str) for key in parts[name]):
            raise ValueError(f"{name} are without names")
    if not all(isinstance(value, Value) for name in ("params", "writes") for value in parts[name].values()):
        raise ValueError("a parameter is no tensor")


def check_value(row: Json, number: int) -> None:
    """A value has its types, and was handed on only by one before it."""
    _check_types(row, _VALUE)
    if row["same_as"] is not None and not 0 <= row["same_as"] < number:
        raise ValueError("a value cannot be handed on before it is there")
    producer = [] if row["producer"] is None else row["producer"]
    if row["role"] not in get_args(Role) or not all(isinstance(part, int) for part in (*row["strides"], *producer)):
        raise ValueError("a value has no role")
    if not all(isinstance(alias, str) for alias in row["aliases"]) or len(producer) not in (0, 2):
        raise ValueError("a value has no names")


def check_line(row: Json) -> None:
    """A source line has its types."""
    if not all(isinstance(part, kinds) for part, kinds in zip(row, _LINE, strict=True)):
        raise ValueError("a source line is none")


def _check_types(row: Json, kinds: Mapping[str, tuple[type, ...]]) -> None:
    for name, allowed in kinds.items():
        if not isinstance(row[name], allowed):
            raise ValueError(f"{name} is a {type(row[name]).__name__}")
