"""Walking real recordings: positions, opened calls, following numbers back."""

from __future__ import annotations

import pytest
import torch
from course import SimpleANN
from torch import nn
from torch.nn import functional
from walking_helpers import record, simple_ann

import neurontui
from neurontui.debugger import Debugger
from neurontui.errors import StepError


def names(debugger: Debugger) -> list[str]:
    return [step.name for step in debugger.trace.steps]


def test_it_stands_on_the_model_with_its_first_output_element() -> None:
    debugger = simple_ann()
    assert (debugger.index, debugger.step.name, debugger.at, debugger.output) == (0, ".", (0,), 0)
    assert debugger.shown is not None
    assert debugger.shown.role == "output"


def test_next_walks_the_layers_and_step_goes_into_them() -> None:
    debugger = simple_ann()
    walked = [debugger.step.name for _ in range(3) if debugger.next()]
    assert walked == ["fc1", "./relu", "fc2"]
    assert not debugger.next()
    debugger.goto(0)
    assert [debugger.step.name for _ in range(5) if debugger.step_in()] == names(debugger)[1:]


def test_return_goes_out_of_the_enclosing_call_and_back() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    assert debugger.return_()
    assert debugger.step.name == "./relu"
    assert debugger.return_(back=True)
    assert debugger.step.name == "."


def test_goto_and_unfollow() -> None:
    debugger = simple_ann()
    debugger.goto("fc2/linear")
    debugger.goto("%1")
    debugger.goto(3)
    assert [debugger.index for _ in range(3) if debugger.unfollow()] == [1, 5, 0]
    assert not debugger.unfollow()
    with pytest.raises(StepError, match="fc1"):
        debugger.goto("fc11")
    with pytest.raises(StepError, match="%0 to %5"):
        debugger.goto(17)
    assert debugger.index == 0


def test_find_goes_round_in_both_directions() -> None:
    debugger = simple_ann()
    assert debugger.find("LINEAR")
    found = [debugger.step.name]
    while debugger.find() and debugger.step.name != found[0]:
        found.append(debugger.step.name)
    assert found == ["fc1", "fc1/linear", "fc2", "fc2/linear"]  # a Linear is called linear, too
    assert debugger.find(back=True)
    assert debugger.step.name == "fc2/linear"
    assert not debugger.find("softmax")


def test_an_element_is_chosen_by_its_index() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    assert debugger.explain_at([-1]) == (1,)
    why = debugger.explanation()
    assert why is not None
    assert why.actual == pytest.approx(0.9508, abs=1e-4)
    with pytest.raises(StepError, match=r"fc1/linear's output has the shape \[2\]: there is no element \[2\]"):
        debugger.explain_at([2])


def test_an_explanation_is_made_once_and_then_known() -> None:
    debugger = simple_ann()
    debugger.goto("fc1")
    assert debugger.known_explanation is None
    why = debugger.explanation()
    assert debugger.known_explanation is why
    assert debugger.explanation() is why
    debugger.explain_at([1])
    assert debugger.known_explanation is None


def test_following_the_course_s_number_back_to_the_input() -> None:
    debugger = simple_ann()
    debugger.goto("fc2/linear")
    assert debugger.follow(1, "input") == "input[1] = 0.9508 was made by ./relu (%3) as output[1]."
    assert (debugger.step.name, debugger.at) == ("./relu", (1,))
    debugger.follow(0)
    assert (debugger.step.name, debugger.at) == ("fc1/linear", (1,))
    assert debugger.follow(1) == "input[1] = 2 is the model's input x[1]."
    assert (debugger.step.name, debugger.place.cell) == ("fc1/linear", (1,))
    assert debugger.shown is not None
    assert debugger.shown.title == "input"
    assert debugger.follow(0, "weight") == "weight[1, 0] = -0.1371 is the parameter fc1.weight[1, 0]."
    assert debugger.shown.title == "weight"
    assert debugger.place.cell == (1, 0)
    walked = [debugger.step.name for _ in range(5) if debugger.unfollow()]
    assert walked == ["fc1/linear", "fc1/linear", "./relu", "fc2/linear", "."]


