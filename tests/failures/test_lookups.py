"""A key that is not there, and an error that the model's own code made of another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import neurontui
from neurontui.explainers.failures import Failure, diagnose
from neurontui.records import Trace
from neurontui.storage import load, save


def failure_of(trace: Trace) -> Failure:
    found = diagnose(trace)
    assert found is not None
    return found


class Heads(nn.Module):
    def __init__(self, heads: object) -> None:
        super().__init__()
        self.body = nn.Linear(4, 3)
        self.heads = heads

    def forward(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return self.heads[name](self.body(x))


def layers() -> dict[str, nn.Module]:
    return {"left": nn.Linear(3, 1), "right": nn.Linear(3, 2)}


@pytest.mark.parametrize("make", [nn.ModuleDict, dict])
def test_the_keys_that_there_are(make: type) -> None:
    failure = failure_of(neurontui.trace(Heads(make(layers())), torch.zeros(2, 4), "lef"))
    assert failure.title == "Heads looks in self.heads for 'lef', which it does not hold; did you mean 'left'?"
    assert failure.fixes == ("It holds 'left', 'right'.",)


def test_none_and_very_many_keys() -> None:
    empty = failure_of(neurontui.trace(Heads({}), torch.zeros(2, 4), "up"))
    many = failure_of(neurontui.trace(Heads({str(place): None for place in range(99)}), torch.zeros(2, 4), "up"))
    assert empty.fixes == ("It is empty: fill self.heads in __init__.",)
    assert many.fixes == ("It holds '0', '1', '2', '3', '4', '5', '6', '7' and 91 more.",)


class Keyed(dict):
    def __iter__(self):
        raise AssertionError("the user's own code is not run")


def test_a_dictionary_of_the_users_own_kind_is_not_asked() -> None:
    failure = failure_of(neurontui.trace(Heads(Keyed(layers())), torch.zeros(2, 4), "up"))
    assert failure.title == "Heads looks for the name up, which is not there."


class Guarded(nn.Module):
    """Its own words for whatever goes wrong inside."""

    def __init__(self, chained: bool) -> None:
        super().__init__()
        self.first, self.second, self.chained = nn.Linear(4, 3), nn.Linear(4, 2), chained

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        try:
            return self.second(self.first(x))
        except RuntimeError as error:
            if self.chained:
                raise ValueError("my layer failed") from error
            raise ValueError("my layer failed")  # noqa: B904  # Python keeps it as the context


@pytest.mark.parametrize("chained", [True, False])
def test_what_is_behind_a_raise_of_the_models_own(chained: bool, tmp_path: Path) -> None:
    trace = neurontui.trace(Guarded(chained), torch.zeros(2, 4))
    save(trace, tmp_path / "run.safetensors")
    for known in (trace, load(tmp_path / "run.safetensors")):
        failure = failure_of(known)
        assert failure.title == (
            "Guarded raised ValueError: my layer failed. Behind it: second Linear(4 → 2) takes 4 features, but first Linear(4 → 3) gives 3."
        )
        assert known.steps[failure.step].name == "second/linear"


class Falls(nn.Module):
    """A second try that succeeds, and then an error that has nothing to do with the first."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(5, 3), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        try:
            x = self.first(x)
        except RuntimeError:
            x = self.second(x)
        raise ValueError("too small")


def test_an_error_that_was_mended_is_not_behind_a_later_one(tmp_path: Path) -> None:
    trace = neurontui.trace(Falls(), torch.zeros(2, 4))
    save(trace, tmp_path / "run.safetensors")
    for known in (trace, load(tmp_path / "run.safetensors")):
        failure = failure_of(known)
        assert failure.title == "Falls raised ValueError: too small"
