"""The moves are index arithmetic with laws: tried on random call trees."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walking_helpers import make_step, make_trace, make_tree

from neurontui.debugger import Debugger, movement
from neurontui.records import Step, Trace


@st.composite
def trees(draw: st.DrawFn) -> tuple[Step, ...]:
    """A random call tree in pre-order: each step's parent is on the path to the step before it."""
    size = draw(st.integers(1, 30))
    parents: list[int | None] = [None]
    for index in range(1, size):
        path = [index - 1]
        while (above := parents[path[-1]]) is not None:
            path.append(above)
        parents.append(draw(st.sampled_from(path)))
    return make_tree(parents)


def descendants(steps: tuple[Step, ...], index: int) -> set[int]:
    """By the parents alone, as a check on `end`."""
    inside = {index}
    for step in steps[index + 1 :]:
        if step.parent in inside:
            inside.add(step.index)
    return inside - {index}


@given(trees())
def test_step_visits_every_step_once_in_order(steps: tuple[Step, ...]) -> None:
    debugger = Debugger(Trace(steps=steps, output=None, error=None, run=None))
    visited = [0]
    while debugger.step_in():
        visited.append(debugger.index)
    assert visited == list(range(len(steps)))
    back = [debugger.index]
    while debugger.step_in(back=True):
        back.append(debugger.index)
    assert back == visited[::-1]


@given(trees(), st.sampled_from(["step_in", "next", "return_"]), st.booleans(), st.integers(1, 12))
def test_a_count_is_as_many_single_moves(steps: tuple[Step, ...], move: str, back: bool, count: int) -> None:
    trace = Trace(steps=steps, output=None, error=None, run=None)
    for start in range(len(steps)):
        one, many = Debugger(trace), Debugger(trace)
        one.goto(start)
        many.goto(start)
        done = sum(getattr(one, move)(back) for _ in range(count))
        assert getattr(many, move)(back, count) == done
        assert many.index == one.index


@given(trees())
def test_next_is_the_first_step_that_is_no_descendant_and_goes_into_the_model(steps: tuple[Step, ...]) -> None:
    for index in range(len(steps)):
        later = [i for i in range(index + 1, len(steps)) if i not in descendants(steps, index)]
        expected = 1 if index == 0 and len(steps) > 1 else later[0] if later and index else None
        assert movement.next_step(steps, index) == expected


@given(trees())
def test_back_next_is_the_previous_sibling_else_the_parent(steps: tuple[Step, ...]) -> None:
    for step in steps:
        siblings = [other.index for other in steps if other.parent == step.parent and other.index < step.index]
        assert movement.back_next(steps, step.index) == (siblings[-1] if siblings else step.parent)


@given(trees())
def test_next_between_siblings_is_undone_by_back_next(steps: tuple[Step, ...]) -> None:
    for step in steps[1:]:
        target = movement.next_step(steps, step.index)
        if target is not None and steps[target].parent == step.parent:
            assert movement.back_next(steps, target) == step.index


@given(trees())
def test_return_leaves_the_parent_and_back_return_goes_to_it(steps: tuple[Step, ...]) -> None:
    for step in steps:
        assert movement.back_return(steps, step.index) == step.parent
        if step.parent is None:
            assert movement.return_step(steps, step.index) is None
            continue
        after = [i for i in range(step.index, len(steps)) if i not in descendants(steps, step.parent)]
        assert movement.return_step(steps, step.index) == (after[0] if after else None)


@given(trees())
def test_the_enclosing_steps_are_a_path_of_parents(steps: tuple[Step, ...]) -> None:
    for step in steps:
        path = movement.list_enclosing(steps, step.index)
        assert path[0] == 0
        assert path[-1] == step.index
        assert all(steps[inner].parent == outer for outer, inner in pairwise(path))


def test_the_crash_is_the_innermost_call_that_the_exception_came_out_of() -> None:
    error, caught = ValueError("boom"), KeyError("handled inside")
    errors = [error, None, caught, error, error]
    tree = make_tree([None, 0, 1, 0, 3])
    steps = tuple(replace(step, error=raised) for step, raised in zip(tree, errors, strict=True))
    assert movement.find_crash(steps) == 4
    own_raise = (make_step(0, None, 2, error=error), make_step(1, 0, 2))
    assert movement.find_crash(own_raise) == 0
    loaded = (make_step(0, None, 2, error=ValueError("boom")), make_step(1, 0, 2, error=ValueError("boom")))
    assert movement.find_crash(loaded) == 1  # each step has its own copy of the exception
    assert movement.find_crash(make_tree([None, 0, 1])) is None


def test_a_caught_exception_is_no_crash() -> None:
    steps = (make_step(0, None, 2), make_step(1, 0, 2, error=KeyError("caught")))
    assert movement.find_crash(steps) is None


def test_moves_stay_at_both_ends() -> None:
    debugger = Debugger(make_trace([None, 0, 1, 0]))
    assert not debugger.step_in(back=True)
    assert not debugger.next(back=True)
    assert not debugger.return_()
    assert debugger.index == 0
    debugger.goto(3)
    assert not debugger.step_in()
    assert not debugger.next()
    assert not debugger.return_()
    assert debugger.index == 3


@pytest.mark.parametrize(("move", "back"), [("step_in", False), ("next", True), ("return_", True), ("next", False)])
def test_a_hundred_thousand_steps_are_walked_at_once(move: str, back: bool) -> None:
    count = 100_000
    steps = (make_step(0, None, count), *(make_step(i, 0, i + 1) for i in range(1, count)))
    debugger = Debugger(Trace(steps=steps, output=None, error=None, run=None))
    debugger.goto(count // 2)
    start = time.thread_time()
    for _ in range(100):
        getattr(debugger, move)(back)
    assert time.thread_time() - start < 0.5  # 5 ms a move is far below a frame; walking siblings would take seconds
