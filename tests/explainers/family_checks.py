"""What the tests of the families share: one call is recorded, random elements of its outputs are explained, everything said is verified."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from explaining_helpers import Calls
from torch import Tensor

import neurontui
from neurontui.explainers.calls import Call, to_numpy
from neurontui.explainers.drafts import combine
from neurontui.explainers.registry import find
from neurontui.explanation import Explanation, Factor
from neurontui.records import Step, Trace, Value, leaves

FLOATS = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


class Chance(random.Random):
    """Seeded choices of shapes, memory layouts and numbers."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.generator = torch.Generator().manual_seed(seed)

    def numbers(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Random numbers in a random memory layout: plain, transposed, every second, or cut out of more."""
        layout = self.randrange(4)
        if layout == 1 and len(shape) > 1:
            return self._plain((*shape[:-2], shape[-1], shape[-2]), dtype).transpose(-1, -2)
        if layout == 2 and shape:
            return self._plain((*shape[:-1], 2 * shape[-1] + 1), dtype)[..., 1::2]
        if layout == 3 and shape:
            return self._plain((shape[0] + 2, *shape[1:]), dtype)[1:-1]
        return self._plain(shape, dtype)

    def _plain(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        if dtype is torch.bool:
            return torch.rand(shape, generator=self.generator) > 0.5
        if not dtype.is_floating_point and not dtype.is_complex:
            return torch.randint(-4, 5, shape, generator=self.generator).to(dtype)
        return torch.randn(shape, generator=self.generator, dtype=torch.complex128 if dtype.is_complex else torch.float64).to(dtype)

    def whole(self, low: int, high: int, *shape: int) -> Tensor:
        """Whole numbers from low to high − 1."""
        return torch.randint(low, high, shape, generator=self.generator)

    def sizes(self, rank: int, low: int = 1, high: int = 5) -> list[int]:
        return [self.randint(low, high) for _ in range(rank)]

    def chance(self, share: float = 0.5) -> bool:
        return self.random() < share

    def dtype(self, *more: torch.dtype) -> torch.dtype:
        return self.choice((*FLOATS, *more))


def hold(
    chance: Chance,
    function: Callable[..., Any],
    *args: Any,
    elements: int = 3,
    methods: Sequence[str] = ("formula",),
    name: str = "",
    **kwargs: Any,
) -> int:
    """Record `function(*args, **kwargs)` and verify the explanations of some elements of each output -> how many."""
    trace = neurontui.trace(Calls(lambda: function(*args, **kwargs)), seed=chance.randrange(1000))
    if isinstance(trace.error, (NotImplementedError, RuntimeError)) and "not implemented" in str(trace.error):
        return 0  # torch has no such kernel for this type
    assert trace.error is None, trace.error
    calls = [step for step in trace.steps if step.kind == "function" and (not name or step.op.endswith(name))]
    return sum(1 for _ in verify(chance, trace, calls[-1], elements, methods))


def verify(chance: Chance, trace: Trace, step: Step, elements: int, methods: Sequence[str], drawn: bool = False) -> Iterator[Explanation]:
    """Explain random elements of each output of a step, and hold each against everything that it says.

    With `drawn`, memory that nobody wrote and numbers that were drawn are passed over: there is nothing to hold them against.
    """
    for output, (_, value) in enumerate(leaves(step.output)):
        if 0 in value.shape:
            continue
        for _ in range(min(elements, math.prod(value.shape))):
            at = tuple(chance.randrange(n) for n in value.shape)
            why = neurontui.explain(trace, step, at, output)
            if drawn and why.agrees is None:
                continue
            call = named_call(trace, step, at, output)
            verify_one(trace, call, why, methods)
            yield why


def named_call(trace: Trace, step: Step, at: tuple[int, ...], output: int) -> Call:
    """The call with its arguments named as the explainer names them."""
    call, explainer = Call(trace, step, at, output), find(step.op)
    with torch.no_grad(), torch._C.DisableTorchFunction():
        if explainer is not None:
            args, kwargs = call.bind(explainer)
            explainer(call, *args, **kwargs)
        else:
            call.name_inputs()
    return call


def verify_one(trace: Trace, call: Call, why: Explanation, methods: Sequence[str]) -> None:
    """It agrees by the wanted method; terms recombine; each factor is the number that it claims to be."""
    told = (
        f"{call.op}{list(why.at)} output {why.output}: {why.formula}; computed {why.computed}, kernel {why.actual}, "
        f"difference {why.difference}, tolerance {why.tolerance}, {why.notes}"
    )
    assert why.method in methods, told
    assert why.agrees is True, told
    for part in (*why.stages, why):
        values = np.array([term.value for term in part.terms])
        if part.combine != "apply":
            again = combine(part.combine, values)
            assert part.computed is not None
            assert (
                math.isclose(abs(again - part.computed), 0, abs_tol=1e-12 * (1 + abs(part.computed)))
                or again != again
                or again == part.computed
            ), told
        for term in [*part.terms[:2], *part.terms[-1:]]:
            for factor in term.factors[:40]:
                verify_factor(trace, call, why, factor, told)


def verify_factor(trace: Trace, call: Call, why: Explanation, factor: Factor, told: str) -> None:
    """The number is that of the argument's element, of the stage, or of the step that it came from."""
    origin = factor.origin
    assert origin.kind != "unknown", (factor, told)
    if origin.kind == "stage":
        assert origin.stage is not None
        stage = why.stages[origin.stage]
        there = stage.terms[origin.index[0]].value if origin.index else stage.computed
        assert there == factor.number or there != there, (factor, there, told)
    elif isinstance(call.values.get(factor.name), Value):
        assert same(call.tensor(factor.name)[factor.index], factor.number), (factor, told)
    elif origin.kind == "literal":
        assert not factor.index, (factor, told)
    else:
        assert origin.kind == "step", (factor, told)
        assert None not in (origin.step, origin.output, origin.index), (factor, told)
        _, value = list(leaves(trace.steps[origin.step].output))[origin.output]
        assert same(value.tensor()[origin.index], factor.number), (factor, told)


def same(element: Tensor, number: Any) -> bool:
    there = to_numpy(element.reshape(1))[0]
    return bool(there == number or there != there)
