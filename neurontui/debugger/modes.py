"""Train and eval mode: which module runs in which, and what the next mode is that changes anything."""

from __future__ import annotations

from neurontui.debugger.places import Mode
from neurontui.records import Run, Trace

MODES: tuple[Mode, ...] = ("written", "train", "eval")
TRAINING = {"written": None, "train": True, "eval": False}


def mode_of(run: Run | None) -> Mode:
    """How a run was made: as the model was written, all in train, or all in eval mode."""
    training = run.training if run else None
    return "written" if training is None else "train" if training else "eval"


def next_mode(run: Run) -> Mode:
    """The mode after the run's own in the round written, train, eval that puts some module into another state.

    So a model written in train mode goes to eval at once, and back; one with modules of both kinds has all three.
    """
    written = _flags(run)
    start = MODES.index(mode_of(run))
    now = _states(written, MODES[start])
    order = [MODES[(start + k) % len(MODES)] for k in range(1, len(MODES))]
    return next((mode for mode in order if _states(written, mode) != now), order[0])


def state_word(trace: Trace) -> str:
    """`"TRAIN"`, `"EVAL"`, or `"TRAIN and EVAL"` where some modules run in one and some in the other; `""` where nothing is known."""
    states = {step.training for step in trace.steps if step.kind == "module"} - {None}
    return " and ".join(word for word, training in (("TRAIN", True), ("EVAL", False)) if training in states)


def _flags(run: Run) -> tuple[bool, ...]:
    """Which modules the model was written in train mode."""
    modules = getattr(run.model, "modules", None)
    return tuple(bool(getattr(module, "training", False)) for module in modules()) if callable(modules) else (False,)


def _states(written: tuple[bool, ...], mode: Mode) -> tuple[bool, ...]:
    training = TRAINING[mode]
    return written if training is None else (training,) * len(written)
