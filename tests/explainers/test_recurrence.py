"""RNN, LSTM and GRU: layers, directions, projections, packed sequences, dropout between layers, cells; each held against torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from family_checks import Chance, hold, verify
from torch import nn

import neurontui


def build(c: Chance, dtype: torch.dtype) -> tuple[nn.Module, str, dict[str, Any], int, int]:
    """A random recurrent network with random weights: (layer, kind, options, inputs, hidden)."""
    kind, inputs, hidden = c.choice(["LSTM", "GRU", "RNN"]), c.randint(1, 5), c.randint(2, 5)
    options: dict[str, Any] = {
        "num_layers": c.randint(1, 3),
        "bidirectional": c.chance(0.4),
        "batch_first": c.chance(),
        "bias": c.chance(0.7),
    }
    options["dropout"] = c.choice([0.0, 0.4]) if options["num_layers"] > 1 else 0.0
    if kind == "LSTM" and c.chance(0.3):
        options["proj_size"] = c.randint(1, hidden - 1)
    if kind == "RNN":
        options["nonlinearity"] = c.choice(["tanh", "relu"])
    layer = getattr(nn, kind)(inputs, hidden, **options).to(dtype)
    for parameter in layer.parameters():
        parameter.data = c.numbers(*parameter.shape, dtype=dtype) * 0.5
    return layer.train(c.chance(0.7)), kind, options, inputs, hidden


@pytest.mark.parametrize("seed", range(40))
def test_layers(seed: int) -> None:
    c = Chance(seed)
    dtype = c.choice([torch.float32, torch.float32, torch.float64, torch.bfloat16])
    layer, kind, options, inputs, hidden = build(c, dtype)
    batch, steps = c.randint(1, 3), c.randint(1, 7)
    x: Any = c.numbers(*((batch, steps) if options["batch_first"] else (steps, batch)), inputs, dtype=dtype)
    slots = options["num_layers"] * (2 if options["bidirectional"] else 1)
    state: Any = c.numbers(slots, batch, options.get("proj_size") or hidden, dtype=dtype)
    if kind == "LSTM":
        state = (state, c.numbers(slots, batch, hidden, dtype=dtype))
    if c.chance(0.3):
        lengths = torch.tensor(sorted((c.randint(1, steps) for _ in range(batch)), reverse=True))
        x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=options["batch_first"])
    with torch.set_grad_enabled(c.chance()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # weights that lie apart in memory
        trace = neurontui.trace(layer, x, *([state] if c.chance() else []), seed=seed)
    assert trace.error is None, trace.error
    step = next(s for s in trace.steps if s.kind == "function" and s.label in ("lstm", "gru", "rnn_tanh", "rnn_relu"))
    assert list(verify(c, trace, step, 3, ("formula",)))


@pytest.mark.parametrize("seed", range(15))
def test_cells(seed: int) -> None:
    c = Chance(seed)
    dtype, batch, inputs, hidden = (
        c.choice([torch.float32, torch.float64, torch.bfloat16]),
        c.randint(1, 3),
        c.randint(1, 5),
        c.randint(1, 4),
    )
    bias = c.chance()
    for layer in (
        nn.LSTMCell(inputs, hidden, bias),
        nn.GRUCell(inputs, hidden, bias),
        nn.RNNCell(inputs, hidden, bias, c.choice(["tanh", "relu"])),
    ):
        state: Any = c.numbers(batch, hidden, dtype=dtype)
        state = (state, c.numbers(batch, hidden, dtype=dtype)) if isinstance(layer, nn.LSTMCell) else state
        assert hold(c, layer.to(dtype), c.numbers(batch, inputs, dtype=dtype), state, name="_cell")


def test_the_gates_of_a_timestep() -> None:
    layer = nn.LSTM(2, 3, batch_first=True)
    trace = neurontui.trace(layer, torch.ones(1, 4, 2))
    why = neurontui.explain(trace, "./lstm", (0, 2, 1))
    titles = [stage.title for stage in why.stages]
    assert [t for t in titles if t in ("input gate", "forget gate", "candidate", "output gate", "cell")] == [
        "input gate", "forget gate", "candidate", "output gate", "cell",
    ]  # fmt: skip
    before = why.stages[titles.index("cell before")]
    assert [len(before.terms), before.captured] == [3, False]  # the start, and two earlier timesteps
    state = next(t for t in why.stages[titles.index("input gate, sum")].terms if t.factors[0].name == "output").factors[0]
    assert (state.origin.kind, state.origin.step, state.origin.index) == ("step", why.step, (0, 1, 0))  # h before is the output before
    assert any("recomputed" in note for note in why.notes)


def test_each_layer_can_be_asked_for_its_last_state() -> None:
    layer = nn.GRU(2, 3, num_layers=2, bidirectional=True)
    trace = neurontui.trace(layer, torch.ones(5, 1, 2))
    for slot in range(4):
        why = neurontui.explain(trace, "./gru", (slot, 0, 2), output=1)
        assert (why.indices["layer"], why.indices["direction"], why.agrees) == (slot // 2, slot % 2, True)
        assert why.indices["t"] == (4 if slot % 2 == 0 else 0)


def test_a_long_sequence_still_agrees() -> None:
    torch.manual_seed(0)
    layer = nn.LSTM(4, 8, num_layers=2)
    trace = neurontui.trace(layer, torch.randn(200, 1, 4))
    for at, output in (((199, 0, 7), 0), ((1, 0, 3), 2), ((0, 0, 3), 2)):
        why = neurontui.explain(trace, "./lstm", at, output)
        assert why.agrees is True
        assert why.tolerance is not None
        assert why.tolerance < 1e-4


def test_the_tolerance_sees_a_wrong_gate() -> None:
    """Had the explanation counted the forget gate's bias twice, it would not agree."""
    torch.manual_seed(0)
    layer, x = nn.LSTM(4, 8), torch.randn(6, 1, 4)
    why = neurontui.explain(neurontui.trace(layer, x), "./lstm", (5, 0, 2))
    with torch.no_grad():
        right = layer(x)[0][5, 0, 2]
        layer.bias_ih_l0[8 + 2] *= 2
        wrong = layer(x)[0][5, 0, 2]
    assert why.difference is not None
    assert why.tolerance is not None
    assert why.difference <= why.tolerance < abs(float(right - wrong))


