"""Trace ↔ one .safetensors file. No pickle: a trace file can only ever be data."""

from __future__ import annotations

from neurontui.storage.errors import RecordedError
from neurontui.storage.loading import is_trace_file, load
from neurontui.storage.saving import save

__all__ = ["RecordedError", "is_trace_file", "load", "save"]
