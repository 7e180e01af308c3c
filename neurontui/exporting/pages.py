"""A trace as pages, a page a step: paragraphs and tables, whatever they are then written as (HTML, Markdown).

A worksheet is the same pages with the cells that are answers blanked and numbered, and a key at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from neurontui.debugger.shown import Shown, list_tensors
from neurontui.errors import NeuronTUIError, StaleValueError
from neurontui.explainers import explain
from neurontui.explainers.failures import diagnose
from neurontui.explanation import Explanation, Factor, Number, Term
from neurontui.records import Step, Trace
from neurontui.rendering.failures import error_words, plain_failure
from neurontui.rendering.forms import has_form, is_product, main_form
from neurontui.rendering.formulas import factor_role
from neurontui.rendering.positions import path_parts
from neurontui.rendering.steps import depth_of, step_shapes, step_title, step_type
from neurontui.rendering.tensors import lay_grid, read_window, row_label
from neurontui.rendering.terms import label_of, running_numbers, term_values
from neurontui.rendering.values import value_title
from neurontui.rendering.verdicts import factor_name, origin_words, output_name, shown_pair, spell, title_of, value_of, verdict_words
from neurontui.text import clean, clean_lines, format_number

MOST_ROWS, MOST_COLUMNS = 16, 12  # of a tensor's table
MOST_TERMS = 32  # of a computation
MOST_ELEMENTS, MOST_QUESTIONS = 6, 2  # of one output that are explained, on a page and on a worksheet
MOST_SHOWN = 400  # steps of which tensors are shown: a large model's later steps are only named
MOST_EXPLAINED = 400  # explanations in one handout: a large model's later steps show their tensors alone


@dataclass(frozen=True, slots=True)
class Cell:
    """`role` colours it, `number` tints its ground; an `answer` is blanked in a worksheet."""

    text: str
    role: str = ""
    number: float | None = None
    header: bool = False
    answer: bool = False
    source: object = None  # what number this is, where it is one of the trace's: asked twice, it is one question


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `scale` is the largest magnitude in it, where its cells are tinted."""

    caption: str
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[Cell, ...] = ()
    kind: str = "computation"  # or "tensor"
    scale: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """One step. `parts` are tables, paragraphs, and headings (`"# Why is …"`)."""

    anchor: str
    title: str
    shapes: str
    depth: int
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Sheet | str, ...]
    failed: bool = False


def make_pages(trace: Trace, *, worksheet: bool = False) -> tuple[Page, ...]:
    """A page for every step; on a worksheet fewer numbers are asked for, and no heading says one. Runs the explainers."""
    most = MOST_QUESTIONS if worksheet else MOST_ELEMENTS
    budget = MOST_EXPLAINED
    pages = []
    for step in trace.steps:
        tensors = list_tensors(trace, step.index) if step.index < MOST_SHOWN or step.error is not None else ()
        asked = _elements(tensors, most)[:budget] if step.kind != "module" and step.error is None else []
        budget -= len(asked)
        parts = (*_failure_parts(trace, step), *(_tensor_sheet(shown, step) for shown in tensors))
        parts += tuple(_computations(trace, step, asked, worksheet))
        title = " › ".join(path_parts(trace, step.index))
        depth, failed = depth_of(trace, step.index), step.error is not None
        pages.append(Page(f"step-{step.index}", title, step_shapes(step), depth, _facts(trace, step), parts, failed))
    return tuple(pages)


def _facts(trace: Trace, step: Step) -> tuple[tuple[str, str], ...]:
    """Name and words: what a reader wants to know before the numbers."""
    facts = [("step", f"%{step.index} of {len(trace.steps)}"), ("operation", clean(step.op))]
    if step_type(step):
        facts.append(("layer", f"{step_title(step)}, {step_type(step)}"))
    if step.training is not None:
        facts.append(("mode", "train" if step.training else "eval"))
    facts.append(("gradients", "on" if step.grad else "off"))
    if trace.run is not None and trace.run.seed is not None:
        facts.append(("seed", str(trace.run.seed)))
    source = step.source
    if source is not None:
        facts.append(("code", f"{clean(source.file.rsplit('/', 1)[-1])}:{source.line}   {' '.join(clean_lines(source.text.strip()))}"))
    return tuple(facts)


