"""What recording costs, as ratios to the plain forward in the same run: `python tests/benchmarks/bench_recording.py`.

One thread. The bounds that it holds itself to: 10x on SimpleANN, 30 µs a recorded step on a 1000-layer MLP, 1.1x on ResNet-18.
Plain and recorded runs alternate, and the median of each counts: whether the allocator has memory at hand, or has given it back, makes
single runs of ResNet-18 differ by more than the recording does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import neurontui


class SimpleANN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(2, 2), nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, into: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        straight = stride == 1 and into == out
        self.down = None if straight else nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(h + (x if self.down is None else self.down(x)))


def resnet18() -> nn.Module:
    widths = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *[Block(*width) for width in widths], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)).eval()


class Long(nn.Module):
    """One forward of very many functions."""

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(100_000):
            x = x + 1
        return x


def compare(plain: Callable[[], object], recorded: Callable[[], object], times: int) -> tuple[float, float]:
    """The median of each, in seconds, until its result is there: how long it takes to free that is not counted."""
    taken: tuple[list[float], list[float]] = ([], [])
    plain()
    recorded()
    for _ in range(times):
        for run, seconds in zip((plain, recorded), taken, strict=True):
            start = time.perf_counter()
            result = run()
            seconds.append(time.perf_counter() - start)
            del result
    return median(taken[0]), median(taken[1])


def main() -> int:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    failed = []
    small, mlp = SimpleANN(), nn.Sequential(*[nn.Linear(64, 64) for _ in range(1000)])
    rows = [
        ("SimpleANN", small, torch.tensor([1.0, 2.0]), 2000, 10.0),
        ("1000-layer MLP", mlp, torch.randn(1, 64), 30, None),
        ("ResNet-18", resnet18(), torch.randn(1, 3, 224, 224), 40, 1.1),
    ]
    for name, model, x, times, bound in rows:
        plain, recorded = compare(lambda m=model, x=x: m(x), lambda m=model, x=x: neurontui.trace(m, x), times)  # type: ignore[misc]
        steps = len(neurontui.trace(model, x).steps)
        each = recorded / steps * 1e6
        print(
            f"{name:16} plain {plain * 1e3:9.3f} ms   recorded {recorded * 1e3:9.3f} ms   {recorded / plain:5.2f}x   {each:6.1f} µs a step"
        )
        if (bound is not None and recorded / plain > bound) or (bound is None and each > 30):
            failed.append(name)
    start = time.perf_counter()
    count = len(neurontui.trace(Long(), torch.zeros(2), grad=False).steps)
    print(f"{count} steps in {time.perf_counter() - start:.2f} s")
    print("over its bound: " + ", ".join(failed) if failed else "all within their bounds")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
