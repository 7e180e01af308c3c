"""Everything is left as it was: after exceptions at every call, interrupts, many recordings; and the user's memory is not touched."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
import tracemalloc
import warnings
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

import neurontui
from neurontui.capture import record_run
from neurontui.errors import CancelledError
from neurontui.records import Run


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.norm, self.drop, self.fc2 = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        armed[0] = True
        h = torch.relu(self.norm(self.fc1(x)))
        h[:, 0] = 0
        h = self.fc2(self.drop(h)) + x.sum()
        armed[0] = False
        return h


armed = [False]


class Raiser(TorchFunctionMode):
    """Raises at the k-th torch function of the forward. It lies below the recorder's mode, so that the recorded call itself raises."""

    def __init__(self, k: int, error: BaseException) -> None:
        super().__init__()
        self.left, self.error = k, error

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.left -= armed[0]
        if armed[0] and self.left == 0:
            raise self.error
        return func(*args, **(kwargs or {}))


def settings(model: nn.Module) -> list[Any]:
    found: list[Any] = [torch.is_grad_enabled(), torch.backends.mha.get_fastpath_enabled(), gc.isenabled(), nn.Module.__call__]
    found += [torch._C._len_torch_function_stack(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu")]
    for module in model.modules():
        found += [module.training, dict(module._forward_hooks), dict(module._forward_pre_hooks), dict(module._forward_hooks_always_called)]
        found += [dict(module._forward_hooks_with_kwargs), dict(module._forward_pre_hooks_with_kwargs), sorted(module.__dict__)]
    return found


def numbers(model: nn.Module) -> list[Any]:
    return [tensor.tolist() for tensor in model.state_dict().values()]


def count_functions(model: nn.Module, x: Tensor) -> int:
    counter = Raiser(10**9, RuntimeError())
    with counter:
        model(x)
    return 10**9 - counter.left


@pytest.mark.parametrize("error", [RuntimeError("the k-th"), KeyboardInterrupt(), SystemExit(3)])
def test_the_kth_call_raises(error: BaseException) -> None:
    torch.manual_seed(0)
    model, x = Small(), torch.randn(5, 3)
    total = count_functions(model, x)
    assert total >= 8
    for k in range(1, total + 1):
        before, left = settings(model), numbers(model)
        armed[0] = False
        with Raiser(k, error):
            if isinstance(error, KeyboardInterrupt):
                with pytest.raises(KeyboardInterrupt):
                    neurontui.trace(model, x, restore=True, training=True)
            else:
                trace = neurontui.trace(model, x, restore=True, training=True)
                assert trace.error is error
                assert trace.steps[-1].error is error
                assert trace.steps[0].error is error
                for step in trace.steps:
                    assert (step.error is error) == (step.end == len(trace.steps))
        assert settings(model) == before
        assert numbers(model) == left


def test_the_failing_call_has_its_inputs() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), torch.ones(1, 10))
    last = trace.steps[-1]
    assert isinstance(trace.error, RuntimeError)
    assert last.name == "1/linear"
    assert last.inputs["input"].shape == (1, 20)
    assert [step.name for step in trace.steps if step.error is trace.error] == [".", "1", "1/linear"]


