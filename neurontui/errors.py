"""Everything that NeuronTUI itself refuses, as one tree of exceptions.

    NeuronTUIError              one sentence: what was given, what was expected, what to do
    ├── LoadError               a model reference that leads to no model
    ├── InputError              an --input, --arg or example input that cannot be used
    ├── WeightsError            a weights file that is none, or that does not fit
    ├── StepError               a step name or an index that the trace does not have
    ├── CommandError            a command line that is not in the command language
    ├── EditError               a value that cannot be set
    ├── TraceFileError          a trace file that is damaged, foreign or from the future
    ├── LessonError             a lesson that cannot be played (file and line)
    ├── StaleValueError         a parameter kept by reference that has changed since it was recorded
    │   └── UnreadableError     a tensor without numbers that could be read
    └── CancelledError          the user cancelled a recording

An exception of the user's model is none of these: it is data, in `Trace.error`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

MOST_COMPARED = 5000  # words that a wrong one is compared with


class NeuronTUIError(Exception):
    """One clear sentence for the user; the command line prints it and exits with `exit_code`."""

    exit_code = 2


class LoadError(NeuronTUIError):
    """A model reference that leads to no model."""


class InputError(NeuronTUIError):
    """An input, an option's value or a model argument that cannot be used."""


class WeightsError(NeuronTUIError):
    """A weights file that is none, or whose tensors do not fit the model."""


class StepError(NeuronTUIError):
    """A step name or an element index that the trace does not have."""


class CommandError(NeuronTUIError):
    """A line that is not in the command language."""


class EditError(NeuronTUIError):
    """A value that cannot be set."""


class TraceFileError(NeuronTUIError):
    """A trace file that is damaged, truncated, foreign, or from a newer NeuronTUI."""


class LessonError(NeuronTUIError):
    """A lesson file that cannot be played; the sentence names file and line."""


class StaleValueError(NeuronTUIError):
    """A parameter that was kept by reference and has been written since the trace was recorded."""


class UnreadableError(StaleValueError):
    """A tensor that holds no numbers, or none that torch gives out one by one."""


class CancelledError(NeuronTUIError):
    """The user cancelled a recording before its end."""


def name_type(error: BaseException | None) -> str:
    """`"RuntimeError"`: the type of an exception of the model, also of one that was loaded from a trace file (`storage.RecordedError`)."""
    kind = type(error).__name__
    return str(getattr(error, "type", kind)) if kind == "RecordedError" else kind


def message_of(error: BaseException | None) -> str:
    """What an exception of the user's says; nothing where its own `__str__` raises."""
    try:
        return "" if error is None else str(error)
    except Exception:
        return ""


def nearest(word: str, words: Iterable[str]) -> str:
    """The end of a sentence about a wrong word: `"; did you mean 'inspect'?"`, or nothing where no word is near.

    Near is, in any case of letters, what begins with the wrong word, then what has it as its last part, then what is spelled alike.
    """
    from difflib import get_close_matches

    wanted, known = word.lower(), {name.lower(): name for name in islice(words, MOST_COMPARED)}
    longer = [name for name in known if wanted and name.startswith(wanted)]
    ending = [name for name in known if name.endswith((f".{wanted}", f"/{wanted}"))]
    near = longer or ending or get_close_matches(wanted, known, n=1)
    return f"; did you mean {known[near[0]]!r}?" if near else ""
