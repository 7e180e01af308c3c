"""Losses whose target does not fit: classes out of range, batches, shapes, types, probabilities outside 0…1."""

from __future__ import annotations

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.indices import find_outside, show_place
from neurontui.records import Value
from neurontui.text import format_dtype, format_shape

_CLASSES = {"cross_entropy", "nll_loss", "nll_loss_nd", "nll_loss2d", "multi_margin_loss"}
_LOSSES = {
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "kl_div",
    "poisson_nll_loss",
}


def diagnose_classes(crash: Crash) -> Failure | None:
    """cross_entropy and nll_loss: class numbers, one for each sample."""
    scores, target = crash.operand("input"), crash.operand("target")
    if crash.op not in _CLASSES or scores is None or target is None or not scores.shape:
        return None
    classes = scores.shape[1] if len(scores.shape) > 1 else scores.shape[0]
    wanted = (scores.shape[0], *scores.shape[2:]) if len(scores.shape) > 1 else ()
    if target.dtype.is_floating_point or "target dtype" in crash.message:
        return _explain_dtype(crash, scores, target)
    if tuple(target.shape) != wanted:
        return _explain_target_shape(crash, scores, target, wanted)
    ignored = crash.step.inputs.get("ignore_index", -100)
    bad = find_outside(target, min(0, ignored), classes) or find_outside(target, 0, classes)
    return None if bad is None or bad[0] == ignored else _explain_class(crash, scores, target, classes, bad)


def _explain_dtype(crash: Crash, scores: Value, target: Value) -> Failure:
    kind = format_dtype(target.dtype)
    title = f"{crash.label()} takes class numbers (int64) as its target, but {crash.source_label(target)} gives {kind}."
    rows = [crash.gives(scores), Side(crash.source_label(target), "gives", f"{format_shape(target.shape)} {kind}", f"{kind} ≠ int64")]
    rule = "The target is one class number a sample, of type torch.long; or, of the scores' own shape, one probability a class."
    return crash.explain(
        title, rows, rule, ["Convert it: target.long().", f"Probabilities have the shape {format_shape(scores.shape)}."], target
    )


def _explain_target_shape(crash: Crash, scores: Value, target: Value, wanted: tuple[int, ...]) -> Failure:
    shapes = f"{format_shape(wanted)} for scores of {format_shape(scores.shape)}"
    title = f"{crash.label()} takes a target of {shapes}, but it is {format_shape(target.shape)}."
    clash = f"{format_shape(target.shape)} ≠ {format_shape(wanted)}"
    rows = [crash.gives(scores), Side(crash.source_label(target), "gives", format_shape(target.shape), clash)]
    fixes = []
    if target.shape == scores.shape[:-1] and len(scores.shape) > 2:
        fixes.append("The classes are last here: F.cross_entropy(x.flatten(0, -2), target.flatten()), or x.movedim(-1, 1) for the scores.")
    elif len(wanted) > 1 and tuple(target.shape) == (wanted[0], 1, *wanted[1:]):
        fixes.append("Take the dimension of 1 away: target.squeeze(1).")
    elif tuple(target.shape) == (*wanted, 1):
        fixes.append("Take the last dimension away: target.squeeze(-1).")
    elif tuple(target.shape) == tuple(scores.shape):
        fixes.append("That looks one-hot: target.argmax(dim=1) gives the class numbers, target.float() makes it probabilities.")
    elif target.shape and scores.shape and target.shape[0] != scores.shape[0]:
        fixes.append(f"The scores are {scores.shape[0]} samples, the target is {target.shape[0]}: give both the same batch.")
    fixes.append(f"Give one class number a sample: {format_shape(wanted)}.")
    return crash.explain(title, rows, "Scores (N, C, …) go with class numbers (N, …).", fixes, target)


