"""`neurontui export MODEL|TRACE|LESSON -o FILE`: a trace file, a page, Markdown, a picture or JSON, by the ending."""

from __future__ import annotations

import argparse
from pathlib import Path

from neurontui.cli.requests import make_request, quiet_answer
from neurontui.errors import InputError, nearest
from neurontui.session import load_trace

ENDINGS = (".safetensors", ".html", ".md", ".svg", ".json")


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code: 1 where the forward raised (the file is written all the same)."""
    out = Path(options.out)
    if out.suffix.lower() not in ENDINGS:
        raise InputError(f"-o {options.out} has none of the endings {' '.join(ENDINGS)}{nearest(out.suffix, ENDINGS)}")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputError(f"{options.out} cannot be written: {'it is a folder' if out.is_dir() else f'there is no folder {out.parent}'}")
    if options.worksheet and out.suffix.lower() not in (".html", ".md"):
        raise InputError(f"a worksheet is an .html or .md file, so -o {options.out} does not go with --worksheet")
    with quiet_answer():
        trace = load_trace(make_request(options, options.model), copy_parameters=True)
    if out.suffix.lower() == ".safetensors":
        from neurontui.storage import save

        save(trace, out)
    else:
        from neurontui.exporting import export_trace

        export_trace(trace, out, worksheet=options.worksheet, title=Path(options.model).stem)
    print(f"wrote {options.out}")
    return 0 if trace.error is None else 1
