"""Traces and explanations as files: JSON, Markdown, one offline HTML page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from neurontui.errors import NeuronTUIError
from neurontui.exporting.data import diff_json, explanation_json, expression_json, trace_json
from neurontui.records import Trace
from neurontui.text import json_text

__all__ = ["diff_json", "explanation_json", "export_trace", "expression_json", "trace_json", "trace_text"]


def export_trace(trace: Trace, path: Path, *, worksheet: bool = False, title: str = "") -> None:
    """Write a trace as `.html`, `.md` or `.json`, by the file's ending.

    Raises:
        NeuronTUIError: the ending is none of these, a worksheet is asked for that is no page, or the file can't be written.
    """
    text = trace_text(trace, path.suffix.lower(), worksheet=worksheet, title=title)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NeuronTUIError(f"{path} cannot be written: {error.strerror or error}") from error


def trace_text(trace: Trace, ending: str, *, worksheet: bool = False, title: str = "") -> str:
    """What `export_trace` writes for this file ending.

    Raises:
        NeuronTUIError: there is no such ending, or a worksheet is asked for that is no page.
    """
    writers: dict[str, Callable[[Trace, str, bool], str]] = {".html": _html, ".md": _markdown, ".json": _json}
    if ending not in writers:
        raise NeuronTUIError(f"{ending or 'no ending'!r} is no ending of an export: give one of {', '.join(writers)}.")
    if worksheet and ending not in (".html", ".md"):
        raise NeuronTUIError(f"A worksheet is a page, and {ending} is none: give .html or .md.")
    return writers[ending](trace, title or (trace.run.title if trace.run else "") or "trace", worksheet)


def _html(trace: Trace, title: str, worksheet: bool) -> str:
    from neurontui.exporting.handout import write_html
    from neurontui.exporting.pages import make_pages
    from neurontui.exporting.tables import blank

    pages, key = blank(make_pages(trace, worksheet=True)) if worksheet else (make_pages(trace), ())
    return write_html(pages, title, key)


def _markdown(trace: Trace, title: str, worksheet: bool) -> str:
    from neurontui.exporting.markdown import write_markdown
    from neurontui.exporting.pages import make_pages
    from neurontui.exporting.tables import blank

    pages, key = blank(make_pages(trace, worksheet=True)) if worksheet else (make_pages(trace), ())
    return write_markdown(pages, title, key)


def _json(trace: Trace, title: str, worksheet: bool) -> str:
    return json_text(trace_json(trace) | {"title": title}, 1) + "\n"
