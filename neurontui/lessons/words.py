"""NeuronTUI's own words in the language of a lesson: a table in a Markdown file, from English sentences to those of another language.

`words.de.md` beside a lesson is used before the one that ships with NeuronTUI. A row is one sentence; what changes in it stands in braces:

    | English | Deutsch |
    |---|---|
    | The answer is {answer}. | Die Antwort ist {answer}. |

Rows without braces come first, then the others in their order. What no row says stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from neurontui.errors import LessonError
from neurontui.text import clean

_HOLE = re.compile(r"\{([a-z]+)\}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # as in HTML's `lang`: de, pt-BR


@dataclass(frozen=True, slots=True)
class Words:
    """A language: whole sentences, then patterns with what they become."""

    language: str = "en"
    whole: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()

    def __call__(self, sentence: str) -> str:
        """The sentence in this language; as it is where the table does not have it."""
        if sentence in self.whole:
            return self.whole[sentence]
        for pattern, told in self.patterns:
            found = pattern.fullmatch(sentence)
            if found:
                parts = {name: self.whole.get(part, part) for name, part in found.groupdict().items()}
                return _HOLE.sub(lambda hole: parts[hole[1]], told)  # noqa: B023 (called at once)
        return sentence


ENGLISH = Words()


def find_words(language: str, folder: Path) -> Words:
    """The words of a language: from `folder`, else from those that ship with NeuronTUI, else English under that language's name.

    Raises:
        LessonError: a row of the file cannot be used; the sentence names file and line.
    """
    names = dict.fromkeys((f"words.{language}.md", f"words.{language.partition('-')[0]}.md"))
    files = [place / name for place in (folder, Path(__file__).parent) for name in names]
    file = next((file for file in files if file.is_file()), None)
    return read_words(file, language) if file is not None else Words(language)


def read_words(file: Path, language: str) -> Words:
    """The table in a file.

    Raises:
        LessonError: it cannot be read, or a row cannot be used.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"the words in {clean(str(file))} cannot be read.") from error
    whole: dict[str, str] = {}
    patterns = []
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.startswith("|")]
    for number, line in rows[2:]:  # after the heads and the rule
        sentence, told = _read_row(line, f"{clean(str(file))}:{number}")
        if _HOLE.search(sentence):
            patterns.append((_compile(sentence), told))
        else:
            whole.setdefault(sentence, told)
    return Words(language, whole, tuple(patterns))


def _read_row(line: str, place: str) -> tuple[str, str]:
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
    if len(cells) != 2 or not all(cells):
        raise LessonError(f"{place}: a row is `| English | the other language |`, and this is none.")
    foreign = set(_HOLE.findall(cells[1])) - set(_HOLE.findall(cells[0]))
    if foreign:
        raise LessonError(f"{place}: the English sentence has no {{{min(foreign)}}}.")
    return cells[0], cells[1]


def _compile(sentence: str) -> re.Pattern[str]:
    """The sentence as a pattern: a name in braces is any words, the same ones where it comes again."""
    pattern, seen = "", set()
    for place, part in enumerate(_HOLE.split(sentence)):
        if place % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
