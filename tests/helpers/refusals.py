"""What bad input is answered with, and files that must not be obeyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from neurontui.errors import NeuronTUIError


def read_refusal(kind: type[NeuronTUIError], act: Callable[[], object]) -> str:
    """The one sentence with which `act` is refused."""
    with pytest.raises(kind) as caught:
        act()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


class Bomb:
    """Raises where somebody unpickles it."""

    def __reduce__(self) -> Any:
        return (_explode, ())


def _explode() -> None:
    raise AssertionError("code of a file was run")
