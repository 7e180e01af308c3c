"""A canvas of dots: four to a cell in quadrant blocks (most terminals' fonts lack Braille), one to a cell in ASCII."""

from __future__ import annotations

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"  # by bits: upper left 1, upper right 2, lower left 4, lower right 8


class Canvas:
    """Dots on `width` x `height` cells. Coordinates are dots, (0, 0) at the upper left."""

    def __init__(self, width: int, height: int, ascii: bool = False) -> None:
        self.fine = 1 if ascii else 2  # dots across and down a cell
        self.width, self.height = width, height
        self._cells = [[0] * width for _ in range(height)]

    @property
    def size(self) -> tuple[int, int]:
        """Dots across and down."""
        return self.width * self.fine, self.height * self.fine

    def dot(self, x: int, y: int) -> None:
        """Set a dot; one outside of the canvas is left out."""
        if 0 <= x < self.size[0] and 0 <= y < self.size[1]:
            self._cells[y // self.fine][x // self.fine] |= 1 << (x % self.fine + 2 * (y % self.fine))

    def cell_of(self, x: int, y: int) -> tuple[int, int]:
        """The cell (column, row) that a dot is in."""
        return min(max(x // self.fine, 0), self.width - 1), min(max(y // self.fine, 0), self.height - 1)

    def rows(self, mark: str = "*") -> list[str]:
        """The canvas as lines of text; `mark` is the ASCII dot."""
        signs = [" ", mark] if self.fine == 1 else list(_QUADRANTS)
        return ["".join(signs[cell] for cell in row) for row in self._cells]
