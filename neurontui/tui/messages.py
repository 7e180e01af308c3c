"""What the panes and the job thread tell the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message


@dataclass
class StepChosen(Message):
    """The mouse chose a step; a second click folds it."""

    index: int
    folds: bool = False


@dataclass
class CellChosen(Message):
    """The mouse chose a cell of the frame with this number."""

    frame: int
    row: int
    column: int


@dataclass
class SightChanged(Message):
    """Other cells of the frame with this number came into sight."""

    frame: int


@dataclass
class TermChosen(Message):
    """The mouse chose a term of the computation; a second click follows it."""

    term: int
    follows: bool = False


@dataclass
class Delivered(Message):
    """The job thread has something for the event loop to call."""

    call: Callable[[], None]


@dataclass
class Printed(Message):
    """The model printed something."""


@dataclass
class Said(Message):
    """A sentence for the progress line, from any thread."""

    text: str
