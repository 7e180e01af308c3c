"""Breakpoints: a step's name, a condition on what it gave, or both. Conditions are parsed, never run as code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fact = Literal["nan", "inf", "changed", "error", "min", "max", "mean", "absmax", "element"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`nan | inf | changed | error`, or `min|max|mean|absmax|[index] OP number`."""

    fact: Fact
    operator: str = ""  # "<", "<=", ">", ">=", "==", "!="
    number: float = 0.0
    at: tuple[int, ...] = ()

    def __str__(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Stops `continue` at the steps called `name` ("" is any step), where `condition` holds.

    A name without a call number stops at every call. A condition without a name stops at the innermost call
    that meets it, not at the modules around it.
    """

    number: int  # counted from 1, never used again
    name: str = ""
    condition: Condition | None = None

    def __str__(self) -> str:
        raise NotImplementedError


def parse_condition(text: str) -> Condition:
    """`"absmax > 10"` as a `Condition`.

    Raises:
        CommandError: it is no condition; the sentence lists the forms.
    """
    raise NotImplementedError
