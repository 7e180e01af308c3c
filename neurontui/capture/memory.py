"""The memory of one recording: which Value each tensor object is now, and the ordered log of writes to each storage.

Tensor objects are held until the recording ends, so that neither their `id` nor their storage's address is used again meanwhile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from neurontui.capture.snapshots import PLAIN, UNTRACKED, clone, clone_lazily, same_bits, unwrap, version_of
from neurontui.capture.drafts import make_value
from neurontui.records import Role, Value


class Write(NamedTuple):
    """A call wrote to a storage: `value` is the tensor after it. `step` is None for a write that nobody saw."""

    step: int | None
    output: int | None  # which output of the step it is, or None where the step does not return it
    name: str  # the argument's place: "0", "running_mean"
    value: Value


class Store:
    """One storage: the writes to it so far, and whether it was made inside the forward."""

    __slots__ = ("held", "key", "leaky", "own", "role", "writes")

    def __init__(self, key: int | None, held: Any, own: bool, role: Role) -> None:
        self.key = key
        self.held = held  # the storage object, so that its address stays its own
        self.own = own
        self.role = role
        self.leaky = False  # numpy or C can write to it unseen
        self.writes: list[Write] = []


class Known:
    """A tensor object, and what it was when it was last looked at."""

    __slots__ = ("count", "store", "tensor", "value", "version")

    def __init__(self, tensor: Tensor, version: int, value: Value, store: Store) -> None:
        self.tensor = tensor
        self.version = version  # -1: torch does not count (inference mode), so compare
        self.value = value
        self.store = store
        self.count = len(store.writes)


class Names(NamedTuple):
    """What a tensor that existed before the run is called. It holds the tensor, so that the `id` it is kept under stays its own."""

    tensor: Tensor
    role: Role
    name: str
    aliases: tuple[str, ...] = ()


class Memory:
    """What is known of every tensor seen in one recording."""

    def __init__(self, names: dict[int, Names], copy_parameters: bool = False) -> None:
        self.known: dict[int, Known] = {}
        self.stores: dict[int, Store] = {}
        self.names = names
        self.copy_parameters = copy_parameters
        self.clock = 0  # grows with every write to anything
        self.find_name: Any = None  # called for a tensor nobody has named: looks through the modules' attributes

    def look(self, tensor: Tensor, role: Role = "outside", name: str | None = None) -> Value:
        """The Value that a tensor is now; a new one where it was never seen or was written since."""
        known = self.known.get(id(tensor))
        if known is None:
            return self._meet(tensor, role, name).value
        if known.version == UNTRACKED or known.store.leaky:
            return self._compare(known)
        if known.version == tensor._version and known.count == len(known.store.writes):
            return known.value
        return self._refresh(known)

    def make(self, tensor: Tensor, step: int, output: int, fresh: bool) -> Value:
        """The Value of what a call returned. `fresh`: memory not seen so far was made by this call, and by nobody else."""
        known = self.known.get(id(tensor))
        if known is None:
            return self._adopt(tensor, step, output, fresh)
        value = self.look(tensor)
        if value.producer is not None and value.producer[0] == step and value.same_as is None and value.producer[1] < 0:
            object.__setattr__(value, "producer", (step, output))  # written in place by this call, and returned
            self._name_output(known.store, value, step, output)
            return value
        known.value = hand_on(value, step, output, len(known.store.writes))
        return known.value

    def find_written(self, tensor: Tensor) -> Known | None:
        """What is known of a tensor if it was written since the last look."""
        known = self.known.get(id(tensor))
        if known is None:
            return None
        if known.version == UNTRACKED:
            return known if not same_bits(known.value.data, tensor) else None
        return known if known.version != tensor._version else None

    def log(self, known: Known, step: int, name: str) -> Value:
        """A call wrote to this tensor: its Value after it. The output number is -1 until the call is seen to return it."""
        known.version = version_of(known.tensor)
        value = self._take(known.tensor, known.store, "step", known.value.name, (step, -1), len(known.store.writes) + 1)
        object.__setattr__(value, "time", len(known.store.writes) + 1)
        self.clock += 1
        known.store.writes.append(Write(step, None, name, value))
        known.count = len(known.store.writes)
        known.value = value
        return value

    def forget(self, tensor: Tensor) -> None:
        """Its memory has been exchanged for other memory (`x.data = …`, `set_`, `resize_`)."""
        self.known.pop(id(tensor), None)

    def keep_before_write(self, tensor: Tensor) -> None:
        """A parameter kept by reference is about to be written: copy it now."""
        known = self.known.get(id(tensor))
        if known is not None and known.value.version is not None:
            self.look(tensor)
            object.__setattr__(known.value, "data", clone(tensor))
            object.__setattr__(known.value, "version", None)

    def mark_leaky(self, tensor: Tensor) -> None:
        known = self.known.get(id(tensor))
        if known is not None:
            known.store.leaky = True

    def release(self) -> dict[int, tuple[Write, ...]]:
        """Let go of all tensor objects; what stays is the log of writes of each storage that was written to."""
        logs = {store.key: tuple(store.writes) for store in self.stores.values() if store.writes and store.key is not None}
        self.known.clear()
        self.stores.clear()
        self.names = {}
        self.find_name = None
        return logs

    def _meet(self, tensor: Tensor, role: Role, name: str | None) -> Known:
        names = self.names.get(id(tensor))
        if names is None and role == "outside" and self.find_name is not None:
            names = self.find_name(tensor)
        aliases: tuple[str, ...] = ()
        if names is not None:
            _, role, name, aliases = names
        store = self._store(tensor, own=False, role=role)
        value = self._take(tensor, store, role, name, None, len(store.writes))
        if aliases:
            object.__setattr__(value, "aliases", aliases)
        return self._know(tensor, value, store)

    def _adopt(self, tensor: Tensor, step: int, output: int, fresh: bool) -> Value:
        store = self._store(tensor, own=fresh, role="step")
        value = self._take(tensor, store, "step", None, (step, output), len(store.writes))
        self._know(tensor, value, store)
        return value

    def _know(self, tensor: Tensor, value: Value, store: Store) -> Known:
        known = self.known[id(tensor)] = Known(tensor, version_of(tensor), value, store)
        return known

    def _store(self, tensor: Tensor, own: bool, role: Role) -> Store:
        try:
            held = tensor.untyped_storage()
            key = held._cdata
        except Exception:  # sparse, opaque and some wrapper tensors have none
            return Store(None, None, own, role)
        store = self.stores.get(key)
        if store is None:
            store = self.stores[key] = Store(key, held, own, role)
        return store

    def _refresh(self, known: Known) -> Value:
        """Its memory was written, through itself or through something else that shares it."""
        old, store = known.value, known.store
        version = version_of(known.tensor)
        if version != known.version and known.count == len(store.writes):
            return self._notice(known)
        known.version, known.count = version, len(store.writes)
        known.value = self._take(known.tensor, store, old.role, old.name, old.producer, old.since)
        return known.value

    def _compare(self, known: Known) -> Value:
        """Torch does not count the writes to it: hold it against what it was."""
        if known.count != len(known.store.writes):
            return self._refresh(known)
        if same_bits(known.value.data, known.tensor):
            return known.value
        return self._notice(known)

    def _notice(self, known: Known) -> Value:
        """A write that was not seen: C++, numpy, or another thread made it."""
        store, old = known.store, known.value
        known.version = version_of(known.tensor)
        value = self._take(known.tensor, store, old.role, old.name, old.producer, old.since)
        object.__setattr__(value, "time", len(store.writes) + 1)
        self.clock += 1
        store.writes.append(Write(None, None, "", value))
        known.count, known.value = len(store.writes), value
        return value

    def _take(self, tensor: Tensor, store: Store, role: Role, name: str | None, producer: tuple[int, int] | None, since: int) -> Value:
        version = None
        if type(tensor) not in PLAIN or torch._C._functorch.maybe_current_level() is not None:
            return self._take_odd(tensor, store, role, name, producer, since)
        if store.own and not store.leaky:
            data: Any = clone_lazily(tensor)
        elif store.role == "parameter" and not self.copy_parameters:
            data, version = tensor, version_of(tensor)
            version = None if version == UNTRACKED else version
        else:
            data = clone(tensor)
        try:
            offset, strides = tensor.storage_offset(), tensor.stride()
        except Exception:
            offset, strides = 0, ()
        return make_value(
            tuple(tensor.shape), tensor.dtype, tensor.device, role, name, data, producer, store.key, offset, strides,
            len(store.writes), version, None, since,
        )  # fmt: skip

    def _take_odd(self, tensor: Tensor, store: Store, role: Role, name: str | None, producer: tuple[int, int] | None, since: int) -> Value:
        """A tensor subclass, or one inside vmap or grad."""
        with torch._C.DisableTorchFunctionSubclass():
            inner = unwrap(tensor)
            data = clone(inner)
            try:
                offset, strides = inner.storage_offset(), tuple(inner.stride())
            except Exception:
                offset, strides = 0, ()
            shape = _shape_of(inner)
        return make_value(
            shape, inner.dtype, inner.device, role, name, data, producer, store.key, offset, strides, len(store.writes), None, None, since
        )

    def _name_output(self, store: Store, value: Value, step: int, output: int) -> None:
        for place in range(len(store.writes) - 1, -1, -1):
            if store.writes[place].value is value:
                store.writes[place] = store.writes[place]._replace(output=output)
                return
            if store.writes[place].step != step:
                return


def hand_on(value: Value, step: int, output: int, time: int) -> Value:
    """The same data as the output of a call that only handed it on."""
    return make_value(
        value.shape, value.dtype, value.device, "step", value.name, value.data, (step, output), value.store, value.offset, value.strides,
        time, value.version, value, time,
    )  # fmt: skip


def _shape_of(tensor: Tensor) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in tensor.shape)
    except Exception:  # a nested tensor has no one shape
        return ()
