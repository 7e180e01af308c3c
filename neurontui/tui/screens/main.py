"""What a key or a click does in each pane."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.binding import BindingType

from neurontui.text import format_index
from neurontui.tui.keymap import KEYMAP, MOVES
from neurontui.tui.messages import CellChosen, SightChanged, StepChosen, TermChosen
from neurontui.tui.moves import move_cell, move_row
from neurontui.tui.screens.walk import WalkScreen
from neurontui.tui.widgets.lines import LinePane, scroll


class MainScreen(WalkScreen):
    """Turns keys into lines of the command language."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYMAP, *MOVES]

    # Keys that depend on the pane.
    def _settled(self) -> bool:
        """Have the panes show what was last done, as what a key does may depend on them; False where there is nothing to walk yet."""
        if self._soon is not None:
            self._show_panes()
        return self.runner is not None

    def action_why(self) -> None:
        if not self._settled() or self.runner is None:
            return
        debugger, pane = self.runner.debugger, self.board.pane
        if pane == "computation":
            if self.board.computation.term is not None:
                self.run_line(f"follow {self.board.computation.term}")
            return
        if pane == "tensor" and debugger.shown is not None and debugger.place.cell is not None:
            self.run_line(f"why {format_index(debugger.shown.title, debugger.place.cell)}")
        self.board.pane = "computation"
        self._settle()

    def action_turn(self, back: bool) -> None:
        from neurontui.tui import views

        debugger = self.runner.debugger if self.runner is not None else None
        if debugger is not None and self.board.pane == "computation" and views.has_stages(debugger):
            self.run_line("stage back" if back else "stage next")
            return
        self.run_line("show back" if back else "show next")
        if self.board.pane not in ("tensor", "computation"):
            self.board.pane = "tensor"
        self._settle()

    def action_edit(self) -> None:
        if not self._settled() or self.runner is None:
            return
        from neurontui.tui import views

        debugger, term = self.runner.debugger, self.board.computation.term
        if debugger.run.run is None:
            self.say("this trace has no model to run again; open the model itself to edit it", "error")
            return
        in_term = self.board.pane == "computation" and term is not None and self.board.computation.shown is not None
        target = views.term_target(debugger, self.board.computation.shown, term) if in_term else views.cell_target(debugger)
        if not target:
            self.say("this number cannot be edited: choose a weight, an input or an output with [ and ]", "error")
            return
        self.action_ask(f"set {target} = ")

    def action_move(self, way: str) -> None:
        if not self._settled():
            return
        pane = self.board.active
        if self.board.pane == "steps":
            self._move_step(way)
        elif self.board.pane == "tensor" and self.board.frames:
            self._move_cell(way)
        elif self.board.pane == "computation":
            self.board.computation.move(way)
        else:
            scroll(pane, way)

    def _move_step(self, way: str) -> None:
        assert self.runner is not None
        steps, index = self.board.steps, self.runner.debugger.index
        if way in ("left", "right"):
            if steps.fold(index, way == "left"):
                return
            target = index if way == "right" else self.runner.debugger.step.parent
            self._step_to(index if target is None else target)
            return
        self._step_to(steps.step_of(move_row(steps.row_of(index), steps.virtual_size.height, steps.room.height, way)))

    def _step_to(self, index: int) -> None:
        """By `step` and its count, which leaves no trail for `unfollow` as `goto` would."""
        assert self.runner is not None
        by = index - self.runner.debugger.index
        if by:
            self.run_line(f"step {by}" if by > 0 else f"back step {-by}")

    def _move_cell(self, way: str) -> None:
        assert self.runner is not None
        number = self.board.chosen_frame
        frame, pane = self.board.frames[number], self.board.tensors[number]
        row, column = frame.cursor or (0, 0)
        if way == "left" and column == 0 and number > 0:
            beside = self.board.frames[number - 1]
            self._point(number - 1, min(row, beside.rows - 1), beside.columns - 1)
            return
        if way == "right" and column == frame.columns - 1 and number + 1 < len(self.board.frames):
            self._point(number + 1, min(row, self.board.frames[number + 1].rows - 1), 0)
            return
        self._point(number, *move_cell(frame.cursor or (0, 0), frame.rows, frame.columns, pane.page, pane.page_columns, way))

    def _point(self, number: int, row: int, column: int) -> None:
        """Put the cursor on a cell of a frame."""
        if self.runner is None or number >= len(self.board.frames):
            return
        debugger, frame = self.runner.debugger, self.board.frames[number]
        part, within = frame.part_at(column)
        if part.shown < 0 or row >= part.grid.rows or not 0 <= within < part.grid.columns:
            return
        self.say("")
        if part.shown != debugger.place.shown:
            debugger.show(debugger.tensors()[part.shown].title)
        debugger.point(part.index_of(row, within))
        self.refresh_panes()

    @on(StepChosen)
    def _choose_step(self, message: StepChosen) -> None:
        self.board.pane = "steps"
        if message.folds:
            self.board.steps.fold(message.index, not self.board.steps.is_folded(message.index))
        else:
            self._step_to(message.index)

    @on(CellChosen)
    def _choose_cell(self, message: CellChosen) -> None:
        self.board.pane = "tensor"
        self._point(message.frame, message.row, message.column)

    @on(SightChanged)
    def _show_zeros(self, message: SightChanged) -> None:
        if self.runner is not None and self.board.frames:
            self.board.show_zeros(message.frame, self.runner.debugger, self.runner)

    @on(TermChosen)
    def _choose_term(self, message: TermChosen) -> None:
        self.board.pane = "computation"
        self.board.computation.select(message.term)
        if message.follows:
            self.run_line(f"follow {message.term}")

    # Panes.
    def action_pane(self, back: bool) -> None:
        names = self.board.names
        here = names.index(self.board.pane) if self.board.pane in names else 0
        self.board.pane = names[(here + (-1 if back else 1)) % len(names)]
        self.say("")
        self._settle()

    def action_zoom(self) -> None:
        self.board.zoomed = not self.board.zoomed
        self._settle()

    def action_leave(self) -> None:
        if self.runner is None:
            self.app.action_cancel_loading()  # type: ignore[attr-defined]
        elif self.runner.cancel():
            self._beginning.end()
            self.say("cancelling …", "busy")
        elif self.board.zoomed:
            self.action_zoom()
        else:
            self.say("")

    def action_help(self) -> None:
        from neurontui.tui.screens.help import help_lines

        self.read("Help", lambda width: help_lines(self.look, width))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is self.focused and isinstance(event.widget, LinePane) and event.widget.id:
            self.board.pane = "tensor" if event.widget.id.startswith("tensor") else event.widget.id
            self._offer_keys()
