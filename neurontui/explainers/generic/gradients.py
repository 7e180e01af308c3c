"""Any other function: which inputs does this element depend on, and how much? Where the gradient is the whole sum, say so."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.explainers.calls import Call, named_leaves, plain, to_numpy
from neurontui.explainers.drafts import Draft
from neurontui.explainers.generic.maps import run
from neurontui.explainers.terms import Array, Block, Column, products
from neurontui.explainers.tolerances import difference, tolerance
from neurontui.explanation import Number, Origin
from neurontui.records import Value

if TYPE_CHECKING:
    import torch

_STATISTICS = ("running_mean", "running_var")


def explain_gradient(call: Call) -> Draft | None:
    """The inputs' elements by |gradient · value|; a sum where the function is linear. None where it cannot be run again."""
    operands = [(name, leaf) for name, leaf in named_leaves(call.step.inputs) if isinstance(leaf, Value) and name != "out"]
    found = differentiate(call, operands)
    if found is None:
        return None
    computed, gradients = found
    blocks = {name: _block(call, name, g) for name, g in gradients.items() if g is not None and bool((g != 0).any())}
    if not blocks:
        return name_inputs(call, computed)
    names = _linear(call, operands, blocks, computed)
    if names:
        return Draft("output = Σ gradient · input, which is the whole sum: the function is linear here", "sum", [blocks[n] for n in names], method="gradient")
    notes = ("No formula is written for this function: it was run again, and the gradient says what the value depends on, and how much.",)
    return Draft(f"output = {call.key}(…), terms by |gradient · value|", "apply", _sorted(blocks), computed=computed, method="gradient", notes=notes)


def name_inputs(call: Call, computed: Number | None = None) -> Draft:
    """Where there is no gradient: every element of every input, as they are; what the call gave when it was run again, if it was."""
    blocks = []
    for name, value in call.values.items():
        if isinstance(value, Value) and name != "out" and 0 < _size(value) <= 2**24:
            index = np.stack(np.unravel_index(np.arange(_size(value)), value.shape), axis=1) if value.shape else np.empty((1, 0), np.int64)
            column = Column(name, index, to_numpy(call.tensor(value)).reshape(-1)) if not call.result.is_meta else None
            if column is not None:
                blocks.append(products(column))
    notes = ("It has no gradient: the inputs are only named.",)
    return Draft(f"output = {call.key}({', '.join(call.step.inputs)})", "apply", blocks, computed=computed, method="gradient", notes=notes, unchecked=computed is None)


def differentiate(call: Call, operands: list[tuple[str, Value]], moved: dict[int, Any] | None = None) -> tuple[Number, dict[str, Any]] | None:
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
        target = out[call.at] if not out.is_complex() else torch.view_as_real(out[call.at])[0]
        try:
            gradients = torch.autograd.grad(target, list(leaves.values()), allow_unused=True)
        except Exception:
            return computed, {}
    by_id = dict(zip(leaves, gradients, strict=True))
    return computed, {name: by_id[id(v)].detach() for name, v in operands if by_id.get(id(v)) is not None}


def _block(call: Call, name: str, gradient: torch.Tensor) -> Block:
    """The elements of one operand that have a gradient, each times it."""
    flat = to_numpy(gradient)
    index = np.argwhere(flat != 0) if flat.ndim else np.empty((1, 0), np.int64)
    numbers = flat[tuple(index.T)] if flat.ndim else flat.reshape(1)
    column = call.read(name, *index.T) if flat.ndim else call.read(name)
    slope = Column("gradient", np.empty((1, 0), np.int64), numbers, Origin("literal", name="gradient", note="∂output/∂input, from autograd"))
    return products(column, slope)


def _sorted(blocks: dict[str, Block]) -> list[Block]:
    """Each block with its largest terms first."""
    made = []
    for block in blocks.values():
        order = np.argsort(-np.abs(block.values), kind="stable")
        columns = [Column(c.name, _take(np.asarray(c.index), order), _take(c.numbers, order), c.source) for c in block.columns]
        made.append(products(*columns))
    return sorted(made, key=lambda b: -float(np.abs(b.values[:1]).sum()))


def _take(array: Array, order: Array) -> Array:
    return array[order] if len(array) > 1 else array


def _linear(call: Call, operands: list[tuple[str, Value]], blocks: dict[str, Block], computed: Number) -> tuple[str, ...]:
    """The operands over which Σ gradient·value is the output, the gradient being the same elsewhere; () where there are none."""
    if isinstance(computed, complex) or len(blocks) > 4:
        return ()
    for count in range(len(blocks), 0, -1):
        for names in combinations(blocks, count):
            values = np.concatenate([blocks[n].values for n in names])
            if values.dtype.kind == "c":
                continue
            limit = tolerance(computed, computed, call.result.dtype, len(values), float(np.abs(values).sum()))
            if difference(computed, float(values.sum())) <= limit and _constant_slope(call, operands, names, blocks):
                return names
    return ()


def _constant_slope(call: Call, operands: list[tuple[str, Value]], names: tuple[str, ...], blocks: dict[str, Block]) -> bool:
    """Whether the gradient is the same at another point of these operands (a norm's is not)."""
    import torch

    moved = {}
    for name, value in operands:
        if name in names:
            tensor = plain(call.tensor(value))
            noise = torch.cos(torch.arange(tensor.numel(), dtype=torch.float64) * 1.7 + 0.3).reshape(tensor.shape).to(tensor)
            moved[id(value)] = noise * (tensor.abs().max() + 1)
    found = differentiate(call, operands, moved)
    if found is None:
        return False
    for name in names:
        other = found[1].get(name)
        if other is None:
            return False
        index = np.asarray(blocks[name].columns[0].index)
        there = to_numpy(other)[tuple(index.T)] if index.shape[1] else to_numpy(other).reshape(1)
        here = blocks[name].columns[1].numbers
        if not np.allclose(there, here, rtol=1e-4, atol=1e-6 * max(1e-30, float(np.abs(here).max()))) or int((to_numpy(other) != 0).sum()) != len(here):
            return False
    return True


def _size(value: Value) -> int:
    return int(np.prod(value.shape, dtype=np.int64))
