"""`explain --deep`: the whole expression behind one number, back to the model's inputs and parameters, as a frozen tree."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from neurontui.explainers.explaining import explain
from neurontui.explainers.terms import Terms, spell
from neurontui.explanation import Combine, Explanation, Factor, Number, Origin, Term
from neurontui.origins import find_outer_origin
from neurontui.records import Step, Trace

NUMBERS = 4000  # that are written out at most, whatever the limits on depth and terms
STAGE_TERMS = 16  # of a stage's own terms, the largest


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One term of an expression; its factors are expressions."""

    label: str
    value: Number
    mark: str
    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """One number and what it is made of. Leaves (an input, a parameter, a literal, a limit reached) have no parts.

    `name` is what can be typed ("fc1/linear", "fc1.weight", "x"). `via` names the steps that only handed the number on.
    `note` says why a node that a step made is not opened: "shown above", "depth", "limit".
    """

    name: str
    kind: str  # an Origin's kind
    index: tuple[int, ...]
    number: Number | None
    step: int | None = None
    output: int = 0
    formula: str = ""
    combine: Combine | None = None
    agrees: bool | None = None
    parts: tuple[Part, ...] = ()
    left_out: int = 0  # terms that are not among `parts`
    share: float = 1.0  # of Σ|term|, what the parts cover
    via: tuple[str, ...] = ()
    note: str = ""

    def walk(self) -> Iterator[Expression]:
        """This node and all below it, from the top."""
        yield self
        for part in self.parts:
            for factor in part.factors:
                yield from factor.walk()

    def left_out_notes(self) -> tuple[str, ...]:
        """What the tree leaves out, one sentence each; () where it is whole."""
        nodes = list(self.walk())
        terms = sum(node.left_out for node in nodes)
        sentences = [f"{terms} smaller term{'s are' if terms > 1 else ' is'} left out (raise the limit on terms)."] if terms else []
        reasons = {"depth": "deeper than the limit", "limit": f"{NUMBERS} were written out already"}
        for note, reason in reasons.items():
            closed = sum(node.note == note for node in nodes)
            if closed:
                sentences.append(f"{closed} number{'s are' if closed > 1 else ' is'} not opened: {reason}.")
        return tuple(sentences)


@dataclass(frozen=True, slots=True)
class _Place:
    """One number that some step made, in one trace (an opened call leads on into the outer one)."""

    trace: Trace
    step: int
    output: int
    index: tuple[int, ...]


