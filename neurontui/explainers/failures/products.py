"""Products whose inner sizes do not fit: linear, matmul, mm, bmm, mv, dot, addmm."""

from __future__ import annotations

from math import prod

from neurontui.explainers.failures.crash import Crash, values_in
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.labels import label_step, place_of, short_op
from neurontui.records import Value
from neurontui.text import format_shape

FEATURES_RULE = "out_features of one layer = in_features of the next."
_MATRIX_OPS = {"matmul", "rmatmul", "mm", "bmm", "mv", "dot", "addmm", "baddbmm", "inner", "spmm"}
_DIMENSIONS = {"mm": (2, 2), "addmm": (2, 2), "bmm": (3, 3), "baddbmm": (3, 3), "mv": (2, 1), "dot": (1, 1)}  # that they insist on


def diagnose_linear(crash: Crash) -> Failure | None:
    """`F.linear` on an input whose last dimension is not the weight's second."""
    taken, weight = crash.operand("input"), crash.operand("weight")
    if crash.op != "linear" or taken is None or weight is None or len(weight.shape) != 2:
        return None
    wanted = weight.shape[1]
    if not taken.shape:
        return _explain_scalar(crash, taken, wanted)
    given = taken.shape[-1]
    if given == wanted:
        return _explain_bias(crash, weight)
    rows = [crash.gives(taken, -1), crash.takes(["*", wanted], f"{given} ≠ {wanted}", -1)]
    title = f"{crash.label()} takes {wanted} features, but {crash.source_label(taken)} gives {given}."
    rule = FEATURES_RULE if crash.maker(taken)[0] is not None else "The last dimension of the input = in_features."
    rule += _joined(crash, taken)
    return crash.explain(title, rows, rule + _flattened(taken, weight), _fixes(crash, taken, weight), taken)


def _explain_bias(crash: Crash, weight: Value) -> Failure | None:
    """The input fits the weight; the bias may not."""
    bias, outputs = crash.operand("bias"), weight.shape[0]
    if bias is None or len(bias.shape) != 1 or bias.shape[0] in (1, outputs):
        return None
    given = bias.shape[0]
    title = f"{crash.label()} gives {outputs} numbers, but its bias has {given}."
    rows = [crash.gives(bias, 0), crash.takes([outputs], f"{given} ≠ {outputs}", 0)]
    rule = "The weight is [out_features, in_features], and the bias has one number for each of its rows."
    return crash.explain(title, rows, rule, [f"Make the bias {outputs} numbers long."], bias)


def _explain_scalar(crash: Crash, taken: Value, wanted: int) -> Failure:
    title = f"{crash.label()} takes at least one dimension, but {crash.source_label(taken)} is a single number without any."
    rows = [crash.gives(taken), crash.takes(["*", wanted], "0 dimensions ≠ at least 1")]
    example = ", ".join([*(f"{n}." for n in range(1, min(wanted, 4) + 1)), *["…"] * (wanted > 4)])
    fix = f"Give a list of {wanted} numbers, as torch.tensor([{example}])."
    return crash.explain(title, rows, "A Linear works on the last dimension, so there has to be one.", [fix], taken)


def _joined(crash: Crash, taken: Value) -> str:
    """Where the features come from that a flatten or view made of several dimensions."""
    maker, made = crash.maker(taken)
    before = next(iter(values_in(maker.args)), None) if maker is not None else None
    if maker is None or before is None or short_op(maker) not in {"flatten", "view", "reshape"} or len(made.shape) < 2:
        return ""
    if len(before.shape) < 3 or prod(before.shape[1:]) != made.shape[-1]:
        return ""
    return f" Here {' × '.join(map(str, before.shape[1:]))} = {made.shape[-1]}, from {format_shape(before.shape)}."


def _flattened(taken: Value, weight: Value) -> str:
    """What torch's two sizes mean where the input has more than two dimensions."""
    if len(taken.shape) < 3:
        return ""
    rows = " × ".join(map(str, taken.shape[:-1]))
    lines = prod(taken.shape[:-1])
    return (
        f" Every row of {format_shape(taken.shape)} is multiplied by the same weight, so torch counts {rows} = {lines} rows and says "
        f"{lines}x{taken.shape[-1]}; its {weight.shape[1]}x{weight.shape[0]} is the weight {format_shape(weight.shape)} turned over."
    )