def _failure_parts(trace: Trace, step: Step) -> Iterator[str]:
    """The crash, on the page of the failing call alone; the calls around it say where it is."""
    if step.error is None:
        return
    inner = next((other for other in reversed(trace.steps) if other.error is not None), step)
    if inner.index != step.index:
        yield f"The forward stopped inside this step, at %{inner.index} {clean(inner.name)}."
        return
    failure = diagnose(trace)
    yield "# Why did it stop?"
    yield from (plain_failure(failure) if failure is not None else error_words(step.error))


def _tensor_sheet(shown: Shown, step: Step) -> Sheet | str:
    """A tensor as a table: rows and columns of its last two dimensions."""
    value = shown.value
    title = value_title(shown.title, value)
    grid = lay_grid(value.shape)
    if not grid.rows or not grid.columns:
        return f"{title}: no elements"
    try:
        window = read_window(value.tensor(), grid, range(min(grid.rows, MOST_ROWS)), range(min(grid.columns, MOST_COLUMNS)))
    except (StaleValueError, RuntimeError, NotImplementedError, TypeError) as error:
        return f"{title}: {clean(error)}"
    answer = value.role == "step"
    labels = [row_label(shown.role, row, grid.rows, step.op, grid.dims) for row in range(len(window))]
    rows = tuple(
        (
            Cell(label if grid.dims else "", header=True),
            *(_number_cell(number, shown.role, answer, (value.producer, grid.index(row, column))) for column, number in enumerate(numbers)),
        )
        for row, (label, numbers) in enumerate(zip(labels, window, strict=True))
    )
    heads = (Cell("", header=True), *(Cell(str(column), header=True) for column in range(len(window[0])))) if grid.dims > 1 else ()
    cut = f", the first {len(window)} × {len(window[0])}" if grid.rows > MOST_ROWS or grid.columns > MOST_COLUMNS else ""
    slice_ = f" at [{', '.join(map(str, grid.leading))}, :, :]" if grid.leading else ""
    sizes = [abs(n) for line in window for n in line if isinstance(n, (int, float)) and n == n and abs(n) != float("inf")]
    return Sheet(f"{title}{slice_}{cut}", rows, heads, "tensor", float(max(sizes, default=0)))


def _number_cell(number: Number, role: str, answer: bool, source: object) -> Cell:
    size = float(number) if isinstance(number, (int, float)) else None
    return Cell(format_number(number), role, size, answer=answer, source=source if answer else None)


def _elements(tensors: tuple[Shown, ...], most: int) -> list[tuple[int, tuple[int, ...]]]:
    """The (output, index) of the elements to explain: the first few of the first output."""
    outputs = [shown for shown in tensors if shown.output is not None]
    if not outputs or 0 in outputs[0].value.shape:
        return []
    shape = outputs[0].value.shape
    found = []
    for index in product(*(range(min(size, most)) for size in shape)):
        found.append((outputs[0].output or 0, index))
        if len(found) == most:
            break
    return found


def _computations(trace: Trace, step: Step, asked: list[tuple[int, tuple[int, ...]]], worksheet: bool) -> Iterator[Sheet | str]:
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


def _moves(moved: list[Explanation], trace: Trace) -> Sheet:
    """Data that were only moved: a row an element."""
    rows = []
    for why in moved:
        factor = why.terms[0].factors[0]
        origin = Cell(origin_words(factor.origin, trace), "quiet")
        name = Cell(factor_name(factor), factor_role(factor), answer=True)
        rows.append((Cell(output_name(why), header=True), name, Cell(format_number(why.terms[0].value)), origin))
    heads = tuple(Cell(words, header=True) for words in ("element", "is", "number", "from"))
    return Sheet("moved, not changed", tuple(rows), heads)


