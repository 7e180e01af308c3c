"""mean and sum."""

from __future__ import annotations

from typing import Any

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.regions import reduced_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Cells, literal, products
from neurontui.explanation import Picture


@explains("torch.sum")
def total(call: Call, /, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over `dim`, or over everything."""
    box, picture = _box(call, input, dim, keepdim)
    return Draft("output = Σ input", "sum", [products(call.read("input", *box))], pictures=picture)


@explains("torch.mean")
def mean(call: Call, /, input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over `dim`, or over everything, divided by the number n of elements."""
    box, picture = _box(call, input, dim, keepdim)
    values = call.read("input", *box)
    n = len(values.numbers)
    if n == 0:
        return NotImplemented
    share = literal("1/n", 1 / n, note=f"n = {n} elements")
    return Draft("output = (1/n) Σ input", "sum", [products(values, share, values=values.numbers / n)], indices={"n": n}, pictures=picture)


def _box(call: Call, input: Any, dim: Any, keepdim: bool) -> tuple[tuple[Any, ...], tuple[Picture, ...]]:
    if isinstance(dim, str) or (isinstance(dim, (list, tuple)) and any(isinstance(d, str) for d in dim)):
        dim = [list(input.names).index(d) for d in ([dim] if isinstance(dim, str) else dim)]
    box = reduced_box(input.shape, dim, keepdim, call.at)
    cells = Cells([i if isinstance(i, range) else range(i, i + 1) for i in box])
    return box, (Picture("group", "input", cells),)
