"""The table of commands: the prompt, the palette, `help` and plain mode read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from neurontui.commands import changes, lists, looks, moves, stops
from neurontui.commands.parsing import expect_nothing
from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger
from neurontui.errors import CommandError, nearest
from neurontui.text import clean


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `torch` says that it may run the model or torch, so that a screen runs it in a worker."""

    name: str
    aliases: tuple[str, ...]
    arguments: str  # "NAME | %INDEX", as help shows it
    help: str  # one line
    torch: bool
    run: Callable[[Debugger, str], Reply] = field(repr=False)
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackwardCommand:
    """What `back WORD` does, and the capital letter that is short for it."""

    name: str
    alias: str
    run: Callable[[Debugger, str, bool], Reply] = field(repr=False)


BACKWARD: tuple[BackwardCommand, ...] = (
    BackwardCommand("next", "N", moves.next_),
    BackwardCommand("step", "S", moves.step),
    BackwardCommand("return", "R", moves.return_),
    BackwardCommand("continue", "C", moves.continue_),
    BackwardCommand("find", "", moves.find),
    BackwardCommand("show", "", looks.show),
)


def back(debugger: Debugger, rest: str) -> Reply:
    """`back next` and so on; `back` and `back 2` are `back next` and `back next 2`."""
    word, _, arguments = (f"next {rest}" if rest.strip().isdecimal() or not rest.strip() else rest).strip().partition(" ")
    for command in BACKWARD:
        if word in (command.name, command.name[0]):
            return command.run(debugger, arguments, True)
    names = [command.name for command in BACKWARD]
    raise CommandError(f"back {clean(word)} is no move: take one of {', '.join(names)}{nearest(word, names) or '.'}")


def help_(debugger: Debugger, rest: str) -> Reply:
    """All commands, or one."""
    if not rest.strip():
        return Reply("said", tuple(describe_command(command) for command in COMMANDS))
    command = find_command(rest.strip())
    examples = (f"For example: {', or '.join(command.examples)}.",) if command.examples else ()
    return Reply("said", (describe_command(command), *examples))


def predict(debugger: Debugger, rest: str) -> Reply:
    """Asks whoever runs the commands for a question on what comes, or hands the answer on."""
    return Reply("predict", (), rest.strip())


def quit_(debugger: Debugger, rest: str) -> Reply:
    """Leaves."""
    expect_nothing(rest, "quit")
    return Reply("quit")


