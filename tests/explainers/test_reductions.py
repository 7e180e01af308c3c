"""Reductions, running sums, order and choice over every kind of number; each held against torch."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from family_checks import FLOATS, Chance, hold, named_call
from torch import Tensor

import neurontui
from neurontui.explainers.explaining import finish
from neurontui.explainers.families import extremes


def operand(c: Chance) -> tuple[Tensor, int, tuple[int, ...], bool]:
    """(a tensor of any type, one of its dimensions, some of them, whether to keep them)."""
    dtype = c.choice([*FLOATS, torch.int64, torch.int32, torch.bool])
    shape = c.choice([(), (5,), (3, 4), (2, 3, 4), (2, 1, 3, 4)])
    x = c.numbers(*shape, dtype=dtype)
    if dtype.is_floating_point and shape and c.chance(0.15):
        x.select(0, 0).fill_(math.nan)
    dim = c.randrange(-len(shape), len(shape)) if shape else 0
    return x, dim, tuple({dim % len(shape), 0}) if shape else (), c.chance()


@pytest.mark.parametrize("seed", range(25))
def test_extremes(seed: int) -> None:
    c = Chance(seed)
    x, dim, dims, keep = operand(c)
    for function in (torch.max, torch.min):
        hold(c, function, x)
        hold(c, function, x, dim, keep)
        hold(c, function, x, c.numbers(*x.shape, dtype=x.dtype))
    for function in (torch.amax, torch.amin):
        hold(c, function, x, dims, keep)
    if x.dtype is not torch.bool:
        for function in (torch.argmax, torch.argmin):
            hold(c, function, x)
            hold(c, function, x, dim, keep)
    hold(c, torch.aminmax, x, dim=dim)
    hold(c, torch.median, x, dim, keep)
    hold(c, torch.nanmedian, x)
    hold(c, torch.kthvalue, x, 1, dim)
    if not (x.dtype.is_floating_point and x.isnan().any()):
        hold(c, torch.mode, x, dim)
    for function in (torch.cummax, torch.cummin):
        hold(c, function, x, dim)


@pytest.mark.parametrize("seed", range(25))
def test_sums_of_a_kind(seed: int) -> None:
    c = Chance(seed)
    x, dim, dims, keep = operand(c)
    hold(c, torch.prod, x)
    hold(c, torch.prod, x, dim, keep)
    hold(c, torch.all, x, dim)
    hold(c, torch.any, x)
    hold(c, torch.count_nonzero, x)
    hold(c, torch.cumsum, x, dim)
    hold(c, torch.cumprod, x, dim)
    if x.dim():
        hold(c, torch.diff, x, dim=dim)
        hold(c, torch.diff, x, dim=dim, prepend=x.narrow(dim, 0, 1))
        if x.dtype is not torch.bool and x.shape[dim] > 2:
            hold(c, torch.diff, x, n=2, dim=dim)
    if not x.dtype.is_floating_point:
        return
    hold(c, torch.var, x, dims, unbiased=False)
    hold(c, torch.std, x, dim, correction=0, keepdim=keep)
    hold(c, torch.Tensor.std, x, False)
    hold(c, torch.var_mean, x, dim, correction=0)
    hold(c, torch.std_mean, x, dim, unbiased=False)
    hold(c, torch.linalg.vector_norm, x, c.choice([1, 2, 3, 0, math.inf, -math.inf]), dims, keep)
    hold(c, torch.norm, x)
    hold(c, torch.Tensor.norm, x, dim=dim, keepdim=True)
    hold(c, torch.linalg.norm, x)
    hold(c, torch.logsumexp, x, dims, keep)
    hold(c, torch.logcumsumexp, x, dim)
    hold(c, torch.nansum, x, dim)


@pytest.mark.parametrize("seed", range(25))
def test_order_and_choice(seed: int) -> None:
    c = Chance(seed)
    x, dim, _, keep = operand(c)
    truth = c.numbers(*x.shape, dtype=torch.bool)
    hold(c, torch.where, truth, x, c.numbers(*x.shape, dtype=x.dtype))
    hold(c, torch.Tensor.where, x, truth, 0.0 if x.dtype.is_floating_point else 0)
    for options in ({}, {"descending": True}, {"stable": True}):
        hold(c, torch.sort, x, dim=dim, **options)
        hold(c, torch.argsort, x, dim=dim, **options)
    if not x.dim() or x.dtype is torch.bool:
        return
    hold(c, torch.topk, x, c.randint(1, x.shape[dim]), dim, c.chance(), c.chance())
    if x.dtype.is_floating_point and x.isnan().any():
        return
    edges = torch.sort(x.flatten())[0]
    values = c.numbers(3, dtype=x.dtype).contiguous()  # torch warns of others
    hold(c, torch.searchsorted, edges, values, right=keep)
    hold(c, torch.bucketize, values, edges, right=keep)
    hold(c, torch.unique, x, return_inverse=True, return_counts=True)
    if x.dtype.is_floating_point:
        hold(c, torch.histc, x, 5)
        hold(c, torch.histc, x, 4, -1, 1)
    classes = c.whole(0, 5, 6)
    hold(c, torch.nn.functional.one_hot, classes, 5)
    hold(c, torch.bincount, classes)
    hold(c, torch.bincount, classes, c.numbers(6))


class Chooses(torch.nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.max(0)[1]


def test_a_tie_is_the_kernels_choice_and_said_so() -> None:
    trace = neurontui.trace(Chooses(), torch.tensor([1.0, 3.0, 3.0]))
    why = neurontui.explain(trace, "./max", (), output=1)
    assert why.agrees is True
    assert why.computed in (1, 2)
    assert any("2 equal values" in note for note in why.notes)


def test_a_wrong_winner_does_not_agree() -> None:
    """The check has teeth: another place than that of an equal is found out."""
    trace = neurontui.trace(Chooses(), torch.tensor([1.0, 3.0, 2.0]))
    call = named_call(trace, trace.step("./max"), (), 1)
    right = extremes.maximum(call, call.tensor("input"), 0)
    assert finish(call, right).agrees is True
    assert finish(call, dataclasses.replace(right, computed=2)).agrees is False
