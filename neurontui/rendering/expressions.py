"""`explain --deep`: a whole expression, back to the model's inputs: as one formula with its numbers, then as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from neurontui.rendering.formulas import spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, wrap_line
from neurontui.rendering.palette import role_of
from neurontui.text import clean, format_index, format_number

if TYPE_CHECKING:  # the explainers import torch
    from neurontui.explainers import Expression, Part

DEFAULT = Look()
LONGEST_FORMULA = 2000  # about so many characters; a longer one says no more than the tree does
_WORDS = {
    "shown above": "shown above",
    "depth": "not opened: deeper than the limit",
    "limit": "not opened: the limit on numbers is reached",
}


def expression_lines(expression: Expression, width: int = 80, look: Look = DEFAULT) -> list[Text]:
    """The tree that `neurontui.explainers.deep` gives: the formula with its numbers, a line a term, and what was left out."""
    palette = look.palette
    lines = []
    formula = one_line(expression)
    if formula:
        head = line_of(
            (f"{node_name(expression)} = ", palette.style("output", bold=True)), (spell_signs(formula, look), palette.style("text"))
        )
        head.append(f" = {_number(expression)}", palette.style("output", bold=True))
        lines += [*wrap_line(head, width, 4), Text(end="")]
    lines += [line for text, indent in _tree(expression, look, 0) for line in wrap_line(text, width, indent + 4)]
    notes = expression.left_out_notes()
    return [*lines, *([Text(end="")] if notes else []), *(Text(clean(note), palette.style("dim"), end="") for note in notes)]


def one_line(expression: Expression) -> str:
    """The whole expression in numbers: `max(1.0000 × 0.3643 + …, 0) × -0.1455 + 0.0983`.

    `""` where it would be too long to read, leaves something out, or is more than sums, products and functions of them.
    """
    from neurontui.explainers import spell_expression

    nodes = list(expression.walk())
    if len(nodes) > LONGEST_FORMULA // 8 or any(node.left_out or node.note or node.kind == "stage" for node in nodes):
        return ""
    if not all(_multiplies(part) for node in nodes for part in node.parts):
        return ""
    return clean(spell_expression(expression))


def node_name(node: Expression) -> str:
    """`"fc1/linear[0]"`, `"lstm:1[0, 2]"` for a second output; cleaned."""
    return clean(format_index(node.name if not node.output else f"{node.name}:{node.output}", node.index))


def _number(node: Expression) -> str:
    return "?" if node.number is None else format_number(node.number)


def _role(node: Expression) -> str:
    """The role of a leaf by what it is: a parameter by its name, an input or a step's number as an input."""
    if node.kind in ("literal", "stage", "unknown"):
        return "text"
    return role_of(node.name) if node.kind == "parameter" else "buffer" if node.kind in ("buffer", "attribute") else "input"


def _tree(node: Expression, look: Look, indent: int, sign: str = "", mark: str = "") -> Iterator[tuple[Text, int]]:
    """(line, indent) of a number that has terms, of each term, and below it of those of its factors that have terms."""
    palette, pad = look.palette, " " * indent
    line = line_of(pad, (sign, palette.style("dim")), (node_name(node), palette.style("output", bold=True)))
    line.append(f" = {_number(node)}", palette.style("text", bold=True))
    line.append(f"   {spell_signs(clean(node.formula), look)}" if node.formula else "", palette.style("dim"))
    line.append(f"   handed on by {', '.join(map(clean, node.via))}" if node.via else "", palette.style("dim"))
    line.append(f"  {clean(mark)}" if mark else "", palette.style("dim"))
    if node.agrees is False:
        line.append(f"   {look.glyphs.wrong} the kernel gave another number", palette.style("wrong", bold=True))
    yield line, indent
    for place, part in enumerate(node.parts):
        yield from _part(node, part, place, look, indent + 2)
    if node.left_out:
        share = f", the shown ones are {100 * node.share:.0f} % of all by size" if node.share < 1 else ""
        left = f"{pad}  {look.glyphs.ellipsis} {node.left_out:,} more term{'s' if node.left_out > 1 else ''}{share}"
        yield Text(left, palette.style("dim"), end=""), indent + 2


def _part(node: Expression, part: Part, place: int, look: Look, indent: int) -> Iterator[tuple[Text, int]]:
    """One term; a term that is one number with terms of its own is that number's line."""
    sign = {"sum": "+ ", "product": f"{look.glyphs.times} "}.get(node.combine or "", f"{look.glyphs.dot} ")
    sign = sign if place or node.combine not in ("sum", "product") else "  "
    only = part.factors[0] if len(part.factors) == 1 else None
    if only is not None and only.parts and only.number == part.value and not _moved_from(only):
        yield from _tree(only, look, indent, sign, part.mark)
        return
    yield _part_line(part, sign, look, indent), indent
    for factor in part.factors:
        if factor.parts and not _moved_from(factor):
            yield from _tree(factor, look, indent + 4)


def _moved_from(node: Expression) -> str:
    """What a number is that was only moved here from a leaf: `"input[0, 0, 1]"`; its line says that, it needs no tree."""
    if node.combine != "pick" or len(node.parts) != 1 or len(node.parts[0].factors) != 1:
        return ""
    leaf = node.parts[0].factors[0]
    return node_name(leaf) if not leaf.parts and leaf.number == node.number else ""


def _part_line(part: Part, sign: str, look: Look, indent: int) -> Text:
    """`+ ./relu[0] 0.0000 × fc2.weight[0, 0] -0.1455 = 0.0000`."""
    palette = look.palette
    multiplies = _multiplies(part)
    line = line_of(" " * indent, (sign, palette.style("dim")))
    if not part.factors:
        line.append(spell_signs(clean(part.label), look), palette.style("text"))
    for number, factor in enumerate(part.factors[:4]):
        line.append((f" {look.glyphs.times} " if multiplies else ", ") if number else "", palette.style("dim"))
        name = clean(factor.name) if factor.kind == "literal" else node_name(factor)
        if name != _number(factor):
            line.append(f"{name} ", palette.style(_role(factor)))
        line.append(_number(factor), palette.style("text", bold=True))
        aside = _WORDS.get(factor.note) or (f"is {_moved_from(factor)}" if _moved_from(factor) else "")
        line.append(f" ({aside})" if aside else "", palette.style("dim"))
    if len(part.factors) > 4:
        line.append(f" {look.glyphs.ellipsis} {len(part.factors) - 4} more", palette.style("dim"))
    if len(part.factors) != 1 or part.factors[0].number != part.value:
        equals = "=" if multiplies or not part.factors else (">" if look.glyphs.ascii else "⇒")
        line.append(f" {equals} {format_number(part.value)}", palette.style("text"))
    line.append(f"  {clean(part.mark)}" if part.mark else "", palette.style("dim"))
    return line


def _multiplies(part: Part) -> bool:
    """Whether the factors' product is the part's value."""
    product = 1
    for factor in part.factors:
        if factor.number is None:
            return False
        product = product * factor.number  # type: ignore[assignment]
    return bool(abs(product - part.value) <= 1e-9 * abs(part.value)) or product != product
