"""One timestep: `lstm_cell`, `gru_cell`, `rnn_tanh_cell`, `rnn_relu_cell`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.gates import LETTERS, NAMES, Parts, Unit, gru_unit, lstm_unit, rnn_unit
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products

if TYPE_CHECKING:
    import torch

T = Any


@explains("torch.lstm_cell")
def lstm_cell(call: Call, /, input: T, hx: Sequence[torch.Tensor], w_ih: T, w_hh: T, b_ih: T = None, b_hh: T = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html; output 0 is h, 1 is c."""
    unit = lstm_unit(_parts(call, "lstm", "hx[0]", b_ih is not None), call.read("hx[1]", *call.at), 0.0)
    return finished(call, unit, unit.cell if call.output else unit.hidden, "lstm")  # type: ignore[arg-type]


@explains("torch.gru_cell")
def gru_cell(call: Call, /, input: T, hx: T, w_ih: T, w_hh: T, b_ih: T = None, b_hh: T = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html"""
    unit = gru_unit(_parts(call, "gru", "hx", b_ih is not None), call.read("hx", *call.at))
    return finished(call, unit, unit.hidden, "gru")


@explains("torch.rnn_tanh_cell")
def rnn_tanh_cell(call: Call, /, input: T, hx: T, w_ih: T, w_hh: T, b_ih: T = None, b_hh: T = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html"""
    unit = rnn_unit(_parts(call, "rnn", "hx", b_ih is not None), "tanh")
    return finished(call, unit, unit.hidden, "rnn")


@explains("torch.rnn_relu_cell")
def rnn_relu_cell(call: Call, /, input: T, hx: T, w_ih: T, w_hh: T, b_ih: T = None, b_hh: T = None) -> Draft:
    """The same with relu."""
    unit = rnn_unit(_parts(call, "rnn", "hx", b_ih is not None), "relu")
    return finished(call, unit, unit.hidden, "rnn")


def _parts(call: Call, kind: str, state: str, biased: bool) -> list[Parts]:
    """Each gate's terms: row k·H + j of the weights."""
    *batch, j = call.at
    inputs, hidden = call.tensor("w_ih").shape[1], call.tensor("w_hh").shape[1]
    x, h = call.read("input", *batch, range(inputs)), call.read(state, *batch, range(hidden))
    found = []
    for k, _ in enumerate(NAMES[kind]):
        row = k * hidden + j
        given, kept = [products(x, call.read("w_ih", row, range(inputs)))], [products(h, call.read("w_hh", row, range(hidden)))]
        if biased:
            given.append(products(call.read("b_ih", row), label="b_ih"))
            kept.append(products(call.read("b_hh", row), label="b_hh"))
        found.append(Parts(given, kept))
    return found


def finished(
    call: Call, unit: Unit, last: Draft, kind: str, stages: Sequence[Draft] = (), notes: Sequence[str] = (), indices: Any = None
) -> Draft:
    """The unit's last stage as the explanation, the others before it."""
    gates = ", ".join(f"{LETTERS[kind][name]} {name}" for name in NAMES[kind] if kind != "rnn")
    told: tuple[str, ...] = ("The gates are recomputed: the kernel does not give them out" + (f" ({gates})." if gates else "."),)
    before = [s for s in [*stages, *unit.stages] if s is not last]
    if kind == "lstm" and last is unit.cell:
        before = [s for s in before if s.title not in ("tanh(cell)", "output gate", "output gate, sum")]
    if last is not unit.hidden and last is not unit.cell:
        before.append(unit.hidden)
    size = max(len(s.values) for s in before)
    rounding = half_inside(call)
    if rounding > 1:
        told = (*told, "Under autocast the products inside are taken in half precision, so that more rounding is allowed for.")
    zero = "relu" if kind == "rnn" and last.formula.startswith("h = relu") and call.actual == 0 else ""
    return replace(
        last,
        magnitude=last.spread() * rounding,
        title="",
        stages=before,
        notes=(*told, *notes),
        coarse=True,
        size=size,
        indices=indices or {"j": call.at[-1]},
        zero=zero,
        pictures=unit.bars(kind) if kind != "rnn" else (),
    )


def half_inside(call: Call) -> float:
    """How much coarser than float32 the products inside are: under autocast a call may take them in half precision; else 1."""
    import torch

    if not call.step.autocast or call.result.dtype is not torch.float32:
        return 1.0
    dtype = torch.float16 if call.step.autocast.endswith("float16") and not call.step.autocast.endswith("bfloat16") else torch.bfloat16
    return float(torch.finfo(dtype).eps / torch.finfo(torch.float32).eps)
