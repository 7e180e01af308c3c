"""The projections and masks of multi-head attention, as stages of one term a number. Nothing is explained here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.terms import Array, Block, Column, literal

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Rows of one input after its projection, (rows, features), as a stage of one term a number; `spread` is Σ|x·w| of each.

    `stage` leaves out the rows that bias_k, bias_v and add_zero_attn put behind: these are read from `extra`, or are 0.
    """

    numbers: Array
    spread: Array
    stage: Draft
    extra: tuple[str, ...]

    def column(self, row: int, feature: int) -> Column:
        """One projected number as a factor."""
        width = self.numbers.shape[1]
        inside = row < len(self.numbers) - len(self.extra)
        number = self.numbers[row : row + 1, feature]
        if inside:
            return Column(self.stage.title, np.array([[row * width + feature]]), number, self.stage)
        name = self.extra[row - len(self.numbers) + len(self.extra)]
        return Column(name, np.array([[0, 0, feature]]), number) if name else literal("zero row", 0.0)


class Layer:
    """The projections of one call, by the arguments that hold them."""

    def __init__(self, call: Call, heads: int, packed: bool, biased: bool) -> None:
        self.call, self.heads, self.packed, self.biased = call, heads, packed, biased
        self.width = call.tensor("query").shape[-1]
        self.depth = self.width // heads

    def project(self, name: str, part: int, rows: Any, n: int | None, extra: tuple[str, ...] = ()) -> Projected:
        """x · Wᵀ + b of the given rows of one input; part 0 is the query's third of the weights, 1 the key's, 2 the value's."""
        call, first, width = self.call, part * self.width, self.width
        weight_name = "in_proj_weight" if self.packed else f"{name[0]}_proj_weight"
        offset = first if self.packed else 0
        features = call.tensor(name).shape[-1]
        at = (rows if isinstance(rows, range) else range(rows[0], rows[0] + 1), *(() if n is None else (n,)), range(features))
        x = call.read(name, *at)
        inputs = x.numbers.reshape(-1, features)
        w = call.read(weight_name, range(offset, offset + width), range(features)).numbers.reshape(width, features)
        b = call.read("in_proj_bias", range(first, first + width)).numbers if self.biased else np.zeros(width)
        numbers, spread = inputs @ w.T + b, _sizes(inputs) @ _sizes(w).T + np.abs(b)

        def factors(place: int) -> tuple[Column, ...]:
            """Each input times its weight, then the bias."""
            row, e = divmod(place, width)
            source = at[0][row]
            pairs = [
                c
                for i in range(features)
                for c in (
                    one(name, (source, *(() if n is None else (n,)), i), inputs[row, i]),
                    one(weight_name, (offset + e, i), w[e, i]),
                )
            ]
            return (*pairs, *([one("in_proj_bias", (first + e,), b[e])] if self.biased else []))

        title = f"projected {name}"
        label = (lambda p: f"{title}[{p}]") if len(inputs) == 1 else (lambda p: f"{title}[{p // width}, {p % width}]")
        shift = f"{first} + " if offset else ""
        formula = f"{title}[e] = Σ {name}[i] · {weight_name}[{shift}e, i]"
        formula += f" + in_proj_bias[{shift}e]" if self.biased else ""
        made = Draft(formula, "apply", [Block(factors, numbers.ravel(), label)], title=title)
        more = [call.numbers(e).reshape(1, width) if e else np.zeros((1, width)) for e in extra]
        return Projected(np.concatenate([numbers, *more]), np.concatenate([spread, *map(np.abs, more)]), made, extra)


class Masks:
    """What is added to the scores of one query: attn_mask and key_padding_mask, True or −∞ being masked."""

    def __init__(self, call: Call, mask: Any, padding: Any, n: int | None, i: int, heads: int, keys: int, extra: int, causal: bool) -> None:
        self.call, self.n, self.i, self.heads, self.keys, self.extra, self.causal = call, n, i, heads, keys, extra, causal
        self.mask, self.padding = mask, padding

    def columns(self, head: int) -> list[Column]:
        """One column a mask, of the keys that it covers (those put behind have none)."""
        found = []
        if self.mask is not None:
            at = ((self.n or 0) * self.heads + head,) if self.mask.dim() == 3 else ()
            found.append(self.call.read("attn_mask", *at, self.i, range(self.keys)))
        if self.padding is not None:
            at = () if self.padding.dim() == 1 else (self.n or 0,)
            found.append(self.call.read("key_padding_mask", *at, range(self.keys)))
        return found

    def numbers(self, head: int) -> Array:
        """Their sum, (keys + extra,)."""
        total = np.zeros(self.keys)
        for column in self.columns(head):
            total = total + (np.where(column.numbers, -math.inf, 0.0) if column.numbers.dtype == np.bool_ else column.numbers)
        if self.causal:
            total = np.where(np.arange(self.keys) > self.i, -math.inf, total)
        return np.concatenate([total, np.zeros(self.extra)])


def _sizes(numbers: Array) -> Array:
    """|numbers| in single precision, which is enough for a tolerance, and twice as fast."""
    return np.abs(numbers.astype(np.float32, copy=False))


def one(name: str, index: Place, number: Any) -> Column:
    return Column(name, np.array([index], np.int64), np.array([number]))
