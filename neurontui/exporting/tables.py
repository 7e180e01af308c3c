"""What pages are made of: cells, tables, pages; and a worksheet, the same pages with their answers blanked and numbered."""

from __future__ import annotations

from dataclasses import dataclass, replace


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
class Page:
    """One step. `parts` are tables, paragraphs, and headings (`"# Why is …"`)."""

    anchor: str
    title: str
    shapes: str
    depth: int
    facts: tuple[tuple[str, str], ...]
    parts: tuple[PageTable | str, ...]
    failed: bool = False


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

    def cover_part(part: PageTable | str) -> PageTable | str:
        return part if isinstance(part, str) else replace(part, rows=tuple(tuple(map(cover, row)) for row in part.rows))

    covered = tuple(replace(page, parts=tuple(map(cover_part, page.parts))) for page in pages)
    return covered, tuple(key)
