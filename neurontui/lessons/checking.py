"""`neurontui lesson check`: play a lesson without a screen, and hold every number that it states against the trace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from neurontui.errors import LessonError, NeuronTUIError
from neurontui.lessons.document import Lesson, Line, Page, Part
from neurontui.lessons.player import Player
from neurontui.lessons.questions import Question, judge
from neurontui.lessons.questions.scenes import name_step
from neurontui.lessons.statements import bare_numerals, fill, find_unchecked, shown_numbers, states
from neurontui.text import clean, format_shape

WIDTH, HEIGHT = 76, 10  # cells of a page's text at 80x24 that leave room for the computation


def check_lesson(lesson: Lesson) -> Iterator[str]:
    """What is wrong with a lesson, a sentence each with file and line; nothing where all is right. Runs its models and torch."""
    player = Player(lesson)
    for number, page in enumerate(lesson.pages, 1):
        try:
            player.go(number)
        except LessonError as error:
            yield str(error)
            return
        tried = _check_tries(player) if page.tries else ()
        yield from dict.fromkeys((*_check_page(player, page), *tried))  # a try tells once more what is wrong with the page


def _check_page(player: Player, page: Page) -> Iterator[str]:
    lesson, debugger = player.lesson, player.debugger
    numbers = list(dict.fromkeys(shown_numbers(debugger)))
    lines = [page.title, *(line for part in _parts(page) for line in part.lines), *(line for _, line in page.choices)]
    for line in lines:
        try:
            fill(line.text, debugger)
        except NeuronTUIError as error:
            yield str(lesson.refuse(line, str(error).rstrip(".")))
        for numeral in find_unchecked(line.text, numbers):
            yield str(lesson.refuse(line, _unchecked(numeral, player)))
    if player.asking is not None:
        yield from _check_question(player, page, player.asking.question)
    for part in page.parts:
        for line in part.lines if part.kind == "code" else ():
            if len(line.text) > WIDTH - 2:
                yield str(lesson.refuse(line, f"a line of code has {len(line.text)} columns, and {WIDTH - 2} can be seen"))
    height = count_lines(player)
    if height > HEIGHT:
        yield str(lesson.refuse(page.title, f"it has {height} lines of {WIDTH} columns, and {HEIGHT} leave room for the computation"))


def _parts(page: Page) -> list[Part]:
    """What is said on a page, code apart."""
    said = [part for part in page.parts if part.kind != "code"]
    quotes = [part for part in (page.question, page.right) if part is not None]
    return [*said, *quotes, *page.notes, *page.hints, *page.wrong.values()]


def _unchecked(numeral: str, player: Player) -> str:
    place = name_step(player.debugger.step)
    free = "{" + numeral + "}"
    named = "{" + numeral + " = REF}"
    return f"it states {numeral}, and no number that {place} shows rounds to it; write {named}, or {free} where it is not the trace's"


def _check_question(player: Player, page: Page, question: Question) -> Iterator[str]:
    lesson = player.lesson
    assert page.asks is not None
    told = judge(question, _type(question))
    if told is None or not told.right:
        yield str(lesson.refuse(page.asks, f"its own answer {question.told} is not taken as right"))
    names = {mistake.name for mistake in question.mistakes}
    for name, part in page.wrong.items():
        if name not in names:
            known = f"only {', '.join(sorted(names))}" if names else "it recognises none"
            yield str(lesson.refuse(part.lines[0], f"this question has no mistake {name!r}, {known}"))
    if question.wants == "number" and not isinstance(question.answer, tuple | complex) and question.answer != int(question.answer):
        for line in (line for part in page.parts if part.kind != "code" for line in part.lines):
            if _gives_away(line, player, question.answer):
                yield str(lesson.refuse(line, f"it gives away the answer of this page's question, {question.told}"))


def _gives_away(line: Line, player: Player, answer: float) -> bool:
    try:
        shown = fill(line.text, player.debugger)
    except NeuronTUIError:
        return False
    return any("." in numeral and states(numeral, answer) for numeral in bare_numerals(shown))


def _type(question: Question) -> str:
    """The right answer as a learner would type it."""
    if isinstance(question.answer, tuple):
        return format_shape(question.answer)
    if question.wants == "choice" and isinstance(question.answer, int):
        return str(question.answer + 1)
    return question.told


def _check_tries(player: Player) -> Iterator[str]:
    try:
        player.toggle_try()
        player.scene()
        player.toggle_try()
    except LessonError as error:
        yield str(error)


def count_lines(player: Player) -> int:
    """How many lines the page's text takes at 80 columns."""
    import textwrap

    try:
        told = player.scene().told
    except LessonError:
        return 0
    heights = [len(one.text.split("\n")) if one.kind == "code" else len(textwrap.wrap(one.text, WIDTH - len(one.mark))) for one in told]
    gaps = sum(1 for before, after in pairwise(told) if not before.kind == after.kind == "item")
    return sum(heights) + gaps


def list_mistakes(lesson: Lesson) -> Iterator[str]:
    """Each question with its answer, and the names of the mistakes that it recognises."""
    player = Player(lesson)
    for number, page in enumerate(lesson.pages, 1):
        player.go(number)
        if player.asking is None or page.asks is None:
            continue
        question = player.asking.question
        yield f"{clean(lesson.file)}:{page.asks.number}: {question.words} {question.told}"
        for mistake in question.mistakes:
            answer = format_shape(mistake.answer) if isinstance(mistake.answer, tuple) else mistake.answer
            if question.wants == "choice" and isinstance(mistake.answer, int):
                answer = question.choices[mistake.answer]
            yield f"  {mistake.name}: {answer}: {mistake.words}"
