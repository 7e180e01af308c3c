"""The p-norm of some numbers as one stage: norms, normalize, distances and similarities are built on it. Nothing is explained here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.terms import Array, Column, products
from neurontui.text import format_index


def p_norm(columns: Sequence[Column], numbers: Array, p: float, title: str = "norm", name: str = "input") -> Draft:
    """‖x‖ₚ of `numbers` (n,): `(Σ |x|ᵖ)^(1/p)`, the greatest |x| for p = ∞, the least for −∞, how many are not 0 for p = 0."""
    size = np.abs(numbers)
    with np.errstate(all="ignore"):
        if math.isinf(p):
            return Draft(f"{'max' if p > 0 else 'min'} |{name}|", "max" if p > 0 else "min", [products(*columns, values=size)], title=title)
        if p == 0:
            return Draft(f"how many {name} are not 0", "sum", [products(*columns, values=(numbers != 0).astype(np.float64))], title=title)
        powers = size.astype(np.float64) ** p
        if p == 1:
            return Draft(f"Σ |{name}|", "sum", [products(*columns, values=powers)], title=title)
        total = float(powers.sum())
        value = float(np.float64(total) ** (1 / p))
    formula = f"√{_spell_powers(name, p)}" if p == 2 else f"({_spell_powers(name, p)})^(1/{p:g})"
    spread = abs(value) * (1 + 1 / abs(p)) if math.isfinite(value) else 0.0
    label = _power_label(columns[0], p) if len(columns) == 1 else f"|{name.strip('()')}|{_power(p)}"
    return Draft(
        formula, "apply", [products(*columns, values=powers, label=label)], computed=value, title=title, magnitude=spread, size=len(size)
    )


def _power_label(column: Column, p: float):  # type: ignore[no-untyped-def]
    return lambda row: f"|{format_index(column.name, column.index[row if len(column.index) > 1 else 0])}|{_power(p)}"


def _power(p: float) -> str:
    return "²" if p == 2 else f"^{p:g}"


def _spell_powers(name: str, p: float) -> str:
    return f"Σ {name}²" if p == 2 else f"Σ |{name}|^{p:g}"


def explain_norm(columns: Sequence[Column], numbers: Array, p: float, name: str = "input") -> Draft:
    """`p_norm` as the answer itself: where a root is taken, of a sum that is a stage of its own."""
    made = p_norm(columns, numbers, p, title="", name=name)
    whole = replace(made, formula=f"output = {made.formula}")
    if made.combine != "apply":
        return whole
    total = Draft(_spell_powers(name, p), "sum", made.blocks, title="sum", size=made.size)
    return replace(whole, blocks=[products(stage(total))], stages=[total])
