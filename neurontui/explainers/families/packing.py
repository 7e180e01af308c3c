"""The whole numbers beside packed sequences: how many samples each timestep has, and how long each sample is."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products


def _longer(call: Call, name: str, place: int, formula: str) -> Draft:
    """How many of a tensor's numbers are greater than `place`."""
    column = call.read(name, range(call.tensor(name).shape[0]))
    return Draft(formula, "sum", [products(column, values=(column.numbers > place).astype(np.int64))], indices={"t": place})


@explains("_pack_padded_sequence", "torch._pack_padded_sequence")
def pack_padded_sequence(call: Call, /, input: Any, lengths: Any, batch_first: bool = False) -> Any:
    """The data is moved (an index map); `batch_sizes[t]` counts the samples that are longer than t."""
    return _longer(call, "lengths", call.at[0], "batch_sizes[t] = how many lengths are > t") if call.output else NotImplemented


@explains("_pad_packed_sequence", "torch._pad_packed_sequence")
def pad_packed_sequence(
    call: Call, /, data: Any, batch_sizes: Any, batch_first: bool = False, padding_value: Any = 0, total_length: Any = -1
) -> Any:
    """The data is moved back (an index map); `lengths[n]` counts the timesteps that still have sample n."""
    return _longer(call, "batch_sizes", call.at[0], "lengths[n] = how many batch_sizes are > n") if call.output else NotImplemented
