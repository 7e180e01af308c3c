"""Explanations as lines: the numbers of the course, at fixed widths; every line fits; any line of many costs the same."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from torch import nn

import neurontui
from neurontui.explanation import Explanation, Factor, Origin, Picture, Table, Term
from neurontui.rendering import ASCII, DARK, NO_COLOR, Look
from neurontui.rendering.explanations import explanation_text, lay_sheet, plain_explanation, title_of
from neurontui.rendering.formulas import color_names
from neurontui.rendering.terms import Cover
from neurontui.text import exact_number

Make = Callable[..., Explanation]
MakeFactor = Callable[..., Factor]


def sheet_text(why: Explanation, width: int = 80, selected: int | None = None, **given: object) -> str:
    sheet = lay_sheet(why, width, **given)  # type: ignore[arg-type]
    return "\n".join(sheet.line(y, selected).plain.rstrip() for y in range(sheet.height))


def test_one_neuron_of_simple_ann(make_linear: Make, snapshot: SnapshotAssertion) -> None:
    why = make_linear()
    assert title_of(why) == "Why is output[0] = -0.9256?"
    text = sheet_text(why, 80, 0)
    assert "   i   input[i]     weight[0,i]     product     running sum" in text
    assert " ▸ 0     1.0000  ×       0.3643  =   0.3643  →       0.3643" in text
    assert "   + bias[0]                        -0.6657  →      -0.9256" in text
    assert "recomputed -0.9256   kernel -0.9256   ✓ they agree   exact" in text
    assert "input[0] ← the model's input x[0]" in text
    assert text == snapshot


@pytest.mark.parametrize("width", [120, 85, 76, 60, 44, 30])
def test_it_gives_up_the_least_needed_first(make_linear: Make, snapshot: SnapshotAssertion, width: int) -> None:
    assert explanation_text(make_linear(), width).plain == snapshot


@pytest.mark.parametrize(("height", "is_above"), [(None, True), (20, True), (8, False)])
def test_a_picture_stands_below_the_sum_that_it_would_push_out_of_sight(make_linear: Make, height: int | None, is_above: bool) -> None:
    picture = Picture("row", "input", [(0,), (1,)], shape=(2,))
    text = sheet_text(replace(make_linear(), pictures=(picture,)), height=height)
    assert (text.index("input[:]") < text.index("recomputed")) == is_above


def test_ascii_and_no_colour(make_linear: Make, snapshot: SnapshotAssertion) -> None:
    text = explanation_text(make_linear(), 80, look=Look(NO_COLOR, ASCII))
    assert text.plain.isascii()
    assert not [span for span in text.spans if getattr(span.style, "color", None) or getattr(span.style, "bgcolor", None)]
    assert text.plain == snapshot


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9) | st.just(math.nan) | st.just(math.inf), st.floats(-1e-9, 1e9)), min_size=1, max_size=20),
    st.integers(24, 130),
    st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_fits(make_linear: Make, numbers: list[tuple[float, float]], width: int, exact: bool) -> None:
    why = make_linear([x for x, _ in numbers], [w for _, w in numbers])
    sheet = lay_sheet(why, width, exact=exact)
    term_lines = [sheet.line(sheet.line_of(k), 0) for k in range(len(why.terms))]
    widest = max(line.cell_len for line in term_lines)
    assert widest <= max(width, 64 if exact else 34), "digits are never cut: only below their own width may a line be too long"
    assert len({sheet.line(y).plain for y in range(sheet.height)}) >= 3


def test_running_sums_and_columns_line_up(make_linear: Make) -> None:
    why = make_linear([1.5, -200.25, 0.001], [1.0, 3.0, -7.5], 0.25)
    lines = sheet_text(why, 90).splitlines()
    rows = [line for line in lines if "→" in line]
    assert len(rows) == 4
    assert len({row.index("→") for row in rows}) == 1
    sums = [float(row.split("→")[1].split()[0]) for row in rows]
    assert sums == pytest.approx([1.5, -599.25, -599.2575, -599.0075])


@pytest.mark.parametrize("special", [(), (1e-12, 1e12, math.nan)], ids=["ordinary", "from small to large"])
@pytest.mark.parametrize("width", [76, 80, 82])
def test_exact_digits_keep_index_factors_and_product(width: int, special: tuple[float, ...]) -> None:
    torch.manual_seed(0)
    layer, x = nn.Linear(64, 4), torch.randn(1, 64)
    with torch.no_grad():
        layer.weight[0, : len(special)] = torch.tensor(special)
    sheet = lay_sheet(neurontui.explain(neurontui.trace(layer, x), ".", (0, 0)), width, exact=True)
    for place, term in enumerate(sheet.why.terms[:64]):
        line = sheet.line(sheet.line_of(place))
        assert line.cell_len <= width
        words = line.plain.split()
        numbers = (*(factor.number for factor in term.factors), term.value)
        assert words[0] == str(place)
        assert [words[1], words[3], words[5]] == [exact_number(number) for number in numbers]
    assert "bias[0]" in sheet.line(sheet.line_of(64)).plain


def test_a_running_sum_without_room_for_its_digits_says_that_it_is_rounded(make_linear: Make) -> None:
    why = make_linear([1 / 3, 2 / 3], [1 / 7, 3.0])
    wide, narrow = (sheet_text(why, width, exact=True) for width in (140, 90))
    assert "running sum" in wide
    assert "≈" not in wide
    assert "0.047619047619047616  →" in narrow
    assert "sum ≈" in narrow
    assert narrow.splitlines()[3].split("→")[-1].split() == ["0.0476"]


def test_the_output_gate_is_not_the_output() -> None:
    names = {"output": "output", "input": "input", "output gate": "", "tanh(cell)": ""}
    text = color_names("output = σ(output gate, sum) · input", names, Look())
    colored = [text.plain[span.start : span.end] for span in text.spans]
    assert colored == ["output", "input"]
    assert text.spans[0].start == 0
    why = neurontui.explain(neurontui.trace(nn.LSTM(3, 2), torch.ones(2, 1, 3)), ".", (1, 0, 0))
    gate = lay_sheet(why, 100).line(lay_sheet(why, 100).line_of(0))
    assert "output gate" in gate.plain
    green = DARK.style("output").color
    assert not any(not isinstance(span.style, str) and span.style.color == green for span in gate.spans)


def test_a_bar_pictures_the_running_sum_beside_it(make_linear: Make) -> None:
    rows = [line for line in sheet_text(make_linear(), 80).splitlines() if "│" in line]
    bars = [row[row.rindex("→") :] for row in rows]
    assert [bar.index("█") > bar.index("│") for bar in bars] == [True, False, False]
    lengths = [bar.count("█") + bar.count("▌") / 2 + bar.count("▐") / 2 for bar in bars]
    assert lengths[0] / lengths[2] == pytest.approx(0.3643 / 0.9256, abs=0.06)
    assert lengths[1] / lengths[2] == pytest.approx(0.2599 / 0.9256, abs=0.06)


def test_a_bar_of_a_sum_that_is_to_be_predicted_is_not_drawn(make_linear: Make) -> None:
    why = make_linear()
    sheet = lay_sheet(why, 80, cover=Cover(1, values=False))
    rows = [sheet.line(sheet.line_of(term)).plain for term in range(3)]
    assert ["│" in row for row in rows] == [True, False, False]


def test_disagreement_is_said_in_plain_words(make_linear: Make) -> None:
    why = make_linear(actual=-0.5, difference=0.4256, agrees=False)
    text = sheet_text(why)
    assert "✗ they differ by 0.4256, more than the 4.6e-07 that rounding explains" in " ".join(text.split())
    assert "agree" not in text
    close = make_linear(computed=1.0, actual=1.00000001, difference=1e-8, tolerance=1e-9, agrees=False)
    assert "recomputed 1.0  kernel 1.00000001" in sheet_text(close).replace("   ", "  "), "numbers that differ never look the same"


def test_memory_that_nobody_wrote_is_not_judged(make_linear: Make) -> None:
    why = make_linear(agrees=None, combine="pick", difference=None, tolerance=None)
    assert "kernel -0.9256 nobody wrote this memory" in " ".join(sheet_text(why).split())


def test_what_was_not_calculated_again_is_not_judged(make_linear: Make) -> None:
    """A scripted module, one in another thread: somebody did write it."""
    why = make_linear(agrees=None, computed=None, difference=None, tolerance=None)
    text = " ".join(sheet_text(why).split())
    assert "kernel -0.9256 it was not calculated again" in text
    assert "recomputed" not in text
    assert "nobody wrote" not in text


def test_what_was_drawn_from_an_unknown_state_is_not_judged(make_linear: Make) -> None:
    why = make_linear(agrees=None, combine="apply", difference=None, tolerance=None)
    assert "kernel -0.9256 it was drawn at random and cannot be drawn again" in " ".join(sheet_text(why).split())


def test_hidden_numbers_stay_hidden(make_linear: Make, make_explanation: Make, make_factor: MakeFactor) -> None:
    text = sheet_text(make_linear(), 80, cover=Cover(2))
    assert "-0.9256" not in text
    assert title_of(make_linear(), hidden=True) == "Why is output[0] = ?"
    assert "-0.2599" in text, "the running sum before the last is the question's hint"
    winner = make_explanation(
        [Term("input[0]", (make_factor("input", (0,), 3.0),), 3.0), Term("0", (), 0, "winner")], combine="max", computed=3.0, actual=3.0
    )
    assert "largest" not in sheet_text(winner, cover=Cover(1))
    assert "largest" in sheet_text(winner)


def test_relu_is_a_maximum(make_explanation: Make, make_factor: MakeFactor, snapshot: SnapshotAssertion) -> None:
    zero = Factor("zero", (), 0, Origin("literal"))
    why = make_explanation(
        [Term("input[0]", (make_factor("input", (0,), -0.9256, "step", step=2, output=0),), -0.9256), Term("0", (zero,), 0, "winner")],
        formula="output = max(0, input)", combine="max", computed=0.0, actual=0.0, zero="relu",
    )  # fmt: skip
    text = sheet_text(why, 80, 0)
    assert "the largest" in text
    assert "0· made by the activation" in text
    assert "input[0] ← %2, output[0]" in text
    assert text == snapshot


def test_padding_keeps_its_place_in_the_columns(make_explanation: Make, make_factor: MakeFactor, snapshot: SnapshotAssertion) -> None:
    padding = Factor("padding", (), 0, Origin("literal", note="padding"))
    terms = [
        Term("w·x", (make_factor("input", (0, 0, u), 1.0 + u), make_factor("weight", (0, 0, u), -0.5, "parameter")), -0.5 * (1.0 + u))
        for u in range(2)
    ] + [Term("w·0", (padding, make_factor("weight", (0, 0, 2), 7.0, "parameter")), 0.0, "padding")]
    why = make_explanation(
        terms, formula="output[o, i] = Σ input[c, i + u − 1] · weight[o, c, u]", indices={"o": 0, "i": 1}, computed=-1.5, actual=-1.5
    )
    text = sheet_text(why, 90)
    rows = [line for line in text.splitlines() if "×" in line]
    assert len(rows) == 3
    assert len({row.index("×") for row in rows}) == 1
    assert "padding" in rows[2]
    assert text == snapshot


def test_stages_come_before_the_terms(make_explanation: Make, make_factor: MakeFactor, snapshot: SnapshotAssertion) -> None:
    mean = make_explanation(
        [Term("", (make_factor("input", (i, 0), x),), x / 3) for i, x in enumerate([2.0, 4.0, 6.0])],
        title="mean", formula="μ = (1/n) Σ input", computed=4.0, agrees=None, captured=False,
    )  # fmt: skip
    x_hat = Factor("normalised", (), -1.2247, Origin("stage", stage=0, name="normalised"))
    why = make_explanation(
        [Term("", (x_hat, make_factor("weight", (0,), 1.0, "parameter", name="bn.weight")), -1.2247)],
        at=(0, 0), formula="output = x̂ · weight[c]", stages=(mean,), computed=-1.2247, actual=-1.2247, indices={"c": 0},
        tables=(Table("running_mean", (("before", (0.0,)), ("0.9 · before + 0.1 · batch", (0.4,)))),),
        notes=("The biased variance normalises.",),
    )  # fmt: skip
    text = explanation_text(why, 80).plain
    assert text.index(" 0 mean") < text.index("normalised     weight[0]")
    assert "normalised ← stage 0, normalised" in text
    assert text == snapshot


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
def test_nothing_is_wider_than_its_pane(make_explanation: Make, make_factor: MakeFactor, width: int) -> None:
    stage = make_explanation(
        [Term("", (make_factor("input", (0,), 2.0),), 2.0)], title="normalised twice over", formula="x̂ = " + "y · " * 40, computed=2.0
    )
    curve = tuple((x / 10, x / 10) for x in range(-40, 41))
    why = make_explanation(
        [Term("", (make_factor("input", (0,), -0.92561, "step", step=2, output=0),), -0.92561)],
        computed=-0.92561, actual=-0.92561, stages=(stage,), notes=("word " * 50,), indices={"a": 1, "b": 2}, zero="relu",
        tables=(Table("a long title of a table " * 5, (("row", tuple(range(100))),), tuple(map(str, range(100))), 50),),
        pictures=(Picture("curve", curve=curve, point=(-0.92561, -0.92561), caption="caption " * 20),),
    )  # fmt: skip
    for look in (Look(), Look(NO_COLOR, ASCII)):
        lines = explanation_text(why, width, look=look).split("\n")
        assert [line.plain for line in lines if line.cell_len > width] == []


def test_ascii_spells_every_sign(make_explanation: Make, make_factor: MakeFactor) -> None:
    table = Table("μ → σ²", (("× 1/(1−p)", ("✓", "✗", None, "0⊘")),))
    why = make_explanation(
        [Term("x̂ · γ", (make_factor("input", (0,), 1.0), make_factor("weight", (0,), 2.0)), 2.0)] * 3,
        formula="output = Σᵢ ½ · ⌊x̂ₖ / √(σ² + ε)⌋ ≠ é ☃", tables=(table,), notes=("1 ÷ n − 1 ≤ 2",), computed=6.0, actual=5.0, agrees=False,
        pictures=(Picture("window", "input", caption="the 3×3 window"),),
    )  # fmt: skip
    text = explanation_text(why, 80, look=Look(NO_COLOR, ASCII)).plain
    assert text.isascii()
    assert "output = sum i 1/2 * floor(xhatk / sqrt(sigma^2 + eps)) != e ?" in text


EVIL = "\x1b[31m[bold]a[/bold]\x07\u202e\nb\x9b1m"


def test_hostile_text_is_drawn_and_not_obeyed(make_explanation: Make) -> None:
    factor = Factor(EVIL, (0,), 1.0, Origin("parameter", name=EVIL, index=(0,), note=EVIL))
    terms = [Term(EVIL, (factor,), 1.0, EVIL), Term(EVIL, (factor, factor), 1.0, EVIL)] * 3
    stage = make_explanation(terms, title=EVIL, formula=EVIL)
    why = make_explanation(
        terms, formula=EVIL, title=EVIL, notes=(EVIL,), indices={EVIL: 1}, zero=EVIL, stages=(stage,), computed=6.0,
        tables=(Table(EVIL, ((EVIL, (EVIL, 1.0)),), (EVIL, EVIL)),), pictures=(Picture("window", EVIL, caption=EVIL),),
    )  # fmt: skip
    sheet = lay_sheet(why, 100, title=True)
    drawn = [explanation_text(why, width).plain for width in (40, 100)] + [sheet.line(y, 1).plain for y in range(sheet.height)]
    for text in (*drawn, *plain_explanation(why), title_of(why)):
        assert not [char for char in text.replace("\n", "") if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char == "\u202e"]
    assert "[bold]a[/bold]" in drawn[1], "markup is text"
    assert "\n" not in "".join(drawn[2:]), "a line is one line"


def test_many_factors_show_the_label(make_explanation: Make, make_factor: MakeFactor) -> None:
    factors = tuple(make_factor("query", (0, d), 0.5) for d in range(16))
    why = make_explanation(
        [Term("query · key[3]", factors, 4.0), Term("query · key[4]", factors, 2.0)], combine="apply", computed=None, agrees=None
    )
    text = sheet_text(why)
    assert "query · key[3]" in text
    assert "4.0000" in text
    assert max(map(len, text.splitlines())) <= 80


class ManyTerms(Sequence[Term]):
    """Terms that are made when they are read, and a `values` array."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self.array = np.linspace(-1.0, 1.0, count) ** 3
        self.made = 0

    def values(self) -> Any:
        return self.array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, place: int) -> Term:  # type: ignore[override]
        self.made += 1
        value = float(self.array[place])
        factors = (Factor("input", (place,), value, Origin("unknown")), Factor("weight", (0, place), 1.0, Origin("unknown")))
        return Term(f"input[{place}] · weight[0, {place}]", factors, value)


