"""Cursor arithmetic."""

from __future__ import annotations

import pytest

from neurontui.tui.moves import move_cell, move_row


@pytest.mark.parametrize(
    ("way", "target"), [("up", 4), ("down", 6), ("pageup", 0), ("pagedown", 14), ("home", 0), ("end", 19), ("left", 5)]
)
def test_rows(way, target):
    assert move_row(5, 20, 10, way) == target


def test_rows_stay_inside():
    assert move_row(0, 20, 10, "up") == 0
    assert move_row(19, 20, 10, "pagedown") == 19
    assert move_row(0, 0, 10, "down") == 0


def test_home_and_end_go_to_the_row_then_to_the_tensor():
    assert move_cell((3, 2), 8, 5, 4, 2, "end") == (3, 4)
    assert move_cell((3, 4), 8, 5, 4, 2, "end") == (7, 4)
    assert move_cell((3, 2), 8, 5, 4, 2, "home") == (3, 0)
    assert move_cell((3, 0), 8, 5, 4, 2, "home") == (0, 0)


def test_cells_move_by_pages_both_ways():
    assert move_cell((3, 2), 80, 50, 10, 6, "pagedown") == (13, 2)
    assert move_cell((3, 2), 80, 50, 10, 6, "pageright") == (3, 8)
    assert move_cell((3, 2), 80, 50, 10, 6, "pageleft") == (3, 0)
