"""A lesson's page, its question, and what may be seen of the computation: as lines, and in words for a screen reader."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from neurontui.debugger import Shown
from neurontui.errors import StaleValueError
from neurontui.explanation import Explanation
from neurontui.lessons.player import Scene, Told
from neurontui.lessons.questions import Question
from neurontui.lessons.quiz import Asking
from neurontui.records import Trace
from neurontui.rendering.explanations import lay_sheet
from neurontui.rendering.failures import failure_lines, plain_failure
from neurontui.rendering.formulas import color_names, spell_signs
from neurontui.rendering.glyphs import Look
from neurontui.rendering.lines import line_of, overflow_of, wrap_line
from neurontui.rendering.terms import Cover
from neurontui.rendering.values import plain_tensor, tensor_lines, value_title
from neurontui.rendering.verdicts import title_of
from neurontui.rendering.words import plain_explanation
from neurontui.text import clean, format_number, format_shape

DEFAULT = Look()
ROWS = 8  # of a tensor
OF_TENSORS = (
    "shape",
    "largest",
    "parameters",
    "equal",
    "whether",
    "choice",
)  # questions that are answered by tensors, not by one computation


def lesson_head(scene: Scene, width: int, look: Look = DEFAULT) -> Text:
    """`Lesson: One neuron                    3/8 ▰▰▰▱▱▱▱▱`."""
    glyphs = look.glyphs
    full, rest = ("#", ".") if glyphs.ascii else ("▰", "▱")
    here = min(scene.number, scene.count)
    bar = f"{full * here}{rest * (scene.count - here)} " if scene.count <= 24 else ""
    dim = look.palette.style("dim")
    where = f"{here}/{scene.count} " if scene.count else f"question {scene.number} "
    right = line_of((where, dim), (bar, look.palette.style("accent")))
    line = line_of((" Lesson: " if scene.count else " ", dim), (clean(scene.lesson), look.palette.style("text", bold=True)))
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
        words = "taken back with t" if scene.trying else "try it with t"
        tries = " ; ".join(map(clean, scene.tries))
        lines += [
            Text(""),
            *wrap_line(line_of((tries, look.palette.style("accent", bold=True)), (f"   {words}", look.palette.style("dim"))), width, 2),
        ]
    if notes and scene.notes:
        lines.append(Text(""))
        for note in scene.notes:
            lines += wrap_line(Text(f"Note: {clean(note)}", look.palette.style("warn")), width, 2)
    return lines


def _told_lines(told: Told, width: int, look: Look) -> list[Text]:
    if told.kind == "code":
        return [Text(f"  {clean(line)}", look.palette.style("input"), no_wrap=True) for line in told.text.split("\n")]
    mark = f"{told.mark if told.mark not in '-*' or look.glyphs.ascii else '•'} " if told.kind == "item" else ""
    words = Text(mark + spell_signs(clean(told.text).replace("`", ""), look), look.palette.style("text"))
    for start, stop in _code_spans(clean(told.text), len(mark)):
        words.stylize(look.palette.style("accent"), start, stop)
    return wrap_line(words, width, len(mark))


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
    if _shows_tensors(scene) and scene.asking is not None:
        return scene.asking.question.place
    return title_of(scene.why) if scene.why is not None else ""


def _shows_tensors(scene: Scene) -> bool:
    """Whether an answered question is settled by the tensors."""
    return scene.asking is not None and scene.asking.question.kind in OF_TENSORS and bool(scene.tensors)


def scene_explanation(scene: Scene) -> Explanation | None:
    """The computation that is shown whole; None where a question covers it, or something else is shown."""
    return scene.why if scene.failure is None and not _shows_tensors(scene) else None


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
        lines = [color_names(spell_signs(clean(question.formula), look), {}, look), Text("")]
    lines += tensors_lines(question.given, width, look)
    for shown in question.bare:
        lines.append(Text(value_title(shown.title, shown.value), look.palette.style(shown.role), no_wrap=True))
    return lines or [Text(clean(question.place), look.palette.style("dim"))]


def tensors_lines(tensors: Sequence[Shown], width: int, look: Look = DEFAULT) -> list[Text]:
    """Tensors below one another, the beginning of each."""
    lines: list[Text] = []
    for shown in tensors:
        lines.append(Text(value_title(shown.title, shown.value), look.palette.style(shown.role), no_wrap=True))
        try:
            lines += [line_of("  ", line) for line in tensor_lines(shown.value, width - 2, ROWS, look)]
        except (StaleValueError, RuntimeError, NotImplementedError) as error:
            lines.append(Text(f"  {clean(error)}", look.palette.style("dim")))
    return lines


def question_lines(asking: Asking, width: int, look: Look = DEFAULT) -> list[Text]:
    """The question with its choices, and what was said last."""
    question = asking.question
    lines = wrap_line(Text(clean(question.words), look.palette.style("text", bold=True)), width, 2)
    if question.choices:
        whole = Text(no_wrap=True)
        for place, choice in enumerate(question.choices, 1):
            whole.append(f"{place} ", look.palette.style("accent", bold=True)).append(f"{clean(choice)}   ", look.palette.style("text"))
        whole.rstrip()
        lines += [whole] if whole.cell_len <= width else _choice_lines(question, width, look)
    return lines


def _choice_lines(question: Question, width: int, look: Look) -> list[Text]:
    lines: list[Text] = []
    for place, choice in enumerate(question.choices, 1):
        lines += wrap_line(line_of((f"{place} ", look.palette.style("accent", bold=True)), clean(choice)), width, 2)
    return lines


def said_lines(asking: Asking, width: int, look: Look = DEFAULT) -> list[Text]:
    """What was said to the last answer, with its sign."""
    if not asking.said:
        return []
    signs = {"right": f"{look.glyphs.right} ", "wrong": f"{look.glyphs.wrong} "}
    styles = {"right": "good", "wrong": "wrong", "hint": "accent", "shown": "accent"}
    sign, style = signs.get(asking.kind, ""), styles.get(asking.kind, "text")
    return wrap_line(Text(sign + spell_signs(clean(asking.said), look), look.palette.style(style)), width, len(sign))


# In words.


def plain_scene(scene: Scene, *, notes: bool = False) -> list[str]:
    """A page for a screen reader: one fact a line."""
    where = "The end" if scene.ended else f"Page {scene.number} of {scene.count}: {clean(scene.title)}"
    lines = [where]
    for told in scene.told:
        lines += [f"code: {clean(line)}" for line in told.text.split("\n")] if told.kind == "code" else [clean(told.text).replace("`", "")]
    if notes:
        lines += [f"Note: {clean(note)}" for note in scene.notes]
    lines += [f"To try: {clean(line)}" for line in scene.tries]
    return lines


def plain_below(scene: Scene) -> list[str]:
    """The computation of a page in words, as far as its question lets see it, and the question."""
    asking = scene.asking
    if scene.covering is not None:
        return [*plain_given(scene.covering), *(plain_question(asking.question) if asking is not None and asking.open else ())]
    if scene.failure is not None:
        return plain_failure(scene.failure)
    if _shows_tensors(scene):
        return [line for shown in scene.tensors for line in _plain_shown(shown)]
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
    choices = [f"Choice {place}: {clean(choice)}" for place, choice in enumerate(question.choices, 1)]
    return [f"Question: {clean(question.words)}", *choices]


def _plain_terms(question: Question) -> list[str]:
    assert question.sum is not None
    lines, total = [], 0.0
    for place, term in enumerate(question.sum.terms):
        named = " times ".join(
            f"{clean(factor.name)}{format_shape(factor.index)} {format_number(factor.number)}" for factor in term.factors
        )
        covered = place >= question.covered
        value = "" if (covered and question.covers_values) or len(term.factors) == 1 else f" is {format_number(term.value)}"
        total = total + term.value  # type: ignore[assignment]
        lines.append(f"Term {place}: {named}{value}" + ("" if covered else f", the sum so far is {format_number(total)}"))
    return lines


def _plain_shown(shown: Shown) -> list[str]:
    head = f"{clean(shown.title)} has the shape {format_shape(shown.value.shape)}"
    try:
        return [head, *plain_tensor(shown.value, name=clean(shown.title))]
    except (StaleValueError, RuntimeError, NotImplementedError) as error:
        return [head, clean(error)]
