"""An explanation from a file says what the live trace's says, for every kind of function; what a file cannot run, it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import neurontui
from neurontui.records import Trace, leaves

X = torch.linspace(-2, 2, 24).reshape(2, 3, 4)
CALLS: dict[str, Callable[[torch.Tensor], Any]] = {
    "hann_window": lambda x: torch.hann_window(5) * 2,
    "kaiser_window": lambda x: torch.kaiser_window(5),
    "tril_indices": lambda x: torch.tril_indices(3, 3),
    "asarray": lambda x: torch.asarray([1.0, 2.0]),
    "from_numpy": lambda x: torch.from_numpy(np.ones(3, np.float32)) + x[0, 0, 0],
    "hardsigmoid": lambda x: F.hardsigmoid(x),
    "hardswish": lambda x: F.hardswish(x),
    "as_strided": lambda x: torch.as_strided(x.clone(), (2, 2), (1, 2)),
    "fill": lambda x: torch.fill(x, 3.0),
    "zero_": lambda x: torch.zero_(x.clone()),
    "empty_strided": lambda x: torch.empty_strided((2, 2), (1, 2)).fill_(1.0),
    "new_empty_strided": lambda x: x.new_empty_strided((2, 2), (1, 2)).zero_(),
    "new_tensor": lambda x: x.new_tensor([1.0, 2.0]),
    "sparse.mm": lambda x: torch.sparse.mm(x[0].to_sparse(), x[1].t()),
    "sparse.softmax": lambda x: torch.sparse.softmax(x[0].to_sparse(), 1).to_dense(),
    "stft": lambda x: torch.stft(x.reshape(-1), 8, window=torch.hamming_window(8), return_complex=True),
    "packed": lambda x: nn.utils.rnn.pack_padded_sequence(x, torch.tensor([3, 2]), batch_first=True).data,
    "padded": lambda x: nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_padded_sequence(x, torch.tensor([3, 2]), True), True)[0],
    "pad_sequence": lambda x: nn.utils.rnn.pad_sequence([x[0], x[1, :2]]),
    "weight_norm": lambda x: torch._weight_norm(x, x[:, :1, :1] + 3, 0),
    "grouped": lambda x: torch._chunk_cat([x, x], 1, 2),
    "antialias": lambda x: F.interpolate(x[None], (2, 2), mode="bilinear", antialias=True),
    "meshgrid": lambda x: torch.meshgrid(x[0, 0], x[0, 1], indexing="ij")[0],
    "einsum": lambda x: torch.einsum("bij,bkj->bik", x, x),
    "cdist": lambda x: torch.cdist(x, x + 1),
    "unique": lambda x: torch.unique_consecutive(x.round()),
    "complex128": lambda x: torch.fft.fft(x.double().reshape(3, 8).t()),
    "vmap": lambda x: torch.vmap(lambda row: row * 2)(x),
    "aten": lambda x: torch.ops.aten.mul(x, 2) + torch.ops.aten.add.Tensor(x, x),
    "item": lambda x: x.sum() * x[0, 0, 0].item(),
    "jagged": lambda x: torch.nested.nested_tensor([x[0], x[1, :1]], layout=torch.jagged).sin().values(),
    "foreach": lambda x: torch._foreach_mul([x, x + 1], 2.0)[1],
}


class Calls(nn.Module):
    def __init__(self, body: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> Any:
        return self.body(x)


def record(body: Callable[[torch.Tensor], Any], folder: Path) -> tuple[Trace, Trace]:
    trace = neurontui.trace(Calls(body), X.clone(), seed=0)
    assert trace.error is None
    neurontui.save(trace, folder / "run.safetensors")
    return trace, neurontui.load(folder / "run.safetensors")


def say(trace: Trace, step: int, output: int) -> Any:
    """All that an explanation says of the last element, NaN as text; or that there is none."""
    value = [value for _, value in leaves(trace.steps[step].output)][output]
    try:
        why = neurontui.explain(trace, step, at=tuple(size - 1 for size in value.shape), output=output)
    except (neurontui.errors.StepError, neurontui.errors.StaleValueError):
        return "none: a nested tensor, or one without numbers"
    terms = [(term.label, term.mark, term.value, [(f.name, f.index, f.number, f.origin) for f in term.factors]) for term in why.terms]
    said = (why.method, why.formula, why.combine, why.computed, why.actual, why.tolerance, why.agrees, why.exact, why.notes, why.zero)
    return str((said, terms))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_an_explanation_from_a_file_is_the_live_one(name: str, tmp_path: Path) -> None:
    trace, loaded = record(CALLS[name], tmp_path)
    compared = 0
    for step in trace.steps:
        for output, (_, value) in enumerate(leaves(step.output)):
            if 0 not in value.shape:
                compared += 1
                assert say(loaded, step.index, output) == say(trace, step.index, output), step.name
        if step.kind == "function":
            assert loaded.steps[step.index].target is not None, step.op
    assert compared >= 2


def test_an_operation_of_the_users_own_says_that_its_code_is_not_there(tmp_path: Path) -> None:
    library = torch.library.Library("tests_of_saving", "FRAGMENT")
    library.define("twice(Tensor x) -> Tensor")
    library.impl("twice", lambda x: x * 2, "CompositeImplicitAutograd")
    trace, loaded = record(lambda x: torch.ops.tests_of_saving.twice(x), tmp_path)
    name = next(step.name for step in trace.steps if "tests_of_saving" in step.op)
    assert neurontui.explain(trace, name).agrees
    why = neurontui.explain(loaded, name)
    assert (why.agrees, why.computed, why.actual) == (None, None, -4.0)
    assert why.notes[0] == (
        "tests_of_saving.twice is none of torch's functions, and a trace file holds no code, so it cannot be run again: "
        "the inputs are only named."
    )


def test_a_function_among_the_arguments_is_told(tmp_path: Path) -> None:
    def far(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a - b).abs().sum(-1)

    _, loaded = record(lambda x: F.triplet_margin_with_distance_loss(x, x + 1, x - 1, distance_function=far), tmp_path)
    why = neurontui.explain(loaded, "./triplet_margin_with_distance_loss")
    assert "It was given a function, of which a trace file holds only the name, so it cannot be run again" in why.notes[-1]
