"""Questions for a number: the value, a running sum, a sign."""

from __future__ import annotations

import math
from itertools import accumulate

from neurontui.debugger import Debugger, Shown
from neurontui.errors import CommandError, StepError
from neurontui.explanation import Explanation, Number
from neurontui.lessons.questions.mistakes import list_mistakes
from neurontui.lessons.questions.question import Mistake, Question
from neurontui.lessons.questions.scenes import answering_step, describe_element, describe_place, need_element, split_given, tensors_of
from neurontui.lessons.references import find_tensor, near, read_reference, value_of
from neurontui.records import Value
from neurontui.text import clean, short_number

AVERAGES = ("mean", "variance")  # stages: which numbers they are made of is what is asked, so those are not set out
FEW = 64  # a sum of more terms is not for adding up in one's head: it is blanked whole


def ask_value(debugger: Debugger, rest: str) -> Question:
    """What is the number where the walk stands, or the element of any tensor?

    Raises:
        NeuronTUIError: there is no such number.
    """
    if rest:
        return _ask_element(debugger, rest)
    why = need_element(debugger)
    step = answering_step(debugger, why)
    answer = _real(value_of(why))
    given, bare = _given(debugger, why)
    summed = _is_plain_sum(why) and why.title not in AVERAGES
    tolerance = _tolerance(why)
    return Question(
        "value", f"What is {describe_element(debugger)}?", "number", answer, tolerance=tolerance,
        hints=_hints(why), mistakes=list_mistakes(why, step, answer, tolerance), right=_right(why),
        given=given, bare=bare, formula=why.formula, sum=why if summed else None, covered=_first_told(why, len(why.terms)),
        place=describe_place(debugger), about=why,
    )  # fmt: skip


def _ask_element(debugger: Debugger, rest: str) -> Question:
    """An element of a tensor by its name; a written buffer (`after running_mean[0]`) too."""
    answer = read_reference(debugger, rest)
    if isinstance(answer, tuple):
        raise CommandError(f"{clean(rest)} is a shape: predict shape asks for one.")
    number = _real(answer)
    secrets = [shown.value for shown in debugger.tensors() if any(shown.title == word for word in rest.replace("[", " ").split())]
    given, bare = split_given(debugger.tensors(), secrets if not rest.startswith("after ") else ())
    name = clean(rest.removeprefix("after ")) + (" after the call" if rest.startswith("after ") else "")
    mistakes: tuple[Mistake, ...] = ()
    if number:
        mistakes = (Mistake("sign", -number, "The digits are right: look at the sign."),)
    if rest.startswith("after "):
        mistakes = (*_running_mistakes(debugger, rest, number), *mistakes)
    return Question(
        "value",
        f"What is {name}?",
        "number",
        number,
        tolerance=1e-6,
        mistakes=mistakes,
        given=given,
        bare=bare,
        place=describe_place(debugger),
    )


def _running_mistakes(debugger: Debugger, rest: str, answer: float) -> tuple[Mistake, ...]:
    """Of a running statistic: the old one, the batch's own, the biased variance."""
    name, _, index = rest.removeprefix("after ").partition("[")
    channel = int(index.strip("] ")) if index.strip("] ").isdecimal() else 0
    shown = find_tensor(debugger, name.strip())
    step = answering_step(debugger, debugger.explanation())  # a module's own step knows no momentum: the function inside does
    source = step.inputs.get("input")
    old = read_reference(debugger, rest.removeprefix("after "))
    if not isinstance(source, Value) or len(source.shape) < 2 or not isinstance(old, int | float):
        return ()
    column = source.tensor().double().transpose(0, 1)[channel].reshape(-1)
    momentum = step.inputs.get("momentum")
    share = float(momentum) if isinstance(momentum, int | float) else 0.1
    variance = shown.title.endswith("running_var")
    batch = column.var(correction=1).item() if variance else column.mean().item()
    biased = column.var(correction=0).item()
    mistakes = [
        Mistake("old", old, "That is what it was before the call: in train mode the call itself moves it."),
        Mistake("batch", batch, f"That is the batch's own: it only counts for momentum = {share:g}, the old one for {1 - share:g}."),
        Mistake("momentum", share * old + (1 - share) * batch, "The other way round: the momentum is the share of the new batch."),
    ]
    if variance:
        words = "That is with the biased variance: the running variance takes the unbiased one, divided by n−1."
        mistakes.insert(0, Mistake("biased", (1 - share) * old + share * biased, words))
    return tuple(mistake for mistake in mistakes if math.isfinite(float(mistake.answer)) and not near(mistake.answer, answer))  # type: ignore[arg-type]


