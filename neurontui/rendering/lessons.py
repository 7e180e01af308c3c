"""A lesson's page, its question, and what may be seen of the computation: as lines, and in words for a screen reader."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.debugger import Shown
from neurontui.errors import StaleValueError
from neurontui.explanation import Explanation, Number, Term
from neurontui.lessons.questions import Question
from neurontui.lessons.questions.scenes import name_step
from neurontui.lessons.quiz import Asking
from neurontui.lessons.scenes import Scene, Told
from neurontui.records import Trace, Value
from neurontui.rendering.explanations import lay_sheet
from neurontui.rendering.failures import failure_lines, plain_failure
from neurontui.rendering.forms import is_product
from neurontui.rendering.formulas import color_names, names_in, spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of, wrap_line
from neurontui.rendering.tensors import lay_grid, read_window
from neurontui.rendering.terms import Cover
from neurontui.rendering.values import plain_tensor, tensor_lines, value_title
from neurontui.rendering.verdicts import title_of
from neurontui.rendering.words import plain_explanation, term_words
from neurontui.text import clean, fit_numbers, format_index, format_number, format_shape

DEFAULT = Look()
ROWS = 8  # of a tensor
LONGEST_ROW = 16  # numbers of a vector that is written in one line
ROWS_READ = 6  # of one that is read out, and numbers of each
OF_TENSORS = ("shape", "largest", "parameters")  # questions that tensors answer, not one computation


def lesson_head(scene: Scene, width: int, look: Look = DEFAULT) -> Text:
    glyphs = look.glyphs
    full, rest = ("#", ".") if glyphs.ascii else ("▰", "▱")
    here = min(scene.number, scene.count)
    bar = f"{full * here}{rest * (scene.count - here)} " if scene.count <= 24 else ""
    dim = look.palette.style("dim")
    where = f"{here}/{scene.count} " if scene.count else f"{look.words('question')} {scene.number} "
    right = line_of((where, dim), (bar, look.palette.style("accent")))
    head = f" {look.words('Lesson:')} " if scene.count else " "
    line = line_of((head, dim), (clean(scene.lesson), look.palette.style("text", bold=True)))
    line.truncate(max(width - right.cell_len - 2, 0), overflow=overflow_of(look), pad=True)
    line.append("  ")
    return line.append_text(right)


def page_lines(scene: Scene, width: int, look: Look = DEFAULT, *, notes: bool = False) -> list[Text]:
    """The text of a page: paragraphs, items and code; with `notes` the speaker's own below."""
    lines: list[Text] = []
    for place, told in enumerate(scene.told):
        if place and not told.kind == scene.told[place - 1].kind == "item":
            lines.append(Text(""))
        lines += _told_lines(told, width, look)
    if scene.tries:
        words = look.words("taken back with t" if scene.trying else "try it with t")
        tries = " ; ".join(map(clean, scene.tries))
        lines += [
            Text(""),
            *wrap_line(line_of((tries, look.palette.style("accent", bold=True)), (f"   {words}", look.palette.style("dim"))), width, 2),
        ]
    if notes and scene.notes:
        lines.append(Text(""))
        for note in scene.notes:
            lines += wrap_line(_styled(look.words(f"Note: {note}"), look, "warn"), width, 2)
    return lines


def _told_lines(told: Told, width: int, look: Look) -> list[Text]:
    if told.kind == "code":
        return [Text(f"  {clean(line)}", look.palette.style("input"), no_wrap=True) for line in told.text.split("\n")]
    mark = f"{told.mark if told.mark not in '-*' or look.glyphs.ascii else '•'} " if told.kind == "item" else ""
    return wrap_line(_styled(mark + told.text, look, "text"), width, len(mark))


def _styled(text: str, look: Look, style: str, *, bold: bool = False) -> Text:
    """Words of a lesson, what stands between backquotes in the accent colour."""
    cleaned = spell_signs(clean(text), look)
    words = Text(cleaned.replace("`", ""), look.palette.style(style, bold=bold))
    for start, stop in _code_spans(cleaned, 0):
        words.stylize(look.palette.style("accent", bold=bold), start, stop)
    return words


def _code_spans(text: str, offset: int) -> list[tuple[int, int]]:
    """Where the words between backquotes stand once the backquotes are gone."""
    spans, place, start = [], offset, -1
    for char in text:
        if char != "`":
            place += 1
        elif start < 0:
            start = place
        else:
            spans.append((start, place))
            start = -1
    return spans


