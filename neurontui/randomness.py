"""Every random state of the process, kept and put back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from inspect import unwrap
from itertools import chain
from typing import Any


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
def kept_generators(modules: Iterable[object]) -> Iterator[None]:
    """At the end the generators that modules may draw from are as they were: in attributes, their classes' too, and in their files."""
    held = list(modules)
    classes = {cls for module in held for cls in type(module).__mro__ if not cls.__module__.startswith("torch.")}
    beside = (getattr(unwrap(cls.__dict__["forward"]), "__globals__", {}) for cls in classes if "forward" in cls.__dict__)
    names = chain(map(vars, held), map(vars, classes), beside)
    restorers = _restorers(chain.from_iterable(list(seen.values()) for seen in names))
    try:
        yield
    finally:
        for restore in restorers:
            restore()


def _restorers(items: Iterable[object]) -> list[Callable[[], object]]:
    """What puts each generator among these objects back as it is now."""
    import numpy.random
    import torch

    restorers: list[Callable[[], object]] = []
    for item in items:
        if isinstance(item, random.Random):
            restorers.append(partial(item.setstate, item.getstate()))
        elif isinstance(item, (torch.Generator, numpy.random.RandomState)):
            put_back: Callable[[Any], object] = item.set_state
            restorers.append(partial(put_back, item.get_state()))
        elif isinstance(item, numpy.random.Generator):
            restorers.append(partial(setattr, item.bit_generator, "state", item.bit_generator.state))
    return restorers
