"""The position line: where the debugger stands, in what mode, on what data."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from neurontui.records import Step, Trace, leaves
from neurontui.rendering.glyphs import Look
from neurontui.rendering.steps import short_shapes, step_shapes, step_title, step_type
from neurontui.text import clean, format_dtype

DEFAULT = Look()


@dataclass(frozen=True, slots=True)
class Position:
    """What the position line says about the place where the debugger stands."""

    trace: Trace
    index: int
    seed: int | None = None
    depth: int = 0  # opened calls on the stack
    edits: int = 0  # numbers that were set
    warning: str = ""  # "dropout is active under an eval module"


def path_parts(trace: Trace, index: int) -> list[str]:
    """The titles from the model down to this step: `["SimpleANN", "fc1", "linear"]`."""
    parts: list[str] = []
    place: int | None = index
    while place is not None:
        parts.append(step_title(trace.steps[place], trace))
        place = trace.steps[place].parent
    return parts[::-1]


def position_line(position: Position, width: int, look: Look = DEFAULT) -> Text:
    """`SimpleANN › fc1 › linear   [2] → [2]     %2 of 6  TRAIN  grad  seed 1  float32  cpu`, exactly `width` cells.

    Where it is too long, the badges stand closer, then all shapes but one input's go, then the path loses its beginning, then the
    shapes go that went in; only then the least needed badges.
    """
    step = position.trace.steps[position.index]
    badges = _badges(position, step, look)
    lefts = _lefts(position.trace, position.index, look)
    left, right = lefts[0], Text("  ", no_wrap=True, end="").join(badges)
    while left.cell_len > width - right.cell_len - 3:
        right = Text(" ", no_wrap=True, end="").join(badges)
        room = width - right.cell_len - 3
        left = next((one for one in lefts if one.cell_len <= room), lefts[-1])
        if len(badges) <= 2:
            break
        badges.pop()
    left.truncate(max(width - right.cell_len - 3, 0))
    line = Text(" ", no_wrap=True, end="")
    line.append_text(left)
    line.append(" " * (width - 2 - left.cell_len - right.cell_len))
    line.append_text(right)
    line.append(" ")
    line.truncate(width, pad=True)
    return line


def _lefts(trace: Trace, index: int, look: Look) -> list[Text]:
    """The path with the shapes, as long as can be and then shorter and shorter."""
    step, parts = trace.steps[index], path_parts(trace, index)
    whole, one, given = step_shapes(step, look), step_shapes(step, look, most=1), short_shapes(step, look)
    cut = range(len(parts) - 1, 0, -1)
    forms = [(len(parts), whole), (len(parts), one), *((keep, one) for keep in cut if keep > 1), (min(2, len(parts)), given), (1, given)]
    return [_path(parts, keep, shapes, step, look) for keep, shapes in (*forms, (1, ""))]


def _path(parts: list[str], keep: int, shapes: str, step: Step, look: Look) -> Text:
    """The last `keep` parts of the path, the very last bold, and the shapes."""
    palette, glyphs = look.palette, look.glyphs
    shown = parts if keep == len(parts) else [glyphs.ellipsis, *parts[-keep:]]
    line = Text(no_wrap=True, end="")
    if step.error is not None:
        line.append(f"{glyphs.wrong} ", palette.style("wrong", bold=True))
    for part in shown[:-1]:
        line.append(f"{part} {glyphs.separator} ", palette.style("dim"))
    line.append(shown[-1], palette.style("text", bold=True))
    if step_type(step) not in ("", shown[-1]):
        line.append(f" {step_type(step)}", palette.style("dim"))
    if shapes:
        line.append(f"   {shapes}", palette.style("dim"))
    return line


def _badges(position: Position, step: Step, look: Look) -> list[Text]:
    """`%2 of 6`, mode, …: the most needed first."""
    palette = look.palette

    def badge(words: str, style: str = "dim") -> Text:
        return Text(words, palette.style(style), no_wrap=True, end="")

    badges = [badge(f"%{step.index} of {len(position.trace.steps)}", "accent"), mode_badge(position.trace, step, look)]
    if position.edits:
        badges.append(badge(f"edited {position.edits}x" if position.edits > 1 else "edited", "warn"))
    if position.depth:
        badges.append(badge("opened", "accent"))
    if position.warning:
        badges.append(badge(clean(position.warning), "warn"))
    badges.append(badge("grad" if step.grad else "no_grad", "dim" if step.grad else "warn"))
    if position.seed is not None:
        badges.append(badge(f"seed {position.seed}"))
    badges += [badge(words) for words in _placement(step)]
    if step.autocast:
        badges.append(badge(f"autocast {clean(step.autocast)}"))
    return badges


def mode_badge(trace: Trace, step: Step, look: Look = DEFAULT) -> Text:
    """`TRAIN` on a bright ground, `EVAL` plain. Inside an opened call, which has no mode of its own, it is that of the call."""
    while step.training is None and trace.outer is not None:
        trace, index = trace.outer
        step = trace.steps[index]
    if step.training is None:
        return Text("mode ?", look.palette.style("dim"), end="")
    if step.training:
        return Text(" TRAIN ", look.palette.style("warn", bold=True, reverse=True), end="")
    return Text("EVAL", look.palette.style("good", bold=True), end="")


def _placement(step: Step) -> list[str]:
    """Dtype and device of the first tensor that came out, or went in."""
    found = next((value for _, value in leaves((step.output, step.args, step.kwargs))), None)
    return [format_dtype(found.dtype), clean(found.device)] if found is not None else []
