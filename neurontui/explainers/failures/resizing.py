"""Images and sequences made larger or smaller: interpolate, pad, pixel_shuffle."""

from __future__ import annotations

import re
from typing import Any

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure
from neurontui.explainers.failures.labels import short_op
from neurontui.records import Value
from neurontui.text import format_shape

_MODES = {"linear": 3, "bilinear": 4, "bicubic": 4, "lanczos": 4, "trilinear": 5, "nearest": 0, "nearest-exact": 0, "area": 0}
_SPACES = {3: ["length"], 4: ["height", "width"], 5: ["depth", "height", "width"]}
_SMOOTH = {3: "linear", 4: "bilinear", 5: "trilinear"}
_DIVIDED = re.compile(r"input\.size\((-?\d+)\)=(\d+) is not divisible by (\d+)")
_PAD_MODES = ("constant", "reflect", "replicate", "circular")
_PAD_RULE = "Two numbers for each dimension, from the last backwards: (left, right, top, bottom, …)."


def diagnose_interpolate(crash: Crash) -> Failure | None:
    """A mode for another number of dimensions, or one that there is not; a size of more numbers than the image has."""
    taken = crash.operand("input")
    if crash.op != "interpolate" or taken is None:
        return None
    rank, given = len(taken.shape), crash.step.inputs
    if rank not in _SPACES:
        title = f"{crash.label()} resizes (batch, channels, …), but {crash.source_label(taken)} gives {format_shape(taken.shape)}."
        fixes = ["Put the missing dimensions in front: x[None, None] makes a batch of one image with one channel."]
        return crash.explain(title, [crash.gives(taken)], "Batch and channels come first; only what follows is resized.", fixes, taken)
    if "spatial dimensions" in crash.message:
        return _explain_size(crash, taken, given.get("size", given.get("scale_factor")))
    if "mode needs" in crash.message or "input Tensors supported" in crash.message:
        return _explain_mode(crash, taken, str(given.get("mode")))
    return None


def _explain_mode(crash: Crash, taken: Value, mode: str) -> Failure:
    rank = len(taken.shape)
    shape, places = format_shape(taken.shape), " and ".join(_SPACES[rank])
    title = f"{crash.label()} has no mode {mode!r}."
    rows = [crash.gives(taken)]
    if mode in _MODES:
        wanted = ["batch", "channels", *_SPACES[_MODES[mode]]]
        title = f"{crash.label()} resizes {shape} with the mode {mode!r}, which is for {format_shape(wanted)}."
        rows.append(crash.takes(wanted, f"{rank} ≠ {len(wanted)} dimensions"))
    fixes = [f"For {places} use mode={_SMOOTH[rank]!r}, or mode='nearest'."]
    return crash.explain(title, rows, "linear is for sequences, bilinear and bicubic for images, trilinear for volumes.", fixes, taken)


def _explain_size(crash: Crash, taken: Value, asked: Any) -> Failure:
    places, count = len(taken.shape) - 2, len(asked) if isinstance(asked, tuple | list) else 1
    title = f"{crash.label()} resizes {format_shape(taken.shape)} by {count} numbers: one too {'many' if count > places else 'few'}."
    if abs(count - places) > 1:
        title = f"{crash.label()} resizes {format_shape(taken.shape)} by {count} numbers, but it has {places} dimensions to resize."
    rows = [crash.gives(taken), crash.takes(["batch", "channels", *["*"] * count], f"{count} ≠ {places}")]
    fixes = [f"Say only {' and '.join(_SPACES[places + 2])}, or one number for all."]
    if count > places:
        fixes = [f"Say only {' and '.join(_SPACES[places + 2])}: {tuple(asked[-places:])}."]
    return crash.explain(title, rows, "Batch and channels stay as they are.", fixes, taken)


