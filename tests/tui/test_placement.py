"""Panes tile the screen at every size, and none is lost."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from neurontui.tui.placement import Box, Wish, place
from neurontui.tui.shelves import Room, arrange, share

SMALL_FRAMES = (Room(20, 5, 14), Room(40, 5, 30), Room(24, 5, 14))


def overlap(one: Box, two: Box) -> bool:
    return one.x < two.x + two.width and two.x < one.x + one.width and one.y < two.y + two.height and two.y < one.y + one.height


@given(
    st.integers(1, 260),
    st.integers(1, 90),
    st.lists(st.builds(Room, st.integers(8, 200), st.integers(4, 60), st.integers(0, 40)), max_size=4),
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


def test_a_narrow_terminal_has_the_computation_below_the_pane_with_the_focus():
    boxes = place(80, 22, Wish(steps_rows=30))
    assert boxes == {"steps": Box(0, 0, 80, 8), "computation": Box(0, 8, 80, 14)}
    assert place(80, 22, Wish(steps_rows=30, focus="computation")) == boxes
    assert list(place(80, 22, Wish(focus="source", source_rows=6, tensors=SMALL_FRAMES))) == ["source", "computation"]
    assert place(80, 12, Wish()) == {"steps": Box(0, 0, 80, 12)}


def test_a_zoomed_pane_is_alone():
    assert place(120, 38, Wish(focus="tensor1", zoomed=True, tensors=SMALL_FRAMES)) == {"tensor1": Box(0, 0, 120, 38)}


def test_a_middle_one_has_steps_at_the_left_and_the_computation_below_the_tensors():
    boxes = place(120, 38, Wish(tensors=SMALL_FRAMES, source_rows=6))
    assert boxes["steps"].x == 0
    assert boxes["steps"].height == 38
    assert boxes["source"].y < boxes["tensor0"].y < boxes["computation"].y
    assert "console" not in boxes
    assert boxes["computation"].y + boxes["computation"].height == 38


def test_steps_take_what_they_need_and_no_more_than_a_third():
    wishes = [Wish(steps_columns=full, short_columns=short) for full, short in ((38, 30), (44, 36), (80, 60))]
    widths = [place(120, 38, wish)["steps"].width for wish in wishes]
    assert widths == [38, 36, 40], "those that had to leave out the shapes that went in leave the room for them to others"


def test_the_source_is_shown_in_a_low_one_with_the_focus():
    low = {focus: place(120, 23, Wish(focus=focus, tensors=SMALL_FRAMES, source_rows=6)) for focus in ("steps", "source")}
    assert "source" not in low["steps"]
    assert low["source"]["source"].height >= 5


def test_a_projector_has_source_and_statistics_beside():
    boxes = place(200, 58, Wish(tensors=SMALL_FRAMES, source_rows=6))
    assert boxes["source"].x == boxes["statistics"].x > boxes["computation"].x


def test_an_empty_console_gives_its_rows_to_the_computation():
    silent, loud = (place(120, 38, Wish(console_rows=rows)) for rows in (0, 8))
    assert silent["computation"].height == loud["computation"].height + loud["console"].height


ROOMS = st.builds(Room, st.integers(0, 100), st.just(5), st.integers(0, 40))


@given(st.integers(0, 300), st.lists(ROOMS, max_size=6), st.integers(-1, 5))
def test_share_gives_all_or_gives_fairly(total, frames, first):
    given_out = share(total, frames, first if 0 <= first < len(frames) else None)
    assert sum(given_out) <= total
    assert all(got <= frame.columns for got, frame in zip(given_out, frames, strict=True))
    if sum(frame.columns for frame in frames) <= total:
        assert given_out == [frame.columns for frame in frames]
    elif sum(frame.least for frame in frames) <= total:
        assert all(got >= min(frame.least, frame.columns) for got, frame in zip(given_out, frames, strict=True))


def test_the_chosen_one_gets_the_room_first():
    assert share(100, [Room(200, 5, 20), Room(200, 5, 20), Room(60, 5, 20)], 1) == [20, 50, 30]
    assert share(100, [Room(10, 5), Room(200, 5), Room(12, 5)], 1) == [10, 78, 12]


def test_what_fits_by_no_means_takes_nothing_from_the_others_even_if_they_are_larger():
    batch, weight, note = Room(7000, 7, 20), Room(7000, 130, 30), Room(25, 4, 10)
    assert share(80, [batch, weight]) == [35, 45]
    assert share(80, [batch, weight, note]) == [23, 32, 25]


def test_a_frame_without_the_room_for_a_column_is_left_out():
    frames = tuple(Room(90, 60, 30) for _ in range(4))
    low, high = (place(120, height, Wish(tensors=frames, chosen=1, computation_rows=40)) for height in (22, 38))
    assert [name for name in low if name.startswith("tensor")] == ["tensor1", "tensor3"]
    assert [high[f"tensor{number}"].width for number in range(4)] == [43] * 4, "two shelves of two"


def test_a_bias_is_not_shown_without_its_weight():
    frames = (Room(40, 8, 20), Room(60, 8, 40), Room(12, 8, 12), Room(40, 8, 20))  # input, weight, bias, output
    narrow, wide = (place(width, 20, Wish(tensors=frames)) for width in (100, 160))
    assert [name for name in narrow if name.startswith("tensor")] == ["tensor0", "tensor3"]
    assert [name for name in wide if name.startswith("tensor")] == ["tensor0", "tensor1", "tensor2", "tensor3"]


CONVOLUTION = (Room(45, 8, 21, 45, 41), Room(32, 6, 23, 32, 42), Room(14, 4, 14, 14, 14), Room(50, 8, 23, 50, 42))  # with weight and bias


def test_frames_stand_on_as_many_shelves_as_show_them_whole():
    assert list(arrange(141, 20, CONVOLUTION).values()) == [(0, 0, 45, 8), (45, 0, 32, 6), (77, 0, 14, 4), (91, 0, 50, 8)]
    two = arrange(80, 20, CONVOLUTION)
    assert list(two.values()) == [(0, 0, 45, 8), (45, 0, 32, 6), (0, 8, 14, 4), (14, 8, 50, 8)]
    assert arrange(80, 13, CONVOLUTION, most=16) == two, "more rows, where they show every frame whole"
    assert max(place.y + place.height for place in arrange(80, 13, CONVOLUTION, most=15).values()) <= 13


def test_what_is_large_gives_way_before_what_is_small():
    image, kernel = Room(2020, 227, 25, 79), Room(68, 10, 23, 68)
    assert share(96, [image, kernel]) == [28, 68]
    assert share(96, [image, image]) == [48, 48], "what is as large gives way as much"
    assert share(80, [image, kernel]) == [25, 55], "none is less than its least"


def test_a_title_is_written_out_where_there_is_room_for_it():
    frame = Room(20, 5, 14, 20, 34)
    assert [place.width for place in arrange(100, 9, [frame, frame]).values()] == [34, 34]
    assert [place.width for place in arrange(60, 9, [frame, frame]).values()] == [34, 20]


def test_frames_below_one_another_end_at_the_same_columns():
    rows = [Room(40, 5, 20), Room(30, 5, 20), Room(36, 5, 20), Room(34, 5, 20)]
    assert [place[:3] for place in arrange(80, 12, rows).values()] == [(0, 0, 40), (40, 0, 34), (0, 5, 40), (40, 5, 34)]


@given(st.integers(20, 150), st.integers(3, 40), st.integers(0, 40), st.lists(ROOMS, max_size=4), st.integers(-1, 4))
def test_frames_are_in_their_room_and_apart(width, height, most, frames, chosen):
    boxes = [Box(*place) for place in arrange(width, height, frames, chosen, most).values()]
    assert all(box.x + box.width <= width and box.y + box.height <= max(height, most) for box in boxes)
    assert not any(overlap(one, two) for one, two in itertools.combinations(boxes, 2))


def test_a_console_gives_way_to_tensors_that_are_then_whole():
    tensors = (Room(29, 4, 21), Room(49, 6, 31), Room(32, 4, 23))
    wish = Wish(tensors=tensors, source_rows=6, console_rows=40, computation_rows=22)
    boxes = place(120, 38, wish)
    assert [boxes[f"tensor{number}"][2:] for number in range(3)] == [(29, 4), (49, 6), (32, 4)]
    assert boxes["console"].height == 6
    assert boxes["computation"].height == 16
    assert place(200, 58, wish)["console"].height == 14
