"""What an explanation says is the truth: which numbers were calculated with, of which sample, by which formula."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import check, record

import neurontui
from neurontui.explainers import deep, spell_expression
from neurontui.explainers.generic import gradients
from neurontui.explanation import Explanation
from neurontui.rendering.forms import is_product
from neurontui.rendering.words import plain_explanation

ONES = torch.tensor([[1, 0, 1]])  # row numbers that would change no product
TABLE = torch.tensor([[0.5, -1.0], [2.0, 0.0]])


def explain_last(function: object, *args: torch.Tensor, at: tuple[int, ...] = ()) -> Explanation:
    trace = record(function, *args)  # type: ignore[arg-type]
    why = neurontui.explain(trace, len(trace.steps) - 1, at)
    check(why, trace)
    return why


CHOSEN = {
    "embedding": (lambda w: F.embedding(ONES, w), (0, 0, 0), "input"),
    "embedding_bag": (lambda w: F.embedding_bag(ONES, w, mode="mean"), (0, 0), "input"),
    "embedding_bag of the greatest": (lambda w: F.embedding_bag(ONES, w, mode="max"), (0, 0), "input"),
    "gather": (lambda w: w.gather(1, torch.tensor([[1], [1]])), (0, 0), "index"),
    "where": (lambda w: torch.where(w > 0, w, 0.0), (0, 0), "condition"),
    "masked_fill": (lambda w: w.masked_fill(w > 0, 3.0), (0, 0), "mask"),
    "cross_entropy": (lambda w: F.cross_entropy(w, torch.tensor([1, 0])), (), "target"),
    "nll_loss": (lambda w: F.nll_loss(w, torch.tensor([1, 0])), (), "target"),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_an_index_a_condition_or_a_class_chooses_and_is_not_multiplied(name: str) -> None:
    function, at, choice = CHOSEN[name]
    why = explain_last(function, TABLE, at=at)
    for term in why.terms:
        choosing = [factor for factor in term.factors if factor.chooses]
        assert [factor.name for factor in choosing] == [choice]
        assert choosing[0].origin.kind in ("step", "outside", "attribute")  # it can be followed
        assert choice not in term.label
        assert math.prod(f.number for f in term.operands) == pytest.approx(term.value) or name == "cross_entropy"
        assert is_product(term) or name == "cross_entropy"
    assert any("chosen by" in line for line in plain_explanation(why))
    assert not any(f"times {choice}" in line for line in plain_explanation(why))


def test_a_choice_of_number_0_does_not_name_a_zero() -> None:
    trace = record(lambda w: F.embedding((w[0] > 9).long(), w.clamp(max=0).neg()), TABLE)  # row 0 is chosen, by a 0
    why = neurontui.explain(trace, len(trace.steps) - 1, (0, 0))
    assert why.actual == 0
    assert why.zero == neurontui.explain(trace, trace.step("./neg").index, (0, 0)).zero


def test_the_whole_expression_goes_on_through_what_was_chosen() -> None:
    trace = record(lambda w: torch.where(w > 0, w * 2, 0.0), TABLE)
    tree = deep(trace, len(trace.steps) - 1, (0, 0))
    assert spell_expression(tree) == "0.5000 × 2"


def test_the_sample_of_a_cross_entropy_has_its_own_number() -> None:
    why = explain_last(lambda x: F.cross_entropy(x, torch.tensor([0, 1, 1]), reduction="none"), torch.randn(3, 4), at=(2,))
    assert [stage.title for stage in why.stages] == ["sum 2", "log sum 2"]
    assert "of sample 2" in why.stages[0].formula


@pytest.mark.parametrize(
    ("options", "formula", "note"),
    [
        ({}, "the mean of −log p[target],", "A share is 1 for the target class, over the 3 samples."),
        ({"reduction": "sum"}, "output = Σ −log p[target],", ""),
        ({"weight": torch.ones(4)}, "Σ weight[target] · (−log p[target]) / Σ weight[target]", "times the class's weight, over Σ weight"),
        ({"label_smoothing": 0.1}, "the mean of Σⱼ share[j] · (−log p[j])", "0.9 for the target class plus 0.025 for every class"),
    ],
)
def test_a_cross_entropy_says_the_formula_of_its_options(options: dict[str, object], formula: str, note: str) -> None:
    why = explain_last(lambda x: F.cross_entropy(x, torch.tensor([0, 1, 1]), **options), torch.randn(3, 4))  # type: ignore[arg-type]
    assert formula in why.formula
    assert note in " ".join(why.notes)


def test_a_term_of_a_cross_entropy_says_which_class_of_which_sample_it_is() -> None:
    why = explain_last(lambda x: F.cross_entropy(x, torch.tensor([0, 2])), torch.randn(2, 3))
    assert [term.label for term in why.terms] == ["share · (−log p[0, 0])", "share · (−log p[1, 2])"]
    many = explain_last(lambda x: F.cross_entropy(x, torch.arange(20) % 3), torch.randn(20, 3))
    assert many.terms[19].label == "share · (−log p[19, 1])"
    alone = explain_last(lambda x: F.cross_entropy(x, torch.tensor(2), reduction="sum"), torch.randn(3))
    assert [term.label for term in alone.terms] == ["−log p[2]"]


def test_targets_that_are_ignored_are_told() -> None:
    why = explain_last(lambda x: F.cross_entropy(x, torch.tensor([0, -100, 1])), torch.randn(3, 4))
    assert why.notes[-1] == "1 target is -100 and is ignored."


def test_a_variance_and_a_norm_are_called_output_and_their_parts_by_name() -> None:
    x = torch.randn(2, 5)
    assert explain_last(lambda x: x.var(1), x, at=(1,)).title == ""
    spread = explain_last(lambda x: x.std(1), x, at=(1,))
    assert [stage.title for stage in spread.stages] == ["mean", "variance"]
    assert spread.stages[1].formula.startswith("σ² = ")
    length = explain_last(lambda x: x.norm(dim=1), x, at=(1,))
    assert (length.stages[0].formula, length.stages[0].computed) == ("Σ input²", pytest.approx(float((x[1] ** 2).sum()), rel=1e-6))
    cubes = explain_last(lambda x: x.norm(p=3, dim=1), x, at=(1,))
    assert cubes.stages[0].formula == "Σ |input|^3"


def test_the_candidate_of_a_gru_is_n() -> None:
    why = explain_last(lambda x: torch.nn.GRU(3, 2)(x)[0].relu(), torch.randn(2, 1, 3), at=(0, 0, 0))
    trace = record(lambda x: torch.nn.GRU(3, 2)(x), torch.randn(2, 1, 3))
    why = neurontui.explain(trace, ".", (0, 0, 0))
    assert "(1 − z) · n" in why.formula
    assert any("n candidate" in note for note in why.notes)


def test_a_zero_of_a_function_that_is_run_again_is_a_number_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With gradients on the kernel may round otherwise: the run without them counts, where it gives 0.0 too."""
    differentiate = gradients.differentiate

    def rounds_otherwise(*args: Any) -> Any:
        computed, found = differentiate(*args)  # type: ignore[misc]
        return computed + 1e-3, found

    monkeypatch.setattr(gradients, "differentiate", rounds_otherwise)
    why = explain_last(torch.linalg.matrix_exp, torch.zeros(2, 2), at=(0, 1))
    assert (why.method, why.computed, why.actual) == ("gradient", 0.0, 0.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: torch.flip(x, dims=(0, 1)),
        lambda x: x.flip(dims=[1]),
        lambda x: x.repeat(repeats=(2, 1)),
        lambda x: torch.gather(x[0, 0], 0, torch.tensor([0])),
        lambda x: torch.index_select(x[0, 0], 0, torch.tensor([0])),
        lambda x: torch.alpha_dropout(x, p=0.5, train=True),
        lambda x: F.one_hot(input=x.argmax(1), num_classes=3),
    ],
)
def test_arguments_may_be_given_by_name_and_shapes_may_be_empty(function: object) -> None:
    trace = record(function, torch.randn(2, 3))  # type: ignore[arg-type]
    last = trace.steps[-1]
    why = neurontui.explain(trace, last, (0,) * len(last.output.shape))
    check(why, trace)
    assert why.method != "gradient"


