"""Edits of outputs that share memory with something: of views, of calls in place, of `out=`. Random small programs, and known answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import neurontui
from neurontui.capture.structures import tensors_in
from neurontui.errors import EditError
from neurontui.origins import find_origin
from neurontui.records import Edit, Trace, Value, leaves

Instruction = tuple[str, int, int]
After = Callable[[str, Any], None]


class Block(nn.Module):
    """Writes in what it made, keeps it, and gives a view of it."""

    kept: Tensor

    def __init__(self, note: After) -> None:
        super().__init__()
        self.note = note

    def forward(self, x: Tensor) -> Tensor:
        self.kept = x * 3
        self.note("block/mul", self.kept)
        self.note("block/add_", self.kept.add_(1))
        given = self.kept.view(-1)
        self.note("block/view", given)
        return given


class Program(nn.Module):
    """Each instruction makes one call, on tensors that were there before, and adds what it gives to them."""

    def __init__(self, instructions: list[Instruction], after: After | None = None) -> None:
        super().__init__()
        self.instructions, self.after = instructions, after
        self.weight = nn.Parameter(torch.arange(6.0).reshape(2, 3) / 4)
        self.table = torch.tensor([[3.0, 1.0, 2.0]])
        self.same, self.off, self.rectify, self.block = nn.Identity(), nn.Dropout().eval(), nn.ReLU(inplace=True), Block(self.note)
        self.counts: Counter[str] = Counter()

    def forward(self, x: Tensor) -> Tensor:
        pool = [x, self.weight, self.table]
        self.counts.clear()
        for word, first, second in self.instructions:
            made = self.apply_one(word, pool[first % len(pool)], pool[second % len(pool)])
            if made is None:
                continue
            self.note(*made)
            pool.extend(tensors_in(made[1]))
        return torch.cat([tensor.reshape(-1) for tensor in pool])

    def note(self, name: str, given: Any) -> None:
        """A call has given this, which may be changed here by hand."""
        self.counts[name] += 1
        if self.after is not None:
            self.after(name if self.counts[name] == 1 else f"{name}#{self.counts[name]}", given)

    def apply_one(self, word: str, a: Tensor, b: Tensor) -> tuple[str, Any] | None:
        if word in MODULES:
            return None if word == "rectify" and not may_write(a) else (word, getattr(self, word)(a))
        if word in WRITES and not may_write(a):
            return None
        return CALLS[word](a, b) if word not in ("out", "copy_") or may_copy(a, b) else None


def set_first(a: Tensor, b: Tensor) -> tuple[str, Any]:
    a[... if a.dim() == 0 else slice(1)] = 7.0
    return "./setitem", a


def leak(a: Tensor) -> None:
    """From now on somebody may write to its memory unseen."""
    if not a.requires_grad:
        a.numpy()


MODULES = ("same", "off", "rectify", "block")
WRITES = ("add_", "mul_", "relu_", "out", "set", "copy_")
CALLS: dict[str, Callable[[Tensor, Tensor], tuple[str, Any] | None]] = {
    "add": lambda a, b: ("./add", a + 1),
    "add_": lambda a, b: ("./add_", a.add_(2)),
    "mul_": lambda a, b: ("./mul_", a.mul_(-1.5)),
    "relu_": lambda a, b: ("./relu", torch.nn.functional.relu(a, inplace=True)),
    "copy_": lambda a, b: ("./copy_", a.copy_(b)),
    "out": lambda a, b: ("./mul", torch.mul(b, 2, out=a)),
    "set": set_first,
    "slice": lambda a, b: ("./getitem", a[..., :2]) if a.dim() else None,
    "t": lambda a, b: ("./t", a.t()) if a.dim() == 2 else None,
    "flat": lambda a, b: ("./reshape", a.reshape(-1)),
    "expand": lambda a, b: ("./expand", a.expand(2, *a.shape)) if a.dim() < 3 else None,
    "chunk": lambda a, b: ("./chunk", a.chunk(2)) if a.dim() else None,
    "unbind": lambda a, b: ("./unbind", a.unbind()) if a.dim() else None,
    "real": lambda a, b: ("./data", a.data),
    "leak": lambda a, b: leak(a),
    "whole": lambda a, b: ("./contiguous", a.contiguous()),
    "detach": lambda a, b: ("./detach", a.detach()),
    "data": lambda a, b: ("./view_as", a.view_as(a)),
}


def may_write(tensor: Tensor) -> bool:
    """Torch writes in no tensor that lies on itself, nor in parameters and (here) views where gradients are kept."""
    extent = 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    free = not torch.is_grad_enabled() or not tensor.requires_grad or not (tensor.is_leaf or tensor._is_view())
    return extent >= tensor.numel() and free


def may_copy(into: Tensor, given: Tensor) -> bool:
    """Torch copies between different memories of one shape, and computes into `out` where nothing asks for gradients."""
    apart = into.untyped_storage().data_ptr() != given.untyped_storage().data_ptr()
    return apart and into.shape == given.shape and not (torch.is_grad_enabled() and (into.requires_grad or given.requires_grad))


def run_by_hand(instructions: list[Instruction], grad: bool, edits: list[Edit]) -> Tensor:
    """The program with `output[at] = number` on the line after a call."""

    def after(name: str, given: Any) -> None:
        for edit in edits:
            target, _, place = edit.target.partition(":")
            if target == name:
                list(tensors_in(given))[int(place or 0)].data[edit.at] = edit.number

    with torch.set_grad_enabled(grad):
        output: Tensor = Program(instructions, after)(an_input())
    return output.detach()


def an_input() -> Tensor:
    return torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, 6.0]])


def elements(value: Value) -> list[tuple[int, ...]]:
    return [tuple(place) for place in torch.ones(value.shape).nonzero().tolist()]


def check_origins(trace: Trace) -> None:
    """Every element that a step took is one that its origin gave: what a step made, or what went into the model."""
    for step in trace.steps:
        taken = [value for _, value in leaves((step.args, step.kwargs, step.params))]
        for value in taken:
            data = value.tensor()
            for index in elements(value):
                origin = find_origin(trace, step.index, value, index)
                assert origin.kind in ("step", "input", "parameter", "attribute")
                if origin.kind == "step":
                    maker = trace.steps[origin.step]
                    assert maker.index < step.index
                    assert origin.output is not None
                    made = [found for _, found in leaves(maker.output)][origin.output]
                    assert made.tensor()[origin.index] == data[index], (step.name, index, origin)
                elif origin.kind == "input":
                    assert an_input()[origin.index] == data[index]


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.sampled_from([*CALLS, *MODULES]), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=8),
    st.booleans(),
    st.data(),
)
def test_an_edit_does_what_the_same_line_in_the_program_would_do(instructions: list[Instruction], grad: bool, data: st.DataObject) -> None:
    model, x = Program(instructions), an_input()
    trace = neurontui.trace(model, x, grad=grad)
    names = called_names(instructions, grad)
    assume(names)
    assert trace.error is None
    kept = [tensor.clone() for tensor in (x, model.weight, model.table)]
    edits: list[Edit] = []
    for number in (50.0, -60.0)[: data.draw(st.integers(1, 2))]:
        step = trace.step(data.draw(st.sampled_from(names)))
        made = [value for _, value in leaves(step.output)]
        place = data.draw(st.integers(0, len(made) - 1))
        at = data.draw(st.sampled_from(elements(made[place])))
        edits.append(Edit(f"{step.name}:{place}" if place else step.name, at, number))
        trace = neurontui.edit(trace, *vars_of(edits[-1]))
        assert trace.error is None
        assert torch.equal(trace.output, run_by_hand(instructions, grad, edits))
        assert [value for _, value in leaves(trace.step(step.name).output)][place].tensor()[at] == number
        assert neurontui.explain(trace, step.name, at, place).edited
        check_origins(trace)
        check_explanations(trace)
    assert all(map(torch.equal, kept, (x, model.weight, model.table)))


def vars_of(edit: Edit) -> tuple[str, tuple[int, ...], float]:
    return edit.target, edit.at, edit.number


def check_explanations(trace: Trace) -> None:
    """Nothing disagrees with its formula but what a person set, which says so."""
    for step in trace.steps:
        for output, (_, value) in enumerate(leaves(step.output)):
            for index in elements(value)[:4]:
                assert neurontui.explain(trace, step.index, index, output).agrees is not False, (step.name, index)


def called_names(instructions: list[Instruction], grad: bool) -> list[str]:
    """The names of the calls that the program itself makes; none where torch refuses it."""
    names: list[str] = []
    with torch.set_grad_enabled(grad):
        try:
            Program(instructions, lambda name, given: names.append(name))(an_input())
        except RuntimeError:  # a write that autograd refuses
            return []
    return names


# ---- known answers ----------------------------------------------------------------------------------------------------


def written(x: Tensor) -> Tensor:
    y = x * 1
    y.mul_(2)
    return y + 1


def through_a_view(x: Tensor) -> Tensor:
    y = x * 1
    y[0:1].add_(5)
    return y + 1


def given_out(x: Tensor) -> Tensor:
    o = torch.zeros(2)
    torch.mul(x, 2, out=o)
    return o + 1


def item_set(x: Tensor) -> Tensor:
    y = x * 1
    y[0] = 5.0
    return y + 1


@pytest.mark.parametrize(
    ("model", "target", "output"),
    [
        (written, "./mul_", [10, 5]),
        (written, "./mul", [19, 5]),
        (through_a_view, "./add_", [10, 3]),
        (through_a_view, "./getitem", [15, 3]),
        (given_out, "./mul", [10, 5]),
        (item_set, "./setitem", [10, 3]),
        (written, ".", [9, 5]),
    ],
)
def test_the_write_goes_where_the_program_goes_on(model: Callable[[Tensor], Tensor], target: str, output: list[float]) -> None:
    edited = neurontui.edit(neurontui.trace(model, torch.tensor([1.0, 2.0])), target, (0,), 9.0)
    assert edited.output.tolist() == output
    assert edited.step("./add").inputs["input"].tensor()[0] == (output[0] - 1 if target != "." else 2)
    why = neurontui.explain(edited, "./add", (0,))
    assert why.agrees
    assert why.terms[0].factors[0].origin.output == 0


def test_a_layer_that_writes_in_place_and_whose_output_nobody_takes() -> None:
    class Left(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l, self.r, self.o = nn.Linear(2, 3), nn.ReLU(inplace=True), nn.Linear(3, 1)

        def forward(self, x: Tensor) -> Tensor:
            h = self.l(x)
            self.r(h)
            out: Tensor = self.o(h)
            return out

    edited = neurontui.edit(neurontui.trace(Left(), torch.ones(2)), "r", (0,), 50)
    taken = edited.step("o").inputs["input"]
    assert taken.tensor()[0] == 50
    origin = find_origin(edited, edited.step("o").index, taken, (0,))
    assert (origin.step, origin.output, origin.index) == (edited.step("r").index, 0, (0,))


def test_what_lies_on_one_another_is_set_together() -> None:
    edited = neurontui.edit(neurontui.trace(lambda x: x.expand(2, 3) + 1, torch.tensor([[1.0], [2.0]])), "./expand", (1, 2), 9)
    assert edited.output.tolist() == [[2, 2, 2], [10, 10, 10]]
    assert [neurontui.explain(edited, "./expand", (1, place)).edited for place in range(3)] == [True] * 3
    assert neurontui.explain(edited, "./expand", (0, 0)).agrees


def test_the_explanation_of_an_item_set_says_what_the_program_set() -> None:
    edited = neurontui.edit(neurontui.trace(item_set, torch.tensor([1.0, 2.0])), "./setitem", (0,), 9)
    why = neurontui.explain(edited, "./setitem", (0,))
    assert (why.edited, why.computed, why.actual) == (True, 5, 9)


def test_named_results_keep_their_names() -> None:
    trace = neurontui.trace(lambda x: torch.max(x, dim=1).values + 0, torch.tensor([[1.0, 2.0]]))
    assert neurontui.edit(trace, "./max", (0,), 9).output.tolist() == [9]


def test_gradients_inside_the_forward_see_the_number() -> None:
    def force(x: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        energy = torch.sigmoid(x).square().sum()
        return torch.autograd.grad(energy, x)[0]

    trace = neurontui.trace(force, torch.zeros(2))
    edited = neurontui.edit(trace, "./sigmoid", (0,), 0.25)
    assert edited.error is None
    assert edited.output.tolist() == [2 * 0.25 * 0.25 * 0.75, 2 * 0.5 * 0.5 * 0.5]


def test_a_leaf_and_an_inference_tensor_are_written() -> None:
    def leaf(x: Tensor) -> Tensor:
        z = torch.ones(2, requires_grad=True)
        with torch.inference_mode():
            return (z * x)[0:1] + 1

    trace = neurontui.trace(leaf, torch.tensor([2.0, 3.0]))
    assert [neurontui.edit(trace, name, (0,), 4).output.tolist() for name in ("./ones", "./mul", "./getitem")] == [[9], [5], [5]]


def test_an_attribute_is_set_and_starts_as_it_was() -> None:
    class Held(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scales = [torch.tensor([2.0, 3.0])]

        def forward(self, x: Tensor) -> Tensor:
            y = x * self.scales[0]
            self.scales[0].add_(1)
            return y

    model = Held()
    trace = neurontui.trace(model, torch.ones(2))
    assert neurontui.edit(trace, "scales[0]", (0,), 9).output.tolist() == [9, 3]
    assert neurontui.edit(trace, "./mul", (0,), 5).output.tolist() == [5, 3]
    assert model.scales[0].tolist() == [3, 4]


def test_the_reach_of_an_element_ends_where_a_number_was_set() -> None:
    x = torch.tensor([1.0, 2.0])
    for model, target in ((written, "./mul_"), (through_a_view, "./getitem"), (through_a_view, "./add_")):
        for at, reached in ((0, False), (1, True)):
            edited = neurontui.edit(neurontui.trace(model, x), target, (0,), 9.0)
            found = neurontui.explainers.reach(edited, edited.step("./mul"), (at,), edited.step("./add"))
            assert bool(found.slopes[at]) == reached


GLOBAL = torch.tensor([1.0, 2.0])


@pytest.mark.parametrize(
    ("body", "target", "at", "number", "words"),
    [
        (lambda x: GLOBAL[0:1] + x, "./getitem", (0,), 9, "memory from before the run"),
        (lambda x: torch.vmap(lambda part: part * 2)(x), "./mul", (0,), 9, "inside vmap"),
        (lambda x: x.to_sparse().to_dense(), "./to_sparse", (0,), 9, "does not hold its numbers one by one"),
        (lambda x: x + x.sum().item(), "./item", (), 9, "returns no tensor"),
        (lambda x: x + 1, "./add", (2,), 9, "none of its elements"),
        (lambda x: x + torch.arange(2), "./arange", (0,), 0.5, "whole number"),
        (lambda x: x + 1, "./ad", (0,), 9, r"called './ad' to set; did you mean './add'\?"),
        (lambda x: (x + 1) @ torch.ones(5), "./matmul", (0,), 9, "raised an error"),
    ],
)
def test_what_cannot_be_set_is_refused_before_the_model_is_run(
    body: Callable[[Tensor], Tensor], target: str, at: tuple[int, ...], number: float, words: str
) -> None:
    runs = [0]

    def counted(x: Tensor) -> Tensor:
        runs[0] += 1
        return body(x)

    trace = neurontui.trace(counted, torch.tensor([1.0, 2.0]))
    with pytest.raises(EditError, match=words):
        neurontui.edit(trace, target, at, number)
    assert runs == [1]
    assert GLOBAL.tolist() == [1, 2]


def test_an_edit_that_another_one_leaves_without_its_step() -> None:
    """Where the forward goes another way, that is said; where it stops before, its error is shown."""

    def body(x: Tensor) -> Tensor:
        if x[0] > 5:
            raise ValueError("too large")
        return (x * 2 if x[0] > 0 else x - 1) + 1

    once = neurontui.edit(neurontui.trace(body, torch.tensor([1.0, 2.0])), "./mul", (1,), 9)
    with pytest.raises(EditError, match="mul does not run with these changes"):
        neurontui.edit(once, "x", (0,), -1)
    assert isinstance(neurontui.edit(once, "x", (0,), 6).error, ValueError)


def test_two_outputs_in_one_memory_are_both_set() -> None:
    trace = neurontui.trace(lambda x: sum(part.sum() for part in x.chunk(2)) + x.sum(), torch.tensor([1.0, 2.0]))
    edited = neurontui.edit(neurontui.edit(trace, "./chunk", (0,), 10), "./chunk:1", (0,), 20)
    assert edited.output == 60
    whole = edited.step("./sum#3")
    origins = [find_origin(edited, whole.index, whole.inputs["input"], (place,)) for place in (0, 1)]
    assert [(edited.steps[origin.step].name, origin.output, origin.index) for origin in origins] == [
        ("./chunk", 0, (0,)),
        ("./chunk", 1, (0,)),
    ]
    assert edited.steps[1].output[0].same_as is None