def test_a_neuron_of_65536_inputs_is_laid_out_without_making_its_terms(make_explanation: Make) -> None:
    terms = ManyTerms(65536)
    why = make_explanation(terms, formula="output[o] = Σᵢ input[i] · weight[o, i]", computed=0.0, actual=0.0)
    start = time.thread_time()
    sheet = lay_sheet(why, 100)
    shown = [sheet.line(sheet.line_of(k)).plain for k in (0, 1, 40000, 65535)]
    assert time.thread_time() - start < 0.5
    assert terms.made < 400
    assert shown[2].split()[0] == "40000"
    assert sheet.term_at(sheet.line_of(40000)) == 40000
    assert sheet.height > 65536
    assert "✓ they agree" in "\n".join(sheet.line(y).plain for y in range(8)), "with many terms the verdict stands above them"


def test_an_origin_too_long_for_one_line_gets_two(make_explanation: Make, make_factor: MakeFactor) -> None:
    long_name = "transformer.encoder.layers.11.self_attn.out_proj.weight"
    terms = [
        Term("", (make_factor("input", (0, k), 1.0), make_factor("weight", (3, k), 2.0, "parameter", name=long_name)), 2.0)
        for k in range(2)
    ]
    sheet = lay_sheet(make_explanation(terms, computed=4.0, actual=4.0), 80)
    assert len(sheet.origin_lines) == 2
    assert [long_name in sheet.line(y, 1).plain for y in sheet.origin_lines] == [False, True]
    assert [sheet.line(y, None).plain for y in sheet.origin_lines] == ["", ""]


