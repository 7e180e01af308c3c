"""`Draft`: what an explainer returns. `explain()` makes an `Explanation` of it, with origins and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

import numpy as np

from neurontui.explainers.terms import Array, Block, Column, join, number
from neurontui.explanation import Combine, Method, Number, Picture, Table

COMBINES = get_args(Combine)


@dataclass(frozen=True, eq=False)
class Draft:
    """A formula with its terms. See the docstring of `neurontui.explainers`.

    `computed` is needed for "apply" only. `magnitude` and `size` are Σ|term| and n of the tolerance, by default those of
    the terms. `coarse`: the kernel adds up in its output's own precision (bfloat16 index_add, scatter, half attention).
    `captured` says whether the kernel stored this number (a stage's is mostly recomputed).
    """

    formula: str
    combine: Combine
    blocks: Sequence[Block]
    computed: Number | None = None
    title: str = ""
    method: Method = "formula"
    stages: Sequence[Draft] = ()
    indices: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    zero: str = ""
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    magnitude: float | None = None
    size: int | None = None
    coarse: bool = False
    unchecked: bool = False  # nothing to hold it against: memory that nobody wrote, a draw lost, a call not run again

    def __post_init__(self) -> None:
        """A plug-in's mistake is told here, while there is another way to explain the number."""
        if self.combine not in COMBINES:
            raise ValueError(f"combine is one of {', '.join(COMBINES)}, not {self.combine!r}")

    @cached_property
    def values(self) -> Array:
        """The terms' values, (n,)."""
        return join([block.values for block in self.blocks])

    def result(self) -> Number | None:
        """What `combine` makes of the terms, in float64 (int64, complex128), or the explainer's own number."""
        return self._result

    @cached_property
    def _result(self) -> Number | None:
        return self.computed if self.computed is not None or self.combine == "apply" else combine(self.combine, self.values)

    def spread(self) -> float:
        """Σ|term| of the tolerance."""
        if self.magnitude is not None:
            return self.magnitude
        if self.combine == "sum":
            with np.errstate(all="ignore"):
                return float(np.abs(self.values).sum(dtype=np.float64))
        result = self.result()
        return abs(result) if result is not None else 0.0


EXACT = 2**18  # above this many terms numpy's pairwise sum, which is 30 times as fast


def combine(how: Combine, values: Array) -> Number:
    """The sum, product, greatest, least or only one of `values` (n,)."""
    with np.errstate(all="ignore"):
        if how == "sum":
            return exact_sum(values)
        if how == "product":
            return number(np.prod(values))
        if how in ("max", "min"):
            return number(np.max(values) if how == "max" else np.min(values))
    if len(values) != 1:
        raise ValueError(f"a pick has one term, this one has {len(values)}")
    return number(values[0])


def exact_sum(values: Array) -> Number:
    """Σ values, correctly rounded for finite float64 (`math.fsum`), so that no order of the terms can matter."""
    if values.dtype.kind == "f" and len(values) <= EXACT and np.isfinite(values).all():
        try:
            return math.fsum(values.tolist())
        except OverflowError:
            pass
    return number(values.sum()) if len(values) else 0.0


def stage(draft: Draft, name: str = "") -> Column:
    """The number of an earlier stage as a factor."""
    return Column(name or draft.title, np.empty((1, 0), np.int64), np.array([draft.result()]), draft)
