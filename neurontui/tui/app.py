"""The app: `run_app` opens the screen at once and prepares the model behind it."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from neurontui.errors import CancelledError, InputError
from neurontui.rendering import Look
from neurontui.text import clean
from neurontui.tui.jobs import Job, Jobs
from neurontui.tui.messages import Delivered, Printed, Said
from neurontui.tui.screens.main import MainScreen
from neurontui.tui.terminal import Output, heed_termination, own_terminal, silence
from neurontui.tui.theme import THEMES, look_for, variables_for
from neurontui.tui.typeahead import TypeAhead
from neurontui.tui.widgets.answer import AnswerLine
from neurontui.tui.widgets.prompt import Prompt
from neurontui.tui.written import Changes, Written

if TYPE_CHECKING:
    from textual.command import Provider

    from neurontui.debugger import Debugger

LEAVING, FREEING = 0.1, 30.0  # seconds to wait for the job thread: when the app is left, and when the program ends
SWITCH = 0.001  # seconds that the job thread may keep the event loop from Python's lock; 5 ms is the default
LINE_FEED = "ctrl+j"  # what enter sends to a terminal that is not in raw mode yet, as in the first moment
Prepare = Callable[[Callable[[str], None]], "Debugger"]


def _provide_commands() -> type[Provider]:
    from neurontui.tui.palette import LineCommands

    return LineCommands


class NeuronTUI(App[int]):
    """One screen, one job thread, and what they tell each other."""

    CSS_PATH = "app.tcss"
    TITLE = "NeuronTUI"
    COMMANDS = App.COMMANDS | {_provide_commands}

    def __init__(
        self, prepare: Prepare, *, title: str = "", commands: Sequence[str] = (), ascii: bool = False, theme: str | None = None
    ) -> None:
        super().__init__()
        self._prepare = prepare
        self._ascii = ascii or os.environ.get("TERM") == "dumb"
        self.set_class(self._ascii, "ascii")
        self._first_lines = tuple(commands)
        self._opening = title
        self.failure: BaseException | None = None
        self.output = Output(lambda: self._tell(Printed()))
        self.jobs = Jobs(lambda call: self._tell(Delivered(call)))
        for known in THEMES:
            self.register_theme(known)
        for name in [name for name in self.available_themes if "ansi" in name]:
            self.unregister_theme(name)  # of sixteen colours: no heat map can be read in them
        self.main = MainScreen(title)
        self._written = Written()
        self._early = TypeAhead()
        self.theme = theme or THEMES[0].name

    def get_default_screen(self) -> Screen[Any]:
        return self.main

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "dark, light, or another", self.action_change_theme)
        yield SystemCommand("Keys and help", "every key and command", self.main.action_help)
        yield SystemCommand("Screenshot", "save the screen as a picture (SVG)", lambda: self.set_timer(0.1, self.deliver_screenshot))

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        from neurontui.tui.screenshots import without_fonts

        return without_fonts(super().export_screenshot(title=title, simplify=simplify))

    def take_screenshot(self, file: str, say: Callable[[str, str], None]) -> None:
        """Write what the screen shows once it is painted as it is now; `say` gets a sentence on how that went, and its kind."""
        from neurontui.tui.screenshots import write_screenshot

        def take() -> None:
            try:
                write_screenshot(self.export_screenshot(), Path(file))
            except InputError as error:
                say(clean(error), "error")
            else:
                say(f"The picture is in {clean(file)}.", "said")

        self.call_after_refresh(take)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variables_for(dark=self.current_theme.dark)

    def watch_theme(self, theme: str) -> None:
        self.main.set_look(self._look())

    def _look(self) -> Look:
        system = None if self.is_headless else self.console.color_system
        return look_for(dark=self.current_theme.dark, ascii=self._ascii, colour=not self.no_color, system=system)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable = Changes(renderable, self._written, self.size)
        super()._display(screen, renderable)

    def action_redraw(self) -> None:
        """Write the whole screen: something else may have written over it."""
        self._written.forget(self.size)
        self.refresh()

    # Keys, one after another.
    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and event.key == LINE_FEED:
            event = events.Key("enter", "\r")
        if not isinstance(event, events.Key) or event.is_forwarded or self._is_busy is None:
            await super().on_event(event)
        elif not self._early.keeps(event, busy=self._is_busy):
            await self._obey(event)

    @property
    def _is_busy(self) -> bool | None:
        """Whether a key would come too early for the screen on top; None for a screen of Textual's."""
        busy: bool | None = getattr(self.screen, "is_busy", None)
        return busy

    async def _obey(self, key: events.Key) -> None:
        """Do what a key does before the next one is looked at: where it opens a line or a page, that one belongs there."""
        line = self.focused
        if self._is_busy is not None and not isinstance(line, Input) and await self._check_bindings(key.key):
            return
        if isinstance(line, Prompt | AnswerLine) and key.key == "enter":
            line.closing = True
        await super().on_event(key)

    async def obey_early(self) -> None:
        """Obey the keys that were kept, as far as nothing keeps them from it."""
        while self._early and not self._is_busy:
            await self._obey(self._early.take())

    # Preparing, after the first paint: importing torch holds Python's lock for a second.
    def on_ready(self) -> None:
        self.app_resume_signal.subscribe(self, lambda app: self.action_redraw())
        sys.stdout = sys.stderr = self.output  # Textual puts back what it redirected itself
        self.main.say(f"loading {self._opening} …   escape cancels", "busy")
        self.jobs.start()
        self.call_after_refresh(lambda: self.jobs.submit(Job(self._prepare_silenced, self._prepared, self._not_prepared)))

    def _prepare_silenced(self) -> Debugger:
        with silence(self.output):
            return self._prepare(lambda sentence: self._tell(Said(sentence)))

    def _prepared(self, debugger: Debugger) -> None:
        from neurontui.tui.runner import Runner

        gc.freeze()  # torch and a long trace are there to stay: looking through them again at a key press takes 0.1 s
        runner = Runner(debugger, self.jobs, self.output, self.main.show_reply, self.main.show_answer)
        self.main.walk(runner)
        self.main.say("   ".join(debugger.run.notes))
        self.main.begin(self._first_lines)
        runner.import_ahead()

    def on_unmount(self) -> None:
        self.jobs.end()

    def end(self) -> None:
        """Leave the app, from a signal's handler: the event loop must be woken for it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.exit)

    def let_go(self) -> None:
        """Stop what still runs, and let the collector look at the trace again: for a program that goes on when the app has ended."""
        self.jobs.cancel()
        gc.unfreeze()

    def _not_prepared(self, error: BaseException) -> None:
        self.failure = error
        self.exit(2)

    async def action_quit(self) -> None:
        """Textual's own key and its line in the palette: as `q`."""
        self.main.quit()

    def action_cancel_loading(self) -> None:
        """End the loading, and with it the app: there is nothing to walk."""
        self._not_prepared(CancelledError("Loading was cancelled before the model was recorded."))

    # From other threads.
    def _tell(self, message: Message) -> None:
        """Post a message from any thread; after the end nobody reads it."""
        if self._running:
            self.post_message(message)

    @on(Delivered)
    async def _call(self, message: Delivered) -> None:
        message.call()
        await self.obey_early()

    @on(Said)
    def _say(self, message: Said) -> None:
        self.main.say(f"{message.text}   escape cancels", "busy")

    @on(Printed)
    def _show_printed(self) -> None:
        self.main.board.console.show(self.output.lines())
        self.main.board.settle()


