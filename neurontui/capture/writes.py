"""Which of its arguments a call wrote: what torch counted, and the writes that it does not count."""

from __future__ import annotations

from typing import Any

from torch import nn

from neurontui.capture.arguments import take_params
from neurontui.capture.memory import Known, Memory
from neurontui.capture.operations import Operation, find_targets
from neurontui.capture.raw import Place, Raw, Seen
from neurontui.capture.snapshots import same_bits, version_of
from neurontui.records import Value


def note_writes(memory: Memory, raw: Raw, op: Operation, seen: Seen) -> None:
    """Log the writes of a call without recorded calls inside."""
    found = [(place, known) for place, known in seen if memory.is_written(known)]
    if op.schema_writes:
        found += [(place, known) for place, known in seen if place in op.schema_writes]
    elif op.running_statistics and writes_uncounted(op, raw):
        found += [(place, known) for place, known in seen if _is_statistic(known)]
    if found:
        raw.writes = [(place, memory.log(known, raw.index, str(place))) for place, known in _only_targets(found)]


def find_written(memory: Memory, seen: Seen) -> list[Known]:
    """The arguments that a call has just written, before that is logged; or, where calls inside have logged it, that have changed since."""
    return [known for _, known in _only_targets([(place, known) for place, known in seen if memory.is_written(known)])]


def compare_writes(memory: Memory, raw: Raw, seen: Seen) -> list[tuple[Place, Value]]:
    """The writes of a call with recorded calls inside: those have logged them."""
    writes = []
    for place, known in seen:
        before = raw.args[place] if isinstance(place, int) else raw.kwargs[place]
        now = memory.look(known.tensor).value
        if type(before) is Value and now is not before and (now.time != before.time or now.store != before.store):
            writes.append((place, now))
    return writes


def compare_params(memory: Memory, raw: Raw, module: nn.Module) -> list[tuple[Place, Value]]:
    """What a call did to the module's own parameters and buffers."""
    if not raw.params:
        return []
    return [(name, value) for name, value in take_params(memory, module).items() if value is not raw.params.get(name)]


def keep_before_write(memory: Memory, op: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], seen: Seen) -> None:
    """Parameters are kept by reference: copy those that this call is about to write."""
    writes = find_targets(op, args, kwargs)
    for place, known in seen if writes is not None else ():
        if known.store.referenced and writes is not None and writes(place):
            memory.keep_before_write(known)


def writes_uncounted(op: Operation, raw: Raw) -> bool:
    """Whether a call may write what torch does not count.

    A normalisation that is told to use the stored statistics (eval mode) updates none. All of torch's have that argument sixth.
    """
    if not op.running_statistics or op.schema_writes:
        return op.unversioned
    named = raw.kwargs.get("training", raw.kwargs.get("use_input_stats"))
    return not (named is False or (len(raw.args) > 5 and raw.args[5] is False))


def _is_statistic(known: Known) -> bool:
    """Running statistics are written without being counted. They are 1-dimensional."""
    if len(known.value.shape) != 1 or known.version != version_of(known.tensor):
        return False
    return not same_bits(known.value.data, known.tensor)


def _only_targets(found: Seen) -> Seen:
    """An argument that merely shares memory with what was written (`x.add_(x[0])`) was not itself written."""
    targets: dict[int | None, Place] = {}
    for place, known in found:
        key = known.store.key
        if key not in targets or place == "out":
            targets[key] = place
    kept = [(place, known) for place, known in found if targets[known.store.key] == place or known.store.key is None]
    return list({id(known): (place, known) for place, known in kept}.values())