def test_a_plain_raise_keeps_its_line() -> None:
    from neurontui.sources import find_error_lines

    class Refuses(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x + 1
            raise ValueError("no")  # this line
            return y

    trace = neurontui.trace(nn.Sequential(Refuses()), torch.ones(2))
    assert isinstance(trace.error, ValueError)
    assert [step.name for step in trace.steps] == [".", "0", "0/add"]
    assert trace.steps[1].error is trace.error
    assert trace.steps[2].error is None
    assert find_error_lines(trace.error)[-1].text.startswith("raise ValueError")


def test_missing_argument_is_an_error_of_the_module() -> None:
    trace = neurontui.trace(nn.Bilinear(2, 2, 2), torch.ones(2))
    assert isinstance(trace.error, TypeError)
    assert trace.steps[-1].name == "."
    assert trace.steps[-1].inputs["input1"].shape == (2,)


def test_users_memory_is_not_touched() -> None:
    """No alias is cut and no pointer moves, for inputs, parameters, buffers and what they are views of."""
    model = Small()
    held = np.arange(15, dtype=np.float32).reshape(5, 3)
    base = torch.from_numpy(held)
    x = base[:, :]
    weight_alias, mean_alias = model.fc1.weight.detach().numpy(), model.norm.running_mean.numpy()
    tensors = [x, base, *model.parameters(), *model.buffers()]
    pointers = [tensor.data_ptr() for tensor in tensors]
    trace = neurontui.trace(model, x)
    neurontui.trace(model, x, restore=True, copy_parameters=True)
    assert pointers == [tensor.data_ptr() for tensor in tensors]
    x[0, 0] = 99
    assert held[0, 0] == 99
    held[0, 1] = 98
    assert x[0, 1] == 98
    with torch.no_grad():
        model.fc1.weight[0, 0] = 97
        model.norm.running_mean[0] = 96
    assert weight_alias[0, 0] == 97
    assert mean_alias[0] == 96
    assert trace.step("fc1").inputs["input"].tensor()[0, 0] == 0


def test_an_alias_made_inside_stays_one() -> None:
    aliases = []

    def forward(x: Tensor) -> Tensor:
        h = x * 2
        aliases.append((h, h.numpy()))
        h.add_(1)
        return h.view(-1) + 1

    neurontui.trace(forward, torch.zeros(3))
    h, alias = aliases[0]
    assert alias.tolist() == [1, 1, 1]
    h.add_(1)
    assert alias.tolist() == [2, 2, 2]


def test_the_output_is_the_users() -> None:
    model = nn.Linear(2, 2)
    trace = neurontui.trace(model, torch.ones(2))
    recorded = trace.steps[0].output.tensor().tolist()
    trace.output.sum().backward()
    assert model.weight.grad is not None
    with torch.no_grad():
        trace.output.zero_()
    assert trace.steps[0].output.tensor().tolist() == recorded
    assert trace.steps[1].output.tensor().tolist() == recorded


def test_seed_gives_the_same_numbers() -> None:
    model, x = Small(), torch.ones(4, 3)
    traced = neurontui.trace(model, x, seed=7, restore=True).output
    torch.manual_seed(7)
    assert torch.equal(traced, model(x))


def test_random_state_only_where_numbers_were_drawn() -> None:
    trace = neurontui.trace(Small(), torch.ones(4, 3), seed=1)
    drew = [step.name for step in trace.steps if step.random_state is not None]
    assert drew == [".", "drop", "drop/dropout"]
    evaluated = neurontui.trace(Small(), torch.ones(4, 3), training=False)
    assert all(step.random_state is None for step in evaluated.steps)


def test_python_and_numpy_randomness_is_restored() -> None:
    def forward(x: Tensor) -> Tensor:
        return x + random.random() + float(np.random.rand()) + torch.rand(())

    random.seed(0)
    np.random.seed(0)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    neurontui.trace(forward, torch.ones(2), restore=True)
    assert random.getstate() == before[0]
    assert np.random.get_state()[1].tolist() == before[1]
    assert torch.equal(torch.get_rng_state(), before[2])


def test_training_is_put_back() -> None:
    model = Small()
    model.drop.eval()
    before = [module.training for module in model.modules()]
    trace = neurontui.trace(model, torch.ones(4, 3), training=False)
    assert trace.step("drop").training is False
    assert trace.step("norm").training is False
    assert [module.training for module in model.modules()] == before


def test_grad_mode() -> None:
    model = nn.Linear(2, 2)
    assert neurontui.trace(model, torch.ones(2)).output.requires_grad
    trace = neurontui.trace(model, torch.ones(2), grad=False)
    assert not trace.output.requires_grad
    assert not trace.steps[1].grad
    assert torch.is_grad_enabled()


def test_a_changed_parameter_says_so() -> None:
    model = nn.Linear(2, 2)
    trace = neurontui.trace(model, torch.ones(2))
    kept = neurontui.trace(model, torch.ones(2), copy_parameters=True)
    was = trace.step(".").params["weight"].tensor().tolist()
    with torch.no_grad():
        model.weight.add_(1)
    with pytest.raises(neurontui.NeuronTUIError, match="weight was changed after it was recorded"):
        trace.step(".").params["weight"].tensor()
    assert kept.step(".").params["weight"].tensor().tolist() == was


def test_the_first_random_numbers_of_numpy_in_a_process_are_held() -> None:
    """numpy.random comes with its first use: before it there is no state that could be kept."""
    program = """
import torch, neurontui
import numpy as np
class Noisy(torch.nn.Module):
    def forward(self, x): return x * float(np.random.rand())
trace = neurontui.trace(Noisy(), torch.ones(2), restore=True)
again = neurontui.edit(trace, "x", 0, 1.0)
assert torch.equal(trace.output, again.output), (trace.output, again.output)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


GENERATORS = {
    "numpy": (lambda: np.random.default_rng(1), lambda held: held.random()),
    "numpy, the old one": (lambda: np.random.RandomState(1), lambda held: held.rand()),
    "torch": (lambda: torch.Generator().manual_seed(1), lambda held: torch.rand((), generator=held).item()),
    "Python": (lambda: random.Random(1), lambda held: held.random()),
}


@pytest.mark.parametrize("kind", GENERATORS)
def test_a_generator_that_a_module_holds_is_held(kind: str) -> None:
    make, draw = GENERATORS[kind]

    class Noisy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.generator = make()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * draw(self.generator)

    model = Noisy()
    trace = neurontui.trace(model, torch.ones(2), restore=True)
    assert torch.equal(neurontui.edit(trace, "x", 0, 1.0).output, trace.output)
    assert draw(model.generator) == draw(make())
    assert not torch.equal(neurontui.trace(model, torch.ones(2)).output, trace.output)  # it has drawn since


@pytest.mark.parametrize("place", ["global", "class"])
@pytest.mark.parametrize("kind", GENERATORS)
def test_a_generator_beside_the_forward_is_held(kind: str, place: str) -> None:
    """A global of the model's file, or an attribute of its class."""
    make, draw = GENERATORS[kind]
    file: dict[str, Any] = {"nn": nn, "torch": torch, "draw": draw, "make": make}
    held = "generator = make()\n" if place == "global" else ""
    attribute = "    generator = make()\n" if place == "class" else ""
    drawn = "generator" if place == "global" else "self.generator"
    code = f"{held}class Noisy(nn.Module):\n{attribute}    @torch.no_grad()\n    def forward(self, x):\n        return x * draw({drawn})\n"
    exec(code, file)
    model = file["Noisy"]()
    generator = file["generator"] if place == "global" else model.generator
    trace = neurontui.trace(model, torch.ones(2), restore=True)
    assert torch.equal(neurontui.edit(trace, "x", 0, 1.0).output, trace.output)
    assert draw(generator) == draw(make())


def test_cancelling() -> None:
    model = nn.Sequential(*[nn.Linear(2, 2) for _ in range(100)])
    before = settings(model)

    def watch(count: int) -> None:
        if count > 100:
            raise CancelledError("cancelled")

    with pytest.raises(CancelledError):
        record_run(Run(model, (torch.ones(2),)), watch=watch)
    assert settings(model) == before


def test_nothing_leaks() -> None:
    """1,000 recordings in a row: as many tensors and objects as after the first ones."""
    model, x = Small(), torch.ones(4, 3)

    def run(times: int) -> int:
        for _ in range(times):
            neurontui.trace(model, x, restore=True)
        gc.collect()
        return sum(type(thing) is Tensor for thing in gc.get_objects())

    tensors = run(20)
    assert run(900) == tensors
    tracemalloc.start()
    run(10)
    first = tracemalloc.get_traced_memory()[0]
    run(70)
    last = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert last - first < 50_000


def test_a_failed_trace_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        trace = neurontui.trace(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), torch.ones(1, 10))
        seen = [weakref.ref(trace.step("0").output.data), weakref.ref(trace)]
        assert all(one() is not None for one in seen)
        del trace
        assert all(one() is None for one in seen)
    finally:
        gc.enable()