def test_following_to_the_same_place_again_leaves_no_trail() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    debugger.follow(1)
    trail = debugger.standing.history
    debugger.follow(1)
    assert debugger.standing.history == trail


def test_follow_refuses_what_is_not_there() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    with pytest.raises(StepError, match="There is no term 9: the explanation has 3, from 0 to 2"):
        debugger.follow(9)
    with pytest.raises(StepError, match="Term 0 has no factor 'wait': it has input, weight"):
        debugger.follow(0, "wait")


def test_why_of_an_input_goes_where_it_was_made() -> None:
    debugger = simple_ann()
    debugger.goto("fc2/linear")
    assert debugger.why("input", [1]) == "input[1] = 0.9508 was made by ./relu (%3) as output[1]."
    assert (debugger.step.name, debugger.at) == ("./relu", (1,))
    assert debugger.why("output", [0]) == ""
    assert debugger.at == (0,)
    assert debugger.why("fc1.weight", [0, 1]).endswith("is the parameter fc1.weight[0, 1].")
    assert debugger.step.name == "fc1"


def test_stages_are_looked_at_one_by_one_and_followed() -> None:
    debugger = record(nn.BatchNorm1d(3), torch.tensor([[2.0, 200, 4000], [4, 100, 2000], [6, 300, 6000]]))
    debugger.goto("./batch_norm")
    whole = debugger.explanation()
    assert whole is not None
    assert len(whole.stages) > 1
    titles = []
    while debugger.stage_next():
        stage = debugger.explanation()
        assert stage is not None
        titles.append(stage.title)
    assert titles == [stage.title for stage in whole.stages]
    assert "mean" in titles[0]
    with pytest.raises(StepError, match="There is no stage 99"):
        debugger.look_at_stage(99)
    debugger.look_at_stage(None)
    assert debugger.explanation() is whole
    staged = next(place for place, term in enumerate(whole.terms) if any(factor.origin.kind == "stage" for factor in term.factors))
    assert "is an earlier stage of this explanation" in debugger.follow(staged)
    assert debugger.place.stage is not None
    assert debugger.unfollow()
    assert debugger.place.stage is None


class Kinds(nn.Module):
    """Outputs that are no single tensor."""

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        largest, places = torch.max(x, dim=1)
        count = x.numel()
        total = x.sum().item()
        x.shape  # noqa: B018
        return {"largest": largest, "places": places, "scaled": x * total / count}


def test_several_outputs_are_shown_and_explained_each() -> None:
    debugger = record(Kinds(), torch.tensor([[1.0, 5.0], [7.0, 2.0]]))
    titles = [(shown.title, shown.output) for shown in debugger.tensors() if shown.output is not None]
    assert titles == [("output largest", 0), ("output places", 1), ("output scaled", 2)]
    debugger.goto("./max")
    assert [shown.title for shown in debugger.tensors()] == ["input", "output 0", "output 1"]
    debugger.show("output 1")
    assert debugger.output == 1
    debugger.explain_at([1])
    why = debugger.explanation()
    assert why is not None
    assert (why.output, why.actual) == (1, 0)
    assert not debugger.show_next()
    assert debugger.show_next(back=True)
    assert debugger.output == 0


def test_a_plain_number_is_explained_and_has_no_tensor() -> None:
    debugger = record(Kinds(), torch.tensor([[1.0, 5.0], [7.0, 2.0]]))
    debugger.goto("./item")
    assert debugger.at == ()
    why = debugger.explanation()
    assert why is not None
    assert why.actual == 15.0
    with pytest.raises(StepError, match=r"\./item gave no tensor"):
        debugger.explain_at([0])


def test_an_empty_tensor_has_nothing_to_explain() -> None:
    debugger = record(nn.ReLU(), torch.empty(0, 3))
    assert debugger.at is None
    assert debugger.explanation() is None
    with pytest.raises(StepError, match="Nothing is explained here"):
        debugger.follow()


