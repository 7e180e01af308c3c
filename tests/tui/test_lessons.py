"""Lessons in the app, by keys alone; and predict in any model, where the answer is not to be seen before it is given."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from keyboards import Keyboard

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
    async with app.run_test(size=size) as pilot:
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
    async with app.run_test() as pilot:
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
        await pupil.press("space")
        assert "1 of 1 found" in pupil.screen
        await seat.press("q")
        assert seat.app.screen is seat.app.main
        await seat.line("predict kept")
        assert "is no dropout" in seat.bottom
