"""Functions that hardly any model calls by name, each held against torch at random shapes, layouts, options and elements."""

from __future__ import annotations

import warnings

import pytest
import torch
import torch.nn.functional as F
from family_checks import Chance, hold
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

MOVED = ("formula", "index")  # what only picks or moves numbers
ANY = (*MOVED, "element")


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("seed", range(12))
def test_functions_of_matrices_and_places(seed: int) -> None:
    c = Chance(seed)
    rows, width = c.randint(2, 5), c.randint(2, 5)
    x, y = c.numbers(rows, width), c.numbers(rows, width)
    hold(c, torch.minimum, x, c.choice([y, y[0], y[:, :1]]))
    hold(c, torch.float_power, x.abs() + 0.1, c.choice([2, 0.5, y]), methods=ANY)
    hold(c, torch.Tensor.__rmatmul__, c.numbers(width, 3), x)
    hold(c, torch.addr, x, c.numbers(rows), c.numbers(width), beta=c.choice([1, 0.5, 0]), alpha=c.choice([1, -2]))
    hold(c, torch.addr, x[0], c.numbers(rows), c.numbers(width))
    hold(c, torch.adjoint, c.numbers(2, rows, width, dtype=c.choice([torch.float32, torch.complex64])), methods=MOVED)
    hold(c, torch.view_as_complex, c.numbers(rows, width, 2).contiguous(), methods=MOVED)
    hold(c, torch.take_along_dim, x, c.whole(0, rows, c.choice([1, rows]), width), dim=0, methods=MOVED)
    hold(c, torch.take_along_dim, x.contiguous(), c.whole(0, rows * width, 4), methods=MOVED)
    hold(c, torch.msort, x, methods=MOVED)
    hold(c, torch.argwhere, x > 0, methods=ANY)
    for different in (torch.unique, torch.unique_consecutive):
        hold(c, different, c.whole(0, 2, *c.choice([(6,), (2, 3)])), return_inverse=c.chance(), return_counts=c.chance())
    hold(c, torch.unique, torch.where(x > 0.5, float("nan"), x), return_inverse=True, return_counts=True)
    hold(c, torch.fft.rfftn, c.numbers(3, 4))
    hold(c, lambda t, *size: t.clone().resize_(size), x.contiguous(), rows, c.randint(1, width), methods=MOVED)
    reduce, own = c.choice(["prod", "mean", "amax", "amin"]), c.chance()
    index = c.whole(0, rows, 4)
    hold(c, lambda t, i, s: t.clone().index_reduce_(0, i, s, reduce, include_self=own), x, index, c.numbers(4, width))


@pytest.mark.parametrize("seed", range(8))
def test_functions_of_volumes_and_sequences(seed: int) -> None:
    c = Chance(seed)
    size = c.sizes(3, 2, 4)
    volume, sequence = c.numbers(1, 2, *size), c.numbers(1, 2, 7)
    grid = F.affine_grid(c.numbers(1, 3, 4), [1, 2, *c.sizes(3, 2, 3)], align_corners=c.chance())
    hold(c, F.grid_sample, volume, grid, c.choice(["bilinear", "nearest"]), "zeros", c.chance())
    hold(c, F.affine_grid, c.numbers(2, 2, 3), [2, 1, 3, 4], c.chance())
    hold(c, F.affine_grid, c.numbers(1, 3, 4), [1, 1, 2, 3, 2], c.chance())
    for mode in ("nearest", "nearest-exact"):
        for taken in (sequence, volume[:, :, 0], volume):
            hold(c, F.interpolate, taken, scale_factor=c.choice([2, 1.5, 0.5]), mode=mode)
    hold(c, F.interpolate, sequence, size=c.randint(3, 9), mode="linear", align_corners=c.chance())
    hold(c, F.interpolate, volume, size=tuple(c.sizes(3, 2, 4)), mode="trilinear", align_corners=c.chance())
    hold(c, F.adaptive_max_pool1d, sequence, c.randint(1, 4), return_indices=c.chance())
    hold(c, F.adaptive_max_pool3d, volume, c.randint(1, 2), return_indices=c.chance())
    hold(c, F.adaptive_avg_pool3d, volume, c.randint(1, 2))
    for drop, taken in ((F.dropout1d, sequence), (F.dropout3d, volume), (torch.feature_dropout, volume)):
        hold(c, drop, taken, c.choice([0.25, 0.5]), c.chance(0.8))


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_of_a_lookup(seed: int) -> None:
    c = Chance(seed)
    weight = c.numbers(5, 3)
    hold(c, torch.embedding, weight, c.whole(0, 5, *c.sizes(c.randint(1, 2), 1, 3)), methods=MOVED)


@pytest.mark.parametrize("seed", range(8))
def test_functions_of_memory_and_packed_sequences(seed: int) -> None:
    c = Chance(seed)
    n, kind = c.randint(2, 6), c.choice([torch.float32, torch.float64, torch.complex64])
    hold(c, torch.vdot, c.numbers(n, dtype=kind), c.numbers(n, dtype=kind))
    memory, strides = c.numbers(24).clone(), (c.randint(0, 5), c.randint(0, 4))
    hold(c, torch.as_strided, memory, c.sizes(2, 1, 3), strides, c.randint(0, 3), methods=MOVED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that this way is old
        hold(c, torch.quantize_per_tensor, c.numbers(3, 4), 0.1 + c.random(), c.randint(0, 20), torch.quint8, methods=ANY)
    lengths = sorted((c.randint(1, 4) for _ in range(3)), reverse=True)
    sequences, first = c.numbers(3, 4, 2), c.chance()
    sequences = sequences if first else sequences.transpose(0, 1)

    def packed() -> torch.Tensor:
        return pack_padded_sequence(sequences, torch.tensor(lengths), batch_first=first).data

    hold(c, packed, name="_pack_padded_sequence", methods=ANY)
    hold(c, lambda: pad_packed_sequence(pack_padded_sequence(sequences, torch.tensor(lengths), first), first, 0.5)[0],
         name="_pad_packed_sequence", methods=ANY)  # fmt: skip
