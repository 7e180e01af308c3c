"""What a forward does to its own model: recorded as it is, and undone where that is asked for."""

from __future__ import annotations

import copy
import io
import threading
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui


class Net(nn.Module):
    """A model whose forward is the function it is given."""

    def __init__(self, body) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.body = body

    def forward(self, x):
        return self.body(self, x)


def hooks_of(model: nn.Module) -> int:
    return sum(len(table) for module in model.modules() for name, table in vars(module).items() if "hooks" in name and table)


def test_a_copy_made_in_the_forward_is_recorded_and_has_no_hooks_left():
    made = []

    def body(self, x):
        made.extend([copy.deepcopy(self.fc), copy.deepcopy(nn.Sequential(self.fc))])
        return made[-2](x) + self.fc(x)

    model = Net(body)
    x = torch.randn(2, 3)
    expected = model(x)
    trace = neurontui.trace(model, x)
    assert trace.error is None
    assert not trace.notes
    assert torch.equal(trace.output, expected)
    assert [step.op for step in trace.steps].count("torch.nn.Linear") == 2
    assert [hooks_of(copied) for copied in made] == [0] * 4
    assert hooks_of(model) == 0


def test_a_module_saved_in_the_forward_has_idle_hooks():
    def body(self, x):
        file = io.BytesIO()
        torch.save(self.fc, file)
        file.seek(0)
        return torch.load(file, weights_only=False)(x)

    model = Net(body)
    x = torch.randn(2, 3)
    assert torch.equal(neurontui.trace(model, x).output, model(x))


@pytest.fixture
def patched(monkeypatch):
    relu, matmul = F.relu, Tensor.matmul
    monkeypatch.setattr(F, "relu", lambda x, inplace=False: relu(x, inplace) * 10)
    monkeypatch.setattr(Tensor, "matmul", lambda x, other: matmul(x, other) * 3)


def test_replaced_functions_run_once(patched):
    model = Net(lambda self, x: F.relu(self.fc(x)).matmul(torch.ones(4, 2)))
    x = torch.randn(2, 3)
    trace = neurontui.trace(model, x)
    assert torch.equal(trace.output, model(x))
    assert next(step.name for step in trace.steps if step.path == "." and step.kind == "function") == "./relu"


def replace_parameter(self, x):
    self.fc.weight = nn.Parameter(self.fc.weight.detach() * 2)
    return self.fc(x)


def write_by_numpy(self, x):
    self.fc.weight.detach().numpy()[0, 0] = 7
    return self.fc(x)


def replace_module(self, x):
    self.fc = nn.Linear(3, 4)
    return self.fc(x)


def delete_module(self, x):
    y = self.fc(x)
    del self.fc
    return y


def add_parts(self, x):
    self.register_buffer("late", x.mean(0))
    self.register_parameter("scale", nn.Parameter(torch.ones(3)))
    self.add_module("more", nn.ReLU())
    return self.more(self.fc(x * self.scale + self.late))


def add_hook(self, x):
    self.fc.register_forward_hook(lambda module, args, output: output + 1)
    return self.fc(x)


def go_backward(self, x):
    self.fc(x).sum().backward()
    return self.fc.weight.grad.clone()


FORWARDS = [replace_parameter, write_by_numpy, replace_module, delete_module, add_parts, add_hook, go_backward]


@pytest.mark.parametrize("with_gradient", [False, True])
@pytest.mark.parametrize("body", FORWARDS, ids=lambda body: body.__name__)
def test_restored(body, with_gradient):
    model = Net(body)
    if with_gradient:
        model.fc(torch.ones(1, 3)).sum().backward()
    held = dict(model.named_parameters())
    before = {name: parameter.detach().clone() for name, parameter in held.items()}
    gradients = {name: None if parameter.grad is None else parameter.grad.clone() for name, parameter in held.items()}
    assert neurontui.trace(model, torch.randn(2, 3), restore=True).error is None
    after = dict(model.named_parameters())
    assert list(after) == list(held)
    assert all(after[name] is held[name] for name in held)
    assert all(torch.equal(after[name], before[name]) for name in held)
    for name, gradient in gradients.items():
        assert after[name].grad is None if gradient is None else torch.equal(after[name].grad, gradient)
    assert hooks_of(model) == 0
    assert dict(model.named_buffers()) == {}
    assert list(model._modules) == ["fc"]


def test_an_expanded_tensor_takes_the_memory_of_its_numbers(tmp_path):
    """A clone of the input, or of what is made of it, would take 12 GB."""
    model = Net(lambda self, x: x.expand(10**9, 3)[5:7] + (x * 2).expand(10**9, 3)[:2])
    x = torch.randn(3)
    trace = neurontui.trace(model, x)
    assert trace.step("./expand").output.tensor().untyped_storage().nbytes() == 12
    neurontui.save(trace, tmp_path / "x.safetensors")
    assert (tmp_path / "x.safetensors").stat().st_size < 100_000
    assert neurontui.load(tmp_path / "x.safetensors").step("./expand").output.shape == (10**9, 3)


