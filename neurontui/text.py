"""Text and numbers for people, without Rich: what a model, a tensor or a file says is shown, and never obeyed.

`clean` makes control characters, terminal escapes, bidirectional and zero-width characters visible.
`format_number` writes 4 decimals (scientific for extremes); `exact_number` writes every digit that the number holds.
"""

from __future__ import annotations

import math
import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any

SMALLEST_PLAIN, LARGEST_PLAIN = 1e-4, 1e7  # outside of these a number is written in powers of ten


def clean(text: object) -> str:
    """`str(text)` on one line, with nothing in it that a terminal obeys: `"\\x1b[31m"` becomes `"␛[31m"`.

    Control characters become their control pictures; format characters (bidirectional, zero-width), lone surrogates
    and line separators become `<U+202E>`.
    """
    words = str(text)
    if words.isascii() and words.isprintable():
        return words
    return "".join(map(_visible, unicodedata.normalize("NFC", words)))


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    # Cc controls, Cf bidirectional and zero-width, Cs surrogates, Co private, Cn unassigned, Zl/Zp separators
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or 0xFE00 <= code <= 0xFE0F
    return f"<U+{code:04X}>" if hidden else char


def clean_lines(text: object) -> list[str]:
    """The lines of `text`, each cleaned; tabs become four spaces."""
    return [clean(line.rstrip("\r").expandtabs(4)) for line in str(text).split("\n")]


def with_article(word: str, *, first: bool = False) -> str:
    """`"an int"`, `"a tuple"`; as the `first` words of a sentence `"An int"`."""
    article = "an" if word[:1].lower() in ("a", "e", "i", "o") else "a"
    return f"{article.capitalize() if first else article} {word}"


def json_text(data: object, indent: int, *, ascii: bool = False) -> str:
    """`data` as JSON in which nothing is obeyed by a terminal either: what `clean` marks is escaped, so it reads back as it was."""
    import json

    written = json.dumps(data, indent=indent, ensure_ascii=ascii, allow_nan=False)
    return re.sub(r"[^ -~\n]", lambda found: found[0] if clean(found[0]) == found[0] else json.dumps(found[0])[1:-1], written)


def format_number(number: Any, decimals: int = 4) -> str:
    """`2.6999998` → `"2.7000"`, `1.2e-7` → `"1.2000e-07"`, `3` → `"3"`, `nan`, `inf`, `True`, `1.0000+2.0000j`."""
    if isinstance(number, (bool, int)):
        return str(number)
    if isinstance(number, complex):
        imaginary = format_number(number.imag, decimals)
        return f"{format_number(number.real, decimals)}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if not isinstance(number, float):
        return clean(number)
    size = abs(number)
    if size == 0 or not math.isfinite(number):
        return f"{size:.{decimals}f}" if size == 0 else str(number)
    plain = SMALLEST_PLAIN <= size < LARGEST_PLAIN
    return f"{number:.{decimals}f}" if plain else f"{number:.{decimals}e}"


def short_number(number: Any, decimals: int = 4) -> str:
    """`format_number` without trailing zeros, for running text: `2.6999998` → `"2.7"`, `4.0` → `"4"`, `1e-05` → `"1e-05"`."""
    return re.sub(r"\.(\d*?)0+(?=$|[e+j-])", lambda found: f".{found[1]}" if found[1] else "", format_number(number, decimals))


def exact_number(number: Any, dtype: object = None) -> str:
    """The shortest digits that give this very number back in `dtype` (`torch.float32`, `"bfloat16"`): `"2.6999998"`.

    Without a dtype: float32 where the number fits in it exactly, else float64.
    """
    if isinstance(number, complex):
        part = {"complex64": "float32", "complex32": "float16", "complex128": "float64"}.get(format_dtype(dtype), dtype)
        imaginary = exact_number(number.imag, part)
        return f"{exact_number(number.real, part)}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if not isinstance(number, float) or not math.isfinite(number):
        return format_number(number)
    return repr(number) if number == 0 else _shortest(number, format_dtype(dtype) if dtype is not None else "float32")


@lru_cache(maxsize=4096)
def _shortest(number: float, dtype: str) -> str:
    """The shortest digits of a number that is not 0; remembered, as the same numbers are measured, laid out and written."""
    if _rounded(number, dtype) != number:
        return repr(number)  # no digits give it back in that type
    for digits in range(1, 17):
        written = f"{number:.{digits}g}"
        if _rounded(float(written), dtype) == number:
            return _plain_digits(written)
    return repr(number)


