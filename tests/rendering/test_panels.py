"""Failures, differences, tables, pictures, statistics, source: known answers, and nothing hostile obeyed."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from neurontui.comparison.difference import Change, Diff
from neurontui.debugger.statistics import Statistics
from neurontui.explainers.failures.failure import Failure, Side
from neurontui.explanation import Picture, Table
from neurontui.records import SourceLine
from neurontui.rendering import ASCII, DARK, NO_COLOR, Look
from neurontui.rendering.differences import diff_lines, plain_diff, watch_line
from neurontui.rendering.failures import error_lines, error_words, failure_lines, failure_title, plain_failure
from neurontui.rendering.lines import wrap_line
from neurontui.rendering.pictures import part_lines
from neurontui.rendering.source import highlight, source_lines, source_title
from neurontui.rendering.statistics import histogram_lines, plain_histogram, statistics_lines
from neurontui.rendering.tables import table_lines

PLAIN = Look(NO_COLOR, ASCII)


def text_of(lines: list[Text]) -> str:
    return "\n".join(line.plain.rstrip() for line in lines)


@pytest.fixture
def failure() -> Failure:
    return Failure(
        title="layer 0 gives 20 numbers, layer 1 takes 5.", step=4,
        rows=(
            Side("layer 0  Linear(10 → 20)", "gives", "[1, 20]", "", (1,)),
            Side("layer 1  Linear( 5 →  5)", "takes", "[*, 5]", "20 ≠ 5", (1,)),
        ),
        rule="out_features of one layer = in_features of the next.",
        fixes=("make layer 1 Linear(20, …)", "make layer 0 Linear(…, 5)"),
        torch_said="mat1 and mat2 shapes cannot be multiplied (1x20 and 5x5)", producer=2,
        user_lines=(SourceLine("/home/me/model.py", 7, 7, 0, 5, "y = net(x)"),),
    )  # fmt: skip


def test_why_did_it_stop(failure: Failure, snapshot: SnapshotAssertion) -> None:
    lines = failure_lines(failure, 85)
    text = text_of(lines)
    assert text.index("gives   [1, 20]") < text.index("takes   [*, 5]")
    assert "20 ≠ 5" in text
    assert "torch said: mat1 and mat2" in text
    marked = {line.plain[span.start : span.end] for line in lines for span in line.spans if getattr(span.style, "underline", None)}
    assert marked == {"20", "5"}
    assert text == snapshot
    assert "20 != 5" in text_of(failure_lines(failure, 85, PLAIN))
    assert max(line.cell_len for line in failure_lines(failure, 50)) <= 50


def test_a_failure_in_words(failure: Failure) -> None:
    lines = plain_failure(failure)
    assert "layer 1 Linear( 5 to 5) takes [*, 5]: 20 is not 5" in [" ".join(line.split()) for line in lines]
    assert "Fix: make layer 1 Linear(20, …)" in lines
    assert not set("".join(lines)) & set("→≠✗│")


def test_hostile_exceptions_are_text(failure: Failure) -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert "cannot be read" in error_words(Rude())[1]
    text = text_of(error_lines(RuntimeError("\x1b[2Jgone [bold]x[/bold]\nsecond\u202e"), 60))
    assert "␛[2Jgone [bold]x[/bold]" in text
    assert "\x1b" not in text
    assert "<U+202E>" in text
    assert max(len(line) for line in text_of(error_lines(ValueError("word " * 100), 40)).splitlines()) <= 40


def test_the_failing_call_is_the_last_with_the_error(make_trace: Callable[..., Any], make_step: Callable[..., Any]) -> None:
    error = RuntimeError("x")
    steps = (
        make_step(0, ".", parent=None, end=3, kind="module", op="Net", error=error),
        make_step(1, "fc1", kind="module"),
        make_step(2, "fc2/linear", error=error),
    )
    assert failure_title(make_trace(steps=steps, error=error)) == "✗ Net › linear   %2 of 3   the forward stopped here"


def test_watches() -> None:
    assert watch_line("fc1/linear[0]", -0.9256, 3.6986, 50).plain.split() == ["fc1/linear[0]", "-0.9256", "→", "3.6986", "~"]
    assert watch_line("x[0]", None, 1.0, 30).plain.split() == ["x[0]", "1.0000"]
    assert watch_line("x[0]", 1.0, None, 40).plain.split() == ["x[0]", "1.0000", "→", "not", "reached", "~"]
    assert watch_line("a.very.long.name" * 5, 1.0, 2.0, 40).cell_len == 40


def test_where_two_runs_differ(snapshot: SnapshotAssertion) -> None:
    first = Change("fc1/linear", 2, 2, "changed", 3.1, (0, 1), (1.5, 4.6), 1234, 3, ("[2] float32", "[2] float32"))
    gone = Change("./dropout", 3, None, "missing")
    same = Change("./relu", 4, 4, "equal")
    diff = Diff((first, gone, same), (), (), (), first, ("the seeds differ: 0 and 1",))
    text = text_of(diff_lines(diff, 85))
    assert "They first differ at fc1/linear: differs by at most 3.1000 at [0, 1] (1.5000 and 4.6000)" in " ".join(text.split())
    assert "only in the first" in text
    assert "2 differ, 1 the same" in text
    assert text == snapshot
    assert plain_diff(diff)[1].startswith("step fc1/linear differs by at most 3.1000")
    equal = Diff((same,), (), (), (), None)
    assert "the same, in every bit" in text_of(diff_lines(equal, 80))
    close = Change("a", 0, 0, "changed", 6e-8, (), (1.0, 1.00000001), 1, 1)
    assert "(1.0 and 1.00000001)" in " ".join(text_of(diff_lines(Diff((close,), (), (), (), close), 80)).split())


def test_the_four_rows_of_a_dropout(snapshot: SnapshotAssertion) -> None:
    rows = (
        ("input", (-4.1694, 0.7837, 1.4754)),
        ("mask", ("✓", "✓", "✗")),
        ("× 1/(1-p)", (2.0, 2.0, None)),
        ("output", ("0·", 1.5674, "0✗")),
    )
    table = Table("dropout", rows, ("0", "1", "2"), 1)
    lines = [line.plain for line in table_lines(table, 80)]
    assert "▸     1◂" in lines[1]
    assert lines[-1].split() == ["output", "0·", "1.5674", "0✗"]
    assert len({line.rstrip().rindex(".") for line in lines if "0.7837" in line or "1.5674" in line}) >= 1
    assert "\n".join(line.rstrip() for line in lines) == snapshot


def test_a_table_says_why_its_zeros_are_zero() -> None:
    zeros = {(0, 0): "relu", (1, 0): "relu", (1, 1): "dropped", (1, 2): "sum"}
    table = Table("", (("input", (0.0, 0.5, 1.0)), ("output", (0.0, 0.0, 0.0))), zeros=zeros)
    lines = [line.plain.split() for line in table_lines(table, 80)]
    assert lines[:2] == [["input", "0·", "0.5000", "1.0000"], ["output", "0·", "0✗", "0.0000"]]
    assert text_of(table_lines(table, 80)[2:]) == "0· made by the activation   0✗ dropped"
    assert text_of(table_lines(table, 80, PLAIN)[2:]) == "0r made by the activation   0x dropped"


def test_a_wide_table_shows_the_columns_around_the_one_in_question() -> None:
    table = Table("", (("row", tuple(float(n) for n in range(500))),), tuple(map(str, range(500))), 300)
    lines = [line.plain for line in table_lines(table, 60)]
    assert "300.0000" in lines[1]
    assert max(map(len, lines)) <= 60
    assert "of 500" in lines[-1]


def test_a_curve_with_its_point(snapshot: SnapshotAssertion) -> None:
    curve = tuple((x / 10, max(0.0, x / 10)) for x in range(-40, 41))
    picture = Picture("curve", curve=curve, point=(-0.9256, 0.0), caption="ReLU")
    lines = part_lines([picture], 60)
    text = text_of(lines)
    assert "x = -0.9256, y = 0" in text
    assert text.count("●") == 1, "on the curve: one below it would be read as a second point"
    assert "-4" in lines[-2].plain
    assert "4" in lines[-2].plain
    assert text == snapshot
    assert text_of(part_lines([picture], 60, look=PLAIN)).isascii()
    assert part_lines([Picture("curve", curve=curve, point=(math.nan, math.nan))], 60), "a point that is nowhere is only named"
    assert part_lines([Picture("curve", curve=((0.0, math.nan), (1.0, math.inf)))], 40) == []
    assert part_lines([Picture("curve", curve=((1.0, 1.0),), point=(1.0, 1.0))], 40), "one point alone is no division by zero"


def test_statistics(snapshot: SnapshotAssertion) -> None:
    statistics = Statistics(1000, 0, 2, 10, -2.5, 3.5, 0.1, 1.0, 3.5, (1, 5, 20, 50, 20, 4), -2.5, 3.5)
    text = text_of(statistics_lines(statistics, 60))
    for words in ("mean", "0.1000", "zeros", "10 (1 %)", "Inf", "2 (<1 %)", "highest bar: 50"):
        assert words in text
    assert text == snapshot
    assert plain_histogram(statistics)[3] == "50 numbers from 0.5000 to 1.5000"
    empty = Statistics(3, 3, 0, 0)
    assert "NaN" in text_of(statistics_lines(empty, 60))
    assert text_of(statistics_lines(statistics, 30, PLAIN)).isascii()
    assert histogram_lines([0, 0], 0.0, 1.0, 40) == []


def test_a_histogram_shows_even_one_element() -> None:
    lines = histogram_lines([1000, 1], 0.0, 1.0, 40)
    assert lines[-2].plain.rstrip()[-1] != " "
    assert len(lines[-2].plain) == 8


def test_source_with_the_call_marked(tmp_path: Path) -> None:
    file = tmp_path / "simple_ann.py"
    code = "import torch\n\n\ndef forward(self, x):\n    x = torch.relu(self.fc1(x))  # größer\n    x = self.fc2(x)\n    return x\n"
    file.write_text(code)
    column = len("    x = torch.relu(")
    lines = source_lines(SourceLine(str(file), 5, 5, column, column + len("self.fc1(x)"), "self.fc1(x)"), 60, 4)
    assert [line.plain.split()[0] for line in lines] == ["4", "5", "6", "7"]
    assert "▶" in lines[1].plain
    grounds = [(span, getattr(span.style, "bgcolor", None)) for span in lines[1].spans]
    marked = [lines[1].plain[span.start : span.end] for span, ground in grounds if ground and ground.name == DARK.current]
    assert marked == ["self.fc1(x)"]
    assert source_title(SourceLine(str(file), 5, 5, None, None, "")) == "Source · simple_ann.py"


def test_the_marked_call_is_found_behind_tabs_and_letters_of_several_bytes(tmp_path: Path) -> None:
    file = tmp_path / "tabs.py"
    file.write_text("class Net:\n\tdef forward(self, вход):\n\t\tответ = self.слой(вход) + 1\n", encoding="utf-8")
    text = "self.слой(вход)"
    code = "\t\tответ = self.слой(вход) + 1"
    start = code.index(text)
    line = source_lines(SourceLine(str(file), 3, 3, start, start + len(text), text), 60, 3)[2]
    assert "        ответ = self.слой(вход) + 1" in line.plain
    marked = [line.plain[span.start : span.end] for span in line.spans if getattr(span.style, "bgcolor", None)]
    assert marked == [text]


def test_source_that_is_not_there() -> None:
    line = SourceLine("/nowhere/gone.py", 3, 3, None, None, "y = \x1b[31mx")
    assert source_lines(line, 60)[0].plain == "gone.py:3  y = ␛[31mx"
    assert "No line of your code" in source_lines(None, 60)[0].plain


def test_hostile_source_is_text(tmp_path: Path) -> None:
    file = tmp_path / "evil.py"
    file.write_text("x = '\x1b]0;owned\x07'  # \u202e [bold]\n")
    text = source_lines(SourceLine(str(file), 1, 1, None, None, ""), 80, 1)[0].plain
    assert "␛]0;owned␇" in text
    assert "[bold]" in text
    assert highlight("a = [i][w]\n")[0].plain == "a = [i][w]"


def test_wrapping_keeps_every_character() -> None:
    words = "A neuron multiplies each input by its weight, adds everything together and adds its bias. " + "x" * 50
    for width in (12, 20, 33, 80):
        lines = wrap_line(Text(words), width, 2)
        assert max(line.cell_len for line in lines) <= width
        assert "".join("".join(line.plain for line in lines).split()) == "".join(words.split())


def test_wrapping_keeps_a_shape_in_one_line() -> None:
    words = "Here 8 × 4 × 4 = 128, from [2, 8, 4, 4], and weight[0, 1, :, :] reads it."
    for width in range(26, 70):
        joined = "\n".join(line.plain for line in wrap_line(Text(words), width, 6))
        assert "[2, 8, 4, 4]" in joined
        assert "weight[0, 1, :, :]" in joined


def test_wrapping_breaks_a_list_that_is_longer_than_a_line() -> None:
    lines = wrap_line(Text("It takes [" + ", ".join(map(str, range(40))) + "]."), 30, 2)
    assert lines[0].plain.startswith("It takes [0, 1, 2")
    assert all(line.plain.endswith((",", ".")) for line in lines)
