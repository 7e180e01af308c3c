"""The keys of a lesson: what they do, as the help and the last line name them."""

from __future__ import annotations

from rich.text import Text
from textual.binding import Binding, BindingType

from neurontui.rendering import Look
from neurontui.rendering.lines import wrap_line

LESSON_KEYS = (  # the key, its word in the last line, what it does
    ("space", "next", "next page, or the next question"), ("b", "back", "the page before"),
    ("enter", "answer", "answer; nothing reveals it"), ("h", "hint", "a hint"),
    ("t", "try", "try what the page proposes, and take it back"), (":", "command", "a command of the debugger"),
    ("v", "exact", "every digit, on or off"), ("up down", "", "from term to term"), ("pageup pagedown", "", "scroll the text"),
    ("home", "", "from the first page again"), ("end", "", "the last page"), ("N", "notes", "the speaker's notes"),
    ("T", "time", "the time since the lesson was begun"),
    ("P", "play", "go on by itself, in the lesson's minutes; pause"), ("B", "blank", "a blank screen, and back"),
    ("w", "save", "write the score to a file"), ("?", "help", "these keys"), ("q", "leave", "leave"),
)  # fmt: skip

LESSON_BINDINGS: list[BindingType] = [
    Binding("space", "play('next')", "next", id="lesson-next", show=False),
    Binding("b", "play('back')", "back", id="lesson-back", show=False),
    Binding("home", "play('restart')", "restart", id="lesson-restart", show=False),
    Binding("end", "play('last')", "last", id="lesson-last", show=False),
    Binding("h", "play('hint')", "hint", id="lesson-hint", show=False),
    Binding("t", "play('toggle_try')", "try", id="lesson-try", show=False),
    Binding("enter", "answer", "answer", id="lesson-answer", show=False),
    Binding("colon", "ask('')", "command", id="lesson-command", show=False),
    Binding("v", "exact", "exact digits", id="lesson-exact", show=False),
    Binding("w", "save", "save the score", id="lesson-save", show=False),
    Binding("N", "notes", "notes", id="lesson-notes", show=False),
    Binding("T", "time", "timer", id="lesson-time", show=False),
    Binding("P", "run_on", "play or pause", id="lesson-play", show=False),
    Binding("B", "blank", "blank screen", id="lesson-blank", show=False),
    Binding("question_mark,f1", "help", "help", id="lesson-help", show=False),
    Binding("ctrl+z", "app.suspend_process", "to the shell", id="lesson-suspend", show=False),
    Binding("q", "quit", "leave", id="lesson-quit", show=False),
    Binding("escape,ctrl+c", "leave", "cancel, leave", id="lesson-leave", show=False),
    *(
        Binding(key, f"scroll_pane({pane!r}, {way!r})", way, id=f"lesson-{key}", show=False)
        for pane, key, way in (
            ("computation", "up", "up"), ("computation", "down", "down"),
            ("page", "pageup", "pageup"), ("page", "pagedown", "pagedown"),
        )
    ),
]  # fmt: skip


def lesson_keys_line(width: int, look: Look, pairs: tuple[tuple[str, str], ...], clock: str) -> Text:
    """Keys in the accent colour, what they do beside; those in the middle give way where there is no room. The time at the right."""
    while len(pairs) > 2 and sum(len(key) + len(word) + 3 for key, word in pairs) + len(clock) > width:
        pairs = (*pairs[: len(pairs) // 2], *pairs[len(pairs) // 2 + 1 :])
    line = Text(" ", no_wrap=True)
    for key, word in pairs:
        line.append(key, look.palette.style("accent", bold=True)).append(f" {word}  ", look.palette.style("text"))
    line.truncate(max(width - len(clock), 0), pad=True)
    return line.append(clock, look.palette.style("dim"))


def lesson_help(look: Look, width: int) -> list[Text]:
    """Every key with what it does; what does not fit into `width` goes on in the next line."""
    accent, text = look.palette.style("accent", bold=True), look.palette.style("text")
    rows = (Text.assemble((f"{keys:<16}", accent), (look.words(what), text)) for keys, _, what in LESSON_KEYS)
    return [line for row in rows for line in wrap_line(row, width, 16)]
