"""What is written to the terminal: as little as is needed, and never less."""

from __future__ import annotations

import asyncio

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from neurontui.tui.written import Changes, Written

CONSOLE = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
BLUE, BOLD, ON_RED, LINE = Style.parse("blue on black"), Style.parse("bold green on black"), Style.parse("on red"), Style.parse("underline")


def draw(*lines, y=0):
    """An update of whole lines, each a list of (text, style)."""
    strips = [[Strip([Segment(text, style) for text, style in line])] for line in lines]
    return LayoutUpdate(strips, Region(0, y, 20, len(lines)))


def shown(screen):
    """Every cell of a terminal as one sees it: a blank has no colour of its own."""
    cells = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    return [[(cell.data, cell.bg, cell.underscore, cell.data.strip() and (cell.fg, cell.bold)) for cell in line] for line in cells]


def show(*writings):
    """What a terminal of 20x3 shows after all that."""
    screen = pyte.Screen(20, 3)
    stream = pyte.Stream(screen)
    for written in writings:
        stream.feed(written)
    return shown(screen)


FRAMES = [
    draw([("one two three four  ", BLUE)], [("a", BOLD), (" " * 19, BLUE)], [("x" * 20, ON_RED)]),
    draw([("one TWO three four  ", BLUE)], [("a", BLUE), (" " * 19, BOLD)], [("x" * 20, ON_RED)]),
    draw([("一 two 三 four       ", BLUE)], [("a  b", BOLD), (" " * 16, LINE)], [("x" * 9, BOLD), ("e\u0301", BLUE), (" " * 10, ON_RED)]),
    draw([("on三 tw三  four      ", BLUE)], [("a  b", BOLD), (" " * 16, BLUE)], [("x" * 9, BOLD), ("e", BLUE), (" " * 10, BLUE)]),
    draw([("👩‍👩‍👧 three four         ", BLUE)], [(" " * 20, ON_RED)], [("─" * 20, BOLD)]),
    draw([("one two three four  ", BLUE)], [("a", BOLD), (" " * 19, BLUE)], [("x" * 20, ON_RED)]),
]


@pytest.mark.parametrize("order", [range(6), [0, 2, 1, 3, 5, 4], [5, 3, 0, 4, 2, 1]])
def test_changes_show_what_a_whole_frame_shows(order):
    written, size, told = Written(), Size(20, 3), []
    for number in order:
        told.append(Changes(FRAMES[number], written, size).render_segments(CONSOLE))
        if number != 4:  # pyte gives every part of a joined sign cells of its own
            assert show(*told) == show(FRAMES[number].render_segments(CONSOLE))
        else:
            told = [FRAMES[number].render_segments(CONSOLE)]


def test_the_same_frame_is_not_written_twice():
    written, size = Written(), Size(20, 3)
    assert Changes(FRAMES[0], written, size).render_segments(CONSOLE)
    assert Changes(FRAMES[5], written, size).render_segments(CONSOLE) == ""


def test_only_the_changed_word_is_written():
    written, size = Written(), Size(20, 3)
    Changes(FRAMES[0], written, size).render_segments(CONSOLE)
    told = Changes(FRAMES[1], written, size).render_segments(CONSOLE)
    assert [word in told for word in ("TWO", "one", "xx")] == [True, False, False]


def test_a_part_of_a_line_is_compared_where_it_stands():
    written, size = Written(), Size(20, 3)
    first = Changes(FRAMES[0], written, size).render_segments(CONSOLE)
    part = ChopsUpdate([{0: None, 8: Strip([Segment("THREE four  ", BLUE)])}, {0: None}, {0: None}], [(0, 8, 20)], [[8, 20], [20], [20]])
    told = Changes(part, written, size).render_segments(CONSOLE)
    assert [word in told for word in ("THREE", "four")] == [True, False]
    assert "".join(cell[0] for cell in show(first, told)[0]) == "one two THREE four  "


def test_another_size_or_a_redraw_writes_all():
    written = Written()
    Changes(FRAMES[0], written, Size(20, 3)).render_segments(CONSOLE)
    assert "four" in Changes(FRAMES[0], written, Size(20, 4)).render_segments(CONSOLE)
    written.forget(Size(20, 4))
    assert "four" in Changes(FRAMES[0], written, Size(20, 4)).render_segments(CONSOLE)


class Watched:
    """A terminal that is fed what the app writes."""

    def __init__(self, app, width, height):
        self.app, self.screen, self.told = app, pyte.Screen(width, height), 0
        self.stream = pyte.Stream(self.screen)
        plain = app._display

        def display(screen, renderable):
            if renderable is not None:
                text = Changes(renderable, app._written, app.size).render_segments(CONSOLE)
                self.told += len(text)
                self.stream.feed(text)
            plain(screen, None)

        app._display = display

    def resize(self, width, height):
        self.screen.resize(height, width)
        self.screen.reset()

    @property
    def whole(self):
        """What a terminal would show if all were written now."""
        fresh = pyte.Screen(self.screen.columns, self.screen.lines)
        compositor = self.app.screen._compositor
        pyte.Stream(fresh).feed(compositor.render_update(full=True, screen_stack=self.app._background_screens).render_segments(CONSOLE))
        return shown(fresh)


WALK = ("s", "n", "n", "tab", "down", "right", "2", "3", "1", "z", "pagedown", "z", "N", "S", "v", "question_mark", "pagedown", "escape",
        "colon", "g", "escape", "ctrl+p", "escape", "enter", "enter", "backspace", "m", "b", "d", "u", "k", "n", "r")  # fmt: skip


@pytest.mark.parametrize("model", ["sequential", "batchnorm"])
async def test_the_terminal_never_shows_anything_stale(open_app, model):
    async with open_app(model, (120, 40)) as seat:
        terminal = Watched(seat.app, 120, 40)
        seat.app.action_redraw()
        await seat.settle()
        for key in WALK:
            await seat.press(key)
            assert shown(terminal.screen) == terminal.whole, key
        for size in ((200, 60), (60, 15), (80, 24), (120, 40)):
            terminal.resize(*size)
            await seat.pilot.resize_terminal(*size)
            await asyncio.sleep(0.05)
            await seat.settle()
            assert shown(terminal.screen) == terminal.whole, size
        for theme in ("neurontui-light", "monokai", "neurontui-dark"):
            seat.app.theme = theme
            await seat.settle()
            assert shown(terminal.screen) == terminal.whole, theme


async def test_a_step_writes_a_fraction_of_the_screen(open_app):
    async with open_app("simple_ann", (120, 40)) as seat:
        terminal = Watched(seat.app, 120, 40)
        seat.app.action_redraw()
        await seat.settle()
        whole = terminal.told
        await seat.press("s")
        terminal.told = 0
        await seat.press("s")
        assert terminal.told < whole / 8
