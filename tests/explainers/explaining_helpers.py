"""What the explainer tests share: record one function call on random tensors, and hold explanations against what torch gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import neurontui
from neurontui.explainers.calls import to_numpy
from neurontui.explainers.drafts import combine
from neurontui.explanation import Explanation, Factor
from neurontui.records import Trace, leaves


class Calls(nn.Module):
    """A model whose forward is one given function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *args: Any) -> Any:
        return self.function(*args)


def record(function: Callable[..., Any], *args: Any, seed: int = 0) -> Trace:
    trace = neurontui.trace(Calls(function), *args, seed=seed)
    assert trace.error is None, trace.error
    return trace


def random_tensor(generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
    """Random numbers in a random memory layout: contiguous, transposed, strided or expanded from a slice."""
    layout = int(torch.randint(4, (1,), generator=generator))
    if layout == 1 and len(shape) > 1:
        return _numbers(generator, (*shape[:-2], shape[-1], shape[-2]), dtype).transpose(-1, -2)
    if layout == 2 and shape:
        return _numbers(generator, (*shape[:-1], 2 * shape[-1] + 1), dtype)[..., 1::2]
    if layout == 3 and shape:
        return _numbers(generator, (shape[0] + 2, *shape[1:]), dtype)[1:-1]
    return _numbers(generator, shape, dtype)


def _numbers(generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    if dtype is torch.bool:
        return torch.rand(shape, generator=generator) > 0.5
    if not dtype.is_floating_point and not dtype.is_complex:
        return torch.randint(0 if dtype is torch.uint8 else -9, 10, shape, generator=generator).to(dtype)
    numbers = torch.randn(shape, generator=generator, dtype=torch.complex128 if dtype.is_complex else torch.float64)
    return (numbers * 2).to(dtype)


def shape_of(generator: torch.Generator, least: int = 0, most: int = 4) -> tuple[int, ...]:
    rank = int(torch.randint(least, most + 1, (1,), generator=generator))
    return tuple(int(n) for n in torch.randint(1, 6, (rank,), generator=generator))


def some_elements(generator: torch.Generator, trace: Trace, step: int, count: int = 3) -> Iterator[Explanation]:
    """Explanations of random elements of every output of a step."""
    for output, (_, value) in enumerate(leaves(trace.steps[step].output)):
        size = 1
        for n in value.shape:
            size *= n
        for _ in range(min(count, size)):
            at = tuple(int(torch.randint(n, (1,), generator=generator)) for n in value.shape)
            yield neurontui.explain(trace, step, at, output)


def check(why: Explanation, trace: Trace | None = None) -> None:
    """It agrees; `computed` is what `combine` makes of the terms; every factor has an origin whose recorded number is its own."""
    if why.agrees is None and "empty()" in " ".join(why.notes):
        return
    told = (
        f"{why.formula}: computed {why.computed}, kernel {why.actual}, difference {why.difference}, tolerance {why.tolerance}, {why.notes}"
    )
    assert why.agrees is True, told
    assert not any("could not be used" in note for note in why.notes), told
    if why.combine in ("sum", "product", "max", "min", "pick"):
        assert same(combine(why.combine, np.asarray([t.value for t in why.terms])), why.computed) or why.combine == "pick", told
    for term in why.terms[:3]:
        for factor in term.factors:
            assert factor.origin.kind != "unknown", (factor, told)
            if trace is not None:
                check_origin(trace, factor, told)


def check_origin(trace: Trace, factor: Factor, told: str) -> None:
    """Where a step made it, that step's recorded number is the factor's."""
    origin = factor.origin
    if origin.kind == "step" and origin.step is not None and origin.output is not None:
        _, value = list(leaves(trace.steps[origin.step].output))[origin.output]
        assert same(to_numpy(value.tensor()[origin.index].reshape(1))[0].item(), factor.number), (factor, told)


def same(a: Any, b: Any) -> bool:
    return bool(a == b or (a != a and b != b) or abs(a - b) <= 1e-12 * abs(a))
