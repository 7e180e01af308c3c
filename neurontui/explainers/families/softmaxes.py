"""softmax and log_softmax: subtract the row's maximum, exponentiate, sum, divide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.regions import row_box
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Array, Cells, products
from neurontui.explanation import Picture

BARS = 256  # of a picture at most


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The stages that both share: the maximum of the row, and the sum of exp(input − maximum)."""

    top: Draft
    total: Draft
    shares: Array  # exp(x − max) / Σ of each element of the row, (n,)
    wobble: float  # Σ share · |x − max|: how far the rounding of x − max carries into the sum, relative
    pictures: tuple[Picture, ...]


def is_half(call: Call) -> bool:
    """Whether the output is of half precision: these kernels round what is between to it too."""
    return call.result.dtype.itemsize == 2


def read_row(call: Call, input: Any, dim: int | None) -> Row:
    """The row along `dim` that the element lies in; without a dim, the last of 0-, 1- and 3-dimensional inputs as torch does."""
    rank = input.dim()
    if dim is None:
        dim = 0 if rank in (0, 1, 3) else 1
    box = row_box(input.shape, dim, call.at) if rank else ()
    row = call.read("input", *box)
    with np.errstate(all="ignore"):
        top = Draft("max = the largest of the row", "max", [products(row)], title="max")
        gap = row.numbers - stage(top).real
        powers = np.exp(gap)
        total = Draft(
            "Σ exp(input[j] − max)",
            "sum",
            [products(row, stage(top), values=powers, label=lambda j: f"exp(input[{j}] − max)")],
            title="sum",
            stages=[],
        )
        shares = powers / powers.sum()
        wobble = float(np.nansum(np.where(np.isfinite(gap), shares * np.abs(gap), 0.0)))
    cells = Cells([i if isinstance(i, range) else range(i, i + 1) for i in box])
    here = call.at[dim % rank] if rank else 0
    marked = Picture("row", "input", cells, focus=call.at)
    return Row(top, total, shares, wobble, (marked, *share_bars(shares, here, "softmax of the row: the shares sum to 1")))


def share_bars(shares: Array, here: int, caption: str, pointed: bool = True) -> tuple[Picture, ...]:
    """Shares (n,) as bars; of very many, those round the place `here`."""
    n = len(shares)
    first = max(0, min(here - BARS // 2, n - BARS))
    last = min(first + BARS, n)
    if n < 2:
        return ()
    said = caption if n <= BARS else f"{caption}; places {first} to {last - 1} of {n} are drawn"
    bars = tuple((float(j), float(shares[j])) for j in range(first, last))
    return (Picture("bar", curve=bars, point=(float(here), float(shares[here])) if pointed else None, caption=said),)


@explains("torch.softmax")
def softmax(call: Call, /, input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """`output = exp(input − max) / Σⱼ exp(inputⱼ − max)`; max and sum over the row along `dim`."""
    if input.is_complex():
        return NotImplemented
    row = read_row(call, input, dim)
    x = call.read("input", *call.at)
    top, total = stage(row.top), stage(row.total)
    with np.errstate(all="ignore"):
        gap = x.real - top.real
        power = Draft("exp(input − max)", "apply", [products(x), products(top)], computed=float(np.exp(gap)), title="exp")
        value = float(np.float64(stage(power).real) / np.float64(total.real))
    spread = value * (1 + (abs(gap) if math.isfinite(gap) else 0) + row.wobble)
    masked = gap == -math.inf
    return Draft(
        "output = exp(input − max) / Σⱼ exp(input[j] − max)", "apply", [products(stage(power)), products(total)], computed=value,
        stages=[row.top, row.total, power], magnitude=spread if math.isfinite(spread) else 0.0, size=len(row.shares),
        zero="masked" if masked and value == 0 else "", pictures=row.pictures,
        notes=("The input is −∞ (masked): its share is 0.",) if masked else (),
    )  # fmt: skip


@explains("torch._safe_softmax")
def safe_softmax(call: Call, /, input: Any, dim: int, dtype: Any = None) -> Any:
    """The softmax of attention: as softmax, but a row that is masked as a whole gives 0 and not NaN."""
    box = row_box(input.shape, dim, call.at) if input.dim() else ()
    row = call.read("input", *box)
    if not np.all(row.numbers == -math.inf):
        return softmax(call, input, dim, dtype)
    note = "Every input of this row is −∞ (masked): all of its shares are 0."
    cells = Cells([i if isinstance(i, range) else range(i, i + 1) for i in box])
    picture = Picture("row", "input", cells, caption="the row, masked as a whole", focus=call.at)
    block = products(row, values=np.zeros(len(row.numbers)), mark="masked")
    return Draft("output = 0, the whole row being masked", "sum", [block], zero="masked", notes=(note,), pictures=(picture,))


@explains("torch.log_softmax")
def log_softmax(call: Call, /, input: Any, dim: int | None = None, dtype: Any = None) -> Any:
    """`output = input − max − log Σⱼ exp(inputⱼ − max)`."""
    if input.is_complex():
        return NotImplemented
    row = read_row(call, input, dim)
    x, top = call.read("input", *call.at), stage(row.top)
    with np.errstate(all="ignore"):
        log = float(np.log(np.float64(stage(row.total).real)))
    logarithm = Draft("log of the sum", "apply", [products(stage(row.total))], computed=log, title="log")
    terms = [
        products(x, label="input"),
        products(top, values=[-top.real], label="−max"),
        products(stage(logarithm), values=[-log], label="−log Σ"),
    ]
    spread = abs(x.real) + abs(top.real) + abs(log) + row.wobble
    return Draft(
        "output = input − max − log Σⱼ exp(input[j] − max)", "sum", terms, stages=[row.top, row.total, logarithm],
        magnitude=spread if math.isfinite(spread) else 0.0, size=len(row.shares), pictures=row.pictures, coarse=is_half(call),
    )  # fmt: skip