def test_exact_digits_on_demand(make_linear: Make) -> None:
    why = make_linear([3.0], [0.20000000298023224], None, computed=2.6999998092651367, actual=2.6999998092651367)
    assert "2.7000" in sheet_text(why)
    assert "2.6999998" in sheet_text(why, exact=True)
    assert title_of(why, exact=True) == "Why is output[0] = 2.6999998?"


def test_in_words_for_a_screen_reader(make_linear: Make) -> None:
    lines = plain_explanation(make_linear())
    assert lines[0] == "Why is output[0] = -0.9256?"
    assert "Term 1: input[1] 2.0000 times weight[0, 1] -0.3121 is -0.6242, the sum so far is -0.2599" in lines
    assert "Term 2: bias[0] -0.6657, the sum so far is -0.9256" in lines
    assert "They agree, exact" in lines
    assert "weight[0, 1] comes from parameter fc1.weight[0, 1]" in lines
    assert not set("".join(lines)) & set("─│█▌▐▸×→✓▾")
    assert "3 more terms" in plain_explanation(make_linear([1.0] * 8, [1.0] * 8), terms=6)


def test_only_the_first_terms_are_written(make_linear: Make) -> None:
    text = explanation_text(make_linear([1.0] * 40, [1.0] * 40), 80, terms=5).plain
    assert "… 36 more terms" in text
    assert text.count("×") == 5


