"""Where two runs first differ, by how much, and why."""

from __future__ import annotations

import copy
import dataclasses
import math
from pathlib import Path

import pytest
import torch
from torch import nn

import neurontui
from neurontui.comparison import changes, diff_weights, statuses, tensors
from neurontui.comparison.alignment import align
from neurontui.comparison.tensors import measure_distance, same_tensors
from neurontui.records import Trace
from neurontui.rendering.differences import change_words, plain_diff

NAN = math.nan


def make_model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Dropout(0.5), nn.Linear(3, 2))


def run(model: nn.Module, seed: int = 0, training: bool = False, x: torch.Tensor | None = None) -> Trace:
    return neurontui.trace(model, torch.ones(2, 4) if x is None else x, seed=seed, training=training, copy_parameters=True)


def test_two_runs_of_one_model_are_equal() -> None:
    model = make_model()
    found = neurontui.diff(run(model), run(model))
    assert found.equal
    assert found.first_divergence is None
    assert [row.status for row in found.changes] == ["equal"] * len(run(model).steps)
    assert found.notes == ()


class Allocating(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.empty(3).copy_(x)


def test_what_lies_in_memory_that_nobody_wrote_is_no_difference() -> None:
    one, other = (neurontui.trace(Allocating(), torch.ones(3)) for _ in range(2))
    for number, trace in enumerate((one, other)):
        trace.step("./empty").output.tensor().fill_(number)
    assert neurontui.diff(one, other).equal
    other.step("./copy_").output.tensor().fill_(5)
    found = neurontui.diff(one, other).first_divergence
    assert found is not None
    assert found.name == "./copy_"


def test_one_changed_weight_is_the_first_divergence() -> None:
    model = make_model()
    other = copy.deepcopy(model)
    with torch.no_grad():
        other[3].bias[1] = model[3].bias[1] + 0.5
    found = neurontui.diff(run(model), run(other))
    assert found.first_divergence is not None
    assert found.first_divergence.name == "3/linear"
    assert [row.name for row in found.changes if row.status == "changed"] == [".", "3", "3/linear"]
    (bias,) = found.parameters
    assert (bias.name, bias.maximum, bias.at, bias.differing) == ("3.bias", pytest.approx(0.5), (1,), 1)
    assert found.notes == ("3/linear is the first call that gives something else: its bias differs.",)
    assert found.outputs[0].status == "changed"


def test_another_setting_is_told_with_both_numbers() -> None:
    x = torch.randn(3, 4)
    found = neurontui.diff(neurontui.trace(torch.nn.LayerNorm(4), x), neurontui.trace(torch.nn.LayerNorm(4, eps=0.01), x))
    assert found.notes == ("./layer_norm is the first call that gives something else: its eps (1e-05 and 0.01) differs.",)


def test_what_a_person_set_is_the_reason() -> None:
    trace = neurontui.trace(lambda x: torch.aminmax(x, dim=0), torch.ones(1, 2))
    once = neurontui.edit(trace, "./aminmax:1", (0,), 5.0)
    twice = neurontui.edit(once, "./aminmax", (1,), -2.0)
    words = "./aminmax is the first call that gives something else: you set "
    assert neurontui.diff(trace, once).notes == (f"{words}./aminmax:1[0] to 5.0.",)
    assert neurontui.diff(trace, twice).notes == (f"{words}./aminmax:1[0] to 5.0 and ./aminmax[1] to -2.0.",)
    assert neurontui.diff(once, twice).notes == (f"{words}./aminmax[1] to -2.0.",)


def test_other_random_numbers_and_modes() -> None:
    model = make_model()
    x = torch.randn(8, 4)
    found = neurontui.diff(run(model, 0, True, x), run(model, 1, True, x))
    assert found.first_divergence is not None
    assert found.first_divergence.name == "2/dropout"
    assert found.notes == (
        "2/dropout is the first call that gives something else: its inputs are the same, and it drew other random numbers.",
    )
    modes = neurontui.diff(run(model, 0, True, x), run(model, 0, False, x))
    assert modes.notes[0] == "The first ran in train mode, the second in eval mode."


def test_running_statistics_speak_only_where_the_outputs_are_the_same() -> None:
    model, x = nn.BatchNorm1d(2), torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    first, second = neurontui.trace(model, x), neurontui.trace(model, x)
    row = neurontui.diff(first, second).changes[-1]
    assert (row.name, row.written) == ("./batch_norm", "running_mean")
    assert change_words(row).startswith("what it writes to running_mean differs by at most 0.3150 at [1]")
    row = neurontui.diff(second, neurontui.trace(model, x, training=False)).changes[-1]
    assert change_words(row).startswith("differs by at most 2.3595")  # of the output, though in eval mode nothing is written
    row = neurontui.diff(first, neurontui.trace(nn.BatchNorm1d(2, track_running_stats=False), x)).changes[-1]
    assert change_words(row) == "what it writes in place differs: running_mean, running_var and nothing"


def test_the_same_numbers_in_another_type_and_nan_on_one_side_are_told_in_words() -> None:
    x = torch.tensor([1.0, 2.0])
    (row,) = neurontui.diff(neurontui.trace(nn.Identity(), x), neurontui.trace(nn.Identity(), x.double())).inputs
    assert change_words(row) == "dtype differs: [2] float32 and [2] float64, every number is the same"
    (row,) = neurontui.diff(neurontui.trace(nn.Identity(), x), neurontui.trace(nn.Identity(), torch.tensor([1.5, math.nan]))).inputs
    assert change_words(row).startswith("differs with NaN in one alone at [1] (2.0000 and nan), in 2 elements")


def test_inputs_are_called_as_everywhere() -> None:
    def add(x: dict[str, torch.Tensor], y: torch.Tensor) -> torch.Tensor:
        return x["p"] + x["q"] + y

    one, two = torch.ones(1), torch.zeros(1)
    first, second = neurontui.trace(add, {"p": one, "q": one}, one), neurontui.trace(add, {"p": one, "q": two}, two)
    assert [row.name for row in neurontui.diff(first, second).inputs] == ["x[q]", "y"]


def test_a_missing_step_is_a_divergence() -> None:
    class Twice(nn.Module):
        def __init__(self, more: bool) -> None:
            super().__init__()
            self.more = more

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x + 1
            return torch.exp(x) if self.more else x

    found = neurontui.diff(run(Twice(False)), run(Twice(True)))
    assert [(row.name, row.status) for row in found.changes] == [(".", "changed"), ("./add", "equal"), ("./exp", "missing")]
    assert found.first_divergence is not None
    assert found.first_divergence.name == "./exp"


def test_shapes_and_errors() -> None:
    found = neurontui.diff(run(nn.Linear(4, 3)), run(nn.Linear(4, 5)))
    assert found.first_divergence is not None
    assert (found.first_divergence.note, found.first_divergence.shapes) == ("shape", ("[2, 3] float32", "[2, 5] float32"))
    assert {row.name: row.note for row in found.parameters} == {"weight": "shape", "bias": "shape"}
    broken = neurontui.diff(run(nn.Linear(4, 3)), run(nn.Linear(5, 3)))
    assert broken.first_divergence is not None
    assert broken.first_divergence.note == "error"
    assert any(note.startswith("Only the second stopped with an error: mat1") for note in broken.notes)


def test_two_models_without_a_common_name() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = make_model()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.body(x)
            return out

    found = neurontui.diff(run(make_model()), run(Named()))
    assert found.unrelated
    assert found.outputs[0].status == "equal"


def test_models_that_share_only_a_function_s_name_are_different_models() -> None:
    class One(nn.Module):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.add_module(name, nn.BatchNorm1d(4))
            self.name = name

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(getattr(self, self.name)(x))

    found = neurontui.diff(run(One("norm")), run(One("batch")))
    assert found.unrelated
    words = plain_diff(found)
    assert words[0].startswith("These are two different models")
    assert "parameters only in the first (2): norm.weight, norm.bias" in words
    assert "parameters only in the second (2): batch.weight, batch.bias" in words
    assert "buffers only in the second (3): batch.running_mean, batch.running_var, batch.num_batches_tracked" in words
    assert not any(line.startswith("step ") for line in words)
    assert not neurontui.diff(run(One("norm")), run(One("norm"))).unrelated


def test_buffers_are_no_parameters() -> None:
    model = nn.BatchNorm1d(4)
    before = neurontui.trace(model, torch.randn(3, 4), copy_parameters=True)
    found = neurontui.diff(before, neurontui.trace(model, torch.randn(3, 4)))
    assert not found.parameters
    assert [row.name for row in found.buffers] == ["running_mean", "running_var", "num_batches_tracked"]
    assert not dataclasses.replace(found, changes=(), inputs=(), outputs=()).equal
    stored = diff_weights({"a.weight": torch.ones(2), "a.running_mean": torch.ones(2)}, {"a.weight": torch.ones(2)})
    assert [row.name for row in stored.buffers] == ["a.running_mean"]


def test_statuses_are_those_of_the_measured_rows() -> None:
    model = make_model()
    runs = [run(model), run(model, 1, True), run(model, x=torch.full((2, 4), NAN)), run(model, x=torch.ones(1, 4)), run(nn.Linear(4, 3))]
    for one in runs:
        for other in runs:
            assert [(row.name, row.status) for row in statuses(one, other)] == [(row.name, row.status) for row in changes(one, other)]
    assert all(row.status == "equal" for row in statuses(runs[2], runs[2]))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.int64, torch.int8, torch.bool])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (0,)])
