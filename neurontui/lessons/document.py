"""A lesson as it stands in its file: front matter, pages, commands, notes. Read from Markdown; nothing in it is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from neurontui.errors import LessonError, nearest
from neurontui.lessons.words import LANGUAGE
from neurontui.text import clean

MODES = {"written": None, "train": True, "eval": False}
KEYS = ("title", "language", "model", "input", "seed", "mode", "minutes")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, numbered from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of a page: a paragraph, an item of a list, or code that stands as it is."""

    kind: Literal["text", "item", "code"]
    lines: tuple[Line, ...]
    mark: str = ""  # an item's: "-", "1."


@dataclass(frozen=True, slots=True)
class Page:
    """One thing to say. `commands` run when it is entered, `tries` when the learner asks for it; `asks` is the page's question."""

    title: Line
    parts: tuple[Part, ...] = ()
    commands: tuple[Line, ...] = ()
    tries: tuple[Line, ...] = ()
    asks: Line | None = None  # the words after `predict`
    notes: tuple[Part, ...] = ()
    question: Part | None = None  # its words, where they are not made from the trace
    right: Part | None = None
    hints: tuple[Part, ...] = ()
    wrong: Mapping[str, Part] = field(default_factory=dict)  # by the name of the mistake
    choices: tuple[tuple[str, Line], ...] = ()  # of `predict choice`: a condition and what is offered


@dataclass(frozen=True, slots=True)
class Lesson:
    """A whole lesson. `model` is as in its front matter: "demo neuron", "net.py", "net.py:NAME"."""

    file: str
    title: str
    model: str
    pages: tuple[Page, ...]
    inputs: tuple[str, ...] = ()
    seed: int | None = None
    training: bool | None = None
    minutes: int | None = None
    language: str = "en"
    model_line: int = 1  # where `model:` stands

    def refuse(self, line: Line | int, reason: str) -> LessonError:
        """The error for a line of this lesson."""
        return _refuse(self.file, line if isinstance(line, int) else line.number, reason)


def read_lesson(file: str | Path) -> Lesson:
    """The lesson in a file.

    Raises:
        LessonError: it cannot be read, or is no lesson; the sentence names the line.
    """
    name = str(file)
    try:
        text = Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise LessonError(f"the lesson {name} cannot be read: {reason}.") from error
    return parse_lesson(text, name)


def parse_lesson(text: str, file: str = "lesson") -> Lesson:
    """The lesson in a text.

    Raises:
        LessonError: it is no lesson; the sentence names file and line.
    """
    lines = [Line(number, line.rstrip()) for number, line in enumerate(text.splitlines(), 1)]
    head, body = _split_head(lines, file)
    values = _read_head(head, file)
    pages = tuple(_read_page(title, part, file) for title, part in _split_pages(body, file))
    if not pages:
        raise _refuse(file, len(lines), "a lesson has at least one page, and a page begins with `## Title`")
    one = {key: line.text for key, line in values if key != "input"}
    for key in ("title", "model"):
        if not one.get(key):
            raise _refuse(file, 1, f"the front matter needs a line `{key}: …`")
    inputs = tuple(line.text for key, line in values if key == "input")
    where = {key: line.number for key, line in values}
    return Lesson(
        file, one["title"], one["model"], pages, inputs, _whole(one, where, "seed", file), _mode(one, where, file),
        _whole(one, where, "minutes", file), _language(one, where, file), where["model"],
    )  # fmt: skip


def _refuse(file: str, line: int, reason: str) -> LessonError:
    return LessonError(f"{clean(file)}:{line}: {clean(reason)}{'' if reason.endswith('?') else '.'}")


def _split_head(lines: list[Line], file: str) -> tuple[list[Line], list[Line]]:
    """The lines between the two `---`, and those after them."""
    if not lines or lines[0].text != "---":
        raise _refuse(file, 1, "a lesson begins with its front matter: a line `---`, lines `key: value`, and a line `---`")
    end = next((place for place, line in enumerate(lines[1:], 1) if line.text == "---"), None)
    if end is None:
        raise _refuse(file, 1, "the front matter that begins here has no end: a second line `---` is missing")
    return lines[1:end], lines[end + 1 :]