class InPlace(nn.Module):
    """A write through a view, and a buffer that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        y[1].fill_(7.0)
        self.seen.add_(y)
        return y + 1


def test_a_number_is_followed_through_a_write_in_place() -> None:
    debugger = record(InPlace(), torch.tensor([1.0, 2.0, 3.0]))
    debugger.goto("./add")
    debugger.explain_at([1])
    assert "was made by ./fill_ " in debugger.follow(0)
    assert debugger.step.name == "./fill_"


def test_what_a_call_wrote_is_beside_what_it_was() -> None:
    debugger = record(InPlace(), torch.tensor([1.0, 2.0, 3.0]))
    debugger.goto("./add_")
    written = debugger.tensors()[0]
    assert written.role == "buffer"
    assert written.value.tensor().tolist() == [0.0, 0.0, 0.0]
    assert written.written is not None
    assert written.written.tensor().tolist() == [2.0, 7.0, 6.0]


class Stacked(nn.Module):
    """A module that is called twice, and attention with kernels inside."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.softmax(self.layer(self.layer(x)), dim=-1)


def test_an_opened_call_is_walked_and_closed() -> None:
    debugger = record(Stacked(), torch.ones(2, 4))
    debugger.goto("layer#2/linear")
    start = debugger.index
    inner = debugger.open()
    assert debugger.trace is inner
    assert debugger.index == 0
    assert len(inner.steps) > 1
    with pytest.raises(StepError, match="is open already"):
        debugger.open()
    assert debugger.step_in()
    assert debugger.step.kind == "kernel"
    assert debugger.return_()
    assert (debugger.trace is debugger.run, debugger.index) == (True, start)
    debugger.open()
    assert debugger.return_(back=True)
    assert debugger.index == start
    assert not debugger.close()


def test_an_opened_call_is_looked_at_where_the_call_was() -> None:
    debugger = record(Stacked(), torch.ones(2, 4))
    debugger.goto("layer/linear")
    debugger.point((1, 2))
    debugger.open()
    assert debugger.at == (1, 2)


def test_a_factor_inside_an_opened_call_leads_out_of_it() -> None:
    debugger = record(Stacked(), torch.ones(2, 4))
    debugger.goto("layer#2/linear")
    debugger.open()
    kernel = next(step for step in debugger.trace.steps if step.op.startswith(("aten::addmm", "aten.addmm", "aten::mm")))
    debugger.goto(kernel.index)
    said = debugger.why(debugger.tensors()[1].title, [0, 0])
    assert "was made by" in said
    while debugger.opened:
        said = debugger.why(debugger.tensors()[0].title, [0] * len(debugger.tensors()[0].value.shape))
    assert debugger.step.name == "layer/linear"
    assert debugger.unfollow()
    assert debugger.opened


def test_goto_leads_out_of_an_opened_call() -> None:
    debugger = record(Stacked(), torch.ones(2, 4))
    debugger.goto("layer/linear")
    debugger.open()
    debugger.goto("./softmax")
    assert not debugger.opened
    assert debugger.unfollow()
    assert debugger.opened


def test_a_kernel_cannot_be_opened() -> None:
    debugger = simple_ann()
    debugger.goto("./relu")
    debugger.open()
    debugger.step_in()
    with pytest.raises(StepError, match="there is nothing inside it to open"):
        debugger.open()


def test_the_crash_is_the_last_step_and_is_continued_to() -> None:
    model = nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5))
    debugger = record(model, torch.ones(1, 10))
    assert debugger.continue_() is None
    assert debugger.step.name == "1/linear"
    assert debugger.step.error is not None
    assert debugger.at is None
    assert debugger.explanation() is None
    failure = debugger.failure()
    assert failure is not None
    assert "20" in str(failure.rows)
    assert not debugger.step_in()
    assert debugger.mark(debugger.index) == "error"


def test_titles_targets_and_roles_of_a_layer() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    assert [(shown.title, shown.role, shown.target) for shown in debugger.tensors()] == [
        ("input", "input", "x"), ("weight", "weight", "fc1.weight"), ("bias", "bias", "fc1.bias"), ("output", "output", "fc1/linear"),
    ]  # fmt: skip
    debugger.goto("fc1")
    assert [(shown.title, shown.role, shown.target) for shown in debugger.tensors()] == [
        ("input", "input", "x"), ("weight", "weight", "fc1.weight"), ("bias", "bias", "fc1.bias"), ("output", "output", "fc1"),
    ]  # fmt: skip


