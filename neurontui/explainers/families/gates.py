"""The gates of one unit of an RNN, GRU or LSTM at one timestep, as stages. No operation is explained here; `recurrence` and `cells` are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.terms import Array, Block, Column, products
from neurontui.explanation import Picture

NAMES = {
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),
    "gru": ("reset gate", "update gate", "candidate"),
    "rnn": ("sum",),
}
LETTERS = {
    "lstm": {"input gate": "i", "forget gate": "f", "candidate": "g", "output gate": "o"},
    "gru": {"reset gate": "r", "update gate": "z", "candidate": "n"},
    "rnn": {"sum": "a"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What goes into one gate: the terms of the input, those of the hidden state, and their biases."""

    input: Sequence[Block]
    hidden: Sequence[Block]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One unit's new state: all stages, of which the last ones are the cell (LSTM only) and the hidden state."""

    stages: list[Draft]
    hidden: Draft
    cell: Draft | None = None

    def bars(self, kind: str) -> tuple[Picture, ...]:
        """The gates, what they make and the new state as bars under one another."""
        named = {stage.title: stage for stage in [*self.stages, self.hidden]}
        shown = [name for name in (*NAMES[kind], "cell", "tanh(cell)", "hidden") if name in named]
        heights = tuple((float(place), value_of(named[name])) for place, name in enumerate(shown))
        labels = tuple(f"{LETTERS[kind].get(name, ' ')}  {name}" for name in shown)
        return (Picture("bar", curve=heights, labels=labels, caption="a gate near 0 is shut, one near 1 lets all through"),)


def logistic(x: float) -> float:
    """1/(1 + e⁻ˣ) without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)) if x == x else x


def total(parts: Parts, title: str, formula: str = "Σ weight_ih · input + Σ weight_hh · h + biases") -> Draft:
    """The sum before the squashing."""
    return Draft(formula, "sum", [*parts.input, *parts.hidden], title=title)


def squash(inner: Draft, kind: str, title: str, letter: str) -> Draft:
    """σ, tanh or relu of a stage; rounding in it comes through with the slope."""
    x = value_of(inner)
    value = logistic(x) if kind == "σ" else math.tanh(x) if kind == "tanh" else max(0.0, x) if x == x else x
    slope = value * (1 - value) if kind == "σ" else 1 - value * value if kind == "tanh" else float(x > 0)
    magnitude = abs(value) + slope * inner.spread()
    return Draft(f"{letter} = {kind}({inner.title})", "apply", [products(stage(inner))], computed=value, title=title, magnitude=magnitude)


def value_of(draft: Draft) -> float:
    """A stage's number."""
    return float(draft.result())  # type: ignore[arg-type]


def lstm_unit(parts: Sequence[Parts], before: Column, before_spread: float) -> Unit:
    """`c = f·c₋ + i·g`, `h = o·tanh(c)` (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000)."""
    sums = [total(part, f"{name}, sum") for part, name in zip(parts, NAMES["lstm"], strict=True)]
    kinds = ("σ", "σ", "tanh", "σ")
    i, f, g, o = (squash(s, kind, name, LETTERS["lstm"][name]) for s, kind, name in zip(sums, kinds, NAMES["lstm"], strict=True))
    old, gi, gf, gg = float(before.number), value_of(i), value_of(f), value_of(g)  # type: ignore[arg-type]
    spread = abs(gf * old) + abs(gi * gg) + abs(old) * f.spread() + abs(gf) * before_spread + abs(gg) * i.spread() + abs(gi) * g.spread()
    terms = [products(stage(f), before, label="f · c before"), products(stage(i), stage(g), label="i · g")]
    cell = Draft("c = f · c before + i · g", "sum", terms, title="cell", magnitude=spread)
    bent = squash(cell, "tanh", "tanh(cell)", "tanh c")
    h, go = value_of(o) * value_of(bent), value_of(o)
    spread = abs(h) + abs(value_of(bent)) * o.spread() + abs(go) * bent.spread()
    hidden = Draft("h = o · tanh(c)", "product", [products(stage(o)), products(stage(bent))], title="hidden", magnitude=spread)
    return Unit([*sums, i, f, g, o, cell, bent], hidden, cell)


def gru_unit(parts: Sequence[Parts], before: Column) -> Unit:
    """`h = (1 − z)·n + z·h₋`, `n = tanh(input part + r·hidden part)` (Cho et al. 2014, in cuDNN's form)."""
    sums = [total(part, f"{name}, sum") for part, name in zip(parts[:2], NAMES["gru"], strict=False)]
    r, z = (squash(s, "σ", name, LETTERS["gru"][name]) for s, name in zip(sums, NAMES["gru"], strict=False))
    given = Draft("Σ weight_ih · input + bias", "sum", parts[2].input, title="candidate, input part")
    kept = Draft("Σ weight_hh · h + bias", "sum", parts[2].hidden, title="candidate, hidden part")
    spread = given.spread() + abs(value_of(r)) * kept.spread() + abs(value_of(kept)) * r.spread()
    inner = Draft(
        "input part + r · hidden part",
        "sum",
        [products(stage(given)), products(stage(r), stage(kept))],
        title="candidate, sum",
        magnitude=spread,
    )
    n = squash(inner, "tanh", "candidate", LETTERS["gru"]["candidate"])
    old, gate, new = float(before.number), value_of(z), value_of(n)  # type: ignore[arg-type]
    rest = Draft("1 − z", "apply", [products(stage(z))], computed=1 - gate, title="1 − update gate", magnitude=1 + z.spread())
    spread = abs((1 - gate) * new) + abs(gate * old) + (abs(new) + abs(old)) * z.spread() + abs(1 - gate) * n.spread()
    terms = [products(stage(rest), stage(n), label="(1 − z) · n"), products(stage(z), before, label="z · h before")]
    hidden = Draft("h = (1 − z) · n + z · h before", "sum", terms, title="hidden", magnitude=spread)
    return Unit([*sums, r, z, given, kept, inner, n, rest], hidden)


def rnn_unit(parts: Sequence[Parts], kind: str) -> Unit:
    """`h = tanh(Σ w·x + Σ u·h₋ + b)`, or relu (Elman 1990)."""
    inner = total(parts[0], "sum")
    return Unit([inner], squash(inner, kind, "hidden", "h"))


def cell_values(sums: Array, spreads: Array, first: float) -> tuple[Array, Array, Array]:
    """The cell state of one unit after each timestep, from the gates' sums (steps, 4).

    Returns (cells, their spreads, each step's share of the last), each (steps + 1,).

    `shares[s]` is i·g of step s times all forget gates after it; shares[0] belongs to the state before the first step.
    """
    with np.errstate(over="ignore"):
        i, f = (1 / (1 + np.exp(-sums[:, k])) for k in (0, 1))
    g = np.tanh(sums[:, 2])
    cells, errors, shares = [first], [0.0], [first]
    for step in range(len(sums)):
        old = cells[-1]
        written = float(i[step] * g[step])
        error = f[step] * errors[-1] + abs(f[step] * old) + abs(written) + abs(old) * f[step] * (1 - f[step]) * spreads[step, 1]
        error += abs(g[step]) * i[step] * (1 - i[step]) * spreads[step, 0] + i[step] * (1 - g[step] ** 2) * spreads[step, 2]
        shares = [share * float(f[step]) for share in shares] + [written]
        cells.append(float(f[step] * old + written))
        errors.append(float(error))
    return np.array(cells), np.array(errors), np.array(shares)
