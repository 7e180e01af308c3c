"""A bar beside a number: to the right of the axis where it adds, to the left where it takes away."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from neurontui.explanation import Number
from neurontui.rendering.glyphs import Look


@dataclass(frozen=True, slots=True)
class Bar:
    """`left` and `right` cells on each side of the axis; `unit` is how much one cell stands for."""

    left: int
    right: int
    unit: float

    @property
    def width(self) -> int:
        return self.left + 1 + self.right

    def draw(self, number: Number, look: Look) -> Text:
        """The bar of a number, in half cells; a number too small for half a cell shows the axis alone."""
        palette = look.palette
        line = Text(no_wrap=True, end="")
        if isinstance(number, complex) or number != number:
            return Text(" " * self.left + look.glyphs.axis, palette.style("dim"), no_wrap=True, end="")
        room = self.left if number < 0 else self.right
        halves = min(round(min(abs(number) / self.unit, room) * 2), 2 * room)
        full, half = divmod(halves, 2)
        if number < 0:
            cells = (look.glyphs.left_half if half else "") + look.glyphs.eighths[-1] * full
            line.append(cells.rjust(self.left), palette.style("negative"))
            line.append(look.glyphs.axis, palette.style("dim"))
            line.append(" " * self.right)
        else:
            line.append(" " * self.left)
            line.append(look.glyphs.axis, palette.style("dim"))
            cells = look.glyphs.eighths[-1] * full + (look.glyphs.eighths[4] if half else "")
            line.append(cells.ljust(self.right), palette.style("positive"))
        return line


def fit_bar(low: float, high: float, width: int) -> Bar:
    """A bar of at most `width` cells for numbers from `low` to `high`, its axis where zero is."""
    low, high = min(low, 0.0), max(high, 0.0)
    cells = width - 1
    left = round(cells * (-low / (high - low))) if high > low else 0
    left = min(max(left, 1 if low < 0 else 0), cells - (1 if high > 0 else 0))
    right = cells - left
    unit = max(-low / left if left else 0.0, high / right if right else 0.0) or 1.0
    return Bar(left, right, unit)