def test_no_factor_of_a_lower_layer_is_a_dead_end() -> None:
    """From the last timestep of the second layer every factor leads to an argument, to a stage, or to an earlier timestep."""
    torch.manual_seed(0)
    trace = neurontui.trace(nn.LSTM(2, 3, num_layers=2), torch.randn(4, 1, 2))
    step = trace.step("./lstm")
    seen, todo, kinds = set(), [(0, (3, 0, 1))], set()
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        why = neurontui.explain(trace, step, place[1], place[0])
        assert why.agrees is True
        for part in (*why.stages, why):
            for term in part.terms:
                assert term.label
                for factor in term.factors:
                    kinds.add(factor.origin.kind)
                    if factor.origin.kind == "step" and factor.origin.step == step.index:
                        assert factor.origin.index is not None
                        todo.append((factor.origin.output or 0, factor.origin.index))
    assert kinds <= {"stage", "input", "parameter", "step"}
    assert {at[0] for _, at in seen} == {0, 1, 2, 3}


@pytest.mark.parametrize("layer", [nn.GRU(8, 8), nn.GRUCell(8, 8), nn.LSTMCell(8, 8), nn.RNN(8, 8)], ids=lambda layer: type(layer).__name__)
def test_under_autocast_the_products_inside_are_coarser(layer: nn.Module) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: torch.Tensor) -> Any:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.layer(x)

    c = Chance(1)
    x = torch.randn(2, 8) if isinstance(layer, (nn.GRUCell, nn.LSTMCell)) else torch.randn(5, 2, 8)
    trace = neurontui.trace(Model(), x)
    assert trace.error is None, trace.error
    step = next(s for s in trace.steps if s.kind == "function" and s.label in ("gru", "gru_cell", "lstm_cell", "rnn_tanh"))
    assert all(why.agrees is True for why in verify(c, trace, step, 8, ("formula",)))
