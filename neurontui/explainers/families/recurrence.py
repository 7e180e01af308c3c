"""`torch.lstm`, `torch.gru`, `torch.rnn_tanh`, `torch.rnn_relu`: the gates of the asked timestep, layer and direction."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call, to_numpy
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.cells import finished
from neurontui.explainers.families.gates import Parts, Unit, cell_values, gru_unit, lstm_unit, rnn_unit
from neurontui.explainers.families.networks import Network, select
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Block, Column, products
from neurontui.explanation import Origin


@explains("torch.lstm")
def lstm(call: Call, /, input: Any, second: Any, third: Any, *options: Any, **named: Any) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html; outputs: all timesteps of the last layer, h_n, c_n."""
    return _explain(call, "lstm")


@explains("torch.gru")
def gru(call: Call, /, input: Any, second: Any, third: Any, *options: Any, **named: Any) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html; outputs: all timesteps of the last layer, h_n."""
    return _explain(call, "gru")


@explains("torch.rnn_tanh")
def rnn_tanh(call: Call, /, input: Any, second: Any, third: Any, *options: Any, **named: Any) -> Any:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html"""
    return _explain(call, "rnn", "tanh")


@explains("torch.rnn_relu")
def rnn_relu(call: Call, /, input: Any, second: Any, third: Any, *options: Any, **named: Any) -> Any:
    """The same with relu."""
    return _explain(call, "rnn", "relu")


def _explain(call: Call, kind: str, bend: str = "tanh") -> Any:
    if call.step.kwargs:
        return NotImplemented  # torch takes them by place only
    network = Network(call, kind)
    layer, direction, sample, t, unit = network.locate()
    return Timestep(network, layer, direction, sample, t).explain(unit, bend)


