"""The ways that need no formula: an index map, one element, an exact linear sum, a gradient; at the least, the inputs' names."""

from __future__ import annotations

import dataclasses

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.classes import MOVES, POINTWISE
from neurontui.explainers.generic.constants import explain_constant
from neurontui.explainers.generic.elements import explain_element
from neurontui.explainers.generic.gradients import explain_gradient, name_inputs
from neurontui.explainers.generic.maps import explain_map


def explain_generically(call: Call, note: str = "") -> Draft:
    """The first way that answers: data that were only moved, a pointwise function, then whatever the gradient says."""
    call.name_inputs()
    found: Draft | None = None
    if call.actual is not None:
        found = explain_constant(call)
        if found is None and call.key in MOVES:
            found = explain_map(call)
        if found is None and call.key in POINTWISE:
            found = explain_element(call)
        if found is None:
            found = explain_gradient(call)
    found = found or name_inputs(call)
    return dataclasses.replace(found, notes=(note, *found.notes)) if note else found
