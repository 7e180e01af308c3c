"""Functions of torch's that the user has replaced by their own (`F.relu = mine`).

Torch tells a function mode a function by the name that it had: where a replaced one calls torch's own, torch names the replacement,
and calling that would run it a second time.
"""

from __future__ import annotations

import gc
from types import CodeType, FrameType, FunctionType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import handle_torch_function

_originals: dict[CodeType, Any] = {}


def is_theirs(func: Any) -> bool:
    """Whether a Python function is none of torch's."""
    return isinstance(func, FunctionType) and not str(func.__globals__.get("__name__", "")).startswith("torch")


def find_original(func: Any, frame: FrameType | None) -> Any:
    """The function that is really being called, by the frame that told the mode; `func` itself where nothing was replaced."""
    if frame is not None and frame.f_code is handle_torch_function.__code__:
        caller = frame.f_back
        if caller is None or caller.f_code is func.__code__ or not str(caller.f_globals.get("__name__", "")).startswith("torch"):
            return func
        return _function_of(caller.f_code) or func
    name = next((name for name, held in vars(Tensor).items() if held is func), None)
    return func if name is None else getattr(torch._C.TensorBase, name, func)


def _function_of(code: CodeType) -> Any:
    if code not in _originals:
        holders = gc.get_referrers(code)
        _originals[code] = next((held for held in holders if isinstance(held, FunctionType) and held.__code__ is code), None)
    return _originals[code]
