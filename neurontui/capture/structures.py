"""Arguments and results in their own structure: tuples, dicts, named tuples, dataclasses and objects with tensors inside."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from neurontui.records import Items, Record, Value, leaves

SIMPLE = frozenset((int, float, bool, str, type(None), complex, bytes, torch.dtype, torch.device, torch.Size, slice, type(Ellipsis), type))
_DEPTH = 12
_TOO_DEEP = "…"  # stands for what lies deeper, or goes round in a circle


def map_structure(kind: type, leaf: Callable[[Any], Any], thing: Any, depth: int = 0) -> Any:
    """`thing` with every leaf of type `kind` replaced, and nothing shared that could change later."""
    if isinstance(thing, kind):
        return leaf(thing)
    cls = type(thing)
    if cls in SIMPLE:
        return thing
    if depth > _DEPTH:
        return _TOO_DEEP
    if cls is tuple or cls is list:
        return cls([map_structure(kind, leaf, item, depth + 1) for item in thing])
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return _rebuild_tuple(thing, [map_structure(kind, leaf, item, depth + 1) for item in thing])
    if isinstance(thing, tuple | list):
        items = [map_structure(kind, leaf, item, depth + 1) for item in thing]
        return tuple(items) if isinstance(thing, tuple) else items
    if cls is dict:
        return {key: map_structure(kind, leaf, item, depth + 1) for key, item in thing.items()}
    if isinstance(thing, Mapping):
        return _map_items(kind, leaf, thing, depth)
    if isinstance(thing, set | frozenset):
        return cls(map_structure(kind, leaf, item, depth + 1) for item in thing)
    return _map_object(kind, leaf, thing, depth)


def capture(thing: Any, leaf: Callable[[Tensor], Value]) -> Any:
    """Arguments or results with a Value for each tensor."""
    return map_structure(Tensor, leaf, thing)


def rebuild(thing: Any, leaf: Callable[[Value], Any]) -> Any:
    """Recorded arguments as real tensors again, to run a call once more, in objects of the classes that they were in.

    What was one tensor is one tensor again (`query is key`).
    """
    made: dict[int, Any] = {}

    def once(value: Value) -> Any:
        if id(value) not in made:
            made[id(value)] = leaf(value)
        return made[id(value)]

    return map_structure(Value, once, thing)


def tensors_in(thing: Any) -> Iterator[Tensor]:
    """All tensors of arguments or results."""
    found: list[Tensor] = []
    map_structure(Tensor, lambda tensor: found.append(tensor) or tensor, thing)  # type: ignore[func-returns-value]
    return iter(found)


def _rebuild_tuple(thing: Any, items: list[Any]) -> Any:
    try:
        return type(thing)(*items)
    except TypeError:  # a named tuple with a constructor of its own
        return tuple(items)


def _map_object(kind: type, leaf: Callable[[Any], Any], thing: Any, depth: int) -> Any:
    """Dataclasses keep their class; of other objects with tensors inside, or containers for some, a Record of the attributes is kept."""
    if isinstance(thing, Record):
        fields = map_structure(kind, leaf, thing.fields, depth + 1)
        return _make_object(thing.made_by, fields) if kind is Value and thing.made_by else Record(thing.type_name, fields, thing.made_by)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return _map_dataclass(kind, leaf, thing, depth)
    attributes = getattr(thing, "__dict__", None)
    if not attributes or callable(thing) or isinstance(thing, type | torch.nn.Module) or kind is not Tensor:
        return thing
    fields = {name: map_structure(kind, leaf, value, depth + 3) for name, value in list(attributes.items())}
    grows = any(type(value) in (list, dict, set) for value in attributes.values())  # as an empty cache does
    return Record(type(thing).__qualname__, fields, type(thing)) if grows or next(leaves(fields), None) is not None else thing


def _map_items(kind: type, leaf: Callable[[Any], Any], thing: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
    """A mapping of another class: recorded as its items, and rebuilt as one of that class, where that takes them."""
    items = Items({key: map_structure(kind, leaf, item, depth + 1) for key, item in thing.items()})
    items.made_by = thing.made_by if isinstance(thing, Items) else type(thing)
    return _make_mapping(items) if kind is Value and isinstance(thing, Items) else items


def _make_object(cls: type, fields: dict[str, Any]) -> Any:
    """One with these attributes. No constructor is called: it could ask for anything."""
    made: Any = object.__new__(cls)
    made.__dict__.update(fields)
    return made


def _make_mapping(items: Items) -> Any:
    """A class's own mapping of these items; the items themselves where it cannot be made of them."""
    cls: Any = items.made_by
    for given, named in (((items,), {}), ((), items)):
        try:
            made = cls(*given, **named)
            if len(made) == len(items) and all(made[key] is item for key, item in items.items()):
                return made
        except Exception:
            continue
    return items


def _map_dataclass(kind: type, leaf: Callable[[Any], Any], thing: Any, depth: int) -> Any:
    try:
        copied = copy.copy(thing)
        for name in (entry.name for entry in dataclasses.fields(thing)):
            object.__setattr__(copied, name, map_structure(kind, leaf, getattr(thing, name), depth + 1))
    except Exception:
        return thing
    return copied
