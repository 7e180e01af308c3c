"""Recurrent layers on the wrong number of features, and states of another shape."""

from __future__ import annotations

import re

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure

_FEATURES = re.compile(r"input_size\D*?(?:Expected (\d+), got (\d+)|got (\d+) expected (\d+))")
_HIDDEN = re.compile(r"[Ee]xpected hidden(?:\[\d\])? size \(([\d, ]+)\), got \[([\d, ]+)\]")


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
        title = f"{crash.label()} takes a hidden state of [{found[1]}], but was given [{found[2]}]."
        rows = [crash.gives(taken), crash.takes(found[1].split(", "), f"[{found[2]}] ≠ [{found[1]}]")]
        fixes = ["Make the state as torch.zeros(num_layers, batch, hidden_size); with batch_first=True only the input has the batch first."]
        return crash.explain(title, rows, "A hidden state is (num_layers · directions, batch, hidden_size).", fixes, taken)
    return None