def test_small_and_large_tensors_are_measured_alike(dtype: torch.dtype, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    left = (torch.randn(shape, generator=generator) * 4).to(dtype)
    right = left.clone()
    for change in ((), (0,), (0, -1)):
        for place in change:
            if right.numel():
                right.reshape(-1)[place] = float(right.reshape(-1)[place] == 0) + 2 * (dtype != torch.bool)
        for special in (math.nan, math.inf, -0.0) if dtype.is_floating_point and right.numel() else (None,):
            if special is not None:
                left.reshape(-1)[-1] = right.reshape(-1)[0] = special
            small = measure_distance(left, right)
            monkeypatch.setattr(tensors, "SMALL", -1)
            large = measure_distance(left, right)
            monkeypatch.undo()
            assert str(small) == str(large)
            assert same_tensors(left, right) is (large.differing == 0)


def test_equal_checkpoints_have_no_steps_to_speak_of() -> None:
    same = {"a": torch.ones(2)}
    assert plain_diff(diff_weights(same, same)) == ["Every tensor is the same, in every bit."]


def test_saved_traces_compare_like_live_ones(tmp_path: Path) -> None:
    trace = run(make_model())
    neurontui.save(trace, tmp_path / "run.safetensors")
    assert neurontui.diff(trace, neurontui.load(tmp_path / "run.safetensors")).equal


def test_a_parameter_that_was_written_since_is_not_compared_wrongly() -> None:
    model = make_model()
    before = neurontui.trace(model.eval(), torch.ones(4))
    with torch.no_grad():
        model[0].weight += 1
    found = neurontui.diff(before, neurontui.trace(model, torch.ones(4)))
    row = next(row for row in found.parameters if row.name == "0.weight")
    assert row.status == "missing"
    assert "was changed after it was recorded" in row.note


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axc", [(0, 0), (1, None), (None, 1), (2, 2)]),
        ("ab", "ba", [(0, 1), (1, 0)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("ab", "", [(0, None), (1, None)]),
        ("abd", "acbe", [(0, 0), (None, 1), (1, 2), (2, None), (None, 3)]),
    ],
)
def test_alignment(left: str, right: str, expected: list[tuple[int | None, int | None]]) -> None:
    assert list(align(left, right)) == expected


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_units_in_the_last_place(dtype: torch.dtype) -> None:
    one = torch.tensor([1.0, -2.0, 0.0], dtype=dtype)
    up = (
        torch.nextafter(one, torch.full_like(one, math.inf))
        if dtype in (torch.float32, torch.float64)
        else one + one * torch.finfo(dtype).eps
    )
    assert measure_distance(one, up).ulps == 1
    assert measure_distance(one, one.clone()).ulps == 0


def test_numbers_that_are_none() -> None:
    one = torch.tensor([[1.0, math.nan, 0.0, math.inf]])
    assert measure_distance(one, torch.tensor([[1.0, math.nan, -0.0, math.inf]])).differing == 0
    lost = measure_distance(one, torch.tensor([[1.0, 2.0, 0.0, math.inf]]))
    assert (lost.differing, lost.at) == (1, (0, 1))
    assert math.isnan(lost.maximum)
    assert measure_distance(one, torch.tensor([[1.0, math.nan, 0.0, -math.inf]])).maximum == math.inf
    assert measure_distance(torch.tensor([1, 5]), torch.tensor([1.0, 5.5])).maximum == 0.5
    assert measure_distance(torch.tensor([True]), torch.tensor([False])).maximum == 1.0
    assert measure_distance(torch.empty(0), torch.empty(0)).differing == 0
    assert measure_distance(torch.tensor(2.0), torch.tensor(5.0)).at == ()
    assert measure_distance(torch.tensor([3 + 4j]), torch.tensor([0j])).maximum == 5.0
    assert measure_distance(torch.eye(2).to_sparse(), torch.zeros(2, 2)).differing == 2
