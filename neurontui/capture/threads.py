"""Pre-order after several threads have recorded: their steps came one between the other."""

from __future__ import annotations

from neurontui.capture.memory import Write
from neurontui.capture.raw import Raw
from neurontui.records import Value, leaves

Logs = dict[int, tuple[Write, ...]]


def untangle(raws: list[Raw], logs: Logs) -> tuple[list[Raw], Logs]:
    """The steps with each one's subtree together, numbered anew, and all that refers to their numbers."""
    children: dict[int | None, list[Raw]] = {}
    for raw in raws:
        children.setdefault(None if raw.parent is None else id(raw.parent), []).append(raw)
    ordered: list[Raw] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        raw = waiting.pop()
        ordered.append(raw)
        waiting.extend(reversed(children.get(id(raw), [])))
    numbers = {raw.index: place for place, raw in enumerate(ordered)}
    for value in _values(ordered, logs):
        if value.producer is not None:
            object.__setattr__(value, "producer", (numbers[value.producer[0]], value.producer[1]))
    for place, raw in enumerate(ordered):
        raw.index = place
    renumbered = {
        store: tuple(write if write.step is None else write._replace(step=numbers[write.step]) for write in writes)
        for store, writes in logs.items()
    }
    return ordered, renumbered


def _values(raws: list[Raw], logs: Logs) -> list[Value]:
    found: dict[int, Value] = {}
    for raw in raws:
        for _, value in leaves((raw.args, raw.kwargs, raw.params, raw.output, [value for _, value in raw.writes or ()])):
            found[id(value)] = value
    for writes in logs.values():
        found.update((id(write.value), write.value) for write in writes)
    for value in list(found.values()):
        while value.same_as is not None and id(value.same_as) not in found:
            value = value.same_as
            found[id(value)] = value
    return list(found.values())
