"""An explanation, line by line: title, formula, terms with the running sum and bars, verdict, origin, stages, tables, notes.

`lay_sheet` gives a `Sheet`: any line of it costs the same, however many terms there are, so a virtualised widget
shows a neuron of 65,536 inputs as easily as one of two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from neurontui.explanation import Explanation, Factor, Origin, Term
from neurontui.records import Trace
from neurontui.rendering.glyphs import Look

DEFAULT = Look()


def title_of(why: Explanation, *, hidden: bool = False, exact: bool = False) -> str:
    """`"Why is output[0] = -0.9256?"`; `hidden` writes `?` for the number (predict before reveal)."""
    raise NotImplementedError


def formula_line(why: Explanation, width: int, look: Look = DEFAULT) -> Text:
    """The formula with its names in their roles' colours, and the values of its letters (`o = 0`) set right."""
    raise NotImplementedError


def verdict_line(why: Explanation, width: int, look: Look = DEFAULT, *, exact: bool = False) -> list[Text]:
    """`recomputed -0.9256   kernel -0.9256   ✓ they agree   Δ 0, allowed 4.6e-07`, in one line or two; disagreement in plain words."""
    raise NotImplementedError


def origin_text(factor: Factor, trace: Trace | None = None, look: Look = DEFAULT) -> Text:
    """`input[0] ← the model's input x[0]`, `weight[0, 1] ← parameter fc1.weight[0, 1]`, `input[0] ← %3 ./relu [0]`."""
    raise NotImplementedError


def origin_words(origin: Origin, trace: Trace | None = None) -> str:
    """Where a number came from, in words: `"the model's input x[0]"`, `"step %3 ./relu, output[0]"`."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Sheet:
    """An explanation laid out for one width. Lines are `top`, one a term, then `bottom`."""

    why: Explanation
    width: int
    look: Look
    exact: bool = False
    hidden: bool = False
    order: Sequence[int] = ()  # the order in which terms are shown; empty: their own

    @property
    def height(self) -> int:
        """The number of lines."""
        raise NotImplementedError

    def line(self, y: int, selected: int | None = None) -> Text:
        """Line `y` (from 0); `selected` is the term that the cursor is on."""
        raise NotImplementedError

    def term_at(self, y: int) -> int | None:
        """The term that line `y` shows, or None."""
        raise NotImplementedError

    def line_of(self, term: int) -> int:
        """The line that shows this term."""
        raise NotImplementedError


def lay_sheet(
    why: Explanation,
    width: int,
    look: Look = DEFAULT,
    *,
    trace: Trace | None = None,
    exact: bool = False,
    hidden: bool = False,
    title: bool = False,
    order: Sequence[int] = (),
) -> Sheet:
    """Lay an explanation out. `title` puts its title in the first line (a pane has it in its border)."""
    raise NotImplementedError


def term_line(why: Explanation, k: int, width: int, look: Look = DEFAULT, *, selected: bool = False, exact: bool = False) -> Text:
    """Term `k` with its product, running sum and contribution bar, as it stands in a sheet of this width."""
    raise NotImplementedError


def explanation_text(why: Explanation, width: int = 80, *, trace: Trace | None = None, terms: int = 64, look: Look = DEFAULT, exact: bool = False) -> Text:
    """The whole explanation as one Text of lines, the first `terms` terms; says what it left out."""
    raise NotImplementedError


def plain_explanation(why: Explanation, *, trace: Trace | None = None, terms: int = 64, exact: bool = False) -> list[str]:
    """The same for a screen reader: one fact a line, no drawing characters."""
    raise NotImplementedError


def term_words(why: Explanation, term: Term) -> str:
    """One term as a sentence: `"input[0] 1.0000 times weight[0, 0] 0.3643 is 0.3643"`."""
    raise NotImplementedError
