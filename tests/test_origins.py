"""Who made a number: views, writes in place, `.data`, `out=`, numpy, attributes, buffers, opened calls."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui
from neurontui.explanation import Origin
from neurontui.origins import find_origin, find_outer_origin, find_overwriting
from neurontui.records import Trace, leaves


def last_origin(body: Callable[[Tensor], Any], at: tuple[int, ...], name: str = "input") -> tuple[Trace, Origin]:
    """The origin of an element of the last step's argument `name`."""
    trace = neurontui.trace(body, torch.arange(6.0).reshape(2, 3))
    assert trace.error is None
    step = trace.steps[-1]
    return trace, find_origin(trace, step.index, step.inputs[name], at)


def number_of(trace: Trace, origin: Origin) -> float:
    assert origin.step is not None
    assert origin.index is not None
    step = trace.steps[origin.step]
    value = step.writes[origin.name] if origin.output is None else [found for _, found in leaves(step.output)][origin.output]
    return float(value.tensor()[origin.index])


def test_the_models_input() -> None:
    _, origin = last_origin(lambda x: x + 1, (1, 2))
    assert (origin.kind, origin.name, origin.index) == ("input", "x", (1, 2))


def test_the_step_before() -> None:
    trace, origin = last_origin(lambda x: (x * 2) + 1, (1, 2))
    assert (origin.kind, trace.steps[origin.step].name, origin.output, origin.index) == ("step", "./mul", 0, (1, 2))


def write_column(x: Tensor) -> Tensor:
    h = x * 2
    h[:, 1].mul_(10)
    return h + 1


def test_a_write_through_a_view() -> None:
    trace, origin = last_origin(write_column, (1, 1))
    assert trace.steps[origin.step].name == "./mul_"
    assert origin.index == (1,)
    assert number_of(trace, origin) == 80
    trace, origin = last_origin(write_column, (1, 2))
    assert trace.steps[origin.step].name == "./mul"
    assert number_of(trace, origin) == 10


def write_data(x: Tensor) -> Tensor:
    h = x * 2
    h.data[0, 0] = 7
    return h + 1


def test_a_write_through_data() -> None:
    trace, origin = last_origin(write_data, (0, 0))
    assert trace.steps[origin.step].name == "./setitem"
    assert number_of(trace, origin) == 7


def write_base_then_look_at_view(x: Tensor) -> Tensor:
    h = x * 2
    view = h.t()
    h.add_(100)
    return view + 1


def test_a_write_to_what_a_view_shows() -> None:
    trace, origin = last_origin(write_base_then_look_at_view, (2, 1))
    assert trace.steps[origin.step].name == "./add_"
    assert origin.index == (1, 2)
    assert number_of(trace, origin) == 110


def two_writes(x: Tensor) -> Tensor:
    h = x * 2
    h[0] = 1
    h[:, 0] = 2
    return h + 1


@pytest.mark.parametrize(("at", "number"), [((0, 0), 2), ((0, 1), 1), ((1, 0), 2), ((1, 1), 8)])
def test_the_newest_write_counts(at: tuple[int, int], number: float) -> None:
    trace, origin = last_origin(two_writes, at)
    assert number_of(trace, origin) == number


def out_argument(x: Tensor) -> Tensor:
    h = torch.zeros(4, 3)
    torch.add(x, 1, out=h[1:3])
    return h + 1


def test_out() -> None:
    trace, origin = last_origin(out_argument, (2, 1))
    assert trace.steps[origin.step].op == "torch.add"
    assert origin.index == (1, 1)
    assert number_of(trace, origin) == 5
    trace, origin = last_origin(out_argument, (0, 1))
    assert trace.steps[origin.step].op == "torch.zeros"


def test_storage_exchanged() -> None:
    def body(x: Tensor) -> Tensor:
        h = x * 2
        h.data = torch.ones(2)
        return h + 1

    trace, origin = last_origin(body, (1,))
    assert trace.steps[origin.step].label == "data"
    assert number_of(trace, origin) == 1


