"""What an exception of the model becomes in a trace file."""

from __future__ import annotations

from neurontui.records import SourceLine


class RecordedError(Exception):
    """An exception of the model, as it was saved: its type's name, its message, and the user's lines of its traceback."""

    def __init__(self, type_name: str, message: str, lines: tuple[SourceLine, ...] = ()) -> None:
        super().__init__(message)
        self.type = type_name
        self.message = message
        self.lines = lines


def name_type(error: BaseException) -> str:
    """`"RuntimeError"`, also of an error that was loaded from a file."""
    return error.type if isinstance(error, RecordedError) else type(error).__name__
