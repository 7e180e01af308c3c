"""The keys. Each has an id, so that Textual's keymap can move it; what it does is, mostly, a line of the command language."""

from __future__ import annotations

import re

from textual.binding import Binding


def _line(keys: str, line: str, help: str, id: str) -> Binding:
    """A key that is a shortcut for a command line."""
    return Binding(keys, f"line({line!r})", help, id=id, show=False)


def _ask(keys: str, start: str, help: str, id: str) -> Binding:
    """A key that opens the prompt with the beginning of a line."""
    return Binding(keys, f"ask({start!r})", help, id=id, show=False)


def _does(keys: str, action: str, help: str, id: str, *, priority: bool = False) -> Binding:
    return Binding(keys, action, help, id=id, show=False, priority=priority)


KEYMAP: list[Binding] = [
    _line("n,f10", "next", "next step, over calls", "next"),
    _line("s,f11", "step", "next step, into calls", "step"),
    _line("r,shift+f11", "return", "out of the enclosing call", "return"),
    _line("c,f5", "continue", "on to the next breakpoint", "continue"),
    _line("N", "back next", "previous step at this level", "back-next"),
    _line("S", "back step", "previous step", "back-step"),
    _line("R", "back return", "to the enclosing call", "back-return"),
    _line("C,shift+f5", "back continue", "back to the breakpoint before", "back-continue"),
    _line("k", "open", "open this call into its kernels", "open"),
    _does("enter", "why", "why? explain, or follow", "why"),
    _line("backspace", "unfollow", "back to where a follow or goto came from", "unfollow"),
    _does("left_square_bracket", "turn(True)", "previous tensor (or stage of the computation)", "tensor-back"),
    _does("right_square_bracket", "turn(False)", "next tensor (or stage of the computation)", "tensor"),
    _line("left_curly_bracket", "show back slice", "previous slice", "slice-back"),
    _line("right_curly_bracket", "show next slice", "next slice", "slice"),
    _line("b,f9", "break", "breakpoint here, on or off", "break"),
    _line("w", "watch", "pin this value, or let it go", "watch"),
    _ask("g", "goto ", "go to a step", "goto"),
    _ask("at", "at ", "explain an index of the output", "at"),
    _ask("slash,f3", "find ", "find a step", "find"),
    _line("full_stop", "find", "next hit", "find-next"),
    _line("comma", "back find", "previous hit", "find-back"),
    _line("1", "view numbers", "tensors as numbers", "numbers"),
    _line("2", "view heat", "tensors as a heat map", "heat"),
    _line("3", "view stats", "statistics of a tensor", "stats"),
    _line("v", "view exact", "every digit, on or off", "exact"),
    _does("e", "edit", "edit the number under the cursor, and run again", "edit"),
    _line("u", "undo", "take the last change back", "undo"),
    _line("x", "seed", "run again with a new seed", "seed"),
    _line("m", "mode", "run again: as written, train, eval", "mode"),
    _line("d", "diff", "compare with the run before the edits", "diff"),
    _line("p", "predict", "predict before reveal", "predict"),
    _does("tab", "pane(False)", "next pane", "pane"),
    _does("shift+tab", "pane(True)", "previous pane", "pane-back"),
    _does("z", "zoom", "one pane on the whole screen, and back", "zoom"),
    _line("y", "copy", "copy the cell; in the computation, the explanation", "copy"),
    _ask("colon", "", "type a command", "prompt"),
    _does("ctrl+l", "app.redraw", "draw the screen again", "redraw"),
    _does("ctrl+z", "app.suspend_process", "to the shell; fg comes back", "suspend"),
    _does("question_mark,f1", "help", "all keys and commands", "help"),
    _line("q", "quit", "leave", "quit"),
    _does("escape,ctrl+c", "leave", "leave, cancel", "leave"),
]

MOVES: list[Binding] = [
    _does(keys, f"move({way!r})", help, f"move-{keys}")
    for keys, way, help in (
        ("up", "up", "up"), ("down", "down", "down"), ("left", "left", "left, or fold"), ("right", "right", "right, or unfold"),
        ("pageup", "pageup", "a page up"), ("pagedown", "pagedown", "a page down"),
        ("home", "home", "to the start"), ("end", "end", "to the end"),
        ("ctrl+pageup", "pageleft", "a page to the left"), ("ctrl+pagedown", "pageright", "a page to the right"),
    )
]  # fmt: skip


def help_rows() -> list[tuple[str, str]]:
    """Every key with what it does, as the help screen lists them."""
    return [(_written(binding.key), binding.description) for binding in (*KEYMAP, *MOVES)]


_SIGNS = {
    "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{", "right_curly_bracket": "}", "at": "@", "slash": "/",
    "full_stop": ".", "comma": ",", "colon": ":", "question_mark": "?",
}  # fmt: skip


def _written(keys: str) -> str:
    return " ".join(_SIGNS.get(key, re.sub(r"\bf(\d)", r"F\1", key)) for key in keys.split(","))
