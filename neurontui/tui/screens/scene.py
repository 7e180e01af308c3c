"""A lesson, or a question about the walk, all but its keys: the text above, the computation with its answer blanked, the answer below."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen

from neurontui.errors import CancelledError, NeuronTUIError
from neurontui.lessons.player import Player
from neurontui.lessons.practice import Practice
from neurontui.lessons.scenes import Scene
from neurontui.rendering import Look
from neurontui.rendering.lessons import lesson_head, page_lines, question_lines, said_lines, scene_explanation, scene_lines, scene_title
from neurontui.text import clean
from neurontui.tui.jobs import Job
from neurontui.tui.lesson_keys import LESSON_KEYS, lesson_keys_line
from neurontui.tui.terminal import Output, silence
from neurontui.tui.widgets.answer import AnswerLine
from neurontui.tui.widgets.bars import Line, sentence_line
from neurontui.tui.widgets.computation import ComputationPane
from neurontui.tui.widgets.said import Said
from neurontui.tui.widgets.text import TextPane

if TYPE_CHECKING:
    from neurontui.tui.jobs import Jobs

Play = Player | Practice


class SceneScreen(Screen[str]):
    """Shows the scenes that a `Player` (or a `Practice`) gives; all that it is told to do runs in the job thread.

    It ends with "", or with the sentence why there is nothing to show.
    """

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
        for part in (self.head, self.text, self.computation, self.question, self.label, self.said, self.keys):
            part.set_look(self.look)

    @property
    def is_busy(self) -> bool:
        """Whether a key would come too early: the scene that it is about is not there yet, or a line is being entered."""
        return self.scene is None or self._waiting > 0 or self.answer.closing

    @property
    def _open(self) -> bool:
        asking = self.scene.asking if self.scene is not None else None
        return asking is not None and asking.open

    def _do(self, work: Callable[[], object], then: Callable[[Any], None] = lambda result: None) -> None:
        """Do something in the job thread, then show the scene that it led to. What is pressed meanwhile waits behind it.

        `then` gets what `work` returned.
        """
        self._waiting += 1
        self.set_focus(None)

        def go() -> tuple[Scene, object]:
            with silence(self._printed):
                result = work()
                return self.play.scene(), result

        def came(made: tuple[Scene, object]) -> None:
            self._came(made[0])
            then(made[1])

        self._jobs.submit(Job(go, came, self._failed))

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
