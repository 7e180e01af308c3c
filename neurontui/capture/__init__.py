"""Run -> Trace: a forward pass is run once, and everything it did is recorded."""

from __future__ import annotations

from neurontui.capture.expanding import expand
from neurontui.capture.replaying import call_again, edit, replay
from neurontui.capture.running import record_run, trace
from neurontui.capture.watching import record

__all__ = ["call_again", "edit", "expand", "record", "record_run", "replay", "trace"]
