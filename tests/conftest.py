"""What every test shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # an example is slow where the machine is busy, and that is no fault
settings.load_profile("no deadline")


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