def _fixes(crash: Crash, taken: Value, weight: Value) -> list[str]:
    wanted, given = weight.shape[1], taken.shape[-1]
    here = crash.place()
    maker, _ = crash.maker(taken)
    fixes = []
    if prod(taken.shape) == wanted:
        fixes.append(_batch_fix(taken, wanted))
    elif len(taken.shape) > 2 and prod(taken.shape[1:]) == wanted:
        fixes.append(f"Flatten each sample first, torch.flatten(x, 1): {' × '.join(map(str, taken.shape[1:]))} = {wanted}.")
    if given == 2 * wanted and (both := crash.find_step(lambda step: "weight_ih_l0_reverse" in step.params)) is not None:
        fixes.append(f"{place_of(label_step(crash.trace, both))} is bidirectional: it gives both directions, 2 × {wanted} = {given}.")
    first = 0 if maker is None else 1
    if not fixes and wanted in taken.shape[first:-1]:
        dim = taken.shape.index(wanted, first)
        fixes.append(f"Dimension {dim} has the {wanted} features: bring it to the end first, x.transpose({dim}, -1).")
    if crash.label() == crash.step.name:  # F.linear with a weight of the user's own
        if weight.shape[0] == given:
            fixes.append("The weight fits when it is turned over: F.linear takes (out_features, in_features), so weight.T here.")
        return [*fixes, f"Give it a weight of {format_shape([weight.shape[0], given])}, or an input whose last dimension is {wanted}."]
    make_here = f"make {here} Linear({given}, {weight.shape[0]})"
    if maker is not None and maker.op.endswith("linear"):
        there = place_of(label_step(crash.trace, maker))
        fixes.append(f"Either {make_here}, or {there} Linear(…, {wanted}).")
    else:
        fixes.append(f"{'Or' if fixes else 'Either'} {make_here}, or give it an input whose last dimension is {wanted}.")
    return fixes


def _batch_fix(taken: Value, wanted: int) -> str:
    """All the numbers are there, but their first dimension was taken for the batch."""
    return (
        f"{format_shape(taken.shape)} holds {' × '.join(map(str, taken.shape))} = {wanted} numbers: "
        "one sample without its batch dimension. Put one in front, x.unsqueeze(0) before nn.Flatten(), which keeps dimension 0."
    )


def diagnose_matmul(crash: Crash) -> Failure | None:
    """A matrix product of operands whose inner dimensions, or whose batches, differ."""
    pair = _factors(crash)
    if crash.op not in _MATRIX_OPS or pair is None:
        return None
    left, right = pair
    if not left.shape or not right.shape:
        shapes = f"{format_shape(left.shape)} and {format_shape(right.shape)}"
        title = f"{crash.label()} multiplies matrices, but one operand is a single number: {shapes}."
        wrong = right if left.shape else left
        return crash.explain(
            title,
            [crash.gives(left), crash.gives(right)],
            "A matrix product takes at least one dimension.",
            ["Use * for a single number."],
            wrong,
        )
    wanted = _DIMENSIONS.get(crash.op)
    if wanted is not None and wanted != (len(left.shape), len(right.shape)):
        return _explain_dimensions(crash, left, right, wanted)
    inner = -1 if len(right.shape) == 1 else -2
    if left.shape[-1] != right.shape[inner]:
        return _explain_inner(crash, left, right, inner)
    return _explain_batches(crash, left, right)


def _explain_dimensions(crash: Crash, left: Value, right: Value, wanted: tuple[int, int]) -> Failure:
    given = f"{len(left.shape)} and {len(right.shape)}"
    title = f"{crash.label()} takes operands of {wanted[0]} and {wanted[1]} dimensions, but they have {given}."
    rows = [crash.gives(left), crash.gives(right), crash.takes(["*"] * wanted[0], f"{given} dimensions")]
    wrong = left if len(left.shape) != wanted[0] else right
    fixes = ["Use torch.matmul (or @), which takes operands of any number of dimensions and repeats batches."]
    return crash.explain(title, rows, "mm multiplies matrices, bmm batches of them, mv a matrix by a vector.", fixes, wrong)


