"""Which line of the user's made a call, while it is being made: (code object, instruction offset), resolved when shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any

from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from neurontui.sources import IS_USERS, is_users

_CALL = nn.Module._call_impl.__code__
_FILLS = LazyModuleMixin._infer_parameters.__code__
_WRAPPED = nn.Module._wrapped_call_impl.__code__  # what `module(x)` enters; it calls that


def run_theirs(function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call the model. No line further out than this made any of its calls."""
    return function(*args, **kwargs)


_STOP = run_theirs.__code__


def is_inside(module: Any) -> bool:
    """Whether this thread is within a call of `module`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is _CALL and frame.f_locals.get("self") is module:
            return True
        frame = frame.f_back
    return False


def is_filling() -> bool:
    """Whether a lazy layer is being given its parameters: what torch calls for that is none of the forward's work."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code is not _CALL:
        if frame.f_code is _FILLS:
            return True
        frame = frame.f_back
    return False


def find_call(outer: Any, calls: int) -> Any:
    """The line of the user's that called the module which the recorder's caller is told of."""
    frame = sys._getframe(5)  # past the recorder and torch's own: a frame that is looked at is made an object
    if frame.f_code is _WRAPPED:
        return find_frame(frame.f_back, outer, calls - 1)
    return find_frame(sys._getframe(3), outer, calls)


def find_frame(frame: FrameType | None, outer: Any, calls: int) -> Any:
    """The nearest frame of the user's inside the run; past `calls` module calls without one, the line around: `outer`."""
    while frame is not None:
        code = frame.f_code
        users = IS_USERS.get(code.co_filename)
        if users is None:
            users = is_users(code.co_filename)
        if users:
            return code, frame.f_lasti
        if code is _CALL:
            if not calls and outer is not None:
                return outer
            calls -= 1
        elif code is _STOP:
            return outer
        frame = frame.f_back
    return None