class Timestep:
    """One timestep of one sample in one layer and direction: what goes in, and the gates."""

    def __init__(self, network: Network, layer: int, direction: int, sample: int, t: int) -> None:
        self.network, self.call, self.layer, self.direction, self.sample, self.t = network, network.call, layer, direction, sample, t
        self.rows = network.rows(sample)
        self.order = list(range(t + 1)) if direction == 0 else list(range(len(self.rows) - 1, t - 1, -1))  # as far as t, in running order
        self.stages: list[Draft] = []

    @cached_property
    def inputs(self) -> Array:
        """What this layer read at each timestep of `order`, (steps, features)."""
        source = self.network.input if self.layer == 0 else self.network.outputs(self.layer - 1, dropped=True)
        return select(source, [self.rows[s] for s in self.order])

    @cached_property
    def states(self) -> Array:
        """The hidden state before each timestep of `order`, (steps, hidden)."""
        network = self.network
        first: Array = to_numpy(network.state)[self._slot, self.sample][None]
        if len(self.order) == 1:
            return first
        out = select(network.outputs(self.layer), [self.rows[s] for s in self.order[:-1]])
        return np.concatenate([first, out[:, self.direction * network.features : (self.direction + 1) * network.features]])

    @property
    def _slot(self) -> int:
        return self.layer * self.network.directions + self.direction

    def explain(self, unit: int, bend: str) -> Draft:
        """The hidden state of one unit (or, for c_n, its cell)."""
        network = self.network
        made = self._project(unit) if network.projected and self.call.output < 2 else self._unit(unit, bend)
        last = made.cell if self.call.output == 2 else made.hidden
        way = "" if network.directions == 1 else (" forward" if self.direction == 0 else " backward")
        notes = [f"Layer {self.layer}{way}, timestep {self.t} of {len(self.rows)}, unit {unit}."]
        if self.layer and network.dropout and network.train:
            notes.append(
                "Between the layers a dropout was drawn: it is in the input of this layer, recomputed with the recorded random state."
            )
        indices = {"layer": self.layer, "direction": self.direction, "sample": self.sample, "t": self.t, "j": unit}
        return finished(self.call, made, last, network.kind, self.stages, notes, indices)  # type: ignore[arg-type]

    def _unit(self, unit: int, bend: str = "tanh") -> Unit:
        parts = [self._gate(k, unit) for k in range(self.network.gates)]
        if self.network.kind == "lstm":
            return lstm_unit(parts, *self._cell_before(unit))
        if self.network.kind == "gru":
            return gru_unit(parts, _one(self._hidden_before(), unit))
        return rnn_unit(parts, bend)

    def _gate(self, k: int, unit: int) -> Parts:
        """Gate k of the unit: row k·H + unit of the weights."""
        call, network, row = self.call, self.network, k * self.network.hidden + unit
        names = [network.parameter(self.layer, self.direction, which) for which in range(4 if network.biased else 2)]
        x, h = self._input(), self._hidden_before()
        w, u = call.read(names[0], row, range(len(x.values))), call.read(names[1], row, range(len(h.values)))
        given, kept = [_times(x, w)], [_times(h, u)]
        if network.biased:
            given.append(products(call.read(names[2], row), label="bias_ih"))
            kept.append(products(call.read(names[3], row), label="bias_hh"))
        return Parts(given, kept)

    def _input(self) -> Block:
        """The layer's input at this timestep, one term a feature."""
        if self.layer == 0:
            column = self.call.read("input", *self.rows[self.t], range(self.inputs.shape[1]))
            return Block((column,), column.numbers)
        numbers = self.inputs[-1]
        return self._recomputed(f"layer {self.layer - 1}'s output at timestep {self.t}", numbers, self.layer - 1, self.t, "h below")

    def _hidden_before(self) -> Block:
        """The hidden state before: hx at the first timestep, the recorded output in the last layer, else recomputed."""
        numbers, network = self.states[-1], self.network
        if len(self.order) == 1:
            column = self.call.read("hx[0]" if network.kind == "lstm" else "hx", self._slot, self.sample, range(len(numbers)))
            return Block((column,), column.numbers)
        before, first = self.order[-2], self.direction * network.features
        if self.layer != network.top:
            return self._recomputed(f"layer {self.layer}'s state at timestep {before}", numbers, self.layer, before, "h before")
        at, step = self.rows[before], self.call.step.index

        def columns(m: int) -> tuple[Column, ...]:
            index = (*at, first + m)
            return (Column("output", np.array([index]), numbers[m : m + 1], Origin("step", step=step, output=0, index=index)),)

        return Block(columns, numbers)

    def _recomputed(self, title: str, numbers: Array, layer: int, t: int, name: str) -> Block:
        """Numbers of another layer or timestep as a stage, and as factors called `name`; their terms name what they were made of."""
        made = next((s for s in self.stages if s.title == title), None)
        if made is None:
            below = None
            if layer > 0:
                row = select(self.network.outputs(layer - 1, dropped=True), [self.rows[t]])[0]
                below = self._recomputed(f"layer {layer - 1}'s output at timestep {t}", row, layer - 1, t, "h below")
            made = Draft(
                "h[j], recomputed by running the layers up to it alone",
                "apply",
                [Block(self._reads(layer, t, below), numbers, lambda m: f"h[{m}]")],
                title=title,
            )
            self.stages.append(made)
        source = made
        return Block(lambda m: (Column(name, np.array([[m]]), numbers[m : m + 1], source),), numbers)

    def _reads(self, layer: int, t: int, below: Block | None) -> Any:
        """The factors of a recomputed unit: what it read at that timestep, and its input weights."""
        call, network = self.call, self.network

        def columns(m: int) -> tuple[Column, ...]:
            direction, unit = divmod(m, network.features) if layer != self.layer else (self.direction, m)
            weights = network.parameter(layer, direction, 0)
            width = call.tensor(weights).shape[1]
            found: list[Column] = []
            for i in range(width):
                x = call.read("input", *self.rows[t], i) if below is None else _one(below, i)
                found += [x, *(call.read(weights, k * network.hidden + unit, i) for k in range(network.gates))]
            return tuple(found)

        return columns

    def _sums(self, unit: int | slice) -> tuple[Array, Array]:
        """The gates' sums of one unit at each timestep of `order` (steps, gates[, units]), and their Σ|term|."""
        network = self.network
        which = [network.parameter(self.layer, self.direction, n) for n in range(4 if network.biased else 2)]
        whole = [self.call.tensor(name) for name in which]
        shaped = [to_numpy(t.reshape(network.gates, network.hidden, *t.shape[1:])[:, unit]) for t in whole]
        w, u = shaped[:2]
        bias = shaped[2] + shaped[3] if network.biased else np.zeros(w.shape[:-1])
        size = np.abs(shaped[2]) + np.abs(shaped[3]) if network.biased else bias
        sums = np.tensordot(self.inputs, w, (1, -1)) + np.tensordot(self.states, u, (1, -1)) + bias
        return sums, np.tensordot(np.abs(self.inputs), np.abs(w), (1, -1)) + np.tensordot(np.abs(self.states), np.abs(u), (1, -1)) + size

    def _cell_before(self, unit: int) -> tuple[Column, float]:
        """c before this timestep: hx[1] at the first, else a stage of one term for each earlier timestep that wrote to it."""
        first = self.call.read("hx[1]", self._slot, self.sample, unit)
        if len(self.order) == 1:
            return first, 0.0
        sums, spreads = self._sums(unit)
        _, errors, shares = cell_values(sums[:-1], spreads[:-1], float(first.number))  # type: ignore[arg-type]
        earlier = self.order[:-1]
        weights, row = self.network.parameter(self.layer, self.direction, 0), 2 * self.network.hidden + unit

        def columns(s: int) -> tuple[Column, ...]:
            if s == 0:
                return (first,)
            read = [self.call.read(weights, row, i) for i in range(self.inputs.shape[1])]
            if self.layer:
                return tuple(read)
            return tuple(c for i, w in enumerate(read) for c in (self.call.read("input", *self.rows[earlier[s - 1]], i), w))

        label = lambda s: "c at the start · all forget gates" if s == 0 else f"timestep {earlier[s - 1]}: i · g · the forget gates since"  # noqa: E731
        made = Draft(
            "c before = Σ over the earlier timesteps of i · g · Π of the forget gates since",
            "sum",
            [Block(columns, shares, label)],
            title="cell before",
            magnitude=float(errors[-1]),
            notes=("Recomputed: the kernel gives out only the last cell state.",),
        )
        self.stages.append(made)
        return stage(made), float(errors[-1])

    def _project(self, feature: int) -> Unit:
        """`h = Σ W_hr[feature, j] · o[j]·tanh(c[j])` over all units (Sak et al. 2014)."""
        network = self.network
        sums, spreads = self._sums(slice(None))
        start = to_numpy(network.hx[1])[self._slot, self.sample]
        found = [cell_values(sums[:, :, j], spreads[:, :, j], float(start[j])) for j in range(network.hidden)]
        cells, errors = np.array([f[0][-1] for f in found]), np.array([f[1][-1] for f in found])
        with np.errstate(over="ignore"):
            o = 1 / (1 + np.exp(-sums[-1, 3]))
        bent = np.tanh(cells)
        units = o * bent
        spread = np.abs(units) + np.abs(bent) * o * (1 - o) * spreads[-1, 3] + o * (1 - bent**2) * errors
        made = Draft(
            "o[j] · tanh(c[j]) of each unit",
            "apply",
            [Block(self._reads(self.layer, self.t, self._below()), units, lambda m: f"unit[{m}]")],
            title="units before the projection",
        )
        weights = self.call.read(network.parameter(self.layer, self.direction, -1), feature, range(network.hidden))
        column = Column("unit", np.arange(len(units))[:, None], units, made)
        block = products(column, weights)
        magnitude = float(np.abs(weights.numbers) @ spread)
        hidden = Draft("h = Σ weight_hr[p, j] · o[j] · tanh(c[j])", "sum", [block], title="hidden", magnitude=magnitude)
        return Unit([made], hidden)

    def _below(self) -> Block | None:
        return self._input() if self.layer else None


def _one(block: Block, m: int) -> Column:
    """The only factor of a block's term, alone."""
    if callable(block.columns):
        return block.columns(m)[0]
    column = block.columns[0]
    return Column(column.name, np.array([column.index[m]]), column.numbers[m : m + 1], column.source)


def _times(values: Block, weights: Column) -> Block:
    """A block of numbers, each times its weight."""
    if not callable(values.columns):
        return products(*values.columns, weights)
    columns = values.columns

    def both(m: int) -> tuple[Column, ...]:
        return (*columns(m), Column(weights.name, np.array([weights.index[m]]), weights.numbers[m : m + 1], weights.source))

    return Block(both, values.values * weights.numbers)
