"""A question about a recorded run, and what is wrong with an answer. The right one is read from the trace, never typed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurontui.debugger import Shown
from neurontui.explanation import Explanation, Number
from neurontui.text import format_shape, short_number

Shape = tuple[int, ...]
Answer = Number | Shape
Wanted = Literal["number", "whole", "shape", "choice"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that has a name: what leads to it, and what to say then."""

    name: str  # "bias", "transposed", "scale": as `> Wrong bias:` in a lesson
    answer: Answer
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked, where, and the answer. Until it is answered only `given`, `formula` and the uncovered part of `sum` are shown.

    For `wants` "choice", `answer` is a place in `choices`, from 0. `covered` is the first term of `sum` whose running number is
    blanked; with `covers_values` the terms' own values are, too.
    """

    kind: str
    words: str
    wants: Wanted
    answer: Answer
    choices: tuple[str, ...] = ()
    also: tuple[Answer, ...] = ()  # further right answers: the places of equal maxima
    tolerance: float = 0.0
    hints: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    right: str = ""  # a sentence after the right answer
    given: tuple[Shown, ...] = ()  # tensors that may be shown
    bare: tuple[Shown, ...] = ()  # tensors of which only the shape may be shown
    formula: str = ""
    sum: Explanation | None = None
    covered: int = 0
    covers_values: bool = False
    place: str = ""  # "fc1/linear, output[0]"
    about: Explanation | None = None  # what would give the answer away if it were shown

    @property
    def told(self) -> str:
        """The right answer in words."""
        if self.wants == "choice" and isinstance(self.answer, int):
            return self.choices[self.answer]
        return format_shape(self.answer) if isinstance(self.answer, tuple) else short_number(self.answer)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said to an answer. `mistake` names what was done wrong, "" where that is not known."""

    right: bool
    words: str
    mistake: str = ""