@pytest.mark.parametrize(
    ("function", "computed"),
    [
        (lambda x: torch.tensor([0.1]), float(torch.tensor(0.1))),
        (lambda x: torch.full((1,), 0.1), float(torch.tensor(0.1))),
        (lambda x: x.masked_fill(x == x, 0.1), float(torch.tensor(0.1))),
        (lambda x: (x > 0).masked_fill(x == x, 10), True),
        (lambda x: F.pad(x, (1, 0), value=0.1), float(torch.tensor(0.1))),
    ],
)
def test_a_number_that_is_put_is_the_nearest_of_the_type_in_its_term_too(function: object, computed: float) -> None:
    why = explain_last(function, torch.ones(1), at=(0,))
    assert why.terms[0].value == why.computed == why.actual == computed
    assert why.terms.values().tolist() == [computed]


def test_bits_that_are_read_as_another_type_are_moved() -> None:
    why = explain_last(lambda x: x.view(torch.int32), torch.tensor([[1.0, -2.5]]), at=(0, 1))
    assert (why.method, why.terms[0].factors[0].number) == ("index", -2.5)
    assert "the same bits, read as that type" in why.notes[0]


@pytest.mark.parametrize("function", [lambda x: F.softmin(x, 0, dtype=torch.float32), lambda x: F.rms_norm(x, (3,))])
@pytest.mark.filterwarnings("ignore")  # torch says that the imaginary part is dropped
def test_complex_numbers_are_left_to_the_gradient_without_a_word(function: object) -> None:
    why = explain_last(function, torch.randn(3, dtype=torch.complex64), at=(1,))
    assert why.method == "gradient"


