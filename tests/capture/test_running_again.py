"""Opening a call, running a call again, edits and replays on a copy, and record()."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict, UserDict
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from odd_models import MODELS
from torch import Tensor, nn

import neurontui
from neurontui.capture import call_again, kernels, replay
from neurontui.errors import EditError, StepError
from neurontui.records import Edit, leaves


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))


# ---- expand -----------------------------------------------------------------------------------------------------------


def test_a_function_opens_into_kernels() -> None:
    trace = neurontui.trace(net(), torch.ones(2, 3))
    inner = neurontui.expand(trace, "0/linear")
    assert inner.outer == (trace, trace.step("0/linear").index)
    assert [step.kind for step in inner.steps] == ["function", "kernel", "kernel"]
    assert [step.label for step in inner.steps] == ["linear", "t", "addmm"]
    assert inner.steps[0].name == "0/linear"
    assert inner.steps[-1].op == "aten.addmm.default"
    assert torch.equal(inner.output, trace.step("0/linear").output.tensor())


@pytest.mark.parametrize("helped", [True, False])
def test_a_python_function_opens_into_functions(helped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not helped:  # by a torch that has no redispatch_function
        monkeypatch.setattr(kernels, "_redispatch", None)
    attention = nn.MultiheadAttention(4, 2, dropout=0.5)
    x = torch.randn(3, 2, 4)
    trace = neurontui.trace(attention, x, x, x, seed=3)
    inner = neurontui.expand(trace, "./multi_head_attention_forward")
    functions = [step.label for step in inner.steps if step.kind == "function"]
    assert {"linear", "bmm", "softmax", "dropout"} <= set(functions)
    assert any(step.kind == "kernel" and step.label == "_softmax" for step in inner.steps)
    assert torch.equal(inner.output[0], trace.output[0])  # the dropped scores are the same ones


def test_without_torchs_help_a_function_that_asks_elsewhere_opens_into_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_redispatch", None)
    inner = neurontui.expand(neurontui.trace(nn.MaxPool2d(2), torch.ones(1, 4, 4)), "./max_pool2d")
    assert [step.kind for step in inner.steps] == ["function", "kernel"]


class Curved(nn.Module):
    def forward(self, x: Tensor) -> Any:
        return torch.func.hessian(lambda v: (v**3).sum())(x)


@pytest.mark.filterwarnings("ignore:.*jit.*:Warning")  # torch's own, where it prepares for derivatives of derivatives
def test_what_is_below_autograd_without_memory_is_recorded_too() -> None:
    trace = neurontui.trace(Curved(), torch.tensor([1.0, 2.0]))
    inner = neurontui.expand(trace, ".")
    assert "_efficientzerotensor" in [step.label for step in inner.steps]
    assert inner.output.tolist() == [[6, 0], [0, 12]]


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(2, 2), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


def test_what_is_in_an_opened_module_has_its_own_lines() -> None:
    outer = nn.Sequential()
    outer.add_module("i", Inner())
    inner = neurontui.expand(neurontui.trace(outer, torch.ones(1, 2)), "i")
    lines = {step.name: "" if step.source is None else step.source.text.strip() for step in inner.steps[1:]}
    assert {text for name, text in lines.items() if name.startswith("i.a")} == {"self.a(x)"}
    assert {text for name, text in lines.items() if name.startswith("i.b")} == {"self.b(x)"}
    assert len(lines) >= 4


def test_fused_recurrent_layers_open() -> None:
    trace = neurontui.trace(nn.LSTM(3, 4), torch.randn(2, 1, 3))
    inner = neurontui.expand(trace, "./lstm")
    assert inner.error is None
    assert len(inner.steps) > 5
    assert torch.equal(inner.output[0], trace.output[0])


def test_a_module_opens_and_stays_as_it_was() -> None:
    model = net()
    trace = neurontui.trace(model, torch.randn(4, 3))
    left = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    inner = neurontui.expand(trace, ".")
    assert torch.equal(inner.output, trace.output)
    assert all(torch.equal(left[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert inner.steps[0].kind == "module"
    assert [step.name for step in inner.steps if step.kind == "module"] == [step.name for step in trace.steps if step.kind == "module"]
    written = inner.step("1").writes["running_mean"].tensor()
    assert torch.equal(written, trace.step("1").writes["running_mean"].tensor())


def test_the_users_hooks_make_of_arguments_what_they_made_before() -> None:
    layer = nn.Linear(3, 2)
    layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    trace = neurontui.trace(layer, torch.ones(1, 3))
    inner = neurontui.expand(trace, ".")
    assert torch.equal(inner.output, trace.output)
    assert inner.notes == ()


def test_kernels_know_what_they_drew() -> None:
    trace = neurontui.trace(lambda x: x + torch.rand(3) + F.dropout(x, 0.5), torch.ones(3), seed=1)
    inner = [neurontui.expand(trace, step.index) for step in trace.steps if step.kind == "function" and step.random_state is not None]
    kernels = [step for opened in inner for step in opened.steps if step.kind == "kernel" and step.label in ("rand", "bernoulli_")]
    assert len(kernels) == 2
    assert all(step.random_state is not None for step in kernels)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("step", [".", "1", "3"])
def test_a_module_opens_and_is_edited_in_the_mode_that_it_ran_in(step: str, asked: bool) -> None:
    model = net().train(asked)
    trace = neurontui.trace(model, torch.randn(4, 3), training=False) if asked else neurontui.trace(model, torch.randn(4, 3))
    model.train()
    inner = neurontui.expand(trace, step)
    assert {one.training for one in inner.steps} == {False}
    assert torch.equal(inner.steps[0].output.tensor(), trace.step(step).output.tensor())
    assert model[1].training
    again = neurontui.edit(trace, "0.weight", (0, 0), model[0].weight[0, 0].item())
    assert torch.equal(again.output, trace.output)


def test_a_call_that_gives_something_else_when_it_is_opened_says_so() -> None:
    calls: list[int] = []

    class Counting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            calls.append(1)
            return x * len(calls)

    inner = neurontui.expand(neurontui.trace(Counting(), torch.ones(2)), ".")
    assert any("other numbers than were recorded" in note for note in inner.notes)


def test_memory_that_is_filled_without_a_kernel_is_read_when_it_is_filled() -> None:
    """The lengths of padded sequences: C++ writes them one by one where `empty` made room."""

    def body(x: Tensor) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(x, [3, 2], batch_first=True)
        return nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)

    inner = neurontui.expand(neurontui.trace(body, torch.ones(2, 3, 1)), "./_pad_packed_sequence")
    assert inner.steps[0].output[1].tensor().tolist() == [3, 2]
    assert inner.notes == ()


def test_a_failing_call_opens() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 5)), torch.ones(1, 3))
    inner = neurontui.expand(trace, -1)
    assert isinstance(inner.error, RuntimeError)
    assert inner.steps[0].error is inner.error


def test_a_kernel_does_not_open() -> None:
    inner = neurontui.expand(neurontui.trace(nn.Linear(2, 2), torch.ones(2)), "./linear")
    with pytest.raises(StepError, match="is a kernel"):
        neurontui.expand(inner, inner.steps[-1].index)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_every_function_of_the_odd_models_opens(name: str) -> None:
    """Opened, a call gives bit-equal numbers, except under transforms, whose wrappers are gone."""
    torch.manual_seed(0)
    model, args, kwargs = MODELS[name]()
    trace = neurontui.trace(model, *args, kwargs=kwargs, copy_parameters=True)
    for step in [step for step in trace.steps if step.kind == "function"][:12]:
        if step.note or step.error is not None or step.label in ("set_", "resize_", "data", "grad", "as_tensor"):
            continue
        inner = neurontui.expand(trace, step.index)
        if inner.error is not None:
            raise inner.error
        assert not inner.notes
        outer, opened = list(leaves(step.output)), list(leaves(inner.steps[0].output))
        assert len(outer) == len(opened)
        for (_, left), (_, right) in zip(outer, opened, strict=True):
            if left.shape == right.shape and not left.dtype.is_complex and left.tensor().layout == torch.strided:
                if step.label in ("empty", "empty_like", "new_empty") or left.tensor().is_quantized or left.tensor().is_nested:
                    continue
                left_data, right_data = left.tensor(), right.tensor()
                assert left_data.dtype == right_data.dtype
                assert torch.equal(left_data.double().nan_to_num(7), right_data.double().nan_to_num(7)), step.name


@pytest.mark.filterwarnings("ignore")
def test_a_scripted_module_opens_with_its_dropout() -> None:
    model = nn.Sequential(torch.jit.script(nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5))), nn.ReLU())
    trace = neurontui.trace(model, torch.ones(4, 3))
    inner = neurontui.expand(trace, "0")
    assert [step.label for step in inner.steps if step.kind == "kernel"]
    assert torch.equal(inner.output, trace.step("0").output.tensor())


def test_a_recording_inside_a_recording() -> None:
    inner: list[neurontui.Trace] = []

    class Nested(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            inner.append(neurontui.trace(self.fc, x))
            return inner[-1].output + 1

    model = Nested()
    trace = neurontui.trace(model, torch.ones(3))
    assert trace.error is None
    assert [step.name for step in inner[0].steps] == [".", "./linear"]
    assert [step.name for step in trace.steps] == [".", "fc", "fc/linear", "./add"]
    assert not model.fc._forward_hooks


# ---- call_again -------------------------------------------------------------------------------------------------------


def test_a_dropouts_mask_is_exact() -> None:
    """Run again on ones with the same strides, the same elements are dropped."""
    trace = neurontui.trace(lambda x: F.dropout(x.t(), 0.5), torch.randn(40, 30))
    step = trace.step("./dropout")
    value = step.inputs["input"].tensor()
    state = torch.get_rng_state()
    mask = call_again(trace, step, (torch.ones_like(value), 0.5), {})
    assert torch.equal(mask * value, step.output.tensor())
    assert torch.equal(state, torch.get_rng_state())


def test_call_again_keeps_autocast_and_grad_mode() -> None:
    def body(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
            return F.linear(x, x)

    trace = neurontui.trace(body, torch.randn(3, 3, requires_grad=True))
    step = trace.step("./linear")
    assert step.autocast == "cpu:bfloat16"
    assert step.grad is False
    again = call_again(trace, step)
    assert again.dtype == torch.bfloat16
    assert torch.equal(again, step.output.tensor())
    leaf = step.inputs["input"].tensor().clone().requires_grad_()
    assert call_again(trace, step, (leaf, leaf), {}, grad=True).requires_grad
    assert torch.is_grad_enabled()


def test_an_own_generator_is_replaced() -> None:
    generator = torch.Generator().manual_seed(5)
    trace = neurontui.trace(lambda x: x + torch.rand(3, generator=generator), torch.zeros(3))
    left = generator.get_state()
    step = trace.step("./rand")
    assert torch.equal(call_again(trace, step), step.output.tensor())
    assert torch.equal(generator.get_state(), left)


# ---- edit and replay --------------------------------------------------------------------------------------------------


def test_an_edit_changes_one_number_of_a_copy() -> None:
    model = net()
    x = torch.randn(4, 3)
    trace = neurontui.trace(model, x)
    left = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    alive = int(trace.step("3").output.tensor().abs().sum(0).argmax())
    edited = neurontui.edit(trace, "4.weight", (0, alive), 2.0)
    assert all(torch.equal(left[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert edited.run.edits == (edited.run.edits[0],)
    assert edited.step("4").params["weight"].tensor()[0, alive] == 2
    assert torch.equal(edited.step("3").output.tensor(), trace.step("3").output.tensor())  # the mask is held
    assert torch.equal(edited.output[:, 1], trace.output[:, 1])
    assert not torch.equal(edited.output[:, 0], trace.output[:, 0])
    assert edited.steps[0].frame == trace.steps[0].frame


def test_a_replay_starts_from_what_was() -> None:
    """Running statistics had moved on; the replay sees them as the first run saw them."""
    model, x = net(), torch.randn(4, 3)
    trace = neurontui.trace(model, x)
    again = replay(trace)
    assert torch.equal(again.output, trace.output)
    assert torch.equal(again.step("1").params["running_mean"].tensor(), trace.step("1").params["running_mean"].tensor())
    x.zero_()
    assert torch.equal(replay(trace).output, trace.output)


class Substituting(nn.Module):
    """Its weights are exchanged or written by its own forward before the layer runs."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.uncalled = nn.BatchNorm1d(2)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.func.functional_call(self.layer, {"weight": self.layer.weight * 2}, (x,))
        with torch.no_grad():
            self.layer.bias.mul_(0.5)
            self.uncalled.running_mean.add_(1)
        return y + self.layer(x) + self.uncalled.running_mean


