"""Breakpoints that stop, watches that read, marks beside steps."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn
from walking_helpers import record, simple_ann

from neurontui.debugger import Debugger
from neurontui.debugger.breakpoints import parse_condition
from neurontui.errors import StepError


def stops(debugger: Debugger, back: bool = False) -> list[str]:
    """The names of all steps that continue stops at from here."""
    found = []
    while debugger.continue_(back) is not None:
        found.append(debugger.step.name)
    return found


class Sick(nn.Module):
    """log of a negative number, then a division by zero, below a module."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)
        nn.init.constant_(self.fc.weight, 1.0)
        nn.init.constant_(self.fc.bias, 0.0)
        self.inner = nn.Sequential(nn.Identity(), nn.ReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.log(self.fc(x))
        return self.inner(y) / torch.zeros(2)


def test_continue_stops_at_names_in_both_directions() -> None:
    debugger = simple_ann()
    debugger.break_at("./relu")
    debugger.break_at("fc2")
    assert stops(debugger) == ["./relu", "fc2"]
    assert debugger.step.name == "fc2"  # it stays where there is nothing more
    assert stops(debugger, back=True) == ["./relu"]


def test_a_name_stops_at_every_call_of_it() -> None:
    layer = nn.Linear(2, 2)
    debugger = record(nn.Sequential(layer, layer), torch.ones(2))
    debugger.break_at("0/linear")
    found = stops(debugger)
    assert len(found) == 2
    debugger.clear()
    debugger.goto(0)
    debugger.break_at(found[1])
    assert stops(debugger) == [found[1]]


def test_nan_and_inf_stop_where_they_are_made_and_not_at_the_modules_around() -> None:
    debugger = record(Sick(), torch.tensor([-1.0, -2.0]))
    debugger.break_at("", parse_condition("nan"))
    assert stops(debugger)[0] == "./log"
    assert "." not in stops(debugger)
    debugger.clear()
    debugger.break_at(".", parse_condition("nan"))
    debugger.goto("./log")
    assert stops(debugger) == []
    assert stops(debugger, back=True) == ["."]


@pytest.mark.parametrize(
    ("condition", "stopped"),
    [
        ("max > 0.95", ["fc1/linear", "./relu"]), ("min < -0.9", ["fc1/linear"]), ("absmax < 0.5", ["fc2/linear"]), ("mean == 0", []),
        ("[1] > 0.9", ["fc1/linear", "./relu"]), ("[0] == 0", ["./relu"]), ("[5] > 0", []), ("inf", []), ("error", []), ("changed", []),
    ],
)  # fmt: skip
def test_conditions_on_numbers_stop_where_they_are_met(condition: str, stopped: list[str]) -> None:
    debugger = simple_ann()
    debugger.break_at("", parse_condition(condition))
    assert stops(debugger) == stopped


def test_changed_stops_at_what_an_edit_changed() -> None:
    debugger = simple_ann()
    debugger.break_at("", parse_condition("changed"))
    debugger.set("fc2.bias", [0], 5)
    assert stops(debugger) == ["fc2/linear"]


class Tries(nn.Module):
    """An exception that the model catches itself."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        try:
            return x @ torch.ones(7, 7)
        except RuntimeError:
            return x + 1


def test_error_stops_at_an_exception_that_was_caught() -> None:
    debugger = record(Tries(), torch.ones(2))
    assert debugger.run.error is None
    assert debugger.continue_() is None  # no crash to continue to
    debugger.break_at("", parse_condition("error"))
    assert stops(debugger) == ["./matmul"]
    assert debugger.mark(debugger.index) == "error"


def test_breakpoints_are_numbered_found_and_removed() -> None:
    debugger = simple_ann()
    first, second = debugger.break_at("fc1"), debugger.break_at("%3")
    assert (first.number, second.number, second.name) == (1, 2, "./relu")
    assert debugger.break_at("fc1") is first
    assert debugger.stops_at(1) is first
    assert debugger.stops_at(2) is None
    assert debugger.clear(1) == 1
    assert debugger.clear(1) == 0
    assert debugger.break_at("fc1").number == 3
    assert debugger.clear() == 2
    with pytest.raises(StepError, match="fc2"):
        debugger.break_at("fc22")


def test_breakpoints_survive_edits() -> None:
    debugger = simple_ann()
    debugger.break_at("fc2/linear")
    debugger.set("x", [0], 5)
    assert stops(debugger) == ["fc2/linear"]
    debugger.undo()
    assert [stop.name for stop in debugger.breakpoints] == ["fc2/linear"]


def test_marks_are_there_after_a_scan() -> None:
    debugger = record(Sick(), torch.tensor([-1.0, 0.5]))
    log = debugger.trace.step("./log").index
    assert debugger.mark(log) == ""
    debugger.scan(log, log + 1)
    assert debugger.mark(log) == "nan"
    debugger.scan()
    assert debugger.mark(debugger.trace.step("fc").index) == ""
    assert debugger.mark(0) == "nan"


def test_infinities_are_marked() -> None:
    debugger = record(Sick(), torch.tensor([1.0, 1.0]))
    debugger.scan()
    assert debugger.mark(0) == "inf"


def test_watches_read_before_and_now() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    debugger.watch()
    debugger.watch("x", [1])
    debugger.watch("fc1.weight", [0, 1])
    assert [row.before for row in debugger.watched()] == [None, None, None]
    debugger.set("fc1.weight", [0, 1], 2)
    rows = {row.watch.target: (row.before, row.now) for row in debugger.watched()}
    assert rows["fc1/linear"] == (pytest.approx(-0.9256, abs=1e-4), pytest.approx(3.6986, abs=1e-4))
    assert rows["x"] == (2.0, 2.0)
    assert rows["fc1.weight"] == (pytest.approx(-0.3121, abs=1e-4), 2.0)
    assert debugger.watch("x", [1]) in debugger.watches
    assert len(debugger.watches) == 3
    assert debugger.unwatch(2) == 1
    assert [watch.target for watch in debugger.watches] == ["fc1/linear", "fc1.weight"]
    assert debugger.unwatch() == 2


def test_what_is_inside_an_opened_call_is_watched_by_its_outer_name() -> None:
    debugger = simple_ann()
    debugger.goto("fc1/linear")
    debugger.open()
    debugger.step_in()
    assert debugger.watch("input", [0]).target == "x"
    with pytest.raises(StepError, match="cannot be changed from inside"):
        debugger.watch()


def test_marks_do_not_keep_a_closed_call() -> None:
    debugger = simple_ann()
    debugger.goto("fc1")
    opened = weakref.ref(debugger.open())
    debugger.scan()
    debugger.close()
    debugger.cache.clear()
    gc.collect()
    assert opened() is None