def explanation_parts(why: Explanation, trace: Trace | None = None, level: str = "#", *, worksheet: bool = False) -> Iterator[Sheet | str]:
    """One number's heading, formula, stages, terms, verdict and notes."""
    number = value_of(why)
    question = f"What is {output_name(why)}?" if worksheet else title_of(why)
    yield f"{level} {question if level == '#' else output_name(why)}"
    letters = ", ".join(f"{clean(letter)} = {place}" for letter, place in why.indices.items())
    yield f"`{clean(why.formula)}`" + (f" with {letters}" if letters else "")
    for stage in why.stages:
        yield from explanation_parts(stage, trace, "##")
    if len(why.terms):
        yield terms_sheet(why, trace)
    if len(why.terms) > MOST_TERMS:
        yield f"… and {len(why.terms) - MOST_TERMS:,} more terms."
    yield from _tables(why)
    if number is not None:
        yield verdict_sheet(why)
    yield from (clean(note) for note in why.notes)


def verdict_sheet(why: Explanation) -> Sheet:
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
    return Sheet("result", (tuple(cells),))


def terms_sheet(why: Explanation, trace: Trace | None = None) -> Sheet:
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
        factors = [_factor_cell(factor) for factor in term.factors] if is_main else [Cell("") for _ in form]
        given = not is_main and all(factor.origin.kind not in ("step", "stage") for factor in term.factors)
        cells = [Cell(label_of(term), header=True), *factors, Cell(spell(term.value), answer=not given)]
        cells += [Cell(spell(running[place]), answer=True)] if running else []
        rows.append((*cells, Cell("\n".join([*([clean(term.mark)] if term.mark else []), *_origin_rows(term, trace)]), "quiet")))
    roles = ["", *(_factor_cell(factor).role for factor in _named_factors(shown, form)), *[""] * len(heads)][: len(heads)]
    named = tuple(Cell(clean(head), role, header=True) for head, role in zip(heads, roles, strict=True))
    return Sheet("terms", tuple(rows), (*named, Cell("from", header=True)))


def _named_factors(terms: Sequence[Term], form: tuple[str, ...]) -> tuple[Factor, ...]:
    """The factors of the first term of this form."""
    return next((term.factors for term in terms if form and has_form(term, form)), ())


def _origin_rows(term: Term, trace: Trace | None) -> list[str]:
    """Where each factor came from, a line each; a number of the code needs no word."""
    known = [factor for factor in term.factors[:4] if factor.origin.kind != "literal"]
    return [f"{clean(factor.name)} ← {origin_words(factor.origin, trace)}" for factor in known]


def _factor_cell(factor: Factor) -> Cell:
    origin, role = factor.origin, factor_role(factor)
    source = ((origin.step, origin.output), origin.index) if origin.kind == "step" else None
    return Cell(format_number(factor.number), role, answer=origin.kind in ("step", "stage"), source=source)


def _tables(why: Explanation) -> Iterator[Sheet]:
    for table in why.tables:
        heads = tuple(Cell(clean(head), header=True) for head in ("", *table.columns)) if table.columns else ()
        rows = tuple((Cell(clean(label), header=True), *map(_table_cell, cells)) for label, cells in table.rows)
        last = len(rows) - 1
        blanked = (*rows[:last], tuple(replace(cell, answer=not cell.header) for cell in rows[last])) if rows else rows
        yield Sheet(clean(table.title), blanked, heads)


def _table_cell(cell: Number | str | None) -> Cell:
    return Cell("–" if cell is None else clean(cell) if isinstance(cell, str) else format_number(cell))


def blank(pages: tuple[Page, ...]) -> tuple[tuple[Page, ...], tuple[tuple[int, str], ...]]:
    """The pages of a worksheet, every answer a numbered blank, and the key: (number, answer)."""
    key: list[tuple[int, str]] = []
    asked: dict[object, int] = {}

    def cover(cell: Cell) -> Cell:
        if not cell.answer or not cell.text.strip():
            return cell
        question = asked.get((cell.source, cell.text)) if cell.source is not None else None
        if question is None:
            question = asked[cell.source, cell.text] = len(key) + 1
            key.append((question, cell.text))
        return replace(cell, text=f"({question})", number=None)

    def cover_part(part: Sheet | str) -> Sheet | str:
        return part if isinstance(part, str) else replace(part, rows=tuple(tuple(map(cover, row)) for row in part.rows))

    covered = tuple(replace(page, parts=tuple(map(cover_part, page.parts))) for page in pages)
    return covered, tuple(key)
