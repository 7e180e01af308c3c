"""The pictures of explanations: grids with the right cells marked, shapes set right, bars of the right height; in any width, in ASCII."""

from __future__ import annotations

import pytest
from rich.text import Text

from neurontui.explanation import Picture
from neurontui.rendering import ASCII, NO_COLOR, Look
from neurontui.rendering.pictures import part_lines
from neurontui.rendering.words import picture_words

PLAIN = Look(NO_COLOR, ASCII)


def drawn(pictures: list[Picture], width: int = 80, rows: int = 8, look: Look | None = None) -> list[str]:
    return [line.plain.rstrip() for line in part_lines(pictures, width, rows, look or Look())]


def box(*ranges: range) -> tuple[tuple[int, ...], ...]:
    cells: list[tuple[int, ...]] = [()]
    for places in ranges:
        cells = [(*cell, place) for cell in cells for place in places]
    return tuple(cells)


WINDOW = Picture(
    "window", "input", box(range(1), range(2), range(2), range(2)), shape=(1, 2, 4, 5), caption="the window",
    outside=tuple((0, 0, y, x) for y in range(-1, 2) for x in range(-1, 2) if y < 0 or x < 0),
)  # fmt: skip
OUTPUT = Picture("map", "output", ((0, 1, 0, 0),), shape=(1, 3, 4, 5))


def test_a_window_with_its_padding_beside_the_output() -> None:
    assert drawn([WINDOW, OUTPUT]) == [
        "input[0, 0…1, :, :]       output[0, 1, :, :]",
        "▫ ▫ ▫                 →   ■ · · · ·",
        "▫ ■ ■ · · ·               · · · · ·",
        "▫ ■ ■ · · ·               · · · · ·",
        "  · · · · ·               · · · · ·",
        "  · · · · ·",
        "the window   ▫ padding",
    ]


def test_a_tensor_of_one_dimension_is_one_row() -> None:
    assert drawn([Picture("row", "input", box(range(3)), shape=(3,))]) == ["input[:]", "■ ■ ■"]


def test_the_part_round_the_marks_of_a_large_tensor_is_drawn_and_named() -> None:
    lines = drawn([Picture("group", "weight", box(range(700, 701), range(40, 44)), shape=(1000, 5000))], 40, 5)
    assert lines[0].startswith("weight[698:703, ")
    assert [line.count("■") for line in lines[1:]] == [0, 0, 4, 0, 0]
    assert (lines[3][0], lines[3][-1]) == ("…", "…"), "there is more on both sides"


@pytest.mark.parametrize(("place", "more"), [(0, "right"), (4999, "left"), (2500, "both")])
@pytest.mark.parametrize("width", [23, 24, 300])
def test_dots_stand_where_there_are_more_columns(place: int, more: str, width: int) -> None:
    line = drawn([Picture("row", "input", ((place,),), shape=(5000,))], width)[1]
    assert (line[0] == "…", line[-1] == "…") == (more != "right", more != "left")
    assert line.count("■") == 1
    assert len(line) <= width


def test_a_row_is_drawn_with_one_beside_it_on_each_side() -> None:
    neuron = Picture("row", "weight", box(range(7, 8), range(4)), shape=(20, 4))
    assert drawn([neuron]) == ["weight[6:9, :]", "· · · ·", "■ ■ ■ ■", "· · · ·"]
    assert drawn([neuron], rows=1) == ["weight[7:8, :]", "■ ■ ■ ■"]


def test_the_dimensions_that_are_named_are_drawn() -> None:
    column = Picture("column", "input", box(range(3), range(1, 2), range(4)), shape=(3, 2, 4), axes=(0, 1), focus=(2, 1, 3))
    assert drawn([column]) == ["input[:, :, 0…3]", "· ■", "· ■", "· ●", "● this element"]


def test_grids_go_below_one_another_where_they_are_too_wide() -> None:
    wide = Picture("row", "input", box(range(1), range(30)), shape=(3, 30))
    narrow = drawn([wide, Picture("column", "other", box(range(30), range(1)), shape=(30, 40))], 30, 3)
    assert [line.split("[")[0] for line in narrow if "[" in line] == ["input", "other"]
    assert len(drawn([wide, Picture("column", "other", box(range(30), range(1)), shape=(30, 40))], 160, 3)) == 4


