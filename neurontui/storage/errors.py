"""What an exception of the model becomes in a trace file."""

from __future__ import annotations

from dataclasses import dataclass

from neurontui.records import SourceLine, Step
from neurontui.signatures import forward_names


@dataclass(frozen=True, slots=True)
class Raiser:
    """What is to be known of the module whose call raised: the names of its layers, of its forward's arguments, and of its classes."""

    layers: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class RecordedError(Exception):
    """An exception of the model, as it was saved: its type's name, its message, the user's lines of its traceback, and who raised it."""

    def __init__(self, type_name: str, message: str, lines: tuple[SourceLine, ...] = (), raiser: Raiser | None = None) -> None:
        super().__init__(message)
        self.type = type_name
        self.message = message
        self.lines = lines
        self.raiser = raiser or Raiser()


def describe_raiser(step: Step) -> Raiser:
    """What is known of the module that raised, also where the trace was loaded from a file."""
    if isinstance(step.error, RecordedError):
        return step.error.raiser
    layers = tuple(name for name, _ in step.target.named_children()) if hasattr(step.target, "named_children") else ()
    code = getattr(getattr(step.target, "forward", None), "__code__", None)
    after = () if code is None else code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return Raiser(layers, (*forward_names(step.target)[0], *after), tuple(kind.__name__ for kind in type(step.target).__mro__))
