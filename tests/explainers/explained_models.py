"""Small models of every kind that people build, for tests and benchmarks of explanations: each with an input it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """A ResNet basic block."""

    def __init__(self, width: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.skip = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if stride != 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += self.skip(x)
        return torch.relu_(y)


class ResNet(nn.Module):
    """Stem, max pooling, two blocks, global average, head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(Residual(8, 8, 1), Residual(8, 16, 2))
        self.head = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.stem(x))
        return self.head(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class UNet(nn.Module):
    """Down by convolution, up by transposed convolution and by interpolation, skips by cat."""

    def __init__(self) -> None:
        super().__init__()
        self.down1 = nn.Conv2d(1, 4, 3, padding=1)
        self.down2 = nn.Conv2d(4, 8, 3, stride=2, padding=1, padding_mode="reflect")
        self.norm = nn.GroupNorm(2, 8)
        self.up = nn.ConvTranspose2d(8, 4, 4, 2, 1)
        self.out = nn.Conv2d(9, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = F.gelu(self.down1(x))
        b = F.silu(self.norm(self.down2(a)))
        c = F.leaky_relu(self.up(b), 0.2)
        wide = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)[:, :1]
        return self.out(torch.cat([a, c, wide], dim=1)).sigmoid()


class Recurrent(nn.Module):
    """Embedding, two-layer bidirectional LSTM, GRU cell over its states, projection of the last."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6, padding_idx=0)
        self.lstm = nn.LSTM(6, 5, 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(10, 7)
        self.head = nn.Linear(7, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        states, (hidden, _) = self.lstm(self.embedding(tokens))
        memory = states.new_zeros(tokens.shape[0], 7)
        for t in range(states.shape[1]):
            memory = self.cell(states[:, t], memory)
        return F.log_softmax(self.head(memory) + hidden.mean(), dim=-1)


class GraphNetwork(nn.Module):
    """Messages gathered along edges, normalised by degree, scattered back."""

    def __init__(self) -> None:
        super().__init__()
        self.message = nn.Linear(6, 8)
        self.update = nn.Linear(8, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        source, target = edges
        degree = torch.zeros(x.shape[0]).scatter_add(0, target, torch.ones(target.shape[0])).clamp(min=1)
        messages = F.relu(self.message(x))[source] / degree[target].unsqueeze(-1)
        gathered = torch.zeros(x.shape[0], 8).index_add_(0, target, messages)
        best = torch.full((x.shape[0], 8), -1e9).scatter_reduce(0, target.unsqueeze(-1).expand_as(messages), messages, "amax")
        hidden = torch.tanh(self.update(gathered + torch.where(best > -1e8, best, torch.zeros_like(best))))
        return self.head(hidden.sum(dim=0, keepdim=True))


class MixtureOfExperts(nn.Module):
    """A router's two best of four experts, weighted, put back by index."""

    def __init__(self) -> None:
        super().__init__()
        self.router = nn.Linear(8, 4)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(8, 16), nn.SiLU(), nn.Linear(16, 8)) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        weights, chosen = F.softmax(self.router(x), dim=-1).topk(2, dim=-1)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        output = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            row, place = torch.where(chosen == number)
            output[row] += expert(x[row]) * weights[row, place, None]
        return output


class RotaryDecoder(nn.Module):
    """A decoder block as in current language models: RMS norm, rotary positions, causal attention, gated feed-forward."""

    def __init__(self, width: int = 16, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.embedding = nn.Embedding(30, width)
        self.scale = nn.Parameter(torch.ones(width))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.project = nn.Linear(width, width, bias=False)
        self.gate, self.up, self.down = nn.Linear(width, 32), nn.Linear(width, 32), nn.Linear(32, width)
        self.register_buffer("frequencies", 1.0 / (10000 ** (torch.arange(0, width // heads, 2).float() / (width // heads))))

    def normalise(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.scale

    def rotate(self, x: Tensor) -> Tensor:
        angles = torch.outer(torch.arange(x.shape[2]).float(), self.frequencies)
        angles = torch.cat([angles, angles], dim=-1)
        first, second = x.chunk(2, dim=-1)
        return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)
        batch, length, width = x.shape
        q, k, v = self.qkv(self.normalise(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(self.rotate(q), self.rotate(k), v, is_causal=True)
        x = x + self.project(attended.transpose(1, 2).reshape(batch, length, width))
        h = self.normalise(x)
        x = x + self.down(F.silu(self.gate(h)) * self.up(h))
        return x @ self.embedding.weight.T


class HandmadeAttention(nn.Module):
    """Attention spelled out: scores, mask, softmax, dropout, einsum."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        scores = torch.einsum("bqd,bkd->bqk", self.q(x), self.k(x)) / 8**0.5
        mask = torch.ones_like(scores).tril() == 0
        weights = self.dropout(scores.masked_fill(mask, float("-inf")).softmax(-1))
        out = torch.bmm(weights, self.v(x))
        out[:, 0] = out[:, 0] * 2
        out[:, 1:].clamp_(-1, 1)
        return out.mean(dim=1)


Case = tuple[str, Callable[[], nn.Module], Callable[[], Sequence[Tensor]]]

MODELS: tuple[Case, ...] = (
    ("resnet train", ResNet, lambda: [torch.randn(2, 3, 32, 32)]),
    ("resnet eval", lambda: ResNet().eval(), lambda: [torch.randn(1, 3, 32, 32)]),
    ("u-net", UNet, lambda: [torch.randn(1, 1, 16, 16)]),
    ("lstm", Recurrent, lambda: [torch.randint(0, 20, (2, 5))]),
    ("graph", GraphNetwork, lambda: [torch.randn(7, 6), torch.randint(0, 7, (2, 15))]),
    ("experts", MixtureOfExperts, lambda: [torch.randn(6, 8)]),
    ("decoder", RotaryDecoder, lambda: [torch.randint(0, 30, (1, 6))]),
    ("attention", HandmadeAttention, lambda: [torch.randn(2, 4, 8)]),
    ("encoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2), lambda: [torch.randn(2, 5, 16)]),
    ("encoder-decoder", lambda: nn.Transformer(16, 2, 1, 1, 32, batch_first=True), lambda: [torch.randn(1, 5, 16), torch.randn(1, 4, 16)]),
)  # fmt: skip
