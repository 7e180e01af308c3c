"""Running the model again: edits, undo, seeds, modes; and what is kept by name while that happens."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from walking_helpers import make_trace, record, simple_ann

import neurontui
from neurontui.debugger import Debugger
from neurontui.debugger.modes import state_word
from neurontui.errors import EditError, StepError


def output_of(debugger: Debugger) -> list[float]:
    return debugger.run.steps[0].output.tensor().reshape(-1).tolist()


def test_an_edited_weight_changes_what_is_below_it_and_undo_takes_it_back() -> None:
    debugger = simple_ann()
    before = output_of(debugger)
    debugger.goto("fc1/linear")
    debugger.set("fc1.weight", [0, 1], 2)
    assert debugger.step.name == "fc1/linear"
    assert debugger.step.output.tensor().tolist() == pytest.approx([3.6986, 0.9508], abs=1e-4)
    assert all(debugger.changed(step.index) for step in debugger.trace.steps)
    assert debugger.runs[-1].change == "set fc1.weight[0, 1] = 2"
    assert output_of(debugger) != before
    assert debugger.undo() == "set fc1.weight[0, 1] = 2"
    assert output_of(debugger) == before
    assert debugger.first is None
    assert not any(debugger.changed(step.index) for step in debugger.trace.steps)
    assert debugger.undo() == ""


def test_edits_add_up() -> None:
    debugger = simple_ann()
    debugger.set("fc1.weight", [0, 1], 2)
    debugger.set("fc2.bias", [0], 10)
    both = output_of(debugger)
    debugger.undo()
    debugger.undo()
    debugger.set("fc2.bias", [0], 10)
    alone = output_of(debugger)
    assert both != alone
    debugger.set("fc1.weight", [0, 1], 2)
    assert output_of(debugger) == both


@pytest.mark.parametrize(("name", "first_changed"), [("x", "fc1/linear"), ("./relu", "./relu"), ("fc2.bias", "fc2/linear")])
def test_inputs_and_outputs_of_steps_can_be_set(name: str, first_changed: str) -> None:
    debugger = simple_ann()
    debugger.set(name, [0], 3.5)
    leaves = [step.name for step in debugger.run.steps if debugger.changed(step.index) and step.kind == "function"]
    assert leaves[0] == first_changed


def test_a_title_of_the_step_can_be_set() -> None:
    debugger = simple_ann()
    debugger.goto("fc2/linear")
    debugger.set("weight", [0, 0], 1)
    debugger.set("input", [0], 5)  # what relu gave
    debugger.set("output", [0], 9)
    assert [run.change for run in debugger.runs[1:]] == ["set fc2.weight[0, 0] = 1", "set ./relu[0] = 5", "set fc2/linear[0] = 9"]
    assert output_of(debugger) == [9.0]


def test_a_tensor_of_one_element_needs_no_index() -> None:
    debugger = simple_ann()
    debugger.set("fc2.bias", (), 1)
    assert debugger.runs[-1].change == "set fc2.bias[0] = 1"


def test_the_end_of_a_name_is_enough_where_only_one_has_it() -> None:
    debugger = simple_ann()
    debugger.set("relu", [0], 3.5)
    debugger.set("SimpleANN", [0], 1)
    assert [run.change for run in debugger.runs[1:]] == ["set ./relu[0] = 3.5", "set SimpleANN[0] = 1"]
    assert debugger.watch("SimpleANN", [0]).target == "."
    assert debugger.watched()[0].name == "SimpleANN"
    assert debugger.break_at("relu").name == "./relu"
    with pytest.raises(StepError, match="'weight'"):
        debugger.set("weight", [0, 0], 1)
    debugger.goto("fc1/linear")
    debugger.open()
    debugger.goto("relu")
    assert (debugger.step.name, debugger.opened) == ("./relu", ())


def test_a_nested_parameter_is_found_by_the_end_of_its_name() -> None:
    debugger = record(nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.Linear(2, 1)), torch.ones(2))
    debugger.set("0.0.bias", [0], 4)
    debugger.set("1.weight", [0, 0], 4)
    with pytest.raises(StepError, match="There is no tensor called 'bias'"):
        debugger.find_shown("bias")
    embedded = record(nn.Sequential(nn.Sequential(nn.Embedding(5, 2))), torch.tensor([1]))
    assert embedded.find_shown("weight").target == "0.0.weight"


def test_before_and_now_stand_beside_each_other() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    assert all(shown.before is None for shown in debugger.tensors())
    debugger.set("fc1.weight", [0, 1], 2)
    shown = {shown.title: shown for shown in debugger.tensors()}
    output = shown["output"]
    assert output.before is not None
    assert output.before.tensor().tolist() == pytest.approx([-0.9256, 0.9508], abs=1e-4)
    assert output.value.tensor().tolist() == pytest.approx([3.6986, 0.9508], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "at", "number", "sentence"),
    [
        ("fc1.weight", [5, 0], 1, r"there is no element \[5, 0\] in it, only up to \[1, 1\]"),
        ("fc1.weight", [], 1, r"fc1.weight has the shape \[2, 2\]: say which element, as in \[0, 0\]"),
        ("fc1.weight", [1], 1, r"fc1.weight has the shape \[2, 2\], so its index has 2 numbers, not 1 as in \[1\]"),
        ("fc1.wieght", [0, 0], 1, r"; did you mean 'fc1.weight'\?"),
        ("fc9", [0], 1, "There is no tensor called 'fc9'"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_sentence(name: str, at: list[int], number: float, sentence: str) -> None:
    debugger = simple_ann()
    with pytest.raises(StepError, match=sentence):
        debugger.set(name, at, number)
    assert len(debugger.runs) == 1


def test_a_number_that_does_not_fit_the_dtype_is_refused() -> None:
    debugger = record(nn.Embedding(5, 2), torch.tensor([1, 2]))
    with pytest.raises(EditError):
        debugger.set("input", [0], 1.5)
    assert len(debugger.runs) == 1


def test_a_trace_without_a_model_cannot_be_run_again() -> None:
    with pytest.raises(EditError, match="holds no model"):
        Debugger(make_trace([None])).seed(1)


def test_an_edit_that_makes_the_forward_raise_is_shown_and_taken_back() -> None:
    debugger = record(nn.Embedding(5, 2), torch.tensor([1, 2]))
    debugger.step_in()
    name = debugger.step.name
    debugger.set("input", [0], 99)
    assert debugger.run.error is not None
    assert debugger.step.name == name
    assert debugger.at is None
    debugger.undo()
    assert debugger.run.error is None


class Noisy(nn.Module):
    """A dropout between two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(8, 8)
        self.drop = nn.Dropout(0.5)
        self.fc2 = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(self.drop(self.fc1(x)))


