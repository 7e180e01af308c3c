"""Panes: going round them, zooming, resizing; prompts; what is printed."""

from __future__ import annotations

import asyncio

import pytest
import torch
from torch import nn

import neurontui
from neurontui.debugger import Debugger
from neurontui.rendering import DARK, LIGHT, NO_COLOR
from neurontui.tui.widgets.lines import LinePane


async def test_tab_goes_round_all_panes_and_back(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        seen = []
        for _ in range(4):
            seen.append(seat.board.pane)
            await seat.press("tab")
        assert seen == ["steps", "source", "tensor", "computation"]
        assert seat.board.pane == "steps"
        await seat.press("shift+tab")
        assert seat.app.focused is seat.board.computation


@pytest.mark.parametrize("pane", ["steps", "source", "tensor", "computation"])
async def test_every_pane_is_reached_by_keys_at_80x24(open_app, pane):
    async with open_app(size=(80, 24)) as seat:
        await seat.press("s", "s")
        for _ in range(4):
            if seat.board.pane == pane:
                break
            await seat.press("tab")
        assert seat.app.focused is seat.board.active
        assert seat.board.active.region.width > 10
        assert seat.screen.splitlines()[0].startswith(" SimpleANN")


async def test_zoom_gives_one_pane_the_screen_and_back(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "enter")
        small = seat.board.computation.region.height
        await seat.press("z")
        assert seat.board.computation.region.height == 38 > small
        assert not seat.board.steps.display
        await seat.press("escape")
        assert seat.board.computation.region.height == small


def record(model, x):
    return lambda progress: Debugger(neurontui.trace(model, x))


async def test_a_linear_of_a_batch_shows_its_weight_too(open_app):
    async with open_app(record(nn.Linear(8, 16), torch.ones(4, 8))) as seat:
        await seat.press("s")
        titles = [str(seat.board.query_one(f"#{name}").border_title) for name in seat.board.boxes if name.startswith("tensor")]
        assert titles == ["input [4, 8]", "weight + bias", "output [4, 16]"]


async def test_the_window_that_is_spoken_of_is_in_sight(open_app):
    x = torch.arange(24.0 * 24).reshape(1, 1, 24, 24)
    async with open_app(lambda progress: Debugger(neurontui.trace(nn.MaxPool2d(2), x)), (100, 40)) as seat:
        await seat.press("s")
        await seat.line("at 0,0,11,11")
        pane = seat.board.tensors[0]
        shown = "\n".join(pane.render_line(y).text for y in range(pane.size.height))
        assert "575.0000" in shown
        assert "550.0000" in shown
        await seat.line("at 0,0,0,0")
        assert "25.0000" in "\n".join(pane.render_line(y).text for y in range(pane.size.height))


async def test_tensors_out_of_sight_are_told_of_with_the_key_that_goes_there(open_app):
    conv = nn.Conv2d(1, 4, 3, padding=1)
    async with open_app(lambda progress: Debugger(neurontui.trace(conv, torch.randn(2, 1, 8, 8))), (80, 20)) as seat:
        await seat.press("s")
        while seat.board.pane != "tensor":
            await seat.press("tab")
        last = [pane for pane in seat.board.tensors if pane.display][-1]
        hidden = len(seat.debugger.tensors()) - sum(
            len(frame.parts) for frame, pane in zip(seat.board.frames, seat.board.tensors, strict=False) if pane.display
        )
        assert hidden > 0
        assert f"{hidden} more [" in str(last.border_subtitle)
        for _ in seat.debugger.tensors():
            await seat.press("left_square_bracket")
        assert " more ]" in seat.screen
        assert " more [" not in seat.screen
        await seat.press("right_square_bracket", "z")
        assert "3 more [ ]" in seat.screen, "zoomed, no other is in sight"
    async with open_app("simple_ann", (120, 40)) as seat:
        await seat.press("s", "s")
        assert " more " not in seat.screen


async def test_all_frames_say_in_the_same_words_what_is_in_sight(open_app):
    for size in ((120, 24), (200, 60)):
        async with open_app(record(nn.Linear(64, 64), torch.ones(64, 64)), size) as seat:
            await seat.press("s")
            said = [str(pane.border_subtitle) for pane in seat.board.tensors if pane.display]
            assert len(said) == 3
            assert all(words.count("64") == 2 for words in said)
            assert len({" of " in words for words in said}) == 1


async def test_a_small_convolution_is_seen_whole(open_app):
    conv = nn.Conv2d(1, 1, 3, padding=1)
    async with open_app(record(conv, torch.randn(1, 1, 5, 5))) as seat:
        await seat.press("s")
        for pane, frame in zip(seat.board.tensors, seat.board.frames, strict=False):
            assert pane.display
            assert pane.page >= frame.rows
            assert pane.page_columns >= frame.columns
            assert pane.border_subtitle is None or not str(pane.border_subtitle)
        assert seat.board.computation.region.height >= 15, "two fifths are left to the computation"


@pytest.mark.parametrize("ascii", [False, True])
async def test_a_narrow_frame_says_which_slice_it_shows(open_app, ascii):
    async with open_app(record(nn.Conv2d(3, 8, 3, padding=1, bias=False), torch.ones(1, 3, 32, 32)), ascii=ascii) as seat:
        await seat.press("s")
        assert "input[0,0,:,:]" in seat.screen
        assert "weight[0,0,:,:]" in seat.screen
        assert seat.screen.isascii() == ascii


async def test_a_frame_has_room_for_the_numbers_that_come_back(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        await seat.line("set fc1/linear[0] = 2")
        await seat.press("d", "d", "d", "u")  # the numbers without a sign fitted a narrower frame
        assert "▸-0.9256◂" in seat.screen


async def test_the_verdict_is_read_where_the_focus_is_elsewhere(open_app):
    async with open_app(record(nn.Linear(10, 2), torch.ones(10)), (100, 20)) as seat:
        await seat.press("s")
        assert "they agree" in str(seat.board.computation.border_subtitle)
        assert seat.board.computation.styles.border_subtitle_color.hex.lower() == DARK.text.lower()


async def test_resizing_lays_out_again(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        await seat.pilot.resize_terminal(80, 24)
        await seat.settle()
        assert list(seat.board.boxes) == ["steps", "computation"]
        await seat.pilot.resize_terminal(200, 60)
        await seat.settle()
        assert {"steps", "source", "statistics", "computation"} <= set(seat.board.boxes)
        assert "std   0.9382" in seat.screen
        await seat.pilot.resize_terminal(20, 6)
        await seat.settle()
        await seat.press("s", "tab", "tab", "N")
        assert seat.board.boxes


async def test_statistics_are_those_of_the_step_after_a_zoom(open_app):
    async with open_app(size=(200, 60)) as seat:
        await seat.press("s", "s")
        assert "std   0.9382" in seat.screen
        await seat.press("z", "n", "z")
        assert "std  0.4754" in seat.screen


async def test_another_step_is_looked_at_from_where_it_is_explained(open_app):
    async with open_app(record(nn.Sequential(nn.Linear(40, 40), nn.ReLU()), torch.ones(64, 40))) as seat:
        await seat.press("s", "s")
        frame = seat.board.tensors[0]
        frame.scroll_to(y=30, animate=False)
        await seat.press("s")
        assert frame.scroll_offset.y == 0
        await seat.line("at 50, 30")
        assert frame.scroll_offset.y <= 50 < frame.scroll_offset.y + frame.page, "what went into the activation is in sight"


async def test_every_number_that_is_added_is_marked(open_app):
    def underlined(number):
        pane = seat.board.tensors[number]
        return [line.plain[span.start : span.end].strip() for line in [pane.draw(1, 80)] for span in line.spans if span.style.underline]

    async with open_app() as seat:
        await seat.press("s", "s")
        assert (underlined(0), underlined(1)) == (["1.0000"], ["0.3643", "-0.3121", "-0.6657"])
        await seat.press("s")
        assert underlined(0) == ["-0.9256"]


async def test_statistics_show_their_whole_histogram(open_app):
    async with open_app(record(nn.Sequential(nn.Linear(100, 1000), nn.ReLU()), torch.ones(64, 100))) as seat:
        await seat.press("s", "s", "s", "3")
        await seat.settle()
        frame = seat.board.tensors[1]
        assert len(frame._lines) == frame.room.height
        assert "zeros" in frame._lines[1].plain


async def test_a_trace_without_its_model_is_not_edited(open_app, tmp_path):
    file = tmp_path / "run.safetensors"
    neurontui.save(neurontui.trace(nn.Linear(2, 1), torch.ones(2)), file)
    async with open_app(lambda progress: Debugger(neurontui.load(file))) as seat:
        await seat.press("e")
        assert "no model to run again" in seat.bottom
        assert not seat.app.main.prompt.display


async def test_letters_do_nothing_while_a_line_is_typed(open_app):
    async with open_app() as seat:
        await seat.press("colon")
        await seat.type("nsq")
        assert seat.app.main.prompt.value == "nsq"
        assert seat.debugger.index == 0
        await seat.press("escape")
        assert not seat.app.main.prompt.display
        await seat.press("s")
        assert seat.debugger.index == 1


async def test_a_wrong_word_gets_the_nearest_right_one(open_app):
    async with open_app() as seat:
        await seat.line("nxt")
        assert "next" in seat.bottom
        segments = list(seat.app.screen._compositor.render_strips()[-1])
        assert segments[0].style.color.triplet.hex == DARK.wrong


async def test_prompt_history_and_completion(open_app):
    async with open_app() as seat:
        await seat.line("goto fc2")
        await seat.press("colon", "up")
        assert seat.app.main.prompt.value == "goto fc2"
        await seat.press("escape", "colon")
        await seat.type("got")
        await seat.pilot.pause(0.1)
        await seat.press("tab")
        assert seat.app.main.prompt.value == "goto"
        await seat.type(" fc1/")
        await seat.pilot.pause(0.1)
        await seat.press("tab")
        assert seat.app.main.prompt.value == "goto fc1/linear"


async def test_views_and_exact_digits(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "v")
        assert "-0.92555" in seat.screen
        await seat.press("v", "3")
        assert "mean" in seat.screen
        await seat.press("2", "1")
        assert "mean" not in seat.screen


async def test_copy_goes_to_the_clipboard(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        await seat.line("copy explanation")
        assert "running sum" in seat.app.clipboard
        await seat.line("copy cell")
        assert "0.92555" in seat.app.clipboard
        await seat.press("enter", "y")  # in the computation: what that pane shows
        assert "running sum" in seat.app.clipboard
        await seat.press("tab", "y")
        assert seat.app.clipboard == "-0.9255534"


async def test_a_long_answer_is_a_page(open_app):
    async with open_app() as seat:
        await seat.line("list steps")
        assert seat.app.screen is not seat.app.main
        assert "fc2/linear" in seat.screen
        await seat.press("q")
        assert seat.app.screen is seat.app.main


async def test_another_theme_changes_every_line(open_app):
    async with open_app(theme="neurontui-light") as seat:
        assert {pane.look.palette.text for pane in seat.board.query(LinePane)} == {LIGHT.text}
        seat.app.theme = "neurontui-dark"
        await seat.settle()
        assert {pane.look.palette.text for pane in seat.board.query(LinePane)} == {DARK.text}
        assert seat.app.main.keys.look.palette == DARK


async def test_no_color(open_app, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app() as seat:
        await seat.press("s", "s")
        assert seat.app.main.look.palette == NO_COLOR
        assert "they agree" in seat.screen


async def test_quit(open_app):
    async with open_app() as seat:
        await seat.pilot.press("q")
        await seat.pilot.pause()
        assert seat.app.return_value == 0


async def test_keys_can_be_moved(open_app):
    async with open_app() as seat:
        seat.app.set_keymap({"step": "j"})
        await seat.press("j")
        assert seat.debugger.index == 1
        await seat.press("s")
        assert seat.debugger.index == 1


async def test_first_lines_are_run(open_app):
    async with open_app(commands=("goto fc2", "break fc1", "# nothing")) as seat:
        assert seat.debugger.step.name == "fc2"
        assert len(seat.debugger.breakpoints) == 1


@pytest.mark.parametrize(("given", "words"), [((2,), "─ overwritten ─"), ((1, 2), "─ overwritten by 1/relu ─")])
async def test_a_tensor_that_was_overwritten_says_so_in_its_border(open_app, given, words):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True), nn.Flatten(0))

    async with open_app(lambda progress: Debugger(neurontui.trace(model, torch.ones(given)))) as seat:
        await seat.press("s")
        await seat.settle()
        assert words in seat.screen
        await seat.press("n")
        await seat.settle()
        assert words not in seat.screen


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("foo", "next"), ("foo: ",)),
        (("set nothing[0] = 1", "why", "goto fc9", "next"), ("set nothing[0] = 1: ", "goto fc9: ")),
        (("foo", "why", "fou", "fov", "fow", "fox"), ("foo: ", "fou: ", "fov: ", "and 2 more lines were wrong")),
    ],
)
async def test_a_wrong_line_of_a_file_is_told_at_its_end(open_app, lines, told):
    async with open_app(commands=lines, size=(200, 60)) as seat:
        await seat.settle()
        for words in told:
            assert words in " ".join(seat.screen.split())
        await seat.press("s")
        assert told[0] not in seat.screen
        await seat.pilot.press("q")
        await seat.pilot.pause()
        assert seat.app.return_value == 2, "as in plain mode"


