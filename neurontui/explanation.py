"""The answer to "why is it this value?": `Explanation`, `Term`, `Factor`, `Origin`. All frozen; none imports torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Number = int | float | complex | bool
Method = Literal["formula", "index", "element", "gradient"]
Combine = Literal["sum", "product", "max", "min", "pick", "apply"]
OriginKind = Literal["step", "stage", "input", "parameter", "buffer", "attribute", "literal", "outside", "unknown"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number came from. `step`/`output`/`index` lead on; `name` is a parameter, buffer, input or attribute."""

    kind: OriginKind
    step: int | None = None
    output: int | None = None
    name: str | None = None
    index: tuple[int, ...] | None = None
    stage: int | None = None  # for kind "stage": its place in Explanation.stages
    note: str = ""  # for "outside": first seen at this line; for "unknown": why


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of a term: `name` is the argument it was read from ("input"), `index` its place there.

    `chooses`: it only says which number is taken (an index, a condition, a target class), and is not calculated with.
    """

    name: str
    index: tuple[int, ...]
    number: Number
    origin: Origin
    chooses: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the value. `mark` names a special case: "padding", "dropped", "masked", "winner", "picked", …"""

    label: str
    factors: tuple[Factor, ...]
    value: Number
    mark: str = ""

    @property
    def operands(self) -> tuple[Factor, ...]:
        """The factors that the value is calculated from, without those that only chose them."""
        return tuple(factor for factor in self.factors if not factor.chooses)


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw beside the terms, and to mark on a tensor while the explanation is shown.

    `kind` is "window", "row", "column", "group", "map", "broadcast", "curve" or "bar"; `argument` names the tensor ("output" too),
    `cells` holds the marked indices in it (made when read, may be long). A tensor with a `shape` is drawn as a small grid of its
    two `axes` (the last two where none are named), with the `focus` in it, and what falls `outside` of it, on padding; of a "row"
    only the rows next to it.
    `curve` holds the (x, y) points of a function, or the (place, height) of bars, whose `labels` are their names.
    """

    kind: str
    argument: str = ""
    cells: Sequence[tuple[int, ...]] = ()
    curve: Sequence[tuple[float, float]] = ()
    point: tuple[float, float] | None = None
    caption: str = ""
    shape: tuple[int, ...] = ()  # of the argument; `explain()` fills it in
    axes: tuple[int, ...] = ()  # the dimensions that are drawn downwards and across
    outside: Sequence[tuple[int, ...]] = ()
    focus: tuple[int, ...] | None = None  # the one cell that counts: a pool's winner, the element that a norm scales
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why `output[at]` of a step has its value.

    `computed` is exactly what `combine` makes of the terms; `actual` is what the kernel gave. `agrees` is
    `difference <= tolerance`, or None where there is nothing to hold it against (memory that nobody wrote, an edited number).
    """

    step: int
    at: tuple[int, ...]
    formula: str
    method: Method
    combine: Combine
    terms: Sequence[Term]
    computed: Number | None
    actual: Number | None
    difference: float | None
    tolerance: float | None
    agrees: bool | None
    output: int = 0
    title: str = ""  # a stage's name: "mean", "variance", "normalised", "query · key"
    exact: bool | None = None  # computed, rounded to the output's dtype, is the kernel's value
    captured: bool = True  # False: recomputed, the kernel never stored this number
    stages: tuple[Explanation, ...] = ()
    indices: Mapping[str, int] = field(default_factory=dict)  # the letters of the formula: {"o": 0}
    notes: tuple[str, ...] = ()  # plain sentences: "survivors are scaled by 1/(1-p) = 2"
    zero: str = ""  # why it is zero: "relu", "dropped", "padding", "masked", "sum", "factor", "underflow"; "" for none
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    made_by: str = ""  # "fc2/linear (%5)": which call inside the module that was asked about made this number
    edited: bool = False  # the person set this number: `actual` is theirs, `computed` what the formula gives


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of numbers to be shown under one another, as input, mask, ×1/(1−p), output of a dropout. `highlight` is a column.

    `zeros` says by (row, column) why a zero is zero, where that is known, in the words of `Explanation.zero`.
    """

    title: str
    rows: tuple[tuple[str, tuple[Number | str | None, ...]], ...]
    columns: tuple[str, ...] = ()
    highlight: int | None = None
    zeros: Mapping[tuple[int, int], str] = field(default_factory=dict)
