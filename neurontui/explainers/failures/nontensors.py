"""What is no tensor: None, a list, an array, the tuple that an LSTM returns, the dict that a model returns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from neurontui.explainers.failures.crash import Crash, user_lines, with_producer
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.labels import label_step, place_of, short_op
from neurontui.records import Step, Value
from neurontui.text import format_shape, with_article

_NOT_TENSOR = re.compile(
    r"must be Tensor, not ([\w.]+)|expected Tensor as element (?:\d+) in argument \d+, but got ([\w.]+)"
    r"|'(tuple|list|dict)' object has no attribute|^unsupported operand .*'(tuple|list|dict)'|^(tuple|list) indices must be integers"
    r"|^can only concatenate (tuple|list) \(not"
    r"|received an invalid combination of arguments - got \((tuple|list|dict)\b.*\n \* \(Tensor input"
)
_NONE = re.compile(r"'NoneType'|not NoneType|got NoneType|got \(NoneType,")
_SEVERAL: dict[str, Callable[[Any], bool]] = {
    "tuple": lambda output: isinstance(output, tuple),
    "dict": lambda output: isinstance(output, Mapping),
}
UNPACKED = {  # how what a layer gives is taken apart
    "LSTM": "output, (h, c) = layer(x)",
    "GRU": "output, h = layer(x)",
    "RNN": "output, h = layer(x)",
    "MultiheadAttention": "output, weights = layer(x, x, x)",
}


def diagnose_none(crash: Crash) -> Failure | None:
    """None where a tensor is needed: most often a `forward` without a `return`."""
    if not _NONE.search(crash.message) or not crash.is_a("TypeError", "AttributeError"):
        return None
    giver = crash.find_step(lambda step: step.output is None and step.kind == "module")
    if giver is None:
        return _explain_none(crash)
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


def _explain_none(crash: Crash) -> Failure:
    """No call gave the None: say which part of the user's line it is."""
    culprit = find_none(crash)
    use = "calls None as a function" if "not callable" in crash.message else "uses None as a tensor"
    title = f"{crash.label()} {use}{'' if culprit is None else f': {ast.unparse(culprit)} is None'}."
    fixes = ["Look where the name on that line gets its value: something returned nothing, or an argument was left at None."]
    if isinstance(culprit, ast.Name):
        fixes = [f"Give {culprit.id} in the call, or ask first: if {culprit.id} is not None."]
    elif isinstance(culprit, ast.Call):
        fixes = [f"End {ast.unparse(culprit.func)} with: return x"]
    elif isinstance(culprit, ast.Attribute):
        fixes = [f"Set {ast.unparse(culprit)} in __init__, or ask first: if {ast.unparse(culprit)} is not None."]
    return crash.explain(title, [], "None is neither a tensor nor a layer.", fixes)


def find_none(crash: Crash) -> ast.expr | None:
    """The part of the line that raised which has to be the None: before `.attribute`, `[…]` and `(…)`, or the side that Python names."""
    lines = user_lines(crash.trace, crash.step)
    try:
        body = ast.parse(lines[-1].text).body if lines else []
    except SyntaxError:
        return None
    match body:
        case [ast.Expr(ast.Attribute(value) | ast.Subscript(value))] if "object" in crash.message:
            return value
        case [ast.Expr(ast.Call(function))] if "not callable" in crash.message:
            return function
        case [ast.Expr(ast.BinOp(left, _, right)) | ast.AugAssign(left, _, right)] if "operand type" in crash.message:
            return right if crash.message.endswith("'NoneType'") else left
    return None


def diagnose_not_tensor(crash: Crash) -> Failure | None:
    """A list, an array or a tuple where a tensor is needed."""
    found = _NOT_TENSOR.search(crash.message)
    if found is None or not crash.is_a("TypeError", "AttributeError"):
        return None
    kind = next(part for part in found.groups() if part)
    kind = "tuple" if kind.startswith("torch.return_types") else kind
    if kind in _SEVERAL:
        fits = _SEVERAL[kind]
        by_layer = crash.find_step(lambda step: step.kind == "module" and fits(step.output))
        giver = by_layer or crash.find_step(lambda step: fits(step.output))
        if giver is not None:
            return _explain_several(crash, giver, kind)
    parts = [] if crash.is_own_code() else [value for value in crash.operands() if value.role not in ("parameter", "buffer")]
    advice = {
        "list": "Put its tensors together, torch.stack(xs) or torch.cat(xs)." if parts else "Make a tensor of it: torch.tensor([…]).",
        "numpy.ndarray": "Convert it: torch.from_numpy(a).float().",
        "dict": "Take the tensor out of the dict: x['NAME'].",
        "PackedSequence": "Unpack it first: x, lengths = nn.utils.rnn.pad_packed_sequence(x, batch_first=True).",
        "float": "Make a tensor of it: torch.tensor(5.).",
        "int": "Make a tensor of it: torch.tensor(5.).",
        "tuple": "Take one of its parts: x[0].",
    }
    title = f"{crash.label()} takes a tensor, but was given {with_article(kind)}."
    fixes = [advice.get(kind, f"Convert the {kind} to a tensor.")]
    rows = [crash.gives(part) for part in parts[:3]] if kind == "list" else []
    return crash.explain(title, rows, f"{with_article(kind, first=True)} is no tensor.", fixes)


def _explain_several(crash: Crash, giver: Step, kind: str) -> Failure:
    """A tuple or a dict of tensors where one of them is needed."""
    parts = show_parts(giver.output)
    who, called = place_of(label_step(crash.trace, giver)), short_op(giver)
    title = f"{crash.label()} takes a tensor, but {who} gives a {kind}: {parts}."
    rows = [
        Side(label_step(crash.trace, giver), "gives", f"({parts})", step=giver.index),
        Side(crash.label(), "takes", "one tensor", f"a {kind}", (), crash.step.index),
    ]
    if kind == "dict":
        rule = "A dict holds tensors by name; a layer takes one of them."
        names = f"out[{next(iter(giver.output))!r}]" if giver.output else "out['NAME']"
    else:
        rule = "Recurrent layers, attention, and max or sort along a dimension give several tensors; a layer takes one."
        names = UNPACKED.get(called, "output, _ = layer(x)" if giver.kind == "module" else f"values, indices = x.{called}(…)")
    between = " In a nn.Sequential, put a small module between that does so." * crash.in_sequential()
    fixes = [f"Take the part that you want: {names}.{between}"]
    return with_producer(crash.explain(title, rows, rule, fixes), giver)


def show_parts(output: Any) -> str:
    """A tuple's parts by their shapes, `[5, 4], ([1, 4], [1, 4])`, a dict's with their names, `'h': [5, 4]`."""
    if isinstance(output, Mapping):
        shown = [f"{name!r}: {_show(part)}" for name, part in islice(output.items(), 4)]
    else:
        shown = [_show(part) for part in output[:4]]
    return ", ".join(shown) + ", …" * (len(output) > 4)


def _show(part: Any) -> str:
    if isinstance(part, tuple | list | Mapping):
        return f"({show_parts(part)})"
    return format_shape(part.shape) if isinstance(part, Value) else type(part).__name__