COMMANDS: tuple[Command, ...] = (
    Command("next", ("n",), "[COUNT]", "the next step that is not inside this one", False, moves.next_, ("next", "next 3")),
    Command("step", ("s",), "[COUNT]", "the next step, into calls", False, moves.step, ("step", "step 3")),
    Command("return", ("r",), "[COUNT]", "out of the enclosing call, to the step after it", False, moves.return_, ("return",)),
    Command("continue", ("c",), "", "on to the next breakpoint, or to the call that failed", True, moves.continue_),
    Command("back", (), "[next | step | return | continue | find | show]", "the same backwards", True, back, ("back next", "back step 3")),
    Command("open", ("k",), "", "open this call into its kernels; return at their top closes them", True, moves.open_),
    Command("why", (), "[TENSOR][INDEX]", "explain an output's element; or go where an input's was made", True, looks.why,
            ("why fc1/linear[0]", "why input[1]")),
    Command("follow", ("f",), "[TERM [FACTOR]]", "go to where a term of the explanation came from", True, looks.follow,
            ("follow 1 input",)),
    Command("stage", (), "NUMBER | next | back | whole", "look at a stage of the explanation", True, looks.stage,
            ("stage 0", "stage next")),
    Command("unfollow", (), "", "back to where a follow, goto or find came from", False, moves.unfollow),
    Command("show", (), "[TENSOR][SLICE] | next [slice] | back [slice]", "look at a tensor, or a slice of it", False, looks.show,
            ("show fc1.weight[0, :]", "show next")),
    Command("goto", ("g",), "NAME | %INDEX", "go to a step", False, moves.goto, ("goto fc1/linear", "goto %2")),
    Command("at", ("@",), "INDEX", "explain this element of the output", False, looks.at, ("at 0,2",)),
    Command("find", ("/",), "[TEXT]", "the next step whose name or operation has TEXT in it", False, moves.find, ("find relu",)),
    Command("break", ("b",), "[NAME] [CONDITION]", "set or remove a breakpoint: here, at a name, on a condition", False, stops.break_,
            ("break fc1", "break nan", "break fc1 absmax > 10", "break fc1[0] < 0")),
    Command("clear", (), "[NUMBER]", "remove a breakpoint, or all", False, stops.clear, ("clear 1",)),
    Command("watch", ("w",), "[TENSOR][INDEX]", "pin a value, or let it go", False, stops.watch, ("watch fc1.weight[0, 1]",)),
    Command("unwatch", (), "[NUMBER]", "remove a watch, or all", False, stops.unwatch, ("unwatch 1",)),
    Command("reach", (), "[TENSOR[INDEX]] [NAME]", "show how an element moves a later step's output", True, looks.reach,
            ("reach fc2", "reach x[1] fc2")),
    Command("nan", (), "", "go to where the first NaN or infinity was made", True, looks.nan),
    Command("view", (), "numbers | heat | stats | exact", "how tensors are shown; exact digits on or off", False, looks.view,
            ("view heat",)),
    Command("stats", (), "[TENSOR]", "statistics of a tensor", True, looks.stats, ("stats weight",)),
    Command("set", ("e",), "TENSOR[INDEX] = NUMBER", "set one number and run again", True, changes.set_,
            ("set fc1.weight[0,1] = 2", "set x[0] = 3", "set fc1/linear[0] = 1")),
    Command("undo", ("u",), "", "take the last change back", True, changes.undo),
    Command("seed", ("x",), "[NUMBER]", "run again with another seed", True, changes.seed, ("seed 3",)),
    Command("mode", ("m",), "[written | train | eval]", "run again as written, in train or in eval mode", True, changes.mode,
            ("mode eval",)),
    Command("diff", ("d",), "[now | both | before]", "compare with the first run, before all changes", True, changes.diff, ("diff both",)),
    Command("predict", ("p",), "[KIND | ANSWER]", "predict before reveal: a question about this place", False, predict, ("predict shape",)),
    Command("copy", ("y",), "[cell | slice | explanation]", "copy to the clipboard", True, looks.copy, ("copy slice",)),
    Command("where", (), "", "the calls around this step, with their source lines", False, lists.where),
    Command("list", ("l",), f"[{' | '.join(lists.LISTS)}]", "the source around this step, or a list", False, lists.list_, ("list steps",)),
    Command("save", (), "FILE", "save the trace; as .svg, a picture of the screen", True, changes.save, ("save run.safetensors",)),
    Command("help", ("h", "?"), "[COMMAND]", "all commands, or one", False, help_, ("help next",)),
    Command("quit", ("q",), "", "leave", False, quit_),
)  # fmt: skip

_BY_WORD = {word: command for command in COMMANDS for word in (command.name, *command.aliases)}


def find_command(word: str) -> Command:
    """The command called `word`, by name or alias; a longer word by its name in any case.

    Raises:
        CommandError: there is none; the sentence gives the nearest.
    """
    command = _BY_WORD.get(word) or (_BY_WORD.get(word.lower()) if len(word) > 1 else None)
    if command is None:
        names = (known.name for known in COMMANDS)
        raise CommandError(f"There is no command {clean(word)!r} (help lists them all){nearest(word, names) or '.'}")
    return command


def describe_command(command: Command) -> str:
    """`"at (@) INDEX: explain this element of the output"`."""
    aliases = f" ({', '.join(command.aliases)})" if command.aliases else ""
    arguments = f" {command.arguments}" if command.arguments else ""
    return f"{command.name}{aliases}{arguments}: {command.help}"
