"""Convolutions and pooling on the wrong number of channels or dimensions, or on an image smaller than the kernel."""

from __future__ import annotations

from neurontui.explainers.failures.crash import Crash, same_shape
from neurontui.explainers.failures.failure import Failure
from neurontui.explainers.failures.labels import label_step, place_of, short_op
from neurontui.records import Step, Value
from neurontui.text import format_shape

_OPS = {f"conv{'_transpose' * turned}{n}d": n for n in (1, 2, 3) for turned in (0, 1)}
_PLACES = {1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"]}


def diagnose_convolution(crash: Crash) -> Failure | None:
    """Another number of channels or of dimensions than the layer has, or an image smaller than the kernel."""
    taken, weight = crash.operand("input"), crash.operand("weight")
    if crash.op not in _OPS or taken is None or weight is None:
        return None
    places = _OPS[crash.op]
    if len(weight.shape) != places + 2:
        return None
    if len(taken.shape) not in (places + 1, places + 2):
        return _explain_dimensions(crash, taken, weight, places)
    groups = crash.step.inputs.get("groups", 1)
    wanted = weight.shape[0] if "transpose" in crash.op else weight.shape[1] * groups
    given = taken.shape[-places - 1]
    if given != wanted:
        return _explain_channels(crash, taken, wanted, given, places)
    return _explain_small(crash, taken, weight, places)


def _explain_dimensions(crash: Crash, taken: Value, weight: Value, places: int) -> Failure:
    channels = weight.shape[0] if "transpose" in crash.op else weight.shape[1]
    shape = ["batch", channels, *_PLACES[places]]
    title = f"{crash.label()} takes {places + 2} dimensions, or {places + 1} for one sample, but {crash.source_label(taken)} "
    title += f"gives {len(taken.shape)}."
    rows = [crash.gives(taken), crash.takes(shape, f"{len(taken.shape)} dimensions ≠ {places + 2}")]
    fixes = []
    maker = crash.producer(taken)
    if maker is not None and short_op(maker) in {"flatten", "view", "reshape"} and len(taken.shape) < places + 1:
        fixes.append(f"Take {place_of(label_step(crash.trace, maker))} away before it: it works on the image, not on rows.")
    elif len(taken.shape) == places and channels == 1:
        fixes.append("Put a channel dimension in front: x.unsqueeze(0).")
    elif len(taken.shape) < places + 1:
        fixes.append(f"Give every dimension, as torch.randn({', '.join(['1', str(channels), *['32'] * places])}).")
    else:
        fixes.append(f"Take the dimension away that is one too many, or use a convolution with {len(taken.shape) - 2} spatial dimensions.")
    return crash.explain(title, rows, f"A {places}-d convolution takes {format_shape(shape)}.", fixes, taken)


def _same_channels(step: Step, before: Value, after: Value) -> bool:
    """Pooling and the like change the image and hand the channels on."""
    resized = any(word in short_op(step) for word in ("pool", "pad", "interpolate", "upsample"))
    return same_shape(step, before, after) or (resized and len(before.shape) == len(after.shape) and before.shape[1:2] == after.shape[1:2])


def _explain_channels(crash: Crash, taken: Value, wanted: int, given: int, places: int) -> Failure:
    here = crash.place()
    channel = len(taken.shape) - places - 1
    spatial = ["*"] * places
    shape = [*["*"] * channel, wanted, *spatial]
    title = f"{crash.label()} takes {wanted} channels, but {crash.source_label(taken, _same_channels)} gives {given}."
    rows = [crash.gives(taken, channel, keeps=_same_channels), crash.takes(shape, f"{given} ≠ {wanted}", channel)]
    fixes = []
    if len(taken.shape) == places + 1 and places > 1 and taken.shape[1] == wanted:
        fixes.append(
            f"[{given}, {wanted}, …] looks like a batch without {_PLACES[places][0]}: "
            f"use a {places - 1}-d convolution, or put a {_PLACES[places][0]} of 1 there, x.unsqueeze(2)."
        )
    maker, _ = crash.maker(taken, _same_channels)
    by_convolution = maker is not None and "conv" in maker.op
    if taken.shape[-1] == wanted and not by_convolution:
        order = [*range(channel), len(taken.shape) - 1, *range(channel, len(taken.shape) - 1)]
        fixes.append(f"The channels are last here: bring them in front of the image, x.permute{tuple(order)}.")
    elif len(taken.shape) == places + 1 and taken.shape[0] != wanted and wanted == 1:
        fixes.append("That first dimension looks like the batch: put the channel after it, x.unsqueeze(1).")
    elif given == 1 and len(taken.shape) == places + 2:
        fixes.append(f"One channel is repeated to {wanted} by x.expand(-1, {', '.join(map(str, [wanted, *[-1] * places]))}).")
    if maker is not None and by_convolution:
        there = place_of(label_step(crash.trace, maker))
        fixes.append(f"Either make {here} take in_channels={given}, or {there} give out_channels={wanted}.")
    else:
        fixes.append(f"Either make {here} take in_channels={given}, or give it an input of {wanted} channels.")
    rule = "out_channels of one layer = in_channels of the next; channels come before the image."
    return crash.explain(title, rows, rule, fixes, taken, _same_channels)


def _explain_small(crash: Crash, taken: Value, weight: Value, places: int) -> Failure | None:
    if "Kernel size can't be greater" not in crash.message:
        return None
    kernel = weight.shape[2:]
    clashing = [d - places for d in range(places) if taken.shape[d - places] < kernel[d]]
    window, image = ("×".join(map(str, sizes)) for sizes in (kernel, taken.shape[-places:]))
    word = {1: "sequence", 2: "image"}.get(places, "volume")
    title = f"{crash.label()} slides a kernel of {window} over {'an' if word == 'image' else 'a'} {word} of {image}, which is smaller."
    rows = [
        crash.gives(taken, *clashing),
        crash.takes(["*"] * (len(taken.shape) - places) + [f"≥{k}" for k in kernel], "too small", *clashing),
    ]
    fixes = [f"Use a larger {word}, a smaller kernel, padding, or fewer pooling layers before it."]
    return crash.explain(title, rows, f"The {word}, with its padding, is at least as large as the kernel.", fixes, taken)


def diagnose_pooling(crash: Crash) -> Failure | None:
    """A pooling window larger than what is left of the image."""
    taken = crash.operand("input")
    if "pool" not in crash.op or taken is None:
        return None
    if "tensor expected for input" in crash.message or "D tensor" in crash.message:
        return _explain_pool_dimensions(crash, taken)
    if "Output size is too small" not in crash.message:
        return None
    title = f"{crash.label()} has nothing left to pool: {crash.source_label(taken)} gives {format_shape(taken.shape)}."
    kernel = crash.step.inputs.get("kernel_size")
    rows = [crash.gives(taken, -1), crash.takes(["*", "*", f"≥{kernel}"] if kernel is not None else ["*"], "too small")]
    fixes = ["Use a larger image, or take one pooling layer away: each of them divides the size by its stride."]
    return crash.explain(title, rows, "⌊(L + 2p − k) / s⌋ + 1 has to be at least 1.", fixes, taken)


def _explain_pool_dimensions(crash: Crash, taken: Value) -> Failure:
    places = next((n for n in (1, 2, 3) if f"{n}d" in crash.op), 2)
    shape = ["batch", "channels", *_PLACES[places]]
    title = f"{crash.label()} takes {places + 2} dimensions, or {places + 1} for one sample, but {crash.source_label(taken)} "
    title += f"gives {len(taken.shape)}."
    rows = [crash.gives(taken), crash.takes(shape, f"{len(taken.shape)} dimensions ≠ {places + 2}")]
    fixes = ["Pool before flattening, or add the dimensions that are missing with unsqueeze."]
    return crash.explain(title, rows, f"A {places}-d pooling takes {format_shape(shape)}.", fixes, taken)
