"""The lessons that ship: each passes its own check, asks what the course's numbers answer, and states nothing that is not so."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path

import pytest

from neurontui.explainers.families.dropouts import ROLLS
from neurontui.explanation import Term
from neurontui.lessons.checking import check_lesson
from neurontui.lessons.document import Lesson, read_lesson
from neurontui.lessons.library import find_lessons, open_lesson
from neurontui.lessons.player import Player
from neurontui.lessons.questions import Question
from neurontui.lessons.questions.question import Answer
from neurontui.lessons.references import near

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")  # the lesson in_and_out shows just that mistake

COURSE = (
    "neuron", "brain", "linear", "activation", "sequential", "stacking", "dimensions", "dropout", "flatten", "batchnorm", "full_model",
    "last_dimension", "in_and_out",
)  # fmt: skip
BEYOND = ("convolution", "layer_norm", "embedding", "attention", "dead_neurons")
ALL = COURSE + BEYOND

# What each question's answer is: from the course's numbers, or done by hand on the models' round weights.
ANSWERS = {
    "neuron": ["0.6", "2.6", "2.7", "3", "negative"],
    "brain": ["negative", "1", "0", "Its number, as it is.", "yes"],
    "linear": ["[2, 3]", "7.5", "[2]", "8", "Only output 1."],
    "activation": ["0", "3", "A small number above zero.", "negative", "yes", "no"],
    "sequential": ["[3]", "negative", "One.", "1.5674", "it was dropped", "19"],
    "stacking": ["[20]", "105", "The same number.", "[5]", "325", "Only output 0."],
    "dimensions": ["[1, 20]", "it raises an error", "[5, 20]", "[5]", "All five."],
    "dropout": ["dropped", "70", "20", "0"],
    "flatten": ["[4]", "3", "The table as it was, [2, 2].", "[1, 4]"],
    "batchnorm": ["4", "2.6667", "negative", "20", "Another number, above zero.", "it raises an error", "Its column."],
    "full_model": [
        "it raises an error", "[1, 3]", "it raises an error", "[2, 4]", "positive", "The bias of the last neuron.", "[1, 1]", "25",
    ],
    "last_dimension": ["[2]", "[2, 2]", "The same.", "[4, 10, 5]", "45", "it raises an error", "it raises an error", "No."],
    "in_and_out": [
        "[1]", "2.75", "[3]", "0", "About two thirds.", "0", "A larger one.", "1.3333", "It became smaller.",
    ],
    "convolution": [
        "0.5", "3.5", "10", "[1, 1, 3, 3]", "[1, 1, 5, 5]", "negative", "[1, 1, 2, 2]", "[8, 3, 3, 3]", "Only the one at the top left.",
    ],
    "layer_norm": ["20", "5.5", "They are nearly the same.", "negative", "it runs", "it raises an error", "6", "It did not change."],
    "embedding": ["[5, 3]", "1", "[4, 3]", "it is padding", "yes", "15", "it raises an error", "Nothing."],
    "attention": ["4", "[3, 3]", "4", "A small one.", "0.733", "48", "More.", "The same as it was.", "yes"],
    "dead_neurons": ["negative", "None.", "Its bias.", "The same as before.", "yes", "yes", "-0.0186"],
}  # fmt: skip

# Numbers in braces that the checker leaves alone, with what they follow from.
FREE: dict[str, dict[str, float]] = {
    "neuron": {"−1": -1},  # an edit that is proposed
    "brain": {"4": 4},
    "linear": {"10": 10, "20": 20, "6": 2 * 3, "[0.2, 0.4]": math.nan},  # the course's words
    "activation": {"−1": -1, "0.5": 0.5},
    "sequential": {"0.5": 0.5},
    "stacking": {"1": 1, "1000": 1000},
    "dropout": {
        "300": 300, "50": 50, "100": ROLLS, "[10, 0, 30, 0]": math.nan,
        "6.25": 100 * math.comb(4, 0) / 2**4, "37.5": 100 * math.comb(4, 2) / 2**4,
    },
    "flatten": {"30": 30, "28": 28, "784": 28 * 28, "32": 32, "3072": 3 * 32 * 32},
    "batchnorm": {"4": 4, "−2": 2 - 4, "−1.2247": (2 - 4) / math.sqrt(8 / 3 + 1e-5), "60": 60, "−1": -1, "[−0.5, 0.1, 0.4]": math.nan},
    "full_model": {"0.5": 0.5, "10": 10, "−1": -1},
    "last_dimension": {"40": 4 * 10, "8": 8, "10": 10, "20": 20},
    "in_and_out": {"4": 4, "2": 2, "0.4170": math.log(sum(map(math.exp, (2, 1, 0.1)))) - 2},
    "convolution": {"234": 25 * 9 + 9, "7": 5 + 2},
    "layer_norm": {"2": 2},
    "embedding": {"5": 5, "50,000": 50_000, "1,000": 1_000, "50": 50_000 * 1_000 / 1e6},
    "attention": {"4": 4, "2.7": math.e},
    "dead_neurons": {"−10": -10, "3": 3},
}  # fmt: skip


@cache
def lesson_of(name: str) -> Lesson:
    return open_lesson(name)


def typed(question: Question, answer: Answer) -> str:
    """An answer as a learner types it."""
    return str(answer + 1) if question.wants == "choice" and isinstance(answer, int) else str(answer)


def test_the_course_comes_first_and_in_its_order() -> None:
    assert tuple(find_lessons())[: len(COURSE)] == COURSE
    assert list(find_lessons())[len(ALL) :] == ["neuron.de"], "other languages come last"


@pytest.mark.parametrize("name", ALL)
def test_its_check_finds_nothing(name: str) -> None:
    assert list(check_lesson(lesson_of(name))) == []


@pytest.mark.parametrize("name", ALL)
def test_it_has_all_that_a_lesson_has(name: str) -> None:
    lesson = lesson_of(name)
    assert sum(page.asks is not None for page in lesson.pages) >= 3
    assert any(page.tries for page in lesson.pages), "nothing to try"
    assert sum(bool(page.notes) for page in lesson.pages) >= 3, "few notes for the speaker"
    assert any(page.hints for page in lesson.pages), "no hint"
    assert lesson.minutes is not None
    assert 5 <= lesson.minutes <= 10
    assert 8 <= len(lesson.pages) <= 14
    assert all(page.parts for page in lesson.pages), "a page without a word"
    assert all(len(line.text) <= 74 for page in lesson.pages for part in page.parts if part.kind == "code" for line in part.lines)
    if name in COURSE:
        assert "makes simpler" in lesson.pages[-1].title.text


@pytest.mark.parametrize("name", ALL)
def test_its_steps_are_named_by_module_path(name: str) -> None:
    for page in lesson_of(name).pages:
        for line in (*page.commands, *page.tries):
            assert not re.search(r"%\d|^(goto|g) step", line.text), line


@pytest.mark.parametrize("name", ALL)
def test_no_page_shows_what_a_later_one_asks(name: str) -> None:
    lesson = lesson_of(name)
    asked, player = {}, Player(lesson)
    for number in range(1, len(lesson.pages) + 1):
        player.go(number)
        question = player.asking.question if player.asking is not None else None
        if question is not None and isinstance(question.answer, float) and question.answer % 1:
            asked[number] = question.answer
    player = Player(lesson)
    for number in range(1, len(lesson.pages) + 1):
        player.go(number)
        player.reveal()
        shown = [factor.number for term in terms_of(player) for factor in term.factors]
        shown += [term.value for term in terms_of(player)]
        later = [answer for page, answer in asked.items() if page > number]
        assert not [answer for answer in later if any(near(one, answer) for one in shown)], lesson.pages[number - 1].title


def terms_of(player: Player) -> list[Term]:
    """The first terms of what a page explains."""
    why = player.scene().why
    return [why.terms[place] for place in range(min(len(why.terms), 64))] if why is not None else []


@pytest.mark.parametrize("name", ALL)
def test_every_choice_has_words_and_a_reason_against_it(name: str) -> None:
    player = Player(lesson_of(name))
    for number, page in enumerate(player.lesson.pages, 1):
        if page.choices:
            player.go(number)
            assert player.asking is not None
            answer = player.asking.question.answer
            assert not any(choice.isdecimal() for choice in player.asking.question.choices), "a choice that reads like its number"
            assert set(page.wrong) == {str(place + 1) for place in range(len(page.choices)) if place != answer}


@pytest.mark.parametrize("name", ALL)
def test_the_answers_are_the_known_ones(name: str) -> None:
    player = Player(lesson_of(name))
    told = []
    for number in range(1, len(player.lesson.pages) + 1):
        player.go(number)
        if player.asking is not None:
            told.append(player.asking.question.told)
    assert told == ANSWERS[name]


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_answer_is_told_why_and_a_right_one_ends_the_question(name: str) -> None:
    """The whole lesson, as a learner plays it: at every question first a mistake where one is known, then the answer."""
    player = Player(lesson_of(name))
    player.next()
    while player.page is not None:
        player.scene()
        if player.page.tries:
            player.toggle_try()
            assert player.scene().trying
        if player.asking is not None:
            question = player.asking.question
            for mistake in question.mistakes[:1]:
                player.answer(typed(question, mistake.answer))
                assert player.asking.open, (question.words, mistake)
                assert player.asking.said == mistake.words
            player.answer(typed(question, question.answer))
            assert not player.asking.open, (question.words, question.told)
            assert player.asking.kind == "right"
        player.next()
    assert [one.solved for one in player.answered] == [True] * len(ANSWERS[name])


@pytest.mark.parametrize("name", ALL)
def test_every_number_that_is_not_checked_follows_from_something(name: str) -> None:
    text = find_lessons()[name].read_text("utf-8")
    number = r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?"
    stated = set(re.findall(rf"\{{({number}|\[{number}(?:, {number})*\])\}}", text))
    known = FREE.get(name, {})
    assert stated == set(known)
    for numeral, value in known.items():
        if not math.isnan(value):
            digits = numeral.replace("−", "-").replace(",", "")
            assert float(digits) == pytest.approx(value, abs=0.5 * 10 ** -len(digits.partition(".")[2]) if "." in digits else 0)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("neuron", "its weight is 0.2.", "its weight is 0.3."),
        ("neuron", "{−5 = term 1}", "{−4 = term 1}"),
        ("brain", "{0.1675 = fc1[0]}", "{0.1676 = fc1[0]}"),
        ("sequential", "to 0.8727.", "to 0.8728."),
        ("batchnorm", "So it goes from 1 to 1.3.", "So it goes from 1 to 1.4."),
        ("dropout", "{60 = output[2]}", "{30 = output[2]}"),
        ("full_model", "{5 = zeros 3}", "{3 = zeros 3}"),
        ("last_dimension", "−0.8219", "−0.8218"),
        ("in_and_out", "share: 0.417.", "share: 0.317."),
        ("dead_neurons", "{5.8550 = fc1[0]}", "{5.8560 = fc1[0]}"),
        ("convolution", "> Choice (output[0, 0, 0, 1] == before", "> Choice (output[0, 0, 0, 1] != before"),
        ("attention", "goto ./softmax", "goto ./softmix"),
    ],
)
def test_a_number_that_is_wrong_is_found(tmp_path: Path, name: str, old: str, new: str) -> None:
    text = find_lessons()[name].read_text("utf-8")
    assert old in text
    file = tmp_path / f"{name}.md"
    file.write_text(text.replace(old, new, 1), "utf-8")
    said = list(check_lesson(read_lesson(file)))
    assert said
    assert all(re.match(rf".*{name}\.md:\d+: ", sentence) for sentence in said)
