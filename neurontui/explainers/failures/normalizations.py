"""Normalisations: too few samples, the wrong number of features or dimensions."""

from __future__ import annotations

from math import prod

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.explainers.failures.labels import short_op
from neurontui.records import Value
from neurontui.text import format_shape

_SHAPES = {"BatchNorm1d": "[batch, features] or [batch, features, length]", "BatchNorm2d": "[batch, channels, height, width]",
           "BatchNorm3d": "[batch, channels, depth, height, width]"}  # fmt: skip


def diagnose_batch_norm(crash: Crash) -> Failure | None:
    """BatchNorm on one sample, on another number of features, or on the wrong number of dimensions."""
    module = crash.module
    taken = crash.operand("input")
    if module is None or taken is None or not ("BatchNorm" in module.op or crash.op == "batch_norm"):
        return None
    features = next(
        (value.shape[0] for name in ("running_mean", "weight") if (value := crash.operand(name) or module.params.get(name))), None
    )
    if "D input (got" in crash.message:
        return _explain_dimensions(crash, taken, features)
    if len(taken.shape) < 2 or features is None:
        return None
    if taken.shape[1] != features:
        return _explain_features(crash, taken, features)
    return _explain_one_sample(crash, taken) if "more than 1 value per channel" in crash.message else None


def _explain_dimensions(crash: Crash, taken: Value, features: int | None) -> Failure:
    kind = short_op(crash.module) if crash.module is not None else "BatchNorm"
    wanted = _SHAPES.get(kind, "[batch, features, …]")
    count = len(taken.shape)
    plural = "dimension" if count == 1 else "dimensions"
    title = f"{crash.label()} takes {wanted}, but {crash.source_label(taken)} gives {count} {plural}: {format_shape(taken.shape)}."
    rows = [crash.gives(taken), crash.takes(["batch", features or "features", *["*"] * (2 * wanted.count("height"))], f"{count} {plural}")]
    maker = crash.producer(taken)
    fixes = []
    if count == 1 and maker is not None and short_op(maker) == "squeeze":
        fixes.append("squeeze() takes a batch of one away too: use x.flatten(1), which keeps it.")
    elif count == 1:
        fixes.append(
            "Give a batch of samples, not one: x.unsqueeze(0) adds the dimension, but in train mode it takes at least two samples."
        )
    elif kind == "BatchNorm2d" and count == 2:
        fixes.append("After nn.Flatten or a Linear use nn.BatchNorm1d.")
    else:
        other = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}.get(count)
        fixes.append(f"For {count} dimensions use nn.{other}." if other else "Give it a batch.")
    return crash.explain(title, rows, "BatchNorm averages a column: one feature over the samples of the batch.", fixes, taken)


def _explain_features(crash: Crash, taken: Value, features: int) -> Failure:
    given = taken.shape[1]
    title = f"{crash.label()} normalises {features} features, but {crash.source_label(taken)} gives {given}."
    rows = [crash.gives(taken, 1), crash.takes(["*", features, *["*"] * (len(taken.shape) - 2)], f"{given} ≠ {features}", 1)]
    kind = short_op(crash.module) if crash.module is not None and "BatchNorm" in crash.module.op else "BatchNorm"
    fixes = [f"Either make {crash.place()} {kind}({given}), or give it {features} features."]
    if taken.shape[-1] == features and len(taken.shape) > 2:
        there = f"The {features} features are last here, BatchNorm looks for them in dimension 1"
        fixes.insert(0, f"{there}: x.movedim(-1, 1) before it, and x.movedim(1, -1) after it.")
    return crash.explain(title, rows, "num_features = the size of dimension 1 of the input.", fixes, taken)


def _explain_one_sample(crash: Crash, taken: Value) -> Failure:
    title = f"{crash.label()} in train mode has one value per feature to average, from one sample: {format_shape(taken.shape)}."
    rows = [crash.gives(taken, 0), crash.takes(["≥2", *taken.shape[1:]], "1 < 2", 0)]
    rule = "In train mode BatchNorm takes mean and variance over the batch, so it takes at least two samples (one alone has no variance)."
    fixes = [
        "Give a batch of two or more samples, or call model.eval() first: then the stored running statistics are used.",
        "In a DataLoader, drop_last=True keeps a last batch of one sample away.",
    ]
    return crash.explain(title, rows, rule, fixes, taken)


def diagnose_layer_norm(crash: Crash) -> Failure | None:
    """LayerNorm and RMSNorm whose normalised shape is not the end of the input's."""
    taken, wanted = crash.operand("input"), crash.step.inputs.get("normalized_shape")
    if crash.op not in {"layer_norm", "rms_norm"} or taken is None or not isinstance(wanted, tuple | list):
        return None
    sizes = tuple(wanted)
    if tuple(taken.shape[-len(sizes) :]) == sizes:
        return None
    clashing = [d - len(sizes) for d in range(len(sizes)) if taken.shape[-len(sizes) :][d : d + 1] != sizes[d : d + 1]]
    title = f"{crash.label()} normalises {format_shape(['*', *sizes])}, but {crash.source_label(taken)} gives {format_shape(taken.shape)}."
    clash = f"{format_shape(taken.shape[-len(sizes) :])} ≠ {format_shape(sizes)}"
    rows = [crash.gives(taken, *clashing), crash.takes(["*", *sizes], clash, *clashing)]
    fixes = [
        f"Either make {crash.place()} LayerNorm({', '.join(map(str, taken.shape[-len(sizes) :]))}), "
        f"or give it {format_shape(['*', *sizes])}."
    ]
    if len(sizes) == 1 and len(taken.shape) > 2 and taken.shape[1] == sizes[0]:
        there = f"The {sizes[0]} are in dimension 1 here"
        fixes.insert(0, f"{there}: GroupNorm(1, {sizes[0]}), or x.movedim(1, -1) before it and x.movedim(-1, 1) after.")
    return crash.explain(title, rows, "normalized_shape = the end of the input's shape.", fixes, taken)


def diagnose_group_norm(crash: Crash) -> Failure | None:
    """GroupNorm on another number of channels, or one that its groups do not divide; InstanceNorm of one pixel."""
    taken, weight = crash.operand("input"), crash.operand("weight")
    if crash.op == "group_norm" and taken is not None and len(taken.shape) > 1:
        channels = taken.shape[1]
        wanted = weight.shape[0] if weight is not None else crash.step.inputs.get("num_groups")
        title = f"{crash.label()} takes {wanted} channels, but {crash.source_label(taken)} gives {channels}."
        rows = [crash.gives(taken, 1), crash.takes(["*", wanted, "…"], f"{channels} ≠ {wanted}", 1)]
        fixes = [f"Either make {crash.place()} GroupNorm(…, {channels}), or give it {wanted} channels."]
        return crash.explain(title, rows, "num_channels = the size of dimension 1, and num_groups divides it.", fixes, taken)
    if crash.op == "instance_norm" and taken is not None and prod(taken.shape[2:]) == 1:
        title = f"{crash.label()} has one pixel per channel to average: {format_shape(taken.shape)}."
        rows = [crash.gives(taken, *range(2, len(taken.shape))), crash.takes(["*", "*", "≥2"], "1 < 2")]
        fixes = ["Give a larger image, or use BatchNorm or LayerNorm here."]
        return crash.explain(title, rows, "InstanceNorm averages over one channel's pixels, so there have to be several.", fixes, taken)
    return None
