"""Questions: the answer is the trace's, wrong answers are named, and what is shown before does not hold the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import neurontui
from neurontui.debugger import Debugger
from neurontui.errors import CommandError, NeuronTUIError
from neurontui.lessons.questions import KINDS, Question, ask_choice, judge, make_question
from neurontui.lessons.questions.making import suited_kinds
from neurontui.loading.demos import find_demos
from neurontui.rendering.lessons import plain_given, question_scene
from neurontui.text import format_number, format_shape

Stand = Callable[..., Debugger]


def verdict_of(question: Question, text: str) -> tuple[bool | None, str]:
    verdict = judge(question, text)
    return (None, "") if verdict is None else (verdict.right, verdict.mistake)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.7", (True, "")), ("2,7", (True, "")), (" 27/10 ", (True, "")), ("+2.70", (True, "")), ("2.7e0", (True, "")),
        ("2.6", (False, "bias")), ("2.5", (False, "bias-sign")), ("-2.7", (False, "sign")), ("−2.7", (False, "sign")),
        ("8", (False, "unweighted")), ("0.6", (False, "first")), ("2.8", (False, "bias-twice")), ("2.75", (False, "rounding")),
        ("3", (False, "factor")), ("100", (False, "")), ("seven", (None, "")), ("", (None, "")), ("1/0", (None, "")),
    ],
)  # fmt: skip
def test_the_value_of_a_neuron(stand_at: Stand, text: str, expected: tuple[bool | None, str]) -> None:
    question = make_question(stand_at("neuron", "goto ./linear"), "value")
    assert question.answer == pytest.approx(2.7)
    assert verdict_of(question, text) == expected


def test_thousands_may_be_set_apart(stand_at: Stand) -> None:
    question = make_question(stand_at("batchnorm", "goto ./batch_norm", "at 0,2", "stage 1"), "value")
    assert verdict_of(question, "2,666,666.75") == (True, "")
    assert verdict_of(question, "2,6666") == (False, "")


def test_a_wrong_answer_without_a_name_gets_a_direction(stand_at: Stand) -> None:
    verdict = judge(make_question(stand_at("neuron", "goto ./linear"), "value"), "100")
    assert verdict is not None
    assert verdict.words == "Not 100: it is smaller."


@pytest.mark.parametrize(
    ("demo", "place", "words", "answer", "mistakes"),
    [
        ("simple_ann", ("goto fc1", "at 0"), "value", -0.9256, {"transposed": -0.5755, "bias": -0.2599}),
        ("simple_ann", ("goto ./relu", "at 0"), "value", 0, {"unrectified": -0.9256, "absolute": 0.9256}),
        ("simple_ann", ("goto ./relu", "at 1"), "value", 0.9508, {"zeroed": 0}),
        ("dropout", ("goto ./dropout", "at 0"), "value", 20, {"scale": 10, "shrunk": 5, "dropped": 0}),
        ("dropout", ("goto ./dropout", "at 1"), "value", 0, {"dropped": 40}),
        ("batchnorm", ("goto ./batch_norm", "at 0,0"), "value", -1.2247, {"unbiased": -1, "mean": -2}),
        ("batchnorm", ("goto ./batch_norm", "at 0,0", "stage 1"), "value", 2.6667, {"unbiased": 4, "undivided": 8, "root": 1.633}),
        ("batchnorm", ("goto ./batch_norm", "at 0,0", "stage 0"), "value", 4, {"row": 1400.6667, "undivided": 12}),
        ("batchnorm:eval", ("goto ./batch_norm", "at 0,0"), "value", 1.4033, {"batch": -1.2247}),
        ("norms", ("goto layer_norm", "at 1,0", "stage 0"), "value", 20, {"column": 5.5, "undivided": 60}),
        ("norms", ("goto layer_norm", "at 1,0"), "value", -1.2247, {"column": 1, "mean": -10}),
        ("attention", ("goto ./softmax", "at 0,1"), "value", 0.1554, {"axis": 0.0159}),
        ("batchnorm", ("goto ./batch_norm",), "value after running_mean[0]", 0.4, {"old": 0, "batch": 4, "momentum": 3.6}),
        ("batchnorm", ("goto ./batch_norm",), "value after running_var[0]", 1.3, {"biased": 0.9 + 0.26667, "old": 1}),
        ("neuron", ("goto ./linear",), "sum 1", 0.6, {"added": 3.2, "input": 3, "weight": 0.2}),
        ("neuron", ("goto ./linear",), "sum 2", 2.6, {"term": 2, "before": 0.6, "all": 2.7}),
        ("neuron", ("goto .",), "parameters", 3, {"bias": 2}),
    ],
)  # fmt: skip
def test_known_answers_and_named_mistakes(
    stand_at: Stand, demo: str, place: tuple[str, ...], words: str, answer: float, mistakes: dict[str, float]
) -> None:
    question = make_question(stand_at(demo, *place), words)
    assert question.answer == pytest.approx(answer, abs=6e-5)
    for name, number in mistakes.items():
        wrong = verdict_of(question, f"{number:.4f}" if question.wants == "number" else f"{number}")
        assert wrong == (False, name), question.mistakes


@pytest.mark.parametrize(
    ("demo", "place", "words", "right", "wrong"),
    [
        ("full_model:batch", ("goto 0",), "shape", "[2, 4]", {"2 2 2": "input", "4x2": "transposed", "(4,)": "batch", "8": "flat"}),
        ("last_dimension:cube", ("goto .",), "shape", "4x10x5", {"[10, 5]": "batch"}),
        ("simple_ann", ("goto fc2/linear",), "shape weight", "(1, 2)", {"2x1": "transposed"}),
        ("simple_ann", ("goto fc2/linear",), "shape", "[1]", {"[1, 1]": "batch", "[2]": "input", "1 2": "weight"}),
        ("simple_ann", ("goto fc1/linear",), "largest", "1", {"0": "smallest", "2": "from-one"}),
        ("simple_ann", ("goto fc1/linear", "at 0"), "sign", "negative", {"3": "positive", "zero": "zero"}),
        ("dropout", ("goto ./dropout", "at 1"), "kept", "dropped", {"1": "kept"}),
        ("dropout", ("goto ./dropout", "at 0"), "kept", "kept", {"dropped": "dropped"}),
        ("simple_ann", ("goto ./relu", "at 0"), "zero", "the activation made it", {"2": "dropped"}),
        ("dimension_rule", ("goto 1",), "raises", "raises", {"runs": "runs"}),
        ("neuron", ("goto .",), "raises", "2", {"1": "raises"}),
        ("simple_ann", ("goto .",), "whether fc1[0] > 0", "no", {}),
        ("simple_ann", ("goto .",), "equal ./relu[1] fc1[1]", "yes", {}),
    ],
)  # fmt: skip
def test_choices_and_shapes(stand_at: Stand, demo: str, place: tuple[str, ...], words: str, right: str, wrong: dict[str, str]) -> None:
    question = make_question(stand_at(demo, *place), words)
    assert verdict_of(question, right) == (True, ""), question.told
    for text, name in wrong.items():
        assert verdict_of(question, text) == (False, name)


def test_a_choice_is_right_by_its_condition(stand_at: Stand) -> None:
    debugger = stand_at("flatten:layer", "goto .")
    question = ask_choice(debugger, [("shape output == [4]", "a line of four"), ("shape output == [2, 2]", "as it was")])
    assert question.told == "as it was"
    for conditions in ([("1 < 2", "a"), ("2 < 3", "b")], [("1 > 2", "a"), ("raises .", "b")]):
        with pytest.raises(NeuronTUIError, match="just one"):
            ask_choice(debugger, conditions)


def test_equal_maxima_are_all_right(stand_at: Stand) -> None:
    question = make_question(stand_at("dead_neurons", "goto ./relu"), "largest")
    assert verdict_of(question, "0") == verdict_of(question, "1") == (True, "")


@pytest.mark.parametrize("words", ["nonsense", "kept", "zero", "sum 9", "sum x", "value nothing[0]", "whether fc1[0] is large"])
def test_what_cannot_be_asked_is_refused(stand_at: Stand, words: str) -> None:
    with pytest.raises(NeuronTUIError):
        make_question(stand_at("neuron", "goto ./linear"), words)


def test_every_step_of_every_demo_can_be_asked_about(stand_at: Stand) -> None:
    """And the question's own answer is right, no mistake is the answer, and nothing that is shown before tells it."""
    asked = 0
    for demo in find_demos():
        debugger = stand_at(demo)
        for index in range(len(debugger.trace.steps)):
            debugger.goto(index)
            for kind in KINDS:
                try:
                    question = make_question(debugger, kind)
                except NeuronTUIError:
                    continue
                asked += 1
                check_question(question)
    assert asked > 200


