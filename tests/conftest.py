"""What every test shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# An example is slow to make and to try where the machine is busy, and that is no fault.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _torch_as_it_was() -> Iterator[None]:
    """No test leaves a seed, the grad mode or distributions without checks, as torch.compile does, to the next one."""
    import torch
    from torch.distributions import Distribution

    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(True):
        yield
    Distribution.set_default_validate_args(__debug__)
