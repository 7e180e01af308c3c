"""The user's code, coloured, with the call that made a step marked."""

from __future__ import annotations

import linecache
from functools import lru_cache
from pathlib import Path

from rich.text import Text

from neurontui.records import SourceLine
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of
from neurontui.text import clean

DEFAULT = Look()
TAB = 4


def source_title(source: SourceLine | None) -> str:
    """`"Source · simple_ann.py"`, cleaned."""
    return f"Source · {clean(Path(source.file).name)}" if source is not None else "Source"


def source_lines(source: SourceLine | None, width: int, height: int = 4, look: Look = DEFAULT) -> list[Text]:
    """`height` lines around the call, numbered, its line with `▶` and its columns marked. Says so where the file can't be read."""
    if source is None:
        return [Text("No line of your code made this call directly.", look.palette.style("dim"), end="")]
    code = [line.expandtabs(TAB) for line in linecache.getlines(source.file)]
    if not 0 < source.line <= len(code):
        here = f"{clean(Path(source.file).name)}:{source.line}"
        return [line_of((f"{here}  ", look.palette.style("dim")), (clean(source.text), look.palette.style("text")))]
    first = max(1, min(source.line - (height - 1) // 3 if height > 1 else source.line, len(code) - height + 1))
    shown = range(first, min(first + height, len(code) + 1))
    coloured = highlight("".join(code[first - 1 : shown.stop - 1]), look)
    digits = len(str(shown.stop - 1))
    cut = _common_indent([code[number - 1] for number in shown])
    pairs = zip(shown, coloured, strict=False)
    return [_numbered(source, number, digits, line, linecache.getline(source.file, number), cut, width, look) for number, line in pairs]


def _common_indent(code: list[str]) -> int:
    """How many columns all of these lines begin with spaces, four of them kept."""
    indents = [len(line) - len(line.lstrip(" ")) for line in code if line.strip()]
    return max(min(indents, default=0) - 4, 0)


def _numbered(source: SourceLine, number: int, digits: int, line: Text, code: str, cut: int, width: int, look: Look) -> Text:
    """One numbered line; `code` is it as it stands in the file, whose characters the columns of a `SourceLine` count."""
    last = source.end_line or source.line
    is_here = source.line <= number <= last
    if is_here and source.column is not None and source.end_column is not None:
        begins = source.column if number == source.line else len(code) - len(code.lstrip())
        start = len(clean(code[:begins].expandtabs(TAB)))
        stop = len(clean(code[: source.end_column].expandtabs(TAB))) if number == last else len(line.plain)
        line.stylize(look.palette.style("text", bold=True, background=look.palette.current), start, min(stop, len(line.plain)))
    sign = look.glyphs.current if number == source.line else " "
    style = look.palette.style("accent" if number == source.line else "dim", bold=number == source.line)
    drawn = line_of((f" {number:>{digits}} {sign} ", style), line[cut:])
    drawn.truncate(width, overflow=overflow_of(look))
    return drawn


def highlight(code: str, look: Look = DEFAULT) -> list[Text]:
    """Python code as coloured lines, cleaned."""
    lines = [clean(line) for line in code.split("\n")]
    if lines and not lines[-1]:
        lines.pop()
    if not look.palette.colored:
        return [Text(line, no_wrap=True, end="") for line in lines]
    styles = _token_styles("\n".join(lines))
    drawn = [Text(line, look.palette.style("text"), no_wrap=True, end="") for line in lines]
    for row, start, stop, role in styles:
        drawn[row].stylize(look.palette.style(role), start, stop)
    return drawn


@lru_cache(maxsize=64)
def _token_styles(code: str) -> tuple[tuple[int, int, int, str], ...]:
    """(line, from column, to column, name of the palette) of every token that has a colour."""
    # rich brings pygments, which has no type stubs
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
    from pygments.token import Comment, Keyword, Literal, Name, Operator  # type: ignore[import-untyped]

    roles = ((Comment, "dim"), (Keyword, "weight"), (Operator.Word, "weight"), (Literal.String, "good"), (Literal.Number, "buffer"),
             (Name.Function, "accent"), (Name.Class, "bias"), (Name.Decorator, "bias"), (Name.Builtin, "input"))  # fmt: skip
    found, row, column = [], 0, 0
    for token, words in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        role = next((name for kind, name in roles if token in kind), "")
        for place, piece in enumerate(words.split("\n")):
            if place:
                row, column = row + 1, 0
            if role and piece:
                found.append((row, column, column + len(piece), role))
            column += len(piece)
    return tuple(found)
