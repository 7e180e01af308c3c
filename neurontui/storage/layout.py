"""What lies where in a trace file.

    steps, steps.offsets      each step as one line of JSON; where each begins
    values, values.offsets    each recorded tensor's description, likewise
    head                      one JSON object: outputs, errors, notes, the log of writes, the user's source text
    data.0, data.7, …         the numbers of value 0, 7, …; contiguous. Views and values handed on have none of their own
    checks                    a CRC-32 for each value's numbers

The metadata holds the format, its version, counts and a CRC-32 of all the JSON: its size does not grow with the trace.
"""

from __future__ import annotations

FORMAT = "neurontui-trace"
VERSION = 1

STEPS, VALUES, HEAD, CHECKS, DATA = "steps", "values", "head", "checks", "data."
JSON_TENSORS = (STEPS, VALUES, HEAD)