def mask_of(debugger: Debugger) -> list[bool]:
    return (debugger.run.step("drop").output.tensor() != 0).tolist()


def test_the_mask_is_held_by_an_edit_and_drawn_again_by_a_seed() -> None:
    torch.manual_seed(0)
    debugger = record(Noisy(), torch.ones(8))
    mask = mask_of(debugger)
    debugger.set("fc1.bias", [0], 3)
    assert mask_of(debugger) == mask
    seeds = [debugger.seed() for _ in range(3)]
    assert seeds == [0, 1, 2]
    masks = []
    for seed in (11, 12, 13):
        assert debugger.seed(seed) == seed
        masks.append(mask_of(debugger))
    assert any(drawn != mask for drawn in masks)
    assert debugger.seed(11) == 11
    assert mask_of(debugger) == masks[0]


def test_one_press_changes_the_mode_and_the_next_one_changes_it_back() -> None:
    debugger = record(Noisy().eval(), torch.ones(8))
    assert debugger.mode == "written"
    assert all(mask_of(debugger))
    assert debugger.set_mode() == "train"
    assert debugger.step.training is True
    assert not all(mask_of(debugger))
    assert debugger.set_mode() == "eval"
    assert debugger.step.training is False
    assert debugger.set_mode() == "train", "as written is eval, and would change nothing"
    assert debugger.set_mode("written") == "written"
    assert debugger.step.training is False
    assert [run.change for run in debugger.runs[1:]] == ["mode train", "mode eval", "mode train", "mode written"]
    assert debugger.edits == 0
    debugger.set("fc1.bias", [0], 3)
    assert debugger.edits == 1
    debugger.set_mode()
    assert debugger.edits == 1


def test_a_model_of_which_one_part_is_in_eval_mode_goes_through_all_three() -> None:
    model = Noisy()
    model.drop.eval()
    debugger = record(model, torch.ones(8))
    assert state_word(debugger.run) == "TRAIN and EVAL"
    assert [debugger.set_mode() for _ in range(4)] == ["train", "eval", "written", "train"]
    assert state_word(debugger.run) == "TRAIN"


def test_a_mode_that_was_asked_for_is_left_by_one_press() -> None:
    debugger = Debugger(neurontui.trace(Noisy(), torch.ones(8), training=False))
    assert debugger.mode == "eval"
    assert debugger.set_mode() == "written"
    assert debugger.step.training is True


