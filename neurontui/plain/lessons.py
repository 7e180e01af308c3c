"""A lesson line by line: each page, its question, its computation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from neurontui.lessons.document import Lesson
from neurontui.lessons.player import Player
from neurontui.lessons.progress import first_page, keep_player
from neurontui.plain.lines import read_lines, write_line
from neurontui.plain.questions import say_score, take_answer
from neurontui.plain.walking import describe_reply
from neurontui.rendering.lessons import plain_below, plain_scene, plain_words
from neurontui.text import clean

PROMPT = "(lesson) "
HELP = "An empty line goes on. Other words: back, hint, show (the answer), try, notes (the speaker's), restart, score, quit."


def play_lesson(lesson: Lesson, name: str, commands: Iterable[str], stdin: TextIO, stdout: TextIO) -> int:
    """Plays a lesson; returns the exit code. A page that was reached before is begun at, unless the lesson was finished.

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
    for typed, at_prompt in read_lines(commands, stdin, stdout, PROMPT, blank=True):
        words = typed.strip()
        if not at_prompt:
            write_line(stdout, f"{PROMPT}{clean(words)}")
        if words in ("quit", "q"):
            break
        say(_obey(player, words))
        keep_player(player, name)
    return 0


def _obey(player: Player, words: str) -> Iterator[str]:
    word, _, rest = words.partition(" ")
    asking = player.asking
    if word in ("", "next", "n"):
        if player.page is None:
            yield "This is the end: quit leaves, score FILE writes the score."
            return
        player.next()
        yield from _describe(player)
    elif word in ("back", "b") and not rest:
        player.back()
        yield from _describe(player)
    elif word == "restart":
        player.restart()
        yield from _describe(player)
    elif word in ("help", "?"):
        yield HELP
    elif word == "notes":
        yield from (f"Note: {plain_words(note)}" for note in player.scene().notes)
    elif word == "score":
        yield say_score(player, rest.strip(), player.lesson.title)
    elif word in ("try", "t") and not rest:
        player.toggle_try()
        yield from plain_below(player.scene()) if player.page is not None and player.page.tries else ("There is nothing to try here.",)
    elif asking is not None and asking.open:
        yield from take_answer(player, words)
    elif word in ("hint", "show") and not rest:
        yield "No question is open here."
    elif player.page is not None:
        yield from describe_reply(player.debugger, player.run(words))


def _describe(player: Player) -> Iterator[str]:
    scene = player.scene()
    yield from plain_scene(scene)
    if not scene.ended:
        yield from plain_below(scene)
