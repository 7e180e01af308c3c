"""The tensors of a step as frames: which stand together in one frame, which slice of each is seen, where the cursor is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neurontui.errors import NeuronTUIError
from neurontui.rendering.tensors import Grid, lay_grid
from neurontui.rendering.values import value_title
from neurontui.text import clean, format_index
from neurontui.tui.placement import MOST

if TYPE_CHECKING:
    from neurontui.debugger import Place, Shown
    from neurontui.debugger.places import Reached

Index = tuple[int, ...]
Plane = tuple[int | None, ...]
UNLISTED = -1  # the number of a tensor that is none of the step's own


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One tensor, or two dimensions of it, as columns of a frame. `shown` is its number among the step's tensors."""

    shown: int
    title: str
    role: str
    tensor: Any  # the slice that is seen: at most two dimensions; None where it cannot be read
    grid: Grid
    plane: Plane
    before: Any = None  # the same slice in the run before the edits
    error: str = ""

    def index_of(self, row: int, column: int) -> Index:
        """The whole tensor's index of a cell of this part."""
        free = iter(self.grid.index(row, column))
        return tuple(next(free) if fixed is None else fixed for fixed in self.plane)

    def cell_of(self, index: Index) -> tuple[int, int] | None:
        """The cell that shows this element, or None where it is in another slice."""
        if len(index) != len(self.plane) or any(f is not None and f != i for f, i in zip(self.plane, index, strict=True)):
            return None
        return self.grid.cell(tuple(i for f, i in zip(self.plane, index, strict=True) if f is None))


@dataclass(frozen=True, slots=True, eq=False)
class TensorFrame:
    """What one frame shows: parts side by side, and which cells are marked."""

    title: str
    role: str
    parts: tuple[Part, ...]
    selected: bool = False
    cursor: tuple[int, int] | None = None  # row, and column counted over all parts
    op: str = ""  # the step's operation, where the rows are the first dimension's: a Linear's are neurons
    short: str = ""  # the title without the shapes, for a narrow frame: `input[0,0,:,:]`
    later: str = ""  # the step that wrote over the tensor in place afterwards

    @property
    def frozen(self) -> int:
        """How many columns at the end stay in sight while the others scroll: vectors beside a matrix."""
        return len(self.parts) - 1 if self.parts and self.parts[0].grid.dims == 2 else 0

    @property
    def unreadable(self) -> str:
        """Why its numbers cannot be shown; "" where they can."""
        return next((part.error for part in self.parts if part.tensor is None), "")

    @property
    def rows(self) -> int:
        return max((part.grid.rows for part in self.parts), default=0)

    @property
    def columns(self) -> int:
        return sum(part.grid.columns for part in self.parts)

    def part_at(self, column: int) -> tuple[Part, int]:
        """The part that a column of the frame belongs to, and the column's number in that part."""
        for part in self.parts:
            if column < part.grid.columns:
                return part, column
            column -= part.grid.columns
        return self.parts[-1], self.parts[-1].grid.columns - 1


def lay_frames(
    tensors: Sequence[Shown], place: Place, comparing: str = "now", op: str = "", spoken: Mapping[str, Index] | None = None
) -> tuple[TensorFrame, ...]:
    """The frames of a step's tensors, at most `MOST` of them: the first, the one that is looked at, the output, and those between.

    `spoken` holds, by a tensor's title, a cell that the explanation speaks of: the slice with it is shown.
    """
    planes = [_plane_of(shown, number, place, (spoken or {}).get(shown.title)) for number, shown in enumerate(tensors)]
    groups = _group(tensors, planes)
    chosen = next((number for number, group in enumerate(groups) if place.shown in group), 0)
    wanted = [0, chosen, len(groups) - 1, *range(1, len(groups))]
    picked = sorted(set(list(dict.fromkeys(wanted))[:MOST])) if groups else []
    return tuple(_lay_frame(tensors, groups[number], planes, place, comparing, op) for number in picked)


def slope_frame(reached: Reached) -> TensorFrame:
    """How much each element of this step's output moves with the element that `reach` asked about."""
    plane = default_plane(reached.slopes.shape, reached.largest[0][0] if reached.largest else None)
    grid = lay_grid([size for size, fixed in zip(reached.slopes.shape, plane, strict=True) if fixed is None])
    tensor = reached.slopes[tuple(slice(None) if fixed is None else fixed for fixed in plane)]
    title = f"moved by {format_index(reached.source, reached.at)}"
    return TensorFrame(clean(title), "output", (Part(UNLISTED, "slope", "output", tensor, grid, plane),))


def default_plane(shape: Sequence[int], index: Index | None = None) -> Plane:
    """The last two dimensions whole, those before at `index`, or 0."""
    leading = len(shape) - 2
    return tuple((index[d] if index else 0) if d < leading else None for d in range(len(shape)))