def _explain_class(crash: Crash, scores: Value, target: Value, classes: int, bad: tuple[int, tuple[int, ...], int]) -> Failure:
    value, at, _ = bad
    title = f"{crash.label()} knows the classes 0 to {classes - 1}, but {crash.name_of(target)}{show_place(at)} is {value}."
    rows = [
        crash.gives(scores, 1 if len(scores.shape) > 1 else 0),
        Side(crash.source_label(target), "gives", format_shape(target.shape), f"{value} is outside"),
    ]
    most = int(target.tensor().max())
    fixes = [f"Give the last layer {most + 1} outputs, or look at how the classes are numbered."] if value > 0 else []
    if most == classes:
        fixes.append("They may be counted from 1: target - 1.")
    if value < 0:
        fixes.append("Classes are counted from 0; a class that is to be left out is ignore_index, -100.")
    return crash.explain(title, rows, f"The scores have {classes} columns, one for each class.", fixes, target)


def diagnose_target(crash: Crash) -> Failure | None:
    """Losses that compare element by element."""
    given, target = crash.operand("input"), crash.operand("target")
    if crash.op not in _LOSSES or given is None or target is None:
        return None
    if given.shape != target.shape:
        return _explain_sizes(crash, given, target)
    if "target should be between 0 and 1" in crash.message:
        title = f"{crash.label()} takes targets from 0 to 1, but some of {crash.name_of(target)} are outside."
        fixes = ["Divide by the largest: target / target.max()."]
        return crash.explain(title, [crash.has(target)], "A target is a probability too.", fixes, target)
    if "between 0 and 1" in crash.message:
        title = f"{crash.label()} takes probabilities, but some of {crash.source_label(given)} are outside 0 to 1."
        fixes = ["Use binary_cross_entropy_with_logits (BCEWithLogitsLoss) on the raw scores, or put a sigmoid before it."]
        return crash.explain(title, [crash.gives(given)], "A probability is from 0 to 1.", fixes, given)
    if given.dtype != target.dtype:
        kinds = [format_dtype(value.dtype) for value in (given, target)]
        title = f"{crash.label()} compares {kinds[0]} with {kinds[1]}."
        rows = [
            crash.gives(given),
            Side(crash.source_label(target), "gives", f"{format_shape(target.shape)} {kinds[1]}", f"{kinds[0]} ≠ {kinds[1]}"),
        ]
        return crash.explain(
            title, rows, "Prediction and target have one dtype.", [f"Convert the target: target.to(torch.{kinds[0]})."], target
        )
    return None


def _explain_sizes(crash: Crash, given: Value, target: Value) -> Failure:
    clash = f"{format_shape(target.shape)} ≠ {format_shape(given.shape)}"
    title = f"{crash.label()} compares {format_shape(given.shape)} with a target of {format_shape(target.shape)}."
    rows = [crash.gives(given), Side(crash.source_label(target), "gives", format_shape(target.shape), clash)]
    fixes = []
    if tuple(given.shape) == (*target.shape, 1):
        fixes.append("Take the last dimension of the prediction away, x.squeeze(-1), or give the target one, target.unsqueeze(-1).")
    elif tuple(target.shape) == (*given.shape, 1):
        fixes.append("Take the last dimension of the target away: target.squeeze(-1).")
    fixes.append(f"Make both {format_shape(given.shape)}, or both {format_shape(target.shape)}.")
    return crash.explain(title, rows, "Prediction and target have one shape: every number has its own target.", fixes, target)


def diagnose_pairs(crash: Crash) -> Failure | None:
    """`cosine_embedding_loss`: 1 or -1 for each pair of rows."""
    first, second, target = (crash.operand(name) for name in ("input1", "input2", "target"))
    if crash.op != "cosine_embedding_loss" or first is None or second is None or target is None:
        return None
    wanted = first.shape[:-1]
    if first.shape != second.shape or target.shape == wanted:
        return None
    held, shape = format_shape(target.shape), format_shape(wanted)
    title = f"{crash.label()} takes a target of {shape}, one for each pair of rows of {format_shape(first.shape)}, but it is {held}."
    rows = [crash.gives(first), Side(crash.source_label(target), "gives", held, f"{held} ≠ {shape}")]
    return crash.explain(title, rows, "Rows that belong together have the target 1, others -1.", [f"Give the target {shape}."], target)
