"""A lesson's models: a demo, or a file beside the lesson, which is code of someone else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neurontui.debugger import Debugger
from neurontui.errors import NeuronTUIError
from neurontui.lessons.document import Lesson, Line
from neurontui.loading import Request, load_run
from neurontui.loading.references import check_reference


def make_request(lesson: Lesson, model: str) -> Request:
    """The request for one of the lesson's models. Seed, mode and input are those of the front matter, for the lesson's own model."""
    name, demo = _bare(model), is_demo(model)
    reference = name if demo else str(Path(lesson.file).parent / name)
    if name != _bare(lesson.model):
        return Request(reference, demo=demo)
    return Request(reference, demo=demo, inputs=lesson.inputs, seed=lesson.seed, training=lesson.training)


def _bare(model: str) -> str:
    return model.removeprefix("demo ").strip()


def is_demo(model: str) -> bool:
    """Whether a model ships with NeuronTUI: `demo neuron`, or in a block `model flatten:batch`."""
    return model.startswith("demo ") or not (model.partition(":")[0].endswith(".py") or "/" in model)


def foreign_models(lesson: Lesson) -> tuple[str, ...]:
    """The model files of a lesson that do not ship with NeuronTUI: playing it runs them as code.

    Raises:
        LessonError: one of them is not there, or is no Python; the sentence names the line that asks for it.
    """
    asked = [(lesson.model_line, lesson.model)]
    asked += [(line.number, line.text.split(None, 1)[1]) for line in model_lines(lesson) if len(line.text.split()) > 1]
    found: dict[str, None] = {}
    for line, model in asked:
        if is_demo(model):
            continue
        reference = make_request(lesson, model).reference
        try:
            check_reference(reference)
        except NeuronTUIError as error:
            raise lesson.refuse(line, str(error).rstrip(".")) from error
        found[reference] = None
    return tuple(found)


def model_lines(lesson: Lesson) -> Iterator[Line]:
    """The lines of its blocks that change the model."""
    for page in lesson.pages:
        yield from (line for line in (*page.commands, *page.tries) if is_model_line(line))


def is_model_line(line: Line) -> bool:
    """`model flatten:batch`: only lessons have this command."""
    return line.text.split()[:1] == ["model"]


def load_model(lesson: Lesson, model: str, line: int) -> Debugger:
    """Load, record, and stand at its beginning. Runs the model's file and torch.

    Raises:
        LessonError: it leads to no model; the sentence names the line that asked for it.
    """
    from neurontui.capture import record_run

    try:
        return Debugger(record_run(load_run(make_request(lesson, model))))
    except NeuronTUIError as error:
        raise lesson.refuse(line, str(error).rstrip(".")) from error