def test_the_shape_of_a_lazy_parameter_when_it_gets_one():
    trace = neurontui.trace(nn.LazyLinear(4), torch.randn(2, 3))
    values = [value for step in trace.steps for _, value in neurontui.records.leaves(step.output)]
    assert all(tuple(value.tensor().shape) == value.shape for value in values)


def test_a_slip_in_an_edits_target_gets_the_nearest():
    trace = neurontui.trace(Net(lambda self, x: self.fc(x)), torch.ones(2, 3))
    with pytest.raises(neurontui.errors.EditError, match=r"called 'fc\.weigth' to set; did you mean 'fc\.weight'\?"):
        neurontui.edit(trace, "fc.weigth", (0, 0), 1.0)


def test_threads_that_record_one_model_do_not_meet():
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    inputs = [torch.randn(2, 3) for _ in range(24)]
    expected = [model(x) for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        traces = list(pool.map(lambda x: neurontui.trace(model, x), inputs))
    assert all(torch.equal(trace.output, output) for trace, output in zip(traces, expected, strict=True))
    assert {tuple(step.name for step in trace.steps) for trace in traces} == {(".", "0", "0/linear", "1", "1/relu", "2", "2/linear")}
    assert hooks_of(model) == 0


def test_a_hook_that_torch_calls_for_another_recording_leaves_it_alone():
    class Peeks(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 3)

        def forward(self, x):
            with ThreadPoolExecutor(1) as pool:  # as torch does for a thread that listed the hooks while another recording came or went
                for hook in list(self.fc._forward_pre_hooks.values()):
                    assert pool.submit(hook, self.fc, (x,)).result() is None
            return self.fc(x)

    trace = neurontui.trace(Peeks(), torch.ones(2, 3))
    assert trace.error is None
    assert [step.name for step in trace.steps] == [".", "fc", "fc/linear"]


def test_another_thread_that_runs_the_model_for_itself_is_no_part_of_the_recording():
    entered, go_on = threading.Event(), threading.Event()

    class Gate(nn.Module):
        def forward(self, x):
            if threading.current_thread() is earlier:
                entered.set()
                go_on.wait(10)
            elif threading.current_thread() is threading.main_thread():
                go_on.set()
                earlier.join(10)
                later.start()
                later.join(10)
            return x

    model = nn.Sequential(nn.Linear(3, 3), Gate(), nn.Linear(3, 3))
    earlier = threading.Thread(target=model, args=(torch.ones(3),))  # within its call when the recording begins
    later = threading.Thread(target=model, args=(torch.ones(3),))
    earlier.start()
    entered.wait(10)
    trace = neurontui.trace(model, torch.ones(3))
    assert [step.name for step in trace.steps] == [".", "0", "0/linear", "1", "2", "2/linear"]


class Remembering(nn.Module):
    """What a cache may be: rebound, or grown in place; under a private name, and one inside another."""

    def __init__(self):
        super().__init__()
        self._last = None
        self.calls, self.layers, self.seen = [], {"k": []}, set()
        self.recent, self.named = deque(maxlen=2), OrderedDict(first=0)

    def forward(self, x):
        self._last = self._new = x
        self.calls.append(x)
        self.layers["k"].append(x)
        self.layers["v"] = [x]
        self.seen.add(len(self.calls))
        self.recent.append(x)
        self.named["second"] = self.named.pop("first")
        return torch.cat(self.layers["k"])


def test_what_a_model_remembers_is_restored():
    model, x = Remembering(), torch.ones(2)
    calls = model.calls
    trace = neurontui.trace(model, x, restore=True)
    assert model.calls is calls
    assert (model._last, model.calls, model.layers, model.seen) == (None, [], {"k": []}, set())
    assert (list(model.recent), list(model.named.items()), hasattr(model, "_new")) == ([], [("first", 0)], False)
    assert torch.equal(neurontui.edit(trace, "x", 0, 1.0).output, trace.output)
    assert neurontui.trace(model, x).output.shape == (2,)
    assert len(model.calls) == len(model.layers["k"]) == 1  # not asked to restore, it stays as a plain call leaves it


def test_a_lazy_model_draws_its_first_numbers_as_untraced():
    def make():
        return nn.Sequential(nn.LazyLinear(4), nn.Dropout(), nn.LazyLinear(2))

    x = torch.randn(3, 5)
    torch.manual_seed(3)
    plain = make()(x)
    trace = neurontui.trace(make(), x, seed=3)
    assert torch.equal(trace.output, plain)
    why = neurontui.explain(trace, "2", at=(0, 0))
    assert why.agrees
    assert {factor.origin.kind for term in why.terms for factor in term.factors} == {"step", "parameter"}


def test_a_lazy_model_that_was_recorded_runs_again():
    model = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d(affine=False), nn.Flatten(), nn.LazyLinear(2))
    x = torch.randn(3, 5)
    first = neurontui.trace(model, x, restore=True)
    assert first.error is None
    assert hooks_of(model) == 0
    again = neurontui.edit(first, "input", (0, 0), x[0, 0].item())
    assert torch.equal(again.output, first.output)
    assert [step.name for step in again.steps] == [step.name for step in first.steps], "its first numbers are no steps"
    assert torch.equal(neurontui.trace(model, x, restore=True).output, first.output)
    assert torch.equal(model(x), first.output)
