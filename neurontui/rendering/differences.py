"""Before and now, watches, and where two runs first differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of, wrap_line
from neurontui.text import clean, exact_number, format_number

if TYPE_CHECKING:  # these packages import much that drawing does not need
    from neurontui.comparison.difference import Change, Diff

DEFAULT = Look()
MOST_NAMED = 12  # of what only one side has
_ONE_SIDED = ("only in the first", "only in the second")


def same_number(a: Any, b: Any) -> bool:
    """Whether two numbers are the same; NaN is the same as NaN."""
    return bool(a == b or (a != a and b != b))


def watch_line(name: str, before: Any, now: Any, width: int, look: Look = DEFAULT) -> Text:
    """`fc1/linear[0]   -0.9256 → 3.6986 ~`: a pinned value, a row; `before` is None where there was no run before."""
    palette = look.palette
    new = "not reached" if now is None else format_number(now)
    changed = before is not None and (now is None or not same_number(before, now))
    sign = f" {look.glyphs.changed}" if changed else "  "
    right = line_of((new, palette.style("text", bold=changed)), (sign, palette.style("warn", bold=True)))
    if before is not None:
        right = line_of((f"{format_number(before)} {look.glyphs.arrow} ", palette.style("dim")), right)
    left = Text(clean(name), palette.style("text"), no_wrap=True, end="")
    left.truncate(max(width - right.cell_len - 2, 0), overflow=overflow_of(look))
    line = line_of(left, " " * max(width - left.cell_len - right.cell_len, 1), right)
    line.truncate(width)
    return line


def change_words(change: Change) -> str:
    """`"differs by at most 3.1 at [0, 2] (1.5000 and 4.6000), in 3 elements"`."""
    if change.status == "missing":
        return clean(change.note) or ("only in the first" if change.right is None else "only in the second")
    if change.status == "equal":
        return "the same in every bit"
    words = []
    if change.note:
        shapes = f": {clean(change.shapes[0])} and {clean(change.shapes[1])}" if any(change.shapes) else ""
        words.append(f"{clean(change.note)} differs{shapes}")
    if change.note and change.ulps == 0:
        words.append("every number is the same")
    elif change.maximum is not None:
        where = f" at [{', '.join(map(str, change.at))}]" if change.at else ""
        by = "with NaN in one alone" if math.isnan(change.maximum) else f"by at most {format_number(float(change.maximum))}"
        words.append(f"differs {by}{where}" + _both(change))
    if change.differing:
        words.append(f"in {change.differing:,} element{'s' if change.differing > 1 else ''}")
    if change.ulps:
        words.append(f"{change.ulps:,} representable number{'s' if change.ulps != 1 else ''} apart")
    what = f"what it writes to {clean(change.written)} " if change.written else ""
    return what + (", ".join(words) or "differs")


def _both(change: Change) -> str:
    """The two numbers, with as many digits as tell them apart."""
    if change.numbers is None:
        return ""
    shown = [format_number(number) for number in change.numbers]
    if shown[0] == shown[1]:
        shown = [exact_number(number) for number in change.numbers]
    return f" ({shown[0]} and {shown[1]})"


def diff_lines(diff: Diff, width: int, look: Look = DEFAULT) -> list[Text]:
    """The first divergence in words, then a row a step with what changed and by how much; equal steps are only counted.

    What only one of the two has is named in one line.
    """
    palette = look.palette
    lines = wrap_line(_verdict(diff, look), width, 2)
    for title, changes in _parts(diff):
        changed = [change for change in changes if change.status != "equal"]
        if not changed:
            continue
        rows = _comparable(diff, title, changed)
        same = len(changes) - len(changed)
        counted = f"{len(changed)} differ{'s' if len(changed) == 1 else ''}" + (f", {same} the same" if same else "")
        lines += [Text(end=""), line_of((f"{title}s", palette.style("accent", bold=True)), (f"  {counted}", palette.style("dim")))]
        widest = min(max((len(name_of(change)) for change in rows), default=0), max(width // 3, 8))
        for change in rows:
            sign = {"changed": look.glyphs.changed, "missing": look.glyphs.wrong}[change.status]
            head = line_of((f"  {sign} ", palette.style("warn", bold=True)), (f"{name_of(change):<{widest}}  ", palette.style("text")))
            lines += wrap_line(line_of(head, (change_words(change), palette.style("dim"))), width, 6 + widest)
        for words, names in _one_sided(changed):
            head = line_of((f"  {look.glyphs.wrong} ", palette.style("warn", bold=True)), (f"{words}: ", palette.style("text")))
            lines += wrap_line(line_of(head, (", ".join(names), palette.style("dim"))), width, 6)
    for note in diff.notes:
        lines += wrap_line(Text(clean(note), palette.style("dim")), width, 2)
    return lines


def _parts(diff: Diff) -> tuple[tuple[str, Sequence[Change]], ...]:
    """What is compared, by what one of it is called."""
    return (
        ("input", diff.inputs), ("parameter", diff.parameters), ("buffer", diff.buffers), ("step", diff.changes), ("output", diff.outputs),
    )  # fmt: skip


def _comparable(diff: Diff, title: str, changes: Sequence[Change]) -> list[Change]:
    """The rows that both sides have; of two different models' steps none, whatever their names."""
    return [] if diff.unrelated and title == "step" else [change for change in changes if change.note not in _ONE_SIDED]


def _one_sided(changes: Sequence[Change]) -> Iterator[tuple[str, list[str]]]:
    """("only in the first (7)", the first names) for each side that has some alone."""
    for words in _ONE_SIDED:
        names = [name_of(change) for change in changes if change.note == words]
        if names:
            more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
            yield f"{words} ({len(names)})", [*names[:MOST_NAMED], *more]


def name_of(change: Change) -> str:
    """What a row is called; the model itself in words."""
    return "the model itself" if change.name == "." else clean(change.name)


def verdict_words(diff: Diff) -> str:
    """One sentence: where the two first differ, or that they do not."""
    first = diff.first_divergence
    if diff.unrelated:
        return "These are two different models: no layer or parameter of one has a name of the other."
    if first is not None:
        return f"They first differ at {name_of(first)}: {change_words(first)}."
    if diff.equal:
        return f"Every {'step gave' if diff.changes else 'tensor is'} the same, in every bit."
    return "The steps gave the same, but something else differs."


def _verdict(diff: Diff, look: Look) -> Text:
    style = look.palette.style("good" if diff.equal else "warn", bold=True)
    sign = look.glyphs.right if diff.equal else look.glyphs.not_equal
    return line_of((f"{sign} ", style), (verdict_words(diff), look.palette.style("text")))


def plain_diff(diff: Diff) -> list[str]:
    """The same, one fact a line."""
    lines = [verdict_words(diff)]
    for title, changes in _parts(diff):
        rows = _comparable(diff, title, [change for change in changes if change.status != "equal"])
        lines += [f"{title} {name_of(row)} {change_words(row)}".replace("output output ", "output ") for row in rows]
        lines += [f"{title}s {words}: {', '.join(names)}" for words, names in _one_sided(changes)]
    return lines + [clean(note) for note in diff.notes]