@pytest.mark.parametrize("number", [True, 3, 1 + 2j, math.nan, -math.inf, 0.0, 1e-40, 1e38])
def test_any_kind_of_number(make_explanation: Make, make_factor: MakeFactor, number: complex) -> None:
    for combine in ("sum", "product", "max", "pick", "apply"):
        if combine == "max" and isinstance(number, complex):
            continue
        why = make_explanation(
            [Term("input[0]", (make_factor("input", (0,), number),), number)] * 2, combine=combine, computed=number, actual=number
        )
        text = sheet_text(why)
        assert "input[0]" in text
        assert plain_explanation(why)


def test_roles_have_one_colour_everywhere(make_linear: Make) -> None:
    text = explanation_text(make_linear(), 80)
    colored: dict[str, str] = {}
    for span in text.spans:
        if getattr(span.style, "color", None):
            colored.setdefault(text.plain[span.start : span.end].strip(), span.style.color.name)
    assert colored["weight[0,i]"] == colored["0.3643"] == colored["weight"] == DARK.weight
    assert colored["input[i]"] == colored["1.0000"] == DARK.input
    assert colored["bias[0]"] == colored["bias"] == DARK.bias


def test_by_gradient_it_says_that_it_ran_again(make_linear: Make) -> None:
    text = sheet_text(replace(make_linear(), method="gradient"))
    assert "run again -0.9256" in text
    assert "by gradient" in text


