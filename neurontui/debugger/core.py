"""`Debugger`: where a person stands in a recorded forward pass, and all that can be done from there.

It is the one mutable thing below the screen. It is written as four layers, one a concern: `Walk` (position and moves), `Inquiry`
(tensors and explanations), `Stops` (breakpoints, watches, marks), and here running the model again.

Where a person stands is one frozen `Standing`, replaced as a whole when the work is done. One thread moves a debugger; another
may ask it for what a place has (`explanation`, `statistics`, `scan`), and moves a `fork` of it. Methods marked "Runs torch" belong
into a worker; all others are index arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from neurontui.debugger.indices import check_index
from neurontui.debugger.modes import TRAINING, next_mode
from neurontui.debugger.places import Comparing, Index, Mode, Place, Reached, Recording, Standing
from neurontui.debugger.reading import find_largest
from neurontui.debugger.shown import Shown, find_step, label_target, name_output
from neurontui.debugger.standing import keep_place, stand
from neurontui.debugger.stops import Stops
from neurontui.errors import EditError, NeuronTUIError, StepError
from neurontui.explanation import Number
from neurontui.records import Trace
from neurontui.text import clean, format_index

if TYPE_CHECKING:
    from neurontui.comparison import Change, Diff
    from neurontui.explainers import NonFinite
    from neurontui.explainers.failures import Failure


class Debugger(Stops):
    """Walks a trace, and runs the model again with changes; each new trace goes on a stack."""

    def set(self, name: str, at: Sequence[int], number: Number) -> Trace:
        """Sets one number and runs the model again; a tensor of one element needs no index. Runs torch.

        Raises:
            EditError: it cannot be set.
            StepError: there is no such tensor or element.
        """
        from neurontui.capture import edit

        shown = self.find_named(name)
        shape = shown.value.shape
        alone = not at and all(size == 1 for size in shape)
        cell = check_index((0,) * len(shape) if alone else at, shape, shown.target)
        target, cell = self._find_maker(shown, cell)
        change = f"set {format_index(clean(label_target(self.run, target)), cell)} = {number}"
        return self._run_again(lambda run: edit(run, target, cell, number), change)

    def _find_maker(self, shown: Shown, cell: Index) -> tuple[str, Index]:
        """What is to be set so that an element gets a number: of an input, where it was written last, through whatever view."""
        from neurontui.origins import find_origin

        if shown.output is not None or shown.value.role != "step" or self.opened:
            return shown.target, cell
        origin = find_origin(self.run, self.index, shown.value, cell)
        if origin.step is None or origin.output is None or origin.index is None:
            return shown.target, cell
        return name_output(self.run.steps[origin.step], origin.output), origin.index

    def seed(self, seed: int | None = None) -> int:
        """Runs again with another seed (None: the next number); returns it. Runs torch.

        Raises:
            EditError: there is no model to run.
        """
        from neurontui.capture import replay

        last = self.run.run.seed if self.run.run else None
        chosen = seed if seed is not None else 0 if last is None else last + 1
        self._run_again(lambda run: replay(run, seed=chosen), f"seed {chosen}")
        return chosen

    def set_mode(self, mode: Mode | None = None) -> Mode:
        """Runs again as written, in train or in eval mode (None: the next of these that changes anything); returns it. Runs torch.

        Raises:
            EditError: there is no model to run.
        """
        from neurontui.capture import replay

        run = self.run.run
        chosen = mode or (next_mode(run) if run else "written")
        self._run_again(lambda run: replay(run, training=TRAINING[chosen]), f"mode {chosen}")
        return chosen

    def undo(self) -> str:
        """Takes the last change back; returns what it was, "" where there is none. Runs torch."""
        if len(self.runs) == 1:
            return ""
        change = self.runs[-1].change
        earlier = self._carry_over(self.runs[:-1])
        self.forget()  # the run that was taken back may hold gigabytes
        self._switch(earlier)
        return change

    def diff(self) -> Diff | None:
        """The present run against the first one, before all changes; None where nothing was changed. Cached. Runs torch."""
        from neurontui.comparison import diff

        first, run = self.standing.first, self.run
        return None if first is None else self.cache.make(("diff", first, run), lambda: diff(first, run))

    def show_compared(self, comparing: Comparing) -> None:
        """What is shown of a tensor that is there in the first run as well: as it is now, as it was before, or both."""
        self.standing = replace(self.standing, comparing=comparing)

    def compare(self) -> tuple[Change, ...]:
        """Which steps differ from the first run: a row a step, its difference not measured; `()` where nothing was changed. Runs torch."""
        return self._compare(self.standing)

    def nonfinite(self) -> NonFinite | None:
        """Which step of `trace` made the first NaN, or else infinity; None where all is finite. Cached. Runs torch."""
        from neurontui.explainers import first_nonfinite

        trace = self.trace
        return self.cache.make(("nonfinite", trace), lambda: first_nonfinite(trace))

    def reach(self, name: str = ".") -> Reached:
        """Goes to a later step, and shows how the element under the cursor moves its output: the one that is explained, or one
        of an input, parameter or buffer that is looked at. Runs torch.

        Raises:
            StepError: there is no such later step, no element to ask of, or its way leads out of sight in a loaded trace.
        """
        from neurontui.explainers import reach

        shown = self.shown
        held = shown is not None and shown.output is None and shown.written is not shown.value  # it was there before the call
        at = self.place.cell if held else self.at
        if self.opened or at is None or shown is None:
            raise StepError("There is no element here that could be moved: go to a step of the run that gave a tensor.")
        run, source, number = self.run, self.step, self.output
        later = run.step(name)
        found = reach(run, source, at, later, output=number, held=shown.value if held else None)
        largest = tuple(find_largest(found.slopes))
        self.leave((), stand(run, later.index, largest[0][0] if largest else None))
        spelled = (shown.target or f"{source.name} {shown.title}") if held else source.name
        reached = Reached(spelled, at, later.index, 0, found.slopes, found.touched, largest, found.note)
        self.standing = replace(self.standing, reached=reached)
        return reached

    def failure(self) -> Failure | None:
        """Why the present run stopped; None where it came to its end. Cached. Runs torch."""
        from neurontui.explainers.failures import diagnose

        run = self.run
        return None if run.error is None else self.cache.make(("failure", run), lambda: diagnose(run))

    def _run_again(self, make: Callable[[Trace], Trace], change: str) -> Trace:
        if self.run.run is None:
            raise EditError("This trace was loaded from a file, which holds no model, so it cannot be run again with a change.")
        made = make(self.run)
        self._switch(self._carry_over((*self.runs, Recording(made, change))))
        return made

    def _switch(self, standing: Standing) -> None:
        self._compare(standing)  # now, in the worker, so that the marks of changed steps are there
        self.standing = standing

    def _compare(self, standing: Standing) -> tuple[Change, ...]:
        from neurontui.comparison import statuses

        first, run = standing.first, standing.run
        return () if first is None else self.cache.make(("statuses", first, run), lambda: statuses(first, run))

    def _carry_over(self, runs: tuple[Recording, ...]) -> Standing:
        """This standing in another run: at the same step, with the same calls open, as far as it has them."""
        old, new = self.run, runs[-1].trace
        opened: list[Trace] = []
        here, there = old, new
        place: Place | None = None
        for inner in self.opened:
            index = inner.outer[1] if inner.outer else 0
            again = _open_again(here, there, index)
            if again is None:
                place = keep_place(here, there, stand(here, index))
                break
            opened.append(again)
            here, there = inner, again
        place = place or keep_place(here, there, self.place)
        history = tuple(((), keep_place(old, new, past)) for calls, past in self.standing.history if not calls)
        return replace(self.standing, runs=runs, opened=tuple(opened), place=place, history=history, reached=None)


def _open_again(here: Trace, there: Trace, index: int) -> Trace | None:
    """The call number `index` of `here`, opened in another run; None where that has no such call, or it cannot be opened there."""
    from neurontui.capture import expand

    step = find_step(there, here.steps[index].name)
    try:
        return expand(there, step.index) if step else None
    except NeuronTUIError:
        return None