def test_a_broadcast_is_set_right_as_torch_lines_shapes_up() -> None:
    pictures = [
        Picture("broadcast", "input", ((3, 0, 7),), shape=(4, 1, 8)),
        Picture("broadcast", "other", ((2, 7),), shape=(3, 8), caption="other [3, 8] is stretched to [4, 3, 8]"),
        Picture("broadcast", "output", ((3, 2, 7),), shape=(4, 3, 8)),
    ]
    assert drawn(pictures) == [
        "input    4  1→3  8    input[3, 0, 7]",
        "other    ·    3  8    other[2, 7]",
        "output   4    3  8    output[3, 2, 7]",
        "other [3, 8] is stretched to [4, 3, 8]",
    ]


def test_columns_are_as_high_as_their_shares() -> None:
    picture = Picture("bar", curve=((0, 0.25), (1, 0.5), (2, 0.0)), point=(1, 0.5))
    lines = drawn([picture], 30)
    assert lines[-1].split() == ["0.25", "0.5", "0"]
    heights = [sum(line[place : place + 1] == "█" for line in lines) for place in (0, 9, 18)]
    assert heights[1] == 2 * heights[0] + 1, "of five lines, half is two and a half"
    assert heights[2] == 0


def test_of_very_many_places_the_highest_of_several_is_seen() -> None:
    picture = Picture("bar", curve=tuple((float(n), 0.9 if n == 777 else 0.01) for n in range(1000)))
    lines = drawn([picture], 50)
    assert max(map(len, lines)) <= 50
    assert lines[0].count("█") == 1


def test_named_bars_to_both_sides_of_zero() -> None:
    lines = drawn([Picture("bar", curve=((0, 0.5), (1, -0.5)), labels=("i  input gate", "g  candidate"))], 60)
    assert lines[0].index("█") > lines[0].index("│")
    assert lines[1].index("█") < lines[1].index("│")


EVIL = "\x1b[31m[bold]a[/bold]\u202e"
MANY = [
    [WINDOW, OUTPUT],
    [Picture("map", EVIL, ((5, 3, 1),), shape=(9, 90, 2), caption=EVIL), Picture("map", "output", ((400,),), shape=(1620,))],
    [Picture("row", "input", (), shape=(0, 3))],
    [Picture("window", "input", (), shape=(2, 2), outside=((-1, -1),))],
    [Picture("bar", curve=((0, float("nan")), (1, float("inf")), (2, -1.0)))],
    [Picture("bar", curve=((0, float("nan")), (1, float("inf"))), labels=("a", EVIL))],
    [Picture("broadcast", "input", ((1,),), shape=(2,)), Picture("broadcast", "output", ((0,) * 9 + (1,),), shape=(9,) * 9 + (2,))],
]


@pytest.mark.parametrize("pictures", MANY)
@pytest.mark.parametrize("width", [24, 40, 76, 150])
def test_nothing_is_wider_than_its_room_or_obeyed(pictures: list[Picture], width: int) -> None:
    for look in (Look(), PLAIN):
        lines: list[Text] = part_lines(pictures, width, 5, look)
        assert [line.plain for line in lines if line.cell_len > width] == []
        assert not [char for line in lines for char in line.plain if ord(char) < 32 or char == "\u202e"]
    assert all(line.plain.isascii() for line in lines)


def test_pictures_in_words() -> None:
    assert picture_words(WINDOW) == [
        "the window", "It reads input[0, 0:2, 0:2, 0:2]: 8 of 40 elements", "5 places beside it are padding",
    ]  # fmt: skip
    assert picture_words(OUTPUT) == []
    assert picture_words(Picture("bar", curve=((0, 0.25), (1, 0.5)))) == ["The highest of 2 bars is that of 1, 0.5000"]
    assert "from -1, where it is 0, to 2, where it is 2" in picture_words(Picture("curve", curve=((-1, 0), (2, 2))))[0]
