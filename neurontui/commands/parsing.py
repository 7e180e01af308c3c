"""The words of a command line: counts, numbers, tensors with an index."""

from __future__ import annotations

import re

from neurontui.errors import CommandError
from neurontui.explanation import Number
from neurontui.text import clean

_ELEMENT = re.compile(r"(?P<name>.*?)\s*(?P<index>\[[^\[\]]*\])?", re.DOTALL)


def parse_count(text: str, most: int = 1_000_000) -> int:
    """How often: `""` is 1.

    Raises:
        CommandError: it is no whole number from 1 on.
    """
    word = text.strip() or "1"
    if not word.isdecimal() or not 1 <= int(word) <= most:
        raise CommandError(f"{clean(word)!r} is no count: give a whole number from 1 on, or nothing for 1.")
    return int(word)


def parse_place(text: str, what: str) -> int | None:
    """The number of a thing in a list; None for `""` and `all`.

    Raises:
        CommandError: it is no whole number.
    """
    word = text.strip()
    if word in ("", "all"):
        return None
    if not word.isdecimal():
        raise CommandError(f"{clean(word)!r} is no number of a {what}: give its number, or nothing for all.")
    return int(word)


def split_element(text: str, names: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """`"fc1.weight[0, :]"` as `("fc1.weight", "[0, :]")`; without brackets, None. `names` are taken whole, as "tensors[0]" is."""
    words = text.strip()
    if words in names:
        return words, None
    found = _ELEMENT.fullmatch(words)
    if not found:
        return words, None
    return found["name"], found["index"]


def parse_number(text: str) -> Number:
    """`2`, `-0.5`, `1e-3`, `nan`, `-inf`, `true`, `1+2j`.

    Raises:
        CommandError: it is no number.
    """
    word = text.strip()
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for kind in (int, float, complex):
        try:
            number = kind(word)
        except ValueError:
            continue
        return float(word) if isinstance(number, int) and number.bit_length() > 63 else number  # torch takes no longer one
    raise CommandError(f"{clean(word)!r} is no number: give one as in 2, -0.5, 1e-3, nan, inf or true.")


def parse_seed(text: str) -> int | None:
    """A seed, or None for `""`.

    Raises:
        CommandError: it is no whole number that torch takes as a seed.
    """
    word = text.strip()
    if not word:
        return None
    if not word.isdecimal() or int(word) >= 2**64:
        raise CommandError(f"{clean(word)!r} is no seed: give a whole number from 0 to 2**64 - 1, or nothing for the next one.")
    return int(word)


def choose_word(text: str, words: tuple[str, ...], what: str) -> str:
    """The one of `words` that was meant: whole, or by its beginning.

    Raises:
        CommandError: it is none of them.
    """
    word = text.strip().lower()
    meant = [known for known in words if known.startswith(word)] if word else []
    if word in words:
        return word
    if len(meant) == 1:
        return meant[0]
    raise CommandError(f"{f'{clean(word)!r} is no' if word else 'Say which'} {what}: take one of {', '.join(words)}.")


def expect_nothing(text: str, command: str) -> None:
    """Refuses words after a command that takes none.

    Raises:
        CommandError: there are some.
    """
    if text.strip():
        raise CommandError(f"{command} takes nothing after it, and {clean(text.strip())!r} was given.")
