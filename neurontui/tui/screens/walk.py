"""The one screen, all but its keys: what it shows of the debugger, the lines it runs, and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from neurontui.rendering import Look
from neurontui.text import clean
from neurontui.tui.beginning import Beginning
from neurontui.tui.completion import LineSuggester
from neurontui.tui.screens.reading import Lines, Reading
from neurontui.tui.widgets.bars import Bottom, Line, footer_keys
from neurontui.tui.widgets.board import Board
from neurontui.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from textual.timer import Timer

    from neurontui.commands import Reply
    from neurontui.lessons.practice import Practice
    from neurontui.tui.runner import Runner

MOMENT = 0.015  # seconds that a small explanation takes at most
FEW = 2  # sentences that are said over the panes; more of them that one line cannot hold are a page, which waits to be closed


class WalkScreen(Screen[None]):
    """Shows the debugger in panes, runs lines of the command language, and turns their replies into sentences."""

    def __init__(self, title: str) -> None:
        super().__init__(id="main")
        self._opening = title
        self.look = Look()
        self.runner: Runner | None = None
        self._beginning = Beginning()
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
        self.position.set_look(look)
        self.keys.set_look(look)
        self.board.set_look(look)

    def walk(self, runner: Runner) -> None:
        """Begin: there is something to walk. It is shown at once, as what was said of the loading goes with the next paint."""
        self.runner = runner
        self.prompt.suggester = LineSuggester(runner.debugger)
        self._show_panes()

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
            trail=bool(debugger.standing.history),
            slices=views.has_slices(debugger),
        )
        self.keys.offer(keys)

    def begin(self, lines: tuple[str, ...]) -> None:
        """Run the lines of a file."""
        self._beginning = Beginning(lines)
        for line in lines:
            self.run_line(line)

    def show_reply(self, line: str, reply: Reply) -> None:
        """Show what a command did and what it said; after the last line of a file, what was wrong in it."""
        self._show_reply(line, reply)
        told = self._beginning.hear(line, reply)
        if told:
            self.say(told, "error")

    def _show_reply(self, line: str, reply: Reply) -> None:
        from neurontui.tui import views

        if reply.kind == "quit":
            self.quit()
            return
        if reply.kind == "predict":
            self._predict(str(reply.subject or ""))
            return
        if reply.kind == "screenshot":
            self.app.take_screenshot(str(reply.subject), self.say)  # type: ignore[attr-defined]
            return
        if reply.kind == "shown" and line.partition(" ")[0] in ("follow", "why"):
            self.board.pane = "tensor"  # it led to a number that no step made
        self.refresh_panes()
        if reply.kind == "copied":
            self.app.copy_to_clipboard(views.written(reply.subject))
        said = "   ".join(sentences_of(line, reply))
        if reply.kind == "said" and len(reply.text) > FEW and len(said) + 2 > self.size.width:
            self.read(line, views.page_of(reply.text))
        else:
            self.say(said, reply.kind)

    def quit(self) -> None:
        """Leave the app, with the exit code that plain mode would have."""
        failed = self.runner is not None and self.runner.debugger.run.error is not None
        self.app.exit(2 if self._beginning.was_wrong else int(failed))

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

    def read(self, title: str, make: Lines) -> None:
        """Show a page of lines over the screen."""
        self.app.push_screen(Reading(title, make, self.look, self.action_ask))

    @property
    def is_busy(self) -> bool:
        """Whether a key would come too early: nothing was recorded yet, the model is run again, or a line is being entered."""
        return self.runner is None or self.runner.waiting > 0 or self.prompt.closing

    # Keys that are lines.
    def action_line(self, line: str) -> None:
        if line == "quit":  # the key does not wait for a model that runs: it may never end
            self.quit()
        else:
            self.run_line(line)

    def action_ask(self, start: str) -> None:
        self.say("")
        self.add_class("asking")
        self.prompt.ask(start)

    def run_line(self, line: str) -> None:
        """Run a line of the command language."""
        if self.runner is None:
            if line.strip() in ("q", "quit"):
                self.quit()
            return
        self.say("")
        self.runner.run(line)
        if self.runner.waiting:
            self.set_timer(0.1, lambda: self._say_waiting(line))

    def _say_waiting(self, line: str) -> None:
        if self.runner is not None and self.runner.waiting:
            self.say(f"{clean(line)} …   escape cancels", "busy")

    @on(Prompt.Entered)
    async def _enter_line(self, message: Prompt.Entered) -> None:
        self._leave_prompt()
        if message.line:
            self.run_line(message.line)
        await self.app.obey_early()  # type: ignore[attr-defined]

    @on(Prompt.Left)
    def _leave_prompt(self) -> None:
        self.remove_class("asking")
        self.prompt.closing = False
        self.set_focus(self.board.active, scroll_visible=False)


def sentences_of(line: str, reply: Reply) -> tuple[str, ...]:
    """What of a reply is not to be seen in the panes anyway: where one stands is."""
    if reply.kind == "shown" and line.partition(" ")[0] not in ("follow", "why"):
        return ()
    return reply.text[1:] if reply.kind == "moved" or (reply.text and reply.text[0].startswith("%")) else reply.text
