"""Failures of which the words of torch, or of Python, say all that is needed: a table of them, in the model's terms, with what to do."""

from __future__ import annotations

from neurontui.explainers.failures.crash import Crash
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explainers.failures.words.layers import LAYERS
from neurontui.explainers.failures.words.python import PYTHON
from neurontui.explainers.failures.words.shapes import SHAPES
from neurontui.explainers.failures.words.values import VALUES
from neurontui.explainers.failures.words.wording import Wording
from neurontui.explainers.failures.words.writes import WRITES
from neurontui.records import Value
from neurontui.text import format_dtype, format_shape

_ABOUT_SHAPES = (*SHAPES, *LAYERS)  # here it matters who decided an operand's shape, in the other tables who made its numbers
TABLE = (*_ABOUT_SHAPES, *WRITES, *VALUES, *PYTHON)
_MOST_ROWS = 4


def diagnose_words(crash: Crash) -> Failure | None:
    """The first wording that fits the message."""
    for wording in TABLE:
        found = wording.words.search(crash.message)
        if found is not None:
            return _explain(crash, wording, {name: text for name, text in found.groupdict().items() if text is not None})
    return None


def _explain(crash: Crash, wording: Wording, said: dict[str, str]) -> Failure:
    given = crash.operands()
    wrong = None if crash.is_own_code() else crash.operand(wording.wrong.format_map(said)) or next(iter(given), None)
    facts = {"place": crash.place(), **_describe(crash, wrong), **said}
    shown = [value for value in given if value is wrong or value.role not in ("parameter", "buffer")][:_MOST_ROWS]
    by_shape = wording in _ABOUT_SHAPES and not crash.is_own_code()
    rows = list(dict.fromkeys(crash.gives(value) if by_shape else crash.has(value) for value in shown))
    if wording.takes:
        takes, clash = wording.takes.format_map(facts), wording.clash.format_map(facts)
        rows.append(Side(crash.label(), "takes", takes, clash, (), crash.step.index))
    fixes = [fix.format_map(facts) for fix in wording.fixes]
    return crash.explain(f"{crash.label()} {wording.title.format_map(facts)}", rows, wording.rule.format_map(facts), fixes, wrong)


def _describe(crash: Crash, wrong: Value | None) -> dict[str, object]:
    """What a wording may say of the operand that does not fit; where it is not known, it is "a tensor"."""
    if wrong is None:
        return {"source": "a tensor", "name": "a tensor", "shape": "a tensor", "dtype": "its type", "rank": 0, "last": 0}
    rank = len(wrong.shape)
    facts: dict[str, object] = {"source": crash.source_label(wrong), "name": crash.name_of(wrong), "shape": format_shape(wrong.shape)}
    return {**facts, "dtype": format_dtype(wrong.dtype), "rank": rank, "last": rank - 1}
