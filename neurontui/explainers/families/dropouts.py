"""Dropouts: the mask that was really drawn, the scale, and what was dropped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import literal, products
from neurontui.explainers.zeros import zero_reasons
from neurontui.explanation import Number, Table
from neurontui.records import Value

if TYPE_CHECKING:
    import torch

INPUT, OUTPUT = 0, 3  # rows of the table
COLUMNS = 32  # of the table: those around the element
ROLLS = 100  # other runs of the same dropout
FEW, MOST = 10, 4096  # elements: up to so many each count of dropped ones has its column, up to so many they are rolled at all
CLASSES = 9

DRAWN = "drawn again with the recorded random state: exact"
SEEN = "read off the output"
OTHER_COINS = "It was recorded by another torch or on another machine: drawn again here, other elements are dropped."
HIDDEN = "Whether this element was kept or dropped cannot be seen in the output, for an input of 0 or NaN."


@dataclass(frozen=True, slots=True)
class Mask:
    """Which elements were kept, of which of them that is sure, and how it is known."""

    kept: torch.Tensor
    sure: torch.Tensor
    source: str


@explains("torch.nn.functional.dropout")
def dropout(call: Call, /, input: Any, p: float = 0.5, training: bool = True, train: bool | None = None) -> Draft:
    """Each element is zeroed with probability p, on its own; the others are multiplied by 1/(1−p)."""
    return _dropped(call, input, p, training if train is None else train, "each element on its own", rolls=True)


@explains("torch.nn.functional.dropout1d", "torch.nn.functional.dropout2d", "torch.nn.functional.dropout3d")
def channel_dropout(call: Call, /, input: Any, p: float = 0.5, training: bool = True) -> Draft:
    """Whole channels are zeroed with probability p; the others are multiplied by 1/(1−p)."""
    return _dropped(call, input, p, training, "a whole channel at once")


@explains("torch.feature_dropout")
def feature_dropout(call: Call, /, input: Any, p: float, train: bool) -> Draft:
    """As dropout2d."""
    return _dropped(call, input, p, train, "a whole channel at once")


def _dropped(call: Call, input: Any, p: float, training: bool, what: str, *, rolls: bool = False) -> Draft:
    x = call.read("input", *call.at)
    if not training or p == 0:
        why = "Dropout is off (eval): every element passes as it is." if not training else "p is 0: nothing is dropped."
        return Draft("output = input (dropout is off)", "pick", [products(x, mark="picked")], notes=(why,))
    mask = _find_mask(call, input)
    scale = 1 / (1 - p) if p < 1 else 0.0
    on, sure = bool(mask.kept[call.at]), bool(mask.sure[call.at])
    terms = [
        products(x, mark="" if on else "dropped"),
        products(literal("mask", int(on), note=mask.source), label="mask"),
        products(literal("1/(1−p)", scale, note=f"p = {p}"), label="1/(1−p)"),
    ]
    fate = f"This element was {f'kept, and multiplied by 1/(1−p) = {scale:g}' if on else 'dropped: it is 0 whatever the input was'}."
    notes: tuple[str, ...] = (f"{fate if sure else HIDDEN} With p = {p:g}, {what}; the expected output equals the input.",)
    if mask.source is SEEN:
        notes += (OTHER_COINS,)
    if not call.step.training and call.step.training is not None:
        notes += ("Dropout is active though its module is in eval mode: F.dropout's own default is training=True.",)
    zero = "" if on else "dropped"
    rolled = rolls and 1 < mask.kept.numel() <= MOST and p < 1 and bool(mask.sure.all())
    tables = (_table(call, input, mask, scale), *(_roll(mask.kept, p) if rolled else ()))
    return Draft("output = input · mask / (1 − p)", "product", terms, zero=zero, notes=notes, tables=tables)


def _find_mask(call: Call, input: torch.Tensor) -> Mask:
    """Drawn again, where that gives what the output shows to have been kept; else, as far as it can be seen there, read off the output."""
    import torch

    drawn = call.again(torch.ones_like(input)) != 0
    tells = (input.abs() >= torch.finfo(input.dtype).tiny) & ~input.isnan()
    seen = (call.result != 0) & ~call.result.isnan()  # an infinity times 0 is NaN
    if torch.equal(drawn & tells, seen & tells):
        return Mask(drawn, torch.ones_like(drawn), DRAWN)
    return Mask(seen | ~tells, tells, SEEN)


def _table(call: Call, input: Any, mask: Mask, scale: float) -> Table:
    """The four rows input, mask, ×1/(1−p), output, along the last dimension, around the element."""
    if not call.at:
        window, row = range(1), call.at
    else:
        width, here = input.shape[-1], call.at[-1]
        first = max(0, min(here - COLUMNS // 2, width - COLUMNS))
        window, row = range(first, min(width, first + COLUMNS)), call.at[:-1]

    def line(tensor: Any) -> list[Number]:
        return tensor[row].reshape(-1)[window[0] : window[-1] + 1].tolist()  # type: ignore[no-any-return]

    kept, sure = line(mask.kept), line(mask.sure)
    rows: tuple[tuple[str, tuple[Number | str | None, ...]], ...] = (
        ("input", tuple(line(input))),
        ("mask", tuple(("✓" if k else "✗") if known else "?" for k, known in zip(kept, sure, strict=True))),
        ("× 1/(1−p)", tuple(scale if k and known else None for k, known in zip(kept, sure, strict=True))),
        ("output", tuple(line(call.result))),
    )
    highlight = call.at[-1] - window[0] if call.at else 0
    cells = [(*row, place) for place in window] if call.at else [()]
    return Table("dropout", rows, tuple(map(str, window)), highlight, _zeros(call, cells, kept, sure))


def _zeros(call: Call, cells: Sequence[tuple[int, ...]], kept: Sequence[Number], sure: Sequence[Number]) -> dict[tuple[int, int], str]:
    """Why the zeros of the rows input and output are zero: those that were dropped, and those that came in."""
    value = call.values["input"]
    came = zero_reasons(call.trace, call.step.index, value, cells) if isinstance(value, Value) else {}
    zeros = {(INPUT, place): came[cell] for place, cell in enumerate(cells) if cell in came}
    fates = enumerate(zip(cells, kept, sure, strict=True))
    given = {place: came.get(cell, "") if passed or not known else "dropped" for place, (cell, passed, known) in fates}
    return zeros | {(OUTPUT, place): reason for place, reason in given.items() if reason}


def _roll(kept: Any, p: float) -> tuple[Table, ...]:
    """How many elements other runs drop, beside the share of the binomial distribution; this run's count is the marked one."""
    count, here = kept.numel(), int((~kept).sum())
    dropped = _dropped_counts(count, p)
    classes = _classes(count, min(*dropped, here), max(*dropped, here))
    percent = [100 * sum(_binomial(count, number, p) for number in one) for one in classes]
    rows: tuple[tuple[str, tuple[Number | str | None, ...]], ...] = (
        ("dropped", tuple(str(one[0]) if len(one) == 1 else f"{one[0]}–{one[-1]}" for one in classes)),
        (f"of {ROLLS} runs", tuple(sum(number in one for number in dropped) for one in classes)),
        ("expected %", tuple(f"{share:.2f}" for share in percent)),
    )
    highlight = next(place for place, one in enumerate(classes) if here in one)
    return (Table(f"{ROLLS} rolls: how many of the {count} are dropped", rows, highlight=highlight),)


