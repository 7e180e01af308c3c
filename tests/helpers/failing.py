"""Small models that raise, and what is to be read of each: live, and from a trace file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import neurontui
from neurontui.explainers.failures import Failure, diagnose
from neurontui.explainers.failures.crash import find_crash
from neurontui.explainers.failures.words import TABLE
from neurontui.explainers.failures.words.wording import Wording

# Model and inputs, the sentence, the clash, a part of a fix.
Case = tuple[Callable[[], tuple[Any, ...]], str, str, str]


class Does(nn.Module):
    """A forward that does one thing."""

    def __init__(self, act: Callable[..., Any]) -> None:
        super().__init__()
        self.act = act

    def forward(self, x: Tensor, y: Tensor) -> Any:
        return self.act(x, y)


class Owns(nn.Module):
    """A forward that does one thing with a parameter `w`."""

    def __init__(self, act: Callable[..., Any]) -> None:
        super().__init__()
        self.act = act
        self.w = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Any:
        return self.act(self.w, x)


class Gives(nn.Module):
    """A layer of a Sequential that does one thing."""

    def __init__(self, act: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.act = act

    def forward(self, x: Tensor) -> Any:
        return self.act(x)


class Takes(nn.Module):
    """The first part of what a layer gives."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Any:
        return self.layer(x)[0]


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape)


def whole(*numbers: int) -> Tensor:
    return torch.tensor(numbers)


def false(*shape: int) -> Tensor:
    return torch.zeros(shape, dtype=torch.bool)


def two(act: Callable[[Tensor, Tensor], Any], x: Tensor | None = None, y: Tensor | None = None) -> tuple[Any, ...]:
    return Does(act), zeros(2, 3) if x is None else x, zeros(2, 3) if y is None else y


def own(act: Callable[[Tensor, Tensor], Any], x: Tensor | None = None) -> tuple[Any, ...]:
    return Owns(act), zeros(3) if x is None else x


def fail(model: nn.Module, *args: Any) -> Failure:
    failure = diagnose(neurontui.trace(model, *args))
    assert failure is not None
    return failure


def check_case(case: Case, folder: Path) -> None:
    """The sentence, the clash and the fix are read, and read alike when the trace was saved and loaded."""
    make, title, clash, fix = case
    trace = neurontui.trace(*make(), copy_parameters=True)
    failure = diagnose(trace)
    assert failure is not None
    assert failure.title == title
    assert clash in [row.clash for row in failure.rows] or not clash
    assert fix in " ".join(failure.fixes)
    assert failure.rule
    assert failure.torch_said
    neurontui.save(trace, folder / "run.safetensors")
    loaded = diagnose(neurontui.load(folder / "run.safetensors"))
    assert loaded is not None
    assert said(loaded) == said(failure)


def said(failure: Failure) -> tuple[object, ...]:
    lines = [line.text for line in failure.user_lines]
    return failure.title, failure.rows, failure.rule, failure.fixes, failure.torch_said, failure.producer, failure.step, lines


def wordings_without_case(table: tuple[Wording, ...], cases: dict[str, Case]) -> list[str]:
    """The rows of a table of torch's words that none of `cases` makes it say."""
    messages = []
    for make, *_ in cases.values():
        crash = find_crash(neurontui.trace(*make()))
        assert crash is not None
        messages.append(crash.message)
    said_first = {next((row for row in TABLE if row.words.search(message)), None) for message in messages}
    return [row.words.pattern for row in table if row not in said_first]
