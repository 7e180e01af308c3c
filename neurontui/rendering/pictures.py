"""The pictures of an explanation: small grids of the tensors that it reads, how shapes are stretched, curves, bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.explanation import Explanation, Picture
from neurontui.rendering.charts import bar_lines
from neurontui.rendering.curves import curve_lines
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.grids import broadcast_lines, grid_lines
from neurontui.rendering.lines import wrap_line
from neurontui.text import clean

DEFAULT = Look()
WIDEST_CURVE, WIDEST_BARS = 48, 60  # cells: wider ones are harder to read
ROWS = 8  # lines of a picture, where there is the height for it


def pictures_lines(why: Explanation, width: int, rows: int = ROWS, look: Look = DEFAULT) -> list[Text]:
    """All pictures of an explanation, each of about `rows` lines: curves and bars each by itself, the tensors side by side."""
    tensors = [picture for picture in why.pictures if not picture.curve]
    parts = [[picture] if picture.curve else tensors for picture in why.pictures if picture.curve or picture is tensors[0]]
    lines: list[Text] = []
    for part in parts:
        drawn = part_lines(part, width, rows, look)
        lines += [Text(end=""), *drawn] if lines and drawn else drawn
    return lines


def part_lines(pictures: Sequence[Picture], width: int, rows: int = ROWS, look: Look = DEFAULT) -> list[Text]:
    """A curve with the point on it, bars, or tensors side by side, and below what it is."""
    shown = [picture for picture in pictures if picture.shape and 0 not in picture.shape and (len(picture.cells) or picture.outside)]
    lines: list[Text] = []
    if pictures[0].curve:
        bars = pictures[0].kind == "bar"
        lines = (bar_lines if bars else curve_lines)(pictures[0], min(width, WIDEST_BARS if bars else WIDEST_CURVE), max(rows - 1, 3), look)
    elif shown:
        lines = broadcast_lines(shown, width, look) if shown[0].kind == "broadcast" else grid_lines(shown, width, rows, look)
    captions = [spell_signs(look.words(clean(picture.caption)), look) for picture in pictures if picture.caption]
    signs = _explain_signs(shown, look) if lines else ""
    if signs:
        captions = [*captions[:-1], f"{captions[-1]}   {signs}" if captions else signs]
    for caption in captions:
        lines += wrap_line(Text(caption, look.palette.style("dim")), width)
    return lines


def _explain_signs(pictures: Sequence[Picture], look: Look) -> str:
    """What the signs in small grids mean that are not plainly cells."""
    said = [f"{look.glyphs.padding} padding"] if any(len(picture.outside) for picture in pictures) else []
    kinds = [picture.kind for picture in pictures if picture.focus is not None]
    if kinds:
        said.append(f"{look.glyphs.point} {'the one that is taken' if kinds[0] == 'window' else 'this element'}")
    return "   ".join(said)


def pictures_of(why: Explanation, argument: str) -> tuple[Picture, ...]:
    """The pictures that mark cells of this argument's tensor."""
    return tuple(picture for picture in why.pictures if picture.argument == argument)
