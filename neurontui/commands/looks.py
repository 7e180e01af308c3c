"""Commands that look at tensors and explanations, and copy them."""

from __future__ import annotations

import math
from typing import cast

from neurontui.commands.moves import describe_step
from neurontui.commands.parsing import choose_word, expect_nothing, split_element
from neurontui.commands.replies import Reply
from neurontui.debugger import Debugger
from neurontui.debugger.indices import format_plane, parse_index, parse_plane
from neurontui.debugger.places import Place, View
from neurontui.debugger.reading import read_element, read_slice
from neurontui.debugger.shown import short_titles
from neurontui.debugger.statistics import statistics_rows
from neurontui.errors import CommandError, StepError, message_of, name_type
from neurontui.origins import say_overwriting
from neurontui.text import clean, exact_number, format_index, format_shape, short_number

MOST_COPIED = 100_000  # elements of a slice


def why(debugger: Debugger, rest: str) -> Reply:
    """Explains an element of an output, or goes to where an input's element was made."""
    if not rest.strip() and debugger.step.error is not None and debugger.at is None:
        return _explain_crash(debugger)
    name, index = name_element(debugger, rest)
    if name and index is None and _is_index(debugger, name):
        name, index = "", name
    start = debugger.place
    said = debugger.why(name, None if index is None else parse_index(index))
    return _followed(debugger, said, start) if said else _explained(debugger)


def follow(debugger: Debugger, rest: str) -> Reply:
    """To where a term of the explanation came from."""
    words = rest.split()
    if words and not words[0].isdecimal():
        raise CommandError(f"{clean(words[0])!r} is no term: give its number, and a factor's name if need be, as in follow 1 input.")
    start = debugger.place
    return _followed(debugger, debugger.follow(int(words[0]) if words else 0, " ".join(words[1:])), start)


def stage(debugger: Debugger, rest: str) -> Reply:
    """A stage of the explanation by its number, or the next one, or the whole."""
    word = rest.strip()
    if word in ("next", "back"):
        if not debugger.stage_next(word == "back"):
            which = "whole explanation" if debugger.place.stage is None else "last stage"
            return Reply("stayed", (f"This is the {which}.",), debugger.step)
    elif word == "whole" or word.isdecimal():
        debugger.look_at_stage(None if word == "whole" else int(word))
    else:
        raise CommandError(f"{clean(word)!r} is no stage: give its number from 0 on, next, back or whole.")
    return _explained(debugger)


def at(debugger: Debugger, rest: str) -> Reply:
    """Makes an element of the output the one that is explained."""
    cell = debugger.explain_at(parse_index(rest))
    return Reply("shown", (f"{describe_step(debugger)}, element {format_shape(cell)}.",), debugger.shown)


def show(debugger: Debugger, rest: str, back: bool = False) -> Reply:
    """A tensor, or a slice of it; `next` and `back` for the next and the previous one of either."""
    words = rest.split()
    if back or (words and words[0] in ("next", "back") and words[1:] in ([], ["slice"])):
        return _show_next(debugger, words, back)
    name, plane = name_element(debugger, rest)
    debugger.show(name, None if plane is None else parse_plane(plane))
    return _shown(debugger)


def view(debugger: Debugger, rest: str) -> Reply:
    """Numbers, heat map or statistics; exact digits on or off."""
    word = choose_word(rest, ("numbers", "heat", "stats", "exact"), "view")
    if word == "exact":
        debugger.exact = not debugger.exact
        return Reply("shown", (f"Exact digits are {'on' if debugger.exact else 'off'}.",), debugger.shown)
    debugger.view = cast("View", word)
    return Reply("shown", (f"Tensors are shown as {word}.",), debugger.shown)


def stats(debugger: Debugger, rest: str) -> Reply:
    """Statistics of a tensor."""
    shown = debugger.find_shown(rest.strip())
    statistics = debugger.statistics(shown.value)
    facts = (f"{name} {number}" for name, number in statistics_rows(statistics))
    return Reply("said", (f"{clean(shown.title)} {format_shape(shown.value.shape)}", *facts), statistics)


def copy(debugger: Debugger, rest: str) -> Reply:
    """The cell under the cursor, the slice, or the explanation, for the clipboard."""
    what = choose_word(rest or "cell", ("cell", "slice", "explanation"), "thing to copy")
    if what == "explanation":
        explanation = debugger.explanation()
        if explanation is None:
            raise CommandError("Nothing is explained here, so there is no explanation to copy.")
        return Reply("copied", ("The explanation was copied.",), explanation)
    if what == "slice":
        return Reply("copied", ("The slice was copied, with tabs between its columns.",), _write_slice(debugger))
    text = _write_cell(debugger)
    return Reply("copied", (f"{text} was copied.",), text)


def name_element(debugger: Debugger, text: str) -> tuple[str, str | None]:
    """A tensor's name and its index; some names end with brackets themselves: "tensors[0]" here, "y[0]" of another step."""
    here = tuple(title for shown in debugger.tensors() for title in (shown.title, *short_titles(shown)))
    name, index = split_element(text, here)
    if name and index is not None and not debugger.has_tensor(name) and debugger.has_tensor(name + index):
        return name + index, None
    return name, index


