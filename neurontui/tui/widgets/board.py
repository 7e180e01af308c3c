"""All panes, and what each shows of the debugger."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from neurontui.errors import NeuronTUIError
from neurontui.rendering import Look
from neurontui.tui.placement import MOST, Wish
from neurontui.tui.widgets.computation import ComputationPane
from neurontui.tui.widgets.lines import LinePane
from neurontui.tui.widgets.panes import Panes
from neurontui.tui.widgets.steps import StepsPane
from neurontui.tui.widgets.tensor import TensorPane
from neurontui.tui.widgets.text import ConsolePane, TextPane

if TYPE_CHECKING:
    from neurontui.debugger import Debugger, Statistics
    from neurontui.records import Value
    from neurontui.tui.frames import TensorFrame
    from neurontui.tui.runner import Runner

SMALL = 4096  # elements: a tensor up to this size is measured at once, a larger one in the job thread
SOURCE_ROWS = 6
PATIENCE = 0.2  # seconds until an explanation that is still being made says so
NARROW = 28  # columns that the watches have at least
PANES = ("steps", "watches", "source", "tensor", "computation", "statistics", "console")
NOTHING = "This call gave no number to explain."


class Board(Panes):
    """Holds the panes by name; `show` draws the debugger as it is, and asks the runner for what is not known yet."""

    def __init__(self) -> None:
        self.steps = StepsPane()
        self.source = TextPane("source", "Source")
        self.tensors = tuple(TensorPane(number) for number in range(MOST))
        self.computation = ComputationPane()
        self.statistics = TextPane("statistics", "Statistics")
        self.watches = TextPane("watches", "Watches")
        self.console = ConsolePane()
        super().__init__(self.steps, self.watches, self.source, *self.tensors, self.computation, self.statistics, self.console)
        self.pane = "steps"  # the pane that has the focus; "tensor" is the frame that is looked at
        self.zoomed = False
        self.frames: tuple[TensorFrame, ...] = ()
        self._looked_at = 0, 0  # the number of the tensor that is looked at, and how many the step has
        self._watched = 0
        self._has_source = True
        self._awaited: object = None  # the place whose explanation was asked for

    def set_look(self, look: Look) -> None:
        """Other colours or signs for all panes."""
        for pane in self.panes:
            pane.set_look(look)

    @property
    def names(self) -> list[str]:
        """The panes that have something to say, in the order of tab."""
        empty = {
            "source": not self._has_source,
            "watches": not self._watched,
            "tensor": not self.frames,
            "console": not self.console.count,
            "statistics": "statistics" not in self.boxes,
        }
        return [name for name in PANES if not empty.get(name, False)]

    @property
    def chosen_frame(self) -> int:
        """The frame of the tensor that is looked at."""
        return next((number for number, frame in enumerate(self.frames) if frame.selected), 0)

    @property
    def active(self) -> LinePane:
        """The widget that has, or shall have, the focus."""
        name = f"tensor{self.chosen_frame}" if self.pane == "tensor" else self.pane
        return next(pane for pane in self.panes if pane.id == name)

    def show(self, debugger: Debugger, runner: Runner) -> None:
        """Draw the debugger as it is now."""
        from neurontui.rendering.source import source_lines, source_title  # not needed for the first paint, as the others below
        from neurontui.tui import views

        self.show_steps(debugger)
        source = debugger.step.source
        self._has_source = source is not None
        self.source.head(source_title(source))
        self.source.show(lambda width, height, look: source_lines(source, width, height, look))
        watched = debugger.watched()
        self._watched = len(views.watch_lines(watched, max(self.watches.room.width, NARROW), Look()))
        self.watches.show(lambda width, height, look: views.watch_lines(watched, width, look))
        self.show_numbers(debugger, runner)

    def show_steps(self, debugger: Debugger) -> None:
        """Draw the call tree and its marks."""
        from neurontui.tui import views

        self.steps.show(debugger.trace, debugger.index, lambda index: views.marks_of(debugger, index, self.steps.is_folded(index)))

    def show_numbers(self, debugger: Debugger, runner: Runner) -> None:
        """Draw the tensors and their computation."""
        self._show_tensors(debugger, runner)
        self._show_computation(debugger, runner)
        self.settle()
        self.show_all_zeros(debugger, runner)

    def settle(self) -> None:
        """Give every pane its place, and the focus to the one that shall have it."""
        if self.pane not in self.names:
            self.pane = "steps"
        wishes = tuple(pane.wish for pane, _ in zip(self.tensors, self.frames, strict=False))
        self.arrange_panes(
            Wish(
                focus=f"tensor{self.chosen_frame}" if self.pane == "tensor" else self.pane,
                zoomed=self.zoomed,
                steps_columns=self.steps.columns,
                short_columns=self.steps.short_columns,
                steps_rows=self.steps.virtual_size.height + 2,
                source_rows=SOURCE_ROWS if self._has_source else 0,
                tensors=wishes,
                chosen=self.chosen_frame,
                computation_rows=self.computation.virtual_size.height + 2,
                console_rows=self.console.count + 2 if self.console.count else 0,
                watch_rows=self._watched + 2 if self._watched else 0,
            )
        )
        self._tell_of_others()
        if self.screen.focused is not self.active and (self.screen.focused is None or isinstance(self.screen.focused, LinePane)):
            self.screen.set_focus(self.active, scroll_visible=False)

    def _tell_of_others(self) -> None:
        """In the border of the last frame in sight: how many tensors of the step are not, and the keys that go there."""
        placed = [number for number in range(len(self.frames)) if f"tensor{number}" in self.boxes]
        seen = {part.shown for number in placed for part in self.frames[number].parts}
        here, count = self._looked_at
        others = [number for number in range(count) if number not in seen]
        keys = [key for key, there in (("[", any(one < here for one in others)), ("]", any(one > here for one in others))) if there]
        words = f"{len(others)} more {' '.join(keys)}" if others else ""
        told = [(self.tensors[number], words if number == placed[-1] else "") for number in placed]
        brief = any(pane.is_cramped(of_others) for pane, of_others in told)
        for pane, of_others in told:
            pane.tell_of_others(of_others, brief)

    def _show_tensors(self, debugger: Debugger, runner: Runner) -> None:
        from neurontui.tui import views
        from neurontui.tui.frames import lay_frames

        tensors, why = debugger.tensors(), debugger.known_explanation
        self._looked_at = debugger.place.shown, len(tensors)
        self.frames = lay_frames(tensors, debugger.place, debugger.standing.comparing, debugger.step.op, views.spoken_cells(why))
        for pane, frame in zip(self.tensors, self.frames, strict=False):
            shown = tensors[frame.parts[0].shown]
            measured = self._measure(debugger, runner, shown.value)
            pane.show(
                frame,
                of=debugger.step.name,
                view=debugger.view if frame.selected or debugger.view != "stats" else "numbers",
                exact=debugger.exact,
                scale=measured.absmax or 0.0 if measured else 0.0,
                marked={part.shown: views.marked_cells(why, tensors[part.shown].title) for part in frame.parts},
                statistics=partial(views.measure_lines, measured),
            )
        self._show_reached(debugger)
        wanted = views.most_wanted(tensors, debugger.shown)
        self.statistics.show(
            lambda *room: views.all_measure_lines([(one.title, self._measure(debugger, runner, one.value)) for one in wanted], *room)
        )

    def show_all_zeros(self, debugger: Debugger, runner: Runner) -> None:
        """The signs of the zeros that are in sight in all frames."""
        for number in range(len(self.frames)):
            self.show_zeros(number, debugger, runner)

    def show_zeros(self, number: int, debugger: Debugger, runner: Runner) -> None:
        """The signs of the zeros that are in sight in a frame: those that are known; the others are asked for."""
        if number >= len(self.frames) or self.frames[number].parts[0].shown < 0:
            return
        place, pane = self.frames[number].parts[0].shown, self.tensors[number]
        shown = debugger.tensors()[place]
        if shown.role in ("input", "output") and debugger.step.error is None:
            pane.show_zeros(runner.zero_reasons(place, shown, pane.zeros()))

    def _show_reached(self, debugger: Debugger) -> None:
        """What `reach` found: how the element that was left moves this step's output, in a frame of its own."""
        reached = debugger.standing.reached
        if reached is None or reached.later != debugger.index or len(self.frames) == MOST:
            return
        from neurontui.tui.frames import slope_frame

        frame = slope_frame(reached)
        scale = max((abs(slope) for _, slope in reached.largest), default=0.0)
        self.tensors[len(self.frames)].show(frame, view="heat" if debugger.view == "heat" else "numbers", exact=debugger.exact, scale=scale)
        self.frames = (*self.frames, frame)

    def _measure(self, debugger: Debugger, runner: Runner, value: Value) -> Statistics | None:
        """What is known of a tensor, or can be known at once; else it is asked for."""
        known = debugger.known_statistics(value)
        if known is None and numel(value) <= SMALL:
            try:
                return debugger.statistics(value)
            except NeuronTUIError:
                return None
        if known is None:
            runner.work("measure", lambda: debugger.statistics(value))
        return known

    def _show_computation(self, debugger: Debugger, runner: Runner) -> None:
        from neurontui.rendering.failures import error_lines
        from neurontui.tui import views

        step, why = debugger.step, debugger.known_explanation
        if step.error is not None:
            self._show_failure(debugger, runner)
        elif debugger.at is None:
            self.computation.show_lines("Why?", lambda width, look: [Text(NOTHING, look.palette.style("dim"))])
        elif why is not None:
            hints = partial(views.hint_lines, debugger)
            self.computation.show(why, debugger.trace, exact=debugger.exact, before=views.number_before(debugger), hints=hints)
        elif (error := runner.explain()) is not None:
            self.computation.show_lines("Why?", lambda width, look: error_lines(error, width, look))
        elif debugger.place is not self._awaited:
            self._awaited = debugger.place
            self.set_timer(PATIENCE, lambda: self._say_slow(debugger))

    def _say_slow(self, debugger: Debugger) -> None:
        """What stands there is about another number: take it away where the new one takes its time."""
        if debugger.place is self._awaited and debugger.known_explanation is None:
            self.computation.show_lines(
                "Why?", lambda width, look: [Text(f"working it out {look.glyphs.ellipsis}", look.palette.style("dim"))]
            )

    def _show_failure(self, debugger: Debugger, runner: Runner) -> None:
        from neurontui.rendering.failures import error_lines, failure_lines

        error, failure = debugger.step.error, runner.failure_of(debugger.trace)
        assert error is not None
        if failure is None:
            self.computation.show_lines("Why did it stop?", lambda width, look: error_lines(error, width, look))
        else:
            self.computation.show_lines("Why did it stop?", lambda width, look: failure_lines(failure, width, look))


def numel(value: Value) -> int:
    """How many elements a tensor has."""
    count = 1
    for size in value.shape:
        count *= size
    return count
