"""Bars: columns side by side (an attention row, probabilities, a histogram), or named ones under one another (gates)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.explanation import Picture
from neurontui.rendering.bars import fit_bar
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of
from neurontui.text import clean, fit_numbers, short_number

WIDEST = 9  # cells of one column
LONGEST = 33  # cells of a named bar


def bar_lines(picture: Picture, width: int, rows: int, look: Look) -> list[Text]:
    """Named bars where they have labels, else columns of at most `rows` lines with their places below."""
    return _named_bars(picture, width, look) if picture.labels else _columns(picture, width, rows, look)


def _named_bars(picture: Picture, width: int, look: Look) -> list[Text]:
    """`input gate    0.7311  │██████▋`, a line a bar."""
    palette = look.palette
    heights = [height for _, height in picture.curve]
    column = fit_numbers(heights)
    names = [spell_signs(clean(label), look)[: width // 2] for label in picture.labels]
    longest = max(map(len, names))
    finite = [height for height in heights if abs(height) < float("inf")] or [0.0]
    room = max(min(width - longest - column.width - 4, LONGEST), 3)
    bar = fit_bar(min(*finite, 0.0), max(*finite, 1.0), room)
    return [
        line_of(
            (f"{name:<{longest}}  ", palette.style("dim")), (f"{column.write(height)}  ", palette.style("text")), bar.draw(height, look)
        )
        for name, height in zip(names, heights, strict=True)
    ]


def _columns(picture: Picture, width: int, rows: int, look: Look) -> list[Text]:
    """A column for each place, the one at the point marked; of more places than there are cells, the highest of several in one column."""
    places, heights, point = _gather(picture, width)
    cells = max(min(width // len(heights), WIDEST), 1)
    largest = max((height for height in heights if 0 < height < float("inf")), default=1.0)
    tall = max(rows - 2, 2)  # below them their places and numbers
    lines = [_storey(heights, largest, storey, tall, cells, point, look) for storey in reversed(range(tall))]
    lines.append(_places_line(places, cells, point, width, look))
    numbers = [short_number(height, 2) for height in heights]
    if max(map(len, numbers)) < cells:
        lines.append(_words_line(numbers, cells, point, look, "text"))
    return lines


def _gather(picture: Picture, width: int) -> tuple[list[tuple[float, float]], list[float], int]:
    """(first and last place, height) of each column, and which of them the point is in (-1 for none)."""
    size = -(-len(picture.curve) // max(width, 1))
    groups = [picture.curve[start : start + size] for start in range(0, len(picture.curve), size)]
    here = picture.point[0] if picture.point is not None else None
    point = next((number for number, group in enumerate(groups) if any(x == here for x, _ in group)), -1)
    heights = [max((y for _, y in group if y == y), default=float("nan")) for group in groups]
    return [(group[0][0], group[-1][0]) for group in groups], heights, point


def _storey(heights: Sequence[float], largest: float, storey: int, tall: int, cells: int, point: int, look: Look) -> Text:
    """One line of the columns, from the ground (0) up."""
    line, levels = Text(no_wrap=True, end=""), look.glyphs.levels
    for number, height in enumerate(heights):
        eighths = 8 * tall * min(max(height, 0.0) / largest, 1.0) if height == height else 0.0
        filled = min(max(round(eighths) - 8 * storey, 1 if height > 0 and storey == 0 else 0), 8)
        sign = levels[filled] if height == height else "?" if storey == 0 else " "
        gap = " " if cells > 2 else ""
        style = look.palette.style("warn" if number == point else "positive", bold=number == point)
        line.append(sign * (cells - len(gap)) + gap, style)
    return line


def _places_line(places: Sequence[tuple[float, float]], cells: int, point: int, width: int, look: Look) -> Text:
    """The place below each column, where there is room; else the first, the point's and the last."""
    words = [short_number(first) for first, _ in places]
    if max(map(len, words)) < cells:
        return _words_line(words, cells, point, look, "dim")
    total = cells * len(places)
    line = [" "] * max(total, 1)
    wanted = ((0, words[0], "left"), (total, short_number(places[-1][1]), "right"), (point * cells, words[point], "left"))
    for start, word, side in wanted[: 3 if point >= 0 else 2]:
        left = start - len(word) if side == "right" else min(start, total - len(word))
        if left >= 0 and not any(sign != " " for sign in line[max(left - 1, 0) : left + len(word) + 1]):
            line[left : left + len(word)] = word
    return Text("".join(line)[:width], look.palette.style("dim"), no_wrap=True, end="")


def _words_line(words: Sequence[str], cells: int, point: int, look: Look, style: str) -> Text:
    line = Text(no_wrap=True, end="")
    for number, word in enumerate(words):
        here = number == point
        line.append(f"{word:^{cells - 1}} ", look.palette.style("warn" if here else style, bold=here))
    return line
