"""The three single lines of the screen: position on top, a sentence and the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from neurontui.rendering import Look
from neurontui.tui.widgets.lines import strip_of

MakeLine = Callable[[int, Look], Text]


class Line(Widget):
    """One line that is made anew for each width."""

    look: Look = Look()

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._make: MakeLine = lambda width, look: Text("")

    def show(self, make: MakeLine) -> None:
        """Show what `make(width, look)` gives, now and at every other width."""
        self._make = make
        self.refresh()

    def set_look(self, look: Look) -> None:
        """Other colours or signs."""
        self.look = look
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 1

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        text = self._make(width, self.look) if y == 0 else Text("")
        strip = strip_of(text, self.app.console)
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)


KEYS = (
    ("n", "next"), ("s", "into"), ("r", "out"), ("N", "back"), ("c", "continue"), ("enter", "why"), ("e", "edit"), ("m", "train/eval"),
    ("d", "diff"), ("/", "find"), (":", "command"), ("?", "help"), ("q", "quit"),
)  # fmt: skip
LEAST = ("n", "s", "N", "enter", "tab", ":", "?", "q")


def keys_line(width: int, look: Look, keys: tuple[tuple[str, str], ...] = KEYS) -> Text:
    """The footer: keys in the accent colour, what they do beside; where all do not fit, the most needed."""
    accent, dim = look.palette.style("accent", bold=True), look.palette.style("text")
    if sum(len(key) + len(word) + 3 for key, word in keys) > width:
        keys = tuple(pair for pair in (*keys[:-2], ("tab", "pane"), *keys[-2:]) if pair[0] in LEAST)
    line = Text(" ", no_wrap=True)
    for key, word in keys:
        line.append(key, accent)
        line.append(f" {word}  ", dim)
    line.truncate(width)
    return line


def sentence_line(sentence: str, width: int, look: Look, kind: str = "") -> Text:
    """A sentence in one line: red only for what is wrong."""
    style: Style = look.palette.style({"error": "wrong", "busy": "accent"}.get(kind, "text"))
    line = Text(f" {sentence}", style, no_wrap=True)
    line.truncate(width - 1, overflow="crop" if look.glyphs.ascii else "ellipsis")
    return line
