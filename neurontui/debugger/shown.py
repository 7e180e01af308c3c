"""The tensors of one step, as the Tensor pane shows them. Which tensor has which role (and so which colour) is decided here alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from neurontui.errors import StepError, nearest
from neurontui.origins import find_overwriting
from neurontui.records import Step, Trace, Value, leaves, own_names
from neurontui.text import clean

ShownRole = Literal["input", "weight", "bias", "buffer", "output"]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One tensor of the current step.

    `title` names it within the step ("input", "tensors[0]", "weight", "running_mean", "output", "output 1");
    `target` is what `set`, `watch` and `show` call it from anywhere ("fc1.weight", "x", "fc1/linear"), "" where it has no such name.
    """

    title: str
    role: ShownRole
    value: Value
    target: str = ""
    output: int | None = None  # its number among the step's outputs
    written: Value | None = None  # what the call itself left in it, where it wrote in place
    overwritten: Step | None = None  # the later call that wrote over an output in place: it still shows what it was
    before: Value | None = None  # the same tensor in the first run, where anything was changed since


def list_tensors(trace: Trace, index: int, first: Trace | None = None) -> tuple[Shown, ...]:
    """Inputs, then parameters and buffers, then outputs of a step; `first` is the run before all changes, for `before`."""
    step = trace.steps[index]
    tensors = (*_list_inputs(trace, step), *_list_outputs(trace, step))
    earlier = {} if first is None else _earlier_values(first, step.name)
    return tuple(replace(shown, before=earlier[shown.title]) if shown.title in earlier else shown for shown in tensors)


def assign_role(title: str, value: Value) -> ShownRole:
    """The role of a tensor that goes into a step, by its argument name and by what it was when it was first seen."""
    last = (value.name or "").rpartition(".")[2] if value.role == "parameter" else ""
    if title == "bias" or title.startswith("bias_") or last == "bias" or last.startswith("bias_"):
        return "bias"
    if title == "weight" or title.startswith("weight_") or value.role == "parameter":
        return "weight"
    return "buffer" if value.role in ("buffer", "attribute") else "input"


def list_outputs(step: Step) -> list[Value]:
    """The tensors that a step gave; `output` numbers count in this list."""
    return [value for _, value in leaves(step.output)]


def locate_tensor(trace: Trace, name: str, index: int) -> tuple[int, int]:
    """The step and the place in its `list_tensors` of the tensor called `name`.

    In this order: a title at step `index` ("weight"), a parameter or buffer ("fc1.weight"), an input of the model ("x"),
    the output of a step ("fc1/linear"); where only one name ends so, its end ("relu", "self_attn.in_proj_weight"); the short title of
    one of several outputs ("logits").

    Raises:
        StepError: nothing has that name, or the step gave no tensor; the sentence gives the nearest.
    """
    for where in (index, 0):
        for place, shown in enumerate(list_tensors(trace, where)):
            if name in (shown.title, f"output {shown.output}", shown.target if where == index else shown.value.name):
                return where, place
    found = _locate_parameter(trace, name) or _locate_output(trace, name) or _locate_reading(trace, name) or _locate_end(trace, name)
    found = found or _locate_short(trace, name, index)
    if found is None:
        raise StepError(f"There is no tensor called {clean(name)!r}{_suggest(trace, name, index)}")
    return found


def _list_inputs(trace: Trace, step: Step) -> Iterator[Shown]:
    """What goes in: the arguments, then a module's own parameters and buffers, with what the call wrote into them."""
    given = {f"{name}{path}": value for name, part in step.inputs.items() for path, value in leaves(part)}
    own = own_names(given)
    named = [(own.get(title, title), value) for title, value in given.items()]
    named += step.params.items()
    titles = {title for title, _ in named}
    for title, value in named:
        yield Shown(title, assign_role(title, value), value, name_target(trace, value), written=step.writes.get(title))
    for title, value in step.writes.items():
        if title not in titles:  # a buffer that was made by the call, or memory reached some other way
            yield Shown(title, assign_role(title, value), value, written=value)


def _list_outputs(trace: Trace, step: Step) -> Iterator[Shown]:
    parts = list(leaves(step.output))
    for number, (path, value) in enumerate(parts):
        title = "output" if len(parts) == 1 else f"output {_name_part(path, number)}"
        later = find_overwriting(trace, value)
        overwritten = trace.steps[later[0]] if later is not None else None
        yield Shown(title, "output", value, name_output(step, number), output=number, overwritten=overwritten)


def _name_part(path: str, number: int) -> str:
    """What one of several outputs is called: its key or field with what follows (`logits`, `y[0]`), or its number."""
    found = re.fullmatch(r"(?:\[([^\[\]]+)\]|\.([^.\[\]]+))(.*)", path, re.DOTALL)
    first = (found[1] or found[2]) if found else ""
    return str(number) if found is None or (found[3] and first.isdecimal()) else first + found[3]


