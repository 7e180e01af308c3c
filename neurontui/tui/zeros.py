"""Why the zeros in sight are zero: an activation, a dropout, padding and a mask leave different signs. Runs torch: for the job thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from neurontui.errors import NeuronTUIError

if TYPE_CHECKING:
    from neurontui.debugger import Shown
    from neurontui.records import Trace

Index = tuple[int, ...]


def explain_zeros(trace: Trace, step: int, shown: Shown, cells: Iterable[Index]) -> dict[Index, str]:
    """The reason (`Explanation.zero`) for each of these zeros of a tensor of a step; `""` where none is known."""
    return {cell: _explain_zero(trace, step, shown, cell) for cell in cells}


def _explain_zero(trace: Trace, step: int, shown: Shown, cell: Index) -> str:
    from neurontui.explainers import explain
    from neurontui.origins import find_origin

    try:
        if shown.output is not None:
            return explain(trace, step, cell, shown.output).zero
        origin = find_origin(trace, step, shown.value, cell)
        if origin.step is None or origin.output is None or origin.index is None:
            return ""
        return explain(trace, origin.step, origin.index, origin.output).zero
    except NeuronTUIError:
        return ""
