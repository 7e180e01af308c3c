"""The end of the app, in a terminal and a process of its own: at once, with the right status, whatever still runs."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress

import pytest
from terminals import in_terminal

ENDLESS = """
import atexit, pathlib, torch
from torch import nn
FOLDER = pathlib.Path(__file__).parent
atexit.register(lambda: (FOLDER / "ended").touch())
class Held:
    def __del__(self): (FOLDER / "freed").touch()
class Endless(nn.Module):
    def forward(self, x):
        held = Held()
        while True: x = x + 1
model, x = Endless(), torch.ones(3)
"""
DEBUGGED = """
import neurontui, sys
from model import FOLDER, model, x
try: neurontui.debug(model, x)
except neurontui.NeuronTUIError: (FOLDER / "cancelled").touch()
(FOLDER / "after").write_text(str(sys.getswitchinterval()))
"""
SOON = 20  # seconds: a frozen end, not a budget


GIVEN_BACK = b"\x1b[?1049l"  # the terminal's own screen again


def read_until(near, words):
    """Words that nothing stood in the place of: of a line that is there already only what changes is sent."""
    seen = b""
    while words not in seen:
        assert select.select([near], [], [], 60)[0], f"{words!r} did not come"
        seen += os.read(near, 1 << 16)
    return seen


def leave(process, near, key):
    """Press a key, and read what the terminal is sent until the end; the status."""
    os.write(near, key)
    deadline = time.monotonic() + SOON
    while process.poll() is None and time.monotonic() < deadline:
        if select.select([near], [], [], 0.05)[0]:
            with suppress(OSError):  # at the end nobody has the other end
                os.read(near, 1 << 16)
    return process.poll()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.py").write_text(ENDLESS)
    (tmp_path / "debugged.py").write_text(DEBUGGED)
    return tmp_path


@pytest.mark.parametrize(("key", "status"), [(b"q", 0), (b"\x1b", 2)])
def test_a_recording_that_goes_on_is_left_as_it_is(folder, key, status):
    """Its steps are not freed one by one, which takes seconds; what the program registered for its end is done."""
    with in_terminal(folder, "-m", "neurontui", "inspect", "model.py") as (process, near):
        read_until(near, b" steps")
        assert leave(process, near, key) == status
    assert (folder / "ended").exists()
    assert not (folder / "freed").exists()


@pytest.mark.parametrize("key", [b"q", b"\x1b"])
def test_a_program_goes_on_when_its_debugger_is_left(folder, key):
    """There the recording is stopped, and its steps are freed before Python ends."""
    with in_terminal(folder, "debugged.py") as (process, near):
        read_until(near, b" steps")
        assert leave(process, near, key) == 0
    assert (folder / "after").read_text() == str(sys.getswitchinterval())
    assert (folder / "cancelled").exists() == (key == b"\x1b")
    assert (folder / "ended").exists()
    assert (folder / "freed").exists()


def test_what_a_script_left_running_is_waited_for(folder):
    """A thread of the script that is no daemon still writes its file, as when Python runs the script."""
    (folder / "script.py").write_text(
        "import threading, time, torch\nfrom pathlib import Path\n"
        "def write():\n    time.sleep(4)\n    Path('written').touch()\n"
        "torch.nn.ReLU()(torch.ones(2))\nthreading.Thread(target=write).start()\n"
    )
    with in_terminal(folder, "-m", "neurontui", "run", "script.py") as (process, near):
        read_until(near, b"they agree")
        assert leave(process, near, b"q") == 0
    assert (folder / "written").exists()


LOGGING = """
import gzip, torch
from torch import nn
class Logging(nn.Module):
    def __init__(self):
        super().__init__()
        self.log, self.me = open("log", "w"), [self]
    def forward(self, x):
        print("called", file=self.log)
        return x + 1
model, x = Logging(), torch.ones(3)
early = open("early", "wb")
early.write(b"bytes")
packed = gzip.open("packed.gz", "wt")
packed.write("text")
"""


def test_files_that_nobody_closed_are_written(tmp_path):
    (tmp_path / "model.py").write_text(LOGGING)
    with in_terminal(tmp_path, "-m", "neurontui", "inspect", "model.py") as (process, near):
        read_until(near, b"they agree")
        assert leave(process, near, b"q") == 0
    assert (tmp_path / "log").read_text() == "called\n"
    assert (tmp_path / "early").read_bytes() == b"bytes"
    assert (tmp_path / "packed.gz").stat().st_size > 0


def test_the_jobs_of_an_app_that_has_ended():
    from neurontui.tui.jobs import Job, Jobs

    jobs, gate = Jobs(lambda call: call()), threading.Event()
    assert jobs.wait(0)  # it never began
    jobs.start()
    jobs.submit(Job(gate.wait, print, print))
    time.sleep(0.05)
    jobs.submit(Job(pytest.fail, print, print))
    jobs.end()
    assert not jobs.wait(0.05)  # what runs goes on
    gate.set()
    assert jobs.wait(5)  # what waited is forgotten


def test_a_termination_gives_the_terminal_back_and_ends_the_process(folder):
    with in_terminal(folder, "-m", "neurontui", "inspect", "model.py") as (process, near):
        read_until(near, b" steps")
        process.terminate()
        read_until(near, GIVEN_BACK)
        assert process.wait(SOON) == -signal.SIGTERM


def test_the_shell_is_one_key_away_and_the_screen_comes_back(folder):
    (folder / "small.py").write_text("import torch\nmodel, x = torch.nn.Linear(2, 1), torch.ones(2)\n")
    with in_terminal(folder, "-m", "neurontui", "inspect", "small.py") as (process, near):
        read_until(near, b"they agree")
        os.write(near, b"\x1a")
        read_until(near, GIVEN_BACK)
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        process.send_signal(signal.SIGCONT)
        assert b"Steps" in read_until(near, b"they agree")
        assert leave(process, near, b"q") == 0
