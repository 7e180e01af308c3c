"""Which tensors stand in one frame, which frames are in sight, which columns stay while others scroll."""

from __future__ import annotations

import pytest
import torch

from neurontui.debugger import Place, Shown
from neurontui.records import Value
from neurontui.tui.frames import default_plane, lay_frames
from neurontui.tui.windows import changed_rows, read_cells, visible_columns


def value(tensor):
    return Value(tuple(tensor.shape), tensor.dtype, tensor.device, "step", data=tensor)


def shown(title, role, tensor, **options):
    return Shown(title, role, value(tensor), **options)


LINEAR = (
    shown("input", "input", torch.arange(3.0)),
    shown("weight", "weight", torch.arange(6.0).reshape(2, 3)),
    shown("bias", "bias", torch.tensor([10.0, 20.0])),
    shown("output", "output", torch.ones(2), output=0),
)


def test_a_bias_stands_beside_its_weight():
    frames = lay_frames(LINEAR, Place(0, (1,), 0, shown=3, cell=(1,)))
    assert [frame.title for frame in frames] == ["input [3]", "weight [2, 3] + bias [2]", "output [2]"]
    assert [frame.selected for frame in frames] == [False, False, True]
    assert frames[2].cursor == (1, 0)
    assert read_cells(frames[1], range(2), range(4)) == [[0.0, 1.0, 2.0, 10.0], [3.0, 4.0, 5.0, 20.0]]


@pytest.mark.parametrize(
    ("plane", "titles", "op"),
    [
        ((None, 0), ["weight [2, 3] + bias [2] at [:, 0]"], "torch.nn.functional.linear"),
        ((0, None), ["weight [2, 3] at [0, :]", "bias [2]"], ""),  # the weights of one neuron: its rows are inputs
    ],
)
def test_a_slice_stands_beside_the_bias_where_its_rows_are_neurons(plane, titles, op):
    frames = lay_frames(LINEAR, Place(0, (0,), 0, shown=1, cell=(0, 0), plane=plane), op="torch.nn.functional.linear")
    assert [frame.title for frame in frames[1:-1]] == titles
    assert frames[1].op == op


def test_the_bias_stays_while_the_weight_scrolls():
    frame = lay_frames(LINEAR, Place(0, (0,), 0, shown=3))[1]
    assert visible_columns(frame, 0, 2) == [0, 3]
    assert visible_columns(frame, 2, 2) == [2, 3]
    assert read_cells(frame, range(2), [2, 3]) == [[2.0, 10.0], [5.0, 20.0]]


def test_statistics_of_a_norm_stand_together_and_the_input_stays_in_sight():
    vector = torch.ones(3)
    tensors = (
        shown("input", "input", torch.ones(2, 3)),
        *(shown(name, "buffer", vector) for name in ("running_mean", "running_var")),
        shown("weight", "weight", vector), shown("bias", "bias", vector), shown("output", "output", torch.ones(2, 3), output=0),
    )  # fmt: skip
    titles = [frame.title for frame in lay_frames(tensors, Place(0, (0, 0), 0, shown=5, cell=(0, 0)))]
    assert titles == ["input [2, 3]", "running_mean + running_var [3]", "weight + bias [3]", "output [2, 3]"]


@pytest.mark.parametrize("chosen", [0, 1, 6, 11])
def test_of_many_tensors_the_first_the_chosen_and_the_last_are_in_sight(chosen):
    tensors = (
        *tuple(shown(f"tensors[{k}]", "input", torch.ones(k + 1)) for k in range(11)),
        shown("output", "output", torch.ones(66), output=0),
    )
    frames = lay_frames(tensors, Place(0, (0,), 0, shown=chosen, cell=(0,)))
    numbers = [frame.parts[0].shown for frame in frames]
    assert len(frames) == 4
    assert {0, chosen, 11} <= set(numbers)
    assert numbers == sorted(numbers)


def test_slices_map_cells_to_indices_and_back():
    tensors = (shown("output", "output", torch.arange(24.0).reshape(2, 3, 4), output=0),)
    frame = lay_frames(tensors, Place(0, (1, 2, 3), 0, shown=0, cell=(1, 2, 3), plane=(1, None, None)))[0]
    part = frame.parts[0]
    assert part.index_of(2, 3) == (1, 2, 3)
    assert part.cell_of((1, 2, 3)) == (2, 3) == frame.cursor
    assert part.cell_of((0, 2, 3)) is None
    assert read_cells(frame, range(3), range(4))[2][3] == 23.0
    assert (frame.title, frame.short) == ("output [2, 3, 4] at [1, :, :]", "output[1,:,:]")
    assert default_plane((2, 3, 4, 5), (1, 2, 0, 0)) == (1, 2, None, None)


def test_rows_that_an_edit_changed():
    before, now = value(torch.tensor([1.0, float("nan"), 3.0])), torch.tensor([1.0, float("nan"), 4.0])
    frame = lay_frames((Shown("output", "output", value(now), output=0, before=before),), Place(0, (0,), 0, shown=0), "both")[0]
    assert [part.title for part in frame.parts] == ["before", "now"]
    assert changed_rows(frame, range(3), [0, 1], read_cells(frame, range(3), [0, 1])) == {2}


def test_a_tensor_that_cannot_be_read_says_why():
    gone = Shown("weight", "weight", Value((2, 2), torch.float32, torch.device("cpu"), "parameter", data=None), output=None)
    part = lay_frames((gone,), Place(0, None, 0, shown=0))[0].parts[0]
    assert part.tensor is None
    assert part.error


def test_the_slice_that_the_explanation_speaks_of_is_shown() -> None:
    tensors = (Shown("input", "input", value(torch.zeros(2, 3, 4, 4))), Shown("output", "output", value(torch.zeros(2, 1, 4, 4)), output=0))
    frames = lay_frames(tensors, Place(0, (1, 0, 2, 2), 0, shown=1, cell=(1, 0, 2, 2)), spoken={"input": (1, 2, 0, 0)})
    assert [frame.parts[0].plane for frame in frames] == [(1, 2, None, None), (1, 0, None, None)]