@lru_cache(maxsize=64)
def _dropped_counts(count: int, p: float) -> tuple[int, ...]:
    """How many of `count` elements each roll drops: always the same rolls, and the user's random state is not touched."""
    import torch

    generator = torch.Generator().manual_seed(0)
    return tuple((torch.rand(ROLLS, count, generator=generator) < p).sum(1).tolist())


def _classes(count: int, least: int, most: int) -> list[range]:
    """The counts of dropped ones: each by itself where there are few elements, else in about nine classes over those that occur."""
    if count <= FEW:
        return [range(number, number + 1) for number in range(count + 1)]
    width = -(-(most - least + 1) // CLASSES)
    return [range(start, min(start + width, count + 1)) for start in range(least, most + 1, width)]


def _binomial(count: int, number: int, p: float) -> float:
    """`C(n, k) pᵏ (1−p)ⁿ⁻ᵏ`, by logarithms: the coefficient of a large n is no float."""
    ways = math.lgamma(count + 1) - math.lgamma(number + 1) - math.lgamma(count - number + 1)
    return math.exp(ways + number * math.log(p) + (count - number) * math.log1p(-p))


@explains("torch.nn.functional.alpha_dropout", "torch.nn.functional.feature_alpha_dropout")
def alpha_dropout(call: Call, /, input: Any, p: float = 0.5, training: bool = False) -> Draft:
    """`a · (x · mask + α′ · (1 − mask)) + b`, which keeps mean and variance of a SELU (Klambauer et al. 2017)."""
    import torch

    x = call.read("input", *call.at)
    if not training or p == 0:
        return Draft(
            "output = input (dropout is off)",
            "pick",
            [products(x, mark="picked")],
            notes=("Dropout is off: every element passes as it is.",),
        )
    alpha = 1.7580993408473766
    if p == 1:
        return Draft("output = input · 0", "product", [products(x), products(literal("zero", 0), label="0")], zero="dropped")
    a = float(1 / np.sqrt((alpha * alpha * p + 1) * (1 - p)))
    one, two = call.again(torch.ones_like(input)), call.again(torch.full_like(input, 2.0))
    on = bool((two != one)[call.at])
    shift = literal("shift", a * alpha * p, note="b = a · α · p")
    dropped = literal("dropped value", -alpha * a, note="−α · a")
    first = products(x, literal("a", a)) if on else products(dropped, mark="dropped")
    note = "kept" if on else f"dropped: set to −α = {-alpha:.4f} before the affine correction"
    return Draft(
        "output = a · (input if kept else −α) + b", "sum", [first, products(shift, label="b")], notes=(f"This element was {note}.",)
    )
