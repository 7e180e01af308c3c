"""Where a cursor goes: pure arithmetic on rows and columns."""

from __future__ import annotations


def move_row(row: int, count: int, page: int, way: str) -> int:
    """The row, of `count`, that a key leads to from `row`."""
    page = max(page - 1, 1)
    targets = {"up": row - 1, "down": row + 1, "pageup": row - page, "pagedown": row + page, "home": 0, "end": count - 1}
    return min(max(targets.get(way, row), 0), max(count - 1, 0))


def move_cell(cell: tuple[int, int], rows: int, columns: int, page: int, page_columns: int, way: str) -> tuple[int, int]:
    """The cell that a key leads to; home and end go to the ends of the row, or, there already, to those of the tensor."""
    row, column = cell
    if way in ("home", "end"):
        edge = 0 if way == "home" else columns - 1
        return (row, edge) if column != edge else (0 if way == "home" else rows - 1, edge)
    across = {"left": -1, "right": 1, "pageleft": -page_columns, "pageright": page_columns}
    column = min(max(column + across.get(way, 0), 0), max(columns - 1, 0))
    return (row if way in across else move_row(row, rows, page + 1, way)), column
