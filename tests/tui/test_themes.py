"""Every theme that the palette offers can be chosen."""

from __future__ import annotations

from neurontui.rendering import DARK, LIGHT


async def test_every_theme_draws_the_screen(open_app):
    async with open_app("simple_ann", (80, 24)) as seat:
        before = seat.screen
        for name, theme in seat.app.available_themes.items():
            seat.app.theme = name
            await seat.settle()
            assert seat.screen == before, name
            assert seat.app.main.look.palette == (DARK if theme.dark else LIGHT), name
