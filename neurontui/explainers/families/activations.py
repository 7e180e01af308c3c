"""Activations: the written formula, held against the kernel, and the curve with the point on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call
from neurontui.explainers.drafts import Draft, stage
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Block, literal, products
from neurontui.explanation import Picture

Curve = Callable[[float], float]
POINTS = 61  # of a curve's picture


def draw_curve(curve: Curve, x: float) -> tuple[Picture, ...]:
    """The curve from −4 to 4 (further where the point lies outside), with the point, which may have no height (the log of −1)."""
    if not math.isfinite(x):
        return ()
    reach = max(4.0, abs(x) * 1.1)
    xs = np.linspace(-reach, reach, POINTS).tolist()
    points = tuple((a, y) for a in xs if (y := _safe(curve, a)) is not None)
    return (Picture("curve", "input", curve=points, point=(x, _evaluate(curve, x))),)


def _safe(curve: Curve, x: float) -> float | None:
    try:
        y = curve(x)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return y if math.isfinite(y) else None


def curve_draft(
    call: Call, formula: str, curve: Curve, slope: float = 1.0, zero: str = "", extra: tuple[Block, ...] = (), steps: bool = False
) -> Any:
    """The draft of a function of one real element. `slope` bounds |x · f′(x)| / |x|: how far the input's own rounding carries.

    `steps`: torch computes it in several calls, each rounded to the output's type.
    """
    x = call.element("input")
    if isinstance(x.number, complex) or not call.result.is_floating_point():
        return NotImplemented
    value = _evaluate(curve, float(x.number))
    spread = slope * abs(x.number) + abs(value)
    return Draft(
        formula, "apply", [products(x), *extra], computed=value, coarse=steps, magnitude=spread if math.isfinite(spread) else 0.0,
        zero=zero if call.actual == 0 else "", pictures=draw_curve(curve, float(x.number)),
    )  # fmt: skip


def _evaluate(curve: Curve, x: float) -> float:
    """The curve at x, also at infinities and where the exact functions overflow."""
    if math.isnan(x):
        return math.nan
    try:
        return float(curve(x))
    except OverflowError:
        return math.inf
    except (ValueError, ZeroDivisionError):
        return math.nan


def exp(x: float) -> float:
    """eˣ, infinite where it is too large."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def logistic(x: float) -> float:
    """1 / (1 + e⁻ˣ), without overflow."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def log1pexp(x: float) -> float:
    """log(1 + eˣ), without overflow."""
    return max(x, 0.0) + math.log1p(exp(-abs(x))) if math.isfinite(x) else max(x, 0.0)


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


@explains("torch.relu")
def relu(call: Call, /, input: Any) -> Any:
    """`output = max(0, input)`."""
    x = call.element("input")
    if isinstance(x.number, complex):
        return NotImplemented
    above = not x.number <= 0
    blocks = [products(x, mark="winner" if above else ""), products(literal("zero", 0), label="0", mark="" if above else "winner")]
    if x.number != x.number:
        notes: tuple[str, ...] = ("NaN is handed on: it is neither above nor below 0.",)
    else:
        notes = ("The input is above 0: it passes as it is.",) if above else ("The input is not above 0: ReLU gives 0.",)
    return Draft(
        "output = max(0, input)",
        "max",
        blocks,
        zero="" if above else "relu",
        notes=notes,
        pictures=draw_curve(lambda v: max(0.0, v), float(x.number)),
    )


@explains("torch.nn.functional.leaky_relu")
def leaky_relu(call: Call, /, input: Any, negative_slope: float = 0.01) -> Any:
    """`input` above 0, `negative_slope · input` below."""
    extra = (products(literal("negative_slope", negative_slope)),)
    return curve_draft(
        call, "output = input if input > 0 else negative_slope · input", lambda v: v if v > 0 else v * negative_slope, extra=extra
    )


@explains("torch.nn.functional.prelu")
def prelu(call: Call, /, input: Any, weight: Any) -> Draft:
    """`input` above 0, `weight[c] · input` below; one weight, or one a channel (dimension 1)."""
    x = call.element("input")
    channel = call.at[1] if weight.numel() > 1 and input.dim() > 1 else 0
    w = call.read("weight", *([channel] if weight.dim() else []))
    below = x.real <= 0
    blocks = [products(x), products(w if below else literal("one", 1))]
    notes = (f"The input is {'not ' * below}above 0: it is multiplied by {'weight' if below else '1'}.",)
    return Draft(
        "output = input if input > 0 else weight[c] · input",
        "product",
        blocks,
        indices={"c": channel},
        notes=notes,
        magnitude=abs(x.real * (w.real if below else 1)),
    )


@explains("torch.nn.functional.relu6")
def relu6(call: Call, /, input: Any) -> Any:
    """`min(max(0, input), 6)`."""
    return curve_draft(call, "output = min(max(0, input), 6)", lambda v: min(max(0.0, v), 6.0), zero="relu")


@explains("torch.nn.functional.hardtanh")
def hardtanh(call: Call, /, input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """`input`, kept between min_val and max_val."""
    extra = (products(literal("min_val", min_val)), products(literal("max_val", max_val)))
    zero = "relu" if min_val == 0 else ""
    return curve_draft(call, "output = min(max(input, min_val), max_val)", lambda v: min(max(v, min_val), max_val), zero=zero, extra=extra)


@explains("torch.nn.functional.threshold")
def threshold(call: Call, /, input: Any, threshold: float, value: float) -> Any:
    """`input` above the threshold, else `value`."""
    extra = (products(literal("threshold", threshold)), products(literal("value", value)))
    return curve_draft(
        call, "output = input if input > threshold else value", lambda v: v if v > threshold else value, zero="relu", extra=extra
    )


@explains("torch.nn.functional.elu")
def elu(call: Call, /, input: Any, alpha: float = 1.0) -> Any:
    """`input` above 0, `alpha · (eˣ − 1)` below."""
    return curve_draft(
        call,
        "output = input if input > 0 else alpha · (exp(input) − 1)",
        lambda v: v if v > 0 else alpha * math.expm1(v),
        slope=1 + abs(alpha),
    )


@explains("torch.nn.functional.celu")
def celu(call: Call, /, input: Any, alpha: float = 1.0) -> Any:
    """`max(0, x) + min(0, alpha · (e^(x/alpha) − 1))`."""
    formula = "output = max(0, input) + min(0, alpha · (exp(input / alpha) − 1))"
    return curve_draft(call, formula, lambda v: v if v > 0 else alpha * math.expm1(v / alpha), slope=1 + abs(alpha))


@explains("torch.nn.functional.selu")
def selu(call: Call, /, input: Any) -> Any:
    """`scale · (max(0, x) + min(0, alpha · (eˣ − 1)))`, Klambauer et al. 2017."""
    alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
    formula = "output = 1.0507 · (max(0, input) + min(0, 1.6733 · (exp(input) − 1)))"
    return curve_draft(call, formula, lambda v: scale * (v if v > 0 else alpha * math.expm1(v)), slope=2)


@explains("torch.nn.functional.gelu")
def gelu(call: Call, /, input: Any, approximate: str = "none") -> Any:
    """`x · Φ(x)`, Φ by erf, or by its tanh approximation (Hendrycks and Gimpel 2016)."""
    if approximate == "tanh":
        formula = "output = ½ · input · (1 + tanh(√(2/π) · (input + 0.044715 · input³)))"
        return curve_draft(call, formula, lambda v: 0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))), slope=2)
    return curve_draft(call, "output = input · ½ · (1 + erf(input / √2))", lambda v: v * _normal_cdf(v), slope=2)


@explains("torch.nn.functional.silu")
def silu(call: Call, /, input: Any) -> Any:
    """`x / (1 + e⁻ˣ)`."""
    return curve_draft(call, "output = input / (1 + exp(−input))", lambda v: v * logistic(v), slope=2)


@explains("torch.nn.functional.mish")
def mish(call: Call, /, input: Any) -> Any:
    """`x · tanh(log(1 + eˣ))`."""
    return curve_draft(call, "output = input · tanh(log(1 + exp(input)))", lambda v: v * math.tanh(log1pexp(v)), slope=2)


@explains("torch.sigmoid")
def sigmoid(call: Call, /, input: Any) -> Any:
    """`1 / (1 + e⁻ˣ)`."""
    return curve_draft(call, "output = 1 / (1 + exp(−input))", logistic)


@explains("torch.tanh")
def tanh(call: Call, /, input: Any) -> Any:
    """`(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)`."""
    return curve_draft(call, "output = (exp(input) − exp(−input)) / (exp(input) + exp(−input))", math.tanh)


@explains("torch.nn.functional.softplus")
def softplus(call: Call, /, input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """`log(1 + e^(βx)) / β`; `x` itself where `βx` is above the threshold."""
    formula = "output = log(1 + exp(β · input)) / β, or input where β · input > threshold"
    return curve_draft(call, formula, lambda v: v if v * beta > threshold else log1pexp(v * beta) / beta, slope=2)


@explains("torch.nn.functional.logsigmoid")
def logsigmoid(call: Call, /, input: Any) -> Any:
    """`−log(1 + e⁻ˣ)`."""
    return NotImplemented if call.output else curve_draft(call, "output = −log(1 + exp(−input))", lambda v: -log1pexp(-v), slope=2)


@explains("torch.nn.functional.softsign")
def softsign(call: Call, /, input: Any) -> Any:
    """`x / (1 + |x|)`."""
    return curve_draft(call, "output = input / (1 + |input|)", lambda v: v / (1 + abs(v)), steps=True)


@explains("torch.nn.functional.tanhshrink")
def tanhshrink(call: Call, /, input: Any) -> Any:
    """`x − tanh(x)`."""
    return curve_draft(call, "output = input − tanh(input)", lambda v: v - math.tanh(v), slope=2, steps=True)


@explains("torch.nn.functional.hardsigmoid")
def hardsigmoid(call: Call, /, input: Any) -> Any:
    """`min(max(x + 3, 0), 6) / 6`."""
    return curve_draft(call, "output = min(max(input + 3, 0), 6) / 6", lambda v: min(max(v + 3, 0.0), 6.0) / 6, zero="relu")


@explains("torch.nn.functional.hardswish")
def hardswish(call: Call, /, input: Any) -> Any:
    """`x · min(max(x + 3, 0), 6) / 6`."""
    return curve_draft(
        call, "output = input · min(max(input + 3, 0), 6) / 6", lambda v: v * min(max(v + 3, 0.0), 6.0) / 6, slope=2, zero="relu"
    )


@explains("torch.exp")
def exponential(call: Call, /, input: Any) -> Any:
    """`eˣ`; the input's rounding grows with |x|."""
    x = call.element("input").number
    slope = exp(float(x)) if not isinstance(x, complex) and x == x else 1.0
    return curve_draft(call, "output = exp(input)", exp, slope=slope if math.isfinite(slope) else 0.0)


