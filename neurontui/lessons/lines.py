"""What a line means in a lesson: the same at the prompt of plain mode and in a file that is run first, there and in the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurontui.commands import Reply
from neurontui.errors import InputError
from neurontui.lessons import quiz
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.text import clean

HELP = "An empty line goes on. Other words: back, hint, show (the answer), try, notes (the speaker's), restart, score, quit."
_NOTHING = Reply("nothing")
_END = "This is the end: quit leaves, score FILE writes the score."


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a line: another page, a try that was begun or taken back, something said to an answer, a wish to see the speaker's
    notes; or, for everything else, a reply as to a command.
    """

    kind: Literal["page", "tried", "answered", "notes", "reply"]
    reply: Reply = _NOTHING


def obey(player: Player, line: str) -> Heard:
    """Do what a line says; an empty one goes on, and a comment says nothing.

    Raises:
        LessonError: the page that it leads to cannot be shown.
    """
    words = line.strip()
    word, _, rest = words.partition(" ")
    if words.startswith("#"):
        return Heard("reply")
    if words in ("quit", "q"):
        return Heard("reply", Reply("quit"))
    if word in ("", "next", "n"):
        return _go_on(player)
    if word in ("back", "b") and not rest:
        player.back()
        return Heard("page")
    if word == "restart":
        player.restart()
        return Heard("page")
    if word in ("help", "?"):
        return _say(HELP)
    if word == "notes":
        return Heard("notes")
    if word == "score":
        return Heard("reply", tell_score(player, rest.strip(), player.lesson.title))
    if word in ("try", "t") and not rest:
        player.toggle_try()
        return Heard("tried") if player.page is not None and player.page.tries else _say("There is nothing to try here.")
    return _obey_on_page(player, words)


def _obey_on_page(player: Player, words: str) -> Heard:
    """An answer where a question is open, else a command of the debugger."""
    if player.asking is not None and player.asking.open:
        give_answer(player, words)
        return Heard("answered")
    if words in ("hint", "show"):
        return _say("No question is open here.")
    return _say(_END) if player.page is None else Heard("reply", player.run(words))


def _go_on(player: Player) -> Heard:
    if player.page is None:
        return _say(_END)
    player.next()
    return Heard("page")


def _say(sentence: str) -> Heard:
    return Heard("reply", Reply("said", (sentence,)))


def give_answer(asked: Player | Practice, words: str) -> None:
    """Give an answer to the open question; `hint` and `show` ask for a hint and for the answer."""
    if words in ("hint", "h"):
        asked.hint()
    else:
        asked.answer("" if words in ("show", "reveal") else words)


def tell_score(asked: Player | Practice, file: str, title: str = "") -> Reply:
    """The score in a sentence; with a file's name it is written there as Markdown."""
    if not file:
        return Reply("said", (quiz.score(asked.answered, asked.words),))
    try:
        return Reply("said", (quiz.write_score(asked.answered, file, title, asked.words),))
    except InputError as refusal:
        return Reply("error", (clean(refusal),), refusal)
