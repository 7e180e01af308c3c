"""The tensors in recorded arguments and results, with their places."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from neurontui.records import Record, Value


def leaves(structure: Any) -> Iterator[tuple[str, Value]]:
    """Each Value with its path: "" for the thing itself, "[0]" in a list, "[key]" in a mapping, ".field" in an object.

    Depth first, so that the n-th is output number n.
    """
    if isinstance(structure, Value):
        yield "", structure
    else:
        for place, part in _list_parts(structure):
            for path, value in leaves(part):
                yield f"{place}{path}", value


def _list_parts(structure: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(structure, Mapping):
        yield from ((f"[{key}]", part) for key, part in structure.items())
    elif isinstance(structure, list | tuple | set | frozenset):
        yield from ((f"[{place}]", part) for place, part in enumerate(structure))
    elif isinstance(structure, Record):
        yield from ((f".{name}", part) for name, part in structure.fields.items())
    elif dataclasses.is_dataclass(structure) and not isinstance(structure, type):
        yield from ((f".{field.name}", getattr(structure, field.name)) for field in dataclasses.fields(structure))
