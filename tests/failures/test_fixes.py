"""The fixes that are code do what they promise: each is done, and the forward runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from failing import false, whole, zeros
from torch import Tensor, nn

x, y, square = zeros(2, 3), zeros(2, 3), torch.eye(3)
image, w = zeros(1, 3, 4, 4), nn.Parameter(torch.ones(3))
query, attention = zeros(3, 2, 8), nn.MultiheadAttention(8, 2)

FIXES: dict[str, Callable[[], Any]] = {
    "w = x.clone()": lambda: w.clone().add_(1),
    "under torch.no_grad()": lambda: without_gradients(lambda: w.mul_(1)),
    ".repeat instead of .expand": lambda: x[:1].repeat(4, 1).add_(1),
    "x.detach().numpy()": lambda: (w * 2).detach().numpy(),
    "x.transpose(-2, -1), or x.mT": lambda: (zeros(2, 3, 4).transpose(-2, -1), zeros(2, 3, 4).mT),
    "torch.cat([x, y], dim=0)": lambda: torch.cat([x, y], dim=0),
    "torch.stack([x, y]) of numbers": lambda: torch.stack([x.sum(), y.sum()]),
    "a -1 in front for expand": lambda: x.expand(-1, 3),
    "a 1 in front for repeat": lambda: x.repeat(1, 2),
    "index.flatten()": lambda: x.index_select(1, torch.tensor([[0, 1]]).flatten()),
    "x[index] of any shape": lambda: x[torch.tensor([[0, 1]])],
    "x[rows][:, columns]": lambda: x[whole(0, 1)][:, whole(0, 1, 2)],
    "x.narrow to the end": lambda: x.narrow(1, 2, x.shape[1] - 2),
    "pinv, and x @ x.mT": lambda: (torch.linalg.pinv(x), torch.linalg.det(x @ x.mT)),
    "torch.diagonal of a batch": lambda: torch.diagonal(zeros(3, 3, 3), dim1=-2, dim2=-1),
    "outer of batches": lambda: x.unsqueeze(-1) * y.unsqueeze(-2),
    "as many shifts as dimensions": lambda: x.roll((1, 2), (0, 1)),
    "x.reshape(1) of a number": lambda: list(x.sum().reshape(1)),
    "x.flatten(2) for a GRU": lambda: nn.GRU(12, 4)(zeros(2, 3, 4, 3).flatten(2)),
    "(h, c) for an LSTM": lambda: nn.LSTM(3, 4)(zeros(5, 2, 3), (zeros(1, 2, 4), torch.zeros_like(zeros(1, 2, 4)))),
    "enforce_sorted=False": lambda: nn.utils.rnn.pack_padded_sequence(zeros(2, 5, 3), whole(2, 3), batch_first=True, enforce_sorted=False),
    "lengths.clamp(min=1)": lambda: nn.utils.rnn.pack_padded_sequence(zeros(2, 5, 3), whole(2, 0).clamp(min=1), batch_first=True),
    "lengths.clamp(max=5)": lambda: F.ctc_loss(zeros(5, 2, 4), torch.ones(2, 3), whole(7, 7).clamp(max=5), whole(3, 3)),
    "stride=2 with output_padding=1": lambda: nn.ConvTranspose2d(3, 3, 3, stride=2, output_padding=1)(image),
    "offsets from lengths": lambda: nn.EmbeddingBag(5, 2)(whole(0, 1, 2), whole(1, 2).cumsum(0) - whole(1, 2)),
    "a bag a row": lambda: nn.EmbeddingBag(5, 2)(whole(0, 1, 2).unsqueeze(0)),
    "grid.expand": lambda: F.grid_sample(zeros(2, 3, 4, 4), zeros(1, 4, 4, 2).expand(2, -1, -1, -1), align_corners=False),
    "theta[:, :2]": lambda: F.affine_grid(zeros(2, 3, 3)[:, :2], [2, 3, 4, 4], align_corners=False),
    "torch.where for a choice": lambda: torch.where(x > 0, x, y),
    "x.mean().item() and x.tolist()": lambda: (x.mean().item(), x.tolist()),
    "torch.finfo(x.dtype).min": lambda: x.half().masked_fill(y > 0, torch.finfo(torch.float16).min),
    "x.float() before -inf": lambda: whole(1, 2).float().masked_fill(whole(1, 2) > 0, float("-inf")),
    "min(k, x.shape[-1])": lambda: x.topk(min(5, x.shape[-1])),
    "~mask and mask.float()": lambda: (~(x > 0), 1 - (x > 0).float()),
    "mask.bool() and mask == 0": lambda: (x.masked_fill(y.bool(), 0), ~y.bool(), y == 0),
    "a little on the diagonal": lambda: torch.linalg.cholesky(zeros(3, 3) + 1e-4 * torch.eye(3)),
    "replacement=True": lambda: torch.multinomial(torch.ones(2, 3), 5, replacement=True),
    "scores.softmax(-1)": lambda: torch.multinomial((-torch.ones(2, 3)).softmax(-1), 1),
    "F.softplus(x) + 1e-5": lambda: torch.distributions.Normal(x, F.softplus(y) + 1e-5),
    "std = exp(0.5 * log_variance)": lambda: torch.normal(x, torch.exp(0.5 * (y - 1))),
    "return_complex=True": lambda: torch.stft(zeros(16), 4, window=torch.ones(4), return_complex=True).abs(),
    "complex parts": lambda: (torch.fft.fft(x).abs().relu(), torch.view_as_real(torch.fft.rfft(x)).flatten(-2)),
    "F.interpolate(x, scale_factor=2)": lambda: (F.interpolate(image, scale_factor=2), F.interpolate(image, size=(32, 32))),
    "x[None, None]": lambda: F.interpolate(zeros(4, 4)[None, None], size=3),
    "mode='linear' of a sequence": lambda: F.interpolate(zeros(1, 2, 4), size=3, mode="linear"),
    "four numbers for four dimensions": lambda: F.pad(image, (1, 1, 0, 0), mode="reflect"),
    "x.unsqueeze(0) before padding": lambda: nn.ReflectionPad2d(1)(zeros(4, 4).unsqueeze(0)),
    "as much as there is": lambda: (nn.ReflectionPad2d(3)(image), nn.CircularPad2d(4)(image), F.pad(image, (-2, -2))),
    "the last part is what is left": lambda: (zeros(2, 5).split([2, 3], dim=1), zeros(2, 5).chunk(2, dim=1)),
    "mask.T of padding": lambda: attention(query, query, query, key_padding_mask=false(3, 2).T),
    "mask[:, None, None, :]": lambda: F.scaled_dot_product_attention(*[zeros(3, 2, 5, 8)] * 3, attn_mask=~false(3, 5)[:, None, None, :]),
    "enable_gqa=True": lambda: F.scaled_dot_product_attention(zeros(1, 4, 5, 8), *[zeros(1, 2, 5, 8)] * 2, enable_gqa=True),
    "kdim, vdim": lambda: nn.MultiheadAttention(8, 2, kdim=6, vdim=6)(query, zeros(3, 2, 6), zeros(3, 2, 6)),
    "x.unsqueeze(2) for a 3-d convolution": lambda: nn.Conv3d(3, 4, (1, 3, 3))(zeros(2, 3, 8, 8).unsqueeze(2)),
    "a grey image in three channels": lambda: nn.Conv2d(3, 4, 3)(zeros(2, 1, 8, 8).expand(-1, 3, -1, -1)),
    "left.transpose(1, 2)": lambda: zeros(2, 6, 2, 4).transpose(1, 2) @ zeros(2, 2, 4, 6),
    "y[..., None, None]": lambda: zeros(2, 4, 5, 5) * zeros(2, 4)[..., None, None],
    "a shortcut": lambda: zeros(2, 16, 4, 4) + nn.Conv2d(8, 16, 1, stride=2)(zeros(2, 8, 8, 8)),
    "expand before cat": lambda: torch.cat([zeros(1, 1, 8).expand(4, -1, -1), zeros(4, 6, 8)], dim=1),
    "one size before cat": lambda: torch.cat([zeros(1, 8, 15, 15), F.interpolate(zeros(1, 8, 14, 14), size=(15, 15))], dim=1),
    "x[..., None] expands": lambda: zeros(2)[..., None].expand(-1, 5),
    "x.repeat copies": lambda: x.repeat(2, 1),
    "channels to the end and back": lambda: (
        nn.LayerNorm(8)(zeros(1, 8, 6, 6).movedim(1, -1)).movedim(-1, 1) + nn.GroupNorm(1, 8)(zeros(1, 8, 6, 6))
    ),
    "features to dimension 1 and back": lambda: nn.BatchNorm2d(3)(zeros(2, 5, 5, 3).movedim(-1, 1)).movedim(1, -1),
    "classes in dimension 1": lambda: (
        F.cross_entropy(zeros(2, 5, 10).movedim(-1, 1), torch.zeros(2, 5, dtype=torch.long))
        + F.cross_entropy(zeros(2, 5, 10).flatten(0, -2), torch.zeros(2, 5, dtype=torch.long).flatten())
    ),
    "target.squeeze(1)": lambda: F.cross_entropy(zeros(2, 4, 6, 6), torch.zeros(2, 1, 6, 6, dtype=torch.long).squeeze(1)),
    "to_empty(device='cpu')": lambda: nn.Linear(3, 4, device="meta").to_empty(device="cpu")(x),
    "nn.ReLU()(x), or F.relu(x)": lambda: nn.ReLU()(x) + F.relu(x),
    "int(x) of one number": lambda: torch.zeros(int(x.sum()), 3),
    "(x > 0).any() or .all()": lambda: 1 if (x > 0).any() or (x > 0).all() else math.pi,
}


def without_gradients(act: Callable[[], Tensor]) -> Tensor:
    with torch.no_grad():
        return act()


@pytest.mark.parametrize("fix", FIXES)
def test_the_fix_runs(fix: str) -> None:
    FIXES[fix]()