def _read_head(lines: list[Line], file: str) -> list[tuple[str, Line]]:
    found: list[tuple[str, Line]] = []
    for line in lines:
        if not line.text.strip() or line.text.startswith("#"):
            continue
        key, colon, value = line.text.partition(":")
        if not colon:
            raise _refuse(file, line.number, f"the front matter has lines `key: value`, and this is none: {line.text}")
        key = key.strip()
        if key not in KEYS:
            raise _refuse(file, line.number, f"the front matter has no key {key!r}, only {', '.join(KEYS)}{nearest(key, KEYS)}")
        if key != "input" and any(known == key for known, _ in found):
            raise _refuse(file, line.number, f"{key} is given twice")
        found.append((key, Line(line.number, re.split(r"\s{2,}#", value)[0].strip())))
    return found


def _whole(values: Mapping[str, str], where: Mapping[str, int], key: str, file: str) -> int | None:
    text = values.get(key)
    if text is None:
        return None
    if not text.isdecimal():
        raise _refuse(file, where[key], f"{key} is a whole number, and {text!r} is none")
    return int(text)


def _mode(values: Mapping[str, str], where: Mapping[str, int], file: str) -> bool | None:
    mode = values.get("mode", "written")
    if mode not in MODES:
        raise _refuse(file, where["mode"], f"mode is one of {', '.join(MODES)}, and {mode!r} is none{nearest(mode, MODES)}")
    return MODES[mode]


def _language(values: Mapping[str, str], where: Mapping[str, int], file: str) -> str:
    language = values.get("language", "en")
    if not LANGUAGE.fullmatch(language):
        raise _refuse(file, where["language"], f"language is a code such as de or pt-BR, and {language!r} is none")
    return language


def _split_pages(lines: list[Line], file: str) -> Iterator[tuple[Line, list[Line]]]:
    title: Line | None = None
    body: list[Line] = []
    fenced = False
    for line in lines:
        fenced = fenced != line.text.lstrip().startswith("```")
        if not fenced and line.text.startswith("## "):
            if title is not None:
                yield title, body
            title, body = Line(line.number, line.text[3:].strip()), []
        elif title is not None:
            body.append(line)
        elif line.text.strip() and not line.text.startswith("# "):
            raise _refuse(file, line.number, "a page begins with `## Title`, and this line stands before the first")
    if title is not None:
        yield title, body


_QUOTE = re.compile(r"(?P<kind>Note|Question|Hint|Right|Wrong|Choice)(?: (?:\((?P<condition>.*?)\)|(?P<name>[a-z0-9-]+)))?:\s*(?P<text>.*)")
_ITEM = re.compile(r"(?P<mark>[-*]|\d+[.)])\s+(?P<text>.*)")


def _read_page(title: Line, lines: list[Line], file: str) -> Page:
    parts: list[Part] = []
    blocks: list[tuple[str, list[Line]]] = []
    quotes: list[tuple[str, str, list[Line]]] = []
    rest = iter(lines)
    open_part: list[Line] | None = None  # the paragraph or item that a further line goes on with
    open_quote = False
    for line in rest:
        text = line.text.strip()
        if text.startswith("```"):
            kind, block = _read_block(line, rest, file)
            if kind.split()[:1] == ["neurontui"]:
                blocks.append((" ".join(kind.split()[1:]), block))
                _check_kind(kind, line, file)
            else:
                parts.append(Part("code", tuple(block)))
            open_part, open_quote = None, False
        elif text.startswith(">"):
            _read_quote(Line(line.number, text[1:].strip()), quotes, open_quote, file)
            open_part, open_quote = None, True
        elif not text or set(text) == {"-"}:
            open_part, open_quote = None, False
        elif text.startswith("#"):
            raise _refuse(file, line.number, "only `## Title` is a heading, and it begins a page")
        elif item := _ITEM.fullmatch(text):
            open_part = [Line(line.number, item["text"])]
            parts.append(Part("item", tuple(open_part), item["mark"]))
        else:
            kind_ = parts[-1].kind if open_part is not None else "text"
            mark = parts[-1].mark if open_part is not None else ""
            open_part = [*(open_part or ()), Line(line.number, text)]
            parts[-1 if len(open_part) > 1 else len(parts) :] = [Part(kind_, tuple(open_part), mark)]
    return _make_page(title, tuple(parts), blocks, quotes, file)


