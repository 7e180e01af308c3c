"""Terms as arrays: columns of names, index arrays and numbers. A `Term` object is made only when it is read."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, cast, overload

import numpy as np
from numpy.typing import NDArray

from neurontui.explanation import Combine, Factor, Number, Origin, Term

Array = NDArray[Any]
Resolve = Callable[["Column", tuple[int, ...]], Origin]


class Cells(Sequence[tuple[int, ...]]):
    """The cells of a box in row-major order, each made when it is read: `ranges` holds one range a dimension."""

    def __init__(self, ranges: Sequence[range]) -> None:
        self._ranges = tuple(ranges)
        self._size = math.prod(map(len, self._ranges))

    def ends(self, place: int) -> tuple[int, int]:
        """The least and the greatest index in dimension `place`."""
        steps = self._ranges[place]
        return min(steps[0], steps[-1]), max(steps[0], steps[-1])

    def __len__(self) -> int:
        return self._size

    def __contains__(self, cell: object) -> bool:
        return isinstance(cell, tuple) and len(cell) == len(self._ranges) and all(map(operator.contains, self._ranges, cell))

    @overload
    def __getitem__(self, place: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[int, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[int, ...] | list[tuple[int, ...]]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(self._size))]
        if not -self._size <= place < self._size:
            raise IndexError(place)
        place %= self._size
        index = []
        for steps in reversed(self._ranges):
            place, i = divmod(place, len(steps))
            index.append(steps[i])
        return tuple(reversed(index))


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One factor of many terms: `index` is (n, dims) or Cells, `numbers` is (n,), n being 1 where it is the same for all terms.

    `source` is None for a number read from the argument `name`, an `Origin` where it is known (a literal),
    or the `Draft` of the stage that computed it. `recorded` holds the numbers as they were recorded, where autocast rounded them first.
    `chooses`: the numbers only say which others are taken (see `chooser`).
    """

    name: str
    index: Array | Cells
    numbers: Array
    source: Any = None
    recorded: Array | None = None
    chooses: bool = False

    def ends(self, place: int) -> tuple[int, ...]:
        """The least and the greatest index in dimension `place`; `()` for a column of none."""
        if not len(self.index):
            return ()
        if isinstance(self.index, Cells):
            return self.index.ends(place)
        return int(self.index[:, place].min()), int(self.index[:, place].max())

    @property
    def number(self) -> Number:
        """The number of a column of one."""
        return number(self.numbers[0])

    @property
    def real(self) -> float:
        """The same, to calculate with.

        Raises:
            TypeError: it is complex.
        """
        return float(self.numbers[0])


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Terms of one form. `values` is (n,); `label` and `mark` are one text for all, or (n,) of them, or made from the place.

    `columns` may be a function of the place too, giving columns of one row: a term of a thousand factors costs nothing until it is read.
    """

    columns: tuple[Column, ...] | Callable[[int], tuple[Column, ...]]
    values: Array
    label: str | Sequence[str] | Callable[[int], str] = ""
    mark: str | Sequence[str] = ""


def literal(name: str, value: Number, note: str = "") -> Column:
    """A factor that is no tensor's element: a number in the code, or one that follows from the arguments (1/(1−p))."""
    return Column(name, np.empty((1, 0), np.int64), np.array([value]), Origin("literal", name=name, note=note))


def chooser(column: Column) -> Column:
    """The same numbers as factors that are not calculated with: they say which number is taken (an index, a condition, a class)."""
    return replace(column, chooses=True)


def products(
    *columns: Column,
    label: str | Sequence[str] | Callable[[int], str] = "",
    mark: str | Sequence[str] = "",
    values: Array | Sequence[Number] | Number | None = None,
) -> Block:
    """A block of n terms, n the length of the longest column or of `values`: each is the product of its factors, or its value."""
    lengths = [len(column.numbers) for column in columns]
    n = 0 if 0 in lengths else max(lengths, default=1)
    if values is None:
        with np.errstate(all="ignore"):
            factors = [arithmetic(column.numbers) for column in columns if not column.chooses] or [np.ones(1, np.int64)]
            result: Array = np.broadcast_to(reduce(np.multiply, factors) + 0, (n,))  # + 0: −0.0 is shown as 0
    else:
        given = np.atleast_1d(np.asarray(values))
        result = np.broadcast_to(given, (n if n == 0 else max(n, len(given)),))
    return Block(columns, result, label, mark)


def arithmetic(numbers: Array) -> Array:
    """The numbers as something to calculate with: bool becomes int64, so that True + True is 2."""
    return numbers.astype(np.int64) if numbers.dtype == np.bool_ else numbers


def number(value: Any) -> Number:
    """A plain Python number."""
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]


KEPT = 256  # terms that stay made


