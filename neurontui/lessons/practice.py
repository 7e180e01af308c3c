"""`Practice`: predict, then reveal, in any model: one question after another about where the walk stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from neurontui.commands import Reply
from neurontui.debugger import Debugger
from neurontui.errors import StepError
from neurontui.lessons import quiz
from neurontui.lessons.questions import KINDS, judge, make_question, place_key
from neurontui.lessons.quiz import Answered, Asking
from neurontui.lessons.scenes import Scene, Told
from neurontui.lessons.words import ENGLISH

TITLE = "Predict, then reveal"


class Practice:
    """The question that is open, and how those before it went. Like `Player` it gives scenes to whoever draws them."""

    words = ENGLISH

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self.asking: Asking | None = None
        self._before: list[Answered] = []
        self._asked: set[tuple[object, str]] = set()

    @property
    def answered(self) -> list[Answered]:
        """How the questions went, those that were passed over included."""
        return [*self._before, *([self.asking.record] if self.asking is not None else ())]

    def ask(self, words: str = "") -> None:
        """Ask what `words` say (`shape`, `sum 2`), or the next question that suits the place. Runs torch.

        Raises:
            NeuronTUIError: there is no such question here.
        """
        question = make_question(self.debugger, words, self._asked)
        self._before = self.answered
        self._asked.add((place_key(self.debugger), question.kind))
        self.asking = quiz.begin(question)

    def is_answer(self, words: str) -> bool:
        """Whether these words answer the open question, rather than ask for another."""
        asking = self.asking
        if asking is None or not asking.open or not words:
            return False
        return judge(asking.question, words) is not None or words.split()[0] not in KINDS

    def next(self) -> None:
        """The next question here."""
        self.ask()

    def back(self) -> None:
        """There is nothing to go back to: questions are not asked twice."""

    def restart(self) -> None:
        """There is no beginning to go back to."""

    def last(self) -> None:
        """There is no last question."""

    def answer(self, text: str) -> None:
        """Answer the question; nothing at all reveals the answer."""
        self._take(lambda asking: quiz.answer(asking, text) if text.strip() else quiz.reveal(asking))

    def hint(self) -> None:
        """The next hint."""
        self._take(quiz.hint)

    def toggle_try(self) -> None:
        """There is nothing proposed to try."""

    def run(self, line: str) -> Reply:
        """Commands belong to the walk itself."""
        return Reply("said", ("Leave first: commands are for the walk.",))

    def scene(self) -> Scene:
        """What is to be shown now.

        Raises:
            StepError: nothing was asked yet.
        """
        asking, debugger = self.asking, self.debugger
        if asking is None:
            raise StepError("nothing was asked yet.")
        told = (Told("text", f"{quiz.score(self._before)}" if self._before else "The answer is taken from this run."),)
        number = len(self._before) + 1
        if asking.open:
            return Scene(TITLE, asking.question.place, number, 0, told, asking=asking, covering=asking.question, trace=debugger.trace)
        if asking.question.kind == "sum":  # what comes after this sum may be asked next
            uncovered = replace(asking.question, covered=asking.question.covered + 1, covers_values=False)
            return Scene(TITLE, asking.question.place, number, 0, told, asking=asking, covering=uncovered, trace=debugger.trace)
        failure = debugger.failure() if debugger.step.error is not None else None
        return Scene(
            TITLE, asking.question.place, number, 0, told, asking=asking, trace=debugger.trace, step=debugger.index,
            why=debugger.explanation(), failure=failure, tensors=debugger.tensors(), exact=debugger.exact,
        )  # fmt: skip

    def _take(self, change: Callable[[Asking], Asking]) -> None:
        if self.asking is not None:
            self.asking = change(self.asking)
