"""Changing shapes: view, reshape, unflatten, expand, and dimensions that are not there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.records import Value
from neurontui.text import format_shape

_EXPANDED = re.compile(r"Target sizes: \[([-\d, ]*)\]\.\s+Tensor sizes: \[([\d, ]*)\]")
_RANGE = re.compile(r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)")


def diagnose_view(crash: Crash) -> Failure | None:
    """`view` and `reshape` to a shape with another number of elements, or of memory that lies otherwise."""
    taken = crash.operand("input")
    wanted = crash.step.inputs.get("shape")
    if crash.op not in {"view", "reshape"} or taken is None or wanted is None:
        return None
    sizes = _sizes(wanted)
    if "not compatible with input tensor's size and stride" in crash.message:
        fixes = [f"Use .reshape{tuple(sizes)}, which copies where it must, or .contiguous() before .view."]
        title = (
            f"{crash.label()} cannot look at {format_shape(taken.shape)} as {format_shape(sizes)}: "
            "its numbers lie in another order in memory."
        )
        rule = "view never copies, so the numbers have to lie in the new order already; after transpose or permute they do not."
        return crash.explain(title, [crash.gives(taken)], rule, fixes, taken)
    if "is invalid for input of size" not in crash.message:
        return None
    return _explain_counts(crash, taken, sizes)


def _explain_counts(crash: Crash, taken: Value, sizes: Sequence[int]) -> Failure:
    have, known = prod(taken.shape), prod(size for size in sizes if size != -1)
    count = f"{' × '.join(map(str, taken.shape)) or '1'} = {have} numbers"
    if -1 in sizes:
        title = f"{crash.label()} makes {format_shape(sizes)} of {format_shape(taken.shape)}: {have} numbers cannot be divided by {known}."
        clash = f"{have} / {known} is no whole number"
    else:
        made = f"{crash.label()} makes {format_shape(sizes)} of {format_shape(taken.shape)}"
        title = f"{made}: {known} numbers, but there are {have}."
        clash = f"{have} ≠ {known}"
    rows = [crash.gives(taken), crash.takes(sizes, clash)]
    fixes = []
    rest = prod(taken.shape[1:])
    if taken.shape and len(sizes) == 2 and sizes[0] in (-1, taken.shape[0]):
        fixes.append(f"One row a sample is x.view({taken.shape[0]}, {rest}), or torch.flatten(x, 1): {rest} numbers each.")
        fixes.append(f"Then the next layer takes {rest} features, not {sizes[1]}.")
    elif len(sizes) == 2 and sizes[1] == -1:
        fixes.append("Is that the batch? It is x.shape[0] here: x.view(x.shape[0], -1), or torch.flatten(x, 1).")
    elif kept := next((n for n in range(min(len(sizes), len(taken.shape)) - 1, 0, -1) if tuple(sizes[:n]) == taken.shape[:n]), 0):
        product = " × ".join(map(str, sizes[kept:]))
        fixes.append(f"After {format_shape(sizes[:kept])} the sizes multiply to {prod(taken.shape[kept:])}, not to {product}.")
    else:
        fixes.append("Let one size be -1 and torch works it out, where the others divide the number of elements.")
    return crash.explain(title, rows, f"view and reshape keep every number: the sizes multiply to the {count}.", fixes, taken)


def diagnose_unflatten(crash: Crash) -> Failure | None:
    """`unflatten` into sizes that do not multiply to the dimension's."""
    taken, sizes, dim = crash.operand("input"), crash.step.inputs.get("sizes"), crash.step.inputs.get("dim")
    if (
        crash.op != "unflatten"
        or taken is None
        or not isinstance(sizes, tuple | list)
        or not isinstance(dim, int)
        or not -len(taken.shape) <= dim < len(taken.shape)
    ):
        return None
    have, known = taken.shape[dim], prod(size for size in sizes if size != -1)
    title = f"{crash.label()} splits dimension {dim}, of size {have}, into {format_shape(sizes)}, which multiply to {known}."
    rows = [crash.gives(taken, dim), crash.takes(list(sizes), f"{have} ≠ {known}")]
    return crash.explain(title, rows, "The new sizes multiply to the old one.", [f"Choose sizes whose product is {have}."], taken)


