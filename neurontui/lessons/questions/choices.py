"""Questions with a few answers to choose from: kept or dropped, why zero, will it raise, true or not."""

from __future__ import annotations

from collections.abc import Sequence

from neurontui.debugger import Debugger
from neurontui.errors import CommandError, StepError
from neurontui.explainers.failures import diagnose
from neurontui.explanation import Explanation
from neurontui.lessons.questions.question import Mistake, Question
from neurontui.lessons.questions.scenes import (
    answering_step,
    describe_element,
    describe_place,
    mentioned,
    name_step,
    need_element,
    op_of,
    split_given,
    tensors_of,
)
from neurontui.lessons.references import find_step, read_condition, value_of
from neurontui.records import Value
from neurontui.text import clean, short_number

ZEROS = {
    "relu": "the activation made it", "dropped": "it was dropped", "padding": "it is padding", "masked": "a mask made it",
    "sum": "the terms add up to zero", "factor": "a factor is zero", "constant": "the function puts a zero there",
    "underflow": "it is too small for its type",
}  # fmt: skip
MOST_CHOICES = 4


def ask_kept(debugger: Debugger, rest: str) -> Question:
    """Was this element of a dropout kept, or dropped?

    Raises:
        StepError: this is no dropout, or it is off.
    """
    why = need_element(debugger)
    step = answering_step(debugger, why)
    if "dropout" not in op_of(step):
        raise StepError(f"{describe_place(debugger)} is no dropout: predict kept asks about one.")
    dropped = why.zero == "dropped"
    x = step.inputs.get("input")
    came = short_number(x.tensor()[why.at].item()) if isinstance(x, Value) else "?"
    given, bare = split_given(tensors_of(debugger, step.index))
    off = why.combine == "pick"
    if off:
        mistakes = (Mistake("off", 1, "Dropout is off in eval mode: everything passes."),)
    elif dropped:
        mistakes = (Mistake("kept", 0, "No: the mask is 0 here, so the output is 0."),)
    else:
        mistakes = (Mistake("dropped", 1, "No: the mask is 1 here, so it passes, multiplied by 1/(1−p)."),)
    return Question(
        "kept", f"{came} comes in at {describe_element(debugger)}: is it kept or dropped?", "choice", int(dropped), ("kept", "dropped"),
        mistakes=mistakes, right=why.notes[0] if why.notes else "",
        hints=("Is the module in train or in eval mode?",) if off else ("It is chance. The mask was drawn with the seed: guess.",),
        given=given, bare=bare, formula=why.formula, place=describe_place(debugger), about=why,
    )  # fmt: skip


def ask_zero(debugger: Debugger, rest: str) -> Question:
    """Why is this number zero?

    Raises:
        StepError: it is not zero, or nobody knows why.
    """
    why = need_element(debugger)
    if value_of(why) != 0 or not why.zero:
        raise StepError(f"{describe_place(debugger)} is {short_number(value_of(why))}: predict zero asks about a zero of a known kind.")
    kinds = [*dict.fromkeys([why.zero, *ZEROS])][:MOST_CHOICES]
    order = sorted(kinds, key=list(ZEROS).index)
    answer = order.index(why.zero)
    given, bare = split_given(tensors_of(debugger, answering_step(debugger, why).index))
    mistakes = tuple(
        Mistake(kind, place, "No: look at which operation this is, and what came in.")
        for place, kind in enumerate(order)
        if place != answer
    )
    return Question(
        "zero", f"{describe_element(debugger)} is 0. Why?", "choice", answer, tuple(ZEROS[kind] for kind in order), mistakes=mistakes,
        hints=(f"The operation is {clean(op_of(answering_step(debugger, why)))}.",), right=why.notes[0] if why.notes else "",
        given=given, bare=bare, place=describe_place(debugger), about=why,
    )  # fmt: skip


def ask_raises(debugger: Debugger, rest: str) -> Question:
    """Will this call raise?

    Raises:
        StepError: there is no such step.
    """
    step = find_step(debugger, rest)
    raised = step.error is not None
    failure = diagnose(debugger.run) if raised and not debugger.opened else None
    name = name_step(step)
    words = failure.title if failure is not None else ""
    wrong = "It runs: what goes in fits." if not raised else "It raises an error: compare what goes in with what it takes."
    tensors = tensors_of(debugger, step.index)
    given, bare = split_given(tensors)
    return Question(
        "raises", f"Will {name} raise an error?", "choice", int(not raised), ("it raises an error", "it runs"),
        mistakes=(Mistake("runs" if raised else "raises", int(raised), wrong),),
        hints=("The last dimension of what goes in must be the layer's in_features.",) if "linear" in step.op.lower() else (),
        right=words, bare=(*given, *bare), place=name,
    )  # fmt: skip


def ask_whether(debugger: Debugger, rest: str) -> Question:
    """Does a condition hold (`whether fc1[0] > 0`)?

    Raises:
        NeuronTUIError: it is no condition.
    """
    condition = read_condition(debugger, rest)
    given, bare = split_given(debugger.tensors(), mentioned(debugger, rest))
    return Question(
        "whether", f"Is it true: {clean(condition.text)}?", "choice", int(not condition.holds), ("yes", "no"), given=given, bare=bare,
        place=describe_place(debugger), about=debugger.explanation(),
    )  # fmt: skip


def ask_choice(debugger: Debugger, choices: Sequence[tuple[str, str]]) -> Question:
    """Which of these is true? Each choice is (condition, words); just one condition holds in the trace.

    Raises:
        CommandError: none of the conditions holds, or more than one does.
    """
    holding = [place for place, (condition, _) in enumerate(choices) if read_condition(debugger, condition).holds]
    if len(holding) != 1:
        which = " and ".join(str(place + 1) for place in holding) or "none"
        raise CommandError(f"of the choices' conditions just one must hold in the trace, and {which} do{'es' * (not holding)}")
    words = tuple(words for _, words in choices)
    wrong = tuple(Mistake(str(place + 1), place, "No. Look at what goes in, and try another one.") for place in range(len(words)))
    mistakes = tuple(mistake for mistake in wrong if mistake.answer != holding[0])
    given, bare = split_given(debugger.tensors(), mentioned(debugger, *(condition for condition, _ in choices)))
    return Question(
        "choice", "Which is true?", "choice", holding[0], words, mistakes=mistakes, given=given, bare=bare, place=describe_place(debugger),
        about=debugger.explanation(),
    )  # fmt: skip


def is_zero_of_a_kind(why: Explanation) -> bool:
    """Whether there is something to ask about why it is zero."""
    return bool(why.zero) and value_of(why) == 0
