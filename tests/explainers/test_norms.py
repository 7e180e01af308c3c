"""Norms: layer, group, instance, RMS, local response, normalize, weight norm; each held against torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from family_checks import Chance, hold

import neurontui


@pytest.mark.parametrize("seed", range(30))
def test_norms(seed: int) -> None:
    c = Chance(seed)
    dtype = c.dtype()
    shape = (c.randint(1, 3), 6, *c.sizes(2, 2, 5))
    x = c.numbers(*shape, dtype=dtype) + c.choice([0, 0, 10])
    last = shape[c.randint(1, 3) :]
    weight, bias = c.choice(
        [(None, None), (c.numbers(*last, dtype=dtype), c.numbers(*last, dtype=dtype)), (c.numbers(*last, dtype=dtype), None)]
    )
    hold(c, F.layer_norm, x, last, weight, bias, c.choice([1e-5, 1e-3]))
    hold(c, torch.native_layer_norm, x, last, weight, bias, 1e-5)
    hold(c, F.rms_norm, x, last, weight, c.choice([None, 1e-6]))
    weight, bias = c.choice([(None, None), (c.numbers(6, dtype=dtype), c.numbers(6, dtype=dtype))])
    hold(c, F.group_norm, x, c.choice([1, 2, 3]), weight, bias)
    hold(c, F.instance_norm, x, None, None, weight, bias)
    hold(c, F.instance_norm, x, c.numbers(6, dtype=dtype), c.numbers(6, dtype=dtype).abs(), weight, bias, use_input_stats=False)
    hold(c, F.local_response_norm, x, c.choice([1, 2, 3, 5]), alpha=0.5, k=2)
    hold(c, F.normalize, x, c.choice([1, 2, 3, float("inf")]), c.choice([0, 1, -1, (1, 2)]))
    v, dim = c.numbers(4, 3, 5, dtype=dtype), c.choice([0, 2])
    hold(c, torch._weight_norm, v, c.numbers(*(n if d == dim else 1 for d, n in enumerate(v.shape)), dtype=dtype), dim)


def test_stages_lead_from_the_row_to_the_value() -> None:
    layer = torch.nn.LayerNorm(4)
    trace = neurontui.trace(layer, torch.tensor([[1.0, 2.0, 3.0, 6.0]]))
    why = neurontui.explain(trace, "./layer_norm", (0, 3))
    assert [stage.title for stage in why.stages] == ["mean", "variance", "normalised"]
    assert [stage.computed for stage in why.stages[:2]] == [3.0, 3.5]
    assert why.terms[0].factors[0].origin.kind == "stage"
    assert list(why.pictures[0].cells) == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_a_constant_row_is_a_true_zero() -> None:
    trace = neurontui.trace(torch.nn.LayerNorm(3, elementwise_affine=False), torch.full((1, 3), 5.0))
    why = neurontui.explain(trace, "./layer_norm", (0, 1))
    assert (why.computed, why.agrees, why.zero) == (0.0, True, "sum")
