"""The discrete Fourier transform: `Σ x[j]·e^(∓2πi·jk/n)`, over one dimension or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.families.windows import box_picture, constants
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import products

if TYPE_CHECKING:
    import torch


def _transform(call: Call, input: torch.Tensor, dims: Sequence[int], sizes: Sequence[int], inverse: bool, norm: str | None) -> Draft:
    """A complex transform over `dims`; an input that is longer than its size is cut, a shorter one counts as padded by zeros."""
    rank = input.dim()
    axes = [d % rank for d in dims]
    box = [range(min(input.shape[d], sizes[axes.index(d)])) if d in axes else call.at[d] for d in range(rank)]
    column = call.read("input", *box)
    grids = np.meshgrid(*(np.arange(len(r)) for r in box if isinstance(r, range)), indexing="ij")
    order = [d for d in range(rank) if d in axes]
    phase = sum(
        np.mod(g.ravel() * call.at[d], n) / n for g, d, n in ((g, d, sizes[axes.index(d)]) for g, d in zip(grids, order, strict=True))
    )
    turn = np.exp((2j if inverse else -2j) * np.pi * np.asarray(phase)) * _scale(math.prod(sizes), inverse, norm)
    sign = "" if inverse else "−"
    block = products(column, constants("e^(…)", turn, "the turn of this frequency at this place, with the scale"))
    growth = 1 + math.log2(max(2, math.prod(sizes)))  # a fast transform adds up in log₂ n rounds
    return Draft(
        f"output[k] = Σ input[j] · e^({sign}2πi·jk/n)" + _scale_text(inverse, norm),
        "sum",
        [block],
        indices={"k": call.at[axes[-1]], "n": sizes[-1]},
        magnitude=float(np.sqrt((np.abs(block.values) ** 2).sum()) * growth + np.abs(block.values).max(initial=0)),
        pictures=(box_picture("input", box, "every element takes part", "row"),),
    )


def _scale(n: int, inverse: bool, norm: str | None) -> float:
    if norm == "ortho":
        return 1 / math.sqrt(n)
    return 1 / n if (norm in (None, "backward")) == inverse else 1.0


def _scale_text(inverse: bool, norm: str | None) -> str:
    return " / √n" if norm == "ortho" else " / n" if (norm in (None, "backward")) == inverse else ""


def _dims(input: torch.Tensor, s: Any, dim: Any, default: Sequence[int] | None) -> tuple[list[int], list[int]]:
    """The dimensions and their lengths."""
    if dim is None:
        dim = default if default is not None else range(-len(s), 0) if s is not None else range(input.dim())
    dims = [dim] if isinstance(dim, int) else list(dim)
    lengths = [s] if isinstance(s, int) else list(s) if s is not None else [input.shape[d] for d in dims]
    return dims, [input.shape[d] if n == -1 else n for d, n in zip(dims, lengths, strict=True)]


@explains("torch.fft.fft", "torch.fft.rfft")
def fft(call: Call, /, input: torch.Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.fft.html; rfft gives the first half of it."""
    return _transform(call, input, *_dims(input, n, dim, None), False, norm)


@explains("torch.fft.ifft")
def ifft(call: Call, /, input: torch.Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.ifft.html"""
    return _transform(call, input, *_dims(input, n, dim, None), True, norm)


@explains("torch.fft.fft2", "torch.fft.rfft2")
def fft2(call: Call, /, input: torch.Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.fft2.html"""
    return _transform(call, input, *_dims(input, s, dim, None), False, norm)


@explains("torch.fft.ifft2")
def ifft2(call: Call, /, input: torch.Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.ifft2.html"""
    return _transform(call, input, *_dims(input, s, dim, None), True, norm)


@explains("torch.fft.fftn", "torch.fft.rfftn")
def fftn(call: Call, /, input: torch.Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.fftn.html"""
    return _transform(call, input, *_dims(input, s, dim, None), False, norm)


@explains("torch.fft.ifftn")
def ifftn(call: Call, /, input: torch.Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Draft:
    """https://docs.pytorch.org/docs/stable/generated/torch.fft.ifftn.html"""
    return _transform(call, input, *_dims(input, s, dim, None), True, norm)


@explains("torch.fft.irfft")
def irfft(call: Call, /, input: torch.Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Draft:
    """From half a spectrum: each frequency but the first (and the middle one) counts twice, real parts only."""
    axis = dim % input.dim()
    size = n or 2 * (input.shape[axis] - 1)
    j = call.at[axis]
    box = [range(min(input.shape[axis], size // 2 + 1)) if d == axis else i for d, i in enumerate(call.at)]
    column = call.read("input", *box)
    k = np.arange(len(column.numbers))
    counts = np.where((k == 0) | ((size % 2 == 0) & (k == size // 2)), 1.0, 2.0) * _scale(size, True, norm)
    turn = np.exp(2j * np.pi * np.mod(k * j, size) / size) * counts
    values = (column.numbers.astype(np.complex128) * turn).real
    block = products(column, constants("e^(…)", turn, "the turn of this frequency at this place, with its count and scale"), values=values)
    growth = 1 + math.log2(max(2, size))
    return Draft(
        "output[j] = Re Σ input[k] · e^(2πi·jk/n)" + _scale_text(True, norm) + ", all but the first and the middle k twice",
        "sum",
        [block],
        indices={"j": j, "n": size},
        magnitude=float(np.sqrt((np.abs(column.numbers * turn) ** 2).sum()) * growth),
        pictures=(box_picture("input", box, "every frequency takes part", "row"),),
    )


@explains("torch.stft", "torch.functional.stft")
def stft(
    call: Call,
    /,
    input: torch.Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """`Σ window[n]·x[m·hop + n − n_fft/2]·e^(−2πi·fn/n_fft)`. https://docs.pytorch.org/docs/stable/generated/torch.stft.html"""
    if not return_complex or align_to_window or (center and pad_mode not in ("reflect", "constant", "replicate")):
        return NotImplemented
    *batch, f, m = call.at
    length, size = win_length or n_fft, input.shape[-1]
    hop = hop_length or n_fft // 4
    n = np.arange(length) + (n_fft - length) // 2  # a shorter window lies in the middle
    places = m * hop + n - (n_fft // 2 if center else 0)
    inside = (places >= 0) & (places < size)
    if pad_mode == "constant":
        n, places, kept = n[inside], places[inside], np.flatnonzero(inside)
    else:
        kept = np.arange(length)
        places = np.clip(places, 0, size - 1) if pad_mode == "replicate" else (size - 1) - np.abs((size - 1) - np.abs(places))
    turn = np.exp(-2j * np.pi * np.mod(n * f, n_fft) / n_fft) * (1 / math.sqrt(n_fft) if normalized else 1)
    windows = [call.read("window", kept)] if window is not None else []
    block = products(call.read("input", *batch, places), *windows, constants("e^(…)", turn, "the turn of this frequency at this place"))
    growth = 1 + math.log2(max(2, n_fft))
    magnitude = float(np.sqrt((np.abs(block.values) ** 2).sum()) * growth + np.abs(block.values).max(initial=0))
    formula = "output[f, m] = Σ window[n] · input[m·hop + n" + (" − n_fft/2" if center else "") + "] · e^(−2πi·fn/n_fft)"
    return Draft(formula, "sum", [block], indices={"f": f, "m": m, "hop": hop, "n_fft": n_fft}, magnitude=magnitude)
