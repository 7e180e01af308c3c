"""`explain --deep`: a whole expression, back to the model's inputs."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def expression_lines(expression: Any, width: int = 80, look: Look = DEFAULT) -> list[Text]:
    """The tree that `neurontui.explainers.deep` gives, indented, and what was left out."""
    raise NotImplementedError
