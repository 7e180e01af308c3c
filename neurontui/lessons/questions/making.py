"""From the words after `predict` to a question; without words, to the next one that suits the place."""

from __future__ import annotations

from collections.abc import Callable, Collection

from neurontui.debugger import Debugger
from neurontui.errors import CommandError, NeuronTUIError, StepError
from neurontui.errors import nearest as suggest
from neurontui.lessons.questions.choices import ask_kept, ask_raises, ask_whether, ask_zero, is_zero_of_a_kind
from neurontui.lessons.questions.numbers import FEW, ask_sign, ask_sum, ask_value
from neurontui.lessons.questions.question import Question
from neurontui.lessons.questions.scenes import op_of
from neurontui.lessons.questions.tensors import ask_equal, ask_largest, ask_parameters, ask_shape
from neurontui.text import clean

KINDS: dict[str, Callable[[Debugger, str], Question]] = {
    "value": ask_value, "sign": ask_sign, "sum": ask_sum, "shape": ask_shape, "kept": ask_kept, "zero": ask_zero, "largest": ask_largest,
    "raises": ask_raises, "parameters": ask_parameters, "whether": ask_whether, "equal": ask_equal,
}  # fmt: skip

Asked = tuple[object, str]  # where, and which kind of question


def make_question(debugger: Debugger, words: str, asked: Collection[Asked] = ()) -> Question:
    """The question that `words` ask for: a kind and its argument, or "" for the next that suits the place. Runs torch.

    Raises:
        NeuronTUIError: there is no such question, or not here.
    """
    kind, _, rest = words.strip().partition(" ")
    if kind:
        if kind not in KINDS:
            raise CommandError(f"there is no question {clean(kind)!r}, only {', '.join(KINDS)}{suggest(kind, KINDS) or '.'}")
        return KINDS[kind](debugger, rest.strip())
    suited = suited_kinds(debugger)
    place = place_key(debugger)
    for kind in sorted(suited, key=lambda kind: (place, kind) in asked):
        try:
            return KINDS[kind](debugger, "")
        except NeuronTUIError:
            continue
    raise StepError(f"there is nothing to ask about {clean(debugger.step.name)}: go to a step that gave a tensor.")


def place_key(debugger: Debugger) -> object:
    """Where a question was asked, so that it is not asked there again at once."""
    return (debugger.run, debugger.step.name, debugger.place.at, debugger.output, debugger.place.stage)


def suited_kinds(debugger: Debugger) -> list[str]:
    """The kinds of questions for this place, the most telling first."""
    step = debugger.step
    if step.error is not None:
        return ["raises"]
    if debugger.at is None:
        return ["shape"]
    why = debugger.explanation()
    if why is None:
        return ["shape"]
    op = op_of(debugger.trace.steps[why.step])
    if "dropout" in op:
        return ["kept", "value", "shape"]
    kinds = ["value"]
    if why.combine == "sum" and len(why.terms) > 3:
        kinds = ["sum", "value"] if len(why.terms) <= FEW else ["sign"]
    if why.method == "index":
        kinds = ["shape", "value"]
    if is_zero_of_a_kind(why):
        kinds = ["value", "zero"]
    kinds += ["shape"] if "shape" not in kinds else []
    shown = debugger.shown
    floating = shown is not None and shown.value.dtype.is_floating_point  # of places and masks nobody asks for the largest
    return [*kinds, "largest"] if floating else kinds
