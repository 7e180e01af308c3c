"""Core types as Rich text. Used by the app, plain mode, `neurontui explain` and the exports; it draws and does not compute.

`Look` (colours and signs) goes into every function. For virtualised widgets: `step_line`, `tensor_row`, `Sheet.line`.
"""

from __future__ import annotations

from neurontui.rendering.glyphs import ASCII, UNICODE, Glyphs, Look, choose_look
from neurontui.rendering.palette import DARK, LIGHT, NO_COLOR, Palette, palette_of, role_of

__all__ = ["ASCII", "DARK", "LIGHT", "NO_COLOR", "UNICODE", "Glyphs", "Look", "Palette", "choose_look", "palette_of", "role_of"]
