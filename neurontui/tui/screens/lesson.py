"""A lesson, or a question about the walk: the text above, the computation with its answer blanked, the answer below."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen

from neurontui.errors import CancelledError, NeuronTUIError
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.lessons.quiz import write_score
from neurontui.lessons.scenes import Scene
from neurontui.rendering import Look
from neurontui.rendering.lessons import lesson_head, page_lines, question_lines, said_lines, scene_explanation, scene_lines, scene_title
from neurontui.text import clean
from neurontui.tui.jobs import Job
from neurontui.tui.lesson_keys import LESSON_BINDINGS, LESSON_KEYS, lesson_help, lesson_keys_line
from neurontui.tui.screens.reading import Reading
from neurontui.tui.terminal import Output, silence
from neurontui.tui.widgets.answer import AnswerLine
from neurontui.tui.widgets.bars import Line, sentence_line
from neurontui.tui.widgets.computation import ComputationPane
from neurontui.tui.widgets.lines import scroll
from neurontui.tui.widgets.said import Said
from neurontui.tui.widgets.text import TextPane

if TYPE_CHECKING:
    from neurontui.tui.jobs import Jobs

Play = Player | Practice

class LessonScreen(Screen[str]):
    """Turns keys into calls of a `Player` (or a `Practice`), and shows the scenes it gives. All of those run in the job thread.

    It ends with "", or with the sentence why there is nothing to show.
    """

    BINDINGS: ClassVar[list[BindingType]] = LESSON_BINDINGS

    def __init__(
        self,
        play: Play,
        look: Look,
        jobs: Jobs,
        printed: Output,
        *,
        begin: Callable[[], object] = lambda: None,
        kept: Callable[[], None] = lambda: None,
        score_file: str = "score.md",
        resumed: bool = False,
    ) -> None:
        super().__init__(id="lesson")
        self.play = play
        self.look = look
        self._jobs = jobs
        self._printed = printed
        self._begin = begin
        self._kept = kept
        self._score_file = score_file
        self.scene: Scene | None = None
        self._waiting = 0  # jobs that have not come back
        self._revealing = False
        self._resumed = resumed  # not said yet
        self._notes = False
        self._began = time.monotonic()
        self._timed = False
        self._left: int | None = None  # seconds of this page, while the lesson goes on by itself
        self.head = Line("lesson-head")
        self.text = TextPane("lesson-page", "")
        self.computation = ComputationPane()
        self.question = Said("question")
        self.label = Said("answer-label")
        self.answer = AnswerLine("hbtvwqNTPB?:")
        self.said = Said("said")
        self.keys = Line("lesson-keys")

    def compose(self) -> ComposeResult:
        yield self.head
        with Vertical(id="lesson-body"):
            yield self.text
            yield self.computation
        yield self.question
        with Horizontal(id="answer-line"):
            yield self.label
            yield self.answer
        yield self.said
        yield self.keys

    def on_mount(self) -> None:
        self.set_look(self.look)
        self.set_interval(1, self._tick)
        self._do(self._begin)

    def set_look(self, look: Look) -> None:
        """Other colours or signs everywhere."""
        self.look = replace(look, words=self.play.words)
        self.set_class(look.glyphs.ascii, "ascii")
        for part in (self.head, self.text, self.computation, self.question, self.label, self.said, self.keys):
            part.set_look(self.look)

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
        if self.has_class("blank"):
            self.remove_class("blank")
        elif self._waiting:
            self._waiting = int(self._jobs.cancel())
        else:
            self._kept()
            self.dismiss("")

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

    # Scenes.
    @property
    def is_busy(self) -> bool:
        """Whether a key would come too early: the scene that it is about is not there yet, or a line is being entered."""
        return self.scene is None or self._waiting > 0 or self.answer.closing

    @property
    def _open(self) -> bool:
        asking = self.scene.asking if self.scene is not None else None
        return asking is not None and asking.open

    def _do(self, work: Callable[[], object]) -> None:
        """Do something in the job thread, then show the scene that it led to. What is pressed meanwhile waits behind it."""
        self._waiting += 1
        self.set_focus(None)

        def go() -> Scene:
            with silence(self._printed):
                work()
                return self.play.scene()

        self._jobs.submit(Job(go, self._came, self._failed))

    def _came(self, scene: Scene) -> None:
        self._waiting -= 1
        self.scene = scene
        if self._left is not None and isinstance(self.play, Player):
            self._left = None if scene.ended else round(self.play.seconds)
        if self.is_attached and not self._waiting:
            self._kept()
            self._show()

    def _failed(self, error: BaseException) -> None:
        self._waiting -= 1
        if not self.is_attached:
            return
        if self.scene is None:
            self.dismiss(clean(error))
            return
        self._show()
        if isinstance(error, CancelledError):
            self._say("cancelled", "hint")
        elif isinstance(error, NeuronTUIError):
            self._say(clean(error), "error")
        else:
            self._say(f"this is a bug in NeuronTUI: {type(error).__name__}: {clean(error)}", "error")

    def _show(self) -> None:
        scene = self.scene
        if scene is None:
            return
        self.head.show(lambda width, look: lesson_head(scene, width, look))
        self.text.border_title = Content(clean(scene.title))
        notes = self._notes
        self.text.show(lambda width, height, look: page_lines(scene, width, look, notes=notes))
        self._show_computation(scene)
        self._show_question(scene)
        self._show_keys()
        self._settle()
        if self._resumed and scene.number > 1:
            self._say(f"You are back at page {scene.number} of {scene.count}: home begins anew.", "hint")
        self._resumed = False

    def _show_computation(self, scene: Scene) -> None:
        why = scene_explanation(scene)
        self.computation.display = not scene.ended
        if why is not None and scene.covering is None and scene.trace is not None:
            other = why is not self.computation.shown
            self.computation.show(why, scene.trace, exact=scene.exact)
            if other and scene.changed:
                self.computation.select(scene.changed)
        else:
            self.computation.show_lines(scene_title(scene), lambda width, look: scene_lines(scene, width, look))

    def _show_question(self, scene: Scene) -> None:
        asking = scene.asking
        self._revealing = False
        self.remove_class("asking")
        self.question.show(lambda width, look: question_lines(asking, width, look) if asking is not None else [])
        self.said.show(lambda width, look: said_lines(scene, width, look))
        if asking is not None and asking.open:
            self.add_class("asking")
            self._label(">")
            if asking.kind == "wrong" and asking.question.wants != "choice":
                self.set_focus(self.answer)
                self.answer.select_all()
            else:
                self.answer.ask(self._begins(scene))
        else:
            self.set_focus(self.computation if not scene.ended else self.text, scroll_visible=False)

    def _begins(self, scene: Scene) -> str:
        """The letters that begin a choice, large and small; `t` stays a key where the page proposes something to try."""
        asking = scene.asking
        if asking is None or not asking.open or asking.question.wants != "choice":
            return ""
        first = "".join(choice[:1] for choice in asking.question.choices)
        return (first.lower() + first.upper()).replace("t" if scene.tries else "", "")

    def _label(self, sign: str) -> None:
        self.label.show(lambda width, look: [Text(sign, look.palette.style("accent", bold=True))])

    def _say(self, words: str, kind: str) -> None:
        style = "wrong" if kind == "error" else "accent"
        self.said.show(lambda width, look: [Text(look.words(words), look.palette.style(style), no_wrap=True)])

    def _tick(self) -> None:
        if self._left is not None and not (self._open or self._waiting or self.has_class("blank") or self.answer.has_focus):
            self._left -= 1  # an open question waits for its answer
            if self._left <= 0:
                self._do(self.play.next)
        if self._timed or self._left is not None:
            self._show_keys()

    def _show_keys(self) -> None:
        scene = self.scene
        if scene is None:
            self.keys.show(lambda width, look: sentence_line("", width, look))
            return
        wanted = {"space", "b", "enter", "h", "q", "?"} if self._open else {"space", "b", "v", ":", "q", "?"}
        wanted |= {"t"} if scene.tries else set()
        wanted |= {"w"} if scene.ended or (isinstance(self.play, Practice) and self.play.answered and not self._open) else set()
        wanted -= {"b"} if isinstance(self.play, Practice) or scene.number == 1 else set()
        wanted -= {"space"} if scene.ended else set()
        wanted -= set(self._begins(scene))
        pairs = tuple((keys, self.look.words(word)) for keys, word, _ in LESSON_KEYS if keys in wanted)
        clock = f"{self.look.words('play')} {self._left}  " if self._left is not None else ""
        clock += f"{int(time.monotonic() - self._began) // 60}:{int(time.monotonic() - self._began) % 60:02}  " if self._timed else ""
        self.keys.show(lambda width, look: lesson_keys_line(width, look, pairs, clock))

    def _settle(self) -> None:
        """As high a frame for the text as it needs, up to half of the screen; all of it at the end."""
        width = max(self.size.width - 4, 20)
        scene = self.scene
        if scene is None:
            return
        needed = len(page_lines(scene, width, self.look, notes=self._notes)) + 2
        self.text.styles.height = "1fr" if scene.ended else min(needed, max(self.size.height * 13 // 24, 5))

    def on_resize(self, event: events.Resize) -> None:
        self._settle()