@pytest.mark.parametrize("restore", [False, True])
def test_a_replay_starts_from_what_was_where_the_forward_itself_changes_it(restore: bool) -> None:
    trace = neurontui.trace(Substituting(), torch.ones(2), restore=restore)
    again = replay(trace)
    assert torch.equal(again.output, trace.output)
    assert torch.equal(again.step("layer").params["weight"].tensor(), trace.step("layer").params["weight"].tensor())
    for name in (".", "layer", "layer#2"):
        assert torch.equal(neurontui.expand(trace, name).output, trace.step(name).output.tensor())


class Batch:
    """An object of the user's, with tensors in it and a method."""

    def __init__(self, x: Tensor) -> None:
        self.x, self.scale = [x], 3

    def scaled(self) -> Tensor:
        return self.x[0] * self.scale


class Named(UserDict[str, Tensor]):
    """A mapping whose items are attributes, too, as those of transformers are."""

    def __getattr__(self, name: str) -> Tensor:
        return self.data[name]


@dataclass
class Found(OrderedDict[str, Tensor]):
    first: Tensor
    second: Tensor

    def __post_init__(self) -> None:
        self.update(first=self.first, second=self.second)


class Inside(nn.Module):
    def forward(self, batch: Batch, named: Named) -> Found:
        return Found(batch.scaled() * 2, named.x + 1)


