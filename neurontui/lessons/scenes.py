"""`Scene`: what one page of a lesson shows, for whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass, field

from neurontui.debugger import Shown
from neurontui.explainers.failures import Failure
from neurontui.explanation import Explanation
from neurontui.lessons.questions import Question
from neurontui.lessons.quiz import Asking
from neurontui.records import Trace


@dataclass(frozen=True, slots=True)
class Told:
    """A part of a page with its references filled in: kind is "text", "item" or "code"; of code the lines stand as they are."""

    kind: str
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What one page shows now. Where a question is open, `why`, `failure` and `tensors` are empty: they hold the answer.

    `covering` is a question whose answer must not be seen yet: the page's own, or the next one where that is about the same number.
    """

    lesson: str
    title: str
    number: int  # from 1; count + 1 is the end of the lesson
    count: int
    told: tuple[Told, ...] = ()
    notes: tuple[str, ...] = ()
    tries: tuple[str, ...] = ()  # what `t` would run
    trying: bool = False
    asking: Asking | None = None
    covering: Question | None = None
    trace: Trace | None = field(default=None, repr=False)
    step: int = 0
    why: Explanation | None = None
    changed: int | None = None  # the first of its terms that was another before the edits
    failure: Failure | None = None
    tensors: tuple[Shown, ...] = ()
    exact: bool = False
    said: tuple[str, ...] = ()  # what the learner's own command said

    @property
    def ended(self) -> bool:
        """Whether this is the page after the last; a practice has none."""
        return 0 < self.count < self.number
