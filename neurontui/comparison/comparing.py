"""Two traces → `Diff`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neurontui.comparison.alignment import align
from neurontui.comparison.difference import Change, Diff
from neurontui.comparison.values import compare_structures, compare_values, describe, same_structures, values_in
from neurontui.records import Role, Step, Trace, Value, leaves, split_target
from neurontui.signatures import UNWRITTEN
from neurontui.text import format_index

if TYPE_CHECKING:
    from torch import Tensor

_ROLES: tuple[Role, ...] = ("parameter", "buffer")
_STATISTICS = frozenset({"running_mean", "running_var", "num_batches_tracked"})


def diff(a: Trace, b: Trace) -> Diff:
    """Hold `b` against `a`, step by step, aligned by step names: two runs of one model, two models, two checkpoints, two files.

    Numbers are compared as numbers: NaN equals NaN, 0 equals -0. `first_divergence` is the call that first *returned* something
    else (or that only one trace has), so a layer's inner function comes before the layer.
    """
    rows = changes(a, b)
    parameters, buffers = (_differing(_held(a, role), _held(b, role)) for role in _ROLES)
    inputs = _differing(_inputs(a), _inputs(b))
    outputs = (compare_structures("output", 0, 0, *(trace.steps[0].output if trace.steps else None for trace in (a, b))),)
    first = find_first_divergence(rows, a, b)
    return Diff(rows, parameters, inputs, outputs, first, tuple(_notes(a, b, first)), buffers, _unrelated(a, b, rows))


def diff_weights(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> Diff:
    """Hold two checkpoints against each other, without a model: rows in `parameters` and `buffers`, the first in `first_divergence`.

    A checkpoint does not say which of its tensors are buffers: those that torch's own norms call so are.
    """
    sides = [{name: Value(tuple(t.shape), t.dtype, t.device, "parameter", name, t) for name, t in side.items()} for side in (a, b)]
    rows = _differing(*sides)
    buffers = tuple(row for row in rows if row.name.rpartition(".")[2] in _STATISTICS)
    parameters = tuple(row for row in rows if row not in buffers)
    return Diff((), parameters, (), (), rows[0] if rows else None, buffers=buffers, unrelated=not set(a) & set(b) and bool(a and b))


def changes(a: Trace, b: Trace) -> tuple[Change, ...]:
    """The rows of `diff(a, b)` alone: one for each step of either trace, in execution order."""
    return tuple(row if row.status == "equal" else _compare_steps(a, b, row.left, row.right) for row in statuses(a, b))


def statuses(a: Trace, b: Trace) -> tuple[Change, ...]:
    """The rows of `changes(a, b)` without how much changed: which steps are equal, changed or missing, and no more."""
    pairs = align([step.name for step in a.steps], [step.name for step in b.steps])
    return tuple(_look_at_steps(a, b, left, right) for left, right in pairs)


def _look_at_steps(a: Trace, b: Trace, left: int | None, right: int | None) -> Change:
    if left is None or right is None:
        return _compare_steps(a, b, left, right)
    one, other = a.steps[left], b.steps[right]
    same = (one.error is None) == (other.error is None) and (_unwritten(one, other) or same_structures(one.output, other.output))
    if same and (one.writes or other.writes):
        same = same_structures(one.writes, other.writes)
    return Change(one.name, left, right, "equal" if same else "changed", 0.0 if same else None)


def _unwritten(one: Step, other: Step) -> bool:
    """Whether both gave memory of one kind that nobody has written yet: what happens to lie there is no difference."""
    if one.label not in UNWRITTEN or other.label not in UNWRITTEN:
        return False
    ours, theirs = ([(value.shape, value.dtype) for value in values_in(step.output)] for step in (one, other))
    return ours == theirs


def _compare_steps(a: Trace, b: Trace, left: int | None, right: int | None) -> Change:
    if left is None or right is None:
        step = a.steps[left] if left is not None else b.steps[right or 0]
        shape = describe(values_in(step.output))
        shapes = (shape, "") if right is None else ("", shape)
        return Change(step.name, left, right, "missing", shapes=shapes, note="only in the first" if right is None else "only in the second")
    one, other = a.steps[left], b.steps[right]
    if (one.error is None) != (other.error is None):
        return Change(one.name, left, right, "changed", note="error")
    row = compare_structures(one.name, left, right, one.output, other.output)
    return row if row.status != "equal" else _compare_writes(row, one, other)


def _compare_writes(row: Change, one: Step, other: Step) -> Change:
    """Two calls that gave the same: whether they wrote the same in place, as a BatchNorm its running statistics."""
    if one.writes.keys() != other.writes.keys():
        wrote = (", ".join(one.writes) or "nothing", ", ".join(other.writes) or "nothing")
        return Change(row.name, row.left, row.right, "changed", shapes=wrote, note="what it writes in place")
    rows = [compare_structures(row.name, row.left, row.right, one.writes[name], other.writes[name]) for name in one.writes]
    named = [replace(found, written=name) for found, name in zip(rows, one.writes, strict=True) if found.status != "equal"]
    return named[0] if named else row


def find_first_divergence(rows: Sequence[Change], a: Trace, b: Trace) -> Change | None:
    """The row of the call that ended first among those that differ."""
    ended: list[tuple[tuple[int, int], Change]] = []
    last = (0, 0)
    for row in rows:
        if row.left is not None:
            step = a.steps[row.left]
            last = (step.end, -step.index)
        elif row.right is not None:  # only in the second: it came right after what stands before it
            last = (last[0], last[1])
        if row.status != "equal":
            ended.append((last, row))
    return min(ended, key=lambda item: item[0])[1] if ended else None


def _held(trace: Trace, role: Role) -> dict[str, Value]:
    """Every parameter (or buffer) by its full name, as it was before the first call of its module."""
    found: dict[str, Value] = {}
    for step in trace.steps:
        if step.kind == "module":
            prefix = "" if step.path == "." else f"{step.path}."
            for name, value in step.params.items():
                if value.role == role:
                    found.setdefault(prefix + name, value)
    return found


def _inputs(trace: Trace) -> dict[str, Value]:
    if not trace.steps:
        return {}
    inputs = trace.steps[0].inputs
    return {f"{name}{path}": value for name, thing in inputs.items() for path, value in leaves(thing)}


def _differing(ours: dict[str, Value], theirs: dict[str, Value]) -> tuple[Change, ...]:
    return tuple(row for row in _compare_named(ours, theirs) if row.status != "equal")


def _compare_named(ours: dict[str, Value], theirs: dict[str, Value]) -> Iterator[Change]:
    for name, value in ours.items():
        if name in theirs:
            yield compare_values(name, None, None, value, theirs[name])
        else:
            yield Change(name, None, None, "missing", shapes=(describe([value]), ""), note="only in the first")
    for name, value in theirs.items():
        if name not in ours:
            yield Change(name, None, None, "missing", shapes=("", describe([value])), note="only in the second")


def _unrelated(a: Trace, b: Trace, rows: Sequence[Change]) -> bool:
    """Whether these are two different models: but for the model itself, they have no layer, parameter or buffer of one name.

    Functions of one name (`./relu`) tell nothing, unless there are functions alone.
    """
    held = [{name for role in _ROLES for name in _held(trace, role)} for trace in (a, b)]
    layers = [{step.name for step in trace.steps[1:] if step.kind == "module"} for trace in (a, b)]
    if all(held) or all(layers):
        return not (held[0] & held[1] or layers[0] & layers[1])
    return len(a.steps) > 1 and len(b.steps) > 1 and not any(row.left and row.right for row in rows)


def _notes(a: Trace, b: Trace, first: Change | None) -> Iterator[str]:
    if a.steps and b.steps and a.steps[0].training != b.steps[0].training:
        yield f"The first ran in {_mode(a.steps[0])} mode, the second in {_mode(b.steps[0])} mode."
    for which, one, other in (("first", a, b), ("second", b, a)):
        if one.error is not None and other.error is None:
            yield f"Only the {which} stopped with an error: {one.error}"
    if first is not None and first.left is not None and first.right is not None:
        left, right = a.steps[first.left], b.steps[first.right]
        yield _say_set(left.name, a, b) or _explain_first(left, right)


def _say_set(name: str, a: Trace, b: Trace) -> str:
    """That a person set numbers in the first call that differs, in one of the two runs; "" where nobody did."""
    mine, theirs = (trace.run.edits if trace.run is not None else () for trace in (a, b))
    edits = [edit for edit in (*mine, *theirs) if (edit in mine) != (edit in theirs)]
    numbers = [f"{format_index(edit.target, edit.at)} to {edit.number}" for edit in edits if split_target(edit.target, name) is not None]
    return f"{name} is the first call that gives something else: you set {' and '.join(numbers)}." if numbers else ""


def _explain_first(one: Step, other: Step) -> str:
    """Why the first call that differs may differ: its inputs do, or it drew other random numbers, or its kernel did."""
    theirs = other.inputs
    differing = [_name_differing(name, thing, theirs.get(name)) for name, thing in one.inputs.items() if _differs(thing, theirs.get(name))]
    if differing:
        verb = "differs" if len(differing) == 1 else "differ"
        return f"{one.name} is the first call that gives something else: its {' and its '.join(differing)} {verb}."
    if one.random_state is not None:
        return f"{one.name} is the first call that gives something else: its inputs are the same, and it drew other random numbers."
    return f"{one.name} is the first call that gives something else, from the same tensors."


def _name_differing(name: str, thing: Any, other: Any) -> str:
    """`"eps (1e-05 and 0.01)"`: an argument that is a number or a word, with what each gave; a tensor by its name alone."""
    plain = all(part is None or isinstance(part, int | float | complex | str) for part in (thing, other))
    return f"{name} ({thing!r} and {other!r})" if plain else name


def _differs(thing: Any, other: Any) -> bool:
    ours, theirs = values_in(thing), values_in(other)
    if not ours and not theirs:
        return bool(repr(thing) != repr(other))
    return compare_structures("", None, None, thing, other).status != "equal"


def _mode(step: Step) -> str:
    return "train" if step.training else "eval"
