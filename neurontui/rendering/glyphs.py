"""The few signs that lines are drawn with, and their ASCII fallbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from neurontui.lessons.words import ENGLISH, Words
from neurontui.rendering.palette import DARK, NO_COLOR, Palette, palette_of


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Each sign has the same width in both sets wherever columns depend on it."""

    current: str = "▶"
    selected: str = "▸"
    open: str = "▾"
    closed: str = "▸"
    breakpoint: str = "●"
    wrong: str = "✗"
    right: str = "✓"
    arrow: str = "→"
    came_from: str = "←"
    times: str = "×"
    dot: str = "·"
    separator: str = "›"
    delta: str = "Δ"
    ellipsis: str = "…"
    changed: str = "~"
    pointer: str = "◂"
    not_equal: str = "≠"
    zero_relu: str = "0·"  # a zero that an activation made
    zero_dropped: str = "0✗"  # a zero that dropout made
    zero_padding: str = "0▫"  # a zero that padding put there
    zero_masked: str = "0⊘"  # a zero that a mask made
    axis: str = "│"
    rule: str = "─"
    eighths: str = " ▏▎▍▌▋▊▉█"  # a bar growing rightwards
    left_half: str = "▐"
    levels: str = " ▁▂▃▄▅▆▇█"  # a column growing upwards
    point: str = "●"
    cell: str = "■"  # of a small grid: one that is read
    padding: str = "▫"
    curve: str = "•"
    ascii: bool = False


UNICODE = Glyphs()

ASCII = Glyphs(
    current=">", selected=">", open="v", closed=">", breakpoint="*", wrong="X", right="ok", arrow="->", came_from="<-", times="*",
    dot="*", separator=">", delta="d", ellipsis="..", changed="~", pointer="<", not_equal="!=",
    zero_relu="0r", zero_dropped="0x", zero_padding="0p", zero_masked="0m", axis="|", rule="-", eighths=" ########", left_half="#",
    levels=" ..::++##", point="@", cell="#", padding="p", curve="*", ascii=True,
)  # fmt: skip

ZERO_WORDS = {
    "relu": "made by the activation",
    "dropped": "dropped",
    "padding": "padding",
    "masked": "masked",
    "sum": "the terms really add up to zero",
    "constant": "a constant that the function puts there",
    "factor": "one of the factors is zero",
    "underflow": "too small for its type: rounded to zero",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What every drawing function is given: the colours, the signs, and the language that NeuronTUI's own words are said in."""

    palette: Palette = DARK
    glyphs: Glyphs = UNICODE
    words: Words = ENGLISH

    def zero_glyph(self, reason: str) -> str:
        """The sign of a zero by why it is zero (`"relu"`, `"dropped"`, `"padding"`, `"masked"`); `""` for any other reason."""
        return str(getattr(self.glyphs, f"zero_{reason}", "")) if reason else ""


def choose_look(environ: Mapping[str, str], *, dark: bool = True, ascii: bool = False) -> Look:
    """The look for this terminal: `NO_COLOR` and `TERM=dumb` take the colours away, `--ascii` and `TERM=dumb` the signs."""
    dumb = environ.get("TERM") == "dumb"
    palette = NO_COLOR if environ.get("NO_COLOR") or dumb else palette_of(None, dark=dark)
    return Look(palette, ASCII if ascii or dumb else UNICODE)
