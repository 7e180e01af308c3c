"""Operands of another dtype or on another device."""

from __future__ import annotations

import re

from neurontui.explainers.failures.crash import Crash, same_dtype, values_in
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.labels import short_op
from neurontui.records import Value
from neurontui.text import format_dtype

_DTYPE = re.compile(r"dtype|scalar type|should be the same|not implemented for '\w+'|Input type", re.IGNORECASE)
_DEVICE = re.compile(r"on the expected device|on the same device|expected device|is on \w+, but|different devices?", re.IGNORECASE)
_INTEGERS = {"torch.int64", "torch.int32", "torch.int16", "torch.int8", "torch.uint8", "torch.bool"}
_INTEGER_FIXES = {
    "bool": "A comparison gives bool: convert with mask.float().",
    "uint8": "An image of bytes becomes numbers from 0 to 1 by x.float() / 255.",
}


def diagnose_dtype(crash: Crash) -> Failure | None:
    """Operands of different dtypes, or of one that the operation has no kernel for."""
    operands = _operands(crash)
    if not _DTYPE.search(crash.message) or not operands or crash.is_a("TypeError"):
        return None
    index = crash.operand("input") if crash.op in {"embedding", "embedding_bag"} else None
    if index is not None and index.dtype.is_floating_point:
        return _explain_index(crash, index)
    kinds = {str(value.dtype) for value in operands}
    if len(kinds) > 1:
        return _explain_mixed(crash, operands)
    wrong = operands[0]
    if str(wrong.dtype) in _INTEGERS:
        title = f"{crash.label()} takes floating point numbers, but {crash.source_label(wrong)} gives {format_dtype(wrong.dtype)}."
        fixes = ["Convert first: x.float()."]
        return crash.explain(title, [_gives(crash, wrong)], "Means, softmax and the like are not defined for whole numbers.", fixes, wrong)
    return None


def _operands(crash: Crash) -> list[Value]:
    """The tensors of the call; of a convolution and the like also the module's own weight."""
    module = crash.module
    own = {} if module is None or crash.step.kind != "module" else module.params
    return [*crash.operands(), *(value for name, value in own.items() if name.startswith("weight"))]


def _explain_index(crash: Crash, index: Value) -> Failure:
    title = f"{crash.label()} takes whole numbers (the rows to pick), but {crash.source_label(index)} gives {format_dtype(index.dtype)}."
    rows = [_gives(crash, index), crash.takes(["…"], f"{format_dtype(index.dtype)} ≠ int64")]
    return crash.explain(title, rows, "An index is a whole number: torch.long.", ["Convert first: x.long()."], index)


def _explain_mixed(crash: Crash, operands: list[Value]) -> Failure:
    taken = operands[0]
    other = next(value for value in operands if value.dtype != taken.dtype)
    first, second = format_dtype(taken.dtype), format_dtype(other.dtype)
    there = other.name or crash.source_label(other, same_dtype)
    title = f"{crash.label()} mixes {first} ({crash.source_label(taken, same_dtype)}) and {second} ({there})."
    rows = [_gives(crash, taken), _gives(crash, other, f"{first} ≠ {second}")]
    if str(taken.dtype) in _INTEGERS:
        fixes = [_INTEGER_FIXES.get(first, "Whole numbers make whole-number tensors: write 1. instead of 1, or convert with x.float().")]
    elif str(other.dtype) in _INTEGERS:
        fixes = [f"Convert the second one: .to(torch.{first})."]
    elif taken.dtype.is_complex:
        fixes = ["Complex numbers become real ones by x.abs(), or by x.real and x.imag side by side: torch.view_as_real(x).flatten(-2)."]
    else:
        fixes = [f"Convert the input, x.to(torch.{second}), or the model, model.to(torch.{first})."]
        if first == "float64":
            fixes.append("numpy arrays are float64 by default: torch.from_numpy(a).float().")
    return crash.explain(title, rows, "The tensors of one call have one dtype.", fixes, taken, same_dtype)


def _gives(crash: Crash, value: Value, clash: str = "") -> Side:
    side = crash.gives(value, keeps=same_dtype)
    return Side(side.label, side.verb, f"{side.shape} {format_dtype(value.dtype)}", clash, (), side.step)


def diagnose_device(crash: Crash) -> Failure | None:
    """Operands on different devices."""
    operands = _operands(crash)
    devices = {str(value.device) for value in operands}
    if not _DEVICE.search(crash.message) or len(devices) < 2:
        return None
    taken = operands[0]
    other = next(value for value in operands if value.device != taken.device)
    there = other.name or crash.source_label(other)
    title = f"{crash.label()} mixes devices: {crash.source_label(taken)} is on {taken.device}, {there} on {other.device}."
    rows = []
    for value, clash in ((taken, ""), (other, f"{taken.device} ≠ {other.device}")):
        side = crash.gives(value)
        rows.append(Side(side.label, side.verb, f"{side.shape} on {value.device}", clash, (), side.step))
    return crash.explain(title, rows, "All operands of a call are on one device.", _device_fixes(crash, taken, other), taken)


def _device_fixes(crash: Crash, taken: Value, other: Value) -> list[str]:
    held = next((value for value in (other, taken) if value.role in ("parameter", "buffer")), None)
    fixes = []
    for value, device in ((other, taken.device), (taken, other.device)):
        maker = crash.producer(value)
        if value.role == "attribute":
            name = value.name or "NAME"
            fixes.append(f"model.to(…) does not move a plain attribute: in __init__ write self.register_buffer('{name}', …).")
        elif maker is not None and not values_in((maker.args, maker.kwargs)) and str(device) != "meta":
            fixes.append(f"Make it where it is used: {short_op(maker)}(…, device='{device}'), or device=x.device of a tensor there.")
        if str(value.device) == "meta" and value is held:
            fixes.append(f"A meta tensor has a shape and no numbers: to_empty(device='{device}') makes memory, load_state_dict fills it.")
    if fixes:
        return fixes
    if "meta" in (str(taken.device), str(other.device)):
        return ["A meta tensor has a shape and no numbers: make it on the device of the others."]
    if held is None:
        return [f"Move one of them: x.to('{other.device}')."]
    given = taken if held is other else other
    return [f"Move the input, x.to('{held.device}'), or the model, model.to('{given.device}')."]