class Outside(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inside = Inside()

    def forward(self, batch: Batch, named: Named) -> Tensor:
        found = self.inside(batch, named)
        return found.first + found["second"]


def test_objects_are_given_again_as_what_they_were() -> None:
    trace = neurontui.trace(Outside(), Batch(torch.ones(2)), Named(x=torch.ones(2)))
    assert trace.output.tolist() == [8, 8]
    assert neurontui.edit(trace, "batch.x[0]", 0, 2).output.tolist() == [14, 8]
    assert neurontui.edit(trace, "named['x']", 0, 2).output.tolist() == [9, 8]
    assert neurontui.edit(trace, "inside", 0, 0).output.tolist() == [2, 8]
    assert neurontui.edit(trace, "inside:1", 0, 0).output.tolist() == [6, 8]
    for name in (".", "inside"):
        inner = neurontui.expand(trace, name)
        assert inner.error is None
        assert inner.notes == ()


class Cache:
    def __init__(self) -> None:
        self.held: list[Tensor] = []

    def add(self, x: Tensor) -> Tensor:
        self.held.append(x)
        return torch.cat(self.held)


def test_a_cache_that_the_forward_fills_is_empty_again_and_the_users_stays_as_it_is() -> None:
    cache = Cache()
    trace = neurontui.trace(lambda x, cache: cache.add(x * 1), torch.ones(2), cache)
    assert neurontui.edit(trace, "x", 0, 5).output.tolist() == [5, 1]
    assert neurontui.edit(trace, "x", 0, 6).output.tolist() == [6, 1]
    assert len(cache.held) == 1


def test_a_replay_runs_under_what_was_on_around_the_first_run() -> None:
    """A training loop's `with torch.autocast(…)` and `torch.no_grad()`; and what is on around the replay alone does not count."""
    model, x = nn.Linear(64, 4), torch.randn(2, 64)
    plain = neurontui.trace(model, x)
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        cast = neurontui.trace(model, x)
        assert torch.equal(replay(plain).output, plain.output)
        assert torch.equal(neurontui.expand(plain, "./linear").output, plain.output)
        assert neurontui.explain(plain, "./linear").agrees
    again = replay(cast)
    assert again.output.dtype == torch.bfloat16
    assert torch.equal(again.output, cast.output)
    assert not again.steps[0].grad


def test_masks_are_held_where_the_program_draws_more() -> None:
    def body(x: Tensor) -> Tensor:
        if x.sum() > 100:
            torch.rand(7)
        return F.dropout(x, 0.5)

    trace = neurontui.trace(body, torch.ones(50))
    edited = neurontui.edit(trace, "x", 0, 1000.0)
    assert len(edited.steps) > len(trace.steps)
    assert torch.equal(edited.output[1:], trace.output[1:])


def test_edits_of_inputs_buffers_and_outputs() -> None:
    trace = neurontui.trace(net(), torch.ones(4, 3), training=False)
    assert neurontui.edit(trace, "input", (0, 0), 9).steps[0].inputs["input"].tensor()[0, 0] == 9
    assert neurontui.edit(trace, "1.running_mean", 2, 9).step("1").params["running_mean"].tensor()[2] == 9
    edited = neurontui.edit(trace, "0/linear", (1, 1), 50)
    assert edited.step("0/linear").output.tensor()[1, 1] == 50
    assert edited.step("1").inputs["input"].tensor()[1, 1] == 50
    assert neurontui.edit(trace, "2", (1, 1), 50).step("3").inputs["input"].tensor()[1, 1] == 50
    twice = neurontui.edit(edited, "0/linear", (0, 0), 7)
    assert twice.step("0/linear").output.tensor()[[0, 1], [0, 1]].tolist() == [7, 50]


def test_calls_that_are_no_steps_do_not_count() -> None:
    """`x.type()` gives a word, `x.type(dtype)` a tensor: the edit of "./type" means the second."""

    def body(x: Tensor) -> Tensor:
        return x.type(torch.float64) + 1 if x.type() == "torch.FloatTensor" else x

    trace = neurontui.trace(body, torch.ones(2))
    assert neurontui.edit(trace, "./type", (0,), 5).output.tolist() == [6, 2]


def test_an_edit_runs_under_the_autocast_and_grad_mode_of_the_run() -> None:
    model = net()
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        trace = neurontui.trace(model, torch.randn(4, 3))
    again = neurontui.edit(trace, "0.weight", (0, 0), model[0].weight[0, 0].item())
    assert (again.output.dtype, again.steps[0].grad) == (torch.bfloat16, False)
    assert torch.equal(again.output, trace.output)
    assert torch.is_grad_enabled()
    assert not torch.is_autocast_enabled("cpu")


def test_edit_of_a_second_call() -> None:
    shared = nn.Linear(3, 3)
    trace = neurontui.trace(nn.Sequential(shared, shared), torch.ones(3))
    edited = neurontui.edit(trace, "0#2", (1,), 5)
    assert edited.output[1] == 5
    assert torch.equal(edited.step("0").output.tensor(), trace.step("0").output.tensor())


def test_edit_of_a_second_output() -> None:
    trace = neurontui.trace(nn.LSTM(3, 4), torch.randn(2, 1, 3))
    edited = neurontui.edit(trace, "./lstm:1", (0, 0, 2), 5.0)
    assert edited.output[1][0][0, 0, 2] == 5
    assert torch.equal(edited.output[0], trace.output[0])


def test_seed_and_mode_of_a_replay() -> None:
    trace = neurontui.trace(net(), torch.randn(20, 3), seed=1)
    assert not torch.equal(replay(trace, seed=2).output, trace.output)
    evaluated = replay(trace, training=False)
    assert evaluated.run.training is False
    assert evaluated.step("3").training is False
    assert replay(evaluated).run.training is False
    assert replay(evaluated, training=None).step("3").training is True


@pytest.mark.parametrize(
    ("target", "at", "number", "words"),
    [
        ("nothing", (0,), 1, "no parameter, buffer, input or step called 'nothing'"),
        ("0.weight", (9, 9), 1, "shape"),
        ("0.weight", (0,), 1, "one index for each dimension"),
        ("1.num_batches_tracked", (), 0.5, "whole number"),
        ("0.weight", (0, 0), "a", "cannot be set"),
        ("0/linear:3", (0, 0), 1, "no output 3"),
    ],
)
def test_what_cannot_be_edited(target: str, at: tuple[int, ...], number: Any, words: str) -> None:
    trace = neurontui.trace(net(), torch.ones(4, 3))
    with pytest.raises(EditError, match=words):
        neurontui.edit(trace, target, at, number)


def test_a_model_that_cannot_be_copied_says_so() -> None:
    model = nn.Linear(2, 2)
    model.lock = threading.Lock()
    trace = neurontui.trace(model, torch.ones(2))
    with pytest.raises(EditError, match="cannot be copied"):
        neurontui.edit(trace, "weight", (0, 0), 1.0)


def test_tensors_with_a_history_are_no_obstacle() -> None:
    model = nn.Linear(2, 2)
    model.cache = model.weight * 2
    trace = neurontui.trace(model, torch.ones(2))
    assert neurontui.edit(trace, "weight", (0, 0), 1.0).error is None


def test_a_replay_of_edits_given_at_once() -> None:
    trace = neurontui.trace(net(), torch.ones(4, 3))
    edited = replay(trace, edits=(Edit("0.bias", (0,), 1.0), Edit("4.bias", (1,), 2.0)))
    assert edited.step("0").params["bias"].tensor()[0] == 1
    assert edited.step("4").params["bias"].tensor()[1] == 2
    assert replay(edited, edits=()).run.edits == ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in MODELS if name != "exported" and not name.startswith("lazy")])
