"""The lessons that ship with NeuronTUI: the Markdown files of this folder."""

from __future__ import annotations

from pathlib import Path

from neurontui.errors import LessonError, nearest
from neurontui.lessons.document import Lesson, read_lesson
from neurontui.text import clean

ORDER = (
    "neuron", "brain", "linear", "activation", "sequential", "stacking", "dimensions", "dropout", "flatten", "batchnorm", "full_model",
    "last_dimension", "in_and_out", "convolution", "layer_norm", "embedding", "attention", "dead_neurons",
)  # fmt: skip


def find_lessons() -> dict[str, Path]:
    """The files by name, in the order of the course; further ones after it, and then those in other languages."""
    files = {file.name.removesuffix(".md"): file for file in Path(__file__).parent.glob("*.md") if not file.name.startswith("words.")}
    return {name: files[name] for name in sorted(files, key=lambda name: ("." in name, _rank(name), name))}


def _rank(name: str) -> int:
    stem = name.partition(".")[0]
    return ORDER.index(stem) if stem in ORDER else len(ORDER)


def open_lesson(name: str) -> Lesson:
    """A lesson by its name, or from a file.

    Raises:
        LessonError: there is none; the sentence gives the nearest, or file and line.
    """
    if name.endswith(".md") or "/" in name:
        return read_lesson(name)
    lessons = find_lessons()
    if name not in lessons:
        raise LessonError(f"there is no lesson {clean(repr(name))} (`neurontui lesson` lists them){nearest(name, lessons) or '.'}")
    return read_lesson(lessons[name])
