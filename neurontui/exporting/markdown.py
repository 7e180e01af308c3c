"""Pages as Markdown."""

from __future__ import annotations

import re

from neurontui.exporting.tables import Block, Cell, Page, PageTable, Part
from neurontui.lessons.words import ENGLISH, Words


def write_markdown(pages: tuple[Page, ...], title: str, key: tuple[tuple[int, str], ...] = (), words: Words = ENGLISH) -> str:
    """The walk as one Markdown text: contents, a section a step, and the key of a worksheet."""
    unit = pages[0].unit if pages else "step"
    lines = [f"# {escape(title)}", "", f"| {escape(words(unit))} | | {escape(words('shapes'))} |", "|---|---|---|"]
    for page in pages:
        name = page.title.rsplit(" › ", 1)[-1]
        indent = "&nbsp;" * 4 * page.depth
        lines.append(f"| [{page.anchor.rpartition('-')[2]}](#{page.anchor}) | {indent}{escape(name)} | {escape(page.shapes)} |")
    for page in pages:
        mark = "✗ " if page.failed else ""
        lines += ["", f'<a id="{page.anchor}"></a>', "", f"## {mark}{escape(page.title)}", ""]
        lines += [f"- {name}: {code(told) if name in ('code', 'operation') else escape(told)}" for name, told in page.facts]
        for part in page.parts:
            lines += ["", *_part(part)]
    if key:
        lines += ["", f"## {escape(words('Key'))}", "", *(f"{number}. {escape(answer)}" for number, answer in key)]
    return "\n".join(lines) + "\n"


def _part(part: Part) -> list[str]:
    """A table, a list, code, a heading, or a sentence."""
    if isinstance(part, PageTable):
        return _table(part)
    if isinstance(part, Block):
        return _block(part)
    level, _, rest = part.partition(" ")
    if level in ("#", "##"):
        return [f"{'###' if level == '#' else '####'} {escape(rest)}"]
    return [_inline(part)]


def _block(block: Block) -> list[str]:
    if block.kind == "code":
        longest = max((len(run) for line in block.lines for run in re.findall(r"`+", line)), default=0)
        fence = "`" * max(longest + 1, 3)
        return [fence, *block.lines, fence]
    marks = (f"{place}." if block.kind == "numbers" else "-" for place in range(1, len(block.lines) + 1))
    return [f"{mark} {_inline(line)}" for mark, line in zip(marks, block.lines, strict=True)]


def _inline(words: str) -> str:
    """A sentence, what stands between backquotes as code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:  # one that has no end is itself
        return escape(words)
    return "".join(code(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def _table(sheet: PageTable) -> list[str]:
    """A table with its caption; Markdown wants a line of heads, so the first may be empty."""
    width = max(len(row) for row in (*sheet.rows, sheet.heads))
    heads = sheet.heads or (Cell(""),) * width
    caption = [] if sheet.caption in ("terms", "result") else [f"**{escape(sheet.caption)}**", ""]
    lines = [*caption, _row(heads, width), "|" + "|".join(" ---: " for _ in range(width)) + "|"]
    return lines + [_row(row, width) for row in sheet.rows]


def _row(cells: tuple[Cell, ...], width: int) -> str:
    words = [f"**{escape(cell.text)}**" if cell.header and cell.text else escape(cell.text) for cell in cells]
    return "| " + " | ".join(words + [""] * (width - len(cells))) + " |"


def escape(words: str) -> str:
    """Text that Markdown takes as text: nothing of a model's names is a link, HTML, or a new cell."""
    escaped = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", words.replace("&", "&amp;").replace("<", "&lt;"))
    return escaped.replace("\n", "<br>")


def code(words: str) -> str:
    """Text as code, whatever backticks it has in it."""
    longest = max((len(run) for run in re.findall(r"`+", words)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{fence}{pad}{words}{pad}{fence}".replace("|", "\\|")
