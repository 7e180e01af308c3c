"""Sums of products: linear, the matrix products, einsum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neurontui.explainers.calls import Call, broadcast_index
from neurontui.explainers.drafts import Draft
from neurontui.explainers.registry import explains
from neurontui.explainers.terms import Block, literal, products


@explains("torch.nn.functional.linear")
def linear(call: Call, /, input: Any, weight: Any, bias: Any = None) -> Draft:
    """`output[…, o] = Σᵢ input[…, i] · weight[o, i] + bias[o]` (torch.nn.Linear); a 1-D weight has no o."""
    i = range(input.shape[-1])
    one = weight.dim() == 1
    batch, o = (list(call.at), ()) if one else (list(call.at[:-1]), call.at[-1:])
    terms = [products(call.read("input", *batch, i), call.read("weight", *o, i))]
    if bias is not None:
        terms.append(products(call.element("bias"), label="bias"))
    indices = _letters(batch, o)
    rows = "".join(f"{letter}, " for letter in indices if letter != "o")
    place = f"{rows}o" if not one else rows.removesuffix(", ")
    formula = f"output[{place}] = Σᵢ input[{rows}i] · weight[{'' if one else 'o, '}i]" + (" + bias[o]" if bias is not None else "")
    return Draft(formula, "sum", terms, indices=indices)


def _letters(batch: Sequence[int], o: Sequence[int]) -> dict[str, int]:
    """The letters of a linear layer: o, and b for one batch dimension, b1, b2, … for several."""
    named = {"b": batch[0]} if len(batch) == 1 else {f"b{n}": i for n, i in enumerate(batch, 1)}
    return named | dict(zip("o", o, strict=False))


@explains("torch.matmul")
def matmul(call: Call, /, input: Any, other: Any) -> Draft:
    """Σₖ over the last dimension of the left and the last but one of the right, batch dimensions broadcast."""
    return _product(call, "input", input, "other", other)


@explains("torch.Tensor.__rmatmul__")
def rmatmul(call: Call, /, input: Any, other: Any) -> Draft:
    """`other @ input`."""
    return _product(call, "other", other, "input", input)


@explains("torch.mm")
def mm(call: Call, /, input: Any, mat2: Any) -> Draft:
    """`output[i, j] = Σₖ input[i, k] · mat2[k, j]`."""
    return _product(call, "input", input, "mat2", mat2)


@explains("torch.bmm")
def bmm(call: Call, /, input: Any, mat2: Any) -> Draft:
    """`output[b, i, j] = Σₖ input[b, i, k] · mat2[b, k, j]`."""
    return _product(call, "input", input, "mat2", mat2)


@explains("torch.mv")
def mv(call: Call, /, input: Any, vec: Any) -> Draft:
    """`output[i] = Σₖ input[i, k] · vec[k]`."""
    return _product(call, "input", input, "vec", vec)


@explains("torch.dot")
def dot(call: Call, /, input: Any, tensor: Any) -> Draft:
    """`output = Σₖ input[k] · tensor[k]`."""
    return _product(call, "input", input, "tensor", tensor)


@explains("torch.vdot")
def vdot(call: Call, /, input: Any, other: Any) -> Draft:
    """`output = Σₖ conj(input[k]) · other[k]`."""
    k = range(input.shape[0])
    left, right = call.read("input", k), call.read("other", k)
    return Draft("output = Σₖ conj(input[k]) · other[k]", "sum", [products(left, right, values=np.conj(left.numbers) * right.numbers)])


@explains("torch.outer")
def outer(call: Call, /, input: Any, vec2: Any) -> Draft:
    """`output[i, j] = input[i] · vec2[j]`."""
    i, j = call.at
    return Draft(
        "output[i, j] = input[i] · vec2[j]", "sum", [products(call.read("input", i), call.read("vec2", j))], indices={"i": i, "j": j}
    )


@explains("torch.addmm")
def addmm(call: Call, /, input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Draft:
    """`output[i, j] = β · input[i, j] + α · Σₖ mat1[i, k] · mat2[k, j]`."""
    return _added(call, "mat1", mat1, "mat2", mat2, beta, alpha)


@explains("torch.baddbmm")
def baddbmm(call: Call, /, input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Draft:
    """`output[b, i, j] = β · input[b, i, j] + α · Σₖ batch1[b, i, k] · batch2[b, k, j]`."""
    return _added(call, "batch1", batch1, "batch2", batch2, beta, alpha)


@explains("torch.addmv")
def addmv(call: Call, /, input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Draft:
    """`output[i] = β · input[i] + α · Σₖ mat[i, k] · vec[k]`."""
    return _added(call, "mat", mat, "vec", vec, beta, alpha)


@explains("torch.addbmm")
def addbmm(call: Call, /, input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Draft:
    """`output[i, j] = β · input[i, j] + α · Σ_b Σₖ batch1[b, i, k] · batch2[b, k, j]`."""
    i, j = call.at
    b, k = range(batch1.shape[0]), range(batch1.shape[2])
    half = call.result.dtype.itemsize == 2  # one batch after the other is added to the output
    terms = [products(call.read("batch1", b, i, k), call.read("batch2", b, k, j), *_scale(call, "alpha", alpha))]
    if beta:
        terms.append(products(call.element("input"), *_scale(call, "beta", beta), label="input"))
    formula = "output[i, j] = β · input[i, j] + α · Σ_b Σₖ batch1[b, i, k] · batch2[b, k, j]"
    return Draft(formula, "sum", terms, indices={"i": i, "j": j}, coarse=half)


@explains("torch.addr")
def addr(call: Call, /, input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Draft:
    """`output[i, j] = β · input[i, j] + α · vec1[i] · vec2[j]`."""
    i, j = call.at
    terms = [products(call.read("vec1", i), call.read("vec2", j), *_scale(call, "alpha", alpha))]
    if beta:
        terms.append(products(call.element("input"), *_scale(call, "beta", beta), label="input"))
    half = call.result.dtype.itemsize == 2  # β · input is rounded before the product is added
    return Draft("output[i, j] = β · input[i, j] + α · vec1[i] · vec2[j]", "sum", terms, indices={"i": i, "j": j}, coarse=half)


def _scale(call: Call, name: str, number: float) -> list[Any]:
    """The factor alpha or beta, none where it is 1; kernels of whole numbers cut its fraction off."""
    whole = not call.result.is_floating_point() and not call.result.is_complex()
    return [] if number == 1 else [literal(name, int(number) if whole else number)]


def _product(call: Call, left: str, a: Any, right: str, b: Any) -> Draft:
    """The formula of `a @ b` for every number of dimensions (torch.matmul)."""
    terms, formula, indices = _sum_over_k(call, left, a, right, b)
    return Draft(f"output[{formula[0]}] = Σₖ {formula[1]}", "sum", [terms], indices=indices)


def _added(call: Call, left: str, a: Any, right: str, b: Any, beta: float, alpha: float) -> Draft:
    """The formula of `beta · input + alpha · (a @ b)`; beta = 0 leaves the input out, NaN included."""
    terms, formula, indices = _sum_over_k(call, left, a, right, b, _scale(call, "alpha", alpha))
    parts = [terms]
    text = ("α · " if alpha != 1 else "") + f"Σₖ {formula[1]}"
    if beta:
        parts.append(products(call.element("input"), *_scale(call, "beta", beta), label="input"))
        text += (" + β · " if beta != 1 else " + ") + f"input[{formula[0]}]"
    return Draft(f"output[{formula[0]}] = {text}", "sum", parts, indices=indices)


def _sum_over_k(
    call: Call, left: str, a: Any, right: str, b: Any, scale: Sequence[Any] = ()
) -> tuple[Block, tuple[str, str], dict[str, int]]:
    """The block of products, (letters of the output, the product in letters), the letters' numbers."""
    k = range(a.shape[-1])
    at = list(call.at)
    column = [at.pop()] if b.dim() > 1 else []
    row = [at.pop()] if a.dim() > 1 else []
    lead = tuple(at)
    batch_a = list(broadcast_index(tuple(a.shape[:-2]), lead)) if a.dim() > 2 else []
    batch_b = list(broadcast_index(tuple(b.shape[:-2]), lead)) if b.dim() > 2 else []
    block = products(call.read(left, *batch_a, *row, k), call.read(right, *batch_b, k, *column), *scale)
    names = ["b"] if len(lead) == 1 else [f"b{i}" for i in range(1, len(lead) + 1)]
    i, j = ["i"] * len(row), ["j"] * len(column)
    text_a = ", ".join([*names[len(names) - len(batch_a) :], *i, "k"])
    text_b = ", ".join([*names[len(names) - len(batch_b) :], "k", *j])
    output = ", ".join([*names, *i, *j])
    return block, (output, f"{left}[{text_a}] · {right}[{text_b}]"), dict(zip([*names, *i, *j], [*lead, *row, *column], strict=True))