def test_the_odd_models_replay(name: str) -> None:
    """What a replay records is what was recorded, step for step."""
    if name == "in_many_threads":
        pytest.skip("its threads take turns as they like")
    torch.manual_seed(0)
    model, args, kwargs = MODELS[name]()
    trace = neurontui.trace(model, *args, kwargs=kwargs, restore=True, copy_parameters=True)
    again = replay(trace)
    if again.error is not None:
        raise again.error
    assert [step.name for step in again.steps][:40] == [step.name for step in trace.steps][:40]


# ---- record -----------------------------------------------------------------------------------------------------------


def test_record_takes_every_top_level_call() -> None:
    model, loss = net(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    plain = nn.Module.__call__
    with neurontui.record() as calls:
        for _ in range(3):
            optimizer.zero_grad()
            loss(model(torch.randn(4, 3)), torch.zeros(4, 2)).backward()
            optimizer.step()
    assert nn.Module.__call__ is plain
    assert [call.steps[0].label for call in calls] == ["Sequential", "MSELoss"] * 3
    first, second = calls[0].steps[0], calls[2].steps[0]
    assert first.source is not None
    assert first.source.text == "model(torch.randn(4, 3))"
    weights = [call.step("0").params["weight"].tensor() for call in calls[::2]]
    assert not torch.equal(weights[0], weights[1])  # copied, so each is what it was
    assert second.inputs["input"].shape == (4, 3)


def test_record_chooses_and_reports() -> None:
    model, seen = net(), []
    with neurontui.record(wanted=lambda number, model: number == 2, finished=lambda *row: seen.append(row)) as calls:
        for _ in range(3):
            model(torch.ones(2, 3))
    assert len(calls) == 1
    assert [row[0] for row in seen] == [1, 2, 3]
    assert [row[7] is not None for row in seen] == [False, True, False]
    assert all(isinstance(row[4], Tensor) and row[5] is None and row[6] > 0 for row in seen)


def test_record_lets_errors_through() -> None:
    seen: list[Any] = []
    with neurontui.record(finished=lambda *row: seen.append(row[5])) as calls, pytest.raises(RuntimeError, match="mat1 and mat2"):
        net()(torch.ones(2, 5))
    assert len(calls) == 1
    assert calls[0].error is seen[0]
    assert not nn.Linear(2, 2)._forward_hooks


def test_record_is_put_back_after_an_error_of_the_script() -> None:
    plain = nn.Module.__call__
    with pytest.raises(ZeroDivisionError), neurontui.record():
        1 / 0  # noqa: B018
    assert nn.Module.__call__ is plain


def test_opening_a_call_does_not_wait_for_torchs_compiler() -> None:
    """Torch imports it (over a second) at the first kernel that a dispatch mode sees, unless the mode says not to."""
    code = (
        "import sys, torch, neurontui; trace = neurontui.trace(torch.nn.Linear(2, 2), torch.ones(2)); "
        "assert any(step.kind == 'kernel' for step in neurontui.expand(trace, './linear').steps); print('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
