"""Similarities and distances of rows, and products of vectors: cosine_similarity, cdist, bilinear, cross, kron, tensordot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.families.cells import half_inside
from neurontui.explainers.families.lengths import explain_norm, p_norm
from neurontui.explainers.families.windows import box_picture
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products

if TYPE_CHECKING:
    import torch


def _along(call: Call, name: str, dim: int, at: tuple[int, ...], shape: Sequence[int]) -> Column:
    """A row along `dim` of an operand that is broadcast to `shape`; `at` is the index of the other dimensions."""
    own = call.values[name].shape
    if not shape:
        return call.read(name)
    axis = dim % len(shape)
    whole = (*at[:axis], 0, *at[axis:])
    index: list[Any] = list(broadcast_index(own, whole))
    place = axis - (len(shape) - len(own))
    steps = np.arange(shape[axis])
    if place >= 0:
        index[place] = steps if own[place] > 1 else np.zeros_like(steps)
        return call.read(name, *index)
    one = call.read(name, *index)
    return Column(name, np.repeat(np.asarray(one.index), len(steps), axis=0), np.repeat(one.numbers, len(steps)))


@explains("torch.cosine_similarity", "torch.nn.functional.cosine_similarity")
def cosine_similarity(call: Call, /, x1: torch.Tensor, x2: torch.Tensor, dim: int = 1, eps: float = 1e-8) -> Any:
    """`x1·x2 / (max(‖x1‖, eps)·max(‖x2‖, eps))`. https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html"""
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    a, b = (_along(call, name, dim, call.at, shape) for name in ("x1", "x2"))
    first, second = p_norm([a], a.numbers, 2.0, "‖x1‖", "x1"), p_norm([b], b.numbers, 2.0, "‖x2‖", "x2")
    lengths = [max(float(part.result()), eps) for part in (first, second)]  # type: ignore[arg-type]
    scale = Draft(
        "1 / (max(‖x1‖, eps) · max(‖x2‖, eps))",
        "apply",
        [products(stage(first)), products(stage(second)), products(literal("eps", eps))],
        computed=1 / (lengths[0] * lengths[1]),
        title="scale",
    )
    block = products(a, b, stage(scale))
    return Draft(
        "output = Σ x1 · x2 / (‖x1‖ · ‖x2‖)",
        "sum",
        [block],
        stages=[first, second, scale],
        coarse=True,
        magnitude=2 * float(np.abs(block.values).sum()) + abs(float(block.values.sum())),
    )


@explains("torch.pairwise_distance", "torch.nn.functional.pairwise_distance")
def pairwise_distance(call: Call, /, x1: torch.Tensor, x2: torch.Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Draft:
    """`‖x1 − x2 + eps‖ₚ` over the last dimension. https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html"""
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    at = call.at[:-1] if keepdim else call.at
    return _gap(call, _along(call, "x1", -1, at, shape), _along(call, "x2", -1, at, shape), float(p), eps)


def _gap(call: Call, a: Column, b: Column, p: float, eps: float) -> Draft:
    """The p-norm of the difference of two rows."""
    gaps = a.numbers - b.numbers + eps
    name = f"{a.name} − {b.name}" + (" + eps" if eps else "")
    made = explain_norm([a, b, *([literal("eps", eps)] if eps else [])], gaps, p, name=f"({name})")
    value = float(made.result())  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        slopes = (np.abs(gaps) / value) ** (p - 1) if value and math.isfinite(p) and p >= 1 else np.ones(len(gaps))
        rounding = float(np.nansum(slopes * (np.abs(a.numbers) + np.abs(b.numbers))))
    rounding = rounding if math.isfinite(rounding) else 0.0
    return replace(made, magnitude=made.spread() + rounding, coarse=True)


@explains("torch.cdist", "torch.functional.cdist")
def cdist(
    call: Call, /, x1: torch.Tensor, x2: torch.Tensor, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary"
) -> Draft:
    """`‖x1[i] − x2[j]‖ₚ`; for many rows torch takes √(‖a‖² + ‖b‖² − 2a·b), which rounds more where the rows are near each other."""
    *batch, i, j = call.at
    a = call.read("x1", *broadcast_index(x1.shape[:-2], tuple(batch)), i, range(x1.shape[-1]))
    b = call.read("x2", *broadcast_index(x2.shape[:-2], tuple(batch)), j, range(x2.shape[-1]))
    made = replace(_gap(call, a, b, float(p), 0.0), indices={"i": i, "j": j})
    many = x1.shape[-2] > 25 or x2.shape[-2] > 25
    if p != 2 or compute_mode == "donot_use_mm_for_euclid_dist" or not (many or compute_mode == "use_mm_for_euclid_dist"):
        return made
    squares, value = float(a.numbers @ a.numbers + b.numbers @ b.numbers), float(made.result())  # type: ignore[arg-type]
    eps = 2.0**-52 if str(x1.dtype) == "torch.float64" else 2.0**-23
    rounding = min(squares / (2 * value) if value else math.inf, math.sqrt(squares / eps))  # √ is steep at 0
    note = "The kernel takes √(‖a‖² + ‖b‖² − 2a·b) here, a product of matrices; near 0 it loses digits."
    return replace(made, magnitude=made.spread() + 2 * rounding, notes=(note,))


@explains("torch.nn.functional.bilinear")
def bilinear(call: Call, /, input1: torch.Tensor, input2: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Draft:
    """`Σᵢⱼ x1[i]·W[o, i, j]·x2[j] + b[o]`. https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html"""
    *batch, o = call.at
    i, j = (part.ravel() for part in np.indices(weight.shape[1:]))
    blocks = [products(call.read("input1", *batch, i), call.read("weight", o, i, j), call.read("input2", *batch, j))]
    if bias is not None:
        blocks.append(products(call.read("bias", o), label="bias"))
    formula = "output[o] = Σ input1[i] · weight[o, i, j] · input2[j]" + (" + bias[o]" if bias is not None else "")
    spread = sum(float(np.abs(block.values).sum()) for block in blocks) * half_inside(call)
    return Draft(formula, "sum", blocks, indices={"o": o}, coarse=True, magnitude=spread)


@explains("torch.cross", "torch.linalg.cross")
def cross(call: Call, /, input: torch.Tensor, other: torch.Tensor, dim: int | None = None) -> Draft:
    """`a[i+1]·b[i+2] − a[i+2]·b[i+1]`, counted round. https://docs.pytorch.org/docs/stable/generated/torch.linalg.cross.html"""
    if dim is None:
        dim = next(d for d, n in enumerate(call.shape) if n == 3) if call.key == "cross" else -1
    axis = dim % len(call.shape)
    i = call.at[axis]

    def read(name: str, k: int) -> Column:
        at = tuple(k % 3 if d == axis else n for d, n in enumerate(call.at))
        return call.read(name, *broadcast_index(call.values[name].shape, at))

    blocks = [
        products(read("input", i + 1), read("other", i + 2)),
        products(read("input", i + 2), read("other", i + 1), literal("sign", -1)),
    ]
    return Draft("output[i] = input[i+1] · other[i+2] − input[i+2] · other[i+1]", "sum", blocks, indices={"i": i}, coarse=True)


