"""Breakpoints and their conditions, read from text."""

from __future__ import annotations

import pytest
from walking_helpers import make_step

from neurontui.debugger.breakpoints import Breakpoint, Condition, parse_condition, split_breakpoint, without_calls
from neurontui.errors import CommandError


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("nan", Condition("nan")),
        ("inf", Condition("inf")),
        ("changed", Condition("changed")),
        ("error", Condition("error")),
        ("max > 3", Condition("max", ">", 3.0)),
        ("max = 3", Condition("max", "==", 3.0)),
        ("max < inf", Condition("max", "<", float("inf"))),
        ("min<=-1e-3", Condition("min", "<=", -0.001)),
        ("mean != 0", Condition("mean", "!=", 0.0)),
        ("absmax >= 10", Condition("absmax", ">=", 10.0)),
        ("[0, 1] == 2", Condition("element", "==", 2.0, (0, 1))),
        ("[] < 1", Condition("element", "<", 1.0, ())),
    ],
)
def test_a_condition_is_read_and_written(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition
    assert parse_condition(str(condition)) == condition


NO_CONDITIONS = ["", "max", "max >", "sum > 1", "output.max() > 1", "[0] > 1 or True", "__import__('os').system('true')", "> 3"]


@pytest.mark.parametrize("text", NO_CONDITIONS)
def test_what_is_no_condition_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(CommandError, match=r"is no condition; one is nan, inf, changed, error|compares with a number"):
        parse_condition(text)


def test_a_condition_compares_with_a_number() -> None:
    with pytest.raises(CommandError, match="A condition compares with a number, and 'x' is none"):
        parse_condition("max > x")


@pytest.mark.parametrize(
    ("text", "name", "condition"),
    [
        ("", "", None),
        ("fc1", "fc1", None),
        ("%4", "%4", None),
        ("nan", "", "nan"),
        ("if inf", "", "inf"),
        ("max>2", "", "max > 2"),
        ("[0] > 2", "", "[0] > 2"),
        ("fc1 nan", "fc1", "nan"),
        ("fc1 if max > 1", "fc1", "max > 1"),
        ("fc1/linear#2 absmax > 10", "fc1/linear#2", "absmax > 10"),
        ("fc1[0, 1] > 2", "fc1", "[0, 1] > 2"),
    ],
)
def test_a_breakpoint_has_a_name_a_condition_or_both(text: str, name: str, condition: str | None) -> None:
    assert split_breakpoint(text) == (name, None if condition is None else parse_condition(condition))


def test_a_name_without_a_call_number_stops_at_every_call() -> None:
    names = ["fc1", "fc1#2", "fc1/linear", "fc1#2/linear", "fc10", "a.fc1"]
    steps = [make_step(i, None, i + 1, name=name) for i, name in enumerate(names)]
    assert [step.name for step in steps if Breakpoint(1, "fc1").names(step)] == ["fc1", "fc1#2"]
    assert [step.name for step in steps if Breakpoint(1, "fc1#2").names(step)] == ["fc1#2"]
    assert [step.name for step in steps if Breakpoint(1, "fc1/linear").names(step)] == ["fc1/linear", "fc1#2/linear"]
    assert all(Breakpoint(1, "", Condition("nan")).names(step) for step in steps)


def test_call_numbers_are_cut_off_names() -> None:
    assert without_calls("layers.0#12/linear#3") == "layers.0/linear"
    assert without_calls("fc1") == "fc1"


@pytest.mark.parametrize(("operator", "met"), [("<", False), ("<=", True), (">", False), (">=", True), ("==", True), ("!=", False)])
def test_every_operator_compares(operator: str, met: bool) -> None:
    assert Condition("max", operator, 2.0).holds(2.0) is met


def test_nan_meets_no_comparison() -> None:
    assert not any(Condition("max", operator, 2.0).holds(float("nan")) for operator in ("<", "<=", ">", ">=", "=="))
