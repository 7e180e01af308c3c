"""Arguments and results ↔ JSON. What JSON lacks is an object with one key that starts with `$`: `{"$tuple": [1, 2]}`, `{"$value": 7}`.

Reading makes only plain data: numbers, text, containers, torch's own dtypes, devices and sizes. A named tuple comes back as a
tuple, a dataclass as a dict, and any other object as a `Record` with its type's name.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import torch

from neurontui.records import Record, Value

Json = Any


_JSON_TYPES = frozenset((type(None), bool, int, str))


def encode(thing: Any, number: Callable[[Value | torch.Tensor], int]) -> Json:
    """`thing` as JSON; `number` gives each Value, and each bare tensor, its place in the file."""
    kind = type(thing)
    if kind in _JSON_TYPES or (kind is float and math.isfinite(thing)):
        return thing
    if kind is Value:
        return {"$value": number(thing)}
    if kind is list:
        return [encode(item, number) for item in thing]
    if kind is tuple:
        return {"$tuple": [encode(item, number) for item in thing]}
    if isinstance(thing, torch.Tensor):
        return {"$tensor": number(thing)}
    if isinstance(thing, np.ndarray) and thing.dtype.kind in "biufc":
        return {"$tensor": number(torch.tensor(thing, device="cpu"))}
    if isinstance(thing, int | str):  # an enum: without its class
        return str.__str__(thing) if isinstance(thing, str) else int(thing)
    word, simplify = _find_form(kind)  # type: ignore[arg-type]
    return {word: encode(simplify(thing), number)} if word != "$float" else {word: str(float(thing))}


Form = tuple[str, Callable[[Any], Any]]


@cache
def _find_form(kind: type) -> Form:
    """The word that stands for things of a type, and how to say one in simpler terms."""
    for base, form in _FORMS.items():
        if issubclass(kind, base):
            return form
    if dataclasses.is_dataclass(kind):
        return "$dict", lambda thing: [[entry.name, getattr(thing, entry.name, None)] for entry in dataclasses.fields(thing)]
    return "$record", lambda thing: [kind.__qualname__, {}]


_FORMS: dict[Any, Form] = {
    float: ("$float", float),
    torch.Size: ("$size", list),
    torch.dtype: ("$dtype", lambda thing: str(thing).removeprefix("torch.")),
    torch.device: ("$device", str),
    torch.layout: ("$layout", str),
    torch.memory_format: ("$memory_format", str),
    slice: ("$slice", lambda thing: [thing.start, thing.stop, thing.step]),
    type(Ellipsis): ("$ellipsis", lambda thing: None),
    complex: ("$complex", lambda thing: [thing.real, thing.imag]),
    Record: ("$record", lambda thing: [thing.type_name, dict(thing.fields)]),
    tuple: ("$tuple", list),
    list: ("$tuple", list),
    set: ("$set", list),
    frozenset: ("$set", list),
    Mapping: ("$dict", lambda thing: [[key, item] for key, item in thing.items()]),
    type: ("$record", lambda thing: [thing.__qualname__, {}]),
}


def decode(thing: Json, value: Callable[[int], Value]) -> Any:
    """What `encode` wrote; `value` gives the Value at a place of the file.

    Raises:
        ValueError, KeyError, TypeError: it is nothing that `encode` wrote.
    """
    kind = type(thing)
    if kind is list:
        return [decode(item, value) for item in thing]
    if kind is not dict:
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
