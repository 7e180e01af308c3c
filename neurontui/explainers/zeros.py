"""Why the zeros of a whole tensor are zero, for its signs: by the kind of step that made them, without an explanation for each."""

from __future__ import annotations

from collections.abc import Sequence

from neurontui.errors import NeuronTUIError
from neurontui.explainers.calls import plain
from neurontui.explainers.explaining import explain
from neurontui.explainers.names import key
from neurontui.origins import find_origin
from neurontui.records import Step, Trace, Value, leaves


def zero_reasons(trace: Trace, step: int, value: Value, cells: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], str]:
    """Why each of `cells` of a step's input or output is zero ("relu", "dropped", "padding", "masked", …); others are left out.

    Asked for the visible cells only: one explanation a zero that no activation made, remembered nowhere.
    """
    zeros = [cell for cell in cells if is_zero(value, cell)]
    return {cell: reason for cell in zeros if (reason := _reason(trace, step, value, cell))}


def is_zero(value: Value, cell: tuple[int, ...]) -> bool:
    """Whether that element is 0."""
    return bool(plain(value.tensor())[cell] == 0)


def _reason(trace: Trace, step: int, value: Value, cell: tuple[int, ...]) -> str:
    origin = find_origin(trace, step, value, cell)
    if origin.kind != "step" or origin.step is None or origin.index is None or origin.output is None:
        return ""
    if made_by_relu(trace.steps[origin.step], origin.index):
        return "relu"
    try:
        return explain(trace, origin.step, origin.index, origin.output).zero
    except NeuronTUIError:
        return ""


def made_by_relu(step: Step, index: tuple[int, ...]) -> bool:
    """Whether a ReLU cut this element off, by far the most frequent reason: its input was no zero already, which has another one."""
    if key(step.op) != "relu":
        return False
    given = next((value for _, value in leaves((step.args, step.kwargs))), None)
    return given is not None and not is_zero(given, index)
