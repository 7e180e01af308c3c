"""How far a recomputed value may be from the kernel's: wide enough for any order of summation, narrow enough to miss no term."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from neurontui.explanation import Number

if TYPE_CHECKING:
    import torch


def tolerance(actual: Number, computed: Number, dtype: torch.dtype, size: int, spread: float, coarse: bool = False) -> float:
    """`eps_out·max(|actual|, |computed|) + (8 + n/256)·eps_acc·Σ|term| + n·tiny(out)`; 0 for whole numbers and bools.

    eps_acc is 2⁻²³ (2⁻⁵² for float64), since kernels add half precision up in float32; `coarse` takes eps_out instead.
    """
    import torch

    if not (dtype.is_floating_point or dtype.is_complex):
        return 0.0
    info = torch.finfo(dtype)
    double = dtype in (torch.float64, torch.complex128)
    accumulated = float(info.eps) if coarse else 2.0**-52 if double else 2.0**-23
    largest = max((abs(x) for x in (actual, computed) if math.isfinite(abs(x))), default=0.0)
    spread = float(spread) if math.isfinite(spread) else 0.0
    return float(info.eps) * largest + (8 + size / 256) * accumulated * spread + size * float(info.tiny)


def difference(actual: Number, computed: Number) -> float:
    """|actual − computed|; 0 where both are NaN or the same infinity, infinite where only one is."""
    if isinstance(actual, complex) or isinstance(computed, complex):
        a, b = complex(actual), complex(computed)
        return math.hypot(difference(a.real, b.real), difference(a.imag, b.imag))
    if isinstance(actual, int) and isinstance(computed, int):
        return float(abs(actual - computed))
    a, b = float(actual), float(computed)
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    gap = abs(a - b)
    return gap if math.isfinite(gap) else math.inf


def rounded(value: Number, dtype: torch.dtype) -> Number:
    """`value` as the nearest number of `dtype` (whole numbers wrap, as torch's do)."""
    import torch

    if dtype is torch.uint64 and isinstance(value, int):
        return value % 2**64
    if dtype.is_complex:
        return torch.tensor(value, dtype=torch.complex128).to(dtype).item()
    wide = torch.float64 if isinstance(value, float) else torch.int64
    return torch.tensor(value, dtype=wide).to(dtype).item()
