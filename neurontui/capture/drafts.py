"""Making frozen objects quickly: a frozen dataclass pays for every field, and a recording makes hundreds of thousands of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from typing import Any, TypeVar

from neurontui.records import Step, Value

T = TypeVar("T")


def maker(cls: type[T]) -> Callable[..., T]:
    """A function that makes `cls` objects from positional values at a third of the cost.

    It fills an object of a class with the same slots that is not frozen, which then becomes a `cls`.
    """
    names = [
        (entry.name, Any) if entry.default is MISSING else (entry.name, Any, field(default=entry.default))
        for entry in fields(cls)  # type: ignore[arg-type]
    ]
    draft: Any = make_dataclass(f"{cls.__name__}Draft", names, slots=True, eq=False)

    def make(*values: Any) -> T:
        made = draft(*values)
        made.__class__ = cls
        return made  # type: ignore[no-any-return]

    return make


make_value = maker(Value)
make_step = maker(Step)
