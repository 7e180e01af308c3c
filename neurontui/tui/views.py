"""What the panes show, taken from the debugger: frozen pieces, nothing is worked out here that it does not know already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from neurontui.errors import NeuronTUIError
from neurontui.explanation import Explanation
from neurontui.records import Step, Value
from neurontui.rendering import Look
from neurontui.rendering.differences import same_number, watch_line
from neurontui.rendering.explanations import explanation_text
from neurontui.rendering.lines import wrap_line
from neurontui.rendering.pictures import pictures_of
from neurontui.rendering.positions import Position
from neurontui.rendering.statistics import statistics_lines
from neurontui.rendering.steps import StepMarks
from neurontui.rendering.uses import say_use
from neurontui.text import clean, format_index, format_number

if TYPE_CHECKING:
    from neurontui.debugger import Debugger, Shown, Statistics, Watched

SOON = 50  # steps in which the next use of a tensor is looked for
MANY = 10_000  # cells: more than these are not marked one by one
FEW = 64  # terms whose factors are marked where there is no picture of them

Index = tuple[int, ...]


def position_of(debugger: Debugger) -> Position:
    """What the position line says."""
    run = debugger.run.run
    seed = None if run is None else run.file_seed if run.seed is None else run.seed
    return Position(debugger.trace, debugger.index, seed, len(debugger.opened), debugger.edits)


def marks_of(debugger: Debugger, index: int, folded: bool) -> StepMarks:
    """What is to be seen beside a step."""
    return StepMarks(
        current=index == debugger.index,
        breakpoint=debugger.stops_at(index) is not None,
        folded=folded,
        bad=debugger.mark(index) or "",
        changed=debugger.changed(index),
    )


def watch_lines(watched: Sequence[Watched], width: int, look: Look) -> list[Text]:
    """A row for each pinned value; its name stands above where both do not fit beside one another."""
    lines = []
    for one in watched:
        name = format_index(one.watch.target, one.watch.at)
        whole, bare = (watch_line(words, one.before, one.now, width, look) for words in (name, ""))
        fits = name in whole.plain
        lines += [whole] if fits else [Text(clean(name), look.palette.style("text"), no_wrap=True), bare]
    return lines


def measure_lines(statistics: Statistics | None, width: int, height: int, look: Look) -> list[Text]:
    """A tensor's statistics with its histogram below."""
    if statistics is None:
        return [Text("measuring …", look.palette.style("dim"))]
    return list(statistics_lines(statistics, width, look))


def most_wanted(tensors: Sequence[Shown], chosen: Shown | None) -> list[Shown]:
    """The tensors in the order in which their statistics are wanted: the one that is looked at, the outputs, the others."""
    return sorted(tensors, key=lambda shown: (shown is not chosen, shown.role != "output"))


def all_measure_lines(measures: Sequence[tuple[str, Statistics | None]], width: int, height: int, look: Look) -> list[Text]:
    """The statistics of several tensors below one another."""
    lines: list[Text] = []
    for title, statistics in measures:
        lines += [Text(clean(title), look.palette.style("accent", bold=True)), *measure_lines(statistics, width, height, look), Text("")]
    return lines


def marked_cells(why: Explanation | None, argument: str) -> Collection[Index]:
    """The cells of an argument that the explanation speaks of: a convolution's window, a norm's column, what an activation was given."""
    if why is None:
        return ()
    cells: set[Index] = set()
    for picture in pictures_of(why, argument):
        if len(picture.cells) <= MANY:
            cells.update(picture.cells)
    return cells or {factor.index for term in why.terms[:FEW] for factor in term.factors if factor.name == argument}


def spoken_cells(why: Explanation | None) -> dict[str, Index]:
    """By argument, the first cell that the explanation speaks of: of its pictures, else of its first term."""
    if why is None:
        return {}
    read = {factor.name: factor.index for factor in (why.terms[0].factors if len(why.terms) else ())[:8]}
    return read | {picture.argument: tuple(picture.cells[0]) for picture in reversed(why.pictures) if len(picture.cells)}


