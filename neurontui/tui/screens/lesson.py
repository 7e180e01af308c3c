"""The keys of a lesson, or of a question about the walk, and the line that answers are typed in."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from neurontui.commands import Reply
from neurontui.errors import NeuronTUIError
from neurontui.lessons.lines import Heard, obey
from neurontui.lessons.player import Player
from neurontui.lessons.quiz import write_score
from neurontui.text import clean
from neurontui.tui.beginning import Beginning
from neurontui.tui.lesson_keys import LESSON_BINDINGS, lesson_help
from neurontui.tui.screens.reading import Reading
from neurontui.tui.screens.scene import SceneScreen
from neurontui.tui.widgets.answer import AnswerLine
from neurontui.tui.widgets.lines import scroll


class LessonScreen(SceneScreen):
    """Turns keys into calls of a `Player` (or a `Practice`)."""

    BINDINGS: ClassVar[list[BindingType]] = LESSON_BINDINGS
    _beginning = Beginning()

    # What keys do.
    def action_play(self, what: str) -> None:
        self._do(getattr(self.play, what))

    def action_answer(self) -> None:
        if self._open:
            self._take_answer("")
        else:
            self._do(self.play.next)

    def action_ask(self, start: str) -> None:
        self.add_class("asking")
        self._label(":")
        self.answer.ask_command(start)

    def action_exact(self) -> None:
        self._do(self._turn_exact)

    def _turn_exact(self) -> None:
        self.play.debugger.exact = not self.play.debugger.exact

    def action_save(self) -> None:
        self.action_ask(f"score {self._score_file}")

    def action_notes(self) -> None:
        self._notes = not self._notes
        self._show()

    def action_time(self) -> None:
        self._timed = not self._timed
        self._show_keys()

    def action_run_on(self) -> None:
        if isinstance(self.play, Player):
            self._left = round(self.play.seconds) if self._left is None else None
            self._show_keys()

    def action_blank(self) -> None:
        self.toggle_class("blank")

    def action_scroll_pane(self, pane: str, way: str) -> None:
        if pane == "computation":
            self.computation.move(way)
        else:
            scroll(self.text, way)

    def action_help(self) -> None:
        title = self.look.words("Keys in a lesson")
        self.app.push_screen(Reading(title, lambda width: lesson_help(self.look, width), self.look, self.action_ask))

    def action_leave(self) -> None:
        """Cancel what runs; where nothing does, leave."""
        if self._waiting and not self.has_class("blank"):
            self._jobs.cancel()
            self._beginning.end()
        else:
            self.action_quit()

    def action_quit(self) -> None:
        """Leave the lesson, whatever runs: it may never end."""
        if self.has_class("blank"):
            self.remove_class("blank")
            return
        if self._waiting:
            self._jobs.cancel()
        self._kept()
        self.dismiss("")

    # The lines of a file, as plain mode runs them.
    def run_lines(self, lines: tuple[str, ...]) -> None:
        """Run them one after another, behind what was begun."""
        self._beginning = Beginning(lines)
        for line in lines:
            self._do(partial(self._obey_line, line), partial(self._hear, line))

    def _obey_line(self, line: str) -> Heard:
        assert isinstance(self.play, Player)
        try:
            return obey(self.play, line)
        except NeuronTUIError as refusal:
            return Heard("reply", Reply("error", (clean(refusal),)))

    def _hear(self, line: str, heard: Heard) -> None:
        """What only the screen can do; after the last line, what it answered, or what was wrong in any."""
        reply = heard.reply
        told = self._beginning.hear(line, reply)
        if not self.is_attached:
            return
        if reply.kind == "quit":
            self.action_quit()
        elif reply.kind == "screenshot":
            self._show()
            self.app.take_screenshot(str(reply.subject), self._say)  # type: ignore[attr-defined]
        elif heard.kind == "notes":
            self.action_notes()
        if told:
            self._say(told, "error")
        elif reply.kind == "said" and not self._waiting:
            self._say("   ".join(reply.text), "hint")

    @property
    def was_wrong(self) -> bool:
        """Whether one of the lines of a file was."""
        return self._beginning.was_wrong

    # The line.
    @on(AnswerLine.Entered)
    async def _enter(self, message: AnswerLine.Entered) -> None:
        self.answer.closing = False
        if message.command:
            self._enter_command(message)
        else:
            self._take_answer(message.line)
        await self.app.obey_early()  # type: ignore[attr-defined]

    def _enter_command(self, message: AnswerLine.Entered) -> None:
        word, _, rest = message.line.partition(" ")
        if word == "score":
            self._write_score(rest.strip() or self._score_file)
        elif word == "save" and rest.lower().endswith(".svg"):
            self._show()
            self.app.take_screenshot(rest.strip(), self._say)  # type: ignore[attr-defined]
        elif message.line:
            self._do(lambda: self._run(message.line))
        else:
            self._show()

    def _run(self, line: str) -> None:
        self.play.run(line)

    @on(AnswerLine.Left)
    def _leave_line(self) -> None:
        if self.answer.command:
            self._show()
        elif self.answer.value:
            self.answer.value = ""
        else:
            self.action_leave()

    def _take_answer(self, line: str) -> None:
        if line or self._revealing:
            self._revealing = False
            self._do(lambda: self.play.answer(line))
            return
        self._revealing = True
        self._say("Type an answer; enter once more shows it.", "hint")

    def _write_score(self, file: str) -> None:
        self._show()
        try:
            said = write_score(self.play.answered, file, self.scene.lesson if self.scene is not None else "", self.play.words)
        except NeuronTUIError as refusal:
            self._say(clean(refusal), "error")
        else:
            self._say(said, "hint")
