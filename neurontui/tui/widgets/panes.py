"""The container of all panes: it puts each where `placement` says, and hides the others."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from neurontui.tui.placement import Box, Wish, place
from neurontui.tui.widgets.lines import LinePane


class PlacedLayout(Layout):
    """Puts each child where its parent's `boxes` say."""

    name = "placed"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        assert isinstance(parent, Panes)
        return [
            WidgetPlacement(Region(*parent.boxes[child.id]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id and child.id in parent.boxes
        ]


class Panes(Container):
    """Holds every pane of the app; `arrange_panes` says what each would like, and which of them has the focus."""

    def __init__(self, *panes: LinePane) -> None:
        super().__init__(*panes, id="panes")
        self.panes = panes
        self.boxes: dict[str, Box] = {}
        self._wish = Wish()
        self._placed = PlacedLayout()

    @property
    def layout(self) -> Layout:
        return self._placed

    def arrange_panes(self, wish: Wish) -> None:
        """Give every pane its place; nothing is laid out again where nothing changes."""
        self._wish = wish
        boxes = place(*self.size, wish)
        if boxes == self.boxes:
            return
        self.boxes = boxes
        for pane in self.panes:
            box = boxes.get(pane.id or "")
            if pane.display != (box is not None):
                pane.display = box is not None
            if box is not None:
                pane.fit(box.width, box.height)
        self.panes[0].refresh(layout=True)  # a child asks: what asks itself keeps its old arrangement

    def on_resize(self) -> None:
        self.arrange_panes(self._wish)
