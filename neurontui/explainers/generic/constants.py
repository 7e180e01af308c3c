"""Numbers that the code made: zeros, full, arange, literals, random numbers, memory that nobody wrote."""

from __future__ import annotations

from typing import Any

from neurontui.explainers.calls import Call, named_leaves, to_numpy
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.maps import run
from neurontui.explainers.names import bare_name
from neurontui.explainers.terms import Block, literal, products
from neurontui.explanation import Number
from neurontui.records import Value
from neurontui.signatures import UNWRITTEN

# These take a tensor for its shape and type only, never for its numbers.
SHAPED = frozenset({
    "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like", "new_zeros", "new_ones", "new_full", "new_tensor",
    "zero", "uniform", "normal", "random", "exponential", "cauchy", "log_normal", "geometric", "kaiming_uniform", "kaiming_normal",
    "xavier_uniform", "xavier_normal", "trunc_normal", "orthogonal", "ones", "zeros", "constant", "eye", "sparse", "dirac",
})  # fmt: skip
RANDOM = frozenset({
    "rand", "randn", "randint", "randperm", "normal", "rand_like", "randn_like", "randint_like", "uniform", "random", "exponential",
    "cauchy", "log_normal", "geometric", "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal", "trunc_normal",
    "bernoulli",
})  # fmt: skip
DRAWS = frozenset(
    {"bernoulli", "normal", "multinomial", "poisson", "_standard_gamma", "binomial", "rrelu", "gumbel_softmax", "_sample_dirichlet"}
)
FIXED: dict[str, Number] = {"zeros": 0, "zeros_like": 0, "new_zeros": 0, "zero": 0, "ones": 1, "ones_like": 1, "new_ones": 1}


def explain_constant(call: Call) -> Draft | None:
    """One literal, or the literals that it follows from. None where a tensor's numbers were used."""
    if call.actual is None:
        return None
    inputs = call.name_inputs()
    tensors = [leaf for _, leaf in named_leaves(inputs) if isinstance(leaf, Value)]
    if call.key in UNWRITTEN:
        note = "Nobody wrote this memory: empty() leaves what was there before, so there is nothing to hold it against."
        return Draft("output = whatever was in memory", "pick", [_one("memory", call.actual)], unchecked=True, notes=(note,))
    if tensors and not _only_shaped(call):
        return None
    if call.key in FIXED:
        return Draft(
            f"output = {FIXED[call.key]}", "pick", [_one("constant", FIXED[call.key])], zero="constant" if FIXED[call.key] == 0 else ""
        )
    return _named(call, inputs) or _again(call, inputs)


def explain_draw(call: Call) -> Draft | None:
    """Drawn at random, by the numbers of a tensor: made again with the recorded random state."""
    if call.key not in DRAWS or call.actual is None:
        return None
    made = run(call, lambda value: call.tensor(value).clone())
    if made is None or made.shape != call.result.shape:
        return None
    number = to_numpy(made[call.at].reshape(1))[0].item()
    at_place = [(name, value) for name, value in call.operands() if len(value.shape) <= len(call.at) and value.shape]
    blocks = [products(call.element(name)) for name, value in at_place if value.shape == call.shape]
    forgotten = call.step.random_state is None
    note = "Drawn at random, and the random state was not recorded." if forgotten else "Drawn again with the recorded random state."
    formula = f"output = drawn by {call.key}({', '.join(call.step.inputs)})"
    return Draft(formula, "apply", blocks or [_one("draw", number)], computed=number, method="element", notes=(note,), unchecked=forgotten)


def _only_shaped(call: Call) -> bool:
    """Whether it takes a tensor for its shape only: zeros_like, and of those that draw the in-place ones (not `normal(mean, std)`)."""
    if call.key in RANDOM and not call.key.endswith("_like"):
        return bare_name(call.op).endswith("_")
    return call.key in SHAPED


def _named(call: Call, inputs: dict[str, Any]) -> Draft | None:
    """full, arange and literals, from their own arguments."""
    if call.key in ("full", "full_like", "new_full", "constant"):
        value = inputs.get("fill_value", inputs.get("val"))
        return Draft("output = fill_value", "pick", [_one("fill_value", value)]) if isinstance(value, (bool, int, float, complex)) else None
    if call.key == "arange":
        return _arange(call)
    if call.key in ("tensor", "as_tensor", "new_tensor"):
        return _literal_at(call, list(inputs.values())[-1] if call.key == "new_tensor" else next(iter(inputs.values()), None))
    return None


def _arange(call: Call) -> Draft | None:
    """`start + i · step`: arange(end), arange(start, end), arange(start, end, step), by place or by name."""
    only_end = len(call.step.args) == 1 and "end" not in call.step.kwargs
    given = dict(zip(("end",) if only_end else ("start", "end", "step"), call.step.args, strict=False)) | dict(call.step.kwargs)
    start, step = given.get("start", 0), given.get("step", 1)
    exact = call.result.is_floating_point() or all(isinstance(v, int) for v in given.values() if not hasattr(v, "itemsize"))
    if not exact or not all(isinstance(v, (int, float)) for v in (start, step)):
        return None
    i = call.at[0]
    blocks = [_one("start", start), products(literal("i", i), literal("step", step))]
    return Draft("output[i] = start + i · step", "sum", blocks, indices={"i": i})


def _literal_at(call: Call, data: Any) -> Draft | None:
    """The number in a nested list of the code."""
    for i in call.at:
        if not isinstance(data, (list, tuple)) or i >= len(data):
            return None
        data = data[i]
    return (
        Draft("output = the number in the code", "pick", [_one("literal", data)]) if isinstance(data, (bool, int, float, complex)) else None
    )


def _again(call: Call, inputs: dict[str, Any]) -> Draft | None:
    """By making it once more, with the recorded random state."""
    made = run(call, lambda value: call.tensor(value).clone())
    if made is None or made.shape != call.result.shape:
        return None
    number = to_numpy(made[call.at].reshape(1))[0].item()
    drawn = call.step.random_state is not None or call.key in RANDOM
    forgotten = drawn and call.step.random_state is None and call.step.kwargs.get("generator") is None
    options = [_one(name, leaf) for name, leaf in named_leaves(inputs) if isinstance(leaf, (int, float)) and not isinstance(leaf, bool)]
    note = "Made from its arguments alone, no tensor's numbers."
    if drawn:
        note = "Drawn at random, and the random state was not recorded." if forgotten else "Drawn again with the recorded random state."
    blocks = options or [_one("literal", number)]
    formula = f"output = {call.key}(…)"
    return Draft(formula, "apply", blocks, computed=number, method="element", notes=(note,), unchecked=forgotten)


def _one(name: str, value: Any) -> Block:
    return products(literal(name, value))
