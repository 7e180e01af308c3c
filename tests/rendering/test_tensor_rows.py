"""Rows of cells: only what is asked for is read; numbers align; zeros have four signs; heat without colour."""

from __future__ import annotations

import math
from itertools import groupby

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurontui.rendering import ASCII, DARK, LIGHT, NO_COLOR, Look, palette_of
from neurontui.rendering.palette import Palette
from neurontui.rendering.tensors import LOUD, QUIET, column_heads, frame_window, heat_row, lay_grid, read_window, row_label, tensor_row


def test_a_vector_reads_downwards() -> None:
    grid = lay_grid((3,))
    assert (grid.rows, grid.columns) == (3, 1)
    assert grid.index(2, 0) == (2,)
    assert grid.cell((2,)) == (2, 0)
    assert lay_grid(()).index(0, 0) == ()
    assert read_window(torch.tensor(2.5), lay_grid(()), range(1), range(1)) == [[2.5]]
    assert read_window(torch.tensor([1.0, 2.0]), lay_grid((2,)), range(1, 9), range(1)) == [[2.0]]


def test_dimensions_beyond_two_are_fixed_by_index() -> None:
    tensor = torch.arange(24.0).reshape(2, 3, 4)
    grid = lay_grid(tensor.shape, (1,))
    assert grid.index(2, 3) == (1, 2, 3)
    assert read_window(tensor, grid, range(1, 3), range(2, 4)) == [[18.0, 19.0], [22.0, 23.0]]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int8, torch.bool, torch.complex64])
def test_any_dtype_is_read(dtype: torch.dtype) -> None:
    tensor = torch.tensor([[0, 1], [1, 0]]).to(dtype)
    assert read_window(tensor, lay_grid((2, 2)), range(2), range(2)) == tensor.tolist()


def test_sparse_tensors_are_read() -> None:
    assert read_window(torch.eye(3).to_sparse(), lay_grid((3, 3)), range(2), range(2)) == [[1.0, 0.0], [0.0, 1.0]]


@given(st.lists(st.lists(st.floats(width=32), min_size=3, max_size=3), min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_rows_align(numbers: list[list[float]], exact: bool) -> None:
    labels = [f"neuron {row}" for row in range(len(numbers))]
    frame = frame_window(numbers, labels, exact=exact, dtype=torch.float32)
    rows = [tensor_row(frame, label, line).plain for label, line in zip(labels, numbers, strict=True)]
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) == frame.label_width + 1 + 3 * frame.cell_width
    assert len(column_heads(frame, [0, 1, 2]).plain) == len(rows[0])
    for row, line in zip(rows, numbers, strict=True):
        for written, number in zip(row.split()[2:], line, strict=True):
            assert math.isnan(number) or float(written) == pytest.approx(number, rel=1e-4 if "e" not in written else 0.051, abs=5e-5)
            assert math.isnan(number) or (float(written) == 0) == (number == 0)


def test_the_cursor_and_marks_need_no_colour() -> None:
    frame = frame_window([[0.5, -0.25]], ["0"], scale=0.5)
    plain = tensor_row(frame, "0", [0.5, -0.25], Look(NO_COLOR, ASCII), cursor=1, marked=lambda column: column == 0)
    assert ">-0.2500<" in plain.plain
    assert any(span.style.underline for span in plain.spans if not isinstance(span.style, str))


def test_four_signs_of_zero() -> None:
    frame = frame_window([[0.0, 0.0, 0.0, 0.0, 0.0, 0.7837]], ["0"])
    row = tensor_row(frame, "0", [0.0] * 5 + [0.7837], glyphs=["relu", "dropped", "padding", "masked", "", "relu"]).plain
    assert row.split() == ["0", "0·", "0✗", "0▫", "0⊘", "0.0000", "0.7837"]
    ascii_row = tensor_row(frame, "0", [0.0] * 4, Look(NO_COLOR, ASCII), glyphs=["relu", "dropped", "padding", "masked"]).plain
    assert ascii_row.split()[1:] == ["0r", "0x", "0p", "0m"]


def test_cell_backgrounds_are_blue_below_and_orange_above_zero() -> None:
    def channels(color: str) -> tuple[int, int, int]:
        return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)

    low, high = channels(DARK.cell_background(-1.0, 1.0)), channels(DARK.cell_background(1.0, 1.0))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert DARK.cell_background(0.0, 1.0) == DARK.cell_background(math.nan, 1.0) == DARK.cell_background("0·", 1.0) == ""
    assert NO_COLOR.cell_background(1.0, 1.0) == ""
    assert DARK.cell_background(math.inf, 1.0) == DARK.cell_background(1.0, 1.0)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("strength", [QUIET, LOUD, 1.0])
