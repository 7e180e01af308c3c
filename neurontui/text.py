"""Text and numbers for people, without Rich: what a model, a tensor or a file says is shown, and never obeyed.

`clean` makes control characters, terminal escapes, bidirectional and zero-width characters visible.
`format_number` writes 4 decimals (scientific for extremes); `exact_number` writes every digit that the number holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


def clean(text: object) -> str:
    """`str(text)` on one line, with nothing in it that a terminal obeys: `"\\x1b[31m"` becomes `"␛[31m"`."""
    raise NotImplementedError


def clean_lines(text: object) -> list[str]:
    """The lines of `text`, each cleaned; tabs become four spaces."""
    raise NotImplementedError


def format_number(number: Any, decimals: int = 4) -> str:
    """`2.6999998` → `"2.7000"`, `1.2e-7` → `"1.2000e-07"`, `3` → `"3"`, `nan`, `inf`, `True`, `1.0000+2.0000i`."""
    raise NotImplementedError


def short_number(number: Any, decimals: int = 4) -> str:
    """`format_number` without trailing zeros, for running text: `2.6999998` → `"2.7"`, `4.0` → `"4"`."""
    raise NotImplementedError


def exact_number(number: Any, dtype: object = None) -> str:
    """The shortest digits that give this very number back in `dtype` (`torch.float32`, `"bfloat16"`): `"2.6999998"`.

    Without a dtype: float32 where the number fits in it exactly, else float64.
    """
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Column:
    """How wide a column of numbers is on each side of its point."""

    left: int
    right: int  # the point included; 0 where no number has one

    @property
    def width(self) -> int:
        return self.left + self.right

    def align(self, written: str) -> str:
        """`written` padded so that its point stands in the column's place; text that is no number is set right."""
        raise NotImplementedError


def fit_column(written: Iterable[str]) -> Column:
    """The narrowest column in which all of these numbers, as they are written, align on the point."""
    raise NotImplementedError


def format_shape(shape: Iterable[int]) -> str:
    """`(2, 2)` → `"[2, 2]"`; a scalar is `"[]"`."""
    raise NotImplementedError


def format_shapes(structure: Any) -> str:
    """The shapes of a value or of a nested structure of values: `"[2]"`, `"[2], [1, 3]"`, `"[2], … (5 tensors)"`, `"none"`."""
    raise NotImplementedError


def format_dtype(dtype: object) -> str:
    """`torch.float32` → `"float32"`."""
    raise NotImplementedError


def format_index(name: str, index: Iterable[int]) -> str:
    """`("weight", (0, 1))` → `"weight[0, 1]"`; an empty index is the name alone."""
    raise NotImplementedError


def format_bytes(count: int) -> str:
    """`33554432` → `"32 MB"`."""
    raise NotImplementedError


def format_duration(seconds: float) -> str:
    """`0.0000132` → `"13 µs"`."""
    raise NotImplementedError


def shorten(text: str, width: int, mark: str = "…") -> str:
    """`text` in at most `width` characters, cut at its end."""
    raise NotImplementedError