def _factors(crash: Crash) -> tuple[Value, Value] | None:
    """The two operands of the product; addmm and baddbmm add theirs to a first one."""
    operands = crash.operands()[-2:]
    if len(operands) < 2:
        return None
    first, second = operands
    return (second, first) if crash.op == "rmatmul" else (first, second)


def _explain_inner(crash: Crash, left: Value, right: Value, inner: int) -> Failure:
    columns, lines = left.shape[-1], right.shape[inner]
    rows = [crash.gives(left, -1), crash.gives(right, inner), crash.takes(["…", columns, "·", columns, "…"], f"{columns} ≠ {lines}", 1, 3)]
    title = f"{crash.label()} multiplies {format_shape(left.shape)} by {format_shape(right.shape)}: {columns} columns meet {lines} rows."
    rule = "The last dimension of the left operand = the last but one of the right (n, k) · (k, m) → (n, m)."
    fixes = []
    if len(right.shape) > 1 and right.shape[-1] == columns:
        fixes.append("The right operand fits when it is transposed: use right.transpose(-2, -1), or .mT.")
    if len(left.shape) > 1 and left.shape[-2] == lines:
        fixes.append("The left operand fits when it is transposed: use left.transpose(-2, -1), or .mT.")
    fixes.append(f"Make the left operand (…, {lines}), or the right one ({columns}, …).")
    return crash.explain(title, rows, rule, fixes, left if left.producer else right)


def _explain_batches(crash: Crash, left: Value, right: Value) -> Failure | None:
    batches = list(zip(reversed(left.shape[:-2]), reversed(right.shape[:-2]), strict=False))
    strict = crash.op in {"bmm", "baddbmm"}
    clash = next(((-3 - i, a, b) for i, (a, b) in enumerate(batches) if a != b and (strict or 1 not in (a, b))), None)
    if clash is None:
        return None
    dim, first, second = clash
    there = crash.gives(right, dim)
    rows = [crash.gives(left, dim), Side(there.label, there.verb, there.shape, f"{second} ≠ {first}", there.clashing, there.step)]
    title = f"{crash.label()} multiplies batches of {first} and of {second} matrices."
    rule = "Batch dimensions are equal" + ("." if strict else ", or one of them is 1 (it is repeated).")
    fixes = [f"Give both operands the same batch size, {first} or {second}."]
    if len(left.shape) == len(right.shape) == 4 and left.shape[2] == second:
        fixes.insert(0, f"Dimension 2 of the left one is {second}: is left.transpose(1, 2), heads before places, what you want?")
    return crash.explain(title, rows, rule, fixes, left if left.producer else right)


def diagnose_bilinear(crash: Crash) -> Failure | None:
    """`Bilinear`: two inputs, each of its own number of features, and of one batch."""
    first, second, weight = (crash.operand(name) for name in ("input1", "input2", "weight"))
    if crash.op != "bilinear" or first is None or second is None or weight is None:
        return None
    if first.shape[:-1] != second.shape[:-1]:
        title = f"{crash.label()} pairs {format_shape(first.shape)} with {format_shape(second.shape)}, which are not as many rows."
        rule = "Both inputs are equal in all dimensions but the last."
        return crash.explain(title, [crash.gives(first), crash.gives(second)], rule, ["Give both the same batch."], second)
    for place, taken in ((1, first), (2, second)):
        given, wanted = taken.shape[-1], weight.shape[place]
        if given != wanted:
            title = f"{crash.label()} takes {wanted} features as input{place}, but {crash.source_label(taken)} gives {given}."
            rows = [crash.gives(taken, -1), crash.takes(["*", wanted], f"{given} ≠ {wanted}", -1)]
            sizes = [weight.shape[1], weight.shape[2], weight.shape[0]]
            sizes[place - 1] = given
            fixes = [f"Either make it Bilinear({', '.join(map(str, sizes))}), or give it {wanted} features."]
            return crash.explain(title, rows, "Bilinear(in1, in2, out) takes (*, in1) and (*, in2).", fixes, taken)
    return None
