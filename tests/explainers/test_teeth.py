"""The check has teeth: a formula with one term dropped, doubled or swapped is found wrong; a right one never is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import record

import neurontui
from neurontui.explainers.terms import Array
from neurontui.explainers.tolerances import difference, tolerance
from neurontui.explanation import Explanation

Rng = np.random.Generator


def drop(values: Array, chance: Rng) -> Array:
    return np.delete(values, chance.integers(len(values)))


def double(values: Array, chance: Rng) -> Array:
    return np.append(values, values[chance.integers(len(values))])


def found_wrong(why: Explanation, values: Array) -> bool:
    """Whether the verdict would be "they disagree" if the formula had these terms."""
    assert why.actual is not None
    computed = float(values.sum())
    limit = tolerance(why.actual, computed, torch.float32, len(values), float(np.abs(values).sum()))
    return difference(why.actual, computed) > limit


@pytest.mark.parametrize("break_terms", [drop, double])
@pytest.mark.parametrize("inputs", [16, 256, 4096])
def test_a_dropped_or_doubled_term_of_a_linear_is_found(break_terms: Callable[[Array, Rng], Array], inputs: int) -> None:
    torch.manual_seed(0)
    weight = torch.randn(400, inputs) / inputs**0.5
    trace = record(lambda x: F.linear(x, weight), torch.randn(inputs))
    chance = np.random.default_rng(0)
    found = 0
    for o in range(400):
        why = neurontui.explain(trace, 1, o)
        assert why.agrees is True
        assert not found_wrong(why, why.terms.values())
        found += found_wrong(why, break_terms(why.terms.values(), chance))
    assert found >= 0.95 * 400


def test_two_swapped_weights_of_a_linear_are_found() -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(400, 4096) / 64, torch.randn(4096)
    trace = record(lambda x: F.linear(x, weight), x)
    chance = np.random.default_rng(0)
    found = 0
    for o in range(400):
        why = neurontui.explain(trace, 1, o)
        i, j = chance.choice(4096, 2, replace=False)
        values = why.terms.values().copy()
        values[i], values[j] = float(x[i] * weight[o, j].double()), float(x[j] * weight[o, i].double())
        found += found_wrong(why, values)
    assert found >= 0.95 * 400


def test_a_wrong_formula_is_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from neurontui.explainers import Draft, products, registry

    def forgets_the_bias(call: object, /, input: torch.Tensor, weight: torch.Tensor, bias: object = None) -> Draft:
        i = range(input.shape[-1])
        return Draft(
            "output[o] = Σᵢ input[i] · weight[o, i]", "sum", [products(call.read("input", i), call.read("weight", call.at[-1], i))]
        )  # type: ignore[attr-defined]

    registry.load()
    monkeypatch.setitem(registry._EXPLAINERS, "linear", forgets_the_bias)
    layer = torch.nn.Linear(3, 2)
    why = neurontui.explain(neurontui.trace(layer, torch.randn(3)), ".")
    assert why.agrees is False
    assert why.notes[-1] == "This formula is not the whole story here."


def test_whole_numbers_must_be_equal() -> None:
    assert tolerance(3, 3, torch.int64, 100, 1e9) == 0.0
    assert difference(2**60, 2**60 + 1) == 1.0


def test_nan_and_infinities_agree_only_with_themselves() -> None:
    assert difference(float("nan"), float("nan")) == 0.0
    assert difference(float("inf"), float("inf")) == 0.0
    assert difference(float("inf"), float("-inf")) == float("inf")
    assert difference(1.0, float("nan")) == float("inf")
