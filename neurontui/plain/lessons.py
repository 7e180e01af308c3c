"""A lesson line by line: each page, its question, its computation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from neurontui.lessons.document import Lesson
from neurontui.lessons.lines import HELP, Heard, obey
from neurontui.lessons.player import Player
from neurontui.lessons.progress import first_page, keep_player
from neurontui.plain.lines import read_lines, write_line
from neurontui.plain.questions import describe_answer
from neurontui.plain.walking import describe_reply
from neurontui.rendering.lessons import plain_below, plain_scene, plain_words
from neurontui.text import clean

PROMPT = "(lesson) "


def play_lesson(lesson: Lesson, name: str, commands: Iterable[str], stdin: TextIO, stdout: TextIO) -> int:
    """Plays a lesson. A page that was reached before is begun at, unless the lesson was finished.

    Returns:
        The exit code: 0; 2 where a line was wrong that was not typed at a prompt. A wrong answer is no wrong line.

    Raises:
        LessonError: the lesson cannot be played.
    """
    player = Player(lesson)

    def say(lines: Iterable[str]) -> None:
        for line in lines:
            write_line(stdout, player.words(line))

    player.go(first_page(name))
    say([f"Lesson: {clean(lesson.title)}", HELP])
    if player.number > 1:
        say([f"You are back at page {player.number} of {len(lesson.pages)}: restart begins anew."])
    say(_describe(player))
    wrong = False
    for line, typed in read_lines(commands, stdin, stdout, PROMPT, blank=True):
        if not typed:
            write_line(stdout, f"{PROMPT}{clean(line.strip())}")
        heard = obey(player, line)
        wrong = wrong or (heard.reply.kind in ("error", "screenshot") and not typed)
        if heard.reply.kind == "quit":
            break
        say(_describe_heard(player, heard))
        keep_player(player, name)
    return 2 if wrong else 0


def _describe_heard(player: Player, heard: Heard) -> Iterator[str]:
    """The lines that answer a line."""
    if heard.kind == "page":
        yield from _describe(player)
    elif heard.kind == "tried":
        yield from plain_below(player.scene())
    elif heard.kind == "answered":
        yield from describe_answer(player)
    elif heard.kind == "notes":
        yield from (f"Note: {plain_words(note)}" for note in player.scene().notes)
    else:
        yield from describe_reply(player.debugger, heard.reply)


def _describe(player: Player) -> Iterator[str]:
    scene = player.scene()
    yield from plain_scene(scene)
    if not scene.ended:
        yield from plain_below(scene)