def test_other_dtype_of_the_same_memory() -> None:
    def body(x: Tensor) -> Tensor:
        h = torch.view_as_real(torch.complex(x, x))
        h[..., 1] = 3
        return torch.view_as_complex(h) + 1

    trace, origin = last_origin(body, (1, 1))
    assert origin.kind == "step"
    assert trace.steps[origin.step].label == "view_as_complex"


def test_overlapping_strides() -> None:
    def body(x: Tensor) -> Tensor:
        h = x.clone().view(-1)
        windows = h.unfold(0, 3, 1)
        h[4] = 50
        return windows + 1

    trace, origin = last_origin(body, (3, 1))
    assert trace.steps[origin.step].name == "./setitem"
    assert origin.index == (4,)
    trace, origin = last_origin(body, (0, 0))
    assert trace.steps[origin.step].label in ("setitem", "unfold")


def test_numpy_wrote_it() -> None:
    def body(x: Tensor) -> Tensor:
        h = x * 2
        h.numpy()[0, 0] = 99
        return h + 1

    trace, origin = last_origin(body, (0, 0))
    assert origin.kind == "outside"
    assert trace.steps[-1].inputs["input"].tensor()[0, 0] == 99


def test_eval_dropout_hands_on_its_input() -> None:
    trace, origin = last_origin(lambda x: F.dropout(x * 2, 0.5, False) + 1, (0, 1))
    dropped = trace.steps[origin.step]
    assert dropped.name == "./dropout"
    assert dropped.output.same_as is dropped.inputs["input"]
    before = find_origin(trace, dropped.index, dropped.inputs["input"], (0, 1))
    assert trace.steps[before.step].name == "./mul"


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.register_buffer("scale", torch.full((3,), 2.0))
        self.masks = [torch.ones(3), torch.zeros(3)]

    def forward(self, x: Tensor) -> Tensor:
        return ((self.fc(x) * self.scale) + self.masks[1]) * outside


outside = torch.ones(3)


def test_parameters_buffers_attributes_and_outside() -> None:
    trace = neurontui.trace(Holder(), torch.ones(2, 3))
    found = {}
    for step in trace.steps:
        if step.kind == "function":
            for name, value in step.inputs.items():
                origin = find_origin(trace, step.index, value, (0,) * len(value.shape))
                found[step.label, name] = (origin.kind, origin.name)
    assert found["linear", "weight"] == ("parameter", "fc.weight")
    assert found["linear", "input"] == ("input", "x")
    assert found["mul", "other"][0] in ("buffer", "outside")
    assert ("attribute", "masks[1]") in found.values()
    assert [origin for origin in found.values() if origin[0] == "outside"]


def test_running_statistics_of_the_second_call() -> None:
    norm = nn.BatchNorm1d(3)
    trace = neurontui.trace(nn.Sequential(norm, norm), torch.randn(4, 3))
    assert [step.name for step in trace.steps if step.kind == "module"] == [".", "0", "0#2"]
    second = trace.step("0#2")
    origin = find_origin(trace, second.index, second.params["running_mean"], (1,))
    assert (origin.kind, origin.output, origin.name) == ("step", None, "running_mean")
    assert number_of(trace, origin) == float(second.params["running_mean"].tensor()[1])
    assert find_origin(trace, 1, trace.step("0").params["running_mean"], (1,)).kind == "buffer"
    assert trace.step("0").writes["running_mean"].tensor().tolist() == second.params["running_mean"].tensor().tolist()
    assert trace.step("0").params["running_mean"].tensor().tolist() == [0, 0, 0]


def test_tied_parameters_show_all_names() -> None:
    first, second = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
    second.weight = first.weight
    trace = neurontui.trace(nn.Sequential(first, second), torch.ones(3))
    value = trace.step("1/linear").inputs["weight"]
    assert value.name == "0.weight"
    assert value.aliases == ("1.weight",)


