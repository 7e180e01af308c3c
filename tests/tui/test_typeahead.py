"""Keys that are typed faster than the app can obey: none is lost, none is taken for another."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual import events

from neurontui.errors import CancelledError
from neurontui.loading import Request
from neurontui.session import prepare


def burst(seat, keys):
    """All keys at once, as a terminal hands on what was pasted or typed while nobody read."""
    for key in keys:
        character = key if len(key) == 1 else {"colon": ":", "space": " ", "minus": "-", "full_stop": "."}.get(key)
        seat.app.post_message(events.Key(key, character))


def typed(words):
    return ["space" if letter == " " else letter for letter in words]


@pytest.fixture
def held():
    """A demo that is recorded when `.gate` opens."""

    def make(progress):
        make.gate.wait(10)
        return prepare(Request("simple_ann", demo=True))(progress)

    make.gate = threading.Event()
    yield make
    make.gate.set()


async def open_gate(seat, held):
    held.gate.set()
    for _ in range(500):
        await asyncio.sleep(0.01)
        if seat.app.main.runner is not None:
            break
    await seat.settle()


async def test_keys_typed_before_the_model_is_there_are_obeyed_in_order(open_app, held):
    async with open_app(held, ready=False) as seat:
        burst(seat, ["s", "s", "n"])
        await seat.pilot.pause()
        await open_gate(seat, held)
        assert seat.debugger.step.name == "./relu"


async def test_a_line_and_what_follows_it_in_one_burst(open_app):
    async with open_app("simple_ann") as seat:
        burst(seat, ["s", "colon", *typed("goto fc2"), "enter", "s", "tab"])
        await seat.settle()
        assert seat.debugger.step.name == "fc2/linear"
        assert not seat.app.main.prompt.display
        assert seat.board.pane != "steps"


async def test_an_enter_that_was_typed_before_the_terminal_was_read_is_an_enter(open_app, held):
    async with open_app(held, ready=False) as seat:
        burst(seat, ["colon", *typed("goto fc2"), "ctrl+j", "s"])
        await seat.pilot.pause()
        await open_gate(seat, held)
        assert seat.debugger.step.name == "fc2/linear"
        await seat.press("ctrl+j")
        assert seat.board.pane == "computation", "as the key itself does"


async def test_an_edit_typed_before_the_model_is_there(open_app, held):
    """The letters of a line are no keys, not even q; what follows an edit waits until the model has run again."""
    async with open_app(held, ready=False) as seat:
        burst(seat, ["colon", *typed("seq 1"), "enter", "colon", *typed("set fc1.weight[0, 1] = 2"), "enter", "s", "s"])
        await seat.pilot.pause()
        await open_gate(seat, held)
        assert len(seat.debugger.runs) == 2
        assert seat.debugger.step.name == "fc1/linear"
        assert "3.6986" in seat.screen


async def test_what_ends_does_not_wait(open_app, held):
    async with open_app(held, ready=False) as seat:
        burst(seat, ["s", "q"])
        await seat.pilot.pause()
        assert seat.app.return_value == 0
    async with open_app(held, ready=False) as seat:
        burst(seat, ["s", "escape"])
        await seat.pilot.pause()
        assert isinstance(seat.app.failure, CancelledError)


async def test_what_is_typed_over_a_page_goes_to_the_prompt_and_to_the_walk(open_app):
    async with open_app("simple_ann") as seat:
        burst(seat, ["question_mark", "colon", *typed("goto fc2"), "enter", "s"])
        await seat.settle()
        assert seat.app.screen is seat.app.main
        assert seat.debugger.step.name == "fc2/linear"


async def test_an_answer_that_is_typed_before_its_question_is_there(open_app):
    async with open_app("simple_ann") as seat:
        burst(seat, ["s", "s", "p", "minus", "0", "full_stop", *"9256", "enter", "space"])
        await seat.settle()
        await seat.settle()
        assert "1 of 1 found" in seat.screen, seat.screen
        assert seat.debugger.step.name == "fc1/linear", "none of the keys moved the walk"
