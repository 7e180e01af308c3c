"""What is asked, whether the recomputed number is the kernel's, and where a factor came from."""

from __future__ import annotations

from rich.text import Text

from neurontui.explanation import Explanation, Factor, Number, Origin
from neurontui.origins import find_outermost
from neurontui.records import Trace
from neurontui.rendering.forms import factor_name
from neurontui.rendering.formulas import factor_role
from neurontui.rendering.glyphs import ZERO_WORDS, Look
from neurontui.rendering.lines import line_of, wrap_line
from neurontui.rendering.steps import step_name
from neurontui.text import clean, exact_number, format_index, format_number, short_number

DEFAULT = Look()
METHODS = {
    "formula": "by formula",
    "index": "only moved",
    "element": "that element run again",
    "gradient": "by gradient",
}


def spell(number: Number | None, exact: bool = False) -> str:
    """A number as it is shown, `"?"` where there is none."""
    if number is None:
        return "?"
    return exact_number(number) if exact else format_number(number)


def value_of(why: Explanation) -> Number | None:
    """The number in question: what the kernel gave, or what was recomputed where the kernel stored none."""
    return why.actual if why.actual is not None else why.computed


def output_name(why: Explanation) -> str:
    """`"output[0]"`, `"output 1[0, 2]"` for a second output; a stage's own title."""
    if why.title:
        return clean(why.title)
    return format_index("output" if why.output == 0 else f"output {why.output} ", why.at)


def title_of(why: Explanation, *, hidden: bool = False, exact: bool = False, before: Number | None = None) -> str:
    """`"Why is output[0] = 0.4403? Made by fc2/linear (%5)"`; `hidden` writes `?` for the number (predict before reveal).

    `before` is the number in the run before the edits: `"Why is output[0] = 3.6986? It was -0.9256."`.
    A stage that is several numbers (the context of an attention head) is asked for without one: `"How is context made?"`.
    """
    if why.title and not hidden and value_of(why) is None:
        return f"How is {output_name(why)} made?"
    number = "?" if hidden else spell(value_of(why), exact)
    was = f" It was {spell(before, exact)}." if before is not None and not hidden else ""
    maker = f" Made by {clean(why.made_by)}" if why.made_by and not hidden else ""
    return f"Why is {output_name(why)} = {number}{'' if hidden else '?'}{was}{maker}"


def is_put(why: Explanation) -> bool:
    """Whether nothing was moved here: a number of the code was put (a mask's value, a padding)."""
    return why.method == "index" and all(factor.origin.kind == "literal" for term in why.terms[:1] for factor in term.operands)


def verdict_words(why: Explanation, exact: bool = False) -> tuple[str, str, str]:
    """The verdict as (sign, words, how close): sign is "right", "wrong" or "" where there is nothing to hold it against."""
    if why.actual is None:
        return "", "the kernel never stored this number" if not why.captured else "there is no recorded number to hold it against", ""
    if why.edited:
        formula = f"; the formula gives {spell(why.computed, exact)}" if why.computed is not None else ""
        return "", f"you set this to {short_number(why.actual)}{formula}", ""
    if why.agrees is None or why.computed is None:
        return "", f"{_missing(why)}: there is nothing to hold it against", ""
    allowed = f"allowed {short_number(why.tolerance, 1)}" if why.tolerance else ""
    if why.agrees:
        if why.exact or not why.difference:
            return "right", "they agree", "exact once rounded" if why.difference else "exact"
        return "right", "they agree", f"Δ {short_number(why.difference, 1)}, {allowed}"
    gap = "" if why.difference is None else f" by {short_number(why.difference)}"
    more = f", more than the {short_number(why.tolerance, 1)} that rounding explains" if why.tolerance else ""
    return "wrong", f"they differ{gap}{more}", ""


def _missing(why: Explanation) -> str:
    """What there would have to be for a verdict."""
    if why.computed is None:
        return "it was not calculated again"
    return "nobody wrote this memory" if why.combine == "pick" else "it was drawn at random and cannot be drawn again"


def shown_pair(why: Explanation, exact: bool) -> tuple[str, str]:
    """The recomputed and the kernel's number; with every digit where fewer would make two that differ look the same."""
    pair = spell(why.computed, exact), spell(why.actual, exact)
    if why.agrees is False and pair[0] == pair[1]:
        pair = spell(why.computed, True), spell(why.actual, True)
    return pair


