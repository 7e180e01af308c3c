"""What helps a newcomer: keys that fit the pane and can be clicked, tensors side by side, hints, the first NaN, the seed."""

from __future__ import annotations

from rich.text import Text

from neurontui.loading import Request
from neurontui.rendering import ASCII, NO_COLOR, Look
from neurontui.rendering.tensors import scale_legend
from neurontui.session import prepare
from neurontui.tui.widgets.bars import footer_keys, keys_line


async def test_left_and_right_go_on_in_the_tensor_beside(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "tab", "tab", "left")
        assert (seat.debugger.shown.title, seat.debugger.place.cell) == ("bias", (0,))
        await seat.press("left", "left", "left")
        assert (seat.debugger.shown.title, seat.debugger.place.cell) == ("input", (0,))
        await seat.press("right")
        assert (seat.debugger.shown.title, seat.debugger.place.cell) == ("weight", (0, 0))


async def test_edit_in_the_computation_is_of_the_term(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "enter", "down", "e")
        assert seat.app.main.prompt.value == "set fc1.weight[0, 1] = "


async def test_a_click_on_a_key_of_the_footer_presses_it(open_app):
    async with open_app() as seat:
        assert seat.bottom.startswith(" n next  s into")
        await seat.pilot.click("#keys", offset=(10, 0))
        await seat.settle()
        assert seat.debugger.index == 1


async def test_the_footer_is_that_of_the_pane(open_app):
    async with open_app() as seat:
        await seat.press("s", "s", "enter")
        assert "enter from where" in seat.bottom
        assert "u undo" not in seat.bottom
        await seat.line("set fc1.weight[0, 1] = 2")
        await seat.press("escape")
        assert "u undo" in seat.bottom


async def test_hints_below_a_computation_say_what_comes_next(open_app):
    async with open_app() as seat:
        await seat.press("s", "s")
        assert "enter on a term: where does it come from?" in seat.screen
        assert "next ./relu (%3) keeps it only if it is positive: -0.9256 → 0.0000" in seat.screen
        await seat.press("s")
        assert "next fc2/linear (%5) multiplies it by weights and adds up " in seat.screen, "its [0] is not what became of this one"


async def test_stepping_at_80x24_shows_the_computation(open_app):
    async with open_app(size=(80, 24)) as seat:
        await seat.press("s", "s")
        assert "▶       linear" in seat.screen
        assert "recomputed -0.9256" in seat.screen


async def test_a_convolution_shows_its_whole_sum_at_80x24(open_app):
    async with open_app("convolution", (80, 24)) as seat:
        await seat.press("s")
        assert "+ bias[0]                                     0.5000  →       0.5000" in seat.screen
        assert "they agree" in seat.screen


async def test_the_first_nan_is_told_and_the_seed_of_the_file_shown(open_app, tmp_path):
    file = tmp_path / "bad.py"
    file.write_text(
        "import torch\ntorch.manual_seed(7)\n"
        "class Bad(torch.nn.Module):\n    def forward(self, x):\n        return torch.log(x) + 1\n"
        "model = Bad()\nx = torch.tensor([-1.0])\n"
    )
    async with open_app(prepare(Request(str(file)))) as seat:
        assert "The first NaN was made by %1 ./log" in seat.bottom
        assert "log NaN!" in seat.screen
        assert "seed 7" in seat.screen.splitlines()[0]


def test_the_least_needed_keys_give_way_whole():
    keys = footer_keys("steps", edited=True)
    for width in range(12, 200):
        line = keys_line(keys, width, Look())
        assert line.cell_len <= width
        assert " q quit" in line.plain or width < 40
    assert " n next" in keys_line(keys, 30, Look()).plain


def test_the_legend_of_a_heat_map_has_both_ends_or_nothing():
    assert scale_legend(0.6657, 40).plain.startswith("-0.666 ")
    assert scale_legend(0.6657, 40).plain.endswith(" 0.666")
    assert scale_legend(0.6657, 5) == Text("")
    for look, shades in ((Look(NO_COLOR), "-█-▓-▒-░ 0  ░ ▒ ▓ █"), (Look(NO_COLOR, ASCII), "-#-+-:-. 0  . : + #")):
        assert scale_legend(0.6657, 40, look).plain == f"-0.666 {shades} 0.666"
        assert all(scale_legend(0.6657, width, look).cell_len <= width for width in range(40))


async def test_a_long_sentence_lies_over_the_panes_and_moves_none_of_them(open_app):
    async with open_app("simple_ann", (80, 24)) as seat:
        before = seat.screen.splitlines()
        await seat.line("break fc1 foo bar")
        told = seat.screen.splitlines()
        assert " ".join(line.strip() for line in told[-3:]).endswith("one of < <= > >= == !=.")
        assert told[:21] == before[:21]
        await seat.press("tab")
        assert "quit" in seat.bottom, "the keys of the new pane are to be seen"
        assert [line for line in seat.screen.splitlines() if "foo" in line] == []


async def test_the_keys_for_slices_stand_there_where_a_tensor_has_some(open_app):
    async with open_app("convolution:colours") as seat:
        await seat.press("tab")
        assert "{ } slice" in seat.bottom
        await seat.line("show bias")
        assert "{ }" not in seat.bottom


async def test_comparing_goes_round_key_by_key_at_80x24(open_app):
    async with open_app("simple_ann", (80, 24)) as seat:
        await seat.line("set fc1.weight[0, 1] = 2")
        for shown in ("both", "before", "now"):
            await seat.press("d")
            assert f"Tensors show: {shown}." in " ".join(" ".join(seat.screen.splitlines()[-2:]).split())


async def test_only_themes_with_colours_of_their_own_are_offered(open_app):
    async with open_app("simple_ann", (80, 24)) as seat:
        assert not [name for name in seat.app.available_themes if "ansi" in name]
        assert {"neurontui-dark", "neurontui-light"} <= set(seat.app.available_themes)
