"""The debugger: a recorded forward pass, and where a person stands in it. No screen in it; `Debugger` is the one mutable class."""

from __future__ import annotations

from neurontui.debugger.breakpoints import Breakpoint, Condition
from neurontui.debugger.core import Debugger
from neurontui.debugger.places import Place, Reached, Recording, Standing
from neurontui.debugger.shown import Shown
from neurontui.debugger.statistics import Statistics
from neurontui.debugger.watches import Watch, Watched

__all__ = ["Breakpoint", "Condition", "Debugger", "Place", "Reached", "Recording", "Shown", "Standing", "Statistics", "Watch", "Watched"]