def _read_block(opening: Line, rest: Iterator[Line], file: str) -> tuple[str, list[Line]]:
    """What stands after the three backquotes, and the lines up to the closing ones."""
    fence = re.match(r"`+", opening.text.strip())
    marks = fence[0] if fence else "```"
    block: list[Line] = []
    for line in rest:
        if line.text.strip() == marks:
            return opening.text.strip()[len(marks) :].strip(), block
        block.append(line)
    raise _refuse(file, opening.number, "the block that begins here has no end: three backquotes are missing")


def _check_kind(kind: str, line: Line, file: str) -> None:
    if kind not in ("neurontui", "neurontui try"):
        raise _refuse(file, line.number, f"a block is `neurontui` or `neurontui try`, and this is {kind!r}")


def _read_quote(line: Line, quotes: list[tuple[str, str, list[Line]]], goes_on: bool, file: str) -> None:
    found = _QUOTE.fullmatch(line.text)
    if found:
        quotes.append((found["kind"], found["name"] or found["condition"] or "", [Line(line.number, found["text"])]))
        if (found["kind"] == "Wrong") != bool(found["name"]):
            raise _refuse(file, line.number, "it is `> Wrong NAME: …` with the name of a mistake, and no name after any other word")
        if (found["kind"] == "Choice") != bool(found["condition"]):
            raise _refuse(file, line.number, "it is `> Choice (CONDITION): …`, as in > Choice (output[0] > 0): It fires.")
    elif goes_on and quotes:
        quotes[-1][2].append(line)
    else:
        raise _refuse(file, line.number, "a line after `>` begins with Note:, Question:, Hint:, Right:, Wrong NAME: or Choice (CONDITION):")


def _make_page(
    title: Line, parts: tuple[Part, ...], blocks: list[tuple[str, list[Line]]], quotes: list[tuple[str, str, list[Line]]], file: str
) -> Page:
    lines = [line for kind, block in blocks if not kind for line in block if _says_something(line)]
    asked = [line for line in lines if line.text.split()[0] in ("predict", "p")]
    if asked and (len(asked) > 1 or lines[-1] is not asked[0]):
        raise _refuse(file, asked[-1].number, "a page has one question, and `predict` is its last command")
    quoted = [(kind, name, Part("text", tuple(text))) for kind, name, text in quotes]
    if not asked:
        for kind, _, part in quoted:
            if kind != "Note":
                raise _refuse(file, part.lines[0].number, f"> {kind}: belongs to a question, and this page has no `predict`")
    if asked and (asked[0].text.split()[1:] == ["choice"]) != any(kind == "Choice" for kind, _, _ in quoted):
        raise _refuse(file, asked[0].number, "`predict choice` and lines `> Choice (CONDITION): …` belong together")
    ones = {kind: part for kind, _, part in quoted}
    return Page(
        title, parts, tuple(line for line in lines if line not in asked),
        tuple(line for kind, block in blocks if kind for line in block if _says_something(line)),
        Line(asked[0].number, asked[0].text.strip().partition(" ")[2].strip()) if asked else None,
        tuple(part for kind, _, part in quoted if kind == "Note"), ones.get("Question"), ones.get("Right"),
        tuple(part for kind, _, part in quoted if kind == "Hint"), {name: part for kind, name, part in quoted if kind == "Wrong"},
        tuple((name, _join(part)) for kind, name, part in quoted if kind == "Choice"),
    )  # fmt: skip


def _join(part: Part) -> Line:
    return Line(part.lines[0].number, " ".join(line.text for line in part.lines))


def _says_something(line: Line) -> bool:
    return bool(line.text.strip()) and not line.text.strip().startswith("#")
