"""Numbers are never written with a wrong digit, columns align, and hostile text stays text."""

from __future__ import annotations

import json
import math
import struct
import unicodedata
from decimal import Decimal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import neurontui
from neurontui.errors import StepError
from neurontui.text import (
    clean,
    clean_lines,
    exact_number,
    fit_column,
    format_duration,
    format_index,
    format_number,
    format_shape,
    format_shapes,
    json_text,
    short_number,
    split_point,
    spoken_name,
    with_article,
)


def float32(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


@pytest.mark.parametrize(
    ("number", "shown", "short"),
    [
        (float32(2.7), "2.7000", "2.7"),
        (-0.92561, "-0.9256", "-0.9256"),
        (4.0, "4.0000", "4"),
        (0.0, "0.0000", "0"),
        (-0.0, "0.0000", "0"),
        (3, "3", "3"),
        (100, "100", "100"),
        (True, "True", "True"),
        (2666666.75, "2666666.7500", "2666666.75"),
        (1.2e-7, "1.2000e-07", "1.2e-07"),
        (1e-5, "1.0000e-05", "1e-05"),
        (3e38, "3.0000e+38", "3e+38"),
        (math.nan, "nan", "nan"),
        (-math.inf, "-inf", "-inf"),
        (1 + 2j, "1.0000+2.0000j", "1+2j"),
        (complex(0.5, -0.25), "0.5000-0.2500j", "0.5-0.25j"),
    ],
)
def test_numbers_as_people_write_them(number: object, shown: str, short: str) -> None:
    assert format_number(number) == shown
    assert short_number(number) == short


def test_exact_digits_on_demand() -> None:
    stored = float32(3 * float32(0.2) + 5 * float32(0.4) + float32(0.1))
    assert exact_number(float32(0.1)) == "0.1"
    assert exact_number(float32(2.6999998), "torch.float32") == "2.6999998"
    assert float32(float(exact_number(stored))) == stored
    assert [exact_number(zero) for zero in (0.0, -0.0, 0.0)] == ["0.0", "-0.0", "0.0"]
    assert exact_number(0.1 + 0.2, "float64") == "0.30000000000000004"
    assert exact_number(0.10009765625, "bfloat16") == "0.1"
    assert exact_number(float(struct.unpack("e", struct.pack("e", 0.1))[0]), "float16") == "0.1"
    assert exact_number(16777216.0, "float32") == "16777216.0"
    assert exact_number(complex(float32(0.1), 2), "complex64") == "0.1+2.0j"
    assert exact_number(math.nan) == "nan"
    assert exact_number(7) == "7"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_exact_digits_give_the_same_float32_back(number: float) -> None:
    assert float32(float(exact_number(number, "float32"))) == number
    assert float32(float(exact_number(number))) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_exact_digits_give_the_same_float64_back(number: float) -> None:
    assert float(exact_number(number, "float64")) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_wrong_digit(number: float) -> None:
    for written in (format_number(number), short_number(number)):
        shown, _, power = written.partition("e")
        allowed = Decimal("0.00005") * Decimal(10) ** int(power or 0)
        assert abs(Decimal(written) - Decimal(number)) <= allowed
        assert "." not in shown or len(shown.partition(".")[2]) <= 4
        assert (Decimal(shown) == 0) == (number == 0), "a number that is not zero never reads as zero"


@given(st.lists(st.floats() | st.integers(-(10**9), 10**9) | st.booleans(), min_size=1, max_size=20))
def test_columns_align_on_the_point(numbers: list[float]) -> None:
    written = [format_number(number) for number in numbers]
    column = fit_column(written)
    aligned = [column.align(text) for text in written]
    assert {len(text) for text in aligned} == {column.width}
    assert [text.strip() for text in aligned] == written
    assert len({text.index(".") for text in aligned if "." in text}) <= 1


def test_a_marked_zero_stands_under_the_other_numbers() -> None:
    column = fit_column(["0.7837", "-4.1694", "0·"])
    assert [column.align(text) for text in ("0.7837", "0·", "nan")] == [" 0.7837", " 0·    ", "    nan"]
    assert split_point("0✗") == ("0", "✗")


HOSTILE = "".join(chr(code) for code in [*range(32), *range(0x7F, 0xA0), 0x200B, 0x200E, 0x202E, 0x2066, 0x2028, 0xFEFF, 0xD800, 0xE0041])


def test_hostile_text_is_made_visible() -> None:
    assert clean("\x1b[31mred\x07") == "␛[31mred␇"
    assert clean("\x1b]0;title\x1b\\") == "␛]0;title␛\\"
    assert clean("abc\u202egpj") == "abc<U+202E>gpj"
    assert clean("a\u200bb\ufeff") == "a<U+200B>b<U+FEFF>"
    assert clean("a\nb") == "a␊b"
    assert clean("\x9b31m") == "<U+009B>31m"
    assert clean("[bold]Linear[in=4][/bold] [i] [w]") == "[bold]Linear[in=4][/bold] [i] [w]"
    assert clean("größer, 日本, é") == "größer, 日本, é"
    assert clean_lines("a\tb\r\nc\x1b") == ["a   b", "c␛"]


@given(st.text() | st.text(alphabet=HOSTILE))
def test_nothing_cleaned_is_obeyed(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(char) for char in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")


class Shaped:
    def __init__(self, *shape: int) -> None:
        self.shape = shape


def test_shapes_and_names() -> None:
    assert format_shape(()) == "[]"
    assert format_shape((2, 2)) == "[2, 2]"
    assert format_shapes(Shaped(2)) == "[2]"
    assert format_shapes((Shaped(2), {"a": Shaped(1, 3)}, 5)) == "[2], [1, 3]"
    assert format_shapes([Shaped(2)] * 5) == "[2], [2], … (5)"
    assert format_shapes(None) == ""
    assert format_index("weight", (0, 1)) == "weight[0, 1]"
    assert format_index("x", ()) == "x"


def test_times() -> None:
    assert [format_duration(seconds) for seconds in (1.32e-5, 0.0052, 2.5)] == ["13.2 µs", "5.2 ms", "2.5 s"]


@given(st.dictionaries(st.text(), st.text()))
def test_json_holds_nothing_that_a_terminal_obeys_and_reads_back_as_it_was(data: dict[str, str]) -> None:
    hostile = data | {"\u202e\x1b[5m": "\x9b31m\u200b\ud800\U000e0001", "größer": "Σ"}
    written = json_text(hostile, 1)
    assert json.loads(written) == hostile
    assert "größer" in written
    assert all(clean(line) == unicodedata.normalize("NFC", line) for line in written.split("\n"))


@pytest.mark.parametrize(("word", "said"), [("int", "an int"), ("Embedding", "an Embedding"), ("tuple", "a tuple"), ("UNet", "a UNet")])
def test_the_article_fits_the_word(word: str, said: str) -> None:
    assert with_article(word) == said
    assert with_article(word, first=True) == said.replace("a", "A", 1)


def test_the_model_is_called_by_a_word_in_sentences() -> None:
    assert [spoken_name(name) for name in (".", "./relu", "fc1")] == ["the model", "./relu", "fc1"]
    trace = neurontui.trace(torch.nn.Linear(2, 1), torch.ones(2))
    with pytest.raises(StepError, match=r"^Index \[5\] was asked of the model, whose output has the shape \[1\]"):
        neurontui.explain(trace, ".", at=(5,))
    with pytest.raises(StepError, match=r"^Output 3 was asked of the model, which gave 1 tensor: take 0 to 0\.$"):
        neurontui.explain(trace, ".", output=3)
