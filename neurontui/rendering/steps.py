"""The call tree, a line a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from neurontui.errors import name_type
from neurontui.records import Step, Trace, Value
from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of
from neurontui.text import clean, format_shapes

DEFAULT = Look()


@dataclass(frozen=True, slots=True)
class StepMarks:
    """What a step's line shows beside the step itself."""

    current: bool = False  # the debugger stands here
    breakpoint: bool = False
    folded: bool = False
    bad: str = ""  # "nan" or "inf" where the output has one
    changed: bool = False  # differs from the first run, before all changes
    note: str = ""  # a word at the end of the name, dimmed


NO_MARKS = StepMarks()
NAME = 12  # cells: shapes that leave a name fewer than these are left out
BAD_WORDS = {"nan": "NaN!", "inf": "Inf!"}  # "error" is told from the step itself


def step_title(step: Step, trace: Trace | None = None) -> str:
    """What a step is called in the tree: `fc1`, `linear`, the class name for the model itself; cleaned.

    In its `trace` a module is called by its path below the one that calls it: `blocks.0`, since a ModuleList makes no step of its own.
    """
    if step.kind == "module":
        name = step.op.rsplit(".", 1)[-1] if step.path in (".", "") else _path_below(step, trace)
    else:
        name = step.name.rsplit("/", 1)[-1]
    return clean(name if step.call <= 1 or "#" in name else f"{name}#{step.call}")


def _path_below(step: Step, trace: Trace | None) -> str:
    around = trace.steps[step.parent].path if trace is not None and step.parent is not None else step.path.rpartition(".")[0]
    inside = step.path.removeprefix(f"{around}.")
    return inside if around in (".", "") or inside != step.path else step.path.rsplit(".", 1)[-1]


def step_name(step: Step) -> str:
    """A step's whole name; the model itself by its class; cleaned."""
    return step_title(step) if step.name == "." else clean(step.name)


def step_type(step: Step) -> str:
    """A module's class (`Linear`), `""` for functions, kernels and the model itself; cleaned."""
    return clean(step.op.rsplit(".", 1)[-1]) if step.kind == "module" and step.path not in (".", "") else ""


def shapes_taken(step: Step, most: int | None = None) -> str:
    """The shapes of the tensors that went in, a layer's own parameters and buffers left out where something else went in too.

    Of more than `most` tensors the first ones stand for all: `"[1, 64, 8, 8], …"`.
    """
    values = list(_values_in((step.args, tuple(step.kwargs.values()))))
    data = [value for value in values if value.role not in ("parameter", "buffer")] or values
    return format_shapes(data) if most is None or len(data) <= most else f"{format_shapes(data[:most])}, …"


def _values_in(structure: Any) -> list[Value]:
    if isinstance(structure, Value):
        return [structure]
    parts = structure.values() if isinstance(structure, Mapping) else structure if isinstance(structure, (tuple, list)) else ()
    return [value for part in parts for value in _values_in(part)]


def step_shapes(step: Step, look: Look = DEFAULT, most: int | None = None) -> str:
    """`"[2] → [1]"`: the shapes that went in (of more than `most`, the first) and came out; `✗` where the call raised."""
    taken, given = spell_signs(shapes_taken(step, most), look), _shapes_given(step, look)
    if not taken or not given:
        return taken or given
    return f"{taken} {look.glyphs.arrow} {given}"


def short_shapes(step: Step, look: Look = DEFAULT, most: int = 3) -> str:
    """What came out alone, where a line has no room for both: `"→ [1]"`; of more than `most` tensors the first."""
    given = _shapes_given(step, look, most)
    return f"{look.glyphs.arrow} {given}" if given else ""


def _shapes_given(step: Step, look: Look, most: int = 3) -> str:
    return look.glyphs.wrong if step.error is not None else spell_signs(format_shapes(step.output, most), look)


def depth_of(trace: Trace, index: int) -> int:
    """How deep a step lies in the call tree; the model itself is 0."""
    depth, parent = 0, trace.steps[index].parent
    while parent is not None:
        depth, parent = depth + 1, trace.steps[parent].parent
    return depth


