"""Why a number is NaN or infinite, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import record
from torch import Tensor

import neurontui
from neurontui.explainers import first_nonfinite
from neurontui.rendering.pictures import part_lines

INF, NAN = math.inf, math.nan
ONES = torch.ones(1, 3)


def half(*numbers: float) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float16)


CASES: list[tuple[Callable[[Tensor], Tensor], Tensor, str]] = [
    (torch.log, torch.tensor([-1.0]), "input[0] is -1: the logarithm of a negative number is not defined: NaN."),
    (torch.log, torch.tensor([0.0]), "the logarithm of 0 is −∞"),
    (torch.sqrt, torch.tensor([-2.0]), "the square root of a negative number"),
    (torch.rsqrt, torch.tensor([0.0]), "1 / √0 is a division by zero"),
    (torch.reciprocal, torch.tensor([0.0]), "input[0] is 0: 1 / 0 is a division by zero"),
    (torch.acos, torch.tensor([2.0]), "acos takes cosines"),
    (lambda x: x / 0.0, torch.tensor([0.0]), "0 / 0 is not defined: NaN."),
    (lambda x: x / 0.0, torch.tensor([1.0]), "1 / 0 is a division by zero: infinity."),
    (lambda x: x / x, torch.tensor([INF]), "∞ / ∞ is not defined"),
    (lambda x: x - x, torch.tensor([INF]), "∞ − ∞ is not defined: NaN."),
    (lambda x: x * 0, torch.tensor([INF]), "input[0] is ∞, and 0 · ∞ is not defined: NaN."),
    (lambda x: x**0.5, torch.tensor([-4.0]), "-4 is negative, and 0.5 no whole number"),
    (lambda x: x**-1, torch.tensor([0.0]), "0 to the power -1"),
    (lambda x: F.lp_pool2d(x.reshape(1, 1, 1, 1), 3.0, 1), torch.tensor([-2.0]), "S is -8, and S^(1/3) is NaN."),
    (torch.exp, torch.tensor([100.0]), "2.69e+43 is beyond the largest number that this type holds, 3.4028e+38"),
    (torch.exp, half(12), "beyond the largest number that this type holds, 65504"),
    (lambda x: x.half(), torch.tensor([1e6]), "1000000 is beyond the largest number that this type holds, 65504"),
    (lambda x: x.sum(), torch.tensor([3e38, 3e38]), "6e+38 is beyond the largest"),
    (lambda x: F.linear(x, half(300, 300, 300).reshape(1, 3)), half(300, 1, 2), "90900 is beyond the largest"),
    (lambda x: F.linear(x, ONES), torch.tensor([1.0, NAN, 2.0]), "input[1] was NaN already."),
    (lambda x: F.linear(x, ONES), torch.tensor([INF, -INF, 2.0]), "∞ − ∞ is not defined"),
    (lambda x: F.linear(x, torch.tensor([[0.0, 1.0, 1.0]])), torch.tensor([INF, 1.0, 2.0]), "input[0] is ∞, and 0 · ∞ is not defined"),
    (lambda x: torch.softmax(x, -1), torch.tensor([-INF, -INF]), "The row is −∞ throughout (all of it is masked)"),
    (lambda x: torch.softmax(x, -1), torch.tensor([INF, 1.0]), "The row has an ∞ in it"),
    (lambda x: x.mean(), torch.zeros(0), "There is nothing to take the mean of: 0 / 0"),
    (lambda x: F.cross_entropy(x, torch.tensor([-100])), ONES, "There is nothing to take the mean of"),
    (lambda x: x.view(1, 1), torch.tensor([NAN]), "input[0] was NaN already."),
    (torch.relu, torch.tensor([NAN]), "input[0] was NaN already."),
    (lambda x: x.masked_fill(x > 0, -INF), torch.tensor([1.0]), "Value is −∞."),
    (lambda x: F.layer_norm(x, (2,)), torch.tensor([INF, 1.0]), "The mean is ∞: input[0] was ∞ already."),
]


@pytest.mark.parametrize(("function", "given", "said"), CASES, ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_not_finite_says_why(function: Callable[[Tensor], Tensor], given: Tensor, said: str) -> None:
    trace = record(function, given)
    why = neurontui.explain(trace, next(step for step in reversed(trace.steps) if step.kind == "function"))
    assert not math.isfinite(float(why.actual))  # type: ignore[arg-type]
    assert said in why.notes[0]
    assert why.notes[0].endswith(".")
    assert why.agrees


def test_what_is_finite_says_nothing_of_it() -> None:
    trace = record(torch.exp, torch.tensor([1.0]))
    assert neurontui.explain(trace, "./exp").notes == ()


def test_nan_is_not_said_to_be_above_zero() -> None:
    notes = neurontui.explain(record(torch.relu, torch.tensor([NAN])), "./relu").notes
    assert not any("above 0:" in note for note in notes)


def test_a_point_without_a_height_is_marked_at_the_edge() -> None:
    why = neurontui.explain(record(torch.log, torch.tensor([-1.0])), "./log")
    lines = [line.plain for line in part_lines(why.pictures[:1], 60)]
    assert lines[-2].startswith("●")
    assert "x = -1, y = nan" in lines[-1]


def test_the_counter_of_a_batch_norm_says_what_it_counts() -> None:
    trace = neurontui.trace(torch.nn.BatchNorm1d(2), torch.randn(4, 2))
    assert neurontui.explain(trace, "./add_").notes[0] == "num_batches_tracked counts the batches that the layer has seen in training."
    assert not any("num_batches" in note for note in neurontui.explain(trace, "./batch_norm", (0, 0)).notes)


@pytest.mark.filterwarnings("ignore")  # torch says that this type is experimental
def test_a_type_without_arithmetic_is_searched_too() -> None:
    trace = record(lambda x: torch.stack([x, x]).to(torch.complex32), torch.tensor(1.0))
    assert first_nonfinite(trace) is None
    trace = record(lambda x: torch.stack([x, x * 1e30]).to(torch.complex32), torch.tensor(1.0))
    found = first_nonfinite(trace)
    assert found is not None
    assert (found.word, found.at) == ("Inf", (1,))


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: F.softmax((x * 1e30).exp(), -1), "made by %3 ./softmax at [0, 0]: the row has an ∞ in it: ∞ − ∞ is not defined: NaN."),
        (lambda x: x[:0].mean(), "made by %2 ./mean: there is nothing to take the mean of: 0 / 0 is not defined: NaN."),
        (lambda x: torch.log(x - x - 1), "./log at [0, 0]: output = log(input), with input[0, 0] = -1."),
        (lambda x: F.layer_norm(x * torch.tensor([1e30, 2e30, 3e30]), (3,)), "the variance is 6.67e+59, beyond the largest number"),
    ],
)
def test_the_first_nan_names_its_terms_or_else_its_cause(function: Callable[[Tensor], Tensor], told: str) -> None:
    found = first_nonfinite(record(function, ONES))
    assert found is not None
    assert told in found.sentence


def test_an_index_of_0_does_not_multiply_an_infinity() -> None:
    why = neurontui.explain(record(lambda w: F.embedding(torch.tensor([0]), w), torch.full((2, 2), INF)), "./embedding", (0, 1))
    assert why.notes[0] == "weight[0, 1] was ∞ already."
