"""The job thread: order, replacement, cancelling."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time

import pytest

from neurontui.errors import CancelledError
from neurontui.tui.jobs import Job, Jobs


@pytest.fixture
def thread():
    delivered = queue.Queue()
    jobs = Jobs(delivered.put)
    jobs.start()
    yield jobs, delivered
    jobs.end()
    jobs.cancel()


def job(work, results):
    return Job(work, lambda result: results.append(result), lambda error: results.append(type(error)))


def collect(delivered, count):
    for _ in range(count):
        delivered.get(timeout=5)()


def test_queued_jobs_keep_their_order(thread):
    jobs, delivered = thread
    results = []
    for number in range(20):
        jobs.submit(job(lambda number=number: number, results))
    collect(delivered, 20)
    assert results == list(range(20))


def test_an_exception_is_delivered_and_the_thread_goes_on(thread):
    jobs, delivered = thread
    results = []
    jobs.submit(job(lambda: 1 / 0, results))
    jobs.submit(job(lambda: "on", results))
    collect(delivered, 2)
    assert results == [ZeroDivisionError, "on"]


def test_a_slot_keeps_only_its_latest_job(thread):
    jobs, delivered = thread
    results, gate = [], threading.Event()
    jobs.submit(job(gate.wait, results))
    for number in range(5):
        jobs.submit_latest("explain", job(lambda number=number: number, results))
    gate.set()
    collect(delivered, 2)
    assert results == [True, 4]


def spin():
    while True:
        time.sleep(0.001)


def test_cancel_ends_a_python_loop_and_the_next_job_runs(thread):
    jobs, delivered = thread
    results = []
    assert not jobs.cancel()
    jobs.submit(job(spin, results))
    time.sleep(0.05)
    assert jobs.cancel()
    collect(delivered, 1)
    assert results == [CancelledError]
    jobs.submit(job(lambda: "next", results))
    collect(delivered, 1)
    assert results[-1] == "next"


def test_what_waits_behind_is_cancelled_too_whatever_runs(thread):
    """Whoever waits for it is told, or would wait for ever: also where nothing runs yet, or what runs is in a slot."""
    jobs, delivered = thread
    results, asked = [], []
    jobs.submit_latest("explain", job(spin, asked))
    time.sleep(0.05)
    with jobs._change:  # the thread cannot take what waits before it is cancelled
        for number in range(3):
            jobs._queue.append(job(lambda number=number: number, results))
        assert jobs._running == "explain"
        jobs._change.notify()
        with jobs._change:
            assert jobs.cancel()
    collect(delivered, 4)
    assert results == [CancelledError] * 3
    assert asked == [CancelledError]


def test_a_model_that_goes_on_after_any_error_can_be_cancelled(thread):
    jobs, delivered = thread
    results = []

    def spin_on():
        while True:
            try:
                time.sleep(0.001)
            except Exception:
                continue

    jobs.submit(job(spin_on, results))
    time.sleep(0.05)
    assert jobs.cancel()
    collect(delivered, 1)
    assert results == [CancelledError]


def test_a_command_does_not_wait_for_an_explanation(thread):
    jobs, delivered = thread
    results = []
    jobs.submit_latest("explain", job(spin, results))
    time.sleep(0.05)
    jobs.submit(job(lambda: "moved", results))
    collect(delivered, 2)
    assert results == [CancelledError, "moved"]


TRACED_AFTER = """
import queue, sys, threading
from neurontui.tui.jobs import Job, Jobs
delivered, started, gate = queue.Queue(), threading.Event(), threading.Event()
def finish():
    started.set()
    try: gate.wait()
    except BaseException: pass
jobs = Jobs(delivered.put)
jobs.start()
for cancelled in (False, True):
    jobs.submit(Job(finish, print, print))
    started.wait()
    if cancelled: jobs.cancel()
    gate.set()
    delivered.get()
    started.clear(), gate.clear()
jobs.end()
assert jobs.wait(5)
def call(): return "traced"
sys.settrace(lambda *_: None)
print(call())
"""


def test_a_program_can_be_traced_after_its_jobs():
    """By pdb, say: an exception taken back on its way to a job left Python 3.11 looking for it at every call, without end."""
    ended = subprocess.run([sys.executable, "-c", TRACED_AFTER], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "traced\n"