@pytest.mark.parametrize(
    ("lines", "code"), [(("goto fc9", "quit"), 2), (("set fc9[0] = 1", "set fc1.weight[0,1] = 2", "quit"), 2), (("goto fc2", "quit"), 0)]
)
async def test_a_file_that_quits(open_app, lines, code):
    async with open_app(commands=lines) as seat:
        await seat.pilot.pause()
        assert seat.app.return_value == code


async def test_right_lines_of_a_file_leave_no_word(open_app):
    async with open_app(commands=("goto fc2", "# nothing")) as seat:
        await seat.press("colon", *"foo", "enter")
        assert "foo:" not in seat.bottom
        assert "foo" in seat.bottom
        await seat.pilot.press("q")
        await seat.pilot.pause()
        assert seat.app.return_value == 0, "what was typed is no bad input"


async def test_an_empty_console_is_not_there(open_app):
    async with open_app() as seat:
        assert "console" not in seat.board.boxes
        seat.app.output.write("[red]hello[/]\x1b[31m\n")
        await asyncio.sleep(0.05)
        await seat.settle()
        assert "[red]hello[/]␛[31m" in seat.screen


async def test_the_console_shows_tabs_as_a_terminal_does_and_scrolls_to_the_end_of_wide_lines(open_app):
    async with open_app() as seat:
        seat.app.output.write("日本語" * 30 + "END\n" + "short\n" * 300 + "a\tb\n")
        await asyncio.sleep(0.05)
        await seat.settle()
        assert "a       b" in seat.screen
        await seat.press("shift+tab", "home", *["right"] * 50)
        assert "END" in seat.screen