def test_a_modules_output_leads_to_the_function_that_made_it() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(3, 3), nn.ReLU()), torch.ones(3))
    step = trace.step("0")
    origin = find_origin(trace, step.end, step.output, (1,))
    assert trace.steps[origin.step].name == "0/linear"
    final = find_origin(trace, len(trace.steps), trace.steps[0].output, (0,))
    assert trace.steps[final.step].name == "1/relu"


def test_an_opened_call_goes_on_outside() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    trace = neurontui.trace(model, torch.ones(2, 3))
    inner = neurontui.expand(trace, "1/linear")
    kernel = inner.steps[-1]
    assert kernel.label == "addmm"
    origin = find_origin(inner, kernel.index, kernel.inputs["mat1"], (1, 2))
    assert (origin.kind, origin.name) == ("input", "input")
    outer = find_outer_origin(inner, origin)
    assert (outer.kind, outer.index) == ("step", (1, 2))
    assert trace.steps[outer.step].name == "0/linear"
    bias = find_outer_origin(inner, find_origin(inner, kernel.index, kernel.inputs["input"], (1,)))
    assert (bias.kind, bias.name) == ("parameter", "1.bias")


def test_made_inside_a_scripted_module() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = nn.Sequential(torch.jit.script(nn.Linear(3, 3)), nn.ReLU())
        trace = neurontui.trace(model, torch.ones(3))
    assert trace.step("0").note.startswith("a scripted body")
    relu = trace.step("1/relu")
    origin = find_origin(trace, relu.index, relu.inputs["input"], (0,))
    assert trace.steps[origin.step].name == "0"


def test_random_programs_never_lie() -> None:
    """Programs of random views and writes: the origin's number is always the number that stands there."""
    for seed in range(60):
        generator = torch.Generator().manual_seed(seed)

        def draw(limit: int, generator: torch.Generator = generator) -> int:
            return int(torch.randint(limit, (), generator=generator))

        def body(x: Tensor, draw: Callable[[int], int] = draw) -> Tensor:
            tensors = [x * 1, x + 1]
            for _ in range(12):
                chosen = tensors[draw(len(tensors))]
                action = draw(9)
                if action == 0:
                    tensors.append(chosen.t() if chosen.dim() == 2 else chosen[None])
                elif action == 1 and chosen.dim():
                    tensors.append(chosen[draw(chosen.shape[0])])
                elif action == 2:
                    tensors.append(chosen.reshape(-1))
                elif action == 3:
                    chosen.add_(draw(50))
                elif action == 4 and chosen.dim():
                    chosen[draw(chosen.shape[0])] = draw(50)
                elif action == 5:
                    tensors.append(chosen.data)
                elif action == 6:
                    chosen.data.mul_(3)
                elif action == 7:
                    tensors.append(chosen + draw(9))
                elif chosen.dim():
                    torch.mul(chosen[0].clone(), 2, out=chosen[0])
            return sum(tensor.sum() for tensor in tensors)

        trace = neurontui.trace(body, torch.arange(6.0).reshape(2, 3))
        assert trace.error is None
        for step in trace.steps:
            for _, value in leaves((step.args, step.kwargs)):
                data = value.tensor()
                for at in torch.cartesian_prod(*map(torch.arange, data.shape)).reshape(-1, data.dim()).tolist() if data.dim() else [()]:
                    origin = find_origin(trace, step.index, value, at)
                    assert origin.kind in ("step", "input")
                    if origin.kind == "step":
                        assert origin.step < step.index
                        assert number_of(trace, origin) == float(data[tuple(at)]), (seed, step.name, at)


def overwritten(x: Tensor) -> Tensor:
    h = x * 2
    flat = h.view(-1)
    h[:, 1].mul_(10)
    h[0].relu_()
    kept = h * 1
    return kept + flat.sum()


