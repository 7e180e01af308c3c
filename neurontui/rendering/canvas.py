"""A canvas of dots: eight to a cell in Braille, one to a cell in ASCII."""

from __future__ import annotations

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # the bits of a Braille cell, by row and column


class Canvas:
    """Dots on `width` x `height` cells. Coordinates are dots, (0, 0) at the upper left."""

    def __init__(self, width: int, height: int, ascii: bool = False) -> None:
        self.across, self.down = (1, 1) if ascii else (2, 4)
        self.width, self.height = width, height
        self._ascii = ascii
        self._cells = [[0] * width for _ in range(height)]

    @property
    def size(self) -> tuple[int, int]:
        """Dots across and down."""
        return self.width * self.across, self.height * self.down

    def dot(self, x: int, y: int) -> None:
        """Set a dot; one outside of the canvas is left out."""
        if 0 <= x < self.size[0] and 0 <= y < self.size[1]:
            bit = 1 if self._ascii else _DOTS[y % 4][x % 2]
            self._cells[y // self.down][x // self.across] |= bit

    def cell_of(self, x: int, y: int) -> tuple[int, int]:
        """The cell (column, row) that a dot is in."""
        return min(max(x // self.across, 0), self.width - 1), min(max(y // self.down, 0), self.height - 1)

    def rows(self, mark: str = "o") -> list[str]:
        """The canvas as lines of text; `mark` is the ASCII dot."""
        if self._ascii:
            return ["".join(mark if cell else " " for cell in row) for row in self._cells]
        return ["".join(chr(0x2800 + cell) if cell else " " for cell in row) for row in self._cells]
