"""Keeps the terminal for the app alone: what the model prints, in Python or in C, goes to the console pane, and it reads nothing."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIMIT = 10_000  # lines kept: a model that prints without end must not fill the memory


class Output(io.TextIOBase):
    """A text stream into a bounded list of lines; `changed` is called, from any thread, once until `lines` is read."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._lines: deque[str] = deque(maxlen=LIMIT)
        self._open = ""
        self._told = False
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        with self._lock:
            *whole, self._open = (self._open + text).split("\n")
            self._lines.extend(map(last_written, whole))
            self._open = self._open[-LIMIT:]
            tell, self._told = not self._told, True
        if tell:
            self._changed()
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def lines(self) -> tuple[str, ...]:
        """All lines so far, the unfinished one last."""
        with self._lock:
            self._told = False
            return (*self._lines, last_written(self._open)) if self._open else tuple(self._lines)


def last_written(line: str) -> str:
    """What is left of a line that was written over from its beginning, after carriage returns: the last state of a progress bar."""
    return next((part for part in reversed(line.split("\r")) if part), "")


class Nothing(io.StringIO):
    """A standard input that is at its end, and says so to whoever reads."""

    def __init__(self, printed: Output) -> None:
        super().__init__("")
        self._printed = printed

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        self._printed.write("(nothing to read for input(): the terminal belongs to NeuronTUI here)\n")
        return ""


@contextmanager
def silence(printed: Output) -> Iterator[None]:
    """While a model runs: its input() meets the end of the file, its breakpoint() is passed over, both said in the console."""

    def pass_over(*args: object, **kwargs: object) -> None:
        printed.write("breakpoint() was passed over: the terminal belongs to NeuronTUI here\n")

    stdin, hook = sys.stdin, sys.breakpointhook
    sys.stdin, sys.breakpointhook = Nothing(printed), pass_over
    try:
        yield
    finally:
        sys.stdin, sys.breakpointhook = stdin, hook


@contextmanager
def heed_termination(end: Callable[[], None]) -> Iterator[None]:
    """A SIGTERM calls `end` first, and does what it would have done when the app has given the terminal back."""
    if threading.current_thread() is not threading.main_thread():  # only there can a signal be received
        yield
        return
    received: list[int] = []

    def receive(number: int, frame: object) -> None:
        received.append(number)
        end()

    before = signal.signal(signal.SIGTERM, receive)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
        if received:
            os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def own_terminal(printed: Output) -> Iterator[None]:
    """Textual writes to a copy of the terminal's descriptors; 1 and 2 themselves lead into `printed` (C code, child processes)."""
    saved = {number: os.dup(number) for number in (1, 2)}
    before = sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr
    read_end, write_end = os.pipe()
    reader = threading.Thread(target=_pump, args=(read_end, printed), name="neurontui-output", daemon=True)
    reader.start()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    sys.__stdout__, sys.__stderr__ = (os.fdopen(saved[n], "w", encoding="utf-8", closefd=False) for n in (1, 2))  # type: ignore[misc]
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # so that a crash of the app itself is seen
    for number in (1, 2):
        os.dup2(write_end, number)
    os.close(write_end)
    try:
        yield
    finally:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        for number, copy in saved.items():
            os.dup2(copy, number)  # closes the last write ends: the reader meets the end of the file
            os.close(copy)
        sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr = before  # type: ignore[misc]
        reader.join(timeout=0.5)


def _pump(read_end: int, printed: Output) -> None:
    with os.fdopen(read_end, encoding="utf-8", errors="replace", newline="") as lines:  # with their carriage returns
        for line in lines:
            printed.write(line)