def _is_index(debugger: Debugger, words: str) -> bool:
    """Whether `0,2` was meant as `[0,2]`: a layer of a Sequential may be called `0`."""
    try:
        parse_index(words)
        debugger.find_shown(words)
    except CommandError:
        return False
    except StepError:
        return True
    return False


def _explained(debugger: Debugger) -> Reply:
    return Reply("explained", (describe_step(debugger),), debugger.explanation())


def _followed(debugger: Debugger, said: str, start: Place) -> Reply:
    """Where a factor led: to another explanation, to a tensor that no step made, or nowhere."""
    if debugger.place == start:
        return Reply("stayed", (said,), debugger.step)
    shown = debugger.shown
    if shown is not None and shown.output is None:
        return Reply("shown", (said,), shown)
    return Reply("explained", (said,), debugger.explanation())


def reach(debugger: Debugger, rest: str) -> Reply:
    """How an element, by default the one under the cursor, moves the output of a later step."""
    element, bracket, later = rest.rpartition("]")
    if bracket:
        name, index = name_element(debugger, element + bracket)
        debugger.show(name)
        debugger.point(parse_index(index or ""))
    found = debugger.reach(later.strip().removeprefix("to ").strip() or ".")
    element = format_index(clean(found.source), found.at)
    count = math.prod(found.slopes.shape)
    head = f"A small change of {element} moves {found.touched} of {count} elements of {describe_step(debugger)}."
    rows = (f"{format_index('output', index)} by {short_number(slope)} times as much" for index, slope in found.largest)
    notes = (clean(found.note),) if found.note else ()
    return Reply("moved", (describe_step(debugger), head, *rows, *notes), debugger.step)


def nan(debugger: Debugger, rest: str) -> Reply:
    """To the call that made the first NaN, or else the first infinity."""
    expect_nothing(rest, "nan")
    found = debugger.nonfinite()
    if found is None:
        return _go_to_marked(debugger)
    if found.step is None:
        debugger.show(found.name)
        debugger.point(found.at)
    else:
        debugger.goto(found.step)
        debugger.explain_at(found.at, found.output)
    return Reply("moved", (describe_step(debugger), clean(found.sentence)), debugger.step)


def _go_to_marked(debugger: Debugger) -> Reply:
    """To the first call that gave a NaN or an infinity in a tensor where none of its elements can be named: a sparse or a nested one."""
    debugger.scan()
    calls = (step.index for step in debugger.trace.steps if step.kind != "module")
    index = next((index for index in calls if debugger.mark(index) in ("nan", "inf")), None)
    if index is None:
        return Reply("stayed", ("Every number here is finite.",), debugger.step)
    debugger.goto(index)
    word = "NaN" if debugger.mark(index) == "nan" else "infinity"
    return Reply(
        "moved",
        (describe_step(debugger), f"This is the first call that gave a {word}, in a tensor whose elements have no index here."),
        debugger.step,
    )


def _explain_crash(debugger: Debugger) -> Reply:
    """Why this call raised; of an exception that the model caught itself, its words."""
    error = debugger.step.error
    raised = f"{describe_step(debugger)} raised {clean(name_type(error))}: {clean(message_of(error))}"
    return Reply("explained", (raised,), debugger.failure() if not debugger.opened else None)


def _show_next(debugger: Debugger, words: list[str], back: bool) -> Reply:
    backwards = back or words[0] == "back"
    of_slice = "slice" in words
    if (debugger.slice_next if of_slice else debugger.show_next)(backwards):
        return _shown(debugger)
    which = f"{'first' if backwards else 'last'} {'slice' if of_slice else 'tensor of this step'}"
    return Reply("stayed", (f"This is the {which}.",), debugger.step)


def _shown(debugger: Debugger) -> Reply:
    shown = debugger.find_shown()
    plane = format_plane(debugger.place.plane) if any(place is not None for place in debugger.place.plane) else ""
    head = f"{clean(shown.title)}{plane} of {describe_step(debugger)}, shape {format_shape(shown.value.shape)}."
    told = () if shown.overwritten is None else (say_overwriting(shown.overwritten),)
    return Reply("shown", (head, *told), shown)


def _write_cell(debugger: Debugger) -> str:
    shown, cell = debugger.find_shown(), debugger.place.cell
    if cell is None:
        raise CommandError(f"{format_index(clean(shown.title), shown.value.shape)} is empty, so there is no cell to copy.")
    return exact_number(read_element(shown.value, cell), shown.value.dtype)


def _write_slice(debugger: Debugger) -> str:
    """Rows of exact numbers with tabs between, as spreadsheets take them; a vector is a column."""
    shown = debugger.find_shown()
    plane, shape = debugger.place.plane, shown.value.shape
    count = math.prod(size for size, place in zip(shape, plane, strict=True) if place is None)
    if count > MOST_COPIED:
        raise CommandError(f"The slice has {count} elements, and at most {MOST_COPIED} can be copied: save the trace instead.")
    rows = read_slice(shown.value, plane)
    return "\n".join("\t".join(exact_number(number, shown.value.dtype) for number in row) for row in rows)