_StageKey = tuple[int, int | None]  # the stage's number; the term's, where the stage is a row of numbers, one a term


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A number that is opened: its explanation, the largest terms, what was handed on without a change, which stages are opened too."""

    why: Explanation
    parts: tuple[Term, ...]
    left_out: int
    share: float
    via: tuple[str, ...]
    stages: set[_StageKey] = field(default_factory=set)


def deep(
    trace: Trace, step: Step | str | int, at: tuple[int, ...] | int | None = None, depth: int = 12, terms: int = 64, output: int = 0
) -> Expression:
    """The expression behind `output[at]`: at most `depth` steps deep, the `terms` largest terms of each number.

    Raises:
        StepError: as `explain`.
    """
    first = explain(trace, step, at, output)
    root = _Place(trace, first.step, first.output, first.at)
    opened, closed = _open_all(root, first, depth, terms)
    return _Builder(opened, closed).build(root)


def _open_all(root: _Place, first: Explanation, depth: int, terms: int) -> tuple[dict[_Place, _Opened], dict[_Place, str]]:
    """Breadth first, so that a limit cuts the far branches and not the later ones."""
    opened: dict[_Place, _Opened] = {}
    closed: dict[_Place, str] = {}
    queue: deque[tuple[_Place, Explanation | None, int]] = deque([(root, first, 0)])
    written = 0
    while queue:
        place, why, level = queue.popleft()
        if place in opened:
            continue
        if level >= max(depth, 1) or written >= NUMBERS:
            closed[place] = "depth" if level >= max(depth, 1) else "limit"
            continue
        closed.pop(place, None)
        opened[place] = _open(place, why or explain(place.trace, place.step, place.index, place.output), terms)
        for factor in _factors(opened[place], NUMBERS - written):
            written += 1
            source = place_of(place.trace, factor.origin)
            if source is not None:
                queue.append((source, None, level + 1))
    return opened, closed


def _open(place: _Place, why: Explanation, terms: int) -> _Opened:
    """The largest terms in their own order; steps that only move data are skipped, and named."""
    via = []
    while len(why.terms) == 1 and why.combine == "pick" and why.method == "index" and len(why.terms[0].operands) == 1:
        origin = why.terms[0].operands[0].origin
        if origin.kind != "step" or origin.step is None or origin.output is None or origin.step >= why.step:
            break
        via.append(place.trace.steps[why.step].name)
        why = explain(place.trace, origin.step, origin.index, origin.output)
    parts, left_out, share = _largest(why, terms)
    return _Opened(why, parts, left_out, share, tuple(via))


def _largest(why: Explanation, limit: int) -> tuple[tuple[Term, ...], int, float]:
    """The `limit` largest terms in their own order, how many are left out, and the share of Σ|term| that these cover."""
    if len(why.terms) <= limit or not isinstance(why.terms, Terms):
        return tuple(why.terms[:limit]), max(0, len(why.terms) - limit), 1.0
    by_size = why.terms.by_size()
    return tuple(by_size[:limit].in_order()), len(why.terms) - limit, by_size.share(limit)


def _factors(node: _Opened, room: int) -> Iterator[Factor]:
    """All factors that are written out for a number; while there is room for them, those of the stages that they lead to as well.

    One number of an attention may have more of them than anyone can read.
    """
    waiting = deque(factor for term in node.parts for factor in term.operands)
    while waiting:
        factor = waiting.popleft()
        yield factor
        room -= 1
        found = _stage_of(factor)
        if found is not None and found not in node.stages and len(waiting) < room:
            node.stages.add(found)
            waiting += [below for term in _stage_parts(node.why, found)[0] for below in term.operands]


def _stage_of(factor: Factor) -> _StageKey | None:
    """The stage that computed a factor."""
    origin = factor.origin
    return (origin.stage, origin.index[0] if origin.index else None) if origin.kind == "stage" and origin.stage is not None else None


def _stage_parts(why: Explanation, found: _StageKey) -> tuple[tuple[Term, ...], int, float]:
    """The largest terms of a stage; of a row of numbers the one that is meant."""
    stage, place = why.stages[found[0]], found[1]
    return _largest(stage, STAGE_TERMS) if place is None else ((stage.terms[place],), 0, 1.0)


def place_of(trace: Trace, origin: Origin) -> _Place | None:
    """The step that made a factor; from the input of an opened call, the step of the outer trace."""
    while origin.kind == "input" and trace.outer is not None:
        onward = find_outer_origin(trace, origin)
        if onward is origin:
            break
        trace, origin = trace.outer[0], onward
    if origin.kind != "step" or origin.step is None or origin.output is None or origin.index is None:
        return None
    return _Place(trace, origin.step, origin.output, origin.index)


class _Builder:
    """From the opened numbers to the frozen tree; each is written out once."""

    def __init__(self, opened: dict[_Place, _Opened], closed: dict[_Place, str]) -> None:
        self.opened, self.closed = opened, closed
        self.written: set[_Place] = set()
        self.stages: set[tuple[int, _StageKey]] = set()  # that are written out, by the id of the explanation, which `opened` holds

    def build(self, place: _Place, number: Number | None = None) -> Expression:
        """The tree below one number."""
        name = place.trace.steps[place.step].name
        node = self.opened.get(place)
        if node is None or place in self.written:
            note = "shown above" if node is not None else self.closed.get(place, "limit")
            return Expression(name, "step", place.index, number if node is None else node.why.actual, place.step, place.output, note=note)
        self.written.add(place)
        why = node.why
        return Expression(
            place.trace.steps[why.step].name, "step", why.at, why.actual, why.step, why.output, why.formula, why.combine, why.agrees,
            self._parts(place.trace, node, node.parts), node.left_out, node.share, node.via,
        )  # fmt: skip

    def _parts(self, trace: Trace, node: _Opened, terms: tuple[Term, ...]) -> tuple[Part, ...]:
        return tuple(Part(t.label, t.value, t.mark, tuple(self._factor(trace, node, f) for f in t.operands)) for t in terms)

    def _factor(self, trace: Trace, node: _Opened, factor: Factor) -> Expression:
        origin = factor.origin
        place = place_of(trace, origin)
        if place is not None:
            return self.build(place, factor.number)
        found = _stage_of(factor)
        if found is not None:
            return self._stage(trace, node, found, factor)
        return Expression(origin.name or spell(factor), origin.kind, origin.index or (), factor.number, note=origin.note)

    def _stage(self, trace: Trace, node: _Opened, found: _StageKey, factor: Factor) -> Expression:
        why = node.why
        stage = why.stages[found[0]]
        name = stage.title or factor.name
        if found not in node.stages or (id(why), found) in self.stages:
            note = "shown above" if found in node.stages else "limit"
            return Expression(name, "stage", factor.index, factor.number, why.step, note=note)
        self.stages.add((id(why), found))
        parts, left_out, share = _stage_parts(why, found)
        below = self._parts(trace, node, parts)
        return Expression(
            name, "stage", factor.index, factor.number, why.step, 0, stage.formula, stage.combine, None, below, left_out, share
        )


def spell_expression(node: Expression, digits: int = 4) -> str:
    """The expression as one line: `0.0000 × −0.1455 + max(0.9508, 0) × 0.3597 + 0.0983`."""
    if not node.parts:
        return _digits(node.number, digits)
    sign = {"sum": " + ", "product": " × "}.get(node.combine or "", ", ")
    inner = sign.join(_spell_part(node, part, digits) for part in node.parts)
    if node.left_out:
        inner += f"{sign}…({node.left_out} more)"
    if node.combine in ("sum", "product") or (node.combine == "pick" and len(node.parts) == 1):
        return inner
    return f"{node.combine if node.combine in ('max', 'min') else node.name.rpartition('/')[2]}({inner})"


def _spell_part(node: Expression, part: Part, digits: int) -> str:
    """The product of the factors; where a term is something else of them, (input − μ)², its own words and its value."""
    product = math.prod((f.number for f in part.factors if f.number is not None), start=1.0)
    if not part.factors or abs(product - part.value) > 1e-9 * abs(part.value):
        return f"{part.label} [= {_digits(part.value, digits)}]"
    inside = len(part.factors) > 1 or node.combine == "product"
    return " × ".join(_wrap(f, digits, inside) for f in part.factors)


def _digits(number: Number | None, digits: int) -> str:
    return f"{number:.{digits}f}" if isinstance(number, float) else str(number)


def _wrap(node: Expression, digits: int, inside_product: bool) -> str:
    text = spell_expression(node, digits)
    return f"({text})" if inside_product and node.combine == "sum" and len(node.parts) > 1 else text
