"""Trace ↔ one .safetensors file. No pickle: a trace file can only ever be data."""

from __future__ import annotations

from pathlib import Path

from neurontui.records import Trace

__all__ = ["load", "save"]


def save(trace: Trace, path: str | Path) -> None:
    """Write `trace` to one `.safetensors` file, whole or not at all (a temporary file beside it, then a rename).

    Raises:
        TraceFileError: the file cannot be written there.
        StaleValueError: a parameter kept by reference has been written since the recording.
    """
    raise NotImplementedError


def load(path: str | Path) -> Trace:
    """Open a saved trace. Steps and tensors are read from the file when they are looked at.

    Raises:
        TraceFileError: it is no trace file, it is damaged or cut short, or a newer NeuronTUI wrote it.
    """
    raise NotImplementedError
