"""Models of every kind: each step's elements agree, no walk back ends nowhere, kernels inside opened calls answer too."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
import torch
from explained_models import MODELS
from explaining_helpers import check
from torch import Tensor, nn

import neurontui
from neurontui.records import Trace, Value, leaves

ENDS = {"input", "parameter", "buffer", "attribute", "literal", "outside"}


def index_in(value: Value, chance: random.Random) -> tuple[int, ...]:
    return tuple(chance.randrange(n) for n in value.shape)


def walk_back(trace: Trace, chance: random.Random) -> str:
    """From a random element of the output along random factors; the kind of origin that it ends at."""
    _, value = next(leaves(trace.steps[0].output))
    step, at, output = 0, index_in(value, chance), 0
    for _ in range(1000):
        why = neurontui.explain(trace, step, at, output)
        factors = [f for part in (why, *why.stages) for t in part.terms[:50] for f in t.factors if f.origin.kind != "stage"]
        if not factors:
            return "literal"
        origin = chance.choice(factors).origin
        if origin.kind != "step":
            return origin.kind
        assert origin.step is not None
        assert origin.step < why.step
        assert origin.index is not None
        assert origin.output is not None
        step, at, output = origin.step, origin.index, origin.output
    raise AssertionError("it never ends")


@pytest.mark.parametrize(("name", "build", "inputs"), MODELS, ids=[m[0] for m in MODELS])
def test_every_step_of_every_model(name: str, build: Callable[[], nn.Module], inputs: Callable[[], Sequence[Tensor]]) -> None:
    torch.manual_seed(0)
    trace = neurontui.trace(build(), *inputs(), seed=1)
    assert trace.error is None
    chance, methods = random.Random(0), Counter[str]()
    for step in trace.steps:
        for output, (_, value) in enumerate(leaves(step.output)):
            why = neurontui.explain(trace, step, index_in(value, chance), output)
            check(why, trace)
            methods[why.method] += 1
    assert methods["gradient"] <= 0.02 * methods.total(), methods
    assert {walk_back(trace, chance) for _ in range(5)} <= ENDS


def test_kernels_of_opened_calls_are_explained() -> None:
    torch.manual_seed(0)
    trace = neurontui.trace(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), torch.randn(2, 5, 16), seed=1)
    chance, answered = random.Random(0), 0
    for step in trace.steps:
        if step.kind != "function" or step.label in ("dropout", "dropout_"):
            continue
        opened = neurontui.expand(trace, step.name)
        for kernel in opened.steps[1:]:
            for output, (_, value) in enumerate(leaves(kernel.output)):
                if 0 not in value.shape:
                    why = neurontui.explain(opened, kernel, index_in(value, chance), output)
                    assert why.agrees is not False, (kernel.op, why.formula, why.notes)
                    answered += 1
    assert answered > 30


def test_a_neuron_of_65536_inputs_answers_at_once() -> None:
    trace = neurontui.trace(nn.Linear(65536, 3), torch.randn(65536))
    neurontui.explain(trace, ".", 0)
    times = []
    for o in (0, 1, 2) * 5:
        begin = time.thread_time()
        why = neurontui.explain(trace, ".", o)
        assert why.terms[40000].factors[1].index == (o, 40000)
        times.append(time.thread_time() - begin)
    assert why.agrees
    assert len(why.terms) == 65537
    assert sorted(times)[len(times) // 2] < 0.05
    ordered = why.terms.by_size()
    assert abs(ordered[0].value) == max(abs(why.terms.values()))
    assert 0 < ordered.share(1000) < ordered.share(2000) < 1