def diagnose_expand(crash: Crash) -> Failure | None:
    """`expand`, `broadcast_to` and what repeats an operand by itself, as `masked_fill_` its mask."""
    found = _EXPANDED.search(crash.message)
    if found is None:
        return None
    sizes, given = (tuple(int(size) for size in part.split(",") if size.strip()) for part in found.groups())
    taken = next((value for value in crash.operands() if value.shape == given), None)
    if taken is None:
        return None
    clashing = [-1 - n for n, (a, b) in enumerate(zip(reversed(taken.shape), reversed(sizes), strict=False)) if a not in (1, b) and b != -1]
    if not clashing:
        return None
    d = clashing[0]
    title = f"{crash.label()} repeats {format_shape(taken.shape)} to {format_shape(sizes)}: {taken.shape[d]} cannot become {sizes[d]}."
    rows = [crash.gives(taken, *clashing), crash.takes(sizes, f"{taken.shape[d]} ≠ {sizes[d]}", *clashing)]
    fixes = ["Make that size 1 first, as x.mean(dim, keepdim=True) does, or the same."]
    if len(taken.shape) < len(sizes) and all(size in (1, want) or want == -1 for size, want in zip(taken.shape, sizes, strict=False)):
        ones = ", ".join(["None"] * (len(sizes) - len(taken.shape)))
        fixes.insert(0, f"Put the new dimension at the end: x[..., {ones}] expands to that.")
    elif len(taken.shape) == len(sizes) and all(want % size == 0 for size, want in zip(taken.shape, sizes, strict=True) if size > 0 < want):
        counts = [1 if want == -1 else want // size for size, want in zip(taken.shape, sizes, strict=True)]
        fixes.insert(0, f"To copy it several times: x.repeat({', '.join(map(str, counts))}).")
    return crash.explain(title, rows, "Only dimensions of size 1 are repeated; others are equal.", fixes, taken)


def diagnose_dimension(crash: Crash) -> Failure | None:
    """A `dim` that the tensor does not have."""
    found = _RANGE.search(crash.message)
    taken = next(iter(crash.operands()), None)
    if found is None or taken is None:
        return None
    low, high, got = map(int, found.groups())
    count = len(taken.shape)
    title = f"{crash.label()} asks for dimension {got}, but {format_shape(taken.shape)} has {count}, numbered {low} to {high}."
    fixes = [f"Use a dimension from {low} to {high}; -1 is the last."]
    if crash.op == "flatten" and got == 1:
        fixes.append("Flatten(1) keeps dimension 0 for the batch: give a batch, x.unsqueeze(0) for one sample.")
    return crash.explain(title, [crash.gives(taken)], "dim is from -n to n-1 for a tensor of n dimensions.", fixes, taken)


def diagnose_permute(crash: Crash) -> Failure | None:
    """`permute` that names more or fewer dimensions than there are."""
    taken, dims = crash.operand("input"), crash.step.inputs.get("dims")
    if crash.op != "permute" or taken is None or not isinstance(dims, tuple | list) or len(dims) == len(taken.shape):
        return None
    title = f"{crash.label()} puts {len(dims)} dimensions in order, but {format_shape(taken.shape)} has {len(taken.shape)}."
    fixes = [f"Name every dimension once, as x.permute{tuple(reversed(range(len(taken.shape))))}."]
    return crash.explain(title, [crash.gives(taken)], "permute names each dimension exactly once.", fixes, taken)


def _sizes(wanted: object) -> list[int]:
    return [int(size) for size in wanted if isinstance(size, int)] if isinstance(wanted, tuple | list) else [int(str(wanted))]