def verdict_line(why: Explanation, width: int, look: Look = DEFAULT, *, exact: bool = False) -> list[Text]:
    """`recomputed -0.9256   kernel -0.9256   ✓ they agree   Δ 6e-08, allowed 4.6e-07`, in one line or two."""
    line = _verdict(why, look, exact, 3)
    if line.cell_len > width:
        line = _verdict(why, look, exact, 2)
    return wrap_line(line, width, 2)


def verdict_sign(why: Explanation, look: Look = DEFAULT) -> str:
    """`"✓ they agree"`: the verdict alone, for where its line is out of sight."""
    sign, words, _ = verdict_words(why)
    return f"{_glyph(sign, look)}{look.words(words)}"


def _glyph(sign: str, look: Look) -> str:
    return {"right": f"{look.glyphs.right} ", "wrong": f"{look.glyphs.wrong} "}.get(sign, "")


def _verdict(why: Explanation, look: Look, exact: bool, gap: int) -> Text:
    """The verdict in one line, `gap` cells between its parts."""
    palette = look.palette
    computed, actual = shown_pair(why, exact)
    sign, words, close = verdict_words(why, exact)
    word = look.words("run again" if why.method == "gradient" else "recomputed") + " "
    line = Text(no_wrap=True, end="")
    if why.computed is not None and not why.edited:
        line = line_of((word, palette.style("dim")), (computed, palette.style("text", bold=True)))
    if why.actual is not None and not why.edited:
        line.append(f"{' ' * gap if why.computed is not None else ''}{look.words('kernel')} ", palette.style("dim"))
        line.append(actual, palette.style("output", bold=True))
    glyph = _glyph(sign, look)
    style = palette.style({"right": "good", "wrong": "wrong"}.get(sign, "dim"), bold=bool(sign))
    line.append(f"{' ' * gap if line else ''}{glyph}{look.words(words)}", style)
    for more in (close, "put by the code" if is_put(why) else METHODS[why.method] if why.method != "formula" else ""):
        line.append(f"{' ' * gap}{look.words(more).replace('Δ', look.glyphs.delta)}" if more else "", palette.style("dim"))
    return line


def origin_words(origin: Origin, trace: Trace | None = None) -> str:
    """Where a number came from, in words: `"the model's input x[0]"`, `"%3 ./relu, output[0]"`; of an opened call's input, outside it."""
    around, origin = (None, origin) if trace is None else find_outermost(trace, origin)
    index = origin.index if origin.index is not None else ()
    name = clean(origin.name or "")
    note = f" ({clean(origin.note)})" if origin.note else ""
    if origin.kind == "step" and origin.step is not None:
        step = f"%{origin.step}"
        if around is not None and 0 <= origin.step < len(around.steps):
            name = step_name(around.steps[origin.step])
            step = f"{step} {name}" if around is trace else name  # a number would be read as one of the steps that are shown
        if origin.output is None:
            return f"{step}, {format_index(clean(origin.name or 'memory'), index)} as it left it{note}"
        return f"{step}, {format_index('output' if not origin.output else f'output {origin.output} ', index)}{note}"
    if origin.kind == "stage":
        return f"stage {origin.stage}{f', {name}' if name else ''}" if origin.stage is not None else f"an earlier stage{note}"
    kinds = {
        "input": f"the model's input {format_index(name, index)}",
        "parameter": f"parameter {format_index(name, index)}",
        "buffer": f"buffer {format_index(name, index)}",
        "attribute": f"attribute {format_index(name, index)}",
        "literal": "a number in the code",
        "outside": f"outside the run{': ' + format_index(name, index) if name else ''}",
    }
    return kinds.get(origin.kind, "unknown") + note


def place_words(origin: Origin, trace: Trace | None = None) -> str:
    """The place alone, where the name before it was said already: `"x[7]"`, `"output[7]"`."""
    if trace is not None:
        origin = find_outermost(trace, origin)[1]
    name = origin.name or ("output" if origin.kind == "step" else "")
    return clean(format_index(name, origin.index or ()))


def origin_text(factor: Factor, trace: Trace | None = None, look: Look = DEFAULT) -> Text:
    """`input[0] ← the model's input x[0]`."""
    return line_of(
        (factor_name(factor), look.palette.style(factor_role(factor) or "text")),
        (f" {look.glyphs.came_from} ", look.palette.style("dim")),
        (look.words(origin_words(factor.origin, trace)), look.palette.style("text")),
    )


def zero_words(why: Explanation, look: Look = DEFAULT) -> str:
    """`"0✗ dropped"`: why the value is zero, with its sign; `""` where it is none or nobody knows."""
    if not why.zero:
        return ""
    return f"{look.zero_glyph(why.zero)} {look.words(ZERO_WORDS.get(why.zero, clean(why.zero)))}".strip()
