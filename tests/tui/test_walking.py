"""A learner walks through the first network, asks why, changes a weight, and takes it back."""

from __future__ import annotations

import time

import pytest
import torch
from textual.command import CommandList
from torch import nn

import neurontui
from neurontui.commands import COMMANDS
from neurontui.debugger import Debugger
from neurontui.rendering import Look
from neurontui.tui.screens.help import help_lines


async def test_walk_through_the_network_and_back(open_app):
    async with open_app() as seat:
        assert seat.debugger.index == 0
        await seat.press("s", "s")
        assert seat.debugger.step.name == "fc1/linear"
        for number in ("0.3643", "-0.6242", "-0.6657", "-0.9256"):
            assert number in seat.screen
        assert "they agree" in seat.screen
        await seat.press("n")
        assert seat.debugger.step.name == "./relu"
        await seat.press("N")
        assert seat.debugger.step.name == "fc1"
        await seat.press("S")
        assert seat.debugger.index == 0


async def test_function_keys_are_the_same(open_app):
    async with open_app() as seat:
        await seat.press("f11", "f11")
        assert seat.debugger.step.name == "fc1/linear"
        await seat.press("f10")
        assert seat.debugger.step.name == "./relu"


async def test_follow_a_number_back_to_the_input_and_return(open_app):
    async with open_app() as seat:
        await seat.line("goto fc2/linear")
        await seat.press("tab", "tab", "tab")
        assert seat.board.pane == "computation"
        await seat.press("down", "enter")
        assert (seat.debugger.step.name, seat.debugger.at) == ("./relu", (1,))
        await seat.press("enter")
        assert (seat.debugger.step.name, seat.debugger.at) == ("fc1/linear", (1,))
        await seat.press("enter")
        assert "the model's input x[0]" in seat.bottom
        for _ in range(3):
            await seat.press("backspace")
        assert seat.debugger.step.name == "fc2/linear"


async def test_enter_in_steps_goes_to_the_computation(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "enter")
        assert seat.board.pane == "computation"
        assert seat.app.focused is seat.board.computation


async def test_edit_a_weight_compare_and_undo(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "left_square_bracket", "left_square_bracket", "right")
        assert seat.debugger.shown.title == "weight"
        assert seat.debugger.place.cell == (0, 1)
        await seat.press("e")
        assert seat.app.main.prompt.value == "set fc1.weight[0, 1] = "
        await seat.type("2")
        await seat.press("enter")
        assert "3.6986" in seat.screen
        assert "~" in seat.screen
        await seat.press("d")
        assert "before" in seat.screen
        assert "-0.9256" in seat.screen
        await seat.press("u")
        assert len(seat.debugger.runs) == 1
        assert "3.6986" not in seat.screen
        assert "It was" not in seat.screen