class Terms(Sequence[Term]):
    """The terms of an explanation, each made when it is read; `values()` and `running(k)` make none.

    The last ones stay made, as one of a recurrent layer can have hundreds of factors and is read several times to be laid out and drawn.
    """

    def __init__(
        self, blocks: Sequence[Block], resolve: Resolve, combine: Combine = "sum", order: Array | None = None,
        made: dict[int, Term] | None = None,
    ) -> None:  # fmt: skip
        self._blocks = tuple(blocks)
        self._resolve = resolve
        self._combine = combine
        self._order = order
        self._made = {} if made is None else made
        self._ends = np.cumsum([len(block.values) for block in self._blocks], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._order) if self._order is not None else int(self._ends[-1]) if len(self._ends) else 0

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> Terms: ...
    def __getitem__(self, place: int | slice) -> Term | Terms:
        if isinstance(place, slice):
            order = np.arange(len(self)) if self._order is None else self._order
            return self._ordered(order[place])
        size = len(self)
        if not -size <= place < size:
            raise IndexError(f"there are {size} terms")
        place %= size
        return self._term(int(self._order[place]) if self._order is not None else place)

    def __iter__(self) -> Iterator[Term]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<{len(self)} terms>"

    @cached_property
    def _values(self) -> Array:
        values = join([block.values for block in self._blocks])
        return values if self._order is None else values[self._order]

    @cached_property
    def _running(self) -> Array:
        gather = {"sum": np.cumsum, "product": np.cumprod, "max": np.maximum.accumulate, "min": np.minimum.accumulate}.get(self._combine)
        with np.errstate(all="ignore"):
            return self._values if gather is None else gather(self._values)  # type: ignore[operator]

    def values(self) -> Array:
        """The value of each term, in order: (n,) float64, int64 or complex128."""
        return self._values

    def running(self, place: int) -> Number:
        """What `combine` makes of the terms up to and with this one, in float64; for "pick" and "apply" the term itself."""
        return number(self._running[place])

    def by_size(self) -> Terms:
        """The same terms, the largest |value| first (stable; NaN first of all)."""
        size = np.abs(self._values).astype(np.float64)
        order = np.argsort(np.where(np.isnan(size), -np.inf, -size), kind="stable")
        return self._ordered(order if self._order is None else self._order[order])

    def in_order(self) -> Terms:
        """The same terms in their own order again."""
        return self if self._order is None else self._ordered(np.sort(self._order))

    def share(self, count: int) -> float:
        """How much of Σ|value| the first `count` terms cover, from 0 to 1 (1 where the sum is zero)."""
        size = np.abs(self._values).astype(np.float64)
        total = float(size.sum())
        return float(size[:count].sum()) / total if total > 0 and math.isfinite(total) else 1.0

    def nonfinite(self) -> list[int]:
        """The places of the terms whose value is NaN or infinite."""
        return [] if self._values.dtype.kind in "iub" else [int(i) for i in np.flatnonzero(~np.isfinite(self._values))]

    def span(self, form: tuple[str, ...], factor: int, place: int) -> tuple[int, int] | None:
        """The least and the greatest index at `place` of operand number `factor`, in all terms of these names (or with a literal for one).

        None where that cannot be told without making the terms.
        """
        if any(callable(block.columns) for block in self._blocks) or (self._order is not None and len(self._order) < self._ends[-1]):
            return None
        ends: list[int] = []
        for block in self._blocks:
            columns = [column for column in cast("tuple[Column, ...]", block.columns) if not column.chooses]
            alike = len(columns) == len(form) and all(c.name == name or _is_literal(c) for c, name in zip(columns, form, strict=True))
            if alike and len(block.values) and not _is_literal(columns[factor]):
                ends += columns[factor].ends(place)
        return (min(ends), max(ends)) if ends else None

    def _ordered(self, order: Array) -> Terms:
        return Terms(self._blocks, self._resolve, self._combine, order, self._made)

    def _term(self, place: int) -> Term:
        made = self._made.get(place)
        if made is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            made = self._made[place] = self._make(place)
        return made

    def _make(self, place: int) -> Term:
        which = int(np.searchsorted(self._ends, place, side="right"))
        block = self._blocks[which]
        row = place - (int(self._ends[which - 1]) if which else 0)
        columns = block.columns(row) if callable(block.columns) else block.columns
        factors = tuple(self._factor(column, row) for column in columns)
        label = block.label(row) if callable(block.label) else block.label if isinstance(block.label, str) else block.label[row]
        mark = block.mark if isinstance(block.mark, str) else str(block.mark[row])
        named = label or " · ".join(spell(factor) for factor in factors if not factor.chooses)
        return Term(named, factors, number(block.values[row]), mark)

    def _factor(self, column: Column, row: int) -> Factor:
        index = tuple(map(int, column.index[row if len(column.index) > 1 else 0]))
        numbers = column.numbers if column.recorded is None else column.recorded
        value = number(numbers[row if len(numbers) > 1 else 0])
        return Factor(column.name, index, value, self._resolve(column, index), column.chooses)


def _is_literal(column: Column) -> bool:
    return isinstance(column.source, Origin) and column.source.kind == "literal"


def spell(factor: Factor) -> str:
    """`weight[0, 1]`, or the bare name for a number that has no index."""
    return f"{factor.name}[{', '.join(map(str, factor.index))}]" if factor.index else factor.name


def join(parts: Iterator[Array] | Sequence[Array]) -> Array:
    """The arrays one after another, in the widest of their types."""
    arrays = [arithmetic(np.asarray(part)) for part in parts]
    if len(arrays) == 1:
        return arrays[0]  # no copy of millions of terms
    return np.concatenate(arrays) if arrays else np.zeros(0)
