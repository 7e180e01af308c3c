"""Small helps for lines of styled text: wrapping, joining, setting right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import OverflowMethod
from rich.text import Text

from neurontui.rendering.glyphs import Look

WHOLE = re.compile(r"\[[^\[\]]*\]")  # a shape or an index: broken at one of its spaces it reads as two


def overflow_of(look: Look) -> OverflowMethod:
    """How a line that is too long is cut: with an ellipsis, where the terminal has that sign."""
    return "crop" if look.glyphs.ascii else "ellipsis"


def line_of(*parts: Text | tuple[str, object] | str) -> Text:
    """One line of several parts: text, `(words, style)`, or words."""
    line = Text(no_wrap=True, end="")
    for part in parts:
        if isinstance(part, Text):
            line.append_text(part)
        elif isinstance(part, tuple):
            line.append(part[0], part[1])  # type: ignore[arg-type]
        else:
            line.append(part)
    return line


def wrap_line(text: Text, width: int, indent: int = 0) -> list[Text]:
    """`text` in lines of at most `width` cells, broken at spaces but not inside a `[2, 8]`, later lines indented.

    What is too long for a line of its own is broken at its spaces nevertheless, and a word is cut in pieces.
    """
    width = max(width, indent + 8)
    lines: list[Text] = []
    rest = text
    while True:
        room = width - (indent if lines else 0)
        if rest.cell_len <= room:
            break
        end = _break_at(rest.plain, room)
        head, rest = rest.divide([end])
        head.rstrip()
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
        lines.append(_indented(head, indent if lines else 0))
    lines.append(_indented(rest, indent if lines else 0))
    for line in lines:
        line.no_wrap, line.end = True, ""
    return lines


def _break_at(words: str, room: int) -> int:
    """Where to break: after the last space that fits and is in no shape, else as much as fits (at least one character)."""
    fits = len(words)
    while fits > 1 and cell_len(words[:fits]) > room:
        fits -= max(1, (cell_len(words[:fits]) - room) // 2)
    near = words[: fits + room]  # as far as what begins in this line and fits into one goes
    within = {place for shape in WHOLE.finditer(near) if cell_len(shape.group()) <= room for place in range(*shape.span())}
    begins = len(near) - len(near.lstrip())
    spaces = [place for place in range(begins + 1, min(fits + 1, len(near))) if near[place] == " "]
    return next((place for place in reversed(spaces) if place not in within), spaces[-1] if spaces else max(fits, 1))


def _indented(line: Text, indent: int) -> Text:
    line.pad_left(indent)
    return line


def spread(left: Text, right: Text, width: int, gap: int = 2) -> list[Text]:
    """Both in one line, `right` set right, where they fit; else one below the other."""
    if not right.plain:
        return wrap_line(left, width, 4)
    room = width - left.cell_len - right.cell_len
    if room >= gap:
        return [line_of(left, " " * room, right)]
    return [*wrap_line(left, width, 4), *wrap_line(line_of("  ", right), width, 4)]


def join_lines(lines: Sequence[Text]) -> Text:
    """Many lines as one Text."""
    return Text("\n").join(lines)
