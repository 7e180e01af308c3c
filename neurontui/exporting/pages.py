"""A trace as pages, a page a step: facts, tensors, computations, whatever they are then written as (HTML, Markdown)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from neurontui.debugger.shown import Shown, list_tensors
from neurontui.errors import StaleValueError
from neurontui.explainers.failures import diagnose
from neurontui.explanation import Number
from neurontui.exporting.computations import computations
from neurontui.exporting.tables import Block, Cell, Page, PageTable, Part
from neurontui.loading.modules import OWN_MODULE
from neurontui.records import Step, Trace
from neurontui.rendering.failures import error_words, plain_failure
from neurontui.rendering.positions import path_parts
from neurontui.rendering.steps import depth_of, step_shapes, step_title, step_type
from neurontui.rendering.tensors import lay_grid, read_window, row_label
from neurontui.rendering.values import value_title
from neurontui.text import clean, clean_lines, format_number

MOST_ROWS, MOST_COLUMNS = 16, 12  # of a tensor's table
MOST_ELEMENTS, MOST_QUESTIONS = 6, 2  # of one output that are explained, on a page and on a worksheet
MOST_SHOWN = 400  # steps of which tensors are shown: a large model's later steps are only named
MOST_EXPLAINED = 400  # explanations in one handout: a large model's later steps show their tensors alone


def make_pages(trace: Trace, *, worksheet: bool = False) -> tuple[Page, ...]:
    """A page for every step; on a worksheet fewer numbers are asked for, and no heading says one. Runs the explainers."""
    most = MOST_QUESTIONS if worksheet else MOST_ELEMENTS
    budget = MOST_EXPLAINED
    pages = []
    for step in trace.steps:
        tensors = list_tensors(trace, step.index) if step.index < MOST_SHOWN or step.error is not None else ()
        asked = _elements(tensors, most)[:budget] if step.kind != "module" and step.error is None else []
        budget -= len(asked)
        parts = (*_failure_parts(trace, step), *(tensor_table(shown, step) for shown in tensors))
        parts += tuple(computations(trace, step, asked, worksheet))
        title = " › ".join(path_parts(trace, step.index))
        depth, failed = depth_of(trace, step.index), step.error is not None
        pages.append(Page(f"step-{step.index}", title, step_shapes(step), depth, _facts(trace, step), parts, failed))
    return tuple(pages)


def _facts(trace: Trace, step: Step) -> tuple[tuple[str, str], ...]:
    """Name and words: what a reader wants to know before the numbers."""
    facts = [("step", f"%{step.index} of {len(trace.steps)}"), ("operation", clean(step.op.removeprefix(OWN_MODULE)))]
    if step_type(step):
        facts.append(("layer", f"{step_title(step, trace)}, {step_type(step)}"))
    if step.training is not None:
        facts.append(("mode", "train" if step.training else "eval"))
    facts.append(("gradients", "on" if step.grad else "off"))
    if trace.run is not None and trace.run.seed is not None:
        facts.append(("seed", str(trace.run.seed)))
    source = step.source
    if source is not None:
        facts.append(("code", f"{clean(source.file.rsplit('/', 1)[-1])}:{source.line}   {' '.join(clean_lines(source.text.strip()))}"))
    return tuple(facts)


def _failure_parts(trace: Trace, step: Step) -> Iterator[Part]:
    """The crash, on the page of the failing call alone; the calls around it say where it is."""
    if step.error is None:
        return
    inner = next((other for other in reversed(trace.steps) if other.error is not None), step)
    if inner.index != step.index:
        yield f"The forward stopped inside this step, at %{inner.index} {clean(inner.name)}."
        return
    failure = diagnose(trace)
    yield "# Why did it stop?"
    yield Block("items", tuple(plain_failure(failure) if failure is not None else error_words(step.error)))


def tensor_table(shown: Shown, step: Step) -> PageTable | str:
    """A tensor as a table: rows and columns of its last two dimensions."""
    value = shown.value
    title = value_title(shown.title, value)
    grid = lay_grid(value.shape)
    if not grid.rows or not grid.columns:
        return f"{title}: no elements"
    try:
        window = read_window(value.tensor(), grid, range(min(grid.rows, MOST_ROWS)), range(min(grid.columns, MOST_COLUMNS)))
    except StaleValueError as error:
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
    return PageTable(f"{title}{slice_}{cut}", rows, heads, "tensor", float(max(sizes, default=0)))


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
