"""The lines of the screen without a frame: position on top, a sentence or the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from neurontui.rendering import Look
from neurontui.rendering.lines import wrap_line
from neurontui.tui.widgets.lines import strip_of

MOST = 4  # lines of a sentence
NARROW = 12  # columns in which none can be read

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

    def lines(self, width: int) -> list[Text]:
        """What is shown in so many columns."""
        return [self._make(width, self.look)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines(width))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = self.lines(width)
        strip = strip_of(lines[y] if y < len(lines) else Text(""), self.app.console)
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)


class Key(NamedTuple):
    """A key of the footer: what is written, what it does, what is pressed by a click; the least `need` is the last to give way."""

    sign: str
    word: str
    press: str
    need: int


def footer_keys(
    pane: str, *, edited: bool = False, runs: bool = True, stages: bool = False, trail: bool = False, slices: bool = False
) -> tuple[Key, ...]:
    """The keys that are of use in a pane.

    `runs`: the model is there, and can be run again; `trail`: a follow can be taken back; `slices`: the tensor has more than the one
    that is seen.
    """
    walk = (Key("n", "next", "n", 1), Key("s", "into", "s", 1), Key("r", "out", "r", 9), Key("N", "back", "N", 3))
    own = {
        "steps": (Key("c", "continue", "c", 10), Key("enter", "why", "enter", 2)),
        "tensor": (
            Key("enter", "why", "enter", 2),
            Key("[ ]", "tensor", "right_square_bracket", 4),
            *((Key("{ }", "slice", "right_curly_bracket", 4),) if slices else ()),
            Key("2", "heat map", "2", 8),
        ),
        "computation": (
            Key("enter", "from where", "enter", 2),
            *((Key("backspace", "return", "backspace", 5),) if trail else ()),
            *((Key("[ ]", "stage", "right_square_bracket", 4),) if stages else (Key("[ ]", "tensor", "right_square_bracket", 8),)),
        ),
    }
    change = (Key("e", "edit", "e", 5), Key("m", "train/eval", "m", 7)) if runs else ()
    undo = (Key("u", "undo", "u", 3), Key("d", "diff", "d", 6)) if edited else ()
    rest = (
        Key("tab", "pane", "tab", 2), Key("/", "find", "slash", 9), Key(":", "command", "colon", 6), Key("?", "help", "question_mark", 1),
        Key("q", "quit", "q", 1),
    )  # fmt: skip
    return (*walk, *own.get(pane, ()), *change, *undo, *rest)


def keys_line(keys: Sequence[Key], width: int, look: Look) -> Text:
    """The footer: keys in the accent colour, what they do beside, to be clicked; where all do not fit, the least needed give way."""
    while len(keys) > 1 and sum(len(key.sign) + len(key.word) + 3 for key in keys) > width:
        least = max(key.need for key in keys)
        last = max(place for place, key in enumerate(keys) if key.need == least)
        keys = (*keys[:last], *keys[last + 1 :])
    line = Text(" ", no_wrap=True)
    for key in keys:
        click = Style.from_meta({"@click": f"app.simulate_key({key.press!r})"})
        line.append(key.sign, look.palette.style("accent", bold=True) + click)
        line.append(f" {key.word}", look.palette.style("text") + click)
        line.append("  ")
    line.truncate(width)
    return line


def sentence_line(sentence: str, width: int, look: Look, kind: str = "") -> Text:
    """A sentence in one line: red only for what is wrong."""
    style: Style = look.palette.style({"error": "wrong", "busy": "accent"}.get(kind, "text"))
    line = Text(f" {sentence}", style, no_wrap=True)
    line.truncate(width - 1, overflow="crop" if look.glyphs.ascii else "ellipsis")
    return line


class Bottom(Line):
    """The keys that are of use; over them, until the next key, a sentence: in more lines than one where it is long, over the panes."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self._keys = footer_keys("")
        self._said = ("", "")

    def say(self, sentence: str, kind: str = "") -> None:
        """Show a sentence; "" brings the keys back."""
        said = (sentence, kind) if sentence else ("", "")
        if self._said != said:
            before = len(self.lines(self.size.width))
            self._said = said
            self.refresh(layout=len(self.lines(self.size.width)) != before)

    def offer(self, keys: tuple[Key, ...]) -> None:
        """Show these keys where no sentence stands."""
        if self._keys != keys:
            self._keys = keys
            self.refresh()

    def lines(self, width: int) -> list[Text]:
        sentence, kind = self._said
        if not sentence or width < NARROW:
            return [keys_line(self._keys, width, self.look)]
        parts = wrap_line(Text(sentence), width - 2)
        said = [part.plain for part in parts[: MOST - 1]] + [" ".join(part.plain for part in parts[MOST - 1 :])]
        return [sentence_line(part, width, self.look, kind) for part in said if part]
