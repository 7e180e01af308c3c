"""Recurrent layers on the wrong number of features, and states of another shape."""

from __future__ import annotations

import re

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import Value
from neurontui.text import format_shape

_FEATURES = re.compile(r"input_size\D*?(?:Expected (\d+), got (\d+)|got (\d+) expected (\d+))")
_HIDDEN = re.compile(r"[Ee]xpected hidden(?:\[\d\])? size \(([\d, ]+)\), got \[([\d, ]+)\]")


def diagnose_state(crash: Crash) -> Failure | None:
    """An LSTM that was given one state, as a GRU takes it: it picks the second one from its rows."""
    module = crash.module
    state = None if module is None or not module.op.endswith(".LSTM") else module.inputs.get("hx")
    if not isinstance(state, Value) or crash.is_own_code():
        return None
    title = f"{crash.label()} takes two states, (h, c), but was given one tensor: {format_shape(state.shape)}."
    rows = [crash.gives(state), Side(crash.label(), "takes", "(h, c)", "1 ≠ 2", (), crash.step.index)]
    fixes = ["Give both: layer(x, (h, c)), with c = torch.zeros_like(h) at the start."]
    return crash.explain(title, rows, "An LSTM carries a hidden state h and a cell state c.", fixes, state)


def diagnose_recurrent(crash: Crash) -> Failure | None:
    """RNN, LSTM, GRU: features that are not input_size, hidden states of another batch."""
    taken = crash.operand("input")
    if taken is None:
        return None
    if found := _FEATURES.search(crash.message):
        wanted, given = (int(number) for number in ((found[1], found[2]) if found[1] else (found[4], found[3])))
        title = f"{crash.label()} takes {wanted} features a time step, but {crash.source_label(taken)} gives {given}."
        rows = [crash.gives(taken, -1), crash.takes([*["*"] * (len(taken.shape) - 1), wanted], f"{given} ≠ {wanted}", -1)]
        fixes = [f"Either make {crash.place()} take input_size={given}, or give it {wanted} features."]
        return crash.explain(title, rows, "The last dimension of the input = input_size.", fixes, taken)
    if found := _HIDDEN.search(crash.message):
        wanted_sizes, sizes = ([int(size) for size in part.split(", ")] for part in found.groups())
        title = f"{crash.label()} takes a hidden state of {format_shape(wanted_sizes)}, but was given {format_shape(sizes)}."
        state = next((value for value in crash.operands() if list(value.shape) == sizes and value is not taken), None)
        rows = [crash.gives(taken), *([] if state is None else [crash.gives(state)])]
        rows.append(crash.takes(wanted_sizes, f"{format_shape(sizes)} ≠ {format_shape(wanted_sizes)}"))
        fixes = [f"Make the state torch.zeros({found[1]}); with batch_first=True only the input has the batch first."]
        return crash.explain(title, rows, "A hidden state is (num_layers · directions, batch, hidden_size).", fixes, state or taken)
    return None
