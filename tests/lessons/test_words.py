"""A lesson in another language: NeuronTUI's own words come from a table; what it does not have stays English; German has all of them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from neurontui.errors import LessonError
from neurontui.exporting.lessons import lesson_text
from neurontui.lessons import player as players
from neurontui.lessons import quiz
from neurontui.lessons.checking import check_lesson
from neurontui.lessons.document import parse_lesson
from neurontui.lessons.library import find_lessons, open_lesson
from neurontui.lessons.player import Player
from neurontui.lessons.questions import Question
from neurontui.lessons.words import ENGLISH, Words, find_words, read_words
from neurontui.plain.lessons import play_lesson

TABLE = "# Words\n\n| English | Other |\n|---|---|\n"
GERMAN = find_words("de", Path(__file__).parent)


def table(folder: Path, *rows: str) -> Words:
    (folder / "words.xx.md").write_text(TABLE + "".join(f"| {row} |\n" for row in rows), "utf-8")
    return read_words(folder / "words.xx.md", "xx")


def test_sentences_and_what_changes_in_them(tmp_path: Path) -> None:
    say = table(tmp_path, "next | plus loin", "the mean | la moyenne", "{a} of {b} | {b}: {a}", "row {n}, not {n} | {n}", "a \\| b | c")
    assert say("next") == "plus loin"
    assert say("2 of the mean") == "la moyenne: 2"
    assert say("row 3, not 3") == "3"
    assert say("row 3, not 4") == "row 3, not 4", "the same name is the same words"
    assert say("a | b") == "c"
    assert say("nothing of the kind?") == "the kind?: nothing", "any words stand for a name"
    assert say("not there") == "not there"
    assert ENGLISH("next") == "next"


def test_what_stands_for_a_name_is_never_a_pattern(tmp_path: Path) -> None:
    say = table(tmp_path, "The answer is {answer}. | A: {answer}", "with {odd | C")
    assert say("The answer is {answer}{0.__class__}.") == "A: {answer}{0.__class__}"
    assert say("with {odd") == "C"


@pytest.mark.parametrize(
    ("row", "told"),
    [("one cell", "a row is"), ("a | b | c", "a row is"), (" | b", "a row is"), ("a {x} | b {y}", "the English sentence has no {y}")],
)
def test_a_row_that_cannot_be_used(row: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=rf"words\.xx\.md:5: .*{re.escape(told)}"):
        table(tmp_path, row)


def test_whose_words_are_used(tmp_path: Path) -> None:
    assert find_words("de", tmp_path)("next") == "weiter"
    assert find_words("de-AT", tmp_path)("next") == "weiter"
    (tmp_path / "words.de.md").write_text(TABLE + "| next | nächste |\n", "utf-8")
    assert find_words("de", tmp_path)("next") == "nächste", "those beside the lesson come first"
    assert find_words("fr", tmp_path) == Words("fr")
    with pytest.raises(LessonError, match=r"a\.md:3: language is a code such as de"):
        parse_lesson("---\ntitle: x\nlanguage: ../de\nmodel: demo neuron\n---\n## A\n", "a.md")


def test_the_german_lesson_is_the_same_lesson() -> None:
    german, english = open_lesson("neuron.de"), open_lesson("neuron")
    assert not list(check_lesson(german))
    commands = [
        [[line.text for line in (*page.commands, *page.tries)] + [page.asks.text if page.asks else ""] for page in lesson.pages]
        for lesson in (german, english)
    ]
    assert commands[0] == commands[1]
    assert [set(page.wrong) for page in german.pages] == [set(page.wrong) for page in english.pages]


ENGLISH_WORDS = re.compile(r"\b(the|is|are|of|and|not|what|which|why|that|page|answer|hint|question|term|comes|found)\b", re.IGNORECASE)


def test_the_german_lesson_has_no_english_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Played with every mistake that it knows, every hint, to the end; as a handout, and as a worksheet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    lesson = open_lesson("neuron.de")
    written = io.StringIO()
    play_lesson(lesson, "neuron.de", [*_say_everything(Player(lesson)), "score", "score s.md", "quit"], io.StringIO(), written)
    said = [line for line in written.getvalue().splitlines() if not line.startswith("(lesson)")]
    assert "Noch nicht: Das ist die Summe vor dem Bias. Ein Summand fehlt." in said
    assert "Seite 9 von 9: Was der Text vereinfacht" in said
    assert len(said) > 150
    texts = [*said[2:], (tmp_path / "s.md").read_text("utf-8"), lesson_text(lesson, ".md"), lesson_text(lesson, ".md", worksheet=True)]
    lines = [re.sub(r"[#\"]page-\d+", "", line) for text in texts for line in text.splitlines()]
    assert not [line for line in lines if ENGLISH_WORDS.search(line)]


def _say_everything(player: Player) -> Iterator[str]:
    for number in range(1, len(player.lesson.pages) + 1):
        player.go(number)
        asking = player.asking
        if asking is not None:
            question = asking.question
            yield from ("hint",) * (len(question.hints) + 1)
            yield from ("what?", "123456")
            yield from (_typed(question, mistake.answer) for mistake in question.mistakes)
            yield _typed(question, question.answer)
        yield from ("notes", "try", "hint", "next")


def _typed(question: Question, answer: object) -> str:
    return str(answer + 1) if question.wants == "choice" and isinstance(answer, int) else str(answer)


def test_a_handout_says_its_language() -> None:
    page = lesson_text(open_lesson("neuron.de"), ".html", worksheet=True)
    assert '<html lang="de">' in page
    for words in ("weiter ›", "alle Seiten", 'data-number="Seite 1 von 9"', "<h2>Lösungen</h2>"):
        assert words in page
    assert '<html lang="en">' in lesson_text(open_lesson("neuron"), ".html")


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_german_has_a_row_for_every_question_of_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """What NeuronTUI asks, hints and says to mistakes in all lessons: a sentence that was changed in the code needs its row changed."""
    made: list[Question] = []
    make = players.make_question

    def note(*given: object) -> Question:
        made.append(make(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(players, "make_question", note)
    for name in find_lessons():
        player = Player(open_lesson(name))
        player.go(len(player.lesson.pages))
    sentences = {
        words
        for question in made
        for words in (question.words, question.right, *question.hints, *question.choices, *(mistake.words for mistake in question.mistakes))
        if words
    }
    assert len(sentences) > 100
    assert not [words for words in sentences if GERMAN(words) == words]


def test_answers_are_given_in_the_lessons_language() -> None:
    player = Player(open_lesson("neuron.de"))
    player.go(8)
    player.answer("positiv")
    assert player.asking is not None
    assert player.asking.kind == "wrong"
    player.answer("negativ")
    assert player.asking.said.startswith("Jetzt richtig: negativ.")
    assert quiz.score(player.answered, GERMAN) == "1 von 1 gefunden, 0 auf Anhieb; 0 Hinweise."
