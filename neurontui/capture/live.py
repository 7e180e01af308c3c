"""What a replay does to a run while it goes on: random masks are held, and outputs of named steps are edited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neurontui.capture.structures import map_structure, tensors_in
from neurontui.errors import EditError
from neurontui.records import Edit
from neurontui.text import format_dtype

if TYPE_CHECKING:
    from neurontui.capture.raw import Raw


class Live:
    """Knows the name of each step while it runs. `held` is the random state of each step that drew numbers before."""

    def __init__(self, edits: Iterable[Edit] = (), held: Mapping[str, Tensor] | None = None) -> None:
        self.edits: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            self.edits[edit.target].append(edit)
        self.held = held or {}
        self.done: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._names: dict[int, str] = {}  # by identity: a call has no index before it is appended

    def begin(self, raw: Raw) -> None:
        """A step is about to run."""
        name = self._name(raw)
        state = self.held.get(name)
        if state is not None:
            generator = raw.kwargs.get("generator")
            (torch.default_generator if generator is None else generator).set_state(state)

    def forget(self, raw: Raw) -> None:
        """It was no step after all, and has no name."""
        self._counts[self._base(raw)] -= 1
        self._names.pop(id(raw), None)

    def edit_output(self, raw: Raw, output: Any) -> Any:
        """The output with this step's edits; the very same object where it has none."""
        name = self._names.pop(id(raw), None) or self._name(raw)
        for target, edits in self.edits.items():
            place = 0 if target == name else _output_place(target, name)
            if place is not None and any(True for _ in tensors_in(output)):
                self.done.add(target)
                output = apply_to_output(edits, output, place)
        return output

    def _name(self, raw: Raw) -> str:
        base = self._base(raw)
        self._counts[base] += 1
        count = self._counts[base]
        name = self._names[id(raw)] = base if count == 1 else f"{base}#{count}"
        return name

    @staticmethod
    def _base(raw: Raw) -> str:
        return raw.path if raw.kind == "module" else f"{raw.path}/{raw.op.label}"


def _output_place(target: str, name: str) -> int | None:
    """ "lstm:1" is the second output of "lstm"."""
    base, _, place = target.rpartition(":")
    return int(place) if base == name and place.isdigit() else None


def apply_to_output(edits: Iterable[Edit], output: Any, place: int) -> Any:
    """An output with elements of its tensor number `place` replaced in a copy; the rest as it is."""
    count = -1

    def leaf(tensor: Tensor) -> Tensor:
        nonlocal count
        count += 1
        if count != place:
            return tensor
        changed = tensor.clone()
        for edit in edits:
            set_element(changed, edit)
        return changed

    changed = map_structure(Tensor, leaf, output)
    if count < place:
        raise EditError(f"this step returns {count + 1} tensor{'s' * (count > 0)}, so there is no output {place} to set a number of.")
    return changed


def set_element(tensor: Tensor, edit: Edit) -> None:
    """`tensor[at] = number`, in place.

    Raises:
        EditError: the index is out of range, or the number does not fit the dtype.
    """
    shape = tuple(tensor.shape)
    if len(edit.at) != len(shape) or not all(-size <= place < size for place, size in zip(edit.at, shape, strict=True)):
        raise EditError(
            f"{edit.target} has the shape {shape}, so {tuple(edit.at)} is none of its elements; give one index for each dimension."
        )
    if not (tensor.is_floating_point() or tensor.is_complex()) and isinstance(edit.number, float) and not edit.number.is_integer():
        raise EditError(
            f"{edit.target} holds {format_dtype(tensor.dtype)} numbers, so {edit.number} cannot be set; give a whole number."
        )
    try:
        with torch.no_grad():
            tensor[tuple(edit.at)] = edit.number
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise EditError(f"{edit.number!r} cannot be set in {edit.target} ({format_dtype(tensor.dtype)}): {error}.") from error
