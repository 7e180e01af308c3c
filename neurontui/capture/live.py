"""What a replay does to a run while it goes on: random masks are held, and outputs of named steps are edited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neurontui.capture.edits import say_foreign, set_element
from neurontui.capture.memory import Known, Memory
from neurontui.capture.snapshots import PLAIN
from neurontui.capture.structures import map_structure, rebuild, tensors_in
from neurontui.capture.writes import find_written
from neurontui.errors import EditError
from neurontui.records import Edit, split_target

if TYPE_CHECKING:
    from neurontui.capture.raw import Raw, Seen


class Live:
    """Knows the name of each step while it runs. `held` is the random state of each step that drew numbers before."""

    def __init__(self, edits: Iterable[Edit] = (), held: Mapping[str, Tensor] | None = None) -> None:
        self.edits = tuple(edits)
        self.held = held or {}
        self.done: set[str] = set()
        # Outputs that were set in memory that was there before, by the step's identity: other threads run steps meanwhile.
        self._written: defaultdict[int, list[tuple[Known, int]]] = defaultdict(list)
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

    def edit(self, memory: Memory, raw: Raw, output: Any, seen: Seen) -> Any:
        """`edit_output` and `note_edits`, where nothing that the call itself wrote is noted in between."""
        output = self.edit_output(memory, raw, output, seen)
        self.note_edits(memory, raw)
        return output

    def edit_output(self, memory: Memory, raw: Raw, output: Any, seen: Seen, fresh: bool = False) -> Any:
        """Set this step's numbers in its output: what `output[at] = number` on the next line of the model would do.

        They go into the output's memory, so that whatever else lies there has them too. The output is the very same object, except where
        its memory came from where nobody could see it: a copy stands for that. `fresh`: memory not seen so far was made by this call.
        """
        name = self._names.pop(id(raw), None) or self._name(raw)
        for edit in self.edits:
            place = split_target(edit.target, name)
            if place is None:
                continue
            tensors = [*tensors_in(output)] or [known.tensor for known in find_written(memory, seen)[:1]]
            if not tensors:
                continue
            if place >= len(tensors):
                raise EditError(f"{name} returns {len(tensors)} tensors here, so there is no output {place} to set a number of.")
            self.done.add(edit.target)
            changed = self._set(memory, raw, tensors[place], place, edit, fresh)
            output = output if changed is tensors[place] else _exchange(output, tensors[place], changed)
        return output

    def note_edits(self, memory: Memory, raw: Raw) -> None:
        """The numbers that were just set are a write of this step's, where it is not known to have written them anyway."""
        for known, place in {id(known): (known, place) for known, place in self._written.pop(id(raw), ())}.values():
            if known.value.producer != (raw.index, -1):
                memory.log(known, raw.index, "", place)

    def _set(self, memory: Memory, raw: Raw, tensor: Tensor, place: int, edit: Edit, fresh: bool) -> Tensor:
        known = _recognise(memory, tensor, raw, place)
        if known is not None:
            if known.store.role == "outside":
                raise EditError(say_foreign(edit.target))
            memory.keep_before_write(known)
            self._written[id(raw)].append((known, place))
        elif not fresh or type(tensor) not in PLAIN:
            tensor = tensor.clone()
        set_element(tensor, edit)
        return tensor

    def _name(self, raw: Raw) -> str:
        base = self._base(raw)
        self._counts[base] += 1
        count = self._counts[base]
        name = self._names[id(raw)] = base if count == 1 else f"{base}#{count}"
        return name

    @staticmethod
    def _base(raw: Raw) -> str:
        return raw.path if raw.kind == "module" else f"{raw.path}/{raw.op.label}"


def _recognise(memory: Memory, tensor: Tensor, raw: Raw, place: int) -> Known | None:
    """What is known of a tensor in memory that was there before this call; None where its memory is new.

    It is not looked at again: what the call itself wrote there has still to be noticed as that.
    """
    known = memory.known.get(id(tensor))
    if known is not None:
        return known
    if id(tensor) in memory.names or (memory.find_name is not None and memory.find_name(tensor) is not None):
        return memory.meet(tensor)
    try:
        key = tensor.untyped_storage()._cdata
    except Exception:  # sparse, and some of a class of their own
        return None
    if key in memory.stores:
        memory.make(tensor, raw.index, place, fresh=False)
    return memory.known.get(id(tensor))


def _exchange(output: Any, tensor: Tensor, changed: Tensor) -> Any:
    """The output with another tensor in the place of this one, in objects of the same classes."""
    return rebuild(map_structure(Tensor, lambda found: changed if found is tensor else found, output), lambda value: value)
