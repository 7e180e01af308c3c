"""`Stops`: breakpoints, watches, and the marks beside steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from neurontui.debugger import movement
from neurontui.debugger.breakpoints import STATES, Breakpoint, Condition, without_calls
from neurontui.debugger.indices import check_index, has_index
from neurontui.debugger.inquiry import Inquiry
from neurontui.debugger.reading import read_element
from neurontui.debugger.shown import Shown, find_step, label_target, list_outputs, locate_tensor
from neurontui.debugger.standing import stand
from neurontui.debugger.statistics import find_bad
from neurontui.debugger.watches import Watch, Watched
from neurontui.errors import StaleValueError, StepError
from neurontui.explanation import Number
from neurontui.records import Step, Trace, Value
from neurontui.text import clean

if TYPE_CHECKING:
    from neurontui.comparison import Change


class Stops(Inquiry):
    """What is kept by name while the model is run again and again: breakpoints and watches."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.watches: tuple[Watch, ...] = ()
        self._breakpoints_made = 0
        # Weakly: marks do not keep a call, with all its tensors, that was opened and closed again.
        self._marks: WeakKeyDictionary[Trace, dict[int, frozenset[str]]] = WeakKeyDictionary()

    def continue_(self, back: bool = False) -> Breakpoint | None:
        """To the next step that a breakpoint stops at, or to the call that failed; returns the breakpoint. Runs torch.

        Where None is returned, `index` says whether it moved (to the failing call) or stayed.
        """
        steps, crash = self.trace.steps, movement.find_crash(self.trace.steps)
        for index in range(self.index - 1, -1, -1) if back else range(self.index + 1, len(steps)):
            found = next((stop for stop in self.breakpoints if self._stops(stop, index)), None)
            if found or index == crash:
                self.move_to(stand(self.trace, index))
                return found
        return None

    def break_at(self, name: str = "", condition: Condition | None = None) -> Breakpoint:
        """Sets a breakpoint; kept by name, so that it survives edits. Without anything: at the current step.

        Raises:
            StepError: there is no such step.
        """
        known = self.find_breakpoint(name, condition)
        if known:
            return known
        self._breakpoints_made += 1
        made = Breakpoint(self._breakpoints_made, self._breakpoint_name(name, condition), condition)
        self.breakpoints = (*self.breakpoints, made)
        return made

    def find_breakpoint(self, name: str = "", condition: Condition | None = None) -> Breakpoint | None:
        """The breakpoint that `break_at` with these would set, where it is set already.

        Raises:
            StepError: there is no such step.
        """
        wanted = self._breakpoint_name(name, condition)
        return next((stop for stop in self.breakpoints if (stop.name, stop.condition) == (wanted, condition)), None)

    def clear(self, number: int | None = None) -> int:
        """Removes one breakpoint, or all; returns how many."""
        kept = tuple(stop for stop in self.breakpoints if number is not None and stop.number != number)
        removed, self.breakpoints = len(self.breakpoints) - len(kept), kept
        return removed

    def stops_at(self, index: int) -> Breakpoint | None:
        """The breakpoint set on this step by name, for the mark beside it. Conditions are not tried."""
        step = self.trace.steps[index]
        return next((stop for stop in self.breakpoints if stop.name and stop.names(step)), None)

    def watch(self, name: str = "", at: Sequence[int] | None = None) -> Watch:
        """Pins an element ("" is the tensor that is looked at, None the cell under the cursor there, else the first).

        Raises:
            StepError: there is no such tensor or element, or it is inside an opened call and has no name outside of it.
        """
        shown = self.find_named(name)
        shape = shown.value.shape
        if at is None:
            at = self.place.cell if not name and self.place.cell is not None else (0,) * len(shape)
        made = Watch(shown.target, check_index(at, shape, shown.target))
        if made not in self.watches:
            self.watches = (*self.watches, made)
        return made

    def unwatch(self, number: int | None = None) -> int:
        """Removes one watch (counted from 1), or all; returns how many."""
        kept = tuple(watch for place, watch in enumerate(self.watches, 1) if number is not None and place != number)
        removed, self.watches = len(self.watches) - len(kept), kept
        return removed

    def watched(self) -> tuple[Watched, ...]:
        """The watches with what they read: one element each."""
        first = self.first
        return tuple(
            Watched(watch, label_target(self.run, watch.target), self._read(self.run, watch), self._read(first, watch) if first else None)
            for watch in self.watches
        )

    def find_named(self, name: str = "") -> Shown:
        """A tensor that has a name in the present run, below all opened calls: what can be set and watched.

        Raises:
            StepError: there is no such tensor, or it has no name.
        """
        if not self.opened:
            shown = self.find_shown(name)
        elif name:  # what is made inside an opened call has no name outside of it
            outer = self.opened[0].outer
            index, place = locate_tensor(self.run, self._name_outside(name), outer[1] if outer else 0)
            shown = self._tensors_of(self.run, index)[place]
        else:
            raise StepError("An opened call cannot be changed from inside: say which tensor, or return to the run first.")
        if not shown.target:
            raise StepError(f"{clean(name or shown.title)} cannot be set or watched, since it has no name.")
        return shown

    def _name_outside(self, title: str) -> str:
        """What a tensor of the current step is called in the run: inside an opened call, the `input` of a `t` may be the weight outside.

        Raises:
            StepError: it was made inside of the opened call.
        """
        places = [*((inner.outer[1] if inner.outer else 0) for inner in self.opened[1:]), self.index]
        for trace, index in reversed([*zip(self.opened, places, strict=True)]):
            shown = next((shown for shown in self._tensors_of(trace, index) if shown.title == title), None)
            if shown is None or not index:
                continue
            if shown.output is not None or shown.value.role == "step":
                raise StepError(
                    f"{clean(title)} of {clean(trace.steps[index].name)} was made inside an opened call, "
                    "which cannot be changed from inside: say which tensor of the run, or return to it first."
                )
            title = shown.value.name or title
        return title

    # Marks.

    def mark(self, index: int) -> str:
        """ "error", "nan", "inf" or "" for a step of `trace`, as far as `scan` has looked."""
        trace = self.trace
        if trace.steps[index].error is not None:
            return "error"
        bad = self._marks.get(trace, {}).get(index, ())
        return "nan" if "nan" in bad else "inf" if bad else ""

    def scan(self, start: int = 0, stop: int | None = None) -> None:
        """Looks for NaN and Inf in the outputs of the steps start..stop of `trace`. Runs torch."""
        trace = self.trace
        for index in range(start, len(trace.steps) if stop is None else min(stop, len(trace.steps))):
            self._find_bad(trace, index)

    def changed(self, index: int) -> bool:
        """Whether a step of `trace` gave something else than in the first run."""
        return self.first is not None and not self.opened and index in self._changes()

    def forget(self) -> None:
        """Lets go of all that was worked out, with the traces and tensors that it holds."""
        self.cache.clear()
        self.explanations.clear()
        self._marks = WeakKeyDictionary()

    # Inside.

    def _stops(self, stop: Breakpoint, index: int) -> bool:
        step = self.trace.steps[index]
        if not stop.names(step):
            return False
        if stop.condition is None:
            return True
        if not stop.name and not self._innermost(stop.condition, step):
            return False
        return self._meets(stop.condition, step)

    def _innermost(self, condition: Condition, step: Step) -> bool:
        """Whether this call, and not one inside it, is where a condition without a name is met."""
        if condition.fact == "error":
            return not any(inner.error for inner in self.trace.steps[step.index + 1 : step.end])
        return step.end == step.index + 1

    def _meets(self, condition: Condition, step: Step) -> bool:
        if condition.fact == "error":
            return step.error is not None
        if condition.fact == "changed":
            return self.changed(step.index)
        if condition.fact in STATES:
            return condition.fact in self._find_bad(self.trace, step.index)
        return any(condition.holds(number) for number in self._measure(condition, step))

    def _measure(self, condition: Condition, step: Step) -> list[float]:
        """What a condition compares: one number for each output that has it."""
        outputs = list_outputs(step)
        if condition.fact == "element":
            numbers = [_read_kept(value, condition.at) for value in outputs if has_index(condition.at, value.shape)]
            return [float(number) for number in numbers if number is not None and not isinstance(number, complex)]
        name = {"min": "minimum", "max": "maximum"}.get(condition.fact, condition.fact)
        measured = [getattr(self.statistics(value), name) for value in outputs]
        return [number for number in measured if number is not None]

    def _find_bad(self, trace: Trace, index: int) -> frozenset[str]:
        """Whether the outputs of a step have NaN ("nan") or infinities ("inf") in them."""
        marks = self._marks.setdefault(trace, {})
        if index not in marks:
            marks[index] = frozenset().union(*(_find_bad_kept(value) for value in list_outputs(trace.steps[index])))
        return marks[index]

    def _changes(self) -> frozenset[int]:
        """The steps of the present run that gave something else than the first run, once they were compared."""
        pair = (self.first, self.run)
        rows: tuple[Change, ...] | None = self.cache.get(("statuses", *pair))
        if rows is None:
            return frozenset()
        return self.cache.make(
            ("changes", *pair), lambda: frozenset(row.right for row in rows if row.right is not None and row.status != "equal")
        )

    def _breakpoint_name(self, name: str, condition: Condition | None) -> str:
        """A step's name, or one without its call numbers; the current step's where nothing was said; "" for any step."""
        if not name:
            return "" if condition else self.step.name
        if "#" not in name and any(without_calls(step.name) == name for step in self.trace.steps):
            return name
        return (find_step(self.trace, name) or self.trace.guess(name) or self.run.step(name)).name

    def _read(self, trace: Trace, watch: Watch) -> Number | None:
        """What a watch reads in a run; None where that has no such element. Cached: it is asked for with every picture."""
        return self.cache.make(("watch", trace, watch), lambda: self._look_up(trace, watch))

    def _look_up(self, trace: Trace, watch: Watch) -> Number | None:
        try:
            index, place = locate_tensor(trace, watch.target, 0)
            value = self._tensors_of(trace, index)[place].value
            return _read_kept(value, check_index(watch.at, value.shape, watch.target))
        except StepError:
            return None


def _read_kept(value: Value, at: tuple[int, ...]) -> Number | None:
    """As `read_element`; None of a tensor whose data are gone, or that has no numbers."""
    try:
        return read_element(value, at)
    except StaleValueError:
        return None


def _find_bad_kept(value: Value) -> frozenset[str]:
    """As `find_bad`; nothing of a tensor whose data are gone."""
    try:
        return find_bad(value)
    except StaleValueError:
        return frozenset()
