"""The table of commands that the prompt, the palette, `help` and plain mode read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `torch` says that it may run the model or torch, so that a screen runs it in a worker."""

    name: str
    aliases: tuple[str, ...]
    arguments: str  # "NAME | %INDEX", as help shows it
    help: str  # one line
    torch: bool
    example: str = ""


COMMANDS: tuple[Command, ...] = (
    Command("next", ("n",), "[COUNT]", "the next step that is not inside this one", False),
    Command("step", ("s",), "[COUNT]", "the next step, into calls", False),
    Command("return", ("r",), "[COUNT]", "out of the enclosing call, to the step after it", False),
    Command("continue", ("c",), "", "on to the next breakpoint, or to the call that failed", True),
    Command("back", (), "[next | step | return | continue | find | show] [COUNT]", "the same backwards", True),
    Command("open", ("k",), "", "open this call into its kernels; return at their top closes them", True),
    Command("why", (), "[TENSOR][INDEX]", "explain an element of this step's output, or where an input's element was made", True, "why [0, 2]"),
    Command("follow", ("f",), "[TERM] [FACTOR]", "go to where a term of the explanation came from", True, "follow 1"),
    Command("unfollow", (), "", "back to where a follow or goto came from", False),
    Command("show", (), "[TENSOR][SLICE] | next | back | next slice | back slice", "look at a tensor, or a slice of it", False, "show fc1.weight[0, :]"),
    Command("break", ("b",), "[NAME] [CONDITION]", "set or remove a breakpoint, here or at a name, on a condition", False, "break fc1 absmax > 10"),
    Command("clear", (), "[NUMBER]", "remove a breakpoint, or all", False),
    Command("watch", ("w",), "[TENSOR][INDEX]", "pin a value", False, "watch fc1.weight[0, 1]"),
    Command("unwatch", (), "[NUMBER]", "remove a watch, or all", False),
    Command("goto", ("g",), "NAME | %INDEX", "go to a step", False, "goto fc1/linear"),
    Command("at", ("@",), "INDEX", "explain this element of the output", False, "at 0,2"),
    Command("find", ("/",), "[TEXT]", "the next step whose name or operation contains TEXT", False, "find relu"),
    Command("view", (), "numbers | heat | stats | exact", "how tensors are shown; exact digits on or off", False),
    Command("set", (), "TENSOR[INDEX] = NUMBER", "set one number and run again", True, "set fc1.weight[0,1] = 2"),
    Command("undo", ("u",), "", "take the last change back", False),
    Command("seed", ("x",), "[NUMBER]", "run again with another seed", True),
    Command("mode", ("m",), "[written | train | eval]", "run again as written, in train or in eval mode", True),
    Command("diff", ("d",), "[now | both | before]", "compare with the run before the edits", True),
    Command("predict", ("p",), "[ANSWER]", "predict before reveal", False),
    Command("copy", ("y",), "[cell | slice | explanation]", "copy to the clipboard", True),
    Command("where", (), "", "the calls around this step, with their source lines", False),
    Command("list", ("l",), "[source | steps | tensors | breakpoints | watches | changes]", "list the source around this step, or all of a kind", False),
    Command("stats", (), "[TENSOR]", "statistics of a tensor", True),
    Command("save", (), "FILE", "save the trace", True, "save run.safetensors"),
    Command("help", ("h", "?"), "[COMMAND]", "all commands, or one", False),
    Command("quit", ("q",), "", "leave", False),
)


def find_command(word: str) -> Command:
    """The command called `word`, by name or alias.

    Raises:
        CommandError: there is none; the sentence gives the nearest.
    """
    raise NotImplementedError
