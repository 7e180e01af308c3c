"""Who made a number: the newest recorded write that covers an element's bytes, found by memory and not by object identity alone."""

from __future__ import annotations

from collections.abc import Sequence

from neurontui.explanation import Origin
from neurontui.records import Trace, Value


def find_origin(trace: Trace, step: int, value: Value, index: Sequence[int]) -> Origin:
    """Where element `index` of `value` came from, which step number `step` took as an input (or holds as a parameter).

    The origin's `step`, `output` and `index` are the call that made it (`output` is None with a `name` where the call wrote that argument
    without returning it). In an opened call an origin of kind "input" goes on in the outer trace: `find_outer_origin`.
    """
    place = tuple(index)
    kind = value.role
    if value.producer is not None:
        return Origin("step", value.producer[0], value.producer[1], value.name, place)
    return Origin("unknown" if kind == "step" else kind, name=value.name, index=place)
