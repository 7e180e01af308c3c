"""Questions for whole tensors: a shape, the largest neuron, how many numbers a module learns."""

from __future__ import annotations

import math
import re

from neurontui.debugger import Debugger
from neurontui.debugger.reading import read_slice
from neurontui.errors import StepError
from neurontui.lessons.questions.question import Mistake, Question, Shape
from neurontui.lessons.questions.scenes import answering_step, describe_place, mentioned, name_step, op_of, split_given
from neurontui.lessons.references import count_parameters, find_tensor, read_condition
from neurontui.records import Step, Value
from neurontui.text import clean, format_shape, short_number, spoken_name

LARGEST = "At which place is the largest number"  # where the numbers are no neurons'


def ask_shape(debugger: Debugger, rest: str) -> Question:
    """Which shape does the output have, or any tensor?

    Raises:
        StepError: there is no such tensor.
    """
    shown = find_tensor(debugger, rest)
    answer = tuple(shown.value.shape)
    given, bare = split_given(debugger.tensors())
    given, bare = (tuple(one for one in part if one.value is not shown.value) for part in (given, bare))
    name = clean(rest or shown.title)
    return Question(
        "shape", f"Which shape does {name} have?", "shape", answer, hints=_shape_hints(debugger.step, answer, rest),
        mistakes=_shape_mistakes(debugger.step, answer, output=shown.output is not None), given=given, bare=bare,
        place=name_step(debugger.step),
    )  # fmt: skip


def _shape_mistakes(step: Step, answer: Shape, *, output: bool) -> tuple[Mistake, ...]:
    guesses: list[tuple[str, Shape, str]] = []
    source, weight = (step.inputs.get("input"), _weight_of(step))
    if len(answer) > 1:
        guesses.append(("transposed", answer[::-1], "The sizes are right, in the other order."))
        if output:
            words = f"The first dimension, of {answer[0]}, is missing: every row of the batch is there in the output."
            guesses.append(("batch", answer[1:], words))
        guesses.append(("flat", (math.prod(answer),), "The number of elements is right, but they are not in one line."))
    if isinstance(weight, Value):
        guesses.append(("weight", tuple(weight.shape), "That is the shape of the weight."))
        guesses.append(
            ("weight", tuple(weight.shape)[::-1], "That looks like the weight, the other way round: it is (out_features, in_features).")
        )
    if isinstance(source, Value):
        shape = tuple(source.shape)
        guesses.append(("input", shape, "That is the shape that came in."))
        guesses.append(("numel", (math.prod(shape),), "Not all of it is put into one line."))
        if len(shape) > 1 and answer[:1] == shape[:1]:
            guesses.append(("batch-flat", (math.prod(shape[1:]),), "The first dimension, the batch, stays as it is."))
    guesses.append(("batch", (1, *answer), "One dimension too many: nothing adds one in front."))
    found: dict[Shape, Mistake] = {}
    for name, shape, words in guesses:
        if shape != answer:
            found.setdefault(shape, Mistake(name, shape, words))
    return tuple(found.values())


def _weight_of(step: Step) -> object:
    return step.inputs.get("weight") if step.kind != "module" else step.params.get("weight")


def _shape_hints(step: Step, answer: Shape, rest: str) -> tuple[str, ...]:
    hints = [f"It has {len(answer)} dimension{'s' * (len(answer) != 1)}."]
    weight = _weight_of(step)
    if isinstance(weight, Value) and step.label.lower() == "linear" and not rest:
        hints.insert(0, "A Linear changes the last dimension alone: from in_features to out_features.")
    if answer:
        hints.append(f"The last of them is {answer[-1]}.")
    return tuple(hints)


