"""Every random state of the process, kept and put back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial


@contextmanager
def kept_randomness() -> Iterator[None]:
    """At the end Python's, numpy's and torch's random states are as they were at the beginning."""
    import numpy.random  # where it comes with its first use, it begins with a state that nobody knows
    import torch

    state = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None  # type: ignore[no-untyped-call]
    python = random.getstate()
    numpy_state = numpy.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)
        random.setstate(python)
        numpy.random.set_state(numpy_state)


@contextmanager
def kept_generators(held: Iterable[object]) -> Iterator[None]:
    """At the end those of the objects that random numbers are drawn from are as they were at the beginning."""
    restorers = [restore for item in held if (restore := _restorer(item)) is not None]
    try:
        yield
    finally:
        for restore in restorers:
            restore()


def _restorer(item: object) -> Callable[[], object] | None:
    """What puts a generator's state back as it is now; None for anything else."""
    import numpy.random
    import torch

    if isinstance(item, random.Random):
        return partial(item.setstate, item.getstate())
    if isinstance(item, torch.Generator):
        return partial(item.set_state, item.get_state())
    if isinstance(item, numpy.random.RandomState):
        return partial(item.set_state, item.get_state())
    if isinstance(item, numpy.random.Generator):
        return partial(setattr, item.bit_generator, "state", item.bit_generator.state)
    return None
