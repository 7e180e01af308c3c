"""Lessons in the app, by keys alone; and predict in any model, where the answer is not to be seen before it is given."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from keyboards import Keyboard, running

from neurontui.errors import LessonError
from neurontui.lessons.document import parse_lesson
from neurontui.lessons.library import open_lesson
from neurontui.lessons.progress import read_progress
from neurontui.rendering.palette import DARK
from neurontui.tui.lessons import LessonApp
from neurontui.tui.screens.lesson import LessonScreen
from neurontui.tui.screens.reading import Reading

HEAD = "---\ntitle: A lesson\nmodel: demo neuron\n---\n"


@pytest.fixture(autouse=True)
def _state_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


class Pupil(Keyboard):
    """Someone who plays a lesson."""

    async def settle(self):
        for turn in range(4000):
            await self.pilot.pause()
            screen = self.app.screen
            if isinstance(screen, LessonScreen) and screen.scene is not None and not screen._waiting:
                break
            if turn > 5 and isinstance(screen, Reading):
                break
            if self.app.failure is not None or self.app.return_code is not None:
                break
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def answer(self, words):
        await self.type(words)
        await self.press("enter")


@asynccontextmanager
async def play(lesson, size=(80, 24), **options):
    app = LessonApp(lesson, "a", **options)
    async with running(app, size=size) as pilot:
        pupil = Pupil(app, pilot)
        await pupil.settle()
        yield pupil


async def test_the_neuron_lesson_from_start_to_end_at_80x24():
    lesson = open_lesson("neuron")
    async with play(lesson) as pupil:
        assert "Lesson: One neuron" in pupil.screen
        assert "1/9 ▰▱▱▱▱▱▱▱▱" in pupil.screen
        assert "2.7000" not in pupil.screen, "a later page asks for it"
        await pupil.press("space")
        await pupil.answer("3.2")
        assert "✗ Input and weight are multiplied, not added." in pupil.screen
        assert "0.6000" not in pupil.screen
        said = pupil.app.screen.said.render_line(0)
        assert next(iter(said)).style.color.name == DARK.wrong, "what is wrong is red"
        await pupil.answer("0.6")  # the wrong answer is selected, so that typing replaces it
        assert "✓ Right now: 0.6." in pupil.screen
        await pupil.press("space")
        await pupil.answer("2.6")
        await pupil.press("space")
        await pupil.answer("2.6")
        assert "One term is left." in pupil.screen
        await pupil.press("h")
        assert "Hint:" in pupil.screen
        await pupil.answer("2.7")
        assert "Why is output[0] = 2.7000?" in pupil.screen
        while not pupil.app.screen.scene.ended:
            await pupil.press("space")
        assert "3 of 5 found, 1 at once; 1 hint." in pupil.screen
        await pupil.press("w", "enter")
        assert "The score is in a-score.md." in pupil.screen
        await pupil.press("b")
        assert "9/9" in pupil.screen
        await pupil.press("q")
    assert pupil.app.return_code == 0
    assert read_progress()["a"].found == 3


async def test_a_lesson_in_another_language():
    async with play(open_lesson("neuron.de")) as pupil:
        assert "Lektion: Ein Neuron" in pupil.screen
        await pupil.press("space")
        assert "h Hinweis" in pupil.screen
        await pupil.answer("9")
        assert "✗ Nicht 9: Es ist weniger." in pupil.screen
        await pupil.answer("0,6")
        assert "✓ Jetzt richtig: 0.6." in pupil.screen
        assert "Warum ist output[0] = ?" in pupil.screen
        assert "Summe bisher" in pupil.screen
        await pupil.press("question_mark")
        assert "die Notizen für den Vortrag" in pupil.screen
        await pupil.press("escape", "q")


async def test_the_keys_of_a_page():
    text = (
        "## One\nText.\n```neurontui\ngoto ./linear\n```\n```neurontui try\nset weight[0, 1] = -1\n```\n> Note: Say it slowly.\n"
        "## Two\n```neurontui\npredict sign\n```\n"
    )
    async with play(parse_lesson(HEAD + text), (100, 30)) as pupil:
        await pupil.press("t")
        assert "-4.3000" in pupil.screen
        await pupil.press("t", "v")
        assert "2.6999998" not in pupil.screen, "the next page asks for its sign"
        assert "Say it slowly" not in pupil.screen
        await pupil.press("N")
        assert "Note: Say it slowly." in pupil.screen
        await pupil.press("B")
        assert not pupil.screen.strip()
        await pupil.press("B", "T")
        assert "0:0" in pupil.screen
        await pupil.press("space")
        assert "1 negative   2 zero   3 positive" in pupil.screen
        await pupil.answer("zero")
        assert "✗" in pupil.screen
        await pupil.press("enter")
        assert "enter once more" in pupil.screen
        await pupil.press("enter")
        assert "The answer: positive." in pupil.screen
        assert "2.6999998" in pupil.screen
        await pupil.press("colon")
        await pupil.type("at 5")
        await pupil.press("enter")
        assert "no element" in pupil.screen
        await pupil.press("question_mark")
        assert "the speaker's notes" in pupil.screen


CHOICES = (
    "## One\nText.\n## Two\n```neurontui\ngoto ./linear\npredict choice\n```\n{tries}> Question: How many?\n"
    "> Choice (output[0] > 3): None.\n> Choice (output[0] < 3): Both.\n> Choice (output[0] < 2): The first.\n"
)


async def test_the_first_letter_of_a_choice_is_typed_even_where_it_is_a_key():
    for words in ("Both", "both"):
        async with play(parse_lesson(HEAD + CHOICES.format(tries="")), page=1) as pupil:
            await pupil.press("space")
            assert "b back" not in pupil.screen
            await pupil.answer(words)
            assert "✓ Right" in pupil.screen
            assert "b back" in pupil.screen


async def test_what_a_page_proposes_to_try_keeps_its_key():
    tries = "```neurontui try\nset weight[0, 1] = 9\n```\n"
    async with play(parse_lesson(HEAD + CHOICES.format(tries=tries))) as pupil:
        await pupil.press("space", "t")
        assert "weight[0, 1] = 9" in pupil.screen
        assert pupil.app.screen.answer.value == ""
        await pupil.press("T")
        assert pupil.app.screen.answer.value == "T"


async def test_the_help_of_a_lesson_gives_way_to_a_command():
    async with play(open_lesson("neuron")) as pupil:
        await pupil.press("question_mark", "colon")
        await pupil.type("at 5")
        await pupil.press("enter")
        assert "no element" in pupil.screen


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("escape", None)])
async def test_q_leaves_at_once_where_escape_cancels_first(key, code):
    async with play(open_lesson("neuron")) as pupil:
        pupil.app.player.next = lambda: [time.sleep(0.005) for _ in range(10_000)]
        await pupil.pilot.press("space")
        await pupil.pilot.press(key)
        assert pupil.app.return_code == code


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 16)])
async def test_every_page_of_every_size_is_drawn(size):
    async with play(open_lesson("dropout"), size, ascii=size == (40, 16)) as pupil:
        while not pupil.app.screen.scene.ended:
            lines = pupil.screen.splitlines()
            assert len(lines) == size[1]
            assert "q leave" in lines[-1]
            await pupil.press("space")


async def test_a_lesson_that_cannot_be_played_says_so():
    app = LessonApp(parse_lesson(HEAD + "## One\n{nothing[0]}\n", "bad.md"), "bad")
    async with running(app) as pilot:
        await Pupil(app, pilot).settle()
    assert isinstance(app.failure, LessonError)
    assert str(app.failure).startswith("bad.md:6: ")


async def test_predict_in_any_model(open_app):
    async with open_app("simple_ann", (80, 24)) as seat:
        await seat.press("s", "s", "p")
        pupil = Pupil(seat.app, seat.pilot)
        await pupil.settle()
        assert "What is output[0]?" in pupil.screen
        assert "-0.9256" not in pupil.screen
        await pupil.answer("-0.26")
        assert "One term is left." in pupil.screen
        await pupil.answer("-0.9256")
        assert "✓ Right now: -0.9256." in pupil.screen
        assert "w save" in pupil.screen
        await pupil.press("space")
        assert "w save" not in pupil.screen, "an answer is wanted now"
        assert "1 of 1 found" in pupil.screen
        await seat.press("q")
        assert seat.app.screen is seat.app.main
        await seat.line("predict kept")
        assert "is no dropout" in seat.bottom


async def test_what_stands_below_the_terms_is_read_by_keys_at_80x24():
    page = "## One\n```neurontui\ngoto ./dropout\nat 1\n```\n"
    async with play(parse_lesson("---\ntitle: A\nmodel: demo dropout\n---\n" + page)) as pupil:
        assert "of 100 runs" not in pupil.screen
        await pupil.press(*["down"] * 20)
        assert "of 100 runs" in pupil.screen
        assert "the expected output equals the input" in " ".join(pupil.screen.split())
        await pupil.press(*["up"] * 30)
        assert "output = input · mask / (1 − p)" in pupil.screen


async def test_the_term_that_was_changed_is_in_sight():
    page = "## One\n```neurontui\ngoto fc2\nat 0\n```\n```neurontui try\nset fc1/linear[3] = 10\n```\n"
    async with play(parse_lesson("---\ntitle: A\nmodel: demo stacked\n---\n" + page)) as pupil:
        await pupil.press("t")
        assert any("▸  3" in line and "10.0000" in line for line in pupil.screen.splitlines()), pupil.screen


async def test_home_and_end_lead_from_a_question_too():
    text = "## One\nText.\n## Two\n```neurontui\npredict value\n```\n## Three\nText.\n"
    async with play(parse_lesson(HEAD + text)) as pupil:
        await pupil.press("space", "end")
        assert "3/3" in pupil.screen
        await pupil.press("b", "home")
        assert "1/3" in pupil.screen
        await pupil.press("space")
        await pupil.type("27")
        await pupil.press("home")
        await pupil.type("1")
        assert "> 127" in pupil.screen, "in an answer they go to its ends"


async def test_the_lines_of_a_file_are_run_first_as_in_plain_mode(tmp_path):
    lines = ("# to the question", "", "next", "0.5", "0.6", "save here.svg", "next", "notes")
    async with play(open_lesson("neuron"), commands=lines) as pupil:
        await pupil.settle()
        assert "3/9" in pupil.screen
        assert "You are back" not in pupil.screen, "the file went there"
        assert (tmp_path / "here.svg").exists()
        assert pupil.app.player.records[2].wrong == ("0.5",)
        assert pupil.app.player.records[2].solved
        await pupil.press("q")
    assert pupil.app.return_value == 0


async def test_a_wrong_line_of_a_file_is_told_when_all_have_run_and_is_exit_code_2():
    text = "## One\nText.\n## Two\nText.\n"
    async with play(parse_lesson(HEAD + text), commands=("wehre", "next", "score")) as pupil:
        await pupil.settle()
        assert "2/2" in pupil.screen
        assert "wehre: There is no command 'wehre'" in pupil.screen
        await pupil.press("q")
    assert pupil.app.return_value == 2


async def test_a_file_can_end_the_lesson_and_ask_for_the_score():
    async with play(parse_lesson(HEAD + "## One\nText.\n"), commands=("score", "quit")) as pupil:
        await pupil.settle()
    assert pupil.app.return_value == 0
    async with play(parse_lesson(HEAD + "## One\nText.\n"), commands=("score",)) as pupil:
        assert "Nothing was asked." in pupil.screen


async def test_a_lesson_goes_on_by_itself_waits_at_a_question_and_pauses():
    text = "## One\nText.\n## Two\n```neurontui\npredict value\n```\n## Three\nText.\n## Four\nText.\n"
    async with play(parse_lesson(HEAD.replace("demo neuron", "demo neuron\nminutes: 1") + text)) as pupil:
        screen = pupil.app.screen

        async def wait(seconds):
            for _ in range(seconds):
                screen._tick()
            await pupil.settle()

        await wait(30)
        assert "1/4" in pupil.screen, "not before it was asked to"
        await pupil.press("P")
        await wait(7)
        assert "play 8" in pupil.screen
        await wait(8)
        assert "2/4" in pupil.screen
        await wait(40)
        assert "2/4" in pupil.screen, "an open question waits for its answer"
        await pupil.answer("2.7")
        await wait(15)
        assert "3/4" in pupil.screen
        await pupil.press("P")
        await wait(40)
        assert "3/4" in pupil.screen, "paused"
        await pupil.press("P")
        await wait(15)
        await wait(15)
        assert screen.scene.ended
        await wait(40)
        assert "play" not in pupil.screen