def test_a_terminal_of_256_colours_is_given_some_of_its_own(dark: bool, strength: float) -> None:
    palette = palette_of("256", dark=dark)
    cube = {f"{level:02x}" for level in (0, 95, 135, 175, 215, 255)}
    for sign in (-1, 1):
        shades = [palette.cell_background(sign * number / 20, 1.0, strength) for number in range(1, 21)]
        assert all({shade[i : i + 2] for i in (1, 3, 5)} <= cube for shade in shades)
        ramp = palette.above if sign > 0 else palette.below
        assert [shade for shade, _ in groupby(shades)] == list(ramp[: round(strength * len(ramp))]), "in order, from weak to strong"


def test_a_terminal_of_16_colours_has_none_behind_numbers() -> None:
    palette = palette_of("standard", dark=True)
    assert palette.cell_background(1.0, 1.0, QUIET) == ""
    assert palette.cell_background(1.0, 1.0, LOUD) != palette.cell_background(-1.0, 1.0, LOUD) != ""
    assert palette_of("truecolor", dark=True) is palette_of(None, dark=True) is DARK


def test_a_bias_beside_its_weight_keeps_its_colour() -> None:
    frame = frame_window([[0.5, -0.25, 1.0]], ["neuron 0"], role="weight")
    heads = column_heads(frame, [0, 1, "bias"], highlight=0)
    colors = {heads.plain[span.start : span.end].strip(): span.style.color.name for span in heads.spans if not isinstance(span.style, str)}
    assert colors["bias"] == DARK.bias
    assert colors["0"] == DARK.accent
    assert colors["1"] == DARK.dim


def test_nan_is_red() -> None:
    frame = frame_window([[math.nan]], ["0"])
    row = tensor_row(frame, "0", [math.nan])
    assert any(span.style.color and span.style.color.name == DARK.wrong for span in row.spans if not isinstance(span.style, str))


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_what_is_under_the_cursor_can_be_read(palette: Palette) -> None:
    def light(colour: str) -> float:
        channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for number in (math.nan, 1.0):
        row = tensor_row(frame_window([[number]], ["0"]), "0", [number], Look(palette), cursor=0)
        style = row.spans[2].style
        assert style.color is not None
        assert style.bgcolor is not None
        darker, lighter = sorted((light(style.color.name), light(style.bgcolor.name)))
        assert (lighter + 0.05) / (darker + 0.05) > 3


def test_a_heat_map_without_colour_has_shades_and_signs() -> None:
    row = heat_row([1.0, -1.0, 0.25, 0.0, math.nan], 1.0, Look(NO_COLOR, ASCII)).plain
    assert [row[i : i + 2] for i in range(0, 10, 2)] == [" #", "-#", " .", "  ", " ?"]
    coloured = heat_row([1.0, -1.0], 1.0)
    assert coloured.plain == "    "
    assert len({str(span.style) for span in coloured.spans}) == 2


def test_only_a_linears_rows_are_neurons() -> None:
    assert row_label("weight", 3, 5, "torch.nn.functional.linear") == "neuron 3"
    assert row_label("output", 3, 5, "torch.nn.Linear", 1) == "neuron 3"
    assert row_label("output", 3, 5, "torch.nn.Linear", 2) == "3"
    assert row_label("weight", 3, 5, "torch.nn.functional.conv2d") == "3"


def test_an_outlier_does_not_widen_the_column() -> None:
    numbers = [[0.5, -0.25, 3.14e-05, 0.125]]
    frame = frame_window(numbers, ["0"])
    row = tensor_row(frame, "0", numbers[0]).plain
    assert frame.column.width == 7
    assert "3.1e-05" in row
