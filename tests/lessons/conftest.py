"""Lessons and questions over the demos, which run in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from neurontui.capture import record_run
from neurontui.commands.running import run_line
from neurontui.debugger import Debugger
from neurontui.lessons.document import Lesson, parse_lesson
from neurontui.loading import Request, load_run

HEAD = "---\ntitle: A lesson\nmodel: demo neuron\n---\n\n"


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Progress goes to a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def stand_at() -> Callable[..., Debugger]:
    """`stand_at("simple_ann", "goto fc1", "at 0")`: a demo, walked by these commands."""

    def make(demo: str, *lines: str) -> Debugger:
        debugger = Debugger(record_run(load_run(Request(demo, demo=True))))
        for line in lines:
            run_line(debugger, line)
        return debugger

    return make


@pytest.fixture
def make_lesson() -> Callable[..., Lesson]:
    """A lesson of pages, each given as its text below the heading."""

    def make(*pages: str, head: str = HEAD, file: str = "a.md") -> Lesson:
        return parse_lesson(head + "\n\n".join(f"## Page {number}\n\n{page}" for number, page in enumerate(pages, 1)), file)

    return make