@explains("torch.log")
def logarithm(call: Call, /, input: Any) -> Any:
    """The natural logarithm."""
    return curve_draft(call, "output = log(input)", lambda v: -math.inf if v == 0 else math.log(v), slope=0)


@explains("torch.sqrt")
def root(call: Call, /, input: Any) -> Any:
    """√x."""
    return curve_draft(call, "output = √input", math.sqrt, slope=0)


@explains("torch.rsqrt")
def inverse_root(call: Call, /, input: Any) -> Any:
    """1 / √x."""
    return curve_draft(call, "output = 1 / √input", lambda v: math.inf if v == 0 else 1 / math.sqrt(v), slope=0)


@explains("torch.nn.functional.glu")
def glu(call: Call, /, input: Any, dim: int = -1) -> Draft:
    """`a · sigmoid(b)`, a and b the two halves of `dim`."""
    d = dim % input.dim()
    half = input.shape[d] // 2
    there = list(call.at)
    there[d] += half
    a, b = call.read("input", *call.at), call.read("input", *there)
    gate = Draft("sigmoid(b) = 1 / (1 + exp(−b))", "apply", [products(b)], computed=logistic(b.real), title="gate")
    spread = abs(a.real) * (1 + abs(b.real))
    return Draft(
        "output = a · sigmoid(b), a and b the two halves", "product", [products(a), products(stage(gate))], stages=[gate], magnitude=spread
    )