def check_question(question: Question) -> None:
    typed = {
        "shape": lambda: format_shape(question.answer),  # type: ignore[arg-type]
        "choice": lambda: str(int(question.answer) + 1),  # type: ignore[arg-type]
    }.get(question.wants, lambda: repr(question.answer))()
    verdict = judge(question, typed)
    assert verdict is not None
    assert verdict.right, question.words
    assert all(mistake.answer != question.answer and mistake.words for mistake in question.mistakes)
    if question.wants == "number" and isinstance(question.answer, float) and question.answer not in (0.0, 1.0):
        terms = question.sum.terms if question.sum else ()  # a sum of zeros and one product is that product, and may be seen
        operands = {format_number(number) for term in terms for number in (term.value, *(factor.number for factor in term.factors))}
        told = format_number(question.answer)
        if told not in operands and not any(told in line for shown in question.given for line in plain_given_of(shown)):
            assert told not in "\n".join(plain_given(question))
            assert told not in "\n".join(line.plain for line in question_scene(question, 100))


def plain_given_of(shown: object) -> list[str]:
    from neurontui.rendering.values import plain_tensor

    return plain_tensor(shown.value, 6)  # type: ignore[attr-defined]


def test_a_last_term_that_adds_nothing_gives_nothing_away() -> None:
    import torch
    from torch import nn

    from neurontui import trace

    layer = nn.Linear(3, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.25, 0.5, 7.0]]))
    debugger = Debugger(trace(layer, torch.tensor([1.0, 2.0, 0.0])))
    debugger.goto("./linear")
    question = make_question(debugger, "value")
    assert question.answer == 1.25
    assert "1.25" not in "\n".join(plain_given(question))


