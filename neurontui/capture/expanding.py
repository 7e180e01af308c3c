"""Opening one recorded call: it is run again, and the functions and ATen kernels inside it become a trace of their own."""

from __future__ import annotations

from neurontui.records import Trace


def expand(trace: Trace, step: str | int) -> Trace:
    """A new trace of one call: its step 0 is the call, below it the functions inside and the ATen kernels (kind "kernel").

    Its `outer` is (trace, index of the step). Same inputs, random state, grad mode and autocast; nothing of the user's is changed.

    Raises:
        StepError: there is no such step, or the call cannot be run again.
    """
    raise NotImplementedError