def has_stages(debugger: Debugger) -> bool:
    """Whether there are stages of the explanation to look into."""
    why = debugger.known_explanation
    return debugger.place.stage is not None or (why is not None and bool(why.stages))


def has_slices(debugger: Debugger) -> bool:
    """Whether the tensor that is looked at has other slices than the one that is seen."""
    shape = debugger.shown.value.shape if debugger.shown is not None else ()
    return any(fixed is not None and size > 1 for fixed, size in zip(debugger.place.plane, shape, strict=False))


def hint_lines(debugger: Debugger, look: Look) -> list[Text]:
    """What a newcomer may do with an explanation: follow a term, or go on to the step that takes this number."""
    key, text, dim = look.palette.style("accent", bold=True), look.palette.style("text"), look.palette.style("dim")
    why = debugger.known_explanation
    asks = Text.assemble(("enter", key), (" on a term: where does it come from?", text), no_wrap=True, end="")
    lines = [asks] if why is not None and len(why.terms) else []
    step = _next_use(debugger)
    if step is not None:
        use, in_place = say_use(step)
        line = Text.assemble(("next ", key), (f"{clean(step.name)} (%{step.index})", text), (f" {use}", dim), no_wrap=True, end="")
        now, then = (_number_at(one.output, debugger.at) for one in (debugger.step, step)) if in_place else (None, None)
        if now is not None and then is not None:
            line.append(f": {format_number(now)} {look.glyphs.arrow} {format_number(then)}", dim)
        lines.append(line)
    return lines


def _next_use(debugger: Debugger) -> Step | None:
    """The next function that takes the tensor that this step gave, where it comes soon."""
    made = debugger.step.output
    later = debugger.trace.steps[debugger.index + 1 : debugger.index + 1 + SOON]
    return next((step for step in later if step.kind != "module" and any(one is made for one in step.inputs.values())), None)


def number_before(debugger: Debugger) -> float | None:
    """What the element that is explained was in the run before the edits, where they changed it."""
    shown = next((shown for shown in debugger.tensors() if shown.output == debugger.place.output), None)
    if shown is None or debugger.place.stage is not None:
        return None
    then, now = (_number_at(value, debugger.at) for value in (shown.before, shown.value))
    return None if same_number(then, now) else then


def _number_at(output: object, at: Index | None) -> float | None:
    """The element `at` of an output that is one tensor of numbers, where it has it."""
    if not isinstance(output, Value) or at is None or len(at) != len(output.shape):
        return None
    if any(place >= size for place, size in zip(at, output.shape, strict=True)):
        return None
    try:
        number = output.numbers()[at].item()
    except NeuronTUIError:
        return None
    return number if isinstance(number, float | int) else None


def cell_target(debugger: Debugger) -> str:
    """What `set` calls the number under the cursor; "" where it cannot be set."""
    shown, cell = debugger.shown, debugger.place.cell
    return format_index(shown.target, cell) if shown is not None and cell is not None and shown.target else ""


def term_target(debugger: Debugger, why: Explanation | None, term: int | None) -> str:
    """What `set` calls a number of a term: its weight, else its input, else the output of the step that made it."""
    if why is None or term is None or not 0 <= term < len(why.terms):
        return ""
    origins = [factor.origin for factor in why.terms[term].factors]
    for kind in ("parameter", "buffer", "input", "step"):
        for origin in origins:
            if origin.kind != kind or origin.index is None:
                continue
            made_by = debugger.trace.steps[origin.step].name if origin.step is not None and origin.output == 0 else ""
            name = made_by if kind == "step" else origin.name
            if name:
                return format_index(name, origin.index)
    return ""


def written(subject: object) -> str:
    """What a copy leaves in the clipboard: text as it is, an explanation line by line."""
    return explanation_text(subject, 100).plain if isinstance(subject, Explanation) else str(subject)


def page_of(lines: Sequence[Any]) -> Callable[[int], list[Text]]:
    """Sentences as the lines of a page: what makes them for its width."""
    return lambda width: [part for line in lines for part in wrap_line(Text(str(line)), width, 2)]
