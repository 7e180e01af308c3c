"""The app that plays a lesson: the same app, with the lesson's screen over the walk."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from neurontui.errors import LessonError
from neurontui.lessons.document import Lesson
from neurontui.lessons.progress import first_page, keep_player
from neurontui.tui.app import NeuronTUI, show

if TYPE_CHECKING:
    from neurontui.debugger import Debugger
    from neurontui.lessons.player import Player
    from neurontui.tui.screens.lesson import LessonScreen


class LessonApp(NeuronTUI):
    """Loads a lesson's model behind the first paint, then shows its page."""

    def __init__(
        self,
        lesson: Lesson,
        name: str,
        *,
        page: int | None = None,
        commands: Sequence[str] = (),
        ascii: bool = False,
        theme: str | None = None,
    ) -> None:
        """It begins at `page`, or, where that is None, where the learner left it; then how far they get is kept, too."""
        super().__init__(self._begin, title=lesson.title, commands=commands, ascii=ascii, theme=theme)
        self.lesson = lesson
        self.lesson_name = name
        self._page = page
        self.player: Player | None = None

    def _begin(self, progress: Callable[[str], None]) -> Debugger:
        progress("importing torch")
        from neurontui.lessons.player import Player

        player = Player(self.lesson)
        player.go(self._page or first_page(self.lesson_name))
        self.player = player
        return player.debugger

    def _prepared(self, debugger: Debugger) -> None:
        from neurontui.tui.screens.lesson import LessonScreen

        gc.freeze()
        player, name = self.player, self.lesson_name
        assert player is not None

        def keep() -> None:
            if self._page is None:
                keep_player(player, name)

        lines = tuple(line for line in self._first_lines if line.strip())
        resumed = self._page is None and not lines
        screen = LessonScreen(player, self.main.look, self.jobs, self.output, kept=keep, score_file=f"{name}-score.md", resumed=resumed)
        self.push_screen(screen, partial(self._leave, screen))
        self.call_after_refresh(screen.run_lines, lines)

    def _leave(self, screen: LessonScreen, refused: str | None) -> None:
        if refused:
            self._not_prepared(LessonError(refused))
        else:
            self.exit(2 if screen.was_wrong else 0)


def run_lesson(
    lesson: Lesson, name: str, *, commands: Sequence[str] = (), ascii: bool = False, theme: str | None = None, last: bool = False
) -> int:
    """Play a lesson in the app; returns the exit code: 0, or 2 where one of `commands`, which are run first, was wrong.

    `last`: the process is ended next.

    Raises:
        NeuronTUIError: the lesson cannot be played; the terminal is as it was before.
    """
    return show(LessonApp(lesson, name, commands=commands, ascii=ascii, theme=theme), last=last)
