"""One colour a role, the same in every pane, formula, table and export.

Blue below zero and orange above (safe for colour-blind people); red says only that something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.style import Style

ROLES = ("input", "weight", "bias", "buffer", "output")

_BIASES = frozenset({"bias", "bias_k", "bias_v", "beta", "in_proj_bias", "out_proj_bias", "bias_ih", "bias_hh"})
_WEIGHTS = frozenset({"weight", "gamma", "in_proj_weight", "out_proj_weight", "weight_ih", "weight_hh", "q_proj_weight"})
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
    """Colours as `#rrggbb`, or empty where there is no colour. `below` and `above` are cell backgrounds, weak to strong."""

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
    below: tuple[str, ...] = field(default=())
    above: tuple[str, ...] = field(default=())

    def style(self, name: str, *, bold: bool = False, background: str = "", reverse: bool = False) -> Style:
        """The Rich style of a role or a name of this palette (`"weight"`, `"dim"`, `"accent"`, …)."""
        color = getattr(self, name)
        if not self.text:  # no colour: what colour would have said, weight and shade say
            return Style(bold=bold or name in ("accent", "wrong") or None, dim=name == "dim" or None, reverse=reverse or None)
        return Style(color=color, bgcolor=background or None, bold=bold or None, reverse=reverse or None)

    def cell_background(self, number: float, scale: float) -> str:
        """The background of a number, on a scale whose end is `scale` (the largest magnitude): `""` at zero, nan and no colour."""
        if not self.above or not scale or number != number or number == 0:
            return ""
        ramp = self.below if number < 0 else self.above
        share = min(abs(number) / scale, 1.0) if scale < float("inf") else float(abs(number) == float("inf"))
        return ramp[min(int(share * len(ramp)), len(ramp) - 1)]


DARK = Palette(
    text="#d6deeb", dim="#7f8a9c", accent="#61afef", wrong="#ef6b73", good="#98c379", warn="#e5c07b",
    input="#56b6c2", weight="#c678dd", bias="#e5a54b", buffer="#d19a66", output="#98c379",
    positive="#e69f00", negative="#5b8def", current="#203a5e", cursor="#3e6fb0",
    below=("#141c2a", "#18243a", "#1d2e4d", "#233a63", "#2a477c"),
    above=("#201a10", "#2f240f", "#41300f", "#573e0d", "#6f4e0b"),
)  # fmt: skip

LIGHT = Palette(
    text="#1f2430", dim="#5f6878", accent="#1a5fb4", wrong="#b3261e", good="#2e7d32", warn="#8a5a00",
    input="#00707c", weight="#8e24aa", bias="#9a5b00", buffer="#8d5524", output="#2e7d32",
    positive="#b36b00", negative="#2457b2", current="#d4e4fb", cursor="#9cc2f5",
    below=("#eef3fb", "#dce7f8", "#c5d8f4", "#aac6ef", "#8eb3ea"),
    above=("#fbf3e6", "#f8e7cb", "#f5d9a8", "#f1ca85", "#edbb62"),
)  # fmt: skip

NO_COLOR = Palette()
