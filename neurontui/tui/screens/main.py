"""The one screen: what a key does in each pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from neurontui.rendering import Look
from neurontui.text import clean, format_index
from neurontui.tui.completion import LineSuggester
from neurontui.tui.keymap import KEYMAP, MOVES
from neurontui.tui.messages import CellChosen, SightChanged, StepChosen, TermChosen
from neurontui.tui.moves import move_cell, move_row
from neurontui.tui.screens.reading import Reading, page_width
from neurontui.tui.widgets.bars import Bottom, Line, footer_keys
from neurontui.tui.widgets.board import Board
from neurontui.tui.widgets.lines import LinePane, scroll
from neurontui.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from textual.timer import Timer

    from neurontui.commands import Reply
    from neurontui.lessons.practice import Practice
    from neurontui.tui.runner import Runner

MOMENT = 0.015  # seconds that a small explanation takes at most


class MainScreen(Screen[None]):
    """Turns keys into lines of the command language, and their replies into sentences."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYMAP, *MOVES]

    def __init__(self, title: str) -> None:
        super().__init__(id="main")
        self._opening = title
        self.look = Look()
        self.runner: Runner | None = None
        self._practice: Practice | None = None
        self._warned: object = None  # the run whose NaN was told of
        self._soon: Timer | None = None  # what will show the debugger in a moment
        self.position = Line("position")
        self.board = Board()
        self.keys = Bottom("keys")
        self.prompt = Prompt()

    def compose(self) -> ComposeResult:
        yield self.position
        yield self.board
        with Horizontal(id="bottom"):
            yield self.keys
            yield Static(Content(":"), id="colon")
            yield self.prompt

    def on_mount(self) -> None:
        self.position.show(lambda width, look: Text(f" {self._opening}", look.palette.style("dim")))
        self._draw_with(self.look)
        self.say("")
        self.board.settle()

    def set_look(self, look: Look) -> None:
        """Other colours or signs everywhere."""
        self.look = look
        if self.is_attached:
            self._draw_with(look)

    def _draw_with(self, look: Look) -> None:
        self.set_class(look.glyphs.ascii, "ascii")
        self.position.set_look(look)
        self.keys.set_look(look)
        self.board.set_look(look)

    def walk(self, runner: Runner) -> None:
        """Begin: there is something to walk."""
        self.runner = runner
        self.prompt.suggester = LineSuggester(runner.debugger)
        self.refresh_panes()

    def refresh_panes(self) -> None:
        """Show the debugger as it is now: within a moment, so that what is explained by then is painted once, with all the rest."""
        if self.runner is None or self._soon is not None:
            return
        if self.runner.knows_why():
            self._show_panes()
        else:
            self._soon = self.set_timer(MOMENT, self._show_panes)

    def _show_panes(self) -> None:
        if self.runner is None:
            return
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        from neurontui.rendering.positions import position_line  # not needed for the first paint, as the other imports inside functions
        from neurontui.tui import views

        position = views.position_of(self.runner.debugger)
        self.position.show(lambda width, look: position_line(position, width, look))
        self.board.show(self.runner.debugger, self.runner)
        self._offer_keys()
        self.runner.scan()

    def show_answer(self, about: str) -> None:
        """Show what the job thread has found out: marks ("scan"), or what the tensors and the computation waited for."""
        if self.runner is None:
            return
        if about == "scan":
            self.board.show_steps(self.runner.debugger)
            self._look_for_nan(self.runner)
        elif about == "nonfinite":
            self._tell_of_nan(self.runner)
        elif about == "zeros":
            self.board.show_all_zeros(self.runner.debugger, self.runner)
        elif self._soon is not None:
            self._show_panes()
        else:
            self.board.show_numbers(self.runner.debugger, self.runner)

    def _look_for_nan(self, runner: Runner) -> None:
        """A model that gives NaN or infinity: say, once a run, which step made the first."""
        debugger = runner.debugger
        if debugger.opened or debugger.mark(0) not in ("nan", "inf") or self._warned is debugger.run:
            return
        self._warned = debugger.run
        runner.work("nonfinite", debugger.nonfinite)

    def _tell_of_nan(self, runner: Runner) -> None:
        debugger = runner.debugger
        first = debugger.nonfinite() if debugger.run is self._warned and not debugger.opened else None  # known: it was just asked for
        if first is not None:
            self.say(f"{clean(first.sentence)}   :nan goes there", "error")

    def say(self, sentence: str, kind: str = "") -> None:
        """Show a sentence where the keys stand, until the next key; "" brings the keys back."""
        self.keys.say(sentence, kind)

    def _settle(self) -> None:
        """Give the panes their places, and show the keys that are of use in the one with the focus."""
        self.board.settle()
        self._offer_keys()

    def _offer_keys(self) -> None:
        if self.runner is None:
            return
        from neurontui.tui import views

        debugger = self.runner.debugger
        keys = footer_keys(
            self.board.pane,
            edited=len(debugger.runs) > 1,
            runs=debugger.run.run is not None,
            stages=views.has_stages(debugger),
            trail=bool(debugger.history),
        )
        self.keys.offer(keys)

    def show_reply(self, line: str, reply: Reply) -> None:
        """Show what a command did and what it said."""
        from neurontui.tui import views

        if reply.kind == "quit":
            self.app.exit(1 if self.runner and self.runner.debugger.run.error is not None else 0)
            return
        if reply.kind == "predict":
            self._predict(str(reply.subject or ""))
            return
        if reply.kind == "shown" and line.partition(" ")[0] in ("follow", "why"):
            self.board.pane = "tensor"  # it led to a number that no step made
        self.refresh_panes()
        if reply.kind == "copied":
            self.app.copy_to_clipboard(views.written(reply.subject))
        said = "   ".join(sentences_of(line, reply))
        if reply.kind == "said" and len(reply.text) > 1 and len(said) + 2 > self.size.width:
            self.read(line, views.plain_text(reply.text))
        else:
            self.say(said, reply.kind)

    def _predict(self, words: str) -> None:
        """Ask about where the walk stands, on a screen of its own: here the answer could be seen."""
        from neurontui.lessons.practice import Practice
        from neurontui.tui.screens.lesson import LessonScreen

        if self.runner is None:
            return
        if self._practice is None or self._practice.debugger is not self.runner.debugger:
            self._practice = Practice(self.runner.debugger)
        practice = self._practice
        screen = LessonScreen(practice, self.look, self.runner.jobs, self.runner.printed, begin=lambda: practice.ask(words))
        self.app.push_screen(screen, lambda refused: self.say(refused or "", "error"))

    def read(self, title: str, lines: list[Text]) -> None:
        """Show a page of lines over the screen."""
        from neurontui.rendering.lines import wrap_line

        width = page_width(self.size.width)
        self.app.push_screen(Reading(title, [part for line in lines for part in wrap_line(line, width, 2)], self.look))

    # Keys that are lines.
    def action_line(self, line: str) -> None:
        self.run_line(line)

    def action_ask(self, start: str) -> None:
        self.say("")
        self.add_class("asking")
        self.prompt.ask(start)

    def run_line(self, line: str) -> None:
        """Run a line of the command language."""
        if self.runner is None:
            if line.strip() in ("q", "quit"):
                self.app.exit(0)
            return
        self.say("")
        self.runner.run(line)
        if self.runner.waiting:
            self.set_timer(0.1, self._say_waiting)

    def _say_waiting(self) -> None:
        if self.runner is not None and self.runner.waiting:
            self.say("running the model …   escape cancels", "busy")

    @on(Prompt.Entered)
    def _enter_line(self, message: Prompt.Entered) -> None:
        self.remove_class("asking")
        self.board.active.focus(scroll_visible=False)
        if message.line:
            self.run_line(message.line)

    @on(Prompt.Left)
    def _leave_prompt(self) -> None:
        self.remove_class("asking")
        self.board.active.focus(scroll_visible=False)

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
        elif self.board.pane == "computation" and self.board.computation.term is not None and way not in ("left", "right"):
            shown = self.board.computation.shown
            count = len(shown.terms) if shown is not None else 0
            self.board.computation.select(move_row(self.board.computation.term, count, pane.room.height, way))
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
        if part.shown < 0 or row >= part.grid.rows or within >= part.grid.columns:
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
        self._settle()

    def action_zoom(self) -> None:
        self.board.zoomed = not self.board.zoomed
        self._settle()

    def action_leave(self) -> None:
        if self.runner is None:
            self.app.action_cancel_loading()  # type: ignore[attr-defined]
        elif self.runner.cancel():
            self.say("cancelling …", "busy")
        elif self.board.zoomed:
            self.action_zoom()
        else:
            self.say("")

    def action_help(self) -> None:
        from neurontui.tui.screens.help import help_lines

        self.read("Help", help_lines(self.look, page_width(self.size.width)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, LinePane) and event.widget.id:
            self.board.pane = "tensor" if event.widget.id.startswith("tensor") else event.widget.id
            self._offer_keys()


def sentences_of(line: str, reply: Reply) -> tuple[str, ...]:
    """What of a reply is not to be seen in the panes anyway: where one stands is."""
    if reply.kind == "shown" and line.partition(" ")[0] not in ("follow", "why"):
        return ()
    return reply.text[1:] if reply.kind == "moved" or (reply.text and reply.text[0].startswith("%")) else reply.text