def ask_sum(debugger: Debugger, rest: str) -> Question:
    """What is the running sum after so many terms (by default, after the first half of them)?

    Raises:
        NeuronTUIError: there is no such sum.
    """
    why = need_element(debugger)
    count = int(rest) if rest.isdecimal() else 0
    if rest and not rest.isdecimal():
        raise CommandError(f"{clean(rest)!r} is no number of terms: give it as in predict sum 2.")
    if why.combine != "sum" or len(why.terms) < 2:
        raise StepError(f"{describe_place(debugger)} is no sum of terms: predict value asks for the number itself.")
    count = count or max(len(why.terms) // 2, 1)
    if not 1 <= count <= len(why.terms):
        raise StepError(f"there are {len(why.terms)} terms to sum, not {count}.")
    sums = list(accumulate(term.value for term in why.terms[:count]))
    answer = _real(sums[-1])
    term = why.terms[count - 1]
    mistakes = []
    if count > 1:
        mistakes = [
            Mistake("term", term.value, "That is the term alone: add it to the sum before it."),
            Mistake("before", sums[-2], f"That is the sum before term {count - 1}: one more is added."),
            Mistake("subtracted", sums[-2] - term.value, "Look at the sign: the term is added."),
        ]
    if len(term.operands) == 2:
        added = sum(factor.number for factor in term.operands)
        mistakes += [
            Mistake("added", added, "Input and weight are multiplied, not added."),
            *_alone(term.operands[0].number, term.operands[1].number),
        ]
    mistakes += [
        Mistake("sign", -answer, "The digits are right: look at the sign."),
        Mistake("all", value_of(why), "Not so far yet: that is the whole sum."),
    ]
    words = f"What is the first term, {clean(term.label)}?" if count == 1 else f"What is the sum after {count} terms?"
    return Question(
        "sum", words, "number", answer, tolerance=_tolerance(why), hints=_sum_hints(why, count), right="",
        mistakes=tuple(mistake for mistake in mistakes if not near(mistake.answer, answer)),  # type: ignore[arg-type]
        sum=why, covered=_first_told(why, count), covers_values=count == 1, formula=why.formula, place=describe_place(debugger), about=why,
    )  # fmt: skip


def _alone(first: Number, second: Number) -> list[Mistake]:
    return [
        Mistake("input", first, "That is the input alone: multiply it by its weight."),
        Mistake("weight", second, "That is the weight alone: multiply it by its input."),
    ]


def _sum_hints(why: Explanation, count: int) -> tuple[str, ...]:
    term = why.terms[count - 1]
    product = " × ".join(short_number(factor.number) for factor in term.operands)
    if count == 1:
        return (f"Multiply: {product}.",) if len(term.operands) > 1 else ()
    before = sum(part.value for part in why.terms[: count - 1])
    return (f"Begin with the sum so far, {short_number(before)}, and add {product}.",)


def ask_sign(debugger: Debugger, rest: str) -> Question:
    """Is the number where the walk stands below zero, zero, or above?

    Raises:
        NeuronTUIError: there is no such number.
    """
    why = need_element(debugger)
    number = _real(value_of(why))
    if number != number:
        raise StepError(f"{describe_place(debugger)} is NaN, which has no sign.")
    given, bare = _given(debugger, why)
    choices = ("negative", "zero", "positive")
    answer = 0 if number < 0 else 1 if number == 0 else 2
    largest = max((term.value for term in why.terms[:FEW] if isinstance(term.value, int | float)), key=abs, default=None)
    hints = (f"The largest term is {short_number(largest)}: do the others outweigh it?",) if largest and _is_plain_sum(why) else ()
    again = "No: add the terms up again, with their signs." if _is_plain_sum(why) else "No: look at what comes in, and at the formula."
    words = (again, "No: nothing makes it exactly zero here.", again) if answer != 1 else ("No: it is exactly zero here.",) * 3
    mistakes = tuple(Mistake(choices[place], place, words[place]) for place in range(3) if place != answer)
    return Question(
        "sign", f"Is {describe_element(debugger)} negative, zero or positive?", "choice", answer, choices, hints=hints or _hints(why)[:1],
        mistakes=mistakes, right=f"It is {short_number(number)}.", given=given, bare=bare, formula=why.formula,
        sum=why if _is_plain_sum(why) else None, place=describe_place(debugger), about=why,
    )  # fmt: skip


def _given(debugger: Debugger, why: Explanation) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    step = answering_step(debugger, why)
    return split_given(tensors_of(debugger, step.index))


def _first_told(why: Explanation, count: int) -> int:
    """The first term after which the running sum is that of the first `count` terms already: those that follow add nothing."""
    return next((place for place in reversed(range(count)) if why.terms[place].value != 0), 0)


def _is_plain_sum(why: Explanation) -> bool:
    """Whether the terms can be shown, their last running number blanked, without giving the answer away."""
    return why.combine == "sum" and 2 <= len(why.terms) <= FEW and not why.stages


def _tolerance(why: Explanation) -> float:
    largest = max((abs(term.value) for term in why.terms[:FEW]), default=0.0)
    return max(why.tolerance or 0.0, 1e-6 * largest, 1e-9)


def _right(why: Explanation) -> str:
    return why.notes[0] if why.notes and why.combine != "sum" else ""


def _hints(why: Explanation) -> tuple[str, ...]:
    """From what is to be done to the numbers."""
    hints = []
    if _is_plain_sum(why):
        last = why.terms[len(why.terms) - 1]
        before = sum(term.value for term in why.terms[: len(why.terms) - 1])
        hints.append("Add all terms, with their signs.")
        hints.append(f"The sum before the last term is {short_number(before)}, and the last term is {short_number(last.value)}.")
    elif why.stages:
        hints.append(", ".join(f"{stage.title} {short_number(value_of(stage))}" for stage in why.stages[:-1] or why.stages[:1]) + ".")
    elif why.terms and why.combine == "product":
        parts = [f"{factor.name} {short_number(factor.number)}" for term in why.terms[:4] for factor in term.factors]
        hints.append(f"Multiply: {', '.join(parts)}.")
    return tuple(hints)


def _real(number: Number) -> float:
    if isinstance(number, complex):
        raise StepError("it is a complex number, and those are not asked for.")
    return float(number)