def short_titles(shown: Shown) -> tuple[str, ...]:
    """What one of several outputs is also called: `logits` for `output logits`, and `output` alone for the first."""
    if shown.output is None or shown.title == "output":
        return ()
    short = shown.title.removeprefix("output ")
    return (*(() if short.isdecimal() else (short,)), *(("output",) if shown.output == 0 else ()))


def name_output(step: Step, number: int) -> str:
    """What `set` calls an output: `lstm`, or `lstm:1` for its second one."""
    return step.name if number == 0 else f"{step.name}:{number}"


def name_target(trace: Trace, value: Value) -> str:
    """What a value is called from anywhere: its own name, or the step that made it; "" where it has none."""
    if value.role == "step" and value.producer is not None:
        index, number = value.producer
        return name_output(trace.steps[index], max(number, 0)) if index < len(trace.steps) else ""
    return value.name or ""


def _earlier_values(first: Trace, name: str) -> dict[str, Value]:
    """The tensors of the step called `name` in the first run, by title."""
    step = first.find(name)
    if step is None:
        return {}
    return {shown.title: shown.value for shown in list_tensors(first, step.index)}


def _locate_parameter(trace: Trace, name: str) -> tuple[int, int] | None:
    """A parameter or buffer at the first call of its module."""
    path, _, local = name.rpartition(".")
    step = find_step(trace, path or ".")
    return (step.index, _place_of(trace, step.index, local)) if step is not None and local in step.params else None


def _locate_reading(trace: Trace, name: str) -> tuple[int, int] | None:
    """A tensor of this name at the first step that takes it: a parameter of a module that is never called, a tied name."""
    for step in trace.steps:
        for _, value in leaves((step.args, step.kwargs, step.params)):
            if name == value.name or name in value.aliases:
                return step.index, _place_of(trace, step.index, value.name or name)
    return None


def _place_of(trace: Trace, index: int, name: str) -> int:
    """The place in `list_tensors` of the tensor with this title or target."""
    return next(place for place, shown in enumerate(list_tensors(trace, index)) if name in (shown.title, shown.target, shown.value.name))


def _locate_end(trace: Trace, name: str) -> tuple[int, int] | None:
    """What only one step, parameter or buffer has as the end of its name."""
    step = trace.guess(name)
    meant = {step.name} if step else set()
    for module in trace.steps:
        meant.update(value.name for value in module.params.values() if value.name and value.name.endswith(f".{name}"))
    found = meant.pop() if len(meant) == 1 else name
    return None if found == name else _locate_parameter(trace, found) or _locate_output(trace, found) or _locate_reading(trace, found)


def _locate_short(trace: Trace, name: str, index: int) -> tuple[int, int] | None:
    """One of several outputs of this step, or of the model, by its short title."""
    for where in (index, 0):
        for place, shown in enumerate(list_tensors(trace, where)):
            if name in short_titles(shown):
                return where, place
    return None


def _locate_output(trace: Trace, name: str) -> tuple[int, int] | None:
    """The output of the step called `name`, or its output number 1 as `name:1`."""
    step, number = find_step(trace, name), 0
    if step is None:
        called, colon, digits = name.rpartition(":")
        step = find_step(trace, called) if colon and digits.isdecimal() else None
        number = int(digits) if step is not None else 0
    if step is None:
        return None
    tensors = list_tensors(trace, step.index)
    place = next((place for place, shown in enumerate(tensors) if shown.output == number), None)
    if place is None:
        raise StepError(f"{say_step(step)} has no tensor as output {number}, so there is nothing to show of it.")
    return step.index, place


def find_step(trace: Trace, name: str) -> Step | None:
    """The step called `name`, or None."""
    if not name.startswith("%"):
        return trace.find(name)
    try:
        return trace.step(name)
    except StepError:
        return None


def _suggest(trace: Trace, name: str, index: int) -> str:
    """The nearest name of a tensor, as the end of a sentence."""
    titles = [shown.title for shown in list_tensors(trace, index)]
    everywhere = (known for step in trace.steps for known in (step.name, *(f"{step.path}.{local}".lstrip(".") for local in step.params)))
    here = f"; this step has {', '.join(map(clean, titles))}" if titles else ", and this step has none"
    given = [clean(shown.title) for shown in list_tensors(trace, 0) if shown.value.role == "input"] if index else []
    inputs = f"; the model's input{'s are' if len(given) > 1 else ' is'} {', '.join(given)}" if given else ""
    return nearest(name, chain(titles, given, everywhere)) or f"{here}{inputs}."


def label_step(step: Step) -> str:
    """What a step is called where it is shown: its name; the model itself by its class, which can be typed as well."""
    return clean(step.label if step.name == "." else step.name)


def label_target(trace: Trace, target: str) -> str:
    """What a tensor is called where it is shown: the model's own output by the model's class."""
    return target.replace(".", trace.steps[0].label, 1) if target == "." or target.startswith(".:") else target


def say_step(step: Step) -> str:
    """A step in a sentence: "The model", or its name."""
    return "The model" if step.kind == "module" and step.path == "." else clean(step.name)