def test_odd_tensors_are_asked_about_or_refused() -> None:
    import torch
    from torch import nn

    from neurontui import trace

    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> object:
            y = torch.complex(x, x)
            empty, truth, whole = x[:0], x > 0, x.to(torch.int64)
            nan = x / torch.zeros_like(x)
            first, second = x.split(1)
            return y, empty, truth, whole, nan, first, second, x.sum(), torch.zeros(2, device="meta") + 1

    debugger = Debugger(trace(Odd(), torch.tensor([[1.0, -2.0], [0.0, 3.0]])))
    asked = 0
    for index in range(len(debugger.trace.steps)):
        debugger.goto(index)
        for kind in (*KINDS, ""):
            try:
                question = make_question(debugger, kind)
            except NeuronTUIError:
                continue
            asked += 1
            assert question.told
            assert judge(question, "nothing at all") is None
            question_scene(question, 60)
    assert asked > 40


def test_what_is_averaged_is_not_set_out_before_the_answer(stand_at: Stand) -> None:
    question = make_question(stand_at("batchnorm", "goto ./batch_norm", "at 0,0", "stage 0"), "value")
    assert question.sum is None
    assert question.given[0].title == "input", "row and column are both there to choose from"


def test_no_weights_are_spoken_of_where_there_are_none(stand_at: Stand) -> None:
    question = make_question(stand_at("batchnorm", "goto ./batch_norm", "at 0,0", "stage 1"), "value")
    assert not {"weights", "unweighted"} & {mistake.name for mistake in question.mistakes}