def scene_title(scene: Scene) -> str:
    """What the pane of the computation is called."""
    question = scene.covering
    if question is not None:
        return title_of(question.sum, hidden=True) if question.sum is not None else question.place
    if scene.failure is not None:
        return "Why did it stop?"
    if shows_tensors(scene):
        if scene.asking is not None:
            return scene.asking.question.place
        return name_step(scene.trace.steps[scene.step]) if scene.trace is not None else clean(scene.title)
    return title_of(scene.why) if scene.why is not None else ""


def shows_tensors(scene: Scene) -> bool:
    """Whether tensors are shown: the page looks at one, or an answered question is settled by them."""
    asked = scene.asking is not None and scene.asking.question.kind in OF_TENSORS
    return bool(scene.tensors) and (asked or scene.why is None)


def scene_explanation(scene: Scene) -> Explanation | None:
    """The computation that is shown whole; None where a question covers it, or something else is shown."""
    return scene.why if scene.failure is None and not shows_tensors(scene) else None


def scene_lines(scene: Scene, width: int, look: Look = DEFAULT) -> list[Text]:
    """What stands below the text where `scene_explanation` is None: the uncovered part of a computation, tensors, or a crash."""
    if scene.covering is not None:
        return question_scene(scene.covering, width, look, scene.trace)
    if scene.failure is not None:
        return failure_lines(scene.failure, width, look)
    return tensors_lines(scene.tensors, width, look)


def question_scene(question: Question, width: int, look: Look = DEFAULT, trace: Trace | None = None) -> list[Text]:
    """What may be seen before the answer."""
    if question.sum is not None:
        sheet = lay_sheet(question.sum, width, look, trace=trace, cover=Cover(question.covered, question.covers_values))
        return [sheet.line(y) for y in range(sheet.height)]
    lines = []
    if question.formula:
        names = names_in(question.about) if question.about is not None else {}
        lines = [*wrap_line(color_names(spell_signs(clean(question.formula), look), names, look), width, 2), Text("")]
    lines += tensors_lines(question.given, width, look)
    for shown in question.bare:
        lines.append(Text(value_title(shown.title, shown.value), look.palette.style(shown.role), no_wrap=True))
    return lines or [Text(clean(question.place), look.palette.style("dim"))]


def tensors_lines(tensors: Sequence[Shown], width: int, look: Look = DEFAULT) -> list[Text]:
    """Tensors below one another, the beginning of each; a short vector in one line."""
    lines: list[Text] = []
    titles = max((len(value_title(shown.title, shown.value)) for shown in tensors if len(shown.value.shape) < 2), default=0)
    for shown in tensors:
        title = Text(value_title(shown.title, shown.value), look.palette.style(shown.role), no_wrap=True)
        try:
            row = _vector_row(shown.value)
            if row and titles + 2 + len(row) <= width:
                lines.append(line_of(title, " " * (titles - title.cell_len + 2), (row, look.palette.style("text"))))
                continue
            lines += [title, *(line_of("  ", line) for line in tensor_lines(shown.value, width - 2, ROWS, look))]
        except StaleValueError as error:
            lines += [title, Text(f"  {clean(error)}", look.palette.style("dim"))]
    return lines


def _vector_row(value: Value) -> str:
    """The numbers of a vector or of a single number in one line; "" for any other tensor."""
    if len(value.shape) > 1 or not all(0 < size <= LONGEST_ROW for size in value.shape):
        return ""
    grid = lay_grid(value.shape)
    numbers = [line[0] for line in read_window(value.tensor(), grid, range(grid.rows), range(1))]
    column = fit_numbers(numbers)
    return "  ".join(column.write(number) for number in numbers)


def question_lines(asking: Asking, width: int, look: Look = DEFAULT) -> list[Text]:
    """The question with its choices, and what was said last."""
    question = asking.question
    lines = wrap_line(_styled(question.words, look, "text", bold=True), width, 2)
    if question.choices:
        whole = Text(no_wrap=True)
        for place, choice in enumerate(question.choices, 1):
            whole.append(f"{place} ", look.palette.style("accent", bold=True)).append_text(_styled(f"{choice}   ", look, "text"))
        whole.rstrip()
        lines += [whole] if whole.cell_len <= width else _choice_lines(question, width, look)
    return lines


