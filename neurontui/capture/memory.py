"""The memory of one recording: which Value each tensor object is now, and the ordered log of writes to each storage.

Tensor objects are held until the recording ends, so that neither their `id` nor their storage's address is used again meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from neurontui.capture.drafts import make_value
from neurontui.capture.snapshots import PLAIN, UNTRACKED, clone, clone_lazily, same_bits, unwrap, version_of
from neurontui.records import Role, Value

_is_transformed = torch._C._are_functorch_transforms_active


class Write(NamedTuple):
    """A call wrote to a storage: `value` is the tensor after it. `step` is None for a write that nobody saw."""

    step: int | None
    output: int | None  # which output of the step it is, or None where the step does not return it
    name: str  # the argument's place: "0", "running_mean"
    value: Value


# What a tensor that existed before the run is called: role, name, further names. With the tensor, so that the `id` it is kept under
# stays its own.
Names = tuple[Tensor, Role, str, tuple[str, ...]]


@dataclass(slots=True, init=False, eq=False)
class Store:
    """One storage: the writes to it so far, and whether it was made inside the forward."""

    key: int | None
    held: Any  # the storage object, so that its address stays its own
    own: bool
    role: Role
    odd: bool  # sparse or nested: no strides, and nothing lazy
    leaky: bool  # numpy or C can write to it unseen
    writes: list[Write]
    referenced: tuple[Value, ...]  # parameters, kept by reference


def _new_store(key: int | None, held: Any, own: bool, role: Role) -> Store:
    store = Store()
    store.key, store.held, store.own, store.role = key, held, own, role
    store.odd = key is None
    store.leaky = False
    store.writes = []
    store.referenced = ()
    return store


@dataclass(slots=True, init=False, eq=False)
class Known:
    """A tensor object, and what it was when it was last looked at. `counted`: torch counts all writes to it."""

    tensor: Tensor
    version: int
    value: Value
    store: Store
    writes: list[Write]  # the store's
    count: int  # of writes, at that time
    counted: bool


def _new_known(tensor: Tensor, version: int, value: Value, store: Store) -> Known:
    known = Known()
    known.tensor, known.version, known.value, known.store = tensor, version, value, store
    known.writes = store.writes
    known.count = len(store.writes)
    known.counted = version != UNTRACKED and not store.leaky
    return known


class Memory:
    """What is known of every tensor seen in one recording."""

    def __init__(self, names: dict[int, Names], copy_parameters: bool = False) -> None:
        self.known: dict[int, Known] = {}
        self.stores: dict[int, Store] = {}
        self.names = names
        self.copy_parameters = copy_parameters
        self.before: list[tuple[Tensor, Tensor]] | None = None  # parameters that the run wrote, and what they were: to restore them
        self.clock = 0  # grows with every write to anything
        self.find_name: Callable[[Tensor], Names | None] | None = None  # for a tensor that nobody has named

    def look(self, tensor: Tensor) -> Known:
        """What a tensor is now: its Value is a new one where it was never seen or was written since."""
        known = self.known.get(id(tensor))
        if known is None:
            return self.meet(tensor)
        if not known.counted:
            self._compare(known)
        elif known.version != tensor._version or known.count != len(known.writes):
            self._refresh(known)
        return known

    def meet(self, tensor: Tensor) -> Known:
        """A tensor not looked at so far, and made by no recorded call."""
        names = self.names.get(id(tensor))
        if names is None and _is_transformed() and (inner := unwrap(tensor)) is not tensor:
            known = self.look(inner)  # vmap or grad has just wrapped it, and what is in it may be known
            known = self.known[id(tensor)] = _new_known(tensor, version_of(tensor), known.value, known.store)
            return known
        if names is None and self.find_name is not None:
            names = self.find_name(tensor)
        _, role, name, aliases = names if names is not None else (tensor, "outside", "", ())
        known = self._learn(tensor, role, name or None, None, False)
        if aliases:
            object.__setattr__(known.value, "aliases", aliases)
        return known

    def make(self, tensor: Tensor, step: int, output: int, fresh: bool) -> Value:
        """The Value of what a call returned. `fresh`: memory not seen so far was made by this call, and by nobody else."""
        known = self.known.get(id(tensor))
        if known is None:
            return self._learn(tensor, "step", None, (step, output), fresh).value
        written = known.value
        value = self.look(tensor).value
        if value.producer == (step, -1):  # written in place by this call, and returned
            for made in (written, value):  # two, where the call then wrote through another tensor to the same memory
                object.__setattr__(made, "producer", (step, output))
            self._name_output(known.store, written, step, output)
        if value.producer == (step, output):
            return value
        known.value = hand_on(value, step, output, len(known.writes))
        if value.version is not None:
            known.store.referenced = (*known.store.referenced, known.value)
        return known.value

    def is_written(self, known: Known) -> bool:
        """Whether the tensor itself was written since the last look, as far as torch tells."""
        if known.version == UNTRACKED:
            return not same_bits(known.value.data, known.tensor)
        return known.version != known.tensor._version

    def log(self, known: Known, step: int, name: str, output: int | None = None) -> Value:
        """A call wrote to this tensor: its Value after it. The output number is -1 until the call is seen to return it."""
        known.version = version_of(known.tensor)
        after, producer = len(known.writes) + 1, (step, -1 if output is None else output)
        known.value = self._take(known.tensor, known.version, known.store, "step", known.value.name, producer, after, after)
        self._append(known, Write(step, output, name, known.value))
        return known.value

    def forget(self, tensor: Tensor) -> None:
        """Its memory has been exchanged for other memory (`x.data = …`, `set_`, `resize_`)."""
        self.known.pop(id(tensor), None)

    def keep_before_write(self, known: Known) -> None:
        """A parameter's memory, kept by reference, is about to be written: copy it now."""
        copies: dict[int, Tensor | None] = {}
        for value in known.store.referenced:
            if id(value.data) not in copies:
                copies[id(value.data)] = clone(value.data)
            copied = copies[id(value.data)]
            if copied is not None and self.before is not None and value.since == 0 and value.role == "parameter":
                self.before.append((value.data, copied))
            object.__setattr__(value, "data", copied)
            object.__setattr__(value, "version", None)
        known.store.referenced = ()

    def mark_leaky(self, tensor: Tensor) -> None:
        """From now on somebody may write to its memory unseen."""
        found = self.look(tensor)
        self.keep_before_write(found)
        store = found.store
        store.leaky = True
        for known in self.known.values():
            if known.store is store:
                known.counted = False

    def release(self) -> dict[int, tuple[Write, ...]]:
        """Let go of all tensor objects; what stays is the log of writes of each storage that was written to."""
        logs = {store.key: tuple(store.writes) for store in self.stores.values() if store.writes and store.key is not None}
        self.known = {}
        self.stores = {}
        self.names = {}
        self.find_name = None
        return logs

    def _learn(self, tensor: Tensor, role: Role, name: str | None, producer: tuple[int, int] | None, own: bool) -> Known:
        """A tensor object that was not seen before."""
        try:
            held = (unwrap(tensor) if _is_transformed() else tensor).untyped_storage()
            key = held._cdata
        except Exception:  # sparse, opaque and some wrapper tensors have none
            store = _new_store(None, None, own, role)
        else:
            store = self.stores.get(key) or self._add_store(tensor, key, held, own, role)
        if role == "outside":
            store.leaky = True  # who made it may hold its memory, as numpy does after `from_numpy`
        version, now = version_of(tensor), len(store.writes)
        value = self._take(tensor, version, store, role, name, producer, now, now)
        known = self.known[id(tensor)] = _new_known(tensor, version, value, store)
        return known

    def _add_store(self, tensor: Tensor, key: int, held: Any, own: bool, role: Role) -> Store:
        store = self.stores[key] = _new_store(key, held, own, role)
        if tensor.is_nested or tensor.is_quantized:
            store.odd = True
            store.own = False
        return store

    def _refresh(self, known: Known) -> None:
        """Its memory was written, through itself or through something else that shares it."""
        old, version = known.value, version_of(known.tensor)
        if version != known.version and known.count == len(known.writes):
            self._notice(known)
            return
        known.version, known.count = version, len(known.writes)
        known.value = self._take(known.tensor, version, known.store, old.role, old.name, old.producer, old.since, known.count)

    def _compare(self, known: Known) -> None:
        """Torch does not count the writes to it: hold it against what it was."""
        if known.count != len(known.writes):
            self._refresh(known)
        elif not same_bits(known.value.data, known.tensor):
            self._notice(known)

    def _notice(self, known: Known) -> None:
        """A write that was not seen: C++, numpy, or another thread made it."""
        old = known.value
        version = known.version = version_of(known.tensor)
        known.value = self._take(known.tensor, version, known.store, old.role, old.name, old.producer, old.since, len(known.writes) + 1)
        self._append(known, Write(None, None, "", known.value))

    def _append(self, known: Known, write: Write) -> None:
        self.clock += 1
        known.writes.append(write)
        known.count = len(known.writes)

    def _take(
        self, tensor: Tensor, version: int, store: Store, role: Role, name: str | None, producer: tuple[int, int] | None, since: int,
        time: int,
    ) -> Value:  # fmt: skip
        """The Value of a tensor as it is, with its data. `version`: what torch counts of it now.

        A parameter is kept by reference; not what the run wrote there, where it is put back afterwards.
        """
        if type(tensor) not in PLAIN or _is_transformed():
            return self._take_odd(tensor, store, role, name, producer, since, time)
        referenced = False
        if store.own and not store.leaky:
            data: Any = clone_lazily(tensor)
        elif store.role == "parameter" and version != UNTRACKED and not self.copy_parameters and not (time and self.before is not None):
            data, referenced = tensor, True
        else:
            data = clone(tensor)
        if store.odd:
            return self._take_odd(tensor, store, role, name, producer, since, time, data)
        value = make_value(
            tuple(tensor.shape), tensor.dtype, tensor.device, role, name, data, producer, store.key, tensor.storage_offset(),
            tensor.stride(), time, version if referenced else None, None, since, (), tensor.requires_grad,
        )  # fmt: skip
        if referenced:
            store.referenced = (*store.referenced, value)
        return value

    def _take_odd(
        self, tensor: Tensor, store: Store, role: Role, name: str | None, producer: tuple[int, int] | None, since: int, time: int,
        data: Any = None,
    ) -> Value:  # fmt: skip
        """A tensor without a storage, of a subclass, or one inside vmap or grad."""
        with torch._C.DisableTorchFunctionSubclass():
            inner = unwrap(tensor)
            data = clone(inner) if data is None else data
            offset, strides = _layout(inner)
            return Value(
                _shape(inner),
                inner.dtype,
                inner.device,
                role,
                name,
                data,
                producer,
                store.key,
                offset,
                strides,
                time,
                None,
                None,
                since,
                (),
                tensor.requires_grad,
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
    return Value(
        value.shape, value.dtype, value.device, "step", value.name, value.data, (step, output), value.store, value.offset, value.strides,
        time, value.version, value, time, (), value.requires_grad,
    )  # fmt: skip


def _shape(tensor: Tensor) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in Tensor.shape.__get__(tensor))  # type: ignore[attr-defined]  # a lazy parameter hides it
    except Exception:  # a nested tensor has no one shape
        return ()


def _layout(tensor: Tensor) -> tuple[int, tuple[int, ...]]:
    try:
        return int(tensor.storage_offset()), tuple(int(stride) for stride in tensor.stride())
    except Exception:
        return 0, ()
