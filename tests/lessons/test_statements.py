"""The numbers that a lesson states are the trace's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from neurontui.debugger import Debugger
from neurontui.errors import NeuronTUIError
from neurontui.lessons.checking import check_lesson
from neurontui.lessons.document import Lesson
from neurontui.lessons.references import read_condition, read_reference
from neurontui.lessons.statements import bare_numerals, fill, states

Stand = Callable[..., Debugger]
Make = Callable[..., Lesson]


@pytest.mark.parametrize(
    ("numeral", "number", "right"),
    [
        ("2.7", 2.6999998, True), ("2.70", 2.6999998, True), ("2.7", 2.74, True), ("2.7", 2.76, False), ("3", 2.7, False),
        ("3", 3.0000002, True),
        ("−0.93", -0.9256, True), ("0.93", -0.9256, False), ("2,666,666.75", 2666666.75, True), ("4,000", 4000, True),
        ("1.2e-7", 1.2e-7, True),
        ("1.2e-7", 1.3e-7, False), ("[2, 1]", (2, 1), True), ("[1, 2]", (2, 1), False), ("0", 1e-9, False),
    ],
)  # fmt: skip
def test_a_number_is_stated_up_to_its_digits(numeral: str, number: object, right: bool) -> None:
    assert states(numeral, number) is right  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "numerals"),
    [
        ("3 × 0.2 = 0.6", ["3", "0.2", "0.6"]), ("It is −0.5, or -1.5.", ["−0.5", "-1.5"]), ("`nn.Linear(2, 1)` gives 4", ["4"]),
        ("`3 + 4`", ["3", "4"]), ("x[0] and fc1 in 2-D, float32", []), ("{50} %, {value}, {2.7 = value}", []), ("shape [2, 1]", ["2", "1"]),
        ("4,000 and 1,5", ["4,000", "1", "5"]), ("It ends with 7.", ["7"]), ("layers.0.attn", []),
    ],
)  # fmt: skip
def test_which_numbers_are_statements(text: str, numerals: list[str]) -> None:
    assert bare_numerals(text) == numerals


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("value", -0.9256), ("sum 1", 0.3643), ("term 2", -0.6657), ("fc1[1]", 0.9508), ("fc1.weight[0, 1]", -0.3121),
        ("shape fc2.weight", (1, 2)),
        ("parameters", 6), ("parameters .", 9), ("max fc1", 0.9508), ("zeros ./relu", 1), ("x[1]", 2.0), ("input[1]", 2.0),
    ],
)  # fmt: skip
def test_references(stand_at: Stand, reference: str, value: object) -> None:
    found = read_reference(stand_at("simple_ann", "goto fc1/linear", "at 0"), reference)
    assert found == (pytest.approx(value, abs=6e-5) if isinstance(value, float) else value)


def test_references_to_stages_and_to_what_was_before(stand_at: Stand) -> None:
    debugger = stand_at("batchnorm", "goto ./batch_norm", "at 0,0")
    assert read_reference(debugger, "stage variance") == pytest.approx(2.6667, abs=1e-4)
    assert read_reference(debugger, "after running_mean[0]") == pytest.approx(0.4)
    edited = stand_at("neuron", "goto ./linear", "set weight[0, 1] = -1")
    assert (read_reference(edited, "before value"), read_reference(edited, "value")) == (pytest.approx(2.7), pytest.approx(-4.3))


@pytest.mark.parametrize("reference", ["nothing[0]", "fc1[9]", "sum 0", "sum 9", "stage mean", "before value", "after weight[0, 0]"])
def test_a_reference_to_nothing_is_refused(stand_at: Stand, reference: str) -> None:
    with pytest.raises(NeuronTUIError):
        read_reference(stand_at("simple_ann", "goto fc1/linear"), reference)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("fc1[0] > 0", False), ("fc1[0] <= fc1[1]", True), ("shape output == [2]", True), ("parameters != 6", False), ("raises", False),
        ("not raises fc2", True), ("value == -0.9255533814430237", True),
    ],
)  # fmt: skip
def test_conditions(stand_at: Stand, condition: str, holds: bool) -> None:
    assert read_condition(stand_at("simple_ann", "goto fc1/linear"), condition).holds is holds


def test_what_is_filled_in(stand_at: Stand) -> None:
    debugger = stand_at("neuron", "goto ./linear")
    text = "It gives {value}, {value:2}, {2.7 = value}; {shape weight}; {50 %}; {[1, 2]}"
    assert fill(text, debugger) == "It gives 2.7, 2.70, 2.7; [1, 2]; 50 %; [1, 2]"
    with pytest.raises(NeuronTUIError, match=r"states 2\.8.* is 2\.7"):
        fill("{2.8 = value}", debugger)


@pytest.mark.parametrize(
    ("page", "line", "words"),
    [
        ("It gives 2.8.", 8, "states 2.8"),
        ("It gives {2.8 = ./linear[0]}.", 8, "is 2.7"),
        ("It gives {nothing}.", 8, "nothing"),
        ("```neurontui\ngoto nowhere\n```", 9, "nowhere"),
        ("```neurontui\npredict kept\n```", 9, "no dropout"),
        ("```neurontui\ngoto ./linear\npredict value\n```\n> Wrong dropped: no", 12, "no mistake 'dropped'"),
        ("The neuron gives 2.7.\n\n```neurontui\ngoto ./linear\npredict value\n```", 8, "gives away"),
        ("```neurontui try\nset weight[9, 9] = 1\n```", 9, "no element"),
        ("```neurontui\nmodel nosuchdemo\n```", 9, "no demo"),
        ("\n\n".join(["word"] * 8), 6, "15 lines"),
        ("{stage foo}", 8, "there is no stage 'foo', and this explanation has no stages."),
        ("It is 7.", 8, "no number that the model shows rounds to it"),
        ("{before value}\n\n```neurontui try\nset weight[0, 0] = 2\n```", 8, "nothing was changed yet"),
    ],
)
def test_what_a_check_finds(make_lesson: Make, page: str, line: int, words: str) -> None:
    found = list(check_lesson(make_lesson(page)))
    assert found
    assert found[0].startswith(f"a.md:{line}: ")
    assert words in found[0]
    assert len(found) == len(set(found))
