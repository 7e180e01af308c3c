"""`neurontui demo [NAME[:VARIANT]]`: list the demos, or open one."""

from __future__ import annotations

import argparse

from neurontui.cli.requests import make_manner, make_request
from neurontui.loading.demos import find_demo, list_demos
from neurontui.session import open_debugger, prepare


def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    if options.name is None:
        demos = list_demos()
        width = max((len(name) for name, _ in demos), default=0)
        for name, line in demos:
            print(f"{name:<{width}}  {line}")
        return 0
    find_demo(options.name)  # a wrong name is said before the screen opens
    return open_debugger(prepare(make_request(options, options.name, demo=True)), make_manner(options), options.name)