def run_app(
    prepare: Prepare, *, title: str = "", commands: Sequence[str] = (), ascii: bool = False, theme: str | None = None, last: bool = False
) -> int:
    """Open the app, call `prepare(progress)` in a worker thread, walk its Debugger; returns the exit code.

    `progress(sentence)` may be called by `prepare` at any time: the sentence is shown as the progress line.
    `commands` are run first, as if typed at the prompt. 0 at a quit, 1 where the forward had raised, 2 where one of `commands` was wrong.
    `last`: the process is ended next, so that what still runs may be left running.

    Raises:
        NeuronTUIError: what `prepare` raised; the terminal is as it was before, the caller prints the sentence.
    """
    return show(NeuronTUI(prepare, title=title, commands=commands, ascii=ascii, theme=theme), last=last)


def show(app: NeuronTUI, *, last: bool) -> int:
    """Run an app in the terminal; as `run_app`."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        with heed_termination(app.end), own_terminal(app.output):
            code = app.run()
    finally:
        sys.setswitchinterval(before)
        if not last:
            _go_on_after(app)
    if app.failure is not None:
        raise app.failure
    return code if code is not None else app.return_code or 0


def _go_on_after(app: NeuronTUI) -> None:
    """The user's program goes on; should it end while our thread still frees what it recorded, Python's end must wait for that.

    A thread that wakes up in the midst of Python's end, called from C++, ends the process by SIGABRT.
    """
    app.let_go()
    if not app.jobs.wait(LEAVING):
        atexit.register(app.jobs.wait, FREEING)