def test_a_list_of_inputs_is_named_by_place() -> None:
    debugger = record(Joined(), torch.ones(2))
    debugger.goto("./cat")
    assert [shown.title for shown in debugger.tensors()] == ["tensors[0]", "tensors[1]", "output"]
    assert debugger.why("tensors[1]", [0]).startswith("tensors[1][0] = 2 was made by ./mul")


class Joined(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x * 2])


def test_buffers_are_buffers() -> None:
    debugger = record(nn.BatchNorm1d(3), torch.randn(4, 3))
    roles = {shown.title: shown.role for shown in debugger.tensors()}
    assert (roles["running_mean"], roles["weight"], roles["bias"]) == ("buffer", "weight", "bias")
    written = {shown.title for shown in debugger.tensors() if shown.written is not None}
    assert {"running_mean", "running_var", "num_batches_tracked"} <= written


def test_a_tensor_is_shown_by_name_from_anywhere() -> None:
    debugger = simple_ann()
    shown = debugger.show("fc2.weight", (0, None))
    assert (debugger.step.name, shown.title, debugger.place.plane) == ("fc2", "weight", (0, None))
    assert debugger.show("x").value.shape == (2,)
    assert debugger.index == 0
    assert debugger.show("./relu").role == "output"
    assert [debugger.step.name for _ in range(3) if debugger.unfollow()] == [".", "fc2", "."]
    with pytest.raises(StepError, match=r"There is no tensor called 'fc2.wait'; did you mean 'fc2.weight'\?"):
        debugger.show("fc2.wait")


def test_a_parameter_that_a_function_reads_is_found() -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return functional.linear(x, self.fc.weight)

    debugger = record(Functional(), torch.ones(2))
    debugger.show("fc.weight")
    assert (debugger.step.name, debugger.shown.title) == ("./linear", "weight")  # type: ignore[union-attr]


def test_slices_and_cells_of_a_larger_tensor() -> None:
    debugger = record(nn.ReLU(), torch.randn(2, 3, 4, 5))
    assert debugger.place.plane == (0, 0, None, None)
    assert debugger.slice_next()
    assert debugger.place.plane == (0, 1, None, None)
    debugger.point((1, 2, 3, -1))
    assert (debugger.at, debugger.place.plane) == ((1, 2, 3, 4), (1, 2, None, None))
    assert not debugger.slice_next()
    with pytest.raises(StepError, match="there is no element"):
        debugger.point((2, 0, 0, 0))
    debugger.show("", (None, 1, 2, None))
    assert debugger.place.plane == (None, 1, 2, None)


def test_the_first_run_stays_as_it_was() -> None:
    torch.manual_seed(1)
    model = SimpleANN()
    trace = neurontui.trace(model, torch.tensor([1.0, 2.0]))
    steps = trace.steps
    debugger = Debugger(trace)
    debugger.set("fc1.weight", [0, 1], 2)
    assert debugger.runs[0].trace is trace
    assert trace.steps is steps
    assert model.fc1.weight[0, 1].item() != 2


def test_a_parameter_in_a_list_is_called_by_its_own_name_and_followed_by_it() -> None:
    debugger = record(nn.LSTM(2, 3, batch_first=True), torch.randn(1, 4, 2))
    debugger.goto("lstm")
    titles = [shown.title for shown in debugger.tensors()]
    assert {"weight_ih_l0", "bias_hh_l0"} <= set(titles)
    assert not any(title.startswith("params[") for title in titles)
    debugger.explain_at([0, 2, 1])
    whole = debugger.explanation()
    assert whole is not None
    debugger.look_at_stage(next(place for place, stage in enumerate(whole.stages) if stage.title == "input gate, sum"))
    assert "is the parameter weight_ih_l0[1, 0]" in debugger.follow(0, "weight_ih_l0")
    assert debugger.shown is not None
    assert debugger.shown.title == "weight_ih_l0"


def test_two_parameters_of_one_name_in_a_list_keep_their_places() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.a.weight, self.b.weight]) @ x

    debugger = record(Both(), torch.ones(2))
    debugger.goto("cat")
    assert [shown.title for shown in debugger.tensors()] == ["tensors[0]", "tensors[1]", "output"]
