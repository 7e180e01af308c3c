"""Traces and explanations as files: JSON, Markdown, one offline HTML page, SVG."""

from __future__ import annotations

from pathlib import Path

from neurontui.explanation import Explanation
from neurontui.records import Trace


def export_trace(trace: Trace, path: Path, *, worksheet: bool = False, title: str = "") -> None:
    """Write a trace as `.html`, `.md`, `.json` or `.svg`, by the file's ending.

    Raises:
        NeuronTUIError: the ending is none of these, or the file can't be written.
    """
    raise NotImplementedError


def explanation_json(why: Explanation, trace: Trace | None = None, *, terms: int | None = None) -> dict[str, object]:
    """An explanation as JSON data (the schema is in `neurontui.exporting.json`)."""
    raise NotImplementedError
