"""A tensor's statistics and histogram, as lines. The numbers are the debugger's; this only draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.text import Text

from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of
from neurontui.text import Column, fit_column, fit_numbers, format_number

DEFAULT = Look()


class Measured(Protocol):
    """What is drawn of a `neurontui.debugger.statistics.Statistics`."""

    @property
    def count(self) -> int: ...
    @property
    def nans(self) -> int: ...
    @property
    def infs(self) -> int: ...
    @property
    def zeros(self) -> int: ...
    @property
    def minimum(self) -> float | None: ...
    @property
    def maximum(self) -> float | None: ...
    @property
    def mean(self) -> float | None: ...
    @property
    def std(self) -> float | None: ...
    @property
    def absmax(self) -> float | None: ...
    @property
    def histogram(self) -> Sequence[int]: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def statistics_rows(statistics: Measured) -> list[tuple[str, str]]:
    """Name and number, the moments first, then the counts; what there is none of is left out, but for NaN, Inf and zeros."""
    moments = [("mean", statistics.mean), ("std", statistics.std), ("min", statistics.minimum), ("max", statistics.maximum)]
    if statistics.minimum is None:
        moments.append(("largest |x|", statistics.absmax))
    rows = [(name, format_number(float(number))) for name, number in moments if number is not None]
    counts = [("count", statistics.count), ("zeros", statistics.zeros), ("NaN", statistics.nans), ("Inf", statistics.infs)]
    return rows + [(name, f"{count:,}{_share(count, statistics.count) if name != 'count' else ''}") for name, count in counts]


def _share(part: int, whole: int) -> str:
    """`" (50 %)"`, where there is something to tell."""
    if not part or not whole:
        return ""
    share = 100 * part / whole
    return f" ({share:.0f} %)" if 1 <= share <= 99 or part == whole else " (<1 %)" if share < 1 else " (>99 %)"


def statistics_lines(statistics: Measured, width: int, look: Look = DEFAULT) -> list[Text]:
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


def plain_statistics(statistics: Measured) -> list[str]:
    """One fact a line."""
    lines = [f"{name} {number}" for name, number in statistics_rows(statistics)]
    counts = statistics.histogram
    if counts:
        edges = [statistics.low + (statistics.high - statistics.low) * place / len(counts) for place in range(len(counts) + 1)]
        column: Column = fit_numbers(edges)
        ends = [column.write(edge).strip() for edge in edges]
        lines += [
            f"{count:,} number{'s' * (count != 1)} from {ends[place]} to {ends[place + 1]}" for place, count in enumerate(counts) if count
        ]
    return lines
