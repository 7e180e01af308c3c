"""`Player`: where a learner stands in a lesson, and what a page shows then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from neurontui.commands import Reply, execute, find_command
from neurontui.commands.running import run_line, split_line
from neurontui.debugger import Debugger, Standing
from neurontui.errors import CommandError, LessonError, NeuronTUIError
from neurontui.explanation import Explanation
from neurontui.lessons import quiz
from neurontui.lessons.document import Lesson, Line, Page, Part
from neurontui.lessons.models import is_model_line, load_model
from neurontui.lessons.questions import Question, ask_choice, make_question
from neurontui.lessons.quiz import Answered, Asking
from neurontui.lessons.references import explain_before, near
from neurontui.lessons.scenes import Scene, Told
from neurontui.lessons.statements import fill
from neurontui.lessons.words import find_words
from neurontui.text import clean

MOST_COMPARED = 4096  # terms
DEFAULT_MINUTES = 8  # of a lesson that does not say how long it takes
NOT_IN_BLOCKS = {
    "save": "a lesson writes no files: it may come from anywhere",
    "quit": "a lesson is left by whoever plays it",
    "predict": "a page's question stands at the end of its plain block",
}


@dataclass(frozen=True, slots=True)
class _Written:
    """What a page says, its references filled in."""

    title: str
    told: tuple[Told, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Visit:
    """A page that was entered: where its commands left the walk, and its question."""

    debugger: Debugger
    standing: Standing
    asking: Asking | None
    written: _Written | None = None  # what the page says, once it was read: as its commands left the run, not as a try changed it


class Player:
    """Plays a lesson, in its language. Every method that enters a page or reads a scene runs torch.

    Raises:
        LessonError: the file with the words of that language cannot be used.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.words = find_words(lesson.language, Path(lesson.file).parent)
        self.number = 0  # the page, from 1; 0 before the first
        self._visits: list[_Visit] = []
        self._debugger: Debugger | None = None
        self._trying = False
        self._said: tuple[str, ...] = ()
        self._looking = False  # at a tensor: the last command was a `show`
        self._shown: set[int] = set()  # pages; what was only run through to get further does not count

    @property
    def page(self) -> Page | None:
        """The page that is shown; None at the end."""
        return self.lesson.pages[self.number - 1] if 1 <= self.number <= len(self.lesson.pages) else None

    @property
    def debugger(self) -> Debugger:
        """The walk of the present page.

        Raises:
            LessonError: no page was entered yet.
        """
        if self._debugger is None:
            raise LessonError("the lesson was not begun yet.")
        return self._debugger

    @property
    def asking(self) -> Asking | None:
        """The question of this page, if it has one."""
        return self._visits[self.number - 1].asking if self.page is not None and self.number <= len(self._visits) else None

    @property
    def answered(self) -> list[Answered]:
        """How the questions went that were shown so far; those that were passed over are not found."""
        return list(self.records.values())

    @property
    def records(self) -> dict[int, Answered]:
        """The same, by page."""
        visits = enumerate(self._visits, 1)
        return {number: visit.asking.record for number, visit in visits if visit.asking is not None and number in self._shown}

    def go(self, number: int) -> None:
        """To a page, entering all before it; a page that was seen is as it was left, but what was tried on it is taken back.

        Raises:
            LessonError: a command of a page cannot be run, or its question cannot be asked.
        """
        number = min(max(number, 1), len(self.lesson.pages) + 1)
        for place in range(len(self._visits), min(number, len(self.lesson.pages))):
            self._visits.append(self._enter(self.lesson.pages[place]))
        visit = self._visits[min(number, len(self._visits)) - 1]
        self._debugger, self.number, self._trying, self._said = visit.debugger, number, False, ()
        self._looking = self.page is not None and _ends_in_show(self.page)
        self._shown.add(number)
        visit.debugger.standing = visit.standing

    def restart(self) -> None:
        """To the first page."""
        self.go(1)

    def last(self) -> None:
        """To the last page."""
        self.go(len(self.lesson.pages))

    @property
    def seconds(self) -> float:
        """How long a page stays when the lesson goes on by itself."""
        return 60 * (self.lesson.minutes or DEFAULT_MINUTES) / len(self.lesson.pages)

    def next(self) -> None:
        """To the next page; after the last one is the end, with the score."""
        self.go(self.number + 1)

    def back(self) -> None:
        """To the page before."""
        self.go(self.number - 1)

    def answer(self, text: str) -> None:
        """Answer the question of this page; nothing at all reveals the answer."""
        if self.asking is not None:
            self._ask(quiz.answer(self.asking, text) if text.strip() else quiz.reveal(self.asking))

    def reveal(self) -> None:
        """Show the answer."""
        self.answer("")

    def hint(self) -> None:
        """The next hint."""
        if self.asking is not None:
            self._ask(quiz.hint(self.asking))

    def toggle_try(self) -> None:
        """Run what the page proposes to try, or take it back.

        Raises:
            LessonError: it cannot be run.
        """
        page = self.page
        if page is None or not page.tries:
            return
        trying = not self._trying
        visit = self._visits[self.number - 1]
        visit.debugger.standing = visit.standing
        self._debugger, self._trying = visit.debugger, trying
        if trying:
            self._run(page.tries)

    def run(self, line: str) -> Reply:
        """Run a learner's own command on this page. It is taken back when the page is left."""
        if self.asking is not None and self.asking.open:
            reply = Reply("said", (self.words("Answer first; an empty answer shows it."),))
        else:
            reply = execute(self.debugger, line)
            self._looking = line.split()[:1] == ["show"]
        self._said = reply.text
        return reply

    def scene(self, *, ahead: bool = True) -> Scene:
        """What is to be shown now; with `ahead` it hides what the next question asks.

        Raises:
            LessonError: a reference in the text names nothing, or a stated number is not the trace's.
        """
        count = len(self.lesson.pages)
        page, asking = self.page, self.asking
        if page is None:
            told = (Told("text", quiz.score(self.answered, self.words)), *self._score_rows())
            return Scene(self.lesson.title, self.words("The end"), count + 1, count, told)
        debugger, written = self.debugger, self._write(page)
        scene = Scene(
            self.lesson.title, written.title, self.number, count, written.told, written.notes,
            tuple(line.text.strip() for line in page.tries), self._trying, asking, trace=debugger.trace, step=debugger.index,
            exact=debugger.exact, said=self._said,
        )  # fmt: skip
        if asking is not None and asking.open:
            return replace(scene, covering=asking.question)
        why = debugger.explanation()
        given = self._looking and debugger.shown is not None and debugger.shown.output is None  # what goes in tells nothing of the answer
        upcoming = self._ask_ahead(why) if ahead and not self._trying and not self._said and not given else None
        if upcoming is not None:
            return replace(scene, covering=upcoming)
        failed = debugger.step.error is not None
        if self._looking and debugger.shown is not None and not failed:
            return replace(scene, tensors=(debugger.shown,))
        changed = _first_changed(debugger, why) if why is not None else None
        return replace(scene, why=why, changed=changed, failure=debugger.failure() if failed else None, tensors=debugger.tensors())

    # Inside.

    def _ask_ahead(self, why: Explanation | None) -> Question | None:
        """The next open question, where showing this explanation would give its answer away."""
        if why is None:
            return None
        here = self.debugger.standing
        debugger = self.debugger
        try:
            for place in range(self.number, len(self.lesson.pages)):
                if place == len(self._visits):
                    self._visits.append(self._enter(self.lesson.pages[place]))
                visit = self._visits[place]
                if visit.asking is not None and visit.asking.open:
                    same = visit.debugger is debugger and visit.standing.runs == here.runs
                    return visit.asking.question if same and _is_about(visit.asking.question, why) else None
        finally:
            self._debugger = debugger
            debugger.standing = here
        return None

    def _enter(self, page: Page) -> _Visit:
        if self._visits:
            last = self._visits[-1]
            self._debugger = last.debugger
            last.debugger.standing = last.standing
        else:
            self._debugger = load_model(self.lesson, self.lesson.model, self.lesson.model_line)
        self._run(page.commands)
        question = self._make_question(page)
        if question is not None:
            self.debugger.explanation()
        return _Visit(self.debugger, self.debugger.standing, None if question is None else quiz.begin(question, self.words))

    def _run(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            if is_model_line(line):
                self._debugger = load_model(self.lesson, line.text.strip().partition(" ")[2].strip(), line.number)
                continue
            try:
                _check_command(line.text)
                run_line(self.debugger, line.text)
            except NeuronTUIError as error:
                raise self.lesson.refuse(line, str(error).rstrip(".")) from error

    def _make_question(self, page: Page) -> Question | None:
        if page.asks is None:
            return None
        try:
            if page.asks.text == "choice":
                question = ask_choice(self.debugger, [(condition, self._fill(line)) for condition, line in page.choices])
            else:
                question = make_question(self.debugger, page.asks.text)
        except LessonError:
            raise
        except NeuronTUIError as error:
            raise self.lesson.refuse(page.asks, str(error).rstrip(".")) from error
        return replace(
            question,
            words=self._tell(page.question).text if page.question is not None else question.words,
            hints=(*(self._tell(part).text for part in page.hints), *question.hints),
            right=" ".join(filter(None, (self._tell(page.right).text if page.right is not None else "", question.right))),
            mistakes=tuple(
                replace(mistake, words=self._tell(page.wrong[mistake.name]).text) if mistake.name in page.wrong else mistake
                for mistake in question.mistakes
            ),
        )

    def _write(self, page: Page) -> _Written:
        visit = self._visits[self.number - 1]
        if visit.written is not None:
            return visit.written
        here = visit.debugger.standing
        visit.debugger.standing = visit.standing
        try:
            told, notes = tuple(map(self._tell, page.parts)), tuple(self._tell(part).text for part in page.notes)
            written = _Written(self._fill(page.title), told, notes)
        finally:
            visit.debugger.standing = here
        self._visits[self.number - 1] = replace(visit, written=written)
        return written

    def _ask(self, asking: Asking) -> None:
        self._visits[self.number - 1] = replace(self._visits[self.number - 1], asking=asking)

    def _tell(self, part: Part) -> Told:
        if part.kind == "code":
            return Told("code", "\n".join(line.text for line in part.lines))
        return Told(part.kind, " ".join(self._fill(line) for line in part.lines if line.text), part.mark)

    def _fill(self, line: Line) -> str:
        try:
            return fill(line.text, self.debugger)
        except NeuronTUIError as error:
            raise self.lesson.refuse(line, str(error).rstrip(".")) from error

    def _score_rows(self) -> tuple[Told, ...]:
        rows = []
        for one in self.answered:
            how = self.words("found" if one.solved else "not found")
            wrong = ", " + self.words(f"after {', '.join(one.wrong)}") if one.wrong else ""
            rows.append(Told("item", f"{one.words} {one.told}: {how}{wrong}", "-"))
        return tuple(rows)


def _first_changed(debugger: Debugger, why: Explanation) -> int | None:
    before = explain_before(debugger)
    if before is None or len(before.terms) != len(why.terms):
        return None
    places = range(min(len(why.terms), MOST_COMPARED))
    return next((place for place in places if not near(before.terms[place].value, why.terms[place].value)), None)


def _check_command(line: str) -> None:
    """That a command may stand in a block.

    Raises:
        CommandError: there is no such command, or it is not for lessons.
    """
    word, _ = split_line(line)
    reason = NOT_IN_BLOCKS.get(find_command(word).name) if word else None
    if reason:
        raise CommandError(f"{clean(word)} cannot stand in a block: {reason}.")


def _ends_in_show(page: Page) -> bool:
    """Whether a page without a question ends by looking at a tensor: then its numbers are shown, not a computation."""
    return page.asks is None and bool(page.commands) and page.commands[-1].text.split()[0] == "show"


def _is_about(question: Question, why: Explanation) -> bool:
    about = question.about
    return about is not None and (about.step, about.at, about.output, about.title) == (why.step, why.at, why.output, why.title)
