"""Reading an answer, and saying what is wrong with it."""

from __future__ import annotations

import math
import re

from neurontui.lessons.questions.question import Answer, Question, Verdict
from neurontui.text import clean, short_number

_YES, _NO = ("y", "yes", "true"), ("n", "no", "false")


def judge(question: Question, text: str) -> Verdict | None:
    """What there is to say to an answer; None where the text is no answer to this question at all."""
    answer = read_answer(question, text)
    if answer is None:
        return None
    if any(_is(question, answer, right, text) for right in (question.answer, *question.also)):
        return Verdict(True, question.right)
    for mistake in question.mistakes:
        if _is(question, answer, mistake.answer, text):
            return Verdict(False, mistake.words, mistake.name)
    if question.wants == "number" and _is_close(question, answer):
        return Verdict(False, "Very close: give more decimals.", "rounding")
    return Verdict(False, _say_wrong(question, answer))


def read_answer(question: Question, text: str) -> Answer | None:
    """An answer as a number, a shape or a choice; None where it is none."""
    words = text.strip().lower().replace("−", "-")
    if not words:
        return None
    if question.wants == "choice":
        return _read_choice(question.choices, words)
    if question.wants == "shape":
        return _read_shape(words)
    number = _read_number(words)
    return None if question.wants == "whole" and number is not None and number != int(number) else number


def expected(question: Question) -> str:
    """What kind of answer is wanted, as the end of a sentence."""
    return {
        "number": "a number, as in 2.7 or 27/10",
        "whole": "a whole number",
        "shape": "a shape, as in [2, 1] or 2x1",
        "choice": f"the number of a choice, from 1 to {len(question.choices)}, or its first words",
    }[question.wants]


def _read_choice(choices: tuple[str, ...], words: str) -> int | None:
    if words.isdecimal():
        return int(words) - 1 if 1 <= int(words) <= len(choices) else None
    lower = [choice.lower() for choice in choices]
    if words in _YES + _NO and lower == ["yes", "no"]:
        return int(words in _NO)
    for fits in (str.__eq__, str.startswith, str.__contains__):
        meant = [place for place, choice in enumerate(lower) if fits(choice, words)]
        if len(meant) == 1:
            return meant[0]
    return None


def _read_shape(words: str) -> tuple[int, ...] | None:
    inside = re.sub(r"^(torch\.size)?\s*[(\[]*|[)\]]*$", "", words)
    parts = re.split(r"[\s,x×*]+", inside.strip(" ,"))
    if parts == [""]:
        return ()
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _read_number(words: str) -> float | None:
    text = words.replace(" ", "")
    if re.fullmatch(r"[-+]?\d*,\d+", text):
        text = text.replace(",", ".")  # as many countries write it
    elif re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")  # 2,666,666.75
    over, slash, under = text.partition("/")
    try:
        return float(over) / float(under) if slash else float(text)
    except (ValueError, ZeroDivisionError):
        return None


def _is(question: Question, answer: Answer, wanted: Answer, text: str) -> bool:
    """Whether an answer means this one: a number up to the digits that were typed, if those are not too few."""
    if question.wants != "number" or isinstance(answer, tuple) or isinstance(wanted, tuple):
        return answer == wanted
    if isinstance(wanted, complex) or isinstance(answer, complex) or not math.isfinite(wanted) or not math.isfinite(answer):
        return answer == wanted or (answer != answer and wanted != wanted)
    few = 0.5 * 10.0 ** -_decimals(text)
    return abs(answer - wanted) <= min(few, 0.01 * abs(wanted)) * (1 + 1e-6) + 1e-6 * abs(wanted) + question.tolerance


def _is_close(question: Question, answer: Answer) -> bool:
    wanted = question.answer
    if isinstance(answer, tuple | complex) or isinstance(wanted, tuple | complex):
        return False
    return math.isfinite(wanted) and abs(answer - wanted) <= 0.05 * abs(wanted)


def _decimals(text: str) -> int:
    if "/" in text or "e" in text.lower():
        return 9
    found = re.search(r"[.,](\d+)\s*$", text)
    return len(found[1]) if found else 0


def _say_wrong(question: Question, answer: Answer) -> str:
    """A sentence for a mistake that nobody foresaw; it gives a direction, not the answer."""
    wanted = question.answer
    if question.kind == "largest":  # the answer is a place, of which more or less says nothing
        return "No: another one is larger."
    if question.wants in ("number", "whole") and not isinstance(answer, tuple | complex) and not isinstance(wanted, tuple | complex):
        if math.isfinite(wanted):
            return f"Not {clean(short_number(answer))}: it is {'larger' if wanted > answer else 'smaller'}."
        return "Not a finite number: look for what divides by zero or overflows."
    if question.wants == "shape" and isinstance(answer, tuple) and isinstance(wanted, tuple):
        if len(answer) != len(wanted):
            return f"Not yet: it has {len(wanted)} dimension{'s' * (len(wanted) != 1)}, not {len(answer)}."
        wrong = [str(place) for place, (one, other) in enumerate(zip(answer, wanted, strict=True)) if one != other]
        return f"Not yet: look at dimension {', '.join(wrong)} again, counted from 0."
    return "No. Look at the numbers again."
