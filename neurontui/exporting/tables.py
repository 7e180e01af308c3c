"""What pages are made of: cells, tables, lists, code; and a worksheet, the same pages with their answers blanked and numbered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Cell:
    """`role` colours it, `number` tints its ground; an `answer` is blanked in a worksheet."""

    text: str
    role: str = ""
    number: float | None = None
    header: bool = False
    answer: bool = False
    source: object = None  # what number this is, where it is one of the trace's: asked twice, it is one question


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table. `scale` is the largest magnitude in it, where its cells are tinted."""

    caption: str
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[Cell, ...] = ()
    kind: str = "computation"  # or "tensor"
    scale: float = 0.0


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: items of a list, numbers of one that is counted, or code as it stands."""

    kind: Literal["items", "numbers", "code"]
    lines: tuple[str, ...]


Part = PageTable | Block | str  # a text is a heading (`"# Why is …"`), or a sentence with code between backquotes


@dataclass(frozen=True, slots=True)
class Page:
    """One step, or one page of a lesson."""

    anchor: str
    title: str
    shapes: str
    depth: int
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    failed: bool = False
    unit: Literal["step", "page"] = "step"


def blank(pages: tuple[Page, ...]) -> tuple[tuple[Page, ...], tuple[tuple[int, str], ...]]:
    """The pages of a worksheet, every answer a numbered blank, and the key: (number, answer)."""
    key: list[tuple[int, str]] = []
    asked: dict[object, int] = {}

    def cover(cell: Cell) -> Cell:
        if not cell.answer or not cell.text.strip():
            return cell
        question = asked.get((cell.source, cell.text)) if cell.source is not None else None
        if question is None:
            question = asked[cell.source, cell.text] = len(key) + 1
            key.append((question, cell.text))
        return replace(cell, text=f"({question})", number=None)

    def cover_part(part: Part) -> Part:
        return part if not isinstance(part, PageTable) else replace(part, rows=tuple(tuple(map(cover, row)) for row in part.rows))

    covered = tuple(replace(page, parts=tuple(map(cover_part, page.parts))) for page in pages)
    return covered, tuple(key)


def say_page(page: Page, say: Callable[[str], str]) -> Page:
    """A page with its sentences, headings and cells in another language."""

    def say_lines(text: str) -> str:
        return "\n".join(map(say, text.split("\n")))

    def say_part(part: Part) -> Part:
        if isinstance(part, Block):
            return part
        if isinstance(part, str):
            level, _, words = part.partition(" ")
            return f"{level} {say(words)}" if level in ("#", "##") else say(part)
        rows = tuple(tuple(replace(cell, text=say_lines(cell.text)) for cell in row) for row in part.rows)
        return replace(part, caption=say(part.caption), rows=rows, heads=tuple(replace(head, text=say(head.text)) for head in part.heads))

    return replace(page, parts=tuple(map(say_part, page.parts)))
