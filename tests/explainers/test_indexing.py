"""Indexing by tensors, assignments, copies, repeats: each element's own place, held against what torch gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import check, random_tensor, record, some_elements
from torch import Tensor, nn

import neurontui


def random_item(generator: torch.Generator, size: int, named: tuple[int, ...]) -> Any:
    """A place, a slice, or a tensor of places."""
    pick = int(torch.randint(5, (1,), generator=generator))
    if pick == 0:
        return int(torch.randint(-size, size, (1,), generator=generator))
    if pick == 1:
        return slice(int(torch.randint(size, (1,), generator=generator)), None, int(torch.randint(1, 3, (1,), generator=generator)))
    if pick == 2:
        return slice(None)
    if pick == 3:
        return torch.rand(size, generator=generator) > 0.3 if len(named) == 0 else torch.randint(-size, size, named, generator=generator)
    shape = named[int(torch.randint(len(named) + 1, (1,), generator=generator)) :] or (1,)
    return torch.randint(-size, size, shape, generator=generator)


def random_index(generator: torch.Generator, shape: tuple[int, ...]) -> Any:
    """Items for the first dimensions, with None and Ellipsis among them."""
    named = [(3,), (2, 3), (1, 2)][int(torch.randint(3, (1,), generator=generator))]
    items = [random_item(generator, n, named) for n in shape]
    cut = int(torch.randint(1, len(items) + 1, (1,), generator=generator))
    where = int(torch.randint(3, (1,), generator=generator))
    items = [Ellipsis, *items[-cut:]] if where == 0 else items[:cut]
    if int(torch.randint(3, (1,), generator=generator)) == 0:
        items.insert(int(torch.randint(len(items) + 1, (1,), generator=generator)), None)
    return tuple(items) if len(items) > 1 or where == 1 else items[0]


@pytest.mark.parametrize("seed", range(80))
def test_an_element_read_by_index(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    shape = tuple(int(n) for n in torch.randint(2, 5, (int(torch.randint(1, 5, (1,), generator=generator)),), generator=generator))
    x, index = random_tensor(generator, shape), random_index(generator, shape)
    trace = record(lambda x: x[index] * 1, x)
    for why in some_elements(generator, trace, 1):
        check(why, trace)
        assert why.method == "index"


@pytest.mark.parametrize("seed", range(36))
def test_an_element_of_an_assignment(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    shape = tuple(int(n) for n in torch.randint(2, 5, (3,), generator=generator))
    x = random_tensor(generator, shape)
    items = [random_item(generator, n, (3,)) for n in shape]
    index = tuple(i for i in items if not isinstance(i, Tensor)) if seed % 3 else tuple(items)
    part = x.clone()[index]
    numbers = [2.0, torch.randn(part.shape, generator=generator), torch.randn(part.shape[-1:], generator=generator), 3][seed % 4]

    def assign(x: Tensor) -> Tensor:
        y = x * 1
        y[index] = numbers
        return y

    trace = record(assign, x)
    step = next(s for s in trace.steps if s.label == "__setitem__" or "setitem" in s.op)
    for why in some_elements(generator, trace, step.index, 6):
        check(why, trace)
        assert why.method == "index"


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.empty(2, 3, 4).copy_(x),
        lambda x: torch.empty(2, 3, 4, dtype=torch.int32).copy_(x),
        lambda x: x.repeat_interleave(2, 1),
        lambda x: x.repeat_interleave(3),
        lambda x: x.repeat_interleave(torch.tensor([1, 2, 0]), 0),
        lambda x: x[x > 0],
        lambda x: x[torch.tensor([True, False, True])],
        lambda x: x[[0, 2], :, None][..., 0],
        lambda x: x[torch.tensor(1)],
    ],
)
def test_copies_repeats_and_masks(function: Callable[[Tensor], Tensor]) -> None:
    generator = torch.Generator().manual_seed(1)
    trace = record(function, torch.randn(3, 4, generator=generator))
    for step in trace.steps[1:]:
        for why in some_elements(generator, trace, step.index, 8):
            check(why, trace)
            assert why.method in ("index", "element", "formula")


def test_the_index_that_chose_an_element_can_be_followed() -> None:
    trace = record(lambda x, i: x[i + 1], torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0, 1]))
    place, chosen = neurontui.explain(trace, 2, 1).terms[0].factors
    assert (place.index, place.number, chosen.name, chosen.number) == ((2,), 3.0, "index", 2)
    assert (chosen.origin.kind, chosen.origin.step) == ("step", 1)


def test_a_tensor_that_got_other_data() -> None:
    def give(x: Tensor) -> Tensor:
        y = torch.zeros(2)
        y.data = x * 2
        return y + 1

    trace = record(give, torch.tensor([1.0, 2.0]))
    step = next(s for s in trace.steps if "__set__" in s.op)
    why = neurontui.explain(trace, step, 1)
    check(why, trace)
    assert (why.method, why.computed) == ("index", 4.0)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, float("inf")])
def test_a_row_that_is_longer_than_max_norm_is_shortened_first(norm_type: float) -> None:
    torch.manual_seed(0)
    layer = nn.Embedding(6, 4, padding_idx=0, max_norm=1.2, norm_type=norm_type)
    layer.weight.data[1:3] *= 0.1
    long = layer.weight.detach().norm(norm_type, dim=1) > 1.2
    assert long[3:].any()
    assert not long[:3].any()
    trace = neurontui.trace(layer, torch.arange(6))
    for row in range(6):
        why = neurontui.explain(trace, "./embedding", (row, 3))
        check(why, trace)
        assert [part.title for part in why.stages] == (["norm", "scale"] if long[row] else [])
        assert ("it stays as it is" in why.notes[-1]) == (not long[row])


def test_a_sparse_gradient_is_a_gradient() -> None:
    trace = record(lambda w: F.embedding_bag(torch.tensor([[1, 2]]), w, sparse=True, max_norm=0.5, mode="sum"), torch.ones(5, 3))
    why = neurontui.explain(trace, "./embedding_bag", (0, 1))
    check(why, trace)
    assert [(factor.name, factor.index) for term in why.terms for factor in term.factors[:1]] == [("weight", (1, 1)), ("weight", (2, 1))]
