"""The wrong kind of operand: another dtype, another device, None, a list, the tuple that an LSTM returns."""

from __future__ import annotations

import re

from neurontui.explainers.failures.crash import Crash, label_step, place_of, values_in, with_producer
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.records import Step, Value
from neurontui.text import format_dtype, format_shape

_DTYPE = re.compile(r"dtype|scalar type|should be the same|not implemented for '\w+'|Input type", re.IGNORECASE)
_DEVICE = re.compile(r"on the expected device|on the same device|expected device|is on \w+, but|different devices?", re.IGNORECASE)
_NOT_TENSOR = re.compile(
    r"must be Tensor, not ([\w.]+)|expected Tensor as element (\d+) in argument \d+, but got ([\w.]+)"
    r"|'(tuple|list|dict)' object has no attribute"
)
_NONE = re.compile(r"'NoneType'|not NoneType|got NoneType")
_INTEGERS = {"torch.int64", "torch.int32", "torch.int16", "torch.int8", "torch.uint8", "torch.bool"}


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
        title = f"{crash.label()} takes floating point numbers, but {crash.source_label(wrong)} gives {name_kind(wrong)}."
        fixes = ["Convert first: x.float()."]
        return crash.explain(title, [_gives(crash, wrong)], "Means, softmax and the like are not defined for whole numbers.", fixes, wrong)
    return None


def _operands(crash: Crash) -> list[Value]:
    """The tensors of the call; of a convolution and the like also the module's own weight."""
    module = crash.module
    own = [] if module is None or crash.step.kind != "module" else [value for name, value in module.params.items() if name == "weight"]
    return [*crash.operands(), *own]


def _explain_index(crash: Crash, index: Value) -> Failure:
    title = f"{crash.label()} takes whole numbers (the rows to pick), but {crash.source_label(index)} gives {name_kind(index)}."
    rows = [_gives(crash, index), crash.takes(["…"], f"{name_kind(index)} ≠ int64")]
    return crash.explain(title, rows, "An index is a whole number: torch.long.", ["Convert first: x.long()."], index)


def _explain_mixed(crash: Crash, operands: list[Value]) -> Failure:
    taken = operands[0]
    other = next(value for value in operands if value.dtype != taken.dtype)
    first, second = name_kind(taken), name_kind(other)
    title = f"{crash.label()} mixes {first} ({crash.source_label(taken)}) and {second} ({other.name or crash.source_label(other)})."
    rows = [_gives(crash, taken), _gives(crash, other, f"{first} ≠ {second}")]
    if str(taken.dtype) in _INTEGERS:
        fixes = ["Whole numbers make whole-number tensors: write 1. instead of 1, or convert with x.float()."]
    elif str(other.dtype) in _INTEGERS:
        fixes = [f"Convert the second one: .to(torch.{first})."]
    else:
        fixes = [f"Convert the input, x.to(torch.{second}), or the model, model.to(torch.{first})."]
        if first == "float64":
            fixes.append("numpy arrays are float64 by default: torch.from_numpy(a).float().")
    return crash.explain(title, rows, "All operands of a product have one dtype.", fixes, taken)


def name_kind(value: Value) -> str:
    return format_dtype(value.dtype)


def _gives(crash: Crash, value: Value, clash: str = "") -> Side:
    side = crash.gives(value)
    return Side(side.label, side.verb, f"{side.shape} {name_kind(value)}", clash, (), side.step)


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
    fixes = [f"Move one of them: x.to('{other.device}'), or model.to('{taken.device}')."]
    return crash.explain(title, rows, "All operands of a call are on one device.", fixes, taken)


def diagnose_none(crash: Crash) -> Failure | None:
    """None where a tensor is needed: most often a `forward` without a `return`."""
    if not _NONE.search(crash.message) or not crash.is_a("TypeError", "AttributeError"):
        return None
    giver = crash.find_step(lambda step: step.output is None and step.kind == "module")
    if giver is None:
        title = f"{crash.label()} uses None as a tensor."
        fixes = ["Look where the name on that line gets its value: something returned nothing, or an argument was left at None."]
        return crash.explain(title, [], "None is no tensor.", fixes)
    who = place_of(label_step(crash.trace, giver))
    title = f"{crash.label()} uses None as a tensor, and {who} returned None."
    rows = [
        Side(label_step(crash.trace, giver), "gives", "None", step=giver.index),
        Side(crash.label(), "takes", "a tensor", "None", (), crash.step.index),
    ]
    failure = crash.explain(
        title, rows, "A forward gives what it returns; without a return it gives None.", [f"End the forward of {who} with: return x"]
    )
    return with_producer(failure, giver)


def diagnose_not_tensor(crash: Crash) -> Failure | None:
    """A list, an array or a tuple where a tensor is needed."""
    found = _NOT_TENSOR.search(crash.message)
    if found is None or not crash.is_a("TypeError", "AttributeError"):
        return None
    kind = found[1] or found[3] or found[4]
    title = f"{crash.label()} takes a tensor, but was given a {kind}."
    giver = crash.find_step(lambda step: step.kind == "module" and isinstance(step.output, tuple)) if kind == "tuple" else None
    if giver is not None:
        return _explain_tuple(crash, giver)
    advice = {
        "list": "Make a tensor of it: torch.tensor([…]).",
        "numpy.ndarray": "Convert it: torch.from_numpy(a).float().",
        "dict": "Take the tensor out of the dict.",
    }
    advice |= {
        "float": "Make a tensor of it: torch.tensor(5.).",
        "int": "Make a tensor of it: torch.tensor(5.).",
        "tuple": "Take one of its parts: x[0].",
    }
    return crash.explain(title, [], f"A {kind} is no tensor.", [advice.get(kind, f"Convert the {kind} to a tensor.")])


def _explain_tuple(crash: Crash, giver: Step) -> Failure:
    parts = " and ".join(format_shape(value.shape) for value in values_in(giver.output)[:3])
    who = place_of(label_step(crash.trace, giver))
    title = f"{crash.label()} takes a tensor, but {who} gives a tuple: {parts}."
    rows = [
        Side(label_step(crash.trace, giver), "gives", f"({parts})", step=giver.index),
        Side(crash.label(), "takes", "one tensor", "a tuple", (), crash.step.index),
    ]
    fixes = ["Take the part that you want: output, _ = layer(x). In a nn.Sequential, put a small module between that does so."]
    return with_producer(crash.explain(title, rows, "Recurrent layers and attention return a tuple.", fixes), giver)
