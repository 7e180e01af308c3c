"""Why did it stop? A crash in the forward, explained; and an error of any other kind, in its own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from neurontui.errors import name_type
from neurontui.records import Trace
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, wrap_line
from neurontui.rendering.positions import path_parts
from neurontui.text import clean, clean_lines

if TYPE_CHECKING:  # these packages import much that drawing does not need
    from neurontui.explainers.failures.failure import Failure, Side

DEFAULT = Look()


def failure_lines(failure: Failure, width: int, look: Look = DEFAULT) -> list[Text]:
    """The panel of a `Failure`: who gives, who takes, the clash, the rule, the fixes, torch's own words, the user's line."""
    palette = look.palette
    lines = wrap_line(Text(_spell(failure.title, look), palette.style("text", bold=True)), width)
    if failure.rows:
        lines += [Text(end=""), *_sides(failure.rows, width, look), Text(end="")]
    if failure.rule:
        rule = (f"{look.words('Rule:')} ", palette.style("accent", bold=True))
        lines += wrap_line(line_of(rule, (_spell(failure.rule, look), palette.style("text"))), width, 6)
    for place, fix in enumerate(failure.fixes):
        mark = ("Fix:  " if place == 0 else "      ", palette.style("good", bold=True))
        lines += wrap_line(line_of(mark, (_spell(fix, look), palette.style("text"))), width, 6)
    if failure.torch_said:
        said = [part for part in clean_lines(failure.torch_said) if part.strip()]
        for place, words in enumerate(said[:12]):
            head = f"{failure.said_by} said: "
            lines += wrap_line(Text((" " * len(head) if place else head) + words, palette.style("dim")), width, len(head))
    for line in failure.user_lines[-3:]:
        where = f"{clean(line.file.rsplit('/', 1)[-1])}:{line.line}"
        lines += wrap_line(line_of((f"at {where}  ", palette.style("dim")), (clean(line.text.strip()), palette.style("text"))), width, 4)
    return lines


def _sides(rows: tuple[Side, ...], width: int, look: Look) -> list[Text]:
    """One side a line, in columns; the dimension that does not fit is red and underlined, the clash stands behind it."""
    labels = max(len(spell_signs(clean(side.label), look)) for side in rows)
    verbs = max(len(side.verb) for side in rows)
    shapes = max(len(spell_signs(clean(side.shape), look)) for side in rows)
    palette = look.palette
    lines = []
    for side in rows:
        shape = _marked_shape(spell_signs(clean(side.shape), look), side.clashing, look)
        line = line_of(
            (f"  {spell_signs(clean(side.label), look):<{labels}}   ", palette.style("text")),
            (f"{side.verb:<{verbs}}   ", palette.style("dim")),
            shape,
            " " * (shapes - shape.cell_len),
        )
        if side.clash:
            line.append(f"   {spell_signs(clean(side.clash), look)}", palette.style("wrong", bold=True))
        line.rstrip()
        lines += wrap_line(line, width, 6)
    return lines


def _spell(words: str, look: Look) -> str:
    return spell_signs(look.words(clean(words)), look)


def _marked_shape(shape: str, clashing: tuple[int, ...], look: Look) -> Text:
    """`[1, 20]` with the clashing dimensions marked."""
    text = Text(shape, look.palette.style("text"), no_wrap=True, end="")
    for place, found in enumerate(re.finditer(r"[^\[\],\s][^\[\],]*", shape)):
        if place in clashing:
            text.stylize(look.palette.style("wrong", bold=True, underline=True), found.start(), found.end())
    return text


def error_lines(error: BaseException, width: int, look: Look = DEFAULT) -> list[Text]:
    """An exception that nobody diagnosed: its type and message, cleaned and wrapped."""
    kind, *message = error_words(error)
    lines = [Text(kind, look.palette.style("wrong", bold=True), no_wrap=True, end="")]
    for words in message:
        lines += wrap_line(Text(words, look.palette.style("text")), width)
    return lines


def error_words(error: BaseException, most: int = 20) -> list[str]:
    """The exception's type, then its message's lines; an exception whose own `__str__` raises says that."""
    try:
        message = str(error)
    except Exception as inner:
        message = f"(its message cannot be read: {type(inner).__name__})"
    return [clean(name_type(error)), *[line for line in clean_lines(message) if line.strip()][:most]]


def plain_failure(failure: Failure) -> list[str]:
    """The failure for a screen reader: one fact a line, signs as words."""
    lines = ["The forward stopped here.", clean(failure.title)]
    for side in failure.rows:
        clash = f": {clean(side.clash)}" if side.clash else ""
        lines.append(f"{clean(side.label)} {side.verb} {clean(side.shape)}{clash}")
    if failure.rule:
        lines.append(f"Rule: {clean(failure.rule)}")
    lines += [f"Fix: {clean(fix)}" for fix in failure.fixes]
    if failure.torch_said:
        lines.append(f"{failure.said_by} said: " + " ".join(part.strip() for part in clean_lines(failure.torch_said)))
    lines += [f"at {clean(line.file.rsplit('/', 1)[-1])} line {line.line}: {clean(line.text.strip())}" for line in failure.user_lines[-3:]]
    return [line.replace("→", "to").replace("≠", "is not") for line in lines]


def failure_title(trace: Trace, look: Look = DEFAULT) -> str:
    """`"✗ Sequential › 1 › linear   %4 of 5   the forward stopped here"`; cleaned. The failing call is the last that carries the error."""
    index = next((step.index for step in reversed(trace.steps) if step.error is not None), 0)
    path = f" {look.glyphs.separator} ".join(path_parts(trace, index))
    return f"{look.glyphs.wrong} {path}   %{index} of {len(trace.steps)}   the forward stopped here"
