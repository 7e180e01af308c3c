"""Raw steps become a frozen Trace: names are given, ends found, and pre-order restored where threads were at work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from neurontui.capture.drafts import make_step
from neurontui.capture.memory import Write
from neurontui.capture.operations import name_of_called
from neurontui.capture.raw import EMPTY, Raw
from neurontui.capture.recorder import Recorder
from neurontui.capture.threads import untangle
from neurontui.records import Run, Trace
from neurontui.signatures import names_of


def finish(
    recorder: Recorder, run: Run | None, output: Any, error: BaseException | None, notes: tuple[str, ...],
    names: Mapping[str, int] | None = None,
) -> Trace:  # fmt: skip
    """The Trace of what was recorded; the recorder lets go of everything.

    `names` says how many calls of a name there were before.
    """
    logs: dict[int, tuple[Write, ...]] = recorder.memory.release()
    raws = recorder.steps
    if recorder.elsewhere:
        raws, logs = untangle(raws, logs)
    ends = _find_ends(raws)
    counts: defaultdict[str, int] = defaultdict(int, names or {})
    classes: dict[Any, str] = {}
    aliases = recorder.tree.aliases
    steps = []
    for raw in raws:
        if raw.kind == "module":
            op = classes.get(raw.op) or classes.setdefault(raw.op, name_of_called(raw.op))
            base, also = raw.path, tuple(aliases.get(id(raw.target), ())) if aliases else ()
        else:
            op, base, also = raw.op.name, f"{raw.path}/{raw.op.label}", ()
        call = counts[base] = counts[base] + 1
        step = make_step(
            raw.index, None if raw.parent is None else raw.parent.index, raw.kind, op, raw.path, call,
            base if call == 1 else f"{base}#{call}", raw.args, raw.kwargs, raw.params, raw.output,
            _name_writes(raw, op) if raw.writes else EMPTY, raw.training, raw.grad, raw.autocast, raw.duration, raw.random_state,
            raw.error, ends[raw.index], raw.frame, raw.target, also, raw.note,
        )  # fmt: skip
        steps.append(step)
    recorder.steps, recorder.root, recorder.tree.names = [], None, {}
    return Trace(tuple(steps), output, error, run, notes, None, logs)


def _find_ends(raws: list[Raw]) -> list[int]:
    ends = [raw.index + 1 for raw in raws]
    for raw in reversed(raws):
        parent = raw.parent
        if parent is not None:
            end = ends[raw.index]
            if end > ends[parent.index]:
                ends[parent.index] = end
            if raw.random_state is not None:
                parent.random_state = raw.random_state  # the earliest draw inside: going backwards, the last to be set
    return ends


def _name_writes(raw: Raw, op: str) -> dict[str, Any]:
    assert raw.writes is not None
    names, _ = (
        names_of(op, raw.target, raw.args, raw.kwargs, raw.kind) if any(isinstance(place, int) for place, _ in raw.writes) else ((), None)
    )
    named = {}
    for place, value in raw.writes:
        name = place if isinstance(place, str) else names[place] if place < len(names) else f"arg{place}"
        named[name] = value
    return named