def ask_largest(debugger: Debugger, rest: str) -> Question:
    """Which neuron of this row gave the most?

    Raises:
        StepError: the output has no row of at least two numbers.
    """
    shown = find_tensor(debugger, rest)
    shape, at = tuple(shown.value.shape), debugger.at
    if not shape or shape[-1] < 2 or at is None or len(at) != len(shape):
        raise StepError(f"{describe_place(debugger)} has no row of numbers to compare.")
    row = _read_row(shown.value, at)
    finite = [number for number in row if number == number]
    if not finite:
        raise StepError("the row is all NaN.")
    answer, most = row.index(max(finite)), max(finite)
    absolute = max(range(len(row)), key=lambda place: abs(row[place]) if row[place] == row[place] else -1.0)
    guesses = (
        Mistake("absolute", absolute, f"It is the largest in size, {short_number(row[absolute])}, but it is below zero."),
        Mistake("smallest", row.index(min(finite)), "That is the smallest."),
        Mistake("from-one", answer + 1, "They are counted from 0."),
    )
    given, bare = split_given(debugger.tensors(), [shown.value])
    where = f" in row {', '.join(map(str, at[:-1]))}" if len(at) > 1 else ""
    asked = "Which neuron gives the most" if op_of(answering_step(debugger, debugger.explanation())) == "linear" else LARGEST
    return Question(
        "largest", f"{asked}{where}? (0 to {len(row) - 1})", "whole", answer,
        also=tuple(place for place, number in enumerate(row) if number == most and place != answer),
        mistakes=tuple(guess for guess in guesses if row[guess.answer] != most) if answer + 1 < len(row)  # type: ignore[index]
        else tuple(guess for guess in guesses[:2] if row[guess.answer] != most) + guesses[2:],  # type: ignore[index]
        hints=("Look at which inputs meet a large weight of the same sign.", f"It gives {short_number(most)}."),
        right=f"It gives {short_number(most)}.", given=given, bare=bare, place=name_step(debugger.step),
    )  # fmt: skip


def _read_row(value: Value, at: tuple[int, ...]) -> list[float]:
    """The numbers beside the element `at`, along the last dimension.

    Raises:
        StepError: they are no real numbers, or are not there to be read.
    """
    try:
        return [float(line[0]) for line in read_slice(value, (*at[:-1], None))]  # type: ignore[arg-type]
    except (RuntimeError, NotImplementedError, TypeError) as error:
        raise StepError(f"its numbers cannot be compared: {clean(error)}.") from error


def ask_parameters(debugger: Debugger, rest: str) -> Question:
    """How many numbers does the module learn?

    Raises:
        StepError: there is no such module, or it learns nothing.
    """
    answer = count_parameters(debugger, rest)
    held = [shown for shown in debugger.tensors() if shown.value.role == "parameter"]
    biases = sum(math.prod(shown.value.shape) for shown in held if shown.role == "bias")
    given, bare = split_given(debugger.tensors())
    weights = answer - biases
    mistakes = [Mistake("bias", weights, "Those are the weights: each neuron has a bias, too.")] if biases else []
    mistakes += [Mistake("weights", biases, "Those are the biases alone.")] if biases and biases != weights else []
    name = clean(rest) or clean(spoken_name(debugger.step.path))
    parts = ", ".join(f"{clean(shown.title)} {format_shape(shown.value.shape)}" for shown in held)
    hints = (f"It holds {parts}.",) if parts else ("A Linear(in, out) has in × out weights and out biases.",)
    return Question(
        "parameters", f"How many numbers does {name} learn?", "whole", answer, hints=hints, mistakes=tuple(mistakes), bare=(*given, *bare),
        place=name_step(debugger.step),
    )  # fmt: skip


def ask_equal(debugger: Debugger, rest: str) -> Question:
    """Are two elements the same number (`equal fc1[0] fc2[0]`)?

    Raises:
        NeuronTUIError: one of them is not there.
    """
    parts = re.findall(r"[^\s\[]+(?:\s*\[[^\]]*\])?", rest)
    if len(parts) != 2:
        raise StepError(f"{clean(rest)!r} does not name two numbers, as in equal fc1[0] fc2[0].")
    condition = f"{parts[0]} == {parts[1]}"
    holds = read_condition(debugger, condition).holds
    given, bare = split_given(debugger.tensors(), mentioned(debugger, condition))
    return Question(
        "equal", f"Are {clean(parts[0])} and {clean(parts[1])} the same number?", "choice", int(not holds), ("yes", "no"),
        given=given, bare=bare, place=name_step(debugger.step),
    )  # fmt: skip
