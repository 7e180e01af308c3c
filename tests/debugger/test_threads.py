"""A debugger that one thread moves while another reads it: never half a move, and nothing of a fork before it is joined."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from walking_helpers import simple_ann

from neurontui.commands import execute
from neurontui.debugger import Debugger
from neurontui.debugger.shown import list_tensors

# From a place deep in a long run to one of a short run, and back: step numbers, elements and slices of one do not fit the other.
ROUND = ("set fc1.weight[0,1] = 2", "goto fc2/linear", "open", "step 2", "return 2", "show fc1.weight[0, :]", "undo", "seed 3", "undo")


def check_whole(debugger: Debugger) -> None:
    """Everything of one standing is of one moment: the step is in the trace, the cursor in the tensor."""
    standing = debugger.standing
    place, tensors = standing.place, list_tensors(standing.trace, standing.place.index)
    assert standing.step.index == place.index
    shape = tensors[place.shown].value.shape
    assert place.cell is None or (len(place.cell) == len(shape) and all(at < size for at, size in zip(place.cell, shape, strict=True)))
    assert len(place.plane) == len(shape)
    assert all(index < len(inner.outer[0].steps) for inner in standing.opened if inner.outer for index in inner.outer[1:])
    assert [inner.outer[0] for inner in standing.opened if inner.outer] == [standing.run, *standing.opened][: len(standing.opened)]


@contextmanager
def looking_at_every_line(look: Callable[[], None]) -> Iterator[None]:
    """Calls `look` before each line of the debugger's own code: at each moment at which another thread could look."""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if f"{os.sep}debugger{os.sep}" not in frame.f_code.co_filename:
            return None
        look()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def quick_switches() -> Iterator[None]:
    """Threads take turns as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def test_at_no_moment_of_a_move_is_half_of_it_to_be_seen():
    debugger = simple_ann()
    seen = [debugger.standing]

    def look() -> None:
        if debugger.standing is not seen[-1]:
            seen.append(debugger.standing)
            check_whole(debugger)

    with looking_at_every_line(look):
        for line in ROUND:
            assert execute(debugger, line).kind != "error", line
    assert len(seen) > len(ROUND)


@pytest.mark.parametrize("line", ["set fc1.weight[0,1] = 2", "undo", "mode train", "open", "return", "goto fc2", "unfollow"])
def test_a_move_is_one_step_from_before_to_after(line: str):
    debugger = simple_ann()
    for first in ("set fc2.bias[0] = 1", "goto fc1", "goto fc2/linear", *(() if line == "open" else ("open", "step"))):
        execute(debugger, first)
    seen = [debugger.standing]

    def look() -> None:
        if debugger.standing is not seen[-1]:
            seen.append(debugger.standing)

    with looking_at_every_line(look):
        execute(debugger, line)
        look()
    assert len(seen) == 2


def test_a_thread_that_reads_gets_along_with_one_that_moves():
    debugger = simple_ann()
    failures: list[BaseException] = []
    ended = threading.Event()

    def move() -> None:
        try:
            for line in ROUND * 6:
                reply = execute(debugger, line)
                assert reply.kind != "error", (line, reply)
        except BaseException as error:
            failures.append(error)
        finally:
            ended.set()

    def read() -> None:
        check_whole(debugger)
        assert debugger.tensors()
        _ = debugger.shown, debugger.known_explanation, debugger.mark(0)

    with quick_switches():
        mover = threading.Thread(target=move)
        mover.start()
        try:
            while not ended.is_set():
                read()
        finally:
            mover.join()
    assert not failures, failures


def test_what_is_asked_while_another_thread_walks_is_answered_for_one_place():
    debugger = simple_ann()
    walked, ended = debugger.fork(), threading.Event()
    answers: list[str] = []

    def ask() -> None:
        while not ended.is_set():
            why = walked.explanation()
            answers.append(why.title if why else "")
            walked.scan()

    with quick_switches():
        asker = threading.Thread(target=ask)
        asker.start()
        try:
            for _ in range(40):
                for line in ("goto fc1/linear", "goto fc2/linear", "open", "return", "step 9"):
                    execute(walked, line)
        finally:
            ended.set()
            asker.join()
    assert answers


def test_a_fork_walks_alone_until_it_is_joined():
    debugger = simple_ann()
    here = debugger.standing
    fork = debugger.fork()
    for line in ("set fc1.weight[0,1] = 2", "goto fc2", "break fc1", "watch fc1.weight[0, 0]", "view heat"):
        assert execute(fork, line).kind != "error"
    assert debugger.standing is here
    assert (debugger.breakpoints, debugger.watches, debugger.view) == ((), (), "numbers")
    debugger.join(fork)
    assert debugger.standing is fork.standing
    assert (debugger.step.name, [run.change for run in debugger.runs]) == ("fc2", ["", "set fc1.weight[0, 1] = 2"])
    assert (len(debugger.breakpoints), len(debugger.watches), debugger.view) == (1, 1, "heat")


@pytest.mark.parametrize("line", ["set fc1.weight[0,1] = 2", "mode train", "seed 4", "undo"])
def test_a_run_that_is_cancelled_at_its_end_leaves_all_as_it_was(line: str, monkeypatch: pytest.MonkeyPatch):
    """The last thing that a run does is to be stood on: whatever stops it before that has changed nothing."""
    debugger = simple_ann()
    execute(debugger, "set fc2.bias[0] = 1")
    here = debugger.standing

    def stop(first: object, run: object) -> None:
        raise KeyboardInterrupt

    execute(debugger, "set fc2.bias[0] = 2")
    before = debugger.standing
    monkeypatch.setattr("neurontui.comparison.statuses", stop)
    with pytest.raises(KeyboardInterrupt):
        execute(debugger, line)
    assert debugger.standing is before
    assert here is not before
