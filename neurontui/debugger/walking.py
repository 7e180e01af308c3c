"""`Walk`: the position in a stack of runs and opened calls, and the moves."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Self

from neurontui.debugger import movement
from neurontui.debugger.cache import Cache
from neurontui.debugger.modes import mode_of
from neurontui.debugger.places import Index, Mode, Place, Recording, Standing
from neurontui.debugger.shown import find_step, say_step
from neurontui.debugger.standing import stand
from neurontui.errors import CommandError, StepError
from neurontui.records import Step, Trace


class Walk:
    """Where a person stands. A move returns how often it moved: less than `count` at an end, where it stays."""

    def __init__(self, trace: Trace) -> None:
        """Stands on step %0 of `trace`."""
        self.standing = Standing((Recording(trace),), stand(trace, 0))
        self.sought = ""  # the text that `find` looks for
        self.cache = Cache(512)
        self.explanations = Cache(32)  # of large layers, megabytes each

    def fork(self) -> Self:
        """Another debugger that stands here, to be moved in another thread; what is worked out is kept in common."""
        return copy(self)

    def join(self, fork: Self) -> None:
        """Stands where a fork of this debugger went, with the breakpoints and watches that were set there."""
        vars(self).update(vars(fork))

    @property
    def runs(self) -> tuple[Recording, ...]:
        """The first run, then one a change; the last is the present one."""
        return self.standing.runs

    @property
    def opened(self) -> tuple[Trace, ...]:
        """The calls that are opened into their kernels, outermost first."""
        return self.standing.opened

    @property
    def place(self) -> Place:
        """The position in `trace`."""
        return self.standing.place

    @property
    def trace(self) -> Trace:
        """The trace that is walked: the opened call, or the present run."""
        return self.standing.trace

    @property
    def run(self) -> Trace:
        """The present run, below all opened calls."""
        return self.standing.run

    @property
    def first(self) -> Trace | None:
        """The first run, before all changes; None where nothing was changed."""
        return self.standing.first

    @property
    def index(self) -> int:
        """The index of the current step in `trace`."""
        return self.place.index

    @property
    def step(self) -> Step:
        """The current step (the record; to move one step on is `step_in`)."""
        return self.standing.step

    @property
    def at(self) -> Index | None:
        """The element that is explained; None where the step gave no tensor element."""
        return self.place.at

    @property
    def output(self) -> int:
        """The number of the output that `at` is an index of."""
        return self.place.output

    @property
    def mode(self) -> Mode:
        """How the present run was made: as the model was written, all in train, or all in eval mode."""
        return mode_of(self.run.run)

    @property
    def edits(self) -> int:
        """How many numbers were set; another seed or mode is no edit."""
        first, run = self.runs[0].trace.run, self.run.run
        return len(run.edits) - len(first.edits) if run and first else 0

    def step_in(self, back: bool = False, count: int = 1) -> int:
        """To the next step in execution order (or the previous one)."""
        moved = min(count, self.index if back else len(self.trace.steps) - 1 - self.index)
        if moved:
            self.move_to(stand(self.trace, self.index + (-moved if back else moved)))
        return moved

    def next(self, back: bool = False, count: int = 1) -> int:
        """To the next step that is no descendant, from %0 into it; back to the previous sibling, else the parent."""
        return self._move(movement.back_next if back else movement.next_step, count)

    def return_(self, back: bool = False, count: int = 1) -> int:
        """To the first step after the parent's subtree; back to the parent. At the top of an opened call: closes it.

        The top is the opened call itself and, going on, whatever it called directly.
        """
        move = movement.back_return if back else movement.return_step
        for done in range(count):
            at_top = self.step.parent is None or (not back and self.step.parent == 0)
            if not (self.close() if self.opened and at_top else self._move(move, 1)):
                return done
        return count

    def goto(self, name: str | int) -> Step:
        """To a step by name or index; `unfollow` comes back. From an opened call a name leads out of it, too.

        Raises:
            StepError: there is no such step.
        """
        opened, step = self._find_around(name) if isinstance(name, str) else (self.opened, self.trace.step(name))
        self.leave(opened, stand(opened[-1] if opened else self.run, step.index))
        return step

    def _find_around(self, name: str) -> tuple[tuple[Trace, ...], Step]:
        """The step of that name here or around the opened calls, with the calls that stay open; then the one whose name ends so."""
        around = [self.opened[:depth] for depth in range(len(self.opened), -1, -1)]
        for look in (find_step, Trace.guess):
            for opened in around:
                step = look(opened[-1] if opened else self.run, name)
                if step is not None:
                    return opened, step
        return (), self.run.step(name)

    def find(self, text: str = "", back: bool = False) -> bool:
        """To the next step whose name or operation contains `text` ("": the last text), from the start again after the end.

        Raises:
            CommandError: nothing was looked for yet.
        """
        self.sought = text or self.sought
        wanted = self.sought.lower()
        if not wanted:
            raise CommandError("Nothing was looked for yet: give a text, as in find relu.")
        steps, count = self.trace.steps, len(self.trace.steps)
        for distance in range(1, count + 1):
            step = steps[(self.index + (-distance if back else distance)) % count]
            if wanted in step.name.lower() or wanted in step.op.lower():
                self.leave(self.opened, stand(self.trace, step.index))
                return True
        return False

    def open(self) -> Trace:
        """Runs the current call again, and goes into its functions or kernels, with the same element looked at. Runs torch.

        Raises:
            StepError: the call cannot be opened.
        """
        from neurontui.capture import expand

        if self.opened and self.step.parent is None:
            raise StepError(f"{say_step(self.step)} is open already: step goes into it, return closes it.")
        inner = expand(self.trace, self.index)
        self.standing = replace(self.standing, opened=(*self.opened, inner), place=stand(inner, 0, self.at, self.output))
        return inner

    def close(self) -> bool:
        """Back out of the opened call, onto the step that was opened."""
        if not self.opened:
            return False
        outer = self.opened[-1].outer
        opened = self.opened[:-1]
        place = stand(opened[-1] if opened else self.run, outer[1] if outer else 0)
        self.standing = replace(self.standing, opened=opened, place=place)
        return True

    def unfollow(self) -> bool:
        """Back to where the last `follow`, `goto` or `find` came from."""
        history = self.standing.history
        if not history:
            return False
        opened, place = history[-1]
        self.standing = replace(self.standing, history=history[:-1], opened=opened, place=place)
        return True

    def leave(self, opened: tuple[Trace, ...], place: Place) -> None:
        """To another place, so that `unfollow` comes back."""
        here = (self.opened, self.place)
        if (opened, place) != here:
            self.standing = replace(self.standing, history=(*self.standing.history, here), opened=opened, place=place)

    def move_to(self, place: Place) -> None:
        """To another place in the trace that is walked, with nothing to come back to."""
        self.standing = replace(self.standing, place=place)

    def _move(self, move: movement.Move, count: int) -> int:
        steps, index, done = self.trace.steps, self.index, 0
        while done < count and (target := move(steps, index)) is not None:
            index, done = target, done + 1
        if done:
            self.move_to(stand(self.trace, index))
        return done
