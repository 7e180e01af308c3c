"""Any other function: which inputs does this element depend on, and how much? Where the gradient is the whole sum, say so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.capture import call_again
from neurontui.errors import NeuronTUIError
from neurontui.explainers.calls import Call, plain, to_numpy
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.maps import run
from neurontui.explainers.terms import Array, Block, Cells, Column, arithmetic, products
from neurontui.explainers.tolerances import difference, tolerance
from neurontui.explanation import Number, Origin
from neurontui.readable import make_readable
from neurontui.records import Record, Value

if TYPE_CHECKING:
    import torch

_STATISTICS = ("running_mean", "running_var")
NAMED = 2**22  # elements of an input that are named, where there is no gradient


def explain_gradient(call: Call) -> Draft | None:
    """The inputs' elements by |gradient · value|; a sum where the function is linear. None where it cannot be run again."""
    if call.actual is None:
        return None
    operands = call.operands()
    found = differentiate(call, operands)
    if found is None:
        return None
    computed, gradients = found
    if computed != call.actual:  # with gradients on torch may take another kernel: what counts is the recorded one
        again = run_again(call)
        computed = computed if again is None else again
    sloped = {name: _slope(call, name, g) for name, g in gradients.items() if bool((g != 0).any())}
    if not sloped:
        return name_inputs(call, computed)
    names = _linear(call, operands, sloped, computed)
    if names:
        formula = "output = Σ gradient · input, which is the whole sum: the function is linear here"
        return Draft(formula, "sum", [sloped[n].block() for n in names], method="gradient")
    notes = ("No formula is written for this function: it was run again, and the gradient says what the value depends on, and how much.",)
    blocks = [part.block() for part in sorted((part.by_size() for part in sloped.values()), key=lambda part: -abs(part.values[0]))]
    return Draft(f"output = {call.key}(…), terms by |gradient · value|", "apply", blocks, computed=computed, method="gradient", notes=notes)


def run_again(call: Call) -> Number | None:
    """The element's value from one more run on clones, as it was recorded; None where it cannot be run."""
    out = run(call, lambda value: call.tensor(value).clone())
    return None if out is None or out.shape != call.result.shape else to_numpy(plain(out.detach())[call.at].reshape(1))[0].item()


def name_inputs(call: Call, computed: Number | None = None) -> Draft:
    """Where there is no gradient: every element of every input, as they are; what the call gave when it was run again, if it was."""
    hidden = call.step.kind == "module"  # a scripted body, another thread: the user's own module is not run again for this
    called = call.step.label if hidden else call.key  # of a module, its class: where that lives is a name of ours for the user's file
    formula = f"output = {called}({', '.join(call.step.inputs)})"
    if call.result.is_meta:
        shapes = "On the device 'meta' tensors are shapes only: there are no numbers to explain."
        return Draft(formula, "apply", [], method="gradient", notes=(shapes,), unchecked=True)
    if computed is None and not hidden:
        computed = run_again(call)
    if call.step.note.startswith("inside") and computed != call.actual:
        computed = None
    why = "It was made inside this module, out of sight" if hidden else "" if computed is not None else _find_trouble(call)
    notes = [f"{why or 'It has no gradient'}: the inputs are only named."]
    blocks = []
    for name, value in call.operands():
        if value.data is None or 0 in value.shape:
            continue
        numbers = plain(call.tensor(value)).reshape(-1)[:NAMED]
        if math.prod(value.shape) > NAMED:
            notes.append(f"Of {name} the first {NAMED} elements are named.")
        blocks.append(products(Column(name, Cells([range(n) for n in value.shape]), to_numpy(numbers))))
    return Draft(formula, "apply", blocks, computed=computed, method="gradient", notes=notes, unchecked=computed is None)


def _find_trouble(call: Call) -> str:
    """Why the call cannot be run again; "" where it can."""
    if call.step.note.startswith("inside"):
        return f"It ran {call.step.note}, and alone it cannot be run again as it ran there"
    try:
        call_again(call.trace, call.step)
    except NeuronTUIError as error:
        return str(error).removesuffix(".")
    except Exception as error:
        foreign = [item.type_name for item in call.step.inputs.values() if isinstance(item, Record)]
        if foreign:
            return f"It was given a {foreign[0]}, of which a trace file holds only the name, so it cannot be run again"
        said = (str(error).splitlines() or [""])[0].removesuffix(".")
        return f"It cannot be run again ({type(error).__name__}: {said})"
    return ""


