"""`Debugger`: where a person stands in a recorded forward pass, and all that can be done from there.

Its state is frozen values behind plain attributes, each replaced as a whole, after the work is done: a screen may read while
a worker runs. Methods marked "Runs torch" belong into a worker; all others are index arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence

from neurontui.debugger.breakpoints import Breakpoint, Condition
from neurontui.debugger.places import Comparing, Index, Mode, Place, Plane, Recording, View
from neurontui.debugger.shown import Shown
from neurontui.debugger.statistics import Statistics
from neurontui.debugger.watches import Watch, Watched
from neurontui.explanation import Explanation, Number
from neurontui.records import Step, Trace, Value


class Debugger:
    """Walks a trace. Movement returns True where it moved, False at an end (where it stays)."""

    # What a screen reads.
    runs: tuple[Recording, ...]  # the first run, then one a change; the last is the present one
    opened: tuple[Trace, ...]  # calls opened into their kernels, outermost first
    place: Place
    breakpoints: tuple[Breakpoint, ...]
    watches: tuple[Watch, ...]
    view: View = "numbers"
    exact: bool = False
    comparing: Comparing = "now"
    sought: str = ""  # the text that `find` looks for

    def __init__(self, trace: Trace) -> None:
        """Stands on step %0 of `trace`."""
        raise NotImplementedError

    @property
    def trace(self) -> Trace:
        """The trace that is walked: the opened call, or the present run."""
        raise NotImplementedError

    @property
    def run(self) -> Trace:
        """The present run, below all opened calls."""
        raise NotImplementedError

    @property
    def first(self) -> Trace | None:
        """The run before the edits, or None where nothing was edited."""
        raise NotImplementedError

    @property
    def index(self) -> int:
        """The index of the current step in `trace`."""
        raise NotImplementedError

    @property
    def step(self) -> Step:
        """The current step (the record; to move one step on is `step_in`)."""
        raise NotImplementedError

    @property
    def at(self) -> Index | None:
        """The element that is explained; None where the step gave no tensor element."""
        raise NotImplementedError

    @property
    def output(self) -> int:
        """The number of the output that `at` is an index of."""
        raise NotImplementedError

    @property
    def mode(self) -> Mode:
        """How the present run was made: as the model was written, all in train, or all in eval mode."""
        raise NotImplementedError

    # Movement.
    def step_in(self, back: bool = False) -> bool:
        """To the next step in execution order (or the previous one)."""
        raise NotImplementedError

    def next(self, back: bool = False) -> bool:
        """To the next step that is no descendant, from %0 into it; back to the previous sibling, else the parent."""
        raise NotImplementedError

    def return_(self, back: bool = False) -> bool:
        """To the first step after the parent's subtree; back to the parent. At the top of an opened call: closes it."""
        raise NotImplementedError

    def continue_(self, back: bool = False) -> Breakpoint | None:
        """To the next step that a breakpoint stops at, or to the call that failed; returns the breakpoint. Runs torch.

        Where `None` is returned, `index` says whether it moved (to the failing call) or stayed.
        """
        raise NotImplementedError

    def goto(self, name: str | int) -> Step:
        """To a step by name or index; `unfollow` comes back.

        Raises:
            StepError: there is no such step.
        """
        raise NotImplementedError

    def find(self, text: str = "", back: bool = False) -> bool:
        """To the next step whose name or operation contains `text` ("": the last text), from the start again after the end."""
        raise NotImplementedError

    def open(self) -> Trace:
        """Runs the current call again, and goes into its functions or kernels. Runs torch."""
        raise NotImplementedError

    def close(self) -> bool:
        """Back out of the opened call, onto the step that was opened."""
        raise NotImplementedError

    def explain_at(self, at: Sequence[int], output: int | None = None) -> Index:
        """Makes `at` the element to be explained (negative indices count from the end).

        Raises:
            StepError: the output has no such element.
        """
        raise NotImplementedError

    # Why.
    def explanation(self) -> Explanation | None:
        """Why the element at `at` has its value; None where there is none (a crash, no tensor). Cached. Runs torch."""
        raise NotImplementedError

    @property
    def known_explanation(self) -> Explanation | None:
        """The same, if it was made already: never runs torch."""
        raise NotImplementedError

    def why(self, title: str = "", at: Sequence[int] | None = None) -> Explanation | None:
        """Explains an element of one of the step's tensors: of an output here, of an input where it was made. Runs torch."""
        raise NotImplementedError

    def follow(self, term: int = 0, factor: str = "") -> str:
        """Goes to where a term of the explanation came from; returns one sentence on what it was. Runs torch."""
        raise NotImplementedError

    def unfollow(self) -> bool:
        """Back to where the last `follow`, `goto` or `find` came from."""
        raise NotImplementedError

    # Tensors.
    def tensors(self) -> tuple[Shown, ...]:
        """The tensors of the current step: inputs, parameters and buffers, outputs."""
        raise NotImplementedError

    @property
    def shown(self) -> Shown | None:
        """The tensor that is looked at; None where the step has none."""
        raise NotImplementedError

    def show(self, name: str = "", plane: Plane | None = None) -> Shown:
        """Looks at a tensor by title or name, and at a slice of it; goes to the step that has it where need be.

        Raises:
            StepError: there is no such tensor or slice.
        """
        raise NotImplementedError

    def show_next(self, back: bool = False) -> bool:
        """Looks at the step's next tensor (or previous one)."""
        raise NotImplementedError

    def slice_next(self, back: bool = False) -> bool:
        """Looks at the next slice (or the previous one) of a tensor of more than two dimensions."""
        raise NotImplementedError

    def point(self, cell: Sequence[int]) -> None:
        """Puts the cursor on a cell of the tensor that is looked at; on an output it is the element to be explained, too."""
        raise NotImplementedError

    def statistics(self, value: Value) -> Statistics:
        """Statistics of a tensor; cached. Runs torch."""
        raise NotImplementedError

    # Marks.
    def mark(self, index: int) -> str:
        """"error", "nan", "inf" or "" for a step of `trace`, as far as `scan` has looked."""
        raise NotImplementedError

    def scan(self, start: int = 0, stop: int | None = None) -> None:
        """Looks for NaN and Inf in the outputs of the steps start..stop of `trace`. Runs torch."""
        raise NotImplementedError

    def changed(self, index: int) -> bool:
        """Whether a step of `trace` gave something else than in the run before the edits."""
        raise NotImplementedError

    def stops_at(self, index: int) -> Breakpoint | None:
        """The breakpoint set on this step by name, for the mark beside it. Conditions are not tried."""
        raise NotImplementedError

    # Breakpoints and watches.
    def break_at(self, name: str = "", condition: Condition | None = None) -> Breakpoint:
        """Sets a breakpoint; kept by name, so that it survives edits."""
        raise NotImplementedError

    def clear(self, number: int | None = None) -> int:
        """Removes one breakpoint, or all; returns how many."""
        raise NotImplementedError

    def watch(self, name: str = "", at: Sequence[int] | None = None) -> Watch:
        """Pins an element ("" is the one under the cursor)."""
        raise NotImplementedError

    def unwatch(self, number: int | None = None) -> int:
        """Removes one watch (counted from 1), or all; returns how many."""
        raise NotImplementedError

    def watched(self) -> tuple[Watched, ...]:
        """The watches with what they read: one element each."""
        raise NotImplementedError

    # Running again.
    def set(self, name: str, at: Sequence[int], number: Number) -> Trace:
        """Sets one number and runs the model again. Runs torch.

        Raises:
            EditError: it cannot be set.
        """
        raise NotImplementedError

    def seed(self, seed: int | None = None) -> int:
        """Runs again with another seed (None: the next number); returns it. Runs torch."""
        raise NotImplementedError

    def set_mode(self, mode: Mode | None = None) -> Mode:
        """Runs again as written, in train or in eval mode (None: the next of these); returns it. Runs torch."""
        raise NotImplementedError

    def undo(self) -> str:
        """Takes the last change back; returns what it was, "" where there is none."""
        raise NotImplementedError
