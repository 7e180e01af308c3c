"""Running one line of the command language."""

from __future__ import annotations

from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger


def execute(debugger: Debugger, line: str) -> Reply:
    """Runs one line. What NeuronTUI refuses comes back as a Reply of kind "error" with its one sentence; it never raises that.

    Capitals and `back` go backwards: `N` is `back next`. An empty line and a `# comment` do nothing.
    """
    raise NotImplementedError
