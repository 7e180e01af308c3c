"""Functions that few models call, the functions inside functions, and the kernels below them; each held against torch."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import Calls
from family_checks import Chance, hold, verify
from torch import Tensor, nn

import neurontui


@pytest.mark.parametrize("seed", range(12))
def test_rarer_functions(seed: int) -> None:
    c = Chance(seed)
    rows, width = c.randint(2, 5), c.randint(2, 5)
    x, y = c.numbers(2, rows, width), c.numbers(rows, width)
    hold(c, F.softmin, x, dim=c.choice([0, 1, -1]))
    hold(c, torch.quantile, x, c.random(), dim=c.choice([None, 0, -1]))
    hold(c, torch.quantile, x, torch.tensor([0.1, 0.75]), dim=1)
    hold(c, torch.nanmean, torch.where(x > 0.5, math.nan, x), 1)
    hold(c, torch.linalg.matrix_norm, x)
    hold(c, torch.norm_except_dim, y, 2, c.choice([0, 1, -1]))
    hold(c, F.pdist, y, c.choice([1.0, 2.0, 3.0]))
    hold(c, torch.dist, y, c.numbers(rows, width), c.choice([1, 2, 3]))
    hold(c, torch.linalg.vecdot, x, y, dim=-1)
    hold(c, torch.tensordot, x, y, ([2, 1], [1, 0]))
    hold(c, torch.tensordot, x, y.t(), 1)
    hold(c, torch.isin, c.whole(0, 5, rows), c.whole(0, 5, width), invert=c.chance())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scatter's reduce is old
        index = c.whole(0, rows, rows, width)
        hold(c, torch.Tensor.scatter, y.contiguous(), 0, index, c.numbers(rows, width), reduce=c.choice(["add", "multiply"]))
    image = c.numbers(2, 2, 5, 6)
    for pool, planes in ((F.fractional_max_pool2d, image), (F.fractional_max_pool3d, image[:, :, None].expand(2, 2, 5, 5, 6))):
        hold(c, pool, planes, 2, output_size=3, return_indices=c.chance())
    grid = c.numbers(2, 3, 3, 2)
    hold(c, F.grid_sample, image, grid, "bicubic", c.choice(["zeros", "border", "reflection"]), c.chance())
    signal, window = c.numbers(2, 40), torch.hann_window(12)
    hold(
        c,
        torch.stft,
        signal,
        16,
        c.choice([None, 5]),
        12,
        c.choice([torch.ones(12), window]),
        c.chance(),
        "reflect",
        c.chance(),
        return_complex=True,
    )
    hold(c, torch.stft, signal, 16, pad_mode="constant", window=torch.ones(16), return_complex=True)
    chances = y.abs() + 0.1
    hold(c, torch.bernoulli, chances / 5, generator=c.choice([None, torch.Generator()]))
    hold(c, lambda x, *p: x.clone().bernoulli_(*p), y, *c.choice([(), (0.2,), (chances / 5,)]))
    hold(c, torch.poisson, chances)
    hold(c, torch.multinomial, chances, 2, c.chance())


LAYERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "conv": (nn.Conv2d(4, 2, 3, padding=1), (2, 4, 5, 5)),
    "transposed": (nn.ConvTranspose2d(4, 2, 3, 2), (2, 4, 5, 5)),
    "layer norm": (nn.LayerNorm(4), (2, 3, 4)),
    "group norm": (nn.GroupNorm(2, 4), (2, 4, 5, 5)),
    "instance norm": (nn.InstanceNorm2d(4), (2, 4, 5, 5)),
    "rms norm": (nn.RMSNorm(4), (2, 3, 4)),
    "max pool": (nn.MaxPool2d(2), (2, 4, 5, 5)),
    "average pool": (nn.AvgPool2d(2), (2, 4, 5, 5)),
    "adaptive": (nn.AdaptiveAvgPool2d(3), (2, 4, 5, 5)),
    "adaptive max": (nn.AdaptiveMaxPool2d(3), (2, 4, 5, 5)),
    "bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 3, 4)),
    "bicubic": (nn.Upsample(scale_factor=1.5, mode="bicubic"), (1, 2, 3, 4)),
    "nearest": (nn.Upsample(scale_factor=2), (1, 2, 3, 4)),
    "nearest exact": (nn.Upsample(scale_factor=1.5, mode="nearest-exact"), (1, 2, 3, 4)),
    "affine grid": (Calls(lambda x: F.affine_grid(x, [2, 1, 3, 4], align_corners=True)), (2, 2, 3)),
    "gru": (nn.GRU(4, 3), (3, 2, 4)),
    "rnn": (nn.RNN(4, 3), (3, 2, 4)),
    "attention": (Calls(lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True)), (1, 2, 5, 8)),
    "unfold": (nn.Unfold(2), (1, 2, 3, 3)),
    "statistics": (Calls(lambda x: (x.var(-1), x.std(), x.max(-1), x.sort(), x.topk(2), x.cumsum(0), x.norm())), (3, 4)),
    "grid": (Calls(lambda x: F.grid_sample(x, torch.rand(2, 3, 3, 2), align_corners=False)), (2, 4, 5, 5)),
    "huber": (Calls(lambda x: F.huber_loss(x, x * 2, reduction="sum", delta=0.5)), (3, 4)),
    "smooth l1": (Calls(lambda x: F.smooth_l1_loss(x, x * 2, reduction="none", beta=0.5)), (3, 4)),
    "logits": (Calls(lambda x: F.binary_cross_entropy_with_logits(x, x.sigmoid(), pos_weight=x[0].abs())), (3, 4)),
    "nll": (Calls(lambda x: F.nll_loss(x, torch.tensor([0, 2, 1]), reduction="sum")), (3, 4)),
    "bag": (Calls(lambda x: F.embedding_bag(torch.tensor([[0, 2], [1, 1]]), x, mode="mean")), (3, 4)),
    "poisson": (Calls(lambda x: F.poisson_nll_loss(x, x.exp(), full=True)), (3, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_kernels_are_explained_by_the_same_formulas(name: str) -> None:
    """Every call is opened; what is inside agrees too, and is never left to the gradient where it has an output that matters."""
    c = Chance(len(name))
    layer, shape = LAYERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = neurontui.trace(layer, c.numbers(*shape), seed=1)
        assert trace.error is None, trace.error
        for step in trace.steps:
            if step.kind == "function":
                _verify_inside(c, neurontui.expand(trace, step.index))


def _verify_inside(c: Chance, opened: Any) -> None:
    for kernel in opened.steps[1:]:
        for why in verify(c, opened, kernel, 2, ("formula", "index", "element", "gradient"), drawn=True):
            assert why.method != "gradient" or why.output > 0 or "safe_softmax" in kernel.op, (kernel.op, why.formula)


def test_a_window_that_was_drawn_is_named() -> None:
    x = torch.arange(36.0).reshape(1, 1, 6, 6)
    trace = neurontui.trace(Calls(lambda t: F.fractional_max_pool2d(t, 2, output_size=2)), x, seed=4)
    why = neurontui.explain(trace, "./fractional_max_pool2d", (0, 0, 0, 1))
    assert why.agrees is True
    assert why.terms[0].mark == "winner"
    assert any("drawn" in note for note in why.notes)


def test_an_opened_group_norm_gives_its_statistics() -> None:
    trace = neurontui.trace(nn.GroupNorm(2, 4), torch.randn(1, 4, 3))
    opened = neurontui.expand(trace, "./group_norm")
    kernel = next(step for step in opened.steps if "native_group_norm" in step.op)
    for output in (0, 1, 2):
        assert neurontui.explain(opened, kernel, output=output).agrees is True


def test_empty_reductions_say_so() -> None:
    def forward(x: Tensor) -> Tensor:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return x.var(0)

    why = neurontui.explain(neurontui.trace(Calls(forward), torch.zeros(0, 3)), "./var", (1,))
    assert why.agrees is True
    assert math.isnan(why.computed)  # type: ignore[arg-type]
