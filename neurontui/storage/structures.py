"""Arguments and results ↔ JSON. What JSON lacks is an object with one key that starts with `$`: `{"$tuple": [1, 2]}`, `{"$value": 7}`.

Reading makes only plain data: numbers, text, containers, torch's own dtypes, devices and sizes. A named tuple comes back as a
tuple, a dataclass as a dict, and any other object as a `Record` with its type's name.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from neurontui.records import Record, Value

Json = Any


def encode(thing: Any, number: Callable[[Value | torch.Tensor], int]) -> Json:
    """`thing` as JSON; `number` gives each Value, and each bare tensor, its place in the file."""
    if thing is None or isinstance(thing, bool | int | str):
        return thing if type(thing) in (type(None), bool, int, str) else encode(_plain(thing), number)
    if isinstance(thing, float):
        return float(thing) if math.isfinite(thing) else {"$float": str(float(thing))}
    if isinstance(thing, Value):
        return {"$value": number(thing)}
    if isinstance(thing, torch.Tensor):
        return {"$tensor": number(thing)}
    if type(thing) is list:
        return [encode(item, number) for item in thing]
    for kind, word, simplify in _ENCODERS:
        if isinstance(thing, kind):
            return {word: encode(simplify(thing), number)}
    return {"$record": [type(thing).__qualname__, {"$dict": []}]}


def _plain(thing: Any) -> Json:
    """An enum or another subclass of a plain type, without its class."""
    return str.__str__(thing) if isinstance(thing, str) else int(thing)


def _pairs(thing: Mapping[Any, Any]) -> list[Any]:
    return [[key, item] for key, item in thing.items()]


def _fields(thing: Any) -> list[Any]:
    return [[entry.name, getattr(thing, entry.name, None)] for entry in dataclasses.fields(thing)]


class _AnyDataclass(type):
    def __instancecheck__(cls, thing: Any) -> bool:
        return dataclasses.is_dataclass(thing) and not isinstance(thing, type)


class _Dataclass(metaclass=_AnyDataclass):
    """Stands for every dataclass in the table below."""


_ENCODERS: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (torch.Size, "$size", list),
    (torch.dtype, "$dtype", lambda thing: str(thing).removeprefix("torch.")),
    (torch.device, "$device", str),
    (torch.layout, "$layout", str),
    (torch.memory_format, "$memory_format", str),
    (slice, "$slice", lambda thing: [thing.start, thing.stop, thing.step]),
    (type(Ellipsis), "$ellipsis", lambda thing: None),
    (complex, "$complex", lambda thing: [thing.real, thing.imag]),
    (Record, "$record", lambda thing: [thing.type_name, dict(thing.fields)]),
    (tuple, "$tuple", list),
    (list, "$tuple", list),
    (set | frozenset, "$set", list),
    (Mapping, "$dict", _pairs),
    (_Dataclass, "$dict", _fields),
    (type, "$record", lambda thing: [thing.__qualname__, {}]),
)


def decode(thing: Json, value: Callable[[int], Value]) -> Any:
    """What `encode` wrote; `value` gives the Value at a place of the file.

    Raises:
        ValueError, KeyError, TypeError: it is nothing that `encode` wrote.
    """
    if isinstance(thing, list):
        return [decode(item, value) for item in thing]
    if not isinstance(thing, dict):
        return thing
    ((word, content),) = thing.items()
    if word == "$value":
        return value(content)
    if word == "$tensor":
        return value(content).tensor()
    return _DECODERS[word](decode(content, value))


def _named(kind: type) -> Callable[[str], Any]:
    """Something of torch's, by its name, if it is of that kind: nothing else can be reached by a name in a file."""

    def find(name: str) -> Any:
        found = getattr(torch, name.removeprefix("torch."))
        if not isinstance(found, kind):
            raise ValueError(f"{name} is no {kind.__name__}")
        return found

    return find


find_dtype = _named(torch.dtype)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$size": torch.Size,
    "$dtype": find_dtype,
    "$device": torch.device,
    "$layout": _named(torch.layout),
    "$memory_format": _named(torch.memory_format),
    "$slice": lambda parts: slice(*parts),
    "$ellipsis": lambda _: ...,
    "$complex": lambda parts: complex(*parts),
    "$record": lambda parts: Record(str(parts[0]), dict(parts[1])),
    "$tuple": tuple,
    "$set": frozenset,
    "$dict": dict,
}
