"""A lesson as a handout: its pages with their questions and computations; or as a worksheet, the answers blanked and a key at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from neurontui.errors import NeuronTUIError
from neurontui.explanation import Number
from neurontui.exporting.computations import explanation_parts, terms_table
from neurontui.exporting.handout import write_html
from neurontui.exporting.markdown import write_markdown
from neurontui.exporting.pages import tensor_table
from neurontui.exporting.tables import Block, Cell, Page, PageTable, Part, blank, say_page
from neurontui.lessons.document import Lesson
from neurontui.lessons.player import Player
from neurontui.lessons.questions import Question
from neurontui.lessons.scenes import Scene, Told
from neurontui.lessons.statements import hide_answers
from neurontui.lessons.words import find_words
from neurontui.rendering.failures import plain_failure
from neurontui.rendering.lessons import plain_words, shows_tensors
from neurontui.rendering.values import value_title
from neurontui.text import clean, clean_lines

ENDINGS = (".html", ".md")


def export_lesson(lesson: Lesson, path: Path, *, worksheet: bool = False) -> None:
    """Write a lesson as `.html` or `.md`, by the file's ending. Runs its models and torch.

    Raises:
        NeuronTUIError: the ending is none of these, the lesson cannot be played, or the file can't be written.
    """
    text = lesson_text(lesson, path.suffix.lower(), worksheet=worksheet)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NeuronTUIError(f"{path} cannot be written: {error.strerror or error}") from error


def lesson_text(lesson: Lesson, ending: str, *, worksheet: bool = False) -> str:
    """What `export_lesson` writes for this file ending.

    Raises:
        NeuronTUIError: there is no such ending, or the lesson cannot be played.
    """
    if ending not in ENDINGS:
        raise NeuronTUIError(f"a {'worksheet' if worksheet else 'lesson'} is no {clean(ending)}: give one of {', '.join(ENDINGS)}.")
    whole = make_lesson_pages(lesson, worksheet=worksheet)
    pages, key = blank(whole) if worksheet else (whole, ())
    words = find_words(lesson.language, Path(lesson.file).parent)
    spoken = tuple(say_page(page, words) for page in pages)
    return (write_html if ending == ".html" else write_markdown)(spoken, clean(lesson.title), key, words)


def make_lesson_pages(lesson: Lesson, *, worksheet: bool = False) -> tuple[Page, ...]:
    """A page for every page of the lesson, each question with its answer.

    Raises:
        LessonError: the lesson cannot be played.
    """
    player, pages = Player(lesson), []
    hidden: list[Number] = []
    for number in range(1, len(lesson.pages) + 1):
        player.go(number)
        question = player.asking.question if player.asking is not None else None
        scene = player.scene(ahead=False)
        if worksheet:
            scene = replace(scene, told=tuple(replace(told, text=hide_answers(told.text, hidden)) for told in scene.told))
        if question is not None and not isinstance(question.answer, tuple) and question.wants == "number":
            hidden.append(question.answer)
        parts = tuple(_parts(player, scene, question, worksheet))
        pages.append(Page(f"page-{number}", plain_words(scene.title), "", 0, (), parts, unit="page"))
    return tuple(pages)


def _parts(player: Player, scene: Scene, question: Question | None, worksheet: bool) -> Iterator[Part]:
    yield from _told_parts(scene.told)
    if scene.tries:
        yield "To try:"
        yield Block("code", tuple(map(clean, scene.tries)))
    if question is not None:
        player.reveal()
        scene = player.scene(ahead=False)
        yield "# Question"
        yield clean(question.words)
        if question.choices:
            yield Block("numbers", tuple(map(clean, question.choices)))
        yield PageTable("answer", ((Cell(plain_words(question.told), "output", answer=True),),))
    if not worksheet:
        yield from _computation(scene)
    elif question is not None:
        yield from _given(scene, question)


def _told_parts(told: tuple[Told, ...]) -> Iterator[Part]:
    """Paragraphs, code, and the items that follow one another as one list."""
    for kind, parts in groupby(told, lambda one: (one.kind, one.mark in ("-", "*"))):
        if kind[0] == "item":
            yield Block("items" if kind[1] else "numbers", tuple(clean(part.text) for part in parts))
        elif kind[0] == "code":
            yield from (Block("code", tuple(clean_lines(part.text))) for part in parts)
        else:
            yield from (clean(part.text) for part in parts)


def _computation(scene: Scene) -> Iterator[Part]:
    """What stands below the text when all is answered."""
    if scene.failure is not None:
        yield "# Why did it stop?"
        yield Block("items", tuple(plain_failure(scene.failure)))
    elif shows_tensors(scene) and scene.trace is not None:
        yield from (tensor_table(shown, scene.trace.steps[scene.step]) for shown in scene.tensors)
    elif scene.why is not None:
        yield from explanation_parts(scene.why, scene.trace)


def _given(scene: Scene, question: Question) -> Iterator[Part]:
    """What is needed to find the answer with pen and paper."""
    if question.formula:
        yield f"`{clean(question.formula)}`"
    if question.sum is not None:
        yield terms_table(question.sum, scene.trace)
        return
    assert scene.trace is not None
    for shown in question.given:
        yield _open(tensor_table(shown, scene.trace.steps[scene.step]))
    yield from (value_title(shown.title, shown.value) for shown in question.bare)


def _open(table: PageTable | str) -> PageTable | str:
    """A table of which nothing is blanked: it is what the question gives."""
    if isinstance(table, str):
        return table
    return replace(table, rows=tuple(tuple(replace(cell, answer=False) for cell in row) for row in table.rows))
