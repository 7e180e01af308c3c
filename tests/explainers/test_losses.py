"""Losses, distances and products of vectors, over all reductions and options; each held against torch."""

from __future__ import annotations

import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from family_checks import Chance, hold


@pytest.mark.parametrize("seed", range(25))
def test_losses_of_one_element(seed: int) -> None:
    c = Chance(seed)
    dtype, shape = c.dtype(), c.choice([(5,), (3, 4), (2, 3, 4)])
    x, y, weight = (c.numbers(*shape, dtype=dtype) for _ in range(3))
    p, q, weight = x.sigmoid(), y.sigmoid(), weight.abs()
    how = {"reduction": c.choice(["mean", "sum", "none"])}
    hold(c, F.l1_loss, x, y, **how)
    hold(c, F.smooth_l1_loss, x, y, beta=c.choice([1.0, 0.5]), **how)
    hold(c, F.huber_loss, x, y, delta=0.7, **how)
    hold(c, F.binary_cross_entropy, p, q, c.choice([None, weight]), **how)
    hold(c, F.binary_cross_entropy_with_logits, x, q, c.choice([None, weight]), pos_weight=c.choice([None, weight[..., :1]]), **how)
    hold(c, F.kl_div, x, q, reduction=c.choice([how["reduction"], "batchmean"]) if how["reduction"] != "mean" else "batchmean")
    hold(c, F.kl_div, x, y, reduction="sum", log_target=True)
    hold(c, F.poisson_nll_loss, x, q * 5, full=c.chance(), **how)
    hold(c, F.poisson_nll_loss, p, q, log_input=False, **how)
    hold(c, F.gaussian_nll_loss, x, y, weight, full=c.chance(), **how)
    sign = torch.sign(c.numbers(*shape, dtype=dtype))
    hold(c, F.soft_margin_loss, x, sign, **how)
    hold(c, F.hinge_embedding_loss, x, sign, margin=0.5, **how)
    hold(c, F.margin_ranking_loss, x, y, sign, margin=0.3, **how)


@pytest.mark.parametrize("seed", range(25))
def test_losses_of_a_row(seed: int) -> None:
    c = Chance(seed)
    dtype, rows, classes = c.dtype(), c.randint(1, 4), c.randint(2, 5)
    how = {"reduction": c.choice(["mean", "sum", "none"])}
    a, b, d = (c.numbers(rows, classes, dtype=dtype) for _ in range(3))
    target = c.whole(0, classes, rows)
    hold(c, F.nll_loss, a, target, c.choice([None, c.numbers(classes, dtype=dtype).abs()]), **how)
    hold(c, F.nll_loss, c.numbers(rows, classes, 3, 2, dtype=dtype), c.whole(0, classes, rows, 3, 2), **how)
    hold(c, F.nll_loss, a, torch.where(target == 0, -100, target), **how)
    hold(c, F.nll_loss, a[0], target[0])
    hold(c, F.multi_margin_loss, a, target, p=c.choice([1, 2]), margin=0.8, **how)
    labels = torch.full((rows, classes), -1)
    labels[:, 0] = 1
    hold(c, F.multilabel_margin_loss, a, labels, **how)
    hold(c, F.multilabel_soft_margin_loss, a, (b > 0).to(dtype), **how)
    hold(c, F.triplet_margin_loss, a, b, d, p=c.choice([1.0, 2.0]), swap=c.chance(), **how)
    hold(c, F.cosine_embedding_loss, a, b, torch.sign(c.numbers(rows)), margin=0.1, **how)


@pytest.mark.parametrize("seed", range(25))
def test_distances_and_products(seed: int) -> None:
    c = Chance(seed)
    dtype, rows, width = c.dtype(), c.randint(1, 4), c.randint(2, 5)
    a, b = c.numbers(rows, width, dtype=dtype), c.numbers(rows, width, dtype=dtype)
    hold(c, F.cosine_similarity, a, b, dim=c.choice([0, 1, -1]))
    hold(c, F.cosine_similarity, a[:, None], b[None], dim=-1)
    hold(c, F.pairwise_distance, a, b, p=c.choice([1.0, 2.0, 3.0]), keepdim=c.chance())
    hold(
        c,
        torch.cdist,
        c.numbers(2, rows, width, dtype=dtype),
        c.numbers(2, 3, width, dtype=dtype),
        p=c.choice([0.0, 1.0, 2.0, 3.0, math.inf]),
    )
    many = c.numbers(30, width, dtype=dtype)
    hold(c, torch.cdist, many, many)
    weight = c.numbers(3, rows, width, dtype=dtype).contiguous()  # the kernel views it
    hold(
        c,
        F.bilinear,
        c.numbers(2, rows, dtype=dtype).contiguous(),
        c.numbers(2, width, dtype=dtype).contiguous(),
        weight,
        c.choice([None, c.numbers(3, dtype=dtype)]),
    )
    three = c.numbers(4, 3, dtype=dtype)
    hold(c, torch.cross, three, c.numbers(4, 3, dtype=dtype), dim=1)
    hold(c, torch.linalg.cross, three, c.numbers(1, 3, dtype=dtype))
    hold(c, torch.trace, a)
    hold(c, torch.kron, a.contiguous(), b.contiguous())
    hold(c, torch.inner, c.numbers(2, width, dtype=dtype), c.numbers(3, 2, width, dtype=dtype))


