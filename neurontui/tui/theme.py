"""The app's own themes. What lines are drawn with comes from rendering's palettes; here are the frames around them."""

from __future__ import annotations

from textual.theme import Theme

from neurontui.rendering import ASCII, DARK, LIGHT, NO_COLOR, UNICODE, Look, palette_of

DARK_THEME = Theme(
    name="neurontui-dark", primary=DARK.accent, accent=DARK.accent, error=DARK.wrong, warning=DARK.warn, success=DARK.good,
    foreground=DARK.text, background=DARK.ground, surface=DARK.ground, panel="#161b22", dark=True,
    variables={"frame": DARK.border, "bar": "#161b22", "quiet": DARK.dim, "block-cursor-background": DARK.current},
)  # fmt: skip
LIGHT_THEME = Theme(
    name="neurontui-light", primary=LIGHT.accent, accent=LIGHT.accent, error=LIGHT.wrong, warning=LIGHT.warn, success=LIGHT.good,
    foreground=LIGHT.text, background=LIGHT.ground, surface=LIGHT.ground, panel="#eceff4", dark=False,
    variables={"frame": LIGHT.border, "bar": "#e6eaf1", "quiet": LIGHT.dim, "block-cursor-background": LIGHT.current},
)  # fmt: skip
THEMES = (DARK_THEME, LIGHT_THEME)


def variables_for(*, dark: bool) -> dict[str, str]:
    """What the frames are drawn with under a theme of someone else's, which knows nothing of them."""
    return dict((DARK_THEME if dark else LIGHT_THEME).variables)


def look_for(*, dark: bool, ascii: bool, colour: bool, system: str | None = None) -> Look:
    """What the lines are drawn with under a theme, in a terminal of this colour system."""
    palette = palette_of(system, dark=dark) if colour else NO_COLOR
    return Look(palette, ASCII if ascii else UNICODE)