@pytest.mark.parametrize("size", [1, 2, 65, 100, 500, 784])
def test_the_range_of_a_sum_s_letter_is_that_of_all_terms(size: int) -> None:
    trace = neurontui.trace(nn.Linear(size, 2), torch.ones(size))
    why = neurontui.explain(trace, ".", (1,))
    assert f"i = 0…{size - 1}\n" in sheet_text(why, 120) if size > 1 else "i = 0\n" in sheet_text(why, 120)


def test_the_range_at_a_corner_counts_the_padding() -> None:
    trace = neurontui.trace(nn.Conv2d(12, 1, 3, padding=1), torch.ones(1, 12, 5, 5))
    text = sheet_text(neurontui.explain(trace, ".", (0, 0, 0, 0)), 120)
    assert "c = 0…11   u = 0…2   v = 0…2" in " ".join(text.split("\n")[:3]).replace("\n", " ")


def test_a_gate_of_a_recurrent_layer_names_its_weights_and_aligns_both_products() -> None:
    torch.manual_seed(0)
    trace = neurontui.trace(nn.LSTM(2, 3, batch_first=True), torch.randn(1, 4, 2))
    text = explanation_text(neurontui.explain(trace, "lstm", (0, 2, 1)), 100, trace=trace).plain
    assert "params[" not in text
    rows = [line for line in text.splitlines() if "×  weight_" in line]
    assert any("input[0, 2, 0]" in row and "weight_ih_l0[1, 0]" in row for row in rows)
    assert any("output[0, 1, 2]" in row and "weight_hh_l0[1, 2]" in row for row in rows)
    gate = rows[:5]
    assert len({row.index("×") for row in gate}) == 1
    assert len({row.index("=") for row in gate}) == 1