def _choice_lines(question: Question, width: int, look: Look) -> list[Text]:
    lines: list[Text] = []
    for place, choice in enumerate(question.choices, 1):
        lines += wrap_line(line_of((f"{place} ", look.palette.style("accent", bold=True)), _styled(choice, look, "text")), width, 2)
    return lines


def said_lines(scene: Scene, width: int, look: Look = DEFAULT, most: int = 2) -> list[Text]:
    """What the learner's own command said, or what was said to the last answer, with its sign."""
    asking = scene.asking
    if scene.said:
        return [Text(clean(line), look.palette.style("text"), no_wrap=True) for line in scene.said[:most]]
    if asking is None or not asking.said:
        return []
    signs = {"right": f"{look.glyphs.right} ", "wrong": f"{look.glyphs.wrong} "}
    styles = {"right": "good", "wrong": "wrong", "hint": "accent", "shown": "accent"}
    sign, style = signs.get(asking.kind, ""), styles.get(asking.kind, "text")
    return wrap_line(_styled(sign + asking.said, look, style), width, len(sign))


# In words.


def plain_scene(scene: Scene, *, notes: bool = False) -> list[str]:
    """A page for a screen reader: one fact a line."""
    where = "The end" if scene.ended else f"Page {scene.number} of {scene.count}: {clean(scene.title)}"
    lines = [where]
    for told in scene.told:
        lines += [f"code: {clean(line)}" for line in told.text.split("\n")] if told.kind == "code" else [plain_words(told.text)]
    if notes:
        lines += [f"Note: {plain_words(note)}" for note in scene.notes]
    lines += [f"To try with t: {clean(line)}" for line in scene.tries]
    return lines


def plain_words(text: str) -> str:
    """Words of a lesson without backquotes, and with a word for each arrow."""
    return clean(text).replace("`", "").replace("→", "to")


def plain_below(scene: Scene) -> list[str]:
    """The computation of a page in words, as far as its question lets see it, and the question."""
    asking = scene.asking
    if scene.covering is not None:
        return [*plain_given(scene.covering), *(plain_question(asking.question) if asking is not None and asking.open else ())]
    if scene.failure is not None:
        return plain_failure(scene.failure)
    if shows_tensors(scene):
        return [line for shown in scene.tensors for line in _plain_shown(shown, numbers=asking is None or shown.output is not None)]
    return plain_explanation(scene.why, trace=scene.trace, terms=16, exact=scene.exact) if scene.why is not None else []


def plain_given(question: Question) -> list[str]:
    """What may be known before the answer."""
    lines = [f"At {clean(question.place)}"]
    if question.formula:
        lines.append(f"Formula: {clean(question.formula)}")
    if question.sum is not None:
        return [*lines, *_plain_terms(question)]
    for shown in question.given:
        lines += _plain_shown(shown)
    return [*lines, *(f"{clean(shown.title)} has the shape {format_shape(shown.value.shape)}" for shown in question.bare)]


def plain_question(question: Question) -> list[str]:
    """The question with its choices."""
    choices = [f"Choice {place}: {plain_words(choice)}" for place, choice in enumerate(question.choices, 1)]
    return [f"Question: {plain_words(question.words)}", *choices]


def _plain_terms(question: Question) -> list[str]:
    why = question.sum
    assert why is not None
    lines: list[str] = []
    total: Number = 0
    for place, term in enumerate(why.terms):
        covered, total = place >= question.covered, total + term.value
        secret = question.covers_values and place == question.covered
        words = _plain_factors(term) if secret else term_words(why, term)
        lines.append(f"Term {place}: {words}" + ("" if covered else f", the sum so far is {format_number(total)}"))
    return lines


def _plain_factors(term: Term) -> str:
    """What a term is made of, without its value."""
    named = [f"{clean(format_index(factor.name, factor.index))} {format_number(factor.number)}" for factor in term.operands]
    return " times ".join(named) if is_product(term) else clean(term.label)


def _plain_shown(shown: Shown, *, numbers: bool = True) -> list[str]:
    head = f"{clean(shown.title)} has the shape {format_shape(shown.value.shape)}"
    if not numbers:
        return [head]
    try:
        return [head, *plain_tensor(shown.value, ROWS_READ, name=clean(shown.title))]
    except StaleValueError as error:
        return [head, clean(error)]
