"""`neurontui inspect MODEL|TRACE`: open a model or a saved trace."""

from __future__ import annotations

import argparse
from pathlib import Path

from neurontui.cli.requests import make_manner, make_request
from neurontui.loading.references import check_reference
from neurontui.session import open_debugger, prepare


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    check_reference(options.model)  # a wrong file is said before the screen opens
    return open_debugger(prepare(make_request(options, options.model)), make_manner(options), Path(options.model).name)
