"""The ways that need no formula: constants, index maps, single elements, exact sums, gradients; at the least, the inputs' names."""

from __future__ import annotations

from neurontui.explainers.generic.constants import explain_constant, explain_draw
from neurontui.explainers.generic.elements import explain_element
from neurontui.explainers.generic.gradients import explain_gradient, name_inputs
from neurontui.explainers.generic.maps import explain_map

__all__ = ["WAYS", "name_inputs"]

# Each takes the call and gives a Draft, or None where it has no answer; the last always has one.
WAYS = (explain_constant, explain_draw, explain_map, explain_element, explain_gradient, name_inputs)
