"""Panes tile the screen at every size, and none is lost."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from neurontui.tui.placement import Box, Wish, place, share

SMALL_FRAMES = ((20, 5), (40, 5), (24, 5))


def overlap(one: Box, two: Box) -> bool:
    return one.x < two.x + two.width and two.x < one.x + one.width and one.y < two.y + two.height and two.y < one.y + one.height


@given(
    st.integers(1, 260),
    st.integers(1, 90),
    st.lists(st.tuples(st.integers(8, 200), st.integers(4, 60)), max_size=4),
    st.sampled_from(["steps", "source", "computation", "tensor0"]),
    st.booleans(),
    st.integers(0, 40),
)
def test_boxes_stay_on_the_screen_and_apart(width, height, tensors, focus, zoomed, console):
    if focus == "tensor0" and not tensors:
        focus = "computation"
    wish = Wish(focus=focus, zoomed=zoomed, source_rows=6, tensors=tuple(tensors), console_rows=console)
    boxes = place(width, height, wish)
    assert focus in boxes
    for box in boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= width
        assert box.y + box.height <= height
    for one, two in itertools.combinations(boxes.values(), 2):
        assert not overlap(one, two)


def test_a_small_terminal_has_one_main_pane():
    assert place(80, 24, Wish()) == {"steps": Box(0, 0, 80, 24)}
    assert list(place(80, 24, Wish(focus="source", tensors=SMALL_FRAMES))) == ["source"]


def test_a_middle_one_has_steps_at_the_left_and_the_computation_below_the_tensors():
    boxes = place(120, 38, Wish(tensors=SMALL_FRAMES, source_rows=6))
    assert boxes["steps"].x == 0
    assert boxes["steps"].height == 38
    assert boxes["source"].y < boxes["tensor0"].y < boxes["computation"].y
    assert "console" not in boxes
    assert boxes["computation"].y + boxes["computation"].height == 38


def test_a_projector_has_source_and_statistics_beside():
    boxes = place(200, 58, Wish(tensors=SMALL_FRAMES, source_rows=6))
    assert boxes["source"].x == boxes["statistics"].x > boxes["computation"].x


def test_an_empty_console_gives_its_rows_to_the_computation():
    silent, loud = (place(120, 38, Wish(console_rows=rows)) for rows in (0, 8))
    assert silent["computation"].height == loud["computation"].height + loud["console"].height


@given(st.integers(0, 300), st.lists(st.integers(0, 100), max_size=6))
def test_share_gives_all_or_gives_fairly(total, wants):
    given_out = share(total, wants)
    assert sum(given_out) <= total
    assert all(got <= want for got, want in zip(given_out, wants, strict=True))
    if sum(wants) <= total:
        assert given_out == wants
