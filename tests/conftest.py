"""What every test shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    """No test leaves a seed or the grad mode to the next one."""
    import torch

    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(True):
        yield