@explains("torch.trace")
def trace(call: Call, /, input: torch.Tensor) -> Draft:
    """The sum of the diagonal."""
    i = np.arange(min(input.shape))
    return Draft("output = Σᵢ input[i, i]", "sum", [products(call.read("input", i, i))])


@explains("torch.kron")
def kron(call: Call, /, input: torch.Tensor, other: torch.Tensor) -> Draft:
    """`a[i // n]·b[i % n]` in each dimension."""
    rank = len(call.at)
    sizes = (1,) * (rank - other.dim()) + tuple(other.shape)
    first = tuple(i // n for i, n in zip(call.at, sizes, strict=True))[rank - input.dim() :]
    second = tuple(i % n for i, n in zip(call.at, sizes, strict=True))[rank - other.dim() :]
    return Draft("output[i] = input[i // n] · other[i mod n]", "sum", [products(call.read("input", *first), call.read("other", *second))])


@explains("torch.inner")
def inner(call: Call, /, input: torch.Tensor, other: torch.Tensor) -> Any:
    """Rows times rows. https://docs.pytorch.org/docs/stable/generated/torch.inner.html"""
    if not input.dim() or not other.dim():
        return NotImplemented
    split = input.dim() - 1
    k = range(input.shape[-1])
    a, b = (*call.at[:split], k), (*call.at[split:], k)
    pictures = (box_picture("input", a, "the row of input", "row"), box_picture("other", b, "the row of other", "row"))
    return Draft(
        "output = Σₖ input[…, k] · other[…, k]",
        "sum",
        [products(call.read("input", *a), call.read("other", *b))],
        pictures=pictures,
        coarse=True,
    )


@explains("torch.nn.functional.pdist", "torch.pdist")
def pdist(call: Call, /, input: torch.Tensor, p: float = 2.0) -> Draft:
    """The distance of each pair of rows, i < j. https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html"""
    first, second = np.triu_indices(input.shape[0], 1)
    i, j = int(first[call.at[0]]), int(second[call.at[0]])
    columns = range(input.shape[1])
    made = _gap(call, call.read("input", i, columns), call.read("input", j, columns), float(p), 0.0)
    return replace(made, formula="output[k] = ‖input[i] − input[j]‖, the k-th pair i < j", indices={"i": i, "j": j})


@explains("torch.dist")
def dist(call: Call, /, input: torch.Tensor, other: torch.Tensor, p: float = 2) -> Any:
    """`‖input − other‖ₚ` of all elements."""
    if input.shape != other.shape:
        return NotImplemented
    box = tuple(range(n) for n in input.shape)
    return _gap(call, call.read("input", *box), call.read("other", *box), float(p), 0.0)


@explains("torch.linalg.vecdot")
def vecdot(call: Call, /, x: torch.Tensor, y: torch.Tensor, *, dim: int = -1) -> Draft:
    """`Σ conj(x)·y` along a dimension."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    a, b = (_along(call, name, dim, call.at, shape) for name in ("x", "y"))
    return Draft("output = Σ conj(x) · y", "sum", [products(a, b, values=np.conj(a.numbers) * b.numbers)], coarse=True)


@explains("torch.tensordot", "torch.functional.tensordot")
def tensordot(call: Call, /, a: torch.Tensor, b: torch.Tensor, dims: Any = 2) -> Any:
    """A sum over the dimensions of both that are paired. https://docs.pytorch.org/docs/stable/generated/torch.tensordot.html"""
    if isinstance(dims, int):
        first, second = list(range(a.dim() - dims, a.dim())), list(range(dims))
    elif isinstance(dims, (list, tuple)):
        first, second = (
            [d % t.dim() for d in ([given] if isinstance(given, int) else given)] for given, t in zip(dims, (a, b), strict=True)
        )
    else:
        return NotImplemented
    split = a.dim() - len(first)
    sizes = [max(a.shape[d], b.shape[e]) for d, e in zip(first, second, strict=True)]  # one of size 1 is stretched
    steps = np.indices(sizes).reshape(len(first), -1)
    outer, inner = iter(call.at[:split]), iter(call.at[split:])
    at_a = [steps[first.index(d)] % a.shape[d] if d in first else next(outer) for d in range(a.dim())]
    at_b = [steps[second.index(d)] % b.shape[d] if d in second else next(inner) for d in range(b.dim())]
    return Draft("output = Σ a[…, k] · b[k, …]", "sum", [products(call.read("a", *at_a), call.read("b", *at_b))])