def differentiate(
    call: Call, operands: list[tuple[str, Value]], moved: dict[int, Any] | None = None
) -> tuple[Number, dict[str, Any]] | None:
    """The element's value and its gradient by each operand's name, from a run on clones (or on `moved` ones)."""
    import torch

    leaves: dict[int, torch.Tensor] = {}

    def leaf(value: Value) -> torch.Tensor:
        name = next((n for n, v in operands if v is value), "")
        tensor = plain(call.tensor(value)) if moved is None or id(value) not in moved else moved[id(value)]
        if not (tensor.is_floating_point() or tensor.is_complex()) or name.startswith(_STATISTICS):
            return tensor.clone()
        if id(value) not in leaves:
            leaves[id(value)] = tensor.clone().requires_grad_()
        return leaves[id(value)].clone()

    with torch.inference_mode(False), torch.enable_grad():
        out = run(call, leaf, grad=True)
        if out is None or out.shape != call.result.shape:
            return None
        computed = to_numpy(plain(out.detach())[call.at].reshape(1))[0].item()
        if not out.requires_grad or not leaves:
            return computed, {}
        target = out[call.at] if not out.is_complex() else torch.view_as_real(out[call.at].resolve_conj())[0]
        by_id = {key: _gradient(target, leaf) for key, leaf in leaves.items()}
    return computed, {name: found for name, v in operands if (found := by_id.get(id(v))) is not None}


def _gradient(target: torch.Tensor, leaf: torch.Tensor) -> torch.Tensor | None:
    """∂target/∂leaf, with a number at every index; None where there is none, or torch has not written it for this argument."""
    import torch

    try:
        (found,) = torch.autograd.grad(target, leaf, retain_graph=True, allow_unused=True)
        return None if found is None else make_readable(found.detach())
    except Exception:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Sloped:
    """The elements of one operand that have a gradient, (n,), and the gradient of each."""

    inputs: Column
    slopes: Array

    @property
    def values(self) -> Array:
        """Gradient times element; for complex numbers what it adds to the real part."""
        product = np.conj(self.slopes) * arithmetic(self.inputs.numbers)
        return np.real(product) if np.iscomplexobj(product) else product

    def by_size(self) -> Sloped:
        """The same, the largest |gradient · element| first."""
        order = np.argsort(-np.abs(self.values), kind="stable")
        index = np.asarray(self.inputs.index)
        column = Column(self.inputs.name, index[order] if len(index) > 1 else index, self.inputs.numbers[order])
        return Sloped(column, self.slopes[order])

    def block(self) -> Block:
        """The terms gradient · element."""
        origin = Origin("literal", name="gradient", note="∂output/∂input, from autograd")
        return products(self.inputs, Column("gradient", np.empty((1, 0), np.int64), self.slopes, origin), values=self.values)


def _slope(call: Call, name: str, gradient: torch.Tensor) -> Sloped:
    flat = to_numpy(gradient)
    if not flat.ndim:
        return Sloped(call.read(name), flat.reshape(1))
    index = np.argwhere(flat != 0)
    return Sloped(call.read(name, *index.T), flat[tuple(index.T)])


def _linear(call: Call, operands: list[tuple[str, Value]], sloped: dict[str, Sloped], computed: Number) -> tuple[str, ...]:
    """The operands over which Σ gradient·value is the output, the gradient being the same elsewhere; () where there are none."""
    if isinstance(computed, complex) or len(sloped) > 4:
        return ()
    for count in range(len(sloped), 0, -1):
        for names in combinations(sloped, count):
            values = np.concatenate([sloped[n].values for n in names])
            limit = tolerance(computed, computed, call.result.dtype, len(values), float(np.abs(values).sum()))
            if difference(computed, float(values.sum())) <= limit and _same_elsewhere(call, operands, {n: sloped[n] for n in names}):
                return names
    return ()


def _same_elsewhere(call: Call, operands: list[tuple[str, Value]], sloped: dict[str, Sloped]) -> bool:
    """Whether the gradient is the same at another point of these operands (a norm's is not)."""
    import torch

    moved = {}
    for name, value in operands:
        if name in sloped:
            tensor = plain(call.tensor(value))
            wave = torch.cos(torch.arange(tensor.numel(), dtype=torch.float64) * 1.7 + 0.3).reshape(tensor.shape).to(tensor)
            moved[id(value)] = wave * (tensor.abs().max() + 1)
    found = differentiate(call, operands, moved)
    return found is not None and all(name in found[1] and _equal(found[1][name], part) for name, part in sloped.items())


def _equal(gradient: torch.Tensor, part: Sloped) -> bool:
    """Whether a gradient has the same elements that are not zero, and (but for rounding) the same numbers there."""
    there = to_numpy(gradient)
    index = np.asarray(part.inputs.index)
    if int((there != 0).sum()) != len(part.slopes):
        return False
    numbers = there[tuple(index.T)] if index.shape[1] else there.reshape(1)
    return bool(np.allclose(numbers, part.slopes, rtol=1e-4, atol=1e-6 * max(1e-30, float(np.abs(part.slopes).max()))))
