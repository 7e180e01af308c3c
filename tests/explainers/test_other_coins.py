"""A trace from another torch or machine: its random state gave other numbers there than it gives here, and nothing false is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui
from neurontui.explainers.explaining import DISAGREES, OTHER_DRAW
from neurontui.explainers.families.dropouts import HIDDEN, OTHER_COINS
from neurontui.records import Trace


class Draws(nn.Module):
    def __init__(self, draw: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.draw = draw

    def forward(self, x: Tensor) -> Any:
        return self.draw(x)


def foreign(draw: Callable[[Tensor], Any], x: Tensor) -> Trace:
    """As it was recorded, but with a random state that gives other numbers here."""
    trace, other = (neurontui.trace(Draws(draw), x, seed=seed) for seed in (4, 5))
    for step, elsewhere in zip(trace.steps, other.steps, strict=True):
        object.__setattr__(step, "random_state", elsewhere.random_state)
    return trace


X = torch.tensor([10.0, 20.0, 0.0, 40.0, float("inf"), 60.0, 70.0, 80.0])


@pytest.mark.parametrize("draw", [F.dropout, lambda x: F.dropout1d(x.reshape(1, 4, 2)).reshape(8)])
def test_what_was_dropped_is_read_off_the_output(draw: Callable[[Tensor], Tensor]) -> None:
    trace = foreign(draw, X)
    step = next(step for step in trace.steps if step.label.startswith("dropout"))
    shape = step.output.shape
    for place, output in enumerate(step.output.tensor().reshape(-1).tolist()):
        why = neurontui.explain(trace, step.index, tuple(int(i) for i in torch.unravel_index(torch.tensor(place), shape)))
        assert why.agrees
        assert OTHER_COINS in why.notes
        assert any(note.startswith(HIDDEN) for note in why.notes) == (X[place] == 0)
        if X[place] != 0:
            kept = output != 0 and not math.isnan(output)  # an infinity that is dropped becomes NaN
            assert (why.zero == "dropped") == (not kept)
            assert why.terms[1].factors[0].number == kept


def test_the_table_says_of_which_nobody_knows() -> None:
    table, *rolls = neurontui.explain(foreign(F.dropout, X), "./dropout").tables
    rows = dict(table.rows)
    given = list(zip(rows["mask"], rows["× 1/(1−p)"], strict=True))
    assert given[2] == ("?", None)
    assert all(given[i] == (("✓", 2.0) if rows["output"][i] else ("✗", None)) for i in (0, 1, 3, 5, 6, 7))
    assert not rolls


def test_drawn_again_here_all_is_known() -> None:
    trace = neurontui.trace(Draws(F.dropout), X, seed=4)
    for place in range(len(X)):
        why = neurontui.explain(trace, "./dropout", (place,))
        assert why.agrees
        assert OTHER_COINS not in why.notes
        assert "?" not in dict(why.tables[0].rows)["mask"]


@pytest.mark.parametrize(
    ("draw", "label"),
    [
        (lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.5), "scaled_dot_product_attention"),
        (lambda x: torch.bernoulli(x.sigmoid()), "bernoulli"),
        (lambda x: x.new_zeros(4, 4).normal_(), "normal_"),
    ],
)
def test_what_cannot_be_seen_is_not_blamed_on_the_formula(draw: Callable[[Tensor], Tensor], label: str) -> None:
    trace = foreign(draw, torch.linspace(-1, 1, 16).reshape(4, 4))
    step = trace.step(f"./{label}")
    told = [neurontui.explain(trace, step.index, (i, j)) for i in range(4) for j in range(4)]
    differing = [why for why in told if why.agrees is False]
    assert differing
    assert all(OTHER_DRAW in why.notes and DISAGREES not in why.notes for why in differing)
    assert not any(OTHER_DRAW in why.notes for why in told if why.agrees)