def line_width(trace: Trace, index: int, look: Look = DEFAULT, *, short: bool = False) -> int:
    """The cells that the line of a step takes, the shapes of one input and of the output included; or `short`, as `step_line` draws it."""
    step = trace.steps[index]
    left = len(step_title(step, trace)) + len(step_type(step)) + (1 if short else 2) * depth_of(trace, index) + 5
    return left + cell_len(short_shapes(step, look) if short else step_shapes(step, look, most=1)) + 2


def step_line(
    trace: Trace,
    index: int,
    width: int,
    marks: StepMarks = NO_MARKS,
    look: Look = DEFAULT,
    depth: int | None = None,
    *,
    short: bool = False,
) -> Text:
    """One line of the call tree, exactly `width` cells: marks, indent, title, class, and the shapes set right.

    `depth` is the step's depth in the tree where the caller knows it (else the parents are walked). `short` leaves out the shapes that
    went in and half of the indent, in every line alike; without it the shapes are left out where the line has no room.
    """
    step = trace.steps[index]
    depth = min(depth_of(trace, index) if depth is None else depth, max(width // 6, 2))
    name, signs, note = _left_parts(trace, step, (" " if short else "  ") * depth, marks, look)
    left = line_of(name, signs, note)
    right = short_shapes(step, look) if short else step_shapes(step, look)
    if not short and left.cell_len + cell_len(right) + 2 > width:
        right = step_shapes(step, look, most=1)
    if left.cell_len + cell_len(right) + 2 > width:
        right = short_shapes(step, look)
    if left.cell_len + cell_len(right) + 2 > width:
        right = short_shapes(step, look, most=1)
    room = width - cell_len(right) - 2
    if left.cell_len > room and room < NAME:
        right, room = "", width - 1
    name.truncate(max(room - signs.cell_len, 0), overflow=overflow_of(look))  # what is wrong with a step is said even where its name is cut
    left = line_of(name, signs, note)
    left.truncate(max(room, 0), overflow=overflow_of(look))
    style = look.palette.style("text" if marks.current else "dim", bold=marks.current)
    left.append(" " * (width - 1 - left.cell_len - cell_len(right)))
    left.append(right, look.palette.style("wrong") if step.error is not None else style)
    left.append(" ")
    left.truncate(width)
    if marks.current:
        left.stylize_before(look.palette.style("text", bold=True, background=look.palette.current))
    return left


def _left_parts(trace: Trace, step: Step, indent: str, marks: StepMarks, look: Look) -> tuple[Text, Text, Text]:
    """The step's name with what stands before it and its class, the signs of what is wrong with it or changed, and its note."""
    palette, glyphs = look.palette, look.glyphs
    line = Text(no_wrap=True, end="")
    line.append(glyphs.current if marks.current else " ", palette.style("accent", bold=True))
    line.append(glyphs.breakpoint if marks.breakpoint else " ", palette.style("wrong"))
    fold = (glyphs.closed if marks.folded else glyphs.open) if step.end > step.index + 1 else " "
    line.append(f"{indent}{fold} ", palette.style("dim"))
    title = step_title(step, trace)
    line.append(title, palette.style("wrong" if step.error is not None else "text", bold=marks.current or step.error is not None))
    kind = step_type(step)
    if kind and kind != title:
        line.append(f" {kind}", palette.style("dim"))
    signs = Text(no_wrap=True, end="")
    if step.error is not None:
        signs.append(f" {glyphs.wrong}", palette.style("wrong", bold=True))
    if marks.bad in BAD_WORDS:
        signs.append(f" {BAD_WORDS[marks.bad]}", palette.style("wrong", bold=True))
    if marks.changed:
        signs.append(f" {glyphs.changed}", palette.style("warn", bold=True))
    note = clean(marks.note or step.note)
    return line, signs, line_of((f" {note}", palette.style("dim")) if note else "")


def plain_step(step: Step) -> str:
    """A step for a screen reader: `"step 2, fc1/linear, takes [2], gives [2]"`."""
    is_model = step.kind == "module" and step.path in (".", "")
    words = [f"step {step.index}", f"the model {step_title(step)}" if is_model else clean(step.name)]
    if step_type(step):
        words.append(step_type(step))
    if taken := shapes_taken(step):
        words.append(f"takes {taken}")
    if step.error is not None:
        words.append(f"raised {clean(name_type(step.error))}")
    elif format_shapes(step.output):
        words.append(f"gives {format_shapes(step.output)}")
    if step.note:
        words.append(clean(step.note))
    return ", ".join(words)