def test_a_trace_is_freed_without_the_collector() -> None:
    """No reference cycle keeps a trace's tensors: memory goes as soon as the trace does."""
    gc.collect()
    gc.disable()
    try:
        model, x = Small(), torch.ones(4, 3)
        neurontui.trace(model, x)
        before = sum(type(thing) is Tensor for thing in gc.get_objects())
        for _ in range(5):
            neurontui.trace(model, x)
        assert sum(type(thing) is Tensor for thing in gc.get_objects()) <= before + 2
    finally:
        gc.enable()


class Warns(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.mse_loss(x, y)


def test_a_warning_of_torch_names_the_line_of_the_model() -> None:
    show = warnings.showwarning
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        trace = neurontui.trace(Warns(), torch.ones(4, 1), torch.ones(4))
    assert [(one.filename, one.lineno) for one in said] == [(__file__, Warns.forward.__code__.co_firstlineno + 1)]
    assert "target size" in str(said[0].message)
    assert trace.error is None
    assert warnings.showwarning is show


def test_a_call_that_is_run_again_does_not_warn_again() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = neurontui.trace(Warns(), torch.ones(4, 1), torch.ones(4))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        neurontui.explain(trace, "./mse_loss", at=())
        neurontui.expand(trace, "./mse_loss")
    assert said == []


def test_warnings_that_are_errors_stop_the_forward_as_they_do_without_us() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace = neurontui.trace(Warns(), torch.ones(4, 1), torch.ones(4))
    assert isinstance(trace.error, UserWarning)


def test_what_is_of_the_whole_process_is_put_back_whoever_ends_first() -> None:
    """One recording begins, another begins inside it and ends after it, in threads: nothing of ours is left."""
    import torch._dynamo.eval_frame as compiler  # what compiles is told to leave it, too

    show, gates = warnings.showwarning, [threading.Event() for _ in range(3)]
    before = torch.backends.mha.get_fastpath_enabled(), compiler._stance

    class Waits(nn.Module):
        def forward(self, x: Tensor, begun: threading.Event, end: threading.Event) -> Tensor:
            begun.set()
            assert end.wait(10)
            return x + 1

    first = threading.Thread(target=neurontui.trace, args=(Waits(), torch.ones(1), gates[0], gates[1]))
    second = threading.Thread(target=neurontui.trace, args=(Waits(), torch.ones(1), gates[1], gates[2]))
    first.start()
    assert gates[0].wait(10)
    second.start()
    first.join(10)
    gates[2].set()
    second.join(10)
    assert not first.is_alive()
    assert not second.is_alive()
    assert warnings.showwarning is show
    assert (torch.backends.mha.get_fastpath_enabled(), compiler._stance) == before


def test_a_recording_inside_a_forward_that_gathers_warnings() -> None:
    gathered: list[Any] = []

    class Gathers(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                neurontui.trace(Warns(), torch.ones(4, 1), torch.ones(4))
            gathered.extend(said)
            return x

    assert neurontui.trace(Gathers(), torch.ones(1)).error is None
    assert ["target size" in str(one.message) for one in gathered] == [True]