def diagnose_pad(crash: Crash) -> Failure | None:
    """More padding than reflection allows, an odd number of sides, or a mode that there is not."""
    taken, pad = crash.operand("input"), crash.step.inputs.get("pad")
    if crash.op != "pad" or taken is None or not isinstance(pad, tuple | list) or not all(isinstance(side, int) for side in pad):
        return None
    rank, mode, shape = len(taken.shape), str(crash.step.inputs.get("mode", "constant")), format_shape(taken.shape)
    rule = _PAD_RULE
    if mode not in _PAD_MODES:
        title, rule = f"{crash.label()} has no mode {mode!r}.", "constant, reflect, replicate and circular are the modes."
        fixes = ["Say mode='reflect', or leave it out: zeros."]
    elif len(pad) % 2:
        title = f"{crash.label()} has {len(pad)} sides to pad: an odd number."
        fixes = [f"Give two for each dimension: {(*pad, 0)} pads the last side by nothing."]
    elif len(pad) > 2 * rank:
        title = f"{crash.label()} pads {len(pad) // 2} dimensions, but {shape} has {rank}."
        fixes = [f"Leave the rest away: {tuple(pad[: 2 * rank])}."]
    elif "is not supported for" in crash.message:
        return _explain_places(crash, taken, len(pad) // 2, mode)
    else:
        return _explain_much(crash, taken, list(pad))
    return crash.explain(title, [crash.gives(taken)], rule, fixes, taken)


def _explain_places(crash: Crash, taken: Value, places: int, mode: str) -> Failure:
    """Only constants go anywhere; the other modes want what they pad, the channels, and perhaps the batch."""
    rank = len(taken.shape)
    last = "dimension" if places == 1 else f"{places} dimensions"
    title = f"{crash.label()} pads the last {last} with mode {mode!r}, for which {format_shape(taken.shape)} has "
    title += "too few." if rank <= places else "too many."
    rows = [crash.gives(taken), crash.takes(["batch", "channels", *["*"] * places], f"{rank} is neither {places + 1} nor {places + 2}")]
    fixes = ["Put the missing dimension in front: x.unsqueeze(0)."] if rank == places <= 3 else []
    if not fixes:
        fit = max(1, min(3, rank - 2))
        fixes = [f"Of {rank} dimensions it pads the last {fit}: give {2 * fit} numbers, 0 for a side that stays."]
    return crash.explain(title, rows, f"{_PAD_RULE} All but constant pad (channels, …) or (batch, channels, …).", fixes, taken)


def _explain_much(crash: Crash, taken: Value, pad: list[int]) -> Failure | None:
    """Reflection needs as many numbers as it mirrors, a circle all that it repeats; nothing can be cut that is not there."""
    edge = 1 if "should be less than" in crash.message else 0
    for place in range(len(pad) // 2):
        size, sides = taken.shape[-1 - place], pad[2 * place : 2 * place + 2]
        before, after = ["*"] * (len(taken.shape) - 1 - place), ["*"] * place
        if size + sum(sides) < 0:
            title = f"{crash.label()} cuts {-sum(sides)} away of {size}."
            rows = [crash.gives(taken, -1 - place), crash.takes([*before, f"≥{-sum(sides)}", *after], f"{size} < {-sum(sides)}")]
            fixes = [f"Cut at most {size} there."]
            return crash.explain(title, rows, "A negative number cuts, and there has to be as much as it cuts.", fixes, taken)
        if max(sides) > size - edge:
            most = max(sides)
            title = f"{crash.label()} pads {most} beside a size of {size}: mirrored or repeated, there are only {size - edge}."
            rows = [crash.gives(taken, -1 - place), crash.takes([*before, f"≥{most + edge}", *after], f"{size} < {most + edge}")]
            fixes = [f"Pad by at most {size - edge} there, or fill with zeros: {_zeros(crash)}."]
            return crash.explain(title, rows, f"Reflection pads less than the size ({size} here), circular at most that.", fixes, taken)
    return None


def _zeros(crash: Crash) -> str:
    """How one says zeros: a function, a convolution and a layer of its own have three ways."""
    kind = "" if crash.module is None or crash.label() == crash.step.name else short_op(crash.module)
    if kind.startswith("Conv"):
        return "padding_mode='zeros'"
    return f"nn.ZeroPad{kind[-2:]}" if "Pad" in kind else "mode='constant'"


def diagnose_shuffle(crash: Crash) -> Failure | None:
    """PixelShuffle of channels, PixelUnshuffle of pixels, that its factor does not divide."""
    taken, found = crash.operand("input"), _DIVIDED.search(crash.message)
    if crash.op not in {"pixel_shuffle", "pixel_unshuffle"} or taken is None:
        return None
    if found is None:
        title = f"{crash.label()} takes (channels, height, width), but {crash.source_label(taken)} gives {format_shape(taken.shape)}."
        fixes = ["Put the missing dimension in front: x.unsqueeze(0)."]
        return crash.explain(title, [crash.gives(taken)], "Pixels are (…, channels, height, width).", fixes, taken)
    dim, size, divisor = (int(number) for number in found.groups())
    what = "channels" if crash.op == "pixel_shuffle" else "rows or columns"
    title = f"{crash.label()} takes {what} in groups of {divisor}, but {crash.source_label(taken)} gives {size}: "
    title += f"{size} / {divisor} is no whole number."
    rows = [crash.gives(taken, dim), crash.takes(["…", f"n·{divisor}", *["*"] * (-1 - dim)], f"{size} / {divisor}", dim)]
    near = max(1, round(size / divisor)) * divisor
    fixes = [f"Give it {near} {what}: a multiple of {divisor}."]
    rule = "upscale_factor r makes r² channels into r × r pixels." if what == "channels" else "downscale_factor r divides height and width."
    return crash.explain(title, rows, rule, fixes, taken)
