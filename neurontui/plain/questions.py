"""`predict` in plain mode: a question, then answers to it, by the same word."""

from __future__ import annotations

from collections.abc import Iterator

from neurontui.errors import NeuronTUIError
from neurontui.lessons.lines import give_answer, tell_score
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.rendering.lessons import plain_below, plain_words
from neurontui.text import clean


def take_words(practice: Practice, words: str) -> Iterator[str]:
    """The lines that answer `predict WORDS`: a new question, or what is said to an answer."""
    word, _, rest = words.partition(" ")
    try:
        if word == "score":
            reply = tell_score(practice, rest.strip())
            yield f"Error: {reply.text[0]}" if reply.kind == "error" else reply.text[0]
        elif practice.is_answer(words):
            give_answer(practice, words)
            yield from describe_answer(practice)
        else:
            if words or practice.asking is None or not practice.asking.open:
                practice.ask(words)
            yield from plain_below(practice.scene())
            yield "Answer with predict ANSWER; predict hint, predict show and predict score are there, too."
    except NeuronTUIError as refusal:
        yield f"Error: {clean(refusal)}"


def describe_answer(asked: Player | Practice) -> Iterator[str]:
    """What was said to an answer, or to `hint` and `show`; then, where the question is over, what it covered."""
    asking = asked.asking
    assert asking is not None
    yield plain_words(asking.said)
    if not asking.open:
        yield from plain_below(asked.scene())