def test_a_sum_of_one_form_keeps_its_letters_beside_a_bias() -> None:
    text = sheet_text(neurontui.explain(neurontui.trace(nn.Linear(3, 2), torch.ones(3)), ".", (1,)), 100)
    assert "input[i]" in text
    assert "weight[1,i]" in text


def test_all_terms_that_were_asked_for_are_shown_of_stages_too() -> None:
    trace = neurontui.trace(nn.Softmax(-1), torch.arange(20.0))
    why = neurontui.explain(trace, ".", (3,))
    assert "input[15]" in explanation_text(why, 100, terms=64).plain
    assert "input[15]" not in explanation_text(why, 100, terms=8).plain


def test_of_equal_numbers_only_the_one_that_was_taken_is_called_the_largest() -> None:
    trace = neurontui.trace(nn.MaxPool2d(2), torch.zeros(1, 1, 2, 2))
    text = sheet_text(neurontui.explain(trace, ".", (0, 0, 0, 0)), 100)
    assert (text.count("the largest"), text.count("as large")) == (1, 3)


def test_signs_in_tables_are_words_where_they_are_read_out() -> None:
    trace = neurontui.trace(nn.Sequential(nn.ReLU(), nn.Dropout(0.5)), torch.tensor([1.0, -1.0, 2.0, 3.0]), seed=3)
    lines = plain_explanation(neurontui.explain(trace, "1", (0,)))
    mask = next(line for line in lines if "mask:" in line)
    assert set(mask.partition(": ")[2].split(", ")) == {"kept", "dropped"}
    assert not any(sign in line for line in lines for sign in "✓✗·" if line.startswith("dropout"))


def test_what_an_opened_call_took_in_comes_from_around_it() -> None:
    trace = neurontui.trace(nn.Sequential(nn.ReLU(), nn.Linear(2, 1)), torch.ones(2))
    inner = neurontui.expand(trace, "1/linear")
    why = neurontui.explain(inner, 0, at=(0,))
    whole, plain = explanation_text(why, 80, trace=inner).plain, "\n".join(plain_explanation(why, trace=inner))
    for said in (sheet_text(why, selected=0, trace=inner), whole, plain):
        assert "the model's input" not in said
        assert "0/relu, output[0]" in said
        assert "%1" not in said, "a step of the trace around would be read as one of this trace"
        assert "parameter 1.weight[0, 0]" in said
    deeper = neurontui.expand(trace, "1")
    assert "0/relu, output[0]" in sheet_text(neurontui.explain(deeper, 2, at=(0, 0)), selected=0, trace=deeper)


def test_a_stage_of_several_numbers_is_asked_for_without_one() -> None:
    trace = neurontui.trace(torch.nn.MultiheadAttention(4, 2), *[torch.randn(3, 4)] * 3, seed=0)
    why = neurontui.explain(trace, "./multi_head_attention_forward", at=(0, 0))
    titles = {title_of(stage) for stage in why.stages}
    assert "How is context made?" in titles
    assert not any("??" in title for title in titles)
