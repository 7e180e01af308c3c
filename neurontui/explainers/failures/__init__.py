"""Why did the forward stop? `diagnose(trace)` names the clash, the step that made the wrong operand, the rule, and what to do."""

from __future__ import annotations

from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import Trace

__all__ = ["Failure", "Side", "diagnose"]


def diagnose(trace: Trace) -> Failure | None:
    """The failing call of `trace`, explained; None where the forward came to its end.

    An error that no diagnosis knows still gives the failing step's inputs, torch's words and the user's lines.
    """
    raise NotImplementedError
