"""`neurontui export MODEL|TRACE|LESSON -o FILE`: a trace file, a page, Markdown, a picture or JSON, by the ending."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from neurontui.cli.requests import make_request, quiet_answer
from neurontui.errors import InputError, nearest
from neurontui.session import load_trace, read_commands
from neurontui.text import clean

if TYPE_CHECKING:
    from neurontui.lessons.document import Lesson
    from neurontui.records import Trace

ENDINGS = (".safetensors", ".html", ".md", ".svg", ".json")
OF_A_LESSON = (".html", ".md", ".svg")
OF_WALKS, OF_LESSONS = ("step", "at", "commands"), ("page",)  # options of a picture
SIZE = (120, 40)


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 1 where the forward raised (the file is written all the same)."""
    out = Path(options.out)
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"-o {options.out} has none of the endings {' '.join(ENDINGS)}{nearest(out.suffix, ENDINGS)}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputError(f"{options.out} cannot be written: {'it is a folder' if out.is_dir() else f'there is no folder {out.parent}'}")
    if any(os.path.exists(out) and os.path.exists(file) and out.samefile(file) for file in _files_read(options)):
        raise InputError(f"-o {options.out} would be written over what it is made from: give another name")
    if options.worksheet and out.suffix.lower() not in (".html", ".md"):
        raise InputError(f"a worksheet is an .html or .md file, so -o {options.out} does not go with --worksheet")
    lesson = _find_lesson(options.model)
    if lesson is not None and out.suffix.lower() not in OF_A_LESSON:
        raise InputError(f"{options.model} is a lesson, and -o {options.out} has none of a lesson's endings {' '.join(OF_A_LESSON)}")
    _refuse_options(options, out, lesson is not None)
    return _export_lesson(lesson, options, out) if lesson is not None else _export_trace(options, out)


def _files_read(options: argparse.Namespace) -> list[str]:
    """The files, among other words, that the export is made from."""
    named = [
        options.model,
        options.weights,
        options.commands,
        *(text for given in options.inputs for text in (given, given.partition("=")[2])),
    ]
    return [name for name in named if name]


def _refuse_options(options: argparse.Namespace, out: Path, is_lesson: bool) -> None:
    """Options that say what a picture shows belong to a picture: of a lesson its page, of anything else a step."""
    foreign, kind = (OF_WALKS, "a model or trace") if is_lesson else (OF_LESSONS, "a lesson")
    for name in (name for name in ("size", *OF_WALKS, *OF_LESSONS) if getattr(options, name) is not None):
        spelled = "-x" if name == "commands" else f"--{name}"
        if out.suffix.lower() != ".svg":
            raise InputError(f"{spelled} says what a picture shows, and -o {options.out} is none: give a file that ends with .svg")
        if name in foreign:
            raise InputError(f"{spelled} is for a picture of {kind}, and {options.model} is none")


def _find_lesson(name: str) -> Lesson | None:
    """The lesson of that name or in that file; None where the words name a model."""
    from neurontui.lessons.library import find_lessons, open_lesson

    return open_lesson(name) if name.endswith(".md") or (name in find_lessons() and not Path(name).exists()) else None


def _export_trace(options: argparse.Namespace, out: Path) -> int:
    with quiet_answer():
        trace = load_trace(make_request(options, options.model), copy_parameters=True)
        if out.suffix.lower() == ".safetensors":
            from neurontui.storage import save

            save(trace, out)
        elif out.suffix.lower() == ".svg":
            _draw_walk(trace, options, out)
        else:
            from neurontui.exporting import export_trace

            export_trace(trace, out, worksheet=options.worksheet, title=Path(options.model).stem)
    print(f"wrote {clean(options.out)}")
    return 0 if trace.error is None else 1


def _draw_walk(trace: Trace, options: argparse.Namespace, out: Path) -> None:
    """The app's screen after the commands of -x, at --step and --at; with --at the computation has the focus."""
    from neurontui.commands.running import run_line
    from neurontui.debugger import Debugger
    from neurontui.tui.app import NeuronTUI
    from neurontui.tui.screenshots import draw, write_screenshot

    debugger, title = Debugger(trace), Path(options.model).stem
    goto = (f"goto {options.step}",) if options.step is not None else ()
    at = (f"at {options.at}",) if options.at is not None else ()
    for line in (*read_commands(options.commands), *goto, *at):
        run_line(debugger, line)
    app = NeuronTUI(lambda progress: debugger, title=title, ascii=options.ascii)
    write_screenshot(draw(app, options.size or SIZE, title, ("enter",) if at else ()), out)


def _export_lesson(lesson: Lesson, options: argparse.Namespace, out: Path) -> int:
    from neurontui.cli.lessons import allow_models

    allow_models(lesson)
    with quiet_answer():
        if out.suffix.lower() == ".svg":
            _draw_lesson(lesson, options, out)
        else:
            from neurontui.exporting.lessons import export_lesson

            export_lesson(lesson, out, worksheet=options.worksheet)
    print(f"wrote {clean(options.out)}")
    return 0


def _draw_lesson(lesson: Lesson, options: argparse.Namespace, out: Path) -> None:
    """A page of a lesson as it is when it is turned to."""
    from neurontui.tui.lessons import LessonApp
    from neurontui.tui.screenshots import draw, write_screenshot

    page = 1 if options.page is None else options.page
    if not 1 <= page <= len(lesson.pages):
        raise InputError(f"--page {page} is no page of {options.model}: it has pages 1 to {len(lesson.pages)}")
    app = LessonApp(lesson, "", page=page, ascii=options.ascii)
    write_screenshot(draw(app, options.size or SIZE, lesson.title), out)