def test_what_overwrote_an_output_is_found_element_by_element(tmp_path: Path) -> None:
    """The earlier step still shows what it was; a view is overwritten with its base; nobody wrote over the copy."""
    trace = neurontui.trace(overwritten, torch.arange(-1.0, 5.0).reshape(2, 3))
    neurontui.save(trace, tmp_path / "run.safetensors")
    for run in (trace, neurontui.load(tmp_path / "run.safetensors")):
        made, flat = run.step("./mul").output, run.step("./view").output
        by = {
            index: found and run.steps[found[0]].name
            for index in ((0, 0), (0, 1), (1, 1), (1, 2))
            for found in [find_overwriting(run, made, index)]
        }
        assert by == {(0, 0): "./relu_", (0, 1): "./mul_", (1, 1): "./mul_", (1, 2): None}
        found = find_overwriting(run, flat, (4,))
        assert found is not None
        assert (found[0], found[2], found[1].tensor()[1].item()) == (run.step("./mul_").index, (1,), 60)
        assert find_overwriting(run, run.step("./mul#2").output) is None
        assert find_overwriting(run, run.step("./mul_").output)[0] == run.step("./relu_").index
        why = neurontui.explain(run, "./mul", (1, 1))
        assert why.notes[0] == "Later ./mul_ (%4) overwrote it in place, with 60: this is what it was before."
        assert not [note for note in neurontui.explain(run, "./mul", (1, 2)).notes if "overwrote" in note]


def test_columns_between_columns_do_not_meet() -> None:
    def body(x: Tensor) -> Tensor:
        left, right = x[:, :1], x[:, 1:]
        right.add_(1)
        return left + 0

    trace = neurontui.trace(body, torch.ones(3, 2))
    assert find_overwriting(trace, trace.step("./getitem").output) is None
    assert find_overwriting(trace, trace.step("./getitem#2").output) is not None


@pytest.mark.filterwarnings("ignore:.*jit.*:Warning")  # torch's own, where it prepares for derivatives of derivatives
def test_what_is_written_through_a_view_inside_a_transform_is_not_said_to_be_what_was_made() -> None:
    """A hessian makes zeros there and fills their diagonal through a view."""
    trace = neurontui.trace(lambda x: torch.func.hessian(lambda v: (v**3).sum())(x), torch.tensor([1.0, 2.0]))
    step = next(step for step in trace.steps if step.label == "view" and step.note)
    (taken,) = [value for _, value in leaves(step.args)]
    origin = find_origin(trace, step.index, taken, (0,) * len(taken.shape))
    assert (origin.kind, trace.steps[origin.step or 0].label) == ("step", "fill_")
    assert taken.tensor()[0, 0] == 1


def write_in_place(r: Tensor) -> Tensor:
    r[0].add_(5)
    made = r * 2
    made[1:].mul_(3)
    return made.relu_().sum() * made


@pytest.mark.parametrize("dim", [0, 1])
def test_what_is_written_inside_vmap_is_recorded_as_it_was(dim: int) -> None:
    x = torch.tensor([[-7.0, 1.0], [2.0, -3.0]])
    trace = neurontui.trace(lambda x: torch.vmap(write_in_place, in_dims=dim, out_dims=dim)(x.clone()), x)
    rows = x.movedim(dim, 0) + torch.tensor([5.0, 0.0])
    assert torch.equal(trace.step("./add_").output.tensor(), rows[:, 0])
    assert torch.equal(trace.step("./mul_").output.tensor(), rows[:, 1:] * 6)
    assert torch.equal(trace.step("./relu_").output.tensor(), (rows * torch.tensor([2.0, 6.0])).relu().movedim(0, dim))
    for step in trace.steps[2:]:
        for _, value in leaves(step.args):
            for index in itertools.product(*map(range, value.shape)):
                assert number_of(trace, find_origin(trace, step.index, value, index)) == value.tensor()[index]