@pytest.mark.parametrize("seed", range(20))
def test_scattered_additions(seed: int) -> None:
    c = Chance(seed)
    dtype = c.dtype()
    index, source = c.whole(0, 4, 3, 5), c.numbers(3, 5, dtype=dtype)
    hold(c, torch.scatter_add, c.numbers(4, 5, dtype=dtype), 0, index, source)
    hold(c, torch.Tensor.scatter_add_, c.numbers(3, 6, dtype=dtype), 1, index, source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scatter_reduce is in beta
        for how in ("sum", "prod", "mean", "amax", "amin"):
            hold(c, torch.scatter_reduce, c.numbers(4, 5, dtype=dtype), 0, index, source, how, include_self=c.chance())
    hold(c, torch.index_add, c.numbers(4, 5, dtype=dtype), 0, c.whole(0, 4, 6), c.numbers(6, 5, dtype=dtype), alpha=2)
    hold(c, torch.Tensor.index_put_, c.numbers(4, 5, dtype=dtype), (c.whole(0, 4, 7), c.whole(0, 5, 7)), c.numbers(7, dtype=dtype), True)
    hold(c, torch.Tensor.index_put, c.numbers(4, 5, dtype=dtype), (c.whole(0, 4, 7),), c.numbers(5, dtype=dtype), True)
    weight = c.numbers(6, 3, dtype=dtype)
    for mode in ("sum", "mean", "max"):
        hold(c, F.embedding_bag, c.whole(0, 6, 3, 4), weight, mode=mode)
        offsets = torch.tensor([0, 3, 3, 7])
        hold(c, F.embedding_bag, c.whole(0, 6, 9), weight, offsets, mode=mode, padding_idx=c.choice([None, 2, -1]))
    hold(c, F.embedding_bag, c.whole(0, 6, 3, 4), weight, mode="sum", per_sample_weights=c.numbers(3, 4, dtype=dtype))


@pytest.mark.parametrize("seed", range(20))
def test_fourier_transforms_and_drawn_noise(seed: int) -> None:
    c = Chance(seed)
    real = c.choice([torch.float32, torch.float64])
    y, z = c.numbers(3, *c.sizes(2, 2, 7), dtype=real), c.numbers(3, 4, c.randint(2, 9), dtype=real.to_complex())
    options = {"norm": c.choice([None, "ortho", "forward"])}
    size = c.choice([None, 3, 8])
    for function, x in ((torch.fft.fft, y), (torch.fft.fft, z), (torch.fft.ifft, z), (torch.fft.rfft, y), (torch.fft.irfft, z)):
        hold(c, function, x, size, c.choice([1, -1]), **options)
    for function, x in ((torch.fft.fft2, z), (torch.fft.ifft2, z), (torch.fft.rfft2, y), (torch.fft.fftn, y), (torch.fft.ifftn, z)):
        hold(c, function, x, **options)
    hold(c, torch.fft.fftn, z, (2, 3), **options)
    hold(c, F.gumbel_softmax, c.numbers(3, 5, dtype=real), 0.7, c.chance(), dim=c.choice([0, 1]))
    hold(c, F.rrelu, c.numbers(4, 5), training=c.chance())


@pytest.mark.parametrize("seed", range(10))
def test_grouped_and_sparse_products(seed: int) -> None:
    c = Chance(seed)
    ends, half = torch.tensor([8, 16], dtype=torch.int32), torch.bfloat16
    plain = lambda *shape: c.numbers(*shape, dtype=half).contiguous()  # noqa: E731
    hold(c, torch._grouped_mm, plain(16, 16), plain(2, 16, 8), offs=ends)
    hold(c, torch._grouped_mm, plain(2, 8, 16), plain(2, 16, 8))
    hold(c, torch._grouped_mm, plain(16, 8).t(), plain(16, 16).t().contiguous(), offs=ends) if c.chance() else None
    m = torch.where(c.numbers(4, 5) > 0, c.numbers(4, 5), 0.0)
    hold(c, torch.sparse.mm, m.to_sparse(), c.numbers(5, 3))
    hold(c, torch.Tensor.to_sparse, m, methods=("index",))
