"""Commands that run the model again, compare and save."""

from __future__ import annotations

from typing import cast

from neurontui.commands.looks import name_element
from neurontui.commands.parsing import choose_word, expect_nothing, parse_number, parse_seed
from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger
from neurontui.debugger.indices import parse_index
from neurontui.debugger.modes import MODES, state_word
from neurontui.debugger.places import Comparing, Mode
from neurontui.debugger.shown import label_target
from neurontui.errors import CommandError, name_type
from neurontui.text import clean

COMPARING: tuple[Comparing, ...] = ("now", "both", "before")


def set_(debugger: Debugger, rest: str) -> Reply:
    """Sets one number and runs again."""
    target, equals, number = rest.rpartition("=")
    if not equals or not target.strip() or not number.strip():
        raise CommandError("set needs a tensor's element and a number, as in set fc1.weight[0,1] = 2.")
    name, index = name_element(debugger, target)
    debugger.set(name, parse_index(index or ""), parse_number(number))
    return _ran(debugger, f"{debugger.runs[-1].change}.")


def undo(debugger: Debugger, rest: str) -> Reply:
    """Takes the last change back."""
    expect_nothing(rest, "undo")
    change = debugger.undo()
    if not change:
        return Reply("stayed", ("There is no change to take back.",), debugger.step)
    return Reply("ran", (f"Taken back: {change}.",), debugger.step)


def seed(debugger: Debugger, rest: str) -> Reply:
    """Runs again with another seed."""
    return _ran(debugger, f"Run again with seed {debugger.seed(parse_seed(rest))}.")


def mode(debugger: Debugger, rest: str) -> Reply:
    """Runs again as written, in train or in eval mode."""
    wanted = cast("Mode", choose_word(rest, MODES, "mode")) if rest.strip() else None
    before = state_word(debugger.run)
    chosen = debugger.set_mode(wanted)
    after = state_word(debugger.run)
    as_written = ", as the model is written" if chosen == "written" else ""
    said = f"From {before} to {after}" if before != after else f"{after}, as before" if after else f"Run again in {chosen} mode"
    return _ran(debugger, f"{said}{as_written}.")


def diff(debugger: Debugger, rest: str) -> Reply:
    """Compares with the first run, before all changes; now, both, before say what is shown of the two."""
    wanted = choose_word(rest, COMPARING, "way to compare") if rest.strip() else ""
    difference = debugger.diff()
    if difference is None:
        raise CommandError("Nothing was changed yet, so there is no earlier run to compare with: set a number, a seed or a mode first.")
    following = COMPARING[(COMPARING.index(debugger.standing.comparing) + 1) % len(COMPARING)]
    debugger.show_compared(cast("Comparing", wanted or following))
    return Reply("said", (describe_changes(debugger), f"Tensors show: {debugger.standing.comparing}."), difference)


def save(debugger: Debugger, rest: str) -> Reply:
    """Saves the present run; as an .svg, a picture of the screen, which whoever shows one has to take."""
    from neurontui.storage import save as save_trace

    path = rest.strip()
    if not path:
        raise CommandError("save needs a file name, as in save run.safetensors.")
    if path.lower().endswith(".svg"):
        said = "There is no screen here to take a picture of: `neurontui export MODEL -o x.svg` draws the app's."
        return Reply("screenshot", (said,), path)
    if not path.lower().endswith(".safetensors"):
        raise CommandError(f"save writes a trace, which ends in .safetensors, or a picture, in .svg; {clean(path)} ends in neither.")
    save_trace(debugger.run, path)
    return Reply("said", (f"Saved as {clean(path)}.",))


def describe_changes(debugger: Debugger) -> str:
    """How many steps differ from the first run, and which one first; what changed since then is counted, where that is not one thing."""
    from neurontui.comparison import find_first_divergence

    rows = debugger.compare()
    differing = sum(row.status != "equal" for row in rows)
    changes = len(debugger.runs) - 1
    if debugger.first is None or not differing:
        return f"Every step gives the same as {_say_first('before', changes)}."
    first = find_first_divergence(rows, debugger.first, debugger.run)
    where = f", first {clean(label_target(debugger.run, first.name))}" if first else ""
    return f"{differing} of {len(rows)} steps differ from {_say_first('the run before', changes)}{where}."


def _say_first(words: str, changes: int) -> str:
    """The run that all is held against: after one change it is the run before."""
    return words if changes <= 1 else f"the first run, before the {changes} changes"


def _ran(debugger: Debugger, said: str) -> Reply:
    error = debugger.run.error
    stopped = (f"The forward raised {clean(name_type(error))}.",) if error is not None else ()
    return Reply("ran", (said, describe_changes(debugger), *stopped), debugger.step)