def _group(tensors: Sequence[Shown], planes: Sequence[Plane]) -> list[tuple[int, ...]]:
    """What belongs to the same rows stands in one frame: a bias beside its weight, running means beside variances."""
    groups: list[tuple[int, ...]] = []
    for number in range(len(tensors)):
        first = groups[-1][0] if groups else 0
        if number and _belong(tensors[first], tensors[number]) and _shows_rows(planes[first]):
            groups[-1] = (*groups[-1], number)
        else:
            groups.append((number,))
    return groups


def _belong(first: Shown, other: Shown) -> bool:
    """Whether `other` is a vector with one number for each row of `first`, and of its kind."""
    kinds = {"weight": "parameter", "bias": "parameter", "buffer": "buffer"}
    same = first.role in kinds and kinds[first.role] == kinds.get(other.role)
    return same and 1 <= len(first.value.shape) <= 2 and other.value.shape == first.value.shape[:1]


def _shows_rows(plane: Plane) -> bool:
    """Whether the rows that are seen go along the tensor's first dimension: in `weight[0, :]` they are those of one neuron's inputs."""
    return plane[:1] == (None,)


def _lay_frame(
    tensors: Sequence[Shown], group: tuple[int, ...], planes: Sequence[Plane], place: Place, comparing: str, op: str
) -> TensorFrame:
    parts = tuple(part for number in group for part in _parts(tensors[number], number, planes[number], comparing))
    shown = [tensors[number] for number in group]
    selected = place.shown in group
    places = [":" if fixed is None else str(fixed) for fixed in parts[0].plane]
    is_slice = places.count(":") < len(places)
    before = " before" if comparing == "before" and any(one.before is not None for one in shown) else ""
    title = _title(shown) + (f" at [{', '.join(places)}]" if is_slice else "") + before
    short = " + ".join([shown[0].title + (f"[{','.join(places)}]" if is_slice else ""), *(one.title for one in shown[1:])]) + before
    cursor = _find_cursor(tensors, parts, place, selected)
    later = "" if shown[0].overwritten is None or before else shown[0].overwritten.name
    return TensorFrame(title, shown[0].role, parts, selected, cursor, op if _shows_rows(parts[0].plane) else "", short, later)


def _title(group: Sequence[Shown]) -> str:
    """`"weight [2, 2] + bias [2]"`; a shape that all have is said once."""
    if len({one.value.shape for one in group}) == 1:
        return value_title(" + ".join(one.title for one in group), group[0].value)
    return " + ".join(value_title(one.title, one.value) for one in group)


def _parts(shown: Shown, number: int, plane: Plane, comparing: str) -> tuple[Part, ...]:
    before = shown.before if shown.before is not None and shown.before.shape == shown.value.shape else None
    old = _read_part("before", number, shown.role, before, plane) if before is not None else None
    now = _read_part(shown.title, number, shown.role, shown.value, plane)
    if old is None:
        return (now,)
    if comparing == "before":
        return (replace(old, title=shown.title),)
    if comparing == "both" and now.grid.dims <= 1 and shown.role == "output":
        return old, replace(now, title="now", before=old.tensor)
    return (replace(now, before=old.tensor),)


def _plane_of(shown: Shown, number: int, place: Place, spoken: Index | None) -> Plane:
    shape = shown.value.shape
    if number == place.shown and len(place.plane) == len(shape) and sum(p is None for p in place.plane) <= 2:
        return place.plane
    is_explained = shown.output is not None and shown.output == place.output and place.at is not None and len(place.at) == len(shape)
    known = spoken if spoken is not None and len(spoken) == len(shape) else None
    return default_plane(shape, place.at if is_explained else known)


def _read_part(title: str, number: int, role: str, value: Any, plane: Plane) -> Part:
    free = [size for size, fixed in zip(value.shape, plane, strict=True) if fixed is None]
    grid = lay_grid(free)
    try:
        tensor = value.numbers()[tuple(slice(None) if fixed is None else fixed for fixed in plane)]
    except (NeuronTUIError, RuntimeError, IndexError, TypeError, NotImplementedError) as error:
        return Part(number, title, role, None, grid, plane, error=str(error) or type(error).__name__)
    return Part(number, title, role, tensor, grid, plane)


def _find_cursor(tensors: Sequence[Shown], parts: tuple[Part, ...], place: Place, selected: bool) -> tuple[int, int] | None:
    column = 0
    for part in parts:
        shown = tensors[part.shown]
        index = place.cell if selected and part.shown == place.shown else None
        if index is None and shown.output is not None and shown.output == place.output:
            index = place.at
        cell = part.cell_of(index) if index is not None else None
        if cell is not None and not (part.title == "before" and len(parts) > 1):
            return cell[0], column + cell[1]
        column += part.grid.columns
    return None
