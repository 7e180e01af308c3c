"""Attention: masks, causality, scale, dropout, grouped queries, every option of multi-head attention; each held against torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import record
from family_checks import Chance, hold
from torch import nn

import neurontui


@pytest.mark.parametrize("seed", range(40))
def test_scaled_dot_product_attention(seed: int) -> None:
    c = Chance(seed)
    dtype, batch = c.dtype(), c.choice([(), (2,), (2, 4), (2, 1, 4)])
    queries, keys, depth, width = c.randint(1, 6), c.randint(1, 7), c.randint(1, 9), c.randint(1, 5)
    options: dict[str, Any] = {"dropout_p": c.choice([0.0, 0.0, 0.4]), "scale": c.choice([None, 0.5])}
    shared = batch
    if len(batch) == 2 and c.chance():
        shared, options["enable_gqa"] = (2, 2), True
    kind = c.choice(["", "causal", "bool", "float", "batched", "row"])
    if kind == "causal":
        options["is_causal"] = True
    elif kind:
        shape = {"batched": (*batch, queries, keys), "row": (1, keys)}.get(kind, (queries, keys))
        options["attn_mask"] = c.numbers(*shape, dtype=dtype if kind == "float" else torch.bool)
    q, k, v = (
        c.numbers(*batch, queries, depth, dtype=dtype),
        c.numbers(*shared, keys, depth, dtype=dtype),
        c.numbers(*shared, keys, width, dtype=dtype),
    )
    with torch.set_grad_enabled(c.chance()):
        assert hold(c, F.scaled_dot_product_attention, q, k, v, **options)


@pytest.mark.parametrize("seed", range(40))
def test_multi_head_attention(seed: int) -> None:
    c = Chance(seed)
    dtype, heads = c.choice([torch.float32, torch.float64, torch.bfloat16]), c.randint(1, 3)
    width, queries, keys, batch = heads * c.randint(1, 4), c.randint(1, 5), c.randint(1, 6), c.randint(1, 3)
    kdim, vdim = c.choice([(None, None), (5, 6)])
    layer = nn.MultiheadAttention(
        width,
        heads,
        dropout=c.choice([0.0, 0.0, 0.5]),
        bias=c.chance(),
        add_bias_kv=c.chance(0.3),
        add_zero_attn=c.chance(0.3),
        kdim=kdim,
        vdim=vdim,
    ).to(dtype)
    for parameter in layer.parameters():
        parameter.data = c.numbers(*parameter.shape, dtype=dtype) * 0.7
    batched = c.chance(0.7)
    shape = lambda rows, features: (rows, batch, features) if batched else (rows, features)  # noqa: E731
    inputs = [c.numbers(*shape(n, f), dtype=dtype) for n, f in ((queries, width), (keys, kdim or width), (keys, vdim or width))]
    options: dict[str, Any] = {"need_weights": c.chance(0.7), "average_attn_weights": c.chance()}
    if c.chance(0.3):
        options["key_padding_mask"] = c.numbers(*((batch, keys) if batched else (keys,)), dtype=torch.bool)
    kind = c.choice(["", "bool", "float", "heads"])
    if kind:
        first = ((batch if batched else 1) * heads,) if kind == "heads" else ()
        options["attn_mask"] = c.numbers(*first, queries, keys, dtype=torch.bool if kind == "bool" else dtype)
    with torch.set_grad_enabled(c.chance()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # masks of different types are deprecated
        assert hold(c, layer.train(c.chance(0.7)), *inputs, elements=2, name="multi_head_attention_forward", **options)


def test_the_stages_of_an_attention() -> None:
    q = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    trace = neurontui.trace(Attends(), q)
    why = neurontui.explain(trace, "./scaled_dot_product_attention", (0, 0, 1))
    assert [stage.title for stage in why.stages[1:]] == ["scores", "sum of exponentials", "weights"]
    scores, weights = why.stages[1], why.stages[3]
    assert [term.mark for term in scores.terms] == ["", "masked"]
    assert [round(float(term.value), 6) for term in weights.terms] == [1.0, 0.0]
    assert [factor.name for factor in scores.terms[0].factors] == ["query", "key", "query", "key", "scale"]
    assert why.pictures[0].kind == "bar"
    assert why.tables[0].rows[0][0] == "score"


class Attends(nn.Module):
    """Causal self-attention without projections."""

    def forward(self, q: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(q, q, q, is_causal=True)


def test_a_row_that_is_masked_throughout_is_zero() -> None:
    class Model(nn.Module):
        def forward(self, q: torch.Tensor) -> torch.Tensor:
            return F.scaled_dot_product_attention(q, q, q, torch.zeros(2, 2, dtype=torch.bool))

    why = neurontui.explain(neurontui.trace(Model(), torch.ones(1, 2, 4)), "./scaled_dot_product_attention", (0, 1, 2))
    assert (why.zero, why.agrees, why.actual) == ("masked", True, 0.0)


def test_the_kernel_of_attentions_softmax_gives_nothing_for_a_row_that_is_masked() -> None:
    x = torch.tensor([[float("-inf")] * 3, [1.0, 2.0, float("-inf")]])
    trace = record(lambda x: torch.ops.aten._safe_softmax(x, -1), x)
    whys = [neurontui.explain(trace, 1, at) for at in ((0, 1), (1, 0), (1, 2))]
    assert [(why.method, why.agrees, why.zero) for why in whys] == [
        ("formula", True, "masked"),
        ("formula", True, ""),
        ("formula", True, "masked"),
    ]
