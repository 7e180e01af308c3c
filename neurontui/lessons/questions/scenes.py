"""Where a question stands, and what may be seen of it before the answer."""

from __future__ import annotations

from collections.abc import Iterable

from neurontui.debugger import Debugger, Shown
from neurontui.errors import NeuronTUIError, StepError
from neurontui.explainers.names import key
from neurontui.explanation import Explanation
from neurontui.lessons.references import compared_names, find_tensor
from neurontui.records import Step, Value
from neurontui.text import clean, format_index


def describe_place(debugger: Debugger) -> str:
    """`"fc1/linear, output[0]"`, `"the model"`."""
    name = name_step(debugger.step)
    return f"{name}, {describe_element(debugger)}" if debugger.at is not None else name


def name_step(step: Step) -> str:
    """`"fc1/linear"`, `"the model"`: what a step is called in a lesson."""
    return "the model" if step.kind == "module" and step.path == "." else clean(step.name)


def describe_element(debugger: Debugger) -> str:
    """`"output[0]"`, or the title of the stage that is looked at."""
    why = debugger.known_explanation
    if debugger.place.stage is not None and why is not None:
        return f"the {clean(why.title)}"
    return format_index("output" if debugger.output == 0 else f"output {debugger.output} ", debugger.at or ())


def split_given(shown: Iterable[Shown], secrets: Iterable[Value] = ()) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """What goes in: the tensors that may be shown, and those of which only the shape may, since the answer is in them."""
    hidden = {identity for value in secrets for identity in _identities(value)}
    given = [one for one in shown if one.output is None]
    open_: list[Shown] = []
    bare: list[Shown] = []
    for one in given:
        (bare if hidden & set(_identities(one.value)) else open_).append(one)
    return tuple(open_), tuple(bare)


def mentioned(debugger: Debugger, *conditions: str) -> list[Value]:
    """The tensors whose numbers conditions compare: to see them would be to see whether they hold."""
    found = []
    for name in dict.fromkeys(name for condition in conditions for name in compared_names(condition)):
        try:
            found.append(find_tensor(debugger, name).value)
        except NeuronTUIError:
            continue  # it is of another run, or names nothing
    return found


def _identities(value: Value) -> list[int]:
    """The value and those that it merely hands on."""
    found: list[int] = []
    current: Value | None = value
    while current is not None and id(current) not in found:
        found.append(id(current))
        current = current.same_as
    return found


def tensors_of(debugger: Debugger, index: int) -> tuple[Shown, ...]:
    """The tensors of a step of the trace that is walked, without what they were before an edit."""
    from neurontui.debugger.shown import list_tensors

    return list_tensors(debugger.trace, index)


def answering_step(debugger: Debugger, why: Explanation | None = None) -> Step:
    """The step whose inputs answer the question: a module's is the function inside that made the element."""
    return debugger.trace.steps[why.step] if why is not None else debugger.step


def op_of(step: Step) -> str:
    """The operation's one key: "linear", "dropout", "relu", "batch_norm"."""
    return key(step.op)


def need_element(debugger: Debugger) -> Explanation:
    """The explanation of the element where the walk stands.

    Raises:
        StepError: there is none.
    """
    why = debugger.explanation()
    if why is None:
        raise StepError(f"there is no number to ask for at {clean(debugger.step.name)}: go to a step that gave a tensor.")
    return why
