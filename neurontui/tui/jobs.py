"""One thread that does whatever may take long, one thing after another, so that the event loop never waits for torch."""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from neurontui.errors import CancelledError


@dataclass(frozen=True, slots=True)
class Job:
    """`work` runs in the thread; then `done` gets its result, or `failed` its exception, wherever `deliver` brings them."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Jobs:
    """A daemon thread and its queue. A daemon, so that a model that never returns cannot keep the program from ending."""

    def __init__(self, deliver: Callable[[Callable[[], None]], None]) -> None:
        self._deliver = deliver
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._idle: Job | None = None
        self._lock = threading.Lock()
        self._running = False
        self._thread = threading.Thread(target=self._run, name="neurontui-jobs", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether the thread is inside a job at this moment."""
        return self._running

    def start(self) -> None:
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Do `job` after all that was submitted before."""
        self._queue.put(job)

    def submit_latest(self, job: Job) -> None:
        """Do `job` when nothing else waits, unless a later call of this replaces it first."""
        with self._lock:
            self._idle = job
        self._queue.put(None)

    def cancel(self) -> bool:
        """Raise CancelledError inside the running job at its next line of Python; False where nothing runs."""
        with self._lock:
            ident = self._thread.ident
            if not self._running or ident is None:
                return False
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(CancelledError))
            return True

    def _run(self) -> None:
        while True:
            # The exception of `cancel` may arrive a moment late, between two jobs: it has nothing left to end then.
            try:
                self._do_next()
            except CancelledError:
                continue

    def _do_next(self) -> None:
        job = self._queue.get()
        if job is None:
            with self._lock:
                job, self._idle = self._idle, None
        if job is None:
            return
        answer = _attempt(job, self._mark)
        self._deliver(answer)

    def _mark(self, running: bool) -> None:
        with self._lock:
            self._running = running


def _attempt(job: Job, mark: Callable[[bool], None]) -> Callable[[], None]:
    """Do the job; what to call in the event loop with what came of it."""
    mark(True)
    try:
        result = job.work()
    except BaseException as error:  # whatever it was, the event loop decides: the thread has to go on
        failure = error
        return lambda: job.failed(failure)
    finally:
        mark(False)
    return lambda: job.done(result)
