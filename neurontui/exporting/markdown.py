"""Pages as Markdown."""

from __future__ import annotations

import re

from neurontui.exporting.tables import Cell, Page, PageTable


def write_markdown(pages: tuple[Page, ...], title: str, key: tuple[tuple[int, str], ...] = ()) -> str:
    """The walk as one Markdown text: contents, a section a step, and the key of a worksheet."""
    lines = [f"# {escape(title)}", "", "| step | | shapes |", "|---|---|---|"]
    for page in pages:
        name = page.title.rsplit(" › ", 1)[-1]
        indent = "&nbsp;" * 4 * page.depth
        lines.append(f"| [{page.anchor.rpartition('-')[2]}](#{page.anchor}) | {indent}{escape(name)} | {escape(page.shapes)} |")
    for page in pages:
        mark = "✗ " if page.failed else ""
        lines += ["", f'<a id="{page.anchor}"></a>', "", f"## {mark}{escape(page.title)}", ""]
        lines += [f"- {name}: {code(words) if name in ('code', 'operation') else escape(words)}" for name, words in page.facts]
        for part in page.parts:
            lines += ["", *(_table(part) if isinstance(part, PageTable) else [_paragraph(part)])]
    if key:
        lines += ["", "## Key", "", *(f"{number}. {escape(answer)}" for number, answer in key)]
    return "\n".join(lines) + "\n"


def _paragraph(words: str) -> str:
    """A heading, a formula in code, or a sentence."""
    level, _, rest = words.partition(" ")
    if level in ("#", "##"):
        return f"{'###' if level == '#' else '####'} {escape(rest)}"
    found = re.fullmatch(r"`([^`]*)`(.*)", words)
    return code(found[1]) + escape(found[2]) if found else escape(words)


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
