"""The help page: every key, every command."""

from __future__ import annotations

from rich.text import Text

from neurontui.rendering import Look
from neurontui.rendering.lines import wrap_line
from neurontui.tui.keymap import help_rows

WORDS = 25  # columns before what a key or a command does


def help_lines(look: Look, width: int) -> list[Text]:
    """Keys first, then commands with their arguments; what does not fit into `width` goes on in the next line."""
    from neurontui.commands import COMMANDS

    accent, bold, dim = look.palette.style("accent", bold=True), look.palette.style("text", bold=True), look.palette.style("dim")
    lines = [Text("Keys", bold)]
    for keys, words in help_rows():
        lines += wrap_line(Text.assemble((f"  {keys:<22} ", accent), (words, look.palette.style("text")), no_wrap=True), width, WORDS)
    lines += [Text(""), Text("Commands, at the : prompt, in -x files and line by line with --plain", bold)]
    for command in COMMANDS:
        names = " ".join((command.name, *command.aliases))
        line = Text.assemble((f"  {names:<22} ", accent), (command.help, look.palette.style("text")), no_wrap=True)
        lines += wrap_line(line, width, WORDS)
        if command.arguments:
            lines += wrap_line(Text(" " * WORDS + f"{command.name} {command.arguments}", dim, no_wrap=True), width, WORDS + 2)
    return lines