async def test_the_number_that_is_explained_says_what_it_was_before_the_edits(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        await seat.line("set fc1.weight[0, 1] = 2")
        assert "Why is output[0] = 3.6986? It was -0.9256." in seat.screen
        await seat.press("tab", "tab", "down")
        assert "Why is output[1] = 0.9508? ─" in seat.screen, "this one is as it was"


async def test_modes_and_seeds_run_again(open_app):
    async with open_app("sequential") as seat:
        assert "TRAIN" in seat.screen
        assert "-0.1861" in seat.screen
        await seat.press("m")
        assert "EVAL" in seat.screen
        assert "0.8727" in seat.screen


async def test_two_kinds_of_zero_have_two_signs(open_app):
    async with open_app("sequential") as seat:
        await seat.line("goto 2/dropout")
        assert "0·" in seat.screen
        assert "0✗" in seat.screen


@pytest.mark.parametrize("keys", [("tab",), ("tab", "z"), ("enter", "shift+tab")])
async def test_a_frame_that_a_key_brings_in_has_its_signs_of_zero(open_app, keys):
    async with open_app("sequential", (80, 24)) as seat:
        await seat.line("goto 2/dropout")
        await seat.press(*keys)
        above = seat.screen.partition("Why is")[0]
        assert "output" in above
        assert "0·" in above
        assert "0✗" in above
        assert "0.0000" not in above


async def test_breakpoints_stop_continue(open_app):
    async with open_app() as seat:
        await seat.line("goto ./relu")
        await seat.press("b")
        assert "▶●" in seat.screen
        await seat.press("home")
        assert seat.debugger.index == 0
        await seat.press("c")
        assert seat.debugger.step.name == "./relu"
        await seat.press("b")
        assert "▶●" not in seat.screen


async def test_find_and_the_next_hit(open_app):
    async with open_app() as seat:
        await seat.press("slash")
        await seat.type("linear")
        await seat.press("enter")
        assert seat.debugger.step.name == "fc1"
        await seat.press("full_stop")
        assert seat.debugger.step.name == "fc1/linear"
        await seat.press("comma")
        assert seat.debugger.step.name == "fc1"


async def test_goto_and_at_open_the_prompt(open_app):
    async with open_app() as seat:
        await seat.press("g")
        await seat.type("fc1")
        await seat.press("enter", "at")
        assert seat.app.main.prompt.value == "at "
        await seat.type("1")
        await seat.press("enter")
        assert (seat.debugger.step.name, seat.debugger.at) == ("fc1", (1,))


async def test_a_watch_keeps_a_row_with_before_and_now(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "w")
        assert "Watches" in seat.screen
        await seat.line("set x[0] = 3")
        lines = [line[1:32].strip() for line in seat.screen.splitlines()]
        place = lines.index("fc1/linear[0]")
        assert lines[place + 1].startswith("-0.9256 → -0.1969")
        await seat.press("w")
        assert "No longer pinned: fc1/linear[0]: before -0.9256, now -0.1969" in seat.screen
        assert "Watches" not in seat.screen


async def test_folding_hides_what_is_inside(open_app):
    async with open_app() as seat:
        await seat.press("s", "left")
        assert seat.board.steps.is_folded(1)
        await seat.press("down")
        assert seat.debugger.step.name == "./relu"
        await seat.press("up", "right", "down")
        assert seat.debugger.step.name == "fc1/linear"


async def test_open_a_call_and_return(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "k")
        assert len(seat.debugger.opened) == 1
        assert "opened" in seat.screen
        await seat.press("r")
        assert not seat.debugger.opened
        assert seat.debugger.step.name == "fc1/linear"


async def test_mouse(open_app):
    async with open_app() as seat:
        await seat.pilot.click("#steps", offset=(10, 4))
        await seat.settle()
        assert seat.debugger.step.name == "./relu"
        await seat.line("goto fc1/linear")
        output = seat.board.tensors[seat.board.chosen_frame]
        await seat.pilot.click(f"#{output.id}", offset=(14, 3))
        await seat.settle()
        assert seat.debugger.at == (1,)


async def test_every_command_is_in_the_palette(open_app):
    async with open_app() as seat:
        await seat.pilot.press("ctrl+p")
        await seat.pilot.pause(0.3)
        await seat.type("stats")
        await seat.pilot.pause(0.5)
        assert "statistics of a tensor" in seat.screen
        await seat.pilot.press("escape")


async def test_the_palette_runs_the_command_that_is_typed_whole(open_app):
    async with open_app() as seat:
        await seat.pilot.press("ctrl+p")
        await seat.pilot.pause(0.3)
        await seat.type("goto")  # unfollow's words have a goto in them, too
        await seat.pilot.pause(0.5)
        await seat.pilot.press("enter")
        await seat.settle()
        await seat.type("fc2")
        await seat.press("enter")
        assert seat.debugger.step.name == "fc2"


FIRST = {"heat": "view heat: ", "zoom": "zoom: one pane", "eval": "mode [written | train | eval]: "}


@pytest.mark.parametrize(("typed", "first"), FIRST.items())
async def test_the_palette_has_first_what_was_typed(open_app, typed, first):
    async with open_app() as seat:
        await seat.pilot.press("ctrl+p")
        await seat.pilot.pause(0.3)
        await seat.type(typed)
        await seat.pilot.pause(0.5)
        options = seat.app.screen.query_one(CommandList)
        assert str(options.get_option_at_index(0).hit.text).startswith(first)
        assert first.strip() in seat.screen, "with its brackets: they are no markup"


async def test_the_palette_zooms_and_says_that_it_has_nothing(open_app):
    async with open_app() as seat:
        for typed in ("zoom", "xyzzy"):
            await seat.pilot.press("ctrl+p")
            await seat.pilot.pause(0.3)
            await seat.type(typed)
            await seat.pilot.pause(0.5)
            if typed == "xyzzy":
                assert "no command or key speaks of xyzzy" in seat.screen
            await seat.pilot.press("enter")
            await seat.settle()
            assert seat.board.zoomed, typed
        assert "Help" in seat.screen


async def test_statistics_by_command_are_said(open_app):
    async with open_app() as seat:
        await seat.press("colon")
        await seat.type("stats fc1.weight")
        await seat.press("enter")
        assert "mean 0.0618" in seat.screen


async def test_help_lists_every_command_and_bound_key(open_app):
    async with open_app() as seat:
        await seat.press("question_mark")
        assert "next step, over calls" in seat.screen
        await seat.press("end")
        assert COMMANDS[-1].help in seat.screen
        listed = "\n".join(line.plain for line in help_lines(Look(), 200))
        assert all(f"  {command.name} " in listed and command.help in listed for command in COMMANDS)
        await seat.press("escape")
        assert seat.app.screen is seat.app.main


async def test_a_page_is_wrapped_for_the_width_that_it_has_now(open_app):
    async with open_app(size=(120, 40)) as seat:
        await seat.press("question_mark", "end")
        assert COMMANDS[-1].help in seat.screen
        await seat.pilot.resize_terminal(50, 24)
        await seat.press("end")
        shown = " ".join(seat.screen.replace("│", " ").split())
        assert COMMANDS[-1].help in shown, seat.screen
        await seat.pilot.resize_terminal(120, 40)
        await seat.press("end")
        assert COMMANDS[-1].help in seat.screen


async def test_a_colon_closes_a_page_and_takes_a_command(open_app):
    async with open_app() as seat:
        await seat.press("question_mark")
        await seat.line("goto fc2")
        assert seat.app.screen is seat.app.main
        assert seat.debugger.step.name == "fc2"


async def test_what_is_painted_stands_still_until_the_answer_of_the_job_thread_is_here(open_app):
    """A resize or a blink may paint in between: the run of before has other steps."""

    class Shorter(nn.Module):
        def forward(self, x):
            for _ in range(20 if self.training else 1):
                x = torch.relu(x)
            return x

    async with open_app(lambda progress: Debugger(neurontui.trace(Shorter(), torch.ones(3)))) as seat:
        before, jobs = seat.debugger.trace, seat.app.jobs
        seat.app.main.runner.run("mode eval")
        seat.app.main.runner.run("seed 3")
        while jobs._queue or jobs._running is not None:
            time.sleep(0.01)  # the event loop waits with us
        assert seat.debugger.trace is before
        await seat.settle()
        assert [recording.change for recording in seat.debugger.runs[1:]] == ["mode eval", "seed 3"]
        assert "%0 of 2  EVAL" in seat.screen
