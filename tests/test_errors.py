"""The nearest right word, and the tree of refusals."""

from __future__ import annotations

import pytest

from neurontui import errors
from neurontui.errors import MOST_COMPARED, NeuronTUIError, nearest

NAMES = ("next", "undo", "unfollow", "fc1.weight", "fc2.weight", "layers.0/linear", "Linear")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("unf", "unfollow"),  # a beginning, though "undo" is spelled more alike
        ("NEXT", "next"),
        ("weight", "fc1.weight"),  # the last part of a name: the first of them
        ("linear", "Linear"),
        ("0/linear", "layers.0/linear"),
        ("nxt", "next"),
        ("fc2.wieght", "fc2.weight"),
    ],
)
def test_the_nearest_word_is_what_was_begun_or_ends_so_or_is_spelled_alike(word: str, meant: str):
    assert nearest(word, NAMES) == f"; did you mean {meant!r}?"


@pytest.mark.parametrize("word", ["", "t", "zzz", "é", "[red]", "\x1b[31m"])
def test_where_no_word_is_near_nothing_is_said(word: str):
    assert nearest(word, NAMES) == ""


def test_of_very_many_words_the_first_are_compared():
    assert nearest("wanted", [*(f"name{place}" for place in range(MOST_COMPARED)), "wanted2"]) == ""


def test_a_suggested_name_obeys_nothing():
    assert "\x1b" not in nearest("layer", ["layer\x1b[31m"])


def test_the_docstring_draws_the_whole_tree():
    kinds = {kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NeuronTUIError)}
    assert {word for word in kinds if word in (errors.__doc__ or "")} == kinds
