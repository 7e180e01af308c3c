"""What lies where in a trace file.

    steps, steps.offsets      each step as one line of JSON; where each begins
    values, values.offsets    each recorded tensor's description, likewise
    head                      one JSON object: outputs, errors, notes, the log of writes, the user's source text
    data.0, data.7, …         the numbers of value 0, 7, …; contiguous. Views and values handed on have none of their own,
                              and sparse, quantized and nested ones are made of the values that they name as their parts
    checks                    a CRC-32 for each value's numbers

The metadata holds the format, its version, counts and a CRC-32 of all the JSON: its size does not grow with the trace.
"""

from __future__ import annotations

from typing import Any

FORMAT = "neurontui-trace"
VERSION = 1

STEPS, VALUES, HEAD, CHECKS, DATA = "steps", "values", "head", "checks", "data."
JSON_TENSORS = (STEPS, VALUES, HEAD)

_TUPLE, _DICT = {"$tuple": list[Any]()}, {"$dict": list[Any]()}

# What a line leaves out where it is this.
STEP_DEFAULTS: dict[str, Any] = {
    "parent": None, "call": 1, "training": None, "grad": True, "autocast": None, "duration": None, "note": "", "error": None,
    "source": None,
    "args": _TUPLE, "kwargs": _DICT, "params": _DICT, "output": None, "writes": _DICT, "random_state": None, "aliases": _TUPLE,
}  # fmt: skip
VALUE_DEFAULTS: dict[str, Any] = {
    "device": "cpu", "name": None, "producer": None, "store": None, "offset": 0, "time": 0, "since": 0, "aliases": [], "same_as": None,
    "requires_grad": False,
}  # fmt: skip
