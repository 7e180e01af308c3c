"""One row of the table: what torch says, and how a person would."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """`words` is looked for in torch's message.

    Its named groups may be used in the texts, and of the operand that does not fit `{name}`, `{source}` (who decided its shape),
    `{shape}`, `{rank}`, `{last}` (dimension) and `{dtype}`. `wrong` is that operand's argument, without it the first tensor;
    `takes` and `clash` are the row of what the call would have taken.
    """

    words: re.Pattern[str]
    title: str
    rule: str
    fixes: tuple[str, ...]
    wrong: str = ""
    takes: str = ""
    clash: str = ""


def word(pattern: str, title: str, rule: str, *fixes: str, **more: str) -> Wording:
    """A row of the table."""
    return Wording(re.compile(pattern), title, rule, fixes, **more)
