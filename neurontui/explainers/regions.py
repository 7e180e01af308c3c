"""Which cells of an argument one output element reads: boxes of ranges, for `Call.read` and for pictures."""

from __future__ import annotations

from collections.abc import Sequence

Dims = int | Sequence[int] | None


def dims_of(dim: Dims, rank: int) -> tuple[int, ...]:
    """Dimensions as a sorted tuple of non-negative numbers; all of them for None and ()."""
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return tuple(range(rank))
    given = (dim,) if isinstance(dim, int) else tuple(dim)
    return tuple(sorted(d % rank for d in given)) if rank else ()


def reduced_box(shape: Sequence[int], dim: Dims, keepdim: bool, at: Sequence[int]) -> tuple[int | range, ...]:
    """What a reduction over `dim` reads for its output element `at`: an int for each kept dimension, a range for each reduced one."""
    reduced = dims_of(dim, len(shape))
    kept = iter(i for d, i in enumerate(at) if d not in reduced) if keepdim else iter(at)
    return tuple(range(shape[d]) if d in reduced else next(kept) for d in range(len(shape)))


def row_box(shape: Sequence[int], dim: int, at: Sequence[int]) -> tuple[int | range, ...]:
    """The row along `dim` that the element `at` lies in (softmax, cumsum, sort)."""
    return tuple(range(n) if d == dim % len(shape) else at[d] for d, n in enumerate(shape))
