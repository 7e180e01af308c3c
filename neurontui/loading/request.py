"""What the command line says about one model: frozen text, read by `load_run`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A model to load, as the user wrote it. `None` and empty mean: exactly as the file leaves it.

    `reference` is "file.py", "file.py:NAME", "package.module:NAME" or, with `demo` true, "NAME[:VARIANT]".
    """

    reference: str
    demo: bool = False
    inputs: tuple[str, ...] = ()  # each --input: "[1, 2]", "image.png", "randn:1x3x32x32", "mask=ones:4x4"
    arguments: tuple[str, ...] = ()  # each --arg: "hidden=64"
    weights: str | None = None
    training: bool | None = None
    grad: bool | None = None
    seed: int | None = None
    device: str | None = None
    dtype: str | None = None
