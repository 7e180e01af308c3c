"""`predict` in plain mode: a question, then answers to it, by the same word."""

from __future__ import annotations

from collections.abc import Iterator

from neurontui.errors import NeuronTUIError
from neurontui.lessons import quiz
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.rendering.lessons import plain_below, plain_words
from neurontui.text import clean


def take_words(practice: Practice, words: str) -> Iterator[str]:
    """The lines that answer `predict WORDS`: a new question, or what is said to an answer."""
    word, _, rest = words.partition(" ")
    try:
        if word == "score":
            yield say_score(practice, rest.strip())
        elif practice.is_answer(words):
            yield from take_answer(practice, words)
        else:
            if words or practice.asking is None or not practice.asking.open:
                practice.ask(words)
            yield from plain_below(practice.scene())
            yield "Answer with predict ANSWER; predict hint, predict show and predict score are there, too."
    except NeuronTUIError as refusal:
        yield f"Error: {clean(refusal)}"


def take_answer(asked: Player | Practice, words: str) -> Iterator[str]:
    """What is said to an answer, or to `hint` and `show`; then, where the question is over, what it covered."""
    if words in ("hint", "h"):
        asked.hint()
    else:
        asked.answer("" if words in ("show", "reveal") else words)
    asking = asked.asking
    assert asking is not None
    yield plain_words(asking.said)
    if not asking.open:
        yield from plain_below(asked.scene())


def say_score(asked: Player | Practice, file: str, title: str = "") -> str:
    """The score in a sentence; with a file's name it is written there as Markdown."""
    try:
        return quiz.write_score(asked.answered, file, title, asked.words) if file else quiz.score(asked.answered, asked.words)
    except NeuronTUIError as refusal:
        return f"Error: {clean(refusal)}"
