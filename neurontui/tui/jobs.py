"""One thread that does whatever may take long, one thing after another, so that the event loop never waits for torch."""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from neurontui.errors import CancelledError

THREAD = "neurontui-jobs"
SLOTS = ("explain", "zeros", "measure", "nonfinite", "scan", "imports")  # most urgent first


class Interruption(KeyboardInterrupt):
    """What `cancel` raises in the running job. It is no Exception: neither the model nor we may take it for an error and go on."""


@dataclass(frozen=True, slots=True)
class Job:
    """`work` runs in the thread; then `done` gets its result, or `failed` its exception, wherever `deliver` brings them."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Jobs:
    """A daemon thread and what waits for it: a queue, kept in order, and slots, in which a later job replaces a waiting one.

    A daemon, so that a model that never returns cannot keep the program from ending.
    """

    def __init__(self, deliver: Callable[[Callable[[], None]], None]) -> None:
        self._deliver = deliver
        self._queue: deque[Job] = deque()
        self._slots: dict[str, Job] = {}
        self._running: str | None = None  # the slot of the job that runs, "" for one of the queue
        self._change = threading.Condition()
        self._ended = False
        self._interrupted = False  # since the last job was settled
        self._waiting = False  # the thread, for something to do
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def ident(self) -> int | None:
        """The thread's identifier."""
        return self._thread.ident

    @property
    def idle(self) -> bool:
        """Whether all that was submitted is done and delivered."""
        with self._change:
            return self._waiting and not self._queue and not self._slots

    def submit(self, job: Job) -> None:
        """Do `job` after all that was submitted before; what runs in a slot at this moment gives way."""
        with self._change:
            self._queue.append(job)
            if self._running:
                self._interrupt()
            self._change.notify()

    def submit_latest(self, slot: str, job: Job) -> None:
        """Do `job` when the queue is empty, unless a later job of this slot replaces it first."""
        with self._change:
            self._slots[slot] = job
            self._change.notify()

    def cancel(self) -> bool:
        """End the running job at its next line of Python; it and what waits in the queue fail by CancelledError. False where none runs."""
        with self._change:
            for job in self._queue:
                self._deliver(_cancelled(job))
            self._queue.clear()
            self._slots.clear()
            if self._running is None:
                return False
            self._interrupt()
            return True

    def end(self) -> None:
        """Let the thread end after the job that it is in, which goes on: to stop it frees its steps, under Python's lock, for seconds."""
        with self._change:
            self._ended = True
            self._queue.clear()
            self._slots.clear()
            self._change.notify()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the thread to end; whether it has, or never began."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _interrupt(self) -> None:
        if self._thread.ident is not None:
            self._interrupted = True
            _send(self._thread.ident)

    def _settle(self) -> None:
        """The job is over: an exception that was on its way to it must not reach the next."""
        with self._change:
            self._running = None
            if self._interrupted:
                self._interrupted = False
                _receive()

    def _run(self) -> None:
        while not self._ended:
            # The exception of `cancel` may arrive a moment late, between two jobs: it has nothing left to end then.
            try:
                self._do_next()
            except Interruption:
                continue

    def _do_next(self) -> None:
        with self._change:
            self._running = None  # also where the exception of `cancel` came while the last job was settled
            self._waiting = True
            while not self._queue and not self._slots and not self._ended:
                self._change.wait()
            self._waiting = False
            if self._ended:
                return
            slot = "" if self._queue else next(name for name in SLOTS if name in self._slots)
            job = self._slots.pop(slot) if slot else self._queue.popleft()
        self._deliver(self._attempt(job, slot))

    def _attempt(self, job: Job, slot: str) -> Callable[[], None]:
        """Do the job; what to call in the event loop with what came of it."""
        try:
            try:
                self._running = slot  # here, so that from now on whatever interrupts the job is told to whoever waits for it
                result = job.work()
            finally:
                self._settle()
        except Interruption:
            return _cancelled(job)
        except BaseException as error:  # whatever it was, the event loop decides: the thread has to go on
            failure = error
            return lambda: job.failed(failure)
        return lambda: job.done(result)


def _cancelled(job: Job) -> Callable[[], None]:
    return lambda: job.failed(CancelledError("It was cancelled."))


def _send(ident: int) -> None:
    """Have Interruption raised in a thread, at its next line of Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Interruption))


def _receive() -> None:
    """Let what may be on its way to this thread arrive here.

    To take it back instead would leave Python 3.11 looking for it for ever: slower, and without end where `sys.settrace` is on.
    """
    with suppress(Interruption):
        _send(threading.get_ident())  # in the place of the one that is on its way, if any is
        while True:
            pass
