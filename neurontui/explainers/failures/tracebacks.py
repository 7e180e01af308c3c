"""A traceback cut to the user's own lines."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from neurontui.records import SourceLine, Step, Trace


def user_lines(trace: Trace, step: Step) -> tuple[SourceLine, ...]:
    """The lines of the user's files that were running when `step` raised, outermost first.

    A loaded trace has no traceback any more: then the lines that made the failing call and the calls around it.
    """
    if step.error is not None and step.error.__traceback__ is not None:
        frames = traceback.extract_tb(step.error.__traceback__)
        lines = tuple(_line(frame) for frame in frames if is_users(frame.filename))
        if lines:
            return lines
    return _lines_around(trace, step)


def _line(frame: traceback.FrameSummary) -> SourceLine:
    text = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return SourceLine(frame.filename, frame.lineno or 0, frame.end_lineno, frame.colno, frame.end_colno, text, frame.name)


def _lines_around(trace: Trace, step: Step | None) -> tuple[SourceLine, ...]:
    lines: list[SourceLine] = []
    while step is not None:
        if step.source is not None:
            lines.insert(0, step.source)
        step = None if step.parent is None else trace.steps[step.parent]
    return tuple(lines)


def is_users(file: str) -> bool:
    """Whether a file is neither Python's, nor torch's, nor NeuronTUI's own."""
    return not file.startswith("<frozen") and not any(Path(file).is_relative_to(folder) for folder in _others())


@cache
def _others() -> tuple[Path, ...]:
    packages = [spec.submodule_search_locations for name in ("torch", "neurontui") if (spec := find_spec(name)) is not None]
    folders = [Path(folder) for locations in packages for folder in locations or ()]
    standard = Path(sysconfig.get_path("stdlib"))
    return (*folders, *(path for path in standard.iterdir() if path.name != "site-packages"))
