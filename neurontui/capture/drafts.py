"""Making objects quickly: a recording makes hundreds of thousands, and CPython enters a class's `__init__` by way of C.

A frozen dataclass pays for every field besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from neurontui.records import Step, Value

Made = TypeVar("Made")


def _maker(cls: type[Made]) -> Callable[..., Made]:
    """A function that makes a `cls` of all its fields in their order, a third faster than as `cls(...)`.

    It fills an object of a class with the same slots that is not frozen, and then makes it a `cls`.
    """
    names = [entry.name for entry in fields(cls)]  # type: ignore[arg-type]  # cls is a dataclass
    space: dict[str, Any] = {"draft": type(f"{cls.__name__}Draft", (), {"__slots__": names}), "cls": cls}
    filled = "".join(f"    made.{name} = {name}\n" for name in names)
    exec(f"def make({', '.join(names)}):\n    made = draft()\n{filled}    made.__class__ = cls\n    return made\n", space)
    made: Callable[..., Made] = space["make"]
    return made


make_value = _maker(Value)
make_step = _maker(Step)
