"""A quiz: the question that is open, what was answered, and the score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from neurontui.errors import InputError
from neurontui.lessons.questions import Question, Verdict, expected, judge
from neurontui.lessons.words import ENGLISH, Words
from neurontui.text import clean


@dataclass(frozen=True, slots=True)
class Answered:
    """One question as it went. `solved` is None where it was shown without having been answered rightly."""

    place: str
    words: str
    told: str
    wrong: tuple[str, ...] = ()  # the wrong answers that were given
    mistakes: tuple[str, ...] = ()  # the names of those that were recognised
    hints: int = 0
    solved: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """A question with what has been said to it so far. Frozen: an answer gives a new one."""

    question: Question
    record: Answered
    open: bool = True
    said: str = ""  # the last sentence
    kind: str = ""  # of the sentence: "right", "wrong", "hint", ""
    words: Words = ENGLISH


def begin(question: Question, words: Words = ENGLISH) -> Asking:
    """A question that was just asked, in these words."""
    asked = _say_question(question, words)
    return Asking(asked, Answered(asked.place, asked.words, asked.told), words=words)


def _say_question(question: Question, say: Words) -> Question:
    return replace(
        question, words=say(question.words), right=say(question.right), place=say(question.place),
        choices=tuple(map(say, question.choices)), hints=tuple(map(say, question.hints)),
        mistakes=tuple(replace(mistake, words=say(mistake.words)) for mistake in question.mistakes),
    )  # fmt: skip


def answer(asking: Asking, text: str) -> Asking:
    """What an answer does: it closes the question, or says what is wrong and lets try again."""
    if not asking.open:
        return asking
    verdict = judge(asking.question, text)
    if verdict is None:
        return replace(asking, said=asking.words(f"The answer is {expected(asking.question)}."), kind="hint")
    if verdict.right:
        first = "Right" if not asking.record.wrong else "Right now"
        words = " ".join(filter(None, (asking.words(end_sentence(f"{first}: {asking.question.told}")), verdict.words)))
        return replace(asking, record=replace(asking.record, solved=True), open=False, said=words, kind="right")
    return replace(asking, record=_note_wrong(asking.record, text, verdict), said=asking.words(verdict.words), kind="wrong")


def _note_wrong(record: Answered, text: str, verdict: Verdict) -> Answered:
    mistakes = (*record.mistakes, verdict.mistake) if verdict.mistake else record.mistakes
    return replace(record, wrong=(*record.wrong, text.strip()), mistakes=mistakes)


def hint(asking: Asking) -> Asking:
    """The next hint; after the last one it begins again."""
    hints = asking.question.hints
    if not asking.open:
        return asking
    if not hints:
        return replace(asking, said=asking.words("There is no hint to this one. An empty answer shows it."), kind="hint")
    given = asking.record.hints
    said = asking.words(f"Hint: {hints[given % len(hints)]}")
    return replace(asking, record=replace(asking.record, hints=given + 1), said=said, kind="hint")


def reveal(asking: Asking) -> Asking:
    """Show the answer without having found it."""
    if not asking.open:
        return asking
    told = asking.question.told
    answer = f"The answer: {told}" if asking.question.wants == "choice" else f"The answer is {told}"
    words = " ".join(filter(None, (asking.words(end_sentence(answer)), asking.question.right)))
    return replace(asking, open=False, said=words, kind="shown")


def end_sentence(words: str) -> str:
    """With a full stop, where it does not end with one already."""
    return words if words.endswith((".", "…", "?", "!")) else f"{words}."


def score(answered: list[Answered], words: Words = ENGLISH) -> str:
    """`"4 of 5 found, 3 at once; 2 hints."`"""
    found = [one for one in answered if one.solved]
    at_once = [one for one in found if not one.wrong and not one.hints]
    hints = sum(one.hints for one in answered)
    parts = [f"{len(found)} of {len(answered)} found", f"{len(at_once)} at once"]
    return words(f"{', '.join(parts)}; {hints} hint{'s' * (hints != 1)}." if answered else "Nothing was asked.")


def score_lines(answered: list[Answered], title: str = "", words: Words = ENGLISH) -> list[str]:
    """The score as Markdown: a line in all, then a row a question."""
    heads = " | ".join(map(words, ("where", "question", "answer", "found", "wrong answers", "hints")))
    lines = [f"# {title or words('Score')}", "", score(answered, words), "", f"| {heads} |", "|---|---|---|---|---|---|"]
    for one in answered:
        wrong = ", ".join(one.wrong) or words("none")
        cells = (one.place, one.words, one.told, words("yes" if one.solved else "no"), wrong, str(one.hints))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def write_score(answered: list[Answered], file: str, title: str = "", words: Words = ENGLISH) -> str:
    """Write the score as Markdown; a sentence that says where it is.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        Path(file).write_text("\n".join(score_lines(answered, title, words)) + "\n", "utf-8")
    except OSError as error:
        raise InputError(words(f"the score cannot be written to {clean(file)}: {error.strerror}.")) from error
    return words(f"The score is in {clean(file)}.")
