"""What a replay does to a run while it goes on: random masks are held, and outputs of named steps are edited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neurontui.errors import EditError
from neurontui.records import Edit

if TYPE_CHECKING:
    from neurontui.capture.recorder import Raw


class Live:
    """Knows the name of each step while it runs. `held` is the random state of each step that drew numbers before."""

    def __init__(self, edits: Iterable[Edit] = (), held: Mapping[str, Tensor] | None = None) -> None:
        self.edits: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            self.edits[edit.target].append(edit)
        self.held = held or {}
        self.done: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._names: dict[int, str] = {}

    def begin(self, raw: Raw) -> None:
        """A step is about to run."""
        name = self._name(raw)
        state = self.held.get(name)
        if state is not None:
            generator = raw.kwargs.get("generator")
            (torch.default_generator if generator is None else generator).set_state(state)

    def edit_output(self, raw: Raw, output: Any) -> Any:
        """The output with this step's edits, or None where it has none."""
        edits = self.edits.get(self._names.get(raw.index) or self._name(raw))
        if not edits:
            return None
        self.done.update(edit.target for edit in edits)
        return apply_to_output(edits, output)

    def _name(self, raw: Raw) -> str:
        base = raw.path if raw.kind == "module" else f"{raw.path}/{raw.op.label}"
        self._counts[base] += 1
        count = self._counts[base]
        name = self._names[raw.index] = base if count == 1 else f"{base}#{count}"
        return name


def apply_to_output(edits: Iterable[Edit], output: Any) -> Any:
    """The first tensor of an output with elements replaced; the rest as it is."""
    if isinstance(output, tuple | list) and output:
        first, *rest = output
        changed = apply_to_output(edits, first)
        return type(output)((changed, *rest)) if not hasattr(output, "_fields") else type(output)(changed, *rest)  # type: ignore[call-arg]
    if isinstance(output, dict):
        key = next(iter(output))
        return {**output, key: apply_to_output(edits, output[key])}
    if not isinstance(output, Tensor):
        raise EditError("this step returns no tensor, so none of its numbers can be set.")
    changed = output.clone()
    with torch.no_grad():
        for edit in edits:
            set_element(changed, edit)
    return changed


def set_element(tensor: Tensor, edit: Edit) -> None:
    """`tensor[at] = number`, in place.

    Raises:
        EditError: the index is out of range, or the number does not fit the dtype.
    """
    shape = tuple(tensor.shape)
    if len(edit.at) != len(shape) or not all(-size <= place < size for place, size in zip(edit.at, shape, strict=True)):
        raise EditError(f"{edit.target} has the shape {shape}, so {tuple(edit.at)} is none of its elements; give one index for each dimension.")
    if not (tensor.is_floating_point() or tensor.is_complex()) and isinstance(edit.number, float) and not edit.number.is_integer():
        raise EditError(f"{edit.target} holds {str(tensor.dtype).removeprefix('torch.')} numbers, so {edit.number} cannot be set; give a whole number.")
    try:
        with torch.no_grad():
            tensor[tuple(edit.at)] = edit.number
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise EditError(f"{edit.number!r} cannot be set in {edit.target} ({str(tensor.dtype).removeprefix('torch.')}): {error}.") from error
