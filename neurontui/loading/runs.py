"""`load_run`: everything a request says, carried out in order."""

from __future__ import annotations

from neurontui.loading.request import Request
from neurontui.records import Run


def load_run(request: Request) -> Run:
    """The model, its inputs and how it is to be run, ready to be recorded. `Run.notes` says what was chosen for the user.

    Raises:
        LoadError: the reference leads to no model.
        InputError: an input or a model argument cannot be used.
        WeightsError: the weights file is none, or does not fit.
    """
    raise NotImplementedError
