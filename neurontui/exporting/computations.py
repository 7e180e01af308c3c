"""Explanations as headings, sentences and tables of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from neurontui.errors import NeuronTUIError
from neurontui.explainers import explain
from neurontui.explanation import Explanation, Factor, Number, Term
from neurontui.exporting.tables import Cell, PageTable
from neurontui.records import Step, Trace
from neurontui.rendering.forms import factor_name, has_form, is_product, main_form
from neurontui.rendering.formulas import factor_role
from neurontui.rendering.terms import label_of, running_numbers, term_values
from neurontui.rendering.verdicts import origin_words, output_name, shown_pair, spell, title_of, value_of, verdict_words
from neurontui.text import clean, format_number

MOST_TERMS = 32  # of a computation


def computations(trace: Trace, step: Step, asked: list[tuple[int, tuple[int, ...]]], worksheet: bool) -> Iterator[PageTable | str]:
    """The explanations of these (output, index) elements of a step; those that were only moved in one table."""
    try:
        answers = [explain(trace, step, index, output) for output, index in asked]
    except NeuronTUIError as error:
        yield clean(error)
        return
    moved = [why for why in answers if why.method == "index" and len(why.terms) == 1 and why.terms[0].factors]
    if moved:
        yield "# Where does each element come from?"
        yield _moves(moved, trace)
    for why in answers:
        if why not in moved:
            yield from explanation_parts(why, trace, worksheet=worksheet)


def _moves(moved: list[Explanation], trace: Trace) -> PageTable:
    """Data that were only moved: a row an element."""
    rows = []
    for why in moved:
        factor = why.terms[0].factors[0]
        origin = Cell(origin_words(factor.origin, trace), "quiet")
        name = Cell(factor_name(factor), factor_role(factor), answer=True)
        rows.append((Cell(output_name(why), header=True), name, Cell(format_number(why.terms[0].value)), origin))
    heads = tuple(Cell(words, header=True) for words in ("element", "is", "number", "from"))
    return PageTable("moved, not changed", tuple(rows), heads)


def explanation_parts(
    why: Explanation, trace: Trace | None = None, level: str = "#", *, worksheet: bool = False
) -> Iterator[PageTable | str]:
    """One number's heading, formula, stages, terms, verdict and notes."""
    number = value_of(why)
    question = f"What is {output_name(why)}?" if worksheet else title_of(why)
    yield f"{level} {question if level == '#' else output_name(why)}"
    letters = ", ".join(f"{clean(letter)} = {place}" for letter, place in why.indices.items())
    yield f"`{clean(why.formula)}`" + (f" with {letters}" if letters else "")
    for stage in why.stages:
        yield from explanation_parts(stage, trace, "##")
    if len(why.terms):
        yield terms_table(why, trace)
    if len(why.terms) > MOST_TERMS:
        yield f"… and {len(why.terms) - MOST_TERMS:,} more terms."
    yield from _tables(why)
    if number is not None:
        yield verdict_table(why)
    yield from (clean(note) for note in why.notes)


def verdict_table(why: Explanation) -> PageTable:
    """The result, in one row: recomputed, the kernel's, and whether they agree."""
    computed, actual = shown_pair(why, False)
    _, words, close = verdict_words(why)
    source = ((why.step, why.output), why.at) if not why.title and computed == actual else None
    cells = [Cell(output_name(why), header=True), Cell(computed, "output", answer=True, source=source)]
    if why.actual is not None:
        cells += [
            Cell("kernel", header=True),
            Cell(actual, "output", answer=True, source=source),
            Cell(f"{words}{f', {close}' if close else ''}"),
        ]
    return PageTable("result", (tuple(cells),))


def terms_table(why: Explanation, trace: Trace | None = None) -> PageTable:
    """The terms as a table: label, the factors of the main form, value, running sum, and where the factors come from."""
    shown = [why.terms[place] for place in range(min(len(why.terms), MOST_TERMS))]
    form = main_form(shown)
    form = form if 1 < len(form) <= 4 else ()
    running = running_numbers(why, term_values(why.terms))
    multiplies = bool(form) and all(is_product(term) for term in shown if has_form(term, form))
    heads = ["term", *(name for name in form), "product" if multiplies else "value"]
    heads += [f"running {why.combine}"] if running else []
    rows = []
    for place, term in enumerate(shown):
        is_main = bool(form) and has_form(term, form)
        factors = [_factor_cell(factor) for factor in term.operands] if is_main else [Cell("") for _ in form]
        given = not is_main and all(factor.origin.kind not in ("step", "stage") for factor in term.factors)
        cells = [Cell(label_of(term), header=True), *factors, Cell(spell(term.value), answer=not given)]
        cells += [Cell(spell(running[place]), answer=True)] if running else []
        rows.append((*cells, Cell("\n".join([*([clean(term.mark)] if term.mark else []), *_origin_rows(term, trace)]), "quiet")))
    roles = ["", *(_factor_cell(factor).role for factor in _named_factors(shown, form)), *[""] * len(heads)][: len(heads)]
    named = tuple(Cell(clean(head), role, header=True) for head, role in zip(heads, roles, strict=True))
    return PageTable("terms", tuple(rows), (*named, Cell("from", header=True)))


def _named_factors(terms: Sequence[Term], form: tuple[str, ...]) -> tuple[Factor, ...]:
    """The factors of the first term of this form."""
    return next((term.operands for term in terms if form and has_form(term, form)), ())


def _origin_rows(term: Term, trace: Trace | None) -> list[str]:
    """Where each factor came from, a line each; a number of the code needs no word."""
    known = [factor for factor in term.factors[:4] if factor.origin.kind != "literal"]
    return [f"{clean(factor.name)} ← {origin_words(factor.origin, trace)}" for factor in known]


def _factor_cell(factor: Factor) -> Cell:
    origin, role = factor.origin, factor_role(factor)
    source = ((origin.step, origin.output), origin.index) if origin.kind == "step" else None
    return Cell(format_number(factor.number), role, answer=origin.kind in ("step", "stage"), source=source)


def _tables(why: Explanation) -> Iterator[PageTable]:
    for table in why.tables:
        heads = tuple(Cell(clean(head), header=True) for head in ("", *table.columns)) if table.columns else ()
        rows = [(Cell(clean(label), header=True), *map(_table_cell, cells)) for label, cells in table.rows]
        if rows:  # the numbers of the last row are what the others make
            asked = (isinstance(cell, int | float) for cell in table.rows[-1][1])
            rows[-1] = (rows[-1][0], *(replace(cell, answer=wanted) for cell, wanted in zip(rows[-1][1:], asked, strict=True)))
        yield PageTable(clean(table.title), tuple(rows), heads)


def _table_cell(cell: Number | str | None) -> Cell:
    return Cell("–" if cell is None else clean(cell) if isinstance(cell, str) else format_number(cell))
