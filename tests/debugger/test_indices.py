"""Indices and slices: read, checked, completed, counted on."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurontui.debugger.indices import (
    check_index,
    first_index,
    fit_plane,
    format_plane,
    next_plane,
    parse_index,
    parse_plane,
    plane_through,
)
from neurontui.errors import CommandError, StepError


@pytest.mark.parametrize("text", ["0,2", "[0, 2]", "(0, 2)", " 0 2 ", "0, 2", "[0,2]", "(0,2,)"])
def test_an_index_is_read_however_it_is_written(text: str) -> None:
    assert parse_index(text) == (0, 2)


@pytest.mark.parametrize("text", ["", "[]", "()"])
def test_a_scalar_has_the_empty_index(text: str) -> None:
    assert parse_index(text) == ()


@pytest.mark.parametrize("text", ["a", "1.5", "0,b", "0;1", "__import__('os')", "1e3", "0:2"])
def test_what_is_no_index_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is no index: give whole numbers"):
        parse_index(text)


def test_a_slice_is_no_index() -> None:
    assert parse_plane("[0, :]") == (0, None)
    with pytest.raises(CommandError, match="is a slice; one element needs a whole number"):
        parse_index("[0, :]")


def test_an_index_is_checked_against_the_shape() -> None:
    assert check_index((1, -1), (2, 3), "x") == (1, 2)
    assert check_index((), (), "x") == ()
    with pytest.raises(StepError, match=r"x has the shape \[2, 3\], so its index has 2 numbers, not 1 as in \[1\]"):
        check_index((1,), (2, 3), "x")
    with pytest.raises(StepError, match=r"there is no element \[2, 0\] in it, only up to \[1, 2\]"):
        check_index((2, 0), (2, 3), "x")
    with pytest.raises(StepError, match=r"x is empty: it has the shape \[0\]"):
        check_index((0,), (0,), "x")


def test_the_first_element_of_an_empty_tensor_is_none() -> None:
    assert first_index((2, 3)) == (0, 0)
    assert first_index(()) == ()
    assert first_index((2, 0)) is None


@pytest.mark.parametrize(
    ("plane", "shape", "fitted"),
    [
        ((), (4,), (None,)), ((), (2, 3), (None, None)), ((), (5, 2, 3), (0, None, None)), ((), (), ()), ((1,), (5, 2, 3), (1, None, None)),
        ((1, None), (5, 2, 3), (1, None, None)), ((None, 1), (5, 2, 3), (None, 1, None)), ((None,), (5, 6, 2, 3), (None, 0, 0, None)),
        ((-1, None, None), (5, 2, 3), (4, None, None)), ((0, 1), (2, 3), (0, 1)),
    ],
)  # fmt: skip
def test_a_slice_is_completed_with_the_last_dimensions_whole(plane: tuple, shape: tuple, fitted: tuple) -> None:
    assert fit_plane(plane, shape, "x") == fitted


def test_a_slice_that_does_not_fit_is_refused() -> None:
    with pytest.raises(StepError, match="x has 1 dimension, and"):
        fit_plane((0, 0), (3,), "x")
    with pytest.raises(StepError, match="leaves 3 dimensions whole; two can be shown"):
        fit_plane((None, None, None), (2, 3, 4), "x")
    with pytest.raises(StepError, match="is outside of it"):
        fit_plane((7, None), (2, 3), "x")


@given(st.lists(st.integers(1, 4), min_size=0, max_size=5))
def test_the_slices_are_walked_in_order_and_back(shape: list[int]) -> None:
    plane = fit_plane((), shape, "x")
    walked = [plane]
    while (following := next_plane(walked[-1], shape)) is not None:
        walked.append(following)
    fixed = [range(size) for size, place in zip(shape, plane, strict=True) if place is not None]
    assert [tuple(place for place in each if place is not None) for each in walked] == list(itertools.product(*fixed))
    back = [walked[-1]]
    while (before := next_plane(back[-1], shape, back=True)) is not None:
        back.append(before)
    assert back == walked[::-1]


def test_a_slice_follows_its_cell() -> None:
    assert plane_through((3, 1, 2), (0, None, None)) == (3, None, None)
    assert format_plane((3, None, None)) == "[3, :, :]"
