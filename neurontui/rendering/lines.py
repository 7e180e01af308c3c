"""Small helps for lines of styled text: wrapping, joining, setting right."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import OverflowMethod
from rich.text import Text

from neurontui.rendering.glyphs import Look


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
    """`text` in lines of at most `width` cells, broken at spaces, later lines indented; a word that is too long is cut in pieces."""
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
    """Where to break: after the last space that fits, else as much as fits (at least one character)."""
    fits = len(words)
    while fits > 1 and cell_len(words[:fits]) > room:
        fits -= max(1, (cell_len(words[:fits]) - room) // 2)
    space = words.rfind(" ", 0, fits + 1)
    return space if space > 0 and words[:space].strip() else max(fits, 1)


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