def test_the_batch_stays_only_where_it_does(stand_at: Stand) -> None:
    """`torch.flatten(x)` keeps no batch, so nobody is told that it does."""
    whole = make_question(stand_at("flatten", "goto ./flatten"), "shape")
    assert verdict_of(whole, "2") == (False, "")
    batch = make_question(stand_at("flatten:batch", "goto ./flatten"), "shape")
    assert verdict_of(batch, "4") == (False, "batch")


def test_only_what_a_condition_compares_is_hidden(stand_at: Stand) -> None:
    debugger = stand_at("sequential", "goto 1", "at 0")
    question = ask_choice(debugger, [("zeros 1 == 0", "None."), ("zeros 1 == 1", "One."), ("zeros 1 == 2", "Two.")])
    assert [shown.title for shown in question.given] == ["input"], "the 0 is a number, and no layer called 0"
    debugger = stand_at("flatten:layer", "goto ./flatten")
    question = ask_choice(debugger, [("shape output == [4]", "a"), ("shape output == [2, 2]", "b")])
    assert [shown.title for shown in question.given] == ["input"], "its numbers tell nothing of a shape"
    question = ask_choice(stand_at("simple_ann", "goto ./relu"), [("./relu[1] == fc1[1]", "a"), ("./relu[1] == 1", "b")])
    assert question.given == ()


def test_choices_that_overlap_are_refused(stand_at: Stand) -> None:
    debugger = stand_at("neuron", "goto ./linear", "at 0")
    with pytest.raises(CommandError, match=r"1 and 2 do$"):
        ask_choice(debugger, [("value > 0", "a"), ("value > 1", "b")])
    with pytest.raises(CommandError, match=r"none does$"):
        ask_choice(debugger, [("value < 0", "a"), ("value > 3", "b")])


def test_another_place_is_neither_more_nor_less(stand_at: Stand) -> None:
    question = make_question(stand_at("heads:classification", "goto ./softmax"), "largest")
    verdict = judge(question, "1")
    assert verdict is not None
    assert verdict.mistake == "from-one"
    verdict = judge(make_question(stand_at("stacked:sequential", "goto 1", "at 0"), "largest"), "0")
    assert verdict is not None
    assert verdict.words == "No: another one is larger."


def test_a_kind_that_is_not_there_is_refused_in_one_sentence(stand_at: Stand) -> None:
    with pytest.raises(CommandError, match=r"did you mean 'zero'\?$"):
        make_question(stand_at("neuron", "goto ./linear"), "zebra")


def test_the_largest_is_asked_for_where_that_is_a_question(stand_at: Stand) -> None:
    assert make_question(stand_at("simple_ann", "goto fc1"), "largest").words.startswith("Which neuron gives the most?")
    assert make_question(stand_at("heads:classification", "goto ./softmax"), "largest").words == (
        "At which place is the largest number? (0 to 2)"
    )
    assert "largest" in suited_kinds(stand_at("heads:classification", "goto ./softmax"))
    assert "largest" not in suited_kinds(stand_at("heads:classification", "goto ./argmax"))


def test_the_momentum_is_the_layers_own() -> None:
    model, x = torch.nn.BatchNorm1d(1, momentum=0.3), torch.tensor([[1.0], [3.0]])
    debugger = Debugger(neurontui.trace(model, x, copy_parameters=True))
    question = make_question(debugger, "value after running_mean[0]")
    assert question.answer == pytest.approx(0.6)
    assert verdict_of(question, "1.4") == (False, "momentum")
    verdict = judge(question, "2")
    assert verdict is not None
    assert "momentum = 0.3, the old one for 0.7" in verdict.words
