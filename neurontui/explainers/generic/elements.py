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

# How these are written by hand, of input and other.
SIGNS = {
    "eq": "{} == {}", "ne": "{} ≠ {}", "lt": "{} < {}", "le": "{} ≤ {}", "gt": "{} > {}", "ge": "{} ≥ {}", "abs": "|{}|", "floor": "⌊{}⌋",
    "ceil": "⌈{}⌉", "floor_divide": "⌊{} / {}⌋", "remainder": "{} mod {}", "bitwise_and": "{} & {}", "bitwise_or": "{} | {}",
    "bitwise_xor": "{} ^ {}", "bitwise_not": "~{}", "logical_and": "{} and {}", "logical_or": "{} or {}", "logical_xor": "{} xor {}",
    "logical_not": "not {}",
}  # fmt: skip
LOGICAL = {"bitwise_and": "{} and {}", "bitwise_or": "{} or {}", "bitwise_xor": "{} xor {}", "bitwise_not": "not {}"}
SHRINKING = frozenset({"hardshrink", "softshrink"})  # activations that make zeros
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
    blocks = [products(column, values=column.numbers) for column in columns]
    zero = "relu" if call.key in SHRINKING and call.actual == 0 else ""
    return Draft(
        f"output = {_spell(call, [name for name, _ in operands])}", "apply", blocks, computed=computed, method="element", zero=zero
    )


def _spell(call: Call, names: list[str]) -> str:
    """The function of these operands as it is written by hand: `input > 0`, `|input|`; else `round(input, decimals=1)`."""
    import torch

    given = dict(named_leaves(call.step.inputs))
    options = {
        name: leaf
        for name, leaf in given.items()
        if isinstance(leaf, (int, float, str)) and (name == "other" or not isinstance(leaf, bool))
    }
    both = [name if name in names else str(given.get(name)) for name in ("input", "other")]
    sign = LOGICAL.get(call.key) if call.result.dtype == torch.bool else None
    sign = sign or SIGNS.get(call.key)
    if sign is not None and "input" in given and set(names) | set(options) <= {"input", "other"}:
        return sign.format(*both)
    return f"{call.key}({', '.join([*names, *(f'{name}={leaf}' for name, leaf in options.items())])})"
