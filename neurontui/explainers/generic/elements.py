"""A function of one element at a time: run it on that element alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurontui.explainers.calls import Call, broadcast_index, named_leaves, to_numpy
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.classes import POINTWISE
from neurontui.explainers.generic.maps import run
from neurontui.explainers.terms import products
from neurontui.records import Value

if TYPE_CHECKING:
    import torch

WIDTH = 64  # so that the kernel's vector path is taken, as in the recorded call


def explain_element(call: Call) -> Draft | None:
    """One term an operand; `computed` is the function of these numbers alone. None where it is no function of them."""
    pointwise = call.key in POINTWISE or call.op.startswith("torch.special.")
    if not pointwise or call.actual is None:
        return None
    operands = call.operands()
    try:
        places = {id(value): broadcast_index(value.shape, call.at) for _, value in operands}
    except (ValueError, IndexError):
        return None
    if not operands or any(len(v.shape) > len(call.shape) for _, v in operands):
        return None

    def alone(value: Value) -> torch.Tensor:
        tensor = call.tensor(value)
        if tensor.dim() == 0 or id(value) not in places:
            return tensor.clone()
        return tensor[places[id(value)]].reshape(1).repeat(WIDTH)

    out = run(call, alone)
    if out is None or out.dtype != call.result.dtype or out.dim() > 1 or out.numel() not in (1, WIDTH):
        return None
    computed = to_numpy(out.reshape(-1)[:1])[0].item()
    columns = [call.read(name, *places[id(value)]) for name, value in operands]
    spelled = ", ".join(name for name, _ in operands)
    options = [
        f"{name}={leaf}"
        for name, leaf in named_leaves(call.step.inputs)
        if isinstance(leaf, (int, float, str)) and not isinstance(leaf, bool)
    ]
    return Draft(
        f"output = {call.key}({', '.join([spelled, *options])})",
        "apply",
        [products(c) for c in columns],
        computed=computed,
        method="element",
    )