def test_the_place_is_kept_by_name() -> None:
    debugger = simple_ann()
    debugger.goto("fc2/linear")
    debugger.goto("fc1")
    debugger.explain_at([1])
    debugger.show("weight")
    debugger.point((1, 0))
    debugger.set("x", [0], 7)
    assert (debugger.step.name, debugger.at, debugger.place.cell) == ("fc1", (1,), (1, 0))
    assert debugger.shown is not None
    assert debugger.shown.title == "weight"
    debugger.unfollow()
    assert debugger.step.name == "fc2/linear"


class Branch(nn.Module):
    """What runs depends on a number."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) if x.sum() > 0 else x - 1


def test_a_step_that_is_gone_gives_its_place_to_the_one_around_it() -> None:
    debugger = record(Branch(), torch.ones(2))
    debugger.goto("fc/linear")
    debugger.break_at()
    debugger.watch()
    debugger.set("x", [0], -5)
    assert debugger.step.name == "."
    assert [stop.name for stop in debugger.breakpoints] == ["fc/linear"]
    watched = debugger.watched()[0]
    assert watched.now is None
    assert watched.before is not None
    debugger.undo()
    assert debugger.watched()[0].now == watched.before


def test_opened_calls_are_opened_again_in_the_new_run() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    debugger.open()
    debugger.step_in()
    name = debugger.step.name
    debugger.set("weight", [0, 1], 2)
    assert debugger.step.name == name
    assert len(debugger.opened) == 1
    assert debugger.opened[0].steps[0].output.tensor().reshape(-1)[0].item() == pytest.approx(3.6986, abs=1e-4)
    with pytest.raises(StepError, match="cannot be changed from inside"):
        debugger.set("", [0], 1)
    debugger.undo()
    assert debugger.opened[0].steps[0].output.tensor().reshape(-1)[0].item() == pytest.approx(-0.9256, abs=1e-4)
    debugger.close()
    assert debugger.step.name == "fc1/linear"


def test_inside_an_opened_call_a_title_means_the_tensor_that_is_shown() -> None:
    debugger = record(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), torch.ones(1, 2))
    debugger.goto("1/linear")
    debugger.open()
    debugger.set("output", [0, 0], 8)  # %0 is the call itself
    debugger.step_in()
    assert debugger.step.label == "t"
    with pytest.raises(StepError, match="output of 1/t was made inside an opened call"):
        debugger.set("output", [0, 0], 3)
    debugger.set("input", [0, 2], 4)  # what is turned round is the weight
    debugger.step_in()
    assert debugger.step.label == "addmm"
    with pytest.raises(StepError, match="mat2 of 1/addmm was made inside"):
        debugger.set("mat2", [0, 0], 3)
    debugger.set("mat1", [0, 0], 5)
    assert [run.change for run in debugger.runs[1:]] == [
        "set 1/linear[0, 0] = 8", "set 1.weight[0, 2] = 4", "set 0/linear[0, 0] = 5",
    ]  # fmt: skip


def test_a_wrong_name_is_told_what_the_model_takes() -> None:
    class Named(nn.Module):
        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return (ids * 2).relu() + mask

    debugger = record(Named(), torch.ones(2), torch.ones(2))
    debugger.goto("./relu")
    with pytest.raises(StepError, match=r"'x'; this step has input, output; the model's inputs are ids, mask\."):
        debugger.set("x", [0], 3)


def test_the_second_output_of_a_step_can_be_set() -> None:
    class Twice(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            low, high = torch.aminmax(x)
            return high - low

    debugger = record(Twice(), torch.tensor([1.0, 4.0]))
    debugger.goto("./aminmax")
    second = next(shown for shown in debugger.tensors() if shown.output == 1)
    assert second.target == "./aminmax:1"
    debugger.set(second.target, [], 10)
    assert output_of(debugger) == [9.0]
    debugger.watch("./aminmax:1")
    assert (debugger.watched()[0].before, debugger.watched()[0].now) == (4.0, 10.0)


class Written(nn.Module):
    """An element is written through a view, and by an assignment."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 1
        y[1] = 7
        y[0:1].add_(5)
        return y + 1


def test_an_input_is_set_where_the_element_was_written() -> None:
    debugger = record(Written(), torch.tensor([1.0, 2.0, 3.0]))
    changes = []
    for place in range(3):
        debugger.goto("./add")
        debugger.set("input", [place], 50)
        changes.append(debugger.runs[-1].change)
        assert debugger.step.inputs["input"].tensor()[place] == 50
        debugger.undo()
    assert changes == ["set ./add_[0] = 50", "set ./setitem[1] = 50", "set ./setitem[2] = 50"]