@explains("torch.functional.einsum")
def einsum(call: Call, /, equation: Any, *operands: Any) -> Any:
    """Σ over the letters that the output lacks, of the product of the operands' elements."""
    nested = len(operands) == 1 and isinstance(operands[0], (list, tuple))
    tensors = list(operands[0]) if nested else list(operands)
    if not isinstance(equation, str):
        return NotImplemented
    inputs, output, sizes = read_equation(equation, [tuple(t.shape) for t in tensors])
    fixed = dict(zip(output, call.at, strict=True))
    summed = [x for x in sizes if x not in fixed]
    shape = [sizes[x] for x in summed]
    count = int(np.prod(shape, dtype=np.int64))
    places = dict(zip(summed, np.unravel_index(np.arange(count), shape), strict=True)) if summed else {}
    columns = []
    for n, letters in enumerate(inputs):
        name = f"operands[0][{n}]" if nested else f"operands[{n}]"
        size = tensors[n].shape
        columns.append(call.read(name, *(0 if size[d] == 1 else fixed.get(x, places.get(x, 0)) for d, x in enumerate(letters))))
    product = " · ".join(f"{column.name}[{', '.join(x)}]" for column, x in zip(columns, inputs, strict=True))
    formula = f"output[{', '.join(output)}] = " + (f"Σ_{{{', '.join(summed)}}} " if summed else "") + product
    return Draft(formula, "sum", [products(*columns)], indices=fixed)


def read_equation(equation: str, shapes: Sequence[tuple[int, ...]]) -> tuple[list[list[str]], list[str], dict[str, int]]:
    """(each operand's letters, the output's letters, each letter's size); `…` becomes the letters …0, …1 from the right."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    wide = max(len(shape) - len(part.replace("...", "")) for part, shape in zip(parts, shapes, strict=True))
    inputs = []
    for part, shape in zip(parts, shapes, strict=True):
        missing = len(shape) - len(part.replace("...", ""))
        before, ellipsis, after = part.partition("...")
        inputs.append([*before, *([f"…{i}" for i in range(wide - missing, wide)] if ellipsis else []), *after])
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        for letter, n in zip(letters, shape, strict=True):
            sizes[letter] = max(sizes.get(letter, 1), n) if sizes.get(letter, 1) != 0 and n != 0 else 0
    dots = [f"…{i}" for i in range(wide)] if "..." in left else []
    if arrow:
        before, mark, after = right.partition("...")
        output = [*before, *(dots if mark else []), *after]
    else:
        every = [x for letters in inputs for x in letters if not x.startswith("…")]
        output = [*dots, *sorted(x for x in set(every) if every.count(x) == 1)]
    return inputs, output, sizes
