"""Explanations and traces built by hand, so that drawing is tested without running anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from neurontui.explanation import Explanation, Factor, Number, Origin, Term

INPUT, WEIGHT, BIAS = (1.0, 2.0), (0.36433, -0.31212), -0.66571


def explanation(terms: Sequence[Term], **given: Any) -> Explanation:
    """An explanation with the fields that a test does not care about filled in."""
    fields: dict[str, Any] = {
        "step": 2, "at": (0,), "formula": "output = …", "method": "formula", "combine": "sum", "computed": None, "actual": None,
        "difference": 0.0, "tolerance": 4.6e-7, "agrees": True,
    }  # fmt: skip
    return Explanation(terms=terms, **(fields | given))


def factor(name: str, index: tuple[int, ...], number: Number, kind: str = "input", /, **origin: Any) -> Factor:
    return Factor(name, index, number, Origin(kind, **({"name": "x", "index": index} | origin)))  # type: ignore[arg-type]


def linear(inputs: Sequence[float] = INPUT, weights: Sequence[float] = WEIGHT, bias: float | None = BIAS, **given: Any) -> Explanation:
    """One neuron: `inputs` (in_features,), `weights` (in_features,)."""
    terms = [
        Term(
            f"input[{i}] · weight[0, {i}]",
            (factor("input", (i,), x), factor("weight", (0, i), w, "parameter", name="fc1.weight")),
            x * w,
        )
        for i, (x, w) in enumerate(zip(inputs, weights, strict=True))
    ]
    if bias is not None:
        terms.append(Term("bias", (factor("bias", (0,), bias, "parameter", name="fc1.bias"),), bias))
    total = sum(term.value for term in terms)
    formula = "output[o] = Σᵢ input[i] · weight[o, i] + bias[o]"
    return explanation(terms, **({"formula": formula, "indices": {"o": 0}, "computed": total, "actual": total} | given))


@pytest.fixture
def make_linear() -> Callable[..., Explanation]:
    return linear


@pytest.fixture
def make_explanation() -> Callable[..., Explanation]:
    return explanation


@pytest.fixture
def make_factor() -> Callable[..., Factor]:
    return factor


def tensor(*shape: int, role: str = "input", name: str | None = None) -> Any:
    from neurontui.records import Value

    return Value(shape, "torch.float32", "cpu", role, name)  # type: ignore[arg-type]


def step(index: int, name: str, *, parent: int | None = 0, end: int | None = None, kind: str = "function", **given: Any) -> Any:
    """What drawing reads of a step."""
    path, _, op = name.partition("/")
    fields: dict[str, Any] = {
        "index": index, "parent": parent, "kind": kind, "op": op or "torch.nn.Linear", "path": path, "call": 1, "name": name,
        "args": (tensor(2),), "kwargs": {}, "output": tensor(2, role="step"), "training": True, "grad": True, "autocast": None,
        "error": None, "end": end or index + 1,
    }  # fmt: skip
    return SimpleNamespace(**({"note": ""} | fields | given))


def trace(**given: Any) -> Any:
    """SimpleANN's call tree: six steps."""
    steps = (
        step(0, ".", parent=None, end=6, kind="module", op="SimpleANN", output=tensor(1, role="step")),
        step(1, "fc1", end=3, kind="module"),
        step(2, "fc1/linear", parent=1),
        step(3, "./relu"),
        step(4, "fc2", end=6, kind="module", output=tensor(1, role="step")),
        step(5, "fc2/linear", parent=4, output=tensor(1, role="step")),
    )
    return SimpleNamespace(**({"steps": steps, "error": None, "run": None} | given))


@pytest.fixture
def simple_trace() -> Any:
    return trace()


@pytest.fixture
def make_step() -> Callable[..., Any]:
    return step


@pytest.fixture
def make_tensor() -> Callable[..., Any]:
    return tensor


@pytest.fixture
def make_trace() -> Callable[..., Any]:
    return trace
