"""The help page: every key, every command."""

from __future__ import annotations

from rich.text import Text

from neurontui.rendering import Look
from neurontui.tui.keymap import help_rows


def help_lines(look: Look) -> list[Text]:
    """Keys first, then commands with their arguments."""
    from neurontui.commands import COMMANDS

    accent, bold, dim = look.palette.style("accent", bold=True), look.palette.style("text", bold=True), look.palette.style("dim")
    lines = [Text("Keys", bold)]
    lines += [Text.assemble((f"  {keys:<22}", accent), (words, look.palette.style("text")), no_wrap=True) for keys, words in help_rows()]
    lines += [Text(""), Text("Commands, at the : prompt, in -x files and line by line with --plain", bold)]
    for command in COMMANDS:
        names = " ".join((command.name, *command.aliases))
        line = Text.assemble((f"  {names:<22}", accent), (command.help, look.palette.style("text")), no_wrap=True)
        if command.arguments:
            line.append(f"   {command.name} {command.arguments}", dim)
        lines.append(line)
    return lines
