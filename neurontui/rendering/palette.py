"""One colour a role, the same in every pane, formula, table and export.

Blue below zero and orange above (safe for colour-blind people); red says only that something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from math import ceil

from rich.style import Style

ROLES = ("input", "weight", "bias", "buffer", "output")

_BIASES = frozenset({"bias", "bias_k", "bias_v", "beta", "in_proj_bias", "out_proj_bias", "bias_ih", "bias_hh", "b_ih", "b_hh"})
_PROJECTIONS = (f"{part}_proj_weight" for part in ("in", "out", "q", "k", "v"))
_WEIGHTS = frozenset({"weight", "gamma", "weight_ih", "weight_hh", "w_ih", "w_hh", *_PROJECTIONS})
_BUFFERS = frozenset({"running_mean", "running_var", "num_batches_tracked", "buffer"})
_OUTPUTS = frozenset({"output", "out", "result"})


def role_of(name: str) -> str:
    """The role of an argument or parameter by its name: `weight`, `fc1.weight` and `weight_hh_l0` are weights; `x` is an input."""
    last = name.rsplit(".", 1)[-1]
    stem = last.split("_l", 1)[0] if "_l" in last else last
    for role, names in (("bias", _BIASES), ("weight", _WEIGHTS), ("buffer", _BUFFERS), ("output", _OUTPUTS)):
        if last in names or stem in names:
            return role
    return "input"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as `#rrggbb`, or empty where there is no colour. `ground` is what cells are blended over."""

    text: str = ""
    dim: str = ""
    accent: str = ""
    wrong: str = ""
    good: str = ""
    warn: str = ""
    input: str = ""
    weight: str = ""
    bias: str = ""
    buffer: str = ""
    output: str = ""
    positive: str = ""
    negative: str = ""
    current: str = ""  # background of the current line
    cursor: str = ""  # background of the cell under the cursor
    ground: str = ""
    border: str = ""
    above: tuple[str, ...] = ()  # backgrounds of cells above zero, from weak to strong, where a terminal has not the colours of a blend
    below: tuple[str, ...] = ()

    @property
    def colored(self) -> bool:
        """False under NO_COLOR: what colour would have said, weight, shade and signs say."""
        return bool(self.text)

    def style(self, name: str, *, bold: bool = False, background: str = "", reverse: bool = False, underline: bool = False) -> Style:
        """The Rich style of a role or of a name of this palette (`"weight"`, `"dim"`, `"accent"`, …)."""
        return _style(self, name, bold, background, reverse, underline)

    def cell_background(self, number: object, scale: float, strength: float = 0.45) -> str:
        """The background of a number between -scale and scale: blue below zero, orange above; `""` for zero, nan and words."""
        if not self.colored or not scale or not isinstance(number, (int, float)) or number != number or number == 0:
            return ""
        share = min(abs(number) / scale if scale < float("inf") else float(abs(number) == float("inf")), 1)
        shades = self.below if number < 0 else self.above
        if shades:
            return shades[ceil(share * round(strength * len(shades))) - 1]
        levels = 24  # few colours, so that styles are made once
        return _blend(self.ground, self.negative if number < 0 else self.positive, strength * ceil(share * levels) / levels)


@cache
def _style(palette: Palette, name: str, bold: bool, background: str, reverse: bool, underline: bool) -> Style:
    if not palette.colored:
        strong = bold or name in ("accent", "wrong")
        faint, inverse = name == "dim", reverse or bool(background)
        return Style(bold=strong or None, dim=faint or None, reverse=inverse or None, underline=underline or None)
    color = str(getattr(palette, name))
    return Style(color=color, bgcolor=background or None, bold=bold or None, reverse=reverse or None, underline=underline or None)


@cache
def _blend(below: str, above: str, share: float) -> str:
    """The colour that `above` gives when it covers `below` by `share`, from 0 to 1."""
    channels = ((int(below[i : i + 2], 16), int(above[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in channels)


DARK = Palette(
    text="#d5dae3", dim="#7d8694", accent="#61afef", wrong="#e06c75", good="#98c379", warn="#e5c07b",
    input="#56b6c2", weight="#c678dd", bias="#e5c07b", buffer="#d19a66", output="#98c379",
    positive="#e69f00", negative="#5b8def", current="#1f3a5f", cursor="#3667a6", ground="#0d1117", border="#30363d",
)  # fmt: skip

LIGHT = Palette(
    text="#1f2430", dim="#5f6878", accent="#1a5fb4", wrong="#b3261e", good="#2e7d32", warn="#8a5a00",
    input="#00707c", weight="#8e24aa", bias="#8a5a00", buffer="#8d5524", output="#2e7d32",
    positive="#d97f00", negative="#3f74d9", current="#d4e4fb", cursor="#9cc2f5", ground="#ffffff", border="#c9d1d9",
)  # fmt: skip

# Terminals of 256 and of 16 colours would show the nearest of theirs: blue as grey, teal or violet, and white on yellow.
_DARK_256 = replace(
    DARK, current="#00005f", cursor="#005fd7",
    below=("#00005f", "#000087", "#0000d7", "#005fff", "#5f87ff"), above=("#5f5f00", "#875f00", "#af5f00", "#d78700", "#ffaf00"),
)  # fmt: skip
_LIGHT_256 = replace(
    LIGHT, current="#d7d7ff", cursor="#87afff",
    below=("#d7d7ff", "#afafff", "#87afff", "#5f87ff", "#005fff"), above=("#ffffd7", "#ffd7af", "#ffaf5f", "#ff8700", "#d75f00"),
)  # fmt: skip
_DARK_16 = replace(DARK, current="#0000aa", cursor="#0000aa", below=("", "#0000aa"), above=("", "#aa5500"))
_LIGHT_16 = replace(  # their yellow cannot be read on white
    LIGHT,
    current="#00aaaa",
    cursor="#00aaaa",
    warn="#555555",
    bias="#555555",
    buffer="#555555",
    below=("", "#00aaaa"),
    above=("", "#aa5500"),
)
_FEWER = {"256": (_DARK_256, _LIGHT_256), "standard": (_DARK_16, _LIGHT_16)}
NO_COLOR = Palette()


def palette_of(system: str | None, *, dark: bool) -> Palette:
    """The palette for what Rich calls a terminal's colour system: "truecolor", "256", "standard"."""
    of_dark, of_light = _FEWER.get(system or "", (DARK, LIGHT))
    return of_dark if dark else of_light
