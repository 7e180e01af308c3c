"""`neurontui export MODEL|TRACE|LESSON -o FILE`: a trace file, a page, Markdown, a picture or JSON, by the ending."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from neurontui.cli.requests import make_request, quiet_answer
from neurontui.errors import InputError, nearest
from neurontui.session import load_trace

if TYPE_CHECKING:
    from neurontui.lessons.document import Lesson

ENDINGS = (".safetensors", ".html", ".md", ".svg", ".json")


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 1 where the forward raised (the file is written all the same)."""
    out = Path(options.out)
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"-o {options.out} has none of the endings {' '.join(ENDINGS)}{nearest(out.suffix, ENDINGS)}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputError(f"{options.out} cannot be written: {'it is a folder' if out.is_dir() else f'there is no folder {out.parent}'}")
    if options.worksheet and out.suffix.lower() not in (".html", ".md"):
        raise InputError(f"a worksheet is an .html or .md file, so -o {options.out} does not go with --worksheet")
    if (lesson := _find_lesson(options.model)) is not None:
        return _export_lesson(lesson, options, out)
    with quiet_answer():
        trace = load_trace(make_request(options, options.model), copy_parameters=True)
    if out.suffix.lower() == ".safetensors":
        from neurontui.storage import save

        save(trace, out)
    else:
        from neurontui.exporting import export_trace

        export_trace(trace, out, worksheet=options.worksheet, title=Path(options.model).stem)
    print(f"wrote {options.out}")
    return 0 if trace.error is None else 1


def _find_lesson(name: str) -> Lesson | None:
    """The lesson of that name or in that file; None where the words name a model."""
    from neurontui.lessons.library import find_lessons, open_lesson

    return open_lesson(name) if name.endswith(".md") or (name in find_lessons() and not Path(name).exists()) else None


def _export_lesson(lesson: Lesson, options: argparse.Namespace, out: Path) -> int:
    from neurontui.cli.lessons import allow_models
    from neurontui.exporting.lessons import export_lesson

    allow_models(lesson)
    with quiet_answer():
        export_lesson(lesson, out, worksheet=options.worksheet)
    print(f"wrote {options.out}")
    return 0
