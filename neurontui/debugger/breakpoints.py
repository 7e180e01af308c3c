"""Breakpoints: a step's name, a condition on what it gave, or both. Conditions are parsed, never run as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

from neurontui.debugger.indices import parse_index
from neurontui.errors import CommandError
from neurontui.records import Step
from neurontui.text import clean, format_shape, short_number, spoken_name

Fact = Literal["nan", "inf", "changed", "error", "min", "max", "mean", "absmax", "element"]

STATES = ("nan", "inf", "changed", "error")
MEASURES = ("min", "max", "mean", "absmax")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
FORMS = "nan, inf, changed, error, min|max|mean|absmax OP NUMBER, or [INDEX] OP NUMBER, where OP is one of < <= > >= == !="

_COMPARED = re.compile(r"(?P<what>min|max|mean|absmax|\[[^\]]*\])\s*(?P<operator><=|>=|==|!=|<|>|=)\s*(?P<number>\S+)")

_ELEMENT = re.compile(r"(?P<name>[^\s\[]+)(?P<condition>\[[^\]]*\]\s*[<>=!].*)")


@dataclass(frozen=True, slots=True)
class Condition:
    """`nan | inf | changed | error`, or `min|max|mean|absmax|[index] OP number`."""

    fact: Fact
    operator: str = ""  # "<", "<=", ">", ">=", "==", "!="
    number: float = 0.0
    at: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.operator:
            return self.fact
        what = format_shape(self.at) if self.fact == "element" else self.fact
        return f"{what} {self.operator} {short_number(self.number)}"

    def holds(self, number: float) -> bool:
        """Whether a measured number meets the condition; NaN meets none but `!=`."""
        return COMPARISONS[self.operator](number, self.number)


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
        return " ".join(filter(None, (clean(spoken_name(self.name)), str(self.condition or ""))))

    def names(self, step: Step) -> bool:
        """Whether this breakpoint's name is the step's; "" names every step."""
        return not self.name or self.name == step.name or ("#" not in self.name and self.name == without_calls(step.name))


def without_calls(name: str) -> str:
    """A step's name without its call numbers: `layers.0#2/linear#3` is `layers.0/linear`."""
    return re.sub(r"#\d+(?=/|$)", "", name) if "#" in name else name


def parse_condition(text: str) -> Condition:
    """`"absmax > 10"` as a `Condition`.

    Raises:
        CommandError: it is no condition; the sentence lists the forms.
    """
    words = text.strip()
    if words in STATES:
        return Condition(cast("Fact", words))
    found = _COMPARED.fullmatch(words)
    if not found:
        raise CommandError(f"{clean(words)!r} is no condition; one is {FORMS}.")
    sign = "==" if found["operator"] == "=" else found["operator"]
    number = _parse_float(found["number"])
    if found["what"].startswith("["):
        return Condition("element", sign, number, parse_index(found["what"]))
    return Condition(cast("Fact", found["what"]), sign, number)


def split_breakpoint(text: str) -> tuple[str, Condition | None]:
    """`"fc1 if absmax > 10"` as a name and a condition; either may be missing. `if` is optional.

    Raises:
        CommandError: what looks like a condition is none.
    """
    words = text.strip()
    if words.startswith("if "):
        return "", parse_condition(words[3:])
    name, found, rest = words.partition(" if ")
    if found:
        return name.strip(), parse_condition(rest)
    element = _ELEMENT.fullmatch(words)
    if element:
        return element["name"], parse_condition(element["condition"])
    first, _, rest = words.partition(" ")
    if first in (*STATES, *MEASURES) or words.startswith("[") or _COMPARED.fullmatch(words):
        return "", parse_condition(words)
    return first, parse_condition(rest) if rest.strip() else None


def _parse_float(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise CommandError(f"A condition compares with a number, and {clean(word)!r} is none.") from None
