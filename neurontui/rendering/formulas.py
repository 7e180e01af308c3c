"""The formula's line: names in their roles' colours, and the letters of its indices with their values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

from rich.text import Text

from neurontui.explanation import Explanation, Factor
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import spread
from neurontui.rendering.palette import role_of
from neurontui.text import clean

DEFAULT = Look()
SAMPLE = 64  # terms that are looked at to lay out a sheet

_ASCII_SIGNS = {
    "Σ ": "sum ", "Σ": "sum ", "Π ": "prod ", "Π": "prod ", "·": "*", "×": "*", "÷": "/", "√": "sqrt", "²": "^2", "³": "^3", "½": "1/2",
    "−": "-", "–": "-", "→": "->", "←": "<-", "⇒": "=>", "≠": "!=", "≤": "<=", "≥": ">=", "≈": "~", "…": "...", "∞": "inf", "∈": "in",
    "x̂": "xhat", "μ": "mu", "σ": "sigma", "γ": "gamma", "β": "beta", "α": "alpha", "π": "pi", "λ": "lambda", "Δ": "d", "ε": "eps",
    "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "✓": "ok", "✗": "X", "▫": "p", "⊘": "m",
}  # fmt: skip
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnoprstuvx", strict=True))


def sample_places(count: int, most: int = SAMPLE) -> list[int]:
    """At most `most` places out of `count`, spread evenly, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})


def index_pattern(formula: str, name: str) -> tuple[str, ...]:
    """What stands in the brackets behind `name` where the formula first reads it: `("o", "i")` for `weight[o, i]`, else `()`."""
    read = formula.split("=", 1)[-1]  # the left side, `output[o] = `, says nothing about where terms come from
    found = re.search(rf"(?<![\w.]){re.escape(name)}\[([^\[\]]*)\]", read)
    return tuple(part.strip() for part in found[1].split(",")) if found and found[1].strip() else ()


def factor_role(factor: Factor) -> str:
    """The role of a factor by its name, else by what it is; `""` for a stage's number and for one of the code's."""
    if factor.origin.kind in ("stage", "literal"):
        return ""
    by_name = role_of(factor.name)
    if by_name != "input" or factor.origin.kind not in ("parameter", "buffer"):
        return by_name
    if factor.origin.kind == "buffer":
        return "buffer"
    return "bias" if role_of(factor.origin.name or "") == "bias" else "weight"


def names_in(why: Explanation) -> dict[str, str]:
    """The names that the terms read, each with its role (`""` for a stage's number): what is coloured in the formula."""
    names = {"output": "output"}
    for term in islice((why.terms[place] for place in sample_places(len(why.terms), 8)), 8):
        for factor in term.factors:
            names.setdefault(factor.name, factor_role(factor))
    return names


def color_names(words: str, names: dict[str, str], look: Look) -> Text:
    """`words` with every one of `names` in its role's colour; a name of several words ("output gate") is not its first word."""
    text = Text(words, look.palette.style("text"), no_wrap=True, end="")
    phrases = [re.escape(name) for name in sorted(names, key=len, reverse=True) if " " in name]
    for found in re.finditer("|".join([*phrases, r"[^\W\d]\w*"]), words):
        role = names.get(found[0], "")
        if role:
            text.stylize(look.palette.style(role, bold=role == "output"), found.start(), found.end())
    return text


def spell_signs(words: str, look: Look) -> str:
    """Mathematical signs in ASCII, where the look asks for that; a letter loses its accent, what has no likeness becomes `?`."""
    if not look.glyphs.ascii or words.isascii():
        return words
    for sign, plain in _ASCII_SIGNS.items():
        words = words.replace(sign, plain)
    spelled = "".join(_SUBSCRIPTS.get(char, char) for char in words)
    return "".join(char if char.isascii() else _nearest(char) for char in spelled)


def _nearest(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain or "?"


def letters_text(why: Explanation, ranges: Iterable[str] = ()) -> str:
    """`"o = 0   i = 0…1"`."""
    return "   ".join([f"{clean(letter)} = {value}" for letter, value in why.indices.items()] + list(ranges))


def formula_line(why: Explanation, width: int, look: Look = DEFAULT, ranges: Iterable[str] = ()) -> list[Text]:
    """The formula, and at the right what its letters stand for; in one line where both fit."""
    formula = color_names(spell_signs(clean(why.formula), look), names_in(why), look)
    letters = spell_signs(letters_text(why, ranges), look)
    return spread(formula, Text(letters, look.palette.style("dim"), no_wrap=True, end=""), width)