SPELLED = {
    "gt": (lambda x: x > 0, "input > 0"),
    "eq": (lambda x: x == x, "input == other"),
    "and": (lambda x: (x > 0) & (x < 1), "input and other"),
    "or of whole numbers": (lambda x: x.int() | 4, "input | 4"),
    "not": (lambda x: ~(x > 0), "not input"),
    "abs": (lambda x: x.abs(), "|input|"),
    "floor": (lambda x: x.floor(), "⌊input⌋"),
    "mod": (lambda x: x % 2, "input mod 2"),
    "round": (lambda x: x.round(decimals=1), "round(input, decimals=1)"),
    "div": (lambda x: torch.floor_divide(x, 2), "⌊input / 2⌋"),
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_function_that_is_run_again_is_written_as_by_hand(name: str) -> None:
    function, formula = SPELLED[name]
    why = explain_last(function, torch.tensor([-0.5, 2.0]), at=(1,))
    assert (why.method, why.formula) == ("element", f"output = {formula}")
    assert all(term.value is term.factors[0].number or term.value == term.factors[0].number for term in why.terms)


def test_a_number_that_the_code_puts_was_not_moved() -> None:
    lines = plain_explanation(explain_last(lambda x: x.tril(), torch.ones(2, 2), at=(0, 1)))
    assert "This number was put here by the code" in lines
    assert "Term 0: zero 0, masked" in lines
    lines = plain_explanation(explain_last(lambda x: x.tril(), torch.ones(2, 2), at=(1, 0)))
    assert "This number was only moved, by its index" in lines


def test_a_distance_names_the_difference_and_its_sum() -> None:
    why = explain_last(lambda x: torch.cdist(x, x + 1), torch.randn(3, 4), at=(0, 2))
    assert (why.formula, why.stages[0].formula) == ("output = √Σ (x1 − x2)²", "Σ (x1 − x2)²")
    assert why.stages[0].terms[0].label == "|x1 − x2|²"


def test_the_grid_chooses_the_corners() -> None:
    grid = torch.tensor([[[[0.1, -0.2]]]])
    why = explain_last(lambda x: F.grid_sample(x, grid, align_corners=False), torch.randn(1, 1, 3, 3), at=(0, 0, 0, 0))
    assert len(why.terms) == 4
    assert [factor.name for factor in why.terms[0].factors if factor.chooses] == ["grid", "grid"]


def test_what_is_counted_is_not_called_by_its_number() -> None:
    why = explain_last(lambda x: x.bincount(), torch.tensor([1, 2, 2]), at=(2,))
    assert "Term 0: one more is 1, from input[1] 2, the sum so far is 1" in plain_explanation(why)


ZEROS = {
    "a product that is too small": (lambda x: (x * 1e-30) * (x * 1e-30), "underflow"),
    "an exponential that is too small": (lambda x: torch.exp(x * -200), "underflow"),
    "a factor of zero": (lambda x: x * (x < 0), "factor"),
    "a clamp at 0": (lambda x: (-x).clamp(min=0), "relu"),
    "a clamp above": (lambda x: x.clamp(max=0), ""),
    "softshrink": (lambda x: F.softshrink(x, 2.0), "relu"),
    "another class": (lambda x: F.one_hot(x.long(), 3)[..., 0], "constant"),
    "a difference": (lambda x: x - x, "sum"),
}


@pytest.mark.parametrize("name", ZEROS)
def test_a_zero_says_why_and_nothing_that_is_not_so(name: str) -> None:
    function, reason = ZEROS[name]
    why = explain_last(function, torch.ones(1), at=(0,))
    assert (why.actual, why.zero) == (0, reason)


@pytest.mark.parametrize(
    ("function", "note"),
    [
        (lambda x: x.bool() + x.bool(), "2 as bool is True."),
        (lambda x: x.to(torch.int8) * 100 + 100, "200 as int8 is -56."),
        (lambda x: x + 1, ""),
    ],
)
def test_a_whole_number_that_does_not_fit_is_told(function: object, note: str) -> None:
    trace = record(function, torch.ones(1, dtype=torch.int64))  # type: ignore[arg-type]
    why = neurontui.explain(trace, len(trace.steps) - 1, (0,))
    assert why.agrees is True
    assert why.notes == ((note,) if note else ())


class Mapped(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.vmap(lambda row: row * 2)(x)


def test_what_a_module_made_out_of_sight_was_written_by_somebody() -> None:
    """And its class is called what the user calls it, without the module that their file became."""
    trace = neurontui.trace(Mapped(), torch.ones(2, 2))
    why = neurontui.explain(trace, 0, (0, 0))
    assert why.agrees is None
    assert why.formula == "output = Mapped(x)"
    said = " ".join(plain_explanation(why, trace=trace))
    assert "It was not calculated again" in said
    assert "obody wrote" not in said
