"""Whole screens, as text, at the sizes that people have."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_linear_step(open_app, snapshot, size):
    async with open_app(size=size) as seat:
        await seat.press("s", "s")
        assert seat.screen == snapshot


async def test_a_linear_step_and_its_computation_at_80x24(open_app, snapshot):
    async with open_app(size=(80, 24)) as seat:
        await seat.press("s", "s", "right_square_bracket")
        assert seat.screen == snapshot


async def test_a_crash(open_app, snapshot):
    async with open_app("dimension_rule") as seat:
        await seat.press("c")
        assert seat.screen == snapshot


async def test_after_an_edit(open_app, snapshot):
    async with open_app() as seat:
        await seat.press("s", "s")
        await seat.line("set fc1.weight[0, 1] = 2")
        await seat.press("d")
        assert seat.screen == snapshot


@pytest.mark.parametrize(("model", "keys"), [("dimension_rule", ["c"]), ("attention:masks", ["s"] * 4), ("simple_ann", ["question_mark"])])
async def test_crashes_shapes_and_help_without_unicode(open_app, model, keys):
    async with open_app(model, ascii=True) as seat:
        await seat.press(*keys)
        assert seat.screen.isascii(), [line for line in seat.screen.splitlines() if not line.isascii()]


async def test_signs_without_unicode(open_app, snapshot):
    async with open_app("sequential", ascii=True) as seat:
        await seat.line("goto 2/dropout")
        assert seat.screen == snapshot
        assert seat.screen.isascii()
