"""What a call runs under besides its arguments: autocast, functorch transforms, the random state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

AUTOCASTING = ("cpu", "cuda")  # the device types whose autocast is recorded


def describe_autocast() -> str:
    """ "cpu:bfloat16", one for each device type, with commas."""
    devices = [device for device in AUTOCASTING if torch.is_autocast_enabled(device)]
    return ",".join(f"{device}:{str(torch.get_autocast_dtype(device)).removeprefix('torch.')}" for device in devices) or "other"


def describe_transform() -> str:
    """ "inside vmap", "inside grad of vmap"."""
    stack = torch._C._functorch.get_interpreter_stack() or []
    return "inside " + " of ".join(str(interpreter.key()).rpartition(".")[2].lower() for interpreter in reversed(stack))


def random_state(kwargs: Mapping[str, Any]) -> Tensor:
    """The state of the generator that a call would draw from."""
    generator = kwargs.get("generator")
    return (torch.default_generator if generator is None else generator).get_state()
