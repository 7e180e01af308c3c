"""A tensor's statistics and histogram, as lines. The numbers are the debugger's; this only draws them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.debugger.statistics import Statistics, statistics_rows
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of
from neurontui.text import Column, fit_column, fit_numbers, format_number

DEFAULT = Look()


def statistics_lines(statistics: Statistics, width: int, look: Look = DEFAULT) -> list[Text]:
    """Moments on the left, counts beside them, or below where there is no room; then the histogram."""
    palette = look.palette
    rows = statistics_rows(statistics)
    moments, counts = rows[:-4], rows[-4:]
    column = fit_column(number for _, number in moments)
    left = [_pair(name, column.align(number), look, 4 if name != "largest |x|" else 0) for name, number in moments]
    right = []
    for name, number in counts:
        bad = name in ("NaN", "Inf") and number != "0"
        right.append(line_of((f"{name:<6}", palette.style("dim")), (number, palette.style("wrong" if bad else "text", bold=bad))))
    widest = max((line.cell_len for line in left), default=0)
    if not left or widest + 3 + max(line.cell_len for line in right) > width:
        lines = [*left, *right]
    else:
        pairs = [(left[place] if place < len(left) else Text(), right[place]) for place in range(4)]
        lines = [line_of(first, " " * (widest + 3 - first.cell_len), second) for first, second in pairs]
    if statistics.histogram:
        lines += [Text(end=""), *histogram_lines(statistics.histogram, statistics.low, statistics.high, width, look=look)]
    return lines


def _pair(name: str, number: str, look: Look, width: int) -> Text:
    return line_of((f"{name:<{width}} ", look.palette.style("dim")), (number, look.palette.style("text")))


def histogram_lines(counts: Sequence[int], low: float, high: float, width: int, height: int = 4, look: Look = DEFAULT) -> list[Text]:
    """A histogram `height` lines high, its two ends written below."""
    most = max(counts, default=0)
    if not most:
        return []
    bar = max(1, min(width // len(counts), 4))
    levels = look.glyphs.levels
    steps = len(levels) - 1
    tall = [max(1, round(count / most * height * steps)) if count else 0 for count in counts]
    lines = []
    for line in range(height - 1, -1, -1):
        cells = "".join(levels[min(max(size - line * steps, 0), steps)] * bar for size in tall)
        lines.append(Text(cells, look.palette.style("accent"), no_wrap=True, end=""))
    ends = format_number(float(low)), format_number(float(high))
    room = max(bar * len(counts) - len(ends[0]) - len(ends[1]), 2)
    most_words = f"   highest bar: {most:,}"
    lines.append(Text(f"{ends[0]}{' ' * room}{ends[1]}", look.palette.style("dim"), no_wrap=True, end=""))
    if lines[-1].cell_len + len(most_words) <= width:
        lines[-1].append(most_words, look.palette.style("dim"))
    return lines


def plain_histogram(statistics: Statistics) -> list[str]:
    """One bin a line; empty ones are left out."""
    counts = statistics.histogram
    width = (statistics.high - statistics.low) / max(len(counts), 1)
    edges = [statistics.low + width * place for place in range(len(counts) + 1)]
    column: Column = fit_numbers(edges)
    ends = [column.write(edge).strip() for edge in edges]
    bins = zip(counts, ends, ends[1:], strict=False)
    return [f"{count:,} number{'s' * (count != 1)} from {low} to {high}" for count, low, high in bins if count]
