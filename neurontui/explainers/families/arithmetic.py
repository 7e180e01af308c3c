"""Adding, subtracting, multiplying, dividing, with broadcasting; powers; the greater and the lesser."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Column, literal, products
from neurontui.explanation import Picture
from neurontui.records import Value
from neurontui.text import format_index


@explains("torch.add")
def add(call: Call, /, input: Any, other: Any, *, alpha: Any = 1) -> Draft:
    """`output = input + alpha · other`."""
    return _sum(call, "input", 1, "other", alpha)


@explains("torch.sub")
def sub(call: Call, /, input: Any, other: Any, *, alpha: Any = 1) -> Draft:
    """`output = input − alpha · other`."""
    return _sum(call, "input", 1, "other", -alpha)


@explains("torch.rsub")
def rsub(call: Call, /, input: Any, other: Any, *, alpha: Any = 1) -> Draft:
    """`output = other − alpha · input`."""
    return _sum(call, "other", 1, "input", -alpha)


def _sum(call: Call, first: str, one: Any, second: str, factor: Any) -> Draft:
    signs = {1: "+ ", -1: "− "}
    size = abs(factor) if not isinstance(factor, bool) else 1
    sign = signs[1] if isinstance(factor, complex) or factor >= 0 else signs[-1]
    middle = sign + (f"{size} · " if size != 1 else "")
    a, b = call.element(first), call.element(second)
    scaled = products(b) if factor == 1 else products(b, literal("alpha" if size != 1 else "sign", factor))
    return Draft(
        f"{_place(call)} = {_spell(call, first)} {middle}{_spell(call, second)}", "sum", [products(a), scaled],
        pictures=_broadcast(call, first, second), notes=_broadcast_note(call),
    )  # fmt: skip


@explains("torch.mul")
def mul(call: Call, /, input: Any, other: Any) -> Draft:
    """`output = input · other`."""
    return Draft(
        f"{_place(call)} = {_spell(call, 'input')} · {_spell(call, 'other')}",
        "product",
        [products(call.element("input")), products(call.element("other"))],
        pictures=_broadcast(call, "input", "other"), notes=_broadcast_note(call),
    )  # fmt: skip


@explains("torch.div")
def div(call: Call, /, input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """`output = input / other`, one by one."""
    return NotImplemented if rounding_mode is not None else _quotient(call, "input", "other")


@explains("torch.Tensor.__rdiv__")
def rdiv(call: Call, /, input: Any, other: Any) -> Draft:
    """`output = other / input`."""
    return _quotient(call, "other", "input")


@explains("torch.reciprocal")
def reciprocal(call: Call, /, input: Any) -> Draft:
    """`output = 1 / input`."""
    call.values["one"] = 1
    return _quotient(call, "one", "input", "1")


def _quotient(call: Call, over: str, under: str, text: str = "") -> Draft:
    a, b = call.element(over), call.element(under)
    with np.errstate(all="ignore"):
        kind = np.complex128 if isinstance(a.number, complex) or isinstance(b.number, complex) else np.float64
        value = np.divide(np.asarray(a.number, kind), np.asarray(b.number, kind)).item()
    return Draft(
        f"{_place(call)} = {text or _spell(call, over)} / {_spell(call, under)}", "apply", [products(a), products(b)], computed=value,
        pictures=_broadcast(call, over, under), notes=_broadcast_note(call), zero="factor" if a.number == 0 and value == 0 else "",
    )  # fmt: skip


@explains("torch.pow", "torch.float_power")
def power(call: Call, /, input: Any, exponent: Any) -> Any:
    """`output = input ^ exponent`, for real floating numbers."""
    base, height = call.element("input"), call.element("exponent")
    if isinstance(base.number, complex) or isinstance(height.number, complex) or not call.result.is_floating_point():
        return NotImplemented
    with np.errstate(all="ignore"):
        value = float(np.power(np.float64(base.number), np.float64(height.number)))
    growth = abs(height.number) + abs(height.number * math.log(abs(base.number))) if base.number and math.isfinite(base.number) else 1.0
    spread = abs(value) * (1 + growth) if math.isfinite(value) and math.isfinite(growth) else 0.0
    formula = f"{_place(call)} = {_spell(call, 'input')} ^ {_spell(call, 'exponent')}"
    return Draft(
        formula,
        "apply",
        [products(base), products(height)],
        computed=value,
        magnitude=spread,
        pictures=_broadcast(call, "input", "exponent"),
    )


@explains("torch.square")
def square(call: Call, /, input: Any) -> Draft:
    """`output = input · input`."""
    x = call.element("input")
    return Draft(f"{_place(call)} = {_spell(call, 'input')}²", "product", [products(x), products(x)])


@explains("torch.neg")
def neg(call: Call, /, input: Any) -> Draft:
    """`output = −input`."""
    return Draft(f"{_place(call)} = −{_spell(call, 'input')}", "product", [products(literal("sign", -1)), products(call.element("input"))])


@explains("torch.addcmul")
def addcmul(call: Call, /, input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Draft:
    """`output = input + value · tensor1 · tensor2`."""
    scale = [] if value == 1 else [literal("value", value)]
    second = products(call.element("tensor1"), call.element("tensor2"), *scale)
    return Draft("output = input + value · tensor1 · tensor2", "sum", [products(call.element("input")), second])


@explains("torch.addcdiv")
def addcdiv(call: Call, /, input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Draft:
    """`output = input + value · tensor1 / tensor2`."""
    a, b = call.element("tensor1"), call.element("tensor2")
    with np.errstate(all="ignore"):
        quotient = np.asarray(a.numbers * value) / b.numbers
    second = products(a, b, literal("value", value), label="value · tensor1 / tensor2", values=quotient)
    return Draft("output = input + value · tensor1 / tensor2", "sum", [products(call.element("input")), second])


@explains("torch.lerp")
def lerp(call: Call, /, input: Any, end: Any, weight: Any) -> Draft:
    """`output = input · (1 − weight) + end · weight` (torch.lerp: input + weight · (end − input))."""
    start, stop, w = call.element("input"), call.element("end"), call.element("weight")
    rest = literal("1 − weight", 1 - w.number, note="one minus the weight")
    spread = float(abs(start.number) + abs(w.number) * (abs(start.number) + abs(stop.number)))
    terms = [products(start, rest), products(stop, w)]
    return Draft("output = input · (1 − weight) + end · weight", "sum", terms, magnitude=spread if math.isfinite(spread) else None)


@explains("torch.maximum")
def maximum(call: Call, /, input: Any, other: Any) -> Any:
    """The greater of the two."""
    return _choice(call, "max", "greater")


@explains("torch.minimum")
def minimum(call: Call, /, input: Any, other: Any) -> Any:
    """The lesser of the two."""
    return _choice(call, "min", "lesser")


def _choice(call: Call, how: Any, word: str) -> Draft:
    a, b = call.element("input"), call.element("other")
    first = a.number >= b.number if how == "max" else a.number <= b.number  # type: ignore[operator]
    blocks = [products(a, mark="winner" if first else ""), products(b, mark="" if first else "winner")]
    return Draft(f"{_place(call)} = the {word} of {_spell(call, 'input')} and {_spell(call, 'other')}", how, blocks)


_KEPT = {("min",): "but not below min", ("max",): "but not above max", ("min", "max"): "kept between min and max"}


@explains("torch.clamp")
def clamp(call: Call, /, input: Any, min: Any = None, max: Any = None) -> Draft:
    """`output = min(max(input, min), max)`; the upper bound wins."""
    bounds = [name for name, given in (("min", min), ("max", max)) if given is not None]
    x = call.element("input")
    columns: list[Column] = [call.element(name) for name in bounds]
    value: Any = x.number
    bound = ""  # the one that it was cut off at
    for name, column in zip(bounds, columns, strict=True):
        beyond = value < column.number if name == "min" else value > column.number
        if beyond or column.number != column.number:
            value, bound = column.number, name
    return Draft(
        f"{_place(call)} = input, {_KEPT[tuple(bounds)]}",
        "apply",
        [products(x), *map(products, columns)],
        computed=value,
        notes=(f"cut off at {bound}" if bound else "inside the bounds: left as it is",),
        zero="relu" if value == 0 and bound == "min" else "",
    )


def _place(call: Call) -> str:
    return f"output[{', '.join(map(str, call.at))}]" if call.at else "output"


def _spell(call: Call, name: str) -> str:
    """`other[0, 2]`, or the number itself where the code gave one."""
    value = call.values.get(name)
    if not isinstance(value, Value):
        return str(value)
    index = call.element(name).index[0]
    return format_index(name, index)


def _broadcast(call: Call, *names: str) -> tuple[Picture, ...]:
    """Where an operand is smaller than the output, a picture for each: which of its elements serves here."""
    operands = [(name, value) for name in names if isinstance(value := call.values.get(name), Value)]
    if all(value.shape == call.shape for _, value in operands):
        return ()
    made = []
    for name, value in operands:
        index = tuple(int(i) for i in call.element(name).index[0])
        caption = f"{name} {list(value.shape)} is stretched to {list(call.shape)}" if value.shape != call.shape else ""
        made.append(Picture("broadcast", name, (index,), caption=caption))
    return tuple(made)


def _broadcast_note(call: Call) -> tuple[str, ...]:
    """Both operands stretched: mostly meant, sometimes (N, 1) against (N) by mistake."""
    shapes = [v.shape for v in call.values.values() if isinstance(v, Value)]
    if len(shapes) == 2 and all(s != call.shape for s in shapes):
        return (f"Both operands are stretched: {list(shapes[0])} and {list(shapes[1])} make {list(call.shape)}.",)
    return ()
