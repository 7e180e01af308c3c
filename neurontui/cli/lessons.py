"""`neurontui lesson [NAME | FILE.md | check FILE.md … | mistakes FILE.md]`: list the lessons, play one, check them."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from neurontui.cli.requests import make_manner
from neurontui.errors import LessonError
from neurontui.session import has_screen, in_browser
from neurontui.text import clean

if TYPE_CHECKING:
    from neurontui.lessons.document import Lesson


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 2 where a check found something wrong, as for any bad input."""
    words = options.words
    if not words:
        return _list()
    if words[0] in ("check", "mistakes"):
        from neurontui.lessons.library import find_lessons

        names = words[1:] or list(find_lessons())
        return _check(names) if words[0] == "check" else _tell_mistakes(names)
    if len(words) > 1:
        raise LessonError(f"one lesson is played at a time, and {len(words)} words were given: {clean(' '.join(words))}")
    return _play(words[0], options)


def _list() -> int:
    from neurontui.lessons.document import read_lesson
    from neurontui.lessons.library import find_lessons
    from neurontui.lessons.progress import read_progress

    done = read_progress()
    lessons = {name: read_lesson(file) for name, file in find_lessons().items()}
    widths = [max((len(word) for word in column), default=0) for column in (lessons, [lesson.title for lesson in lessons.values()])]
    for name, lesson in lessons.items():
        minutes = f"{lesson.minutes} minutes" if lesson.minutes else ""
        progress = done.get(name)
        state = "" if progress is None else "finished" if progress.finished else f"page {progress.page} of {progress.pages}"
        if progress is not None and progress.asked:
            state += f", {progress.found} of {progress.asked} found"
        print(f"{name:<{widths[0]}}  {clean(lesson.title):<{widths[1]}}  {minutes:<10}  {state}".rstrip())
    print("neurontui lesson NAME plays one.")
    return 0


def _check(names: list[str]) -> int:
    from neurontui.cli.requests import quiet_answer
    from neurontui.lessons.checking import check_lesson
    from neurontui.lessons.library import open_lesson

    wrong = 0
    for name in names:
        lesson = open_lesson(name)
        allow_models(lesson)
        found = 0
        with quiet_answer():
            problems = list(check_lesson(lesson))
        for problem in problems:
            found += 1
            print(problem)
        asked = sum(page.asks is not None for page in lesson.pages)
        said = f"{_count(len(lesson.pages), 'page')}, {_count(asked, 'question')}, {f'{found} wrong' if found else 'all is right'}"
        print(f"{clean(name)}: {said}")
        wrong += found
    return 2 if wrong else 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _tell_mistakes(names: list[str]) -> int:
    from neurontui.lessons.checking import list_mistakes
    from neurontui.lessons.library import open_lesson

    for name in names:
        lesson = open_lesson(name)
        allow_models(lesson)
        for line in list_mistakes(lesson):
            print(clean(line))
    return 0


def allow_models(lesson: Lesson) -> None:
    """Ask before a model file that does not ship with NeuronTUI is run: a lesson may come from anywhere.

    Raises:
        LessonError: the answer was not yes.
    """
    from neurontui.lessons.models import foreign_models

    foreign = foreign_models(lesson)
    if not foreign or in_browser():  # there `neurontui serve` has asked, in its terminal
        return
    files = " and ".join(clean(model) for model in foreign)
    print(f"This lesson runs the code in {files}, which does not come with NeuronTUI.", file=sys.stderr)
    print("Run it? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin is None or sys.stdin.readline().strip().lower() != "yes":
        raise LessonError(f"{clean(lesson.file)} is not played, since its model was not allowed to run")


def _play(name: str, options: argparse.Namespace) -> int:
    from neurontui.lessons.library import open_lesson

    lesson = open_lesson(name)
    allow_models(lesson)
    manner = make_manner(options)
    if not manner.plain and has_screen():
        from neurontui.tui.lessons import run_lesson

        return run_lesson(lesson, name, commands=manner.lines, ascii=manner.ascii, last=manner.last)
    from neurontui.plain.lessons import play_lesson
    from neurontui.session import commands_apart

    with commands_apart() as commands:
        return play_lesson(lesson, name, manner.lines, commands, sys.stdout)
