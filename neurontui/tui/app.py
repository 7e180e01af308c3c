"""The app: `run_app` opens the screen at once and prepares the model behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurontui.debugger import Debugger

Prepare = Callable[[Callable[[str], None]], "Debugger"]


def run_app(prepare: Prepare, *, title: str = "", commands: Sequence[str] = (), ascii: bool = False, theme: str | None = None) -> int:
    """Open the app, call `prepare(progress)` in a worker thread, walk its Debugger; returns the exit code.

    `progress(sentence)` may be called by `prepare` at any time: the sentence is shown as the progress line.
    `commands` are run first, as if typed at the prompt. 0 at a quit, 1 where the forward had raised.

    Raises:
        NeuronTUIError: what `prepare` raised; the terminal is as it was before, the caller prints the sentence.
    """
    raise NotImplementedError
