"""Recurrent layers and attention on the wrong number of features, and states or masks of another shape."""

from __future__ import annotations

import re

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.text import format_shape

_FEATURES = re.compile(r"input_size\D*?(?:Expected (\d+), got (\d+)|got (\d+) expected (\d+))")
_HIDDEN = re.compile(r"[Ee]xpected hidden(?:\[\d\])? size \(([\d, ]+)\), got \[([\d, ]+)\]")
_EMBEDDING = re.compile(r"expecting embedding dimension of (\d+), but got (\d+)")
_MASK = re.compile(r"(?:attn_mask|key_padding_mask).*?(?:torch\.Size\()?[\[(]([\d, ]+)[\])].*?should be \(([\d, ]+)\)")


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


def diagnose_attention(crash: Crash) -> Failure | None:
    """MultiheadAttention: another embedding dimension, or a mask of another shape."""
    query = crash.operand("query")
    if query is None:
        return None
    if found := _EMBEDDING.search(crash.message):
        wanted, given = int(found[1]), int(found[2])
        title = f"{crash.label()} takes embeddings of {wanted}, but {crash.source_label(query)} gives {given}."
        rows = [crash.gives(query, -1), crash.takes(["*", "*", wanted], f"{given} ≠ {wanted}", -1)]
        fixes = [f"Either make {crash.place()} MultiheadAttention({given}, …), or give it embeddings of {wanted}."]
        return crash.explain(title, rows, "The last dimension of query, key and value = embed_dim.", fixes, query)
    mask = crash.operand("attn_mask", "mask", "key_padding_mask")
    found = _MASK.search(crash.message)
    if mask is not None and found is not None:
        title = f"{crash.label()} takes a mask of [{found[2]}], but was given {format_shape(mask.shape)}."
        rows = [crash.gives(query), crash.gives(mask), crash.takes(found[2].split(", "), f"{format_shape(mask.shape)} ≠ [{found[2]}]")]
        return crash.explain(
            title, rows, "A mask says for each query which keys it may look at: (queries, keys).", [f"Make the mask [{found[2]}]."], mask
        )
    return None