def _rounded(number: float, dtype: str) -> float:
    """`number` as this dtype stores it; float64 (itself) for a dtype that is not known here."""
    codes = {"float32": "f", "float16": "e"}
    try:
        if dtype == "bfloat16":
            bits = int.from_bytes(struct.pack(">f", number), "big")
            half = 0x7FFF + ((bits >> 16) & 1)  # round to nearest, ties to even
            return float(struct.unpack(">f", ((bits + half) & 0xFFFF0000).to_bytes(4, "big"))[0])
        code = codes.get(dtype)
        return number if code is None else float(struct.unpack(code, struct.pack(code, number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


def _plain_digits(written: str) -> str:
    """`"2.7e+00"` as `"2.7"`: `repr`'s choice between plain digits and powers of ten, for the same digits."""
    return repr(float(written))


@dataclass(frozen=True, slots=True)
class Column:
    """How wide a column of numbers is on each side of its point."""

    left: int
    right: int  # the point included; 0 where no number has one

    @property
    def width(self) -> int:
        return self.left + self.right

    def align(self, written: str) -> str:
        """`written` padded so that its point stands in the column's place; text that is no number is set right."""
        whole, fraction = split_point(written)
        if not whole or len(whole) > self.left or len(fraction) > self.right:
            return written.rjust(self.width)
        return whole.rjust(self.left) + fraction.ljust(self.right)

    def write(self, number: Any, *, exact: bool = False, dtype: object = None) -> str:
        """`number` in this column. An outlier in powers of ten gives digits up (`"3.1e-05"`), if it fits so: never a wrong one."""
        if isinstance(number, str):
            return self.align(number)
        if exact:
            return self.align(exact_number(number, dtype))
        written = format_number(number)
        for decimals in (3, 2, 1, 0):
            if len(written) <= self.width or "e" not in written:
                break
            written = format_number(number, decimals)
        return self.align(written)

    def widen(self, other: Column) -> Column:
        """The column that has room for both."""
        return Column(max(self.left, other.left), max(self.right, other.right))


def split_point(written: str) -> tuple[str, str]:
    """What stands before the point, and the rest with it: `"-0.93"` → `("-0", ".93")`; `("", "nan")` for a word."""
    found = re.match(r"[+-]?\d+", written)
    return (found[0], written[found.end() :]) if found else ("", written)


def fit_column(written: Iterable[str]) -> Column:
    """The narrowest column in which all of these numbers, as they are written, align on the point."""
    left = right = words = 0
    for text in written:
        whole, fraction = split_point(text)
        left = max(left, len(whole))
        right = max(right, len(fraction) if whole else 0)
        words = max(words, 0 if whole else len(text))
    return Column(max(left, words - right), right)


def fit_numbers(numbers: Iterable[Any], *, exact: bool = False, dtype: object = None, whole: bool = False) -> Column:
    """A column for these numbers. Where powers of ten are outliers among plain numbers it is made for the plain ones, unless `whole`."""
    if exact:
        return fit_column(number if isinstance(number, str) else exact_number(number, dtype) for number in numbers)
    low = high = 0.0  # of the plain floats: no number between two of them is wider than they are
    plain, outliers, written = 0, [], set()
    for number in numbers:
        if type(number) is not float or not isfinite(number):
            written.add(number if isinstance(number, str) else format_number(number))
        elif number and not SMALLEST_PLAIN <= abs(number) < LARGEST_PLAIN:
            outliers.append(number)
            continue
        else:
            low, high = min(low, number), max(high, number)
            written.add("0.0000")
        plain += 1
    column = fit_column(written | {format_number(low), format_number(high)} if "0.0000" in written else written)
    if whole or plain <= len(outliers):
        return column.widen(fit_column(map(format_number, outliers)))
    room = max((len(format_number(number, 1)) for number in outliers), default=0)  # two digits of it, "-3.1e-05"
    return Column(max(column.left, room - column.right), column.right)


def fit_exact(numbers: Iterable[Any], *, aligned: bool = True) -> Column:
    """A column for every digit of these numbers; not `aligned` on the point they are set right, which may take less room."""
    written = [exact_number(number) for number in numbers]
    return fit_column(written) if aligned else Column(0, max(map(len, written), default=0))


def spoken_name(name: str) -> str:
    """What a sentence calls a step: its name, and "." by a word."""
    return "the model" if name == "." else name


def format_shape(shape: Iterable[object]) -> str:
    """`(2, 2)` → `"[2, 2]"`; a scalar is `"[]"`; a word or `*` may stand for a size."""
    return f"[{', '.join(map(str, shape))}]"


def shapes_in(structure: Any) -> Iterator[tuple[int, ...]]:
    """The shape of each value in a nested structure of tuples, lists and dicts, in order."""
    try:
        shape = getattr(structure, "shape", None)
    except Exception:  # an object of the user's, which may do anything
        shape = None
    if isinstance(shape, tuple):
        yield shape
    elif isinstance(structure, Mapping):
        for part in structure.values():
            yield from shapes_in(part)
    elif isinstance(structure, (tuple, list)):
        for part in structure:
            yield from shapes_in(part)


def format_shapes(structure: Any, most: int = 3) -> str:
    """The shapes of a value or a structure of values: `"[2]"`, `"[2], [1, 3]"`, `"[2], [2], … (5)"`; `""` where there is no tensor."""
    shapes = [format_shape(shape) for shape in shapes_in(structure)]
    if len(shapes) > most:
        return f"{', '.join(shapes[: max(most - 1, 1)])}, … ({len(shapes)})"
    return ", ".join(shapes)


def format_dtype(dtype: object) -> str:
    """`torch.float32` → `"float32"`."""
    return str(dtype).removeprefix("torch.")


def format_index(name: str, index: Iterable[int]) -> str:
    """`("weight", (0, 1))` → `"weight[0, 1]"`; an empty index is the name alone."""
    place = tuple(index)
    return f"{name}{format_shape(place)}" if place else name


def format_duration(seconds: float) -> str:
    """`0.0000132` → `"13 µs"`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
