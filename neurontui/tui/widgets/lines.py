"""The base of the virtualised panes: so many lines, of which only those in sight are ever drawn."""

from __future__ import annotations

from collections.abc import Hashable

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from neurontui.rendering import Look

KEPT = 2000  # drawn lines that are remembered


def strip_of(text: Text, console: Console) -> Strip:
    """A line of Rich text for Textual. Rich leaves a text without spans unstyled here: it counts on being printed."""
    if text.spans or not text.style:
        return Strip(text.render(console), text.cell_len)
    return Strip([Segment(text.plain, console.get_style(text.style))], text.cell_len)


class LinePane(ScrollView, can_focus=True, inherit_bindings=False):  # its own keys would scroll with an animation
    """A framed pane of lines. A subclass gives `draw(y, width)` for line `y` and calls `resize_lines` when their number changes.

    Another number of lines moves no other pane, so, unlike Textual's own, it does not lay the screen out again.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    look: Look = Look()
    _strips: dict[Hashable, Strip]
    _ground: Style = Style.null()
    _room: Size = Size(0, 0)
    _heads: tuple[str, str] = ("", "")

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._strips = {}

    def set_look(self, look: Look) -> None:
        """Other colours or signs."""
        self.look = look
        self._strips.clear()
        self.refresh()

    @property
    def room(self) -> Size:
        """Columns and rows between the borders and scroll bars."""
        return self._room

    def fit(self, width: int, height: int) -> bool:
        """Lay the lines out for the size that this pane is about to get, so that its first paint is right; False where it has it."""
        gutter = self.styles.gutter
        rows = height - gutter.height
        has_bar = self.styles.overflow_y == "scroll" or self.virtual_size.height > rows
        return self._take(Size(width - gutter.width - has_bar * self.styles.scrollbar_size_vertical, rows))

    def on_resize(self, event: events.Resize) -> None:
        self._take(self.scrollable_content_region.size)

    def _take(self, room: Size) -> bool:
        if room == self._room:
            return False
        self._room = room
        self.relay()
        return True

    def relay(self) -> None:
        """The room is another: a subclass whose lines depend on it lays them out again."""
        self.refresh()

    def head(self, title: str, subtitle: str = "") -> None:
        """Say what stands in the upper and the lower border, cleaned text; the same words are not painted again."""
        if self.look.glyphs.ascii:
            from neurontui.rendering.formulas import spell_signs  # not needed for the first paint

            # Cut here: Textual would end what is too long in a sign that is not ASCII.
            title, subtitle = (spell_signs(words, self.look)[: self._head_room] for words in (title, subtitle))
        if (title, subtitle) != self._heads:
            self._heads = title, subtitle
            self.border_title, self.border_subtitle = Content(title), Content(subtitle) if subtitle else None

    @property
    def _head_room(self) -> int:
        """The cells that a title or subtitle has in the border, beside the corners, a line and a blank on each side."""
        return max(self._room.width + self.styles.gutter.width - 6, 0) if self._room.width else 1000

    def _fit_head(self, words: str, short: str) -> str:
        """`words` for a border, or `short` where they do not fit."""
        return words if len(words) <= self._head_room or not short else short

    def watch_virtual_size(self, size: Size) -> None:
        self._scroll_update(size)  # what a new layout would do: the scroll bar's length, and no line beyond the end

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual asks for the scroll bar to be painted once more after a layout, which has painted it: a second paint for each key."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        self.vertical_scrollbar._repaint_required = False
        return changed

    def draw(self, y: int, width: int) -> Text:
        """Line `y` of all lines, at most `width` cells of it wide where the pane does not scroll sideways."""
        raise NotImplementedError

    def key_of(self, y: int) -> Hashable:
        """What line `y` depends on, where that is known: the same key is the same line, and is not drawn twice. None: draw it."""
        return None

    def resize_lines(self, count: int, width: int = 0) -> None:
        """Say how many lines there are now, and how wide the widest is."""
        size = Size(width, count)
        if size != self.virtual_size:
            self.virtual_size = size
        self.refresh()

    def show_line(self, y: int, lines: int = 1) -> None:
        """Scroll, at once, no further than needed to have line `y` (and the `lines - 1` after it) in sight."""
        height = max(self.room.height, 1)
        top = self.scroll_offset.y
        if y < top:
            self.scroll_to(y=y, animate=False, force=True)
        elif y + lines > top + height:
            self.scroll_to(y=y + lines - height, animate=False, force=True)

    @property
    def left_edge(self) -> int:
        """The first cell of a drawn line that is in sight."""
        return self.scroll_offset.x

    def render_lines(self, crop: Region) -> list[Strip]:
        # Asked for once a paint, not once a line: a style is the sum of all the styles around it.
        self._ground = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        number, width, style = self.scroll_offset.y + y, self.size.width, self._ground
        if number >= self.virtual_size.height:
            return Strip.blank(width, style)
        key, x = self.key_of(number), self.left_edge
        known = self._strips.get((key, x, width, self._room, style)) if key is not None else None
        if known is not None:
            return known
        text = self.draw(number, self._room.width)
        strip = strip_of(text, self.app.console).crop_extend(x, x + width, style).apply_style(style)
        if key is not None:
            if len(self._strips) > KEPT:
                self._strips.clear()
            self._strips[(key, x, width, self._room, style)] = strip
        return strip


def scroll(pane: LinePane, way: str) -> None:
    """Scroll a pane that has no cursor."""
    page = max(pane.room.height - 1, 1)
    rows = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -pane.virtual_size.height, "end": pane.virtual_size.height}
    columns = {"left": -4, "right": 4, "pageleft": -pane.room.width, "pageright": pane.room.width}
    pane.scroll_to(
        x=pane.scroll_offset.x + columns.get(way, 0), y=pane.scroll_offset.y + rows.get(way, 0), animate=False
    )  # fmt: skip
