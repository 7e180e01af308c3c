"""Whole expressions, reach, first NaN, zeros, terms without objects, errors of asking."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import Calls, record
from torch import Tensor, nn

import neurontui
from neurontui.errors import StepError
from neurontui.explainers import deep, first_nonfinite, literal, products, reach, zero_reasons
from neurontui.explainers.terms import Terms
from neurontui.explanation import Origin
from neurontui.records import leaves
from neurontui.rendering.verdicts import origin_words


def test_an_expression_says_what_it_left_out() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(*(nn.Linear(50, 50) for _ in range(4)))
    trace = neurontui.trace(model, torch.randn(50))
    tree = deep(trace, ".", 0, depth=2, terms=5)
    assert len(tree.parts) == 5
    assert tree.left_out == 46
    assert 0 < tree.share < 1
    assert any("smaller terms are left out" in note for note in tree.left_out_notes())
    assert any("deeper than the limit" in note for note in tree.left_out_notes())
    assert sum(1 for _ in deep(trace, ".", 0, terms=64).walk()) < 20000


def test_one_number_that_is_left_out_is_one() -> None:
    tree = deep(record(lambda x: ((x + 1) * 2).sum(), torch.ones(1)), ".", (), depth=1)
    assert tree.left_out_notes() == ("1 number is not opened: deeper than the limit.",)


def test_one_number_of_an_attention_is_no_endless_expression() -> None:
    """Each row that an attention projects would write out its whole width, again and again."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(256, 4, 512, batch_first=True).eval()
    tree = deep(neurontui.trace(layer, torch.randn(1, 8, 256), grad=False), ".", (0, 0, 0), terms=4)
    assert 1000 < sum(1 for _ in tree.walk()) < 8000
    assert any("written out already" in note for note in tree.left_out_notes())
    assert [node for node in tree.walk() if node.kind == "stage" and node.note == "limit"]


def test_of_a_row_of_numbers_only_the_one_that_is_meant_is_opened() -> None:
    torch.manual_seed(0)
    trace = neurontui.trace(nn.MultiheadAttention(8, 2).eval(), *[torch.randn(3, 8)] * 3)
    tree = deep(trace, "./multi_head_attention_forward", (0, 0), terms=1)
    rows = [node for node in tree.walk() if node.kind == "stage" and node.index and node.parts]
    assert {node.name for node in rows} >= {"context", "weights", "scores", "projected query"}
    for node in rows:
        assert len(node.parts) == 1
        assert node.parts[0].value == pytest.approx(node.number)
    assert len({(node.name, node.index) for node in rows}) == len(rows)


def test_views_are_named_not_drawn() -> None:
    trace = record(lambda x: (x * 2).view(4).unsqueeze(0) + 1, torch.ones(2, 2))
    tree = deep(trace, len(trace.steps) - 1, (0, 3))
    below = tree.parts[0].factors[0]
    assert (below.name, below.index, len(below.via)) == ("./mul", (1, 1), 2)


def test_an_expression_goes_on_outside_an_opened_call() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)), torch.ones(2))
    opened = neurontui.expand(trace, "1/linear")
    tree = deep(opened, len(opened.steps) - 1)
    assert "0/linear" in {node.name for node in tree.walk()}


def test_reach_is_the_slope_where_it_is_linear() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))
    trace = neurontui.trace(model, torch.randn(2, 3))
    seen = reach(trace, "0", (1, 2), "1")
    assert seen.slopes.shape == (2, 5)
    assert seen.touched == 5
    assert torch.allclose(seen.slopes[1], model[1].weight[:, 2].double(), atol=1e-3)
    with pytest.raises(StepError, match="comes before"):
        reach(trace, "1", (0, 0), "0")


def test_the_first_nan_is_told_from_those_that_travel() -> None:
    class Logs(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.log(x - 1).exp() + 1

    found = first_nonfinite(neurontui.trace(Logs(), torch.tensor([2.0, 0.5])))
    assert found is not None
    assert (found.word, found.at) == ("NaN", (1,))
    assert "./log at [1]: output = log(input), with input[1] = -0.5" in found.sentence
    assert first_nonfinite(neurontui.trace(Logs(), torch.tensor([2.0, 3.0]))) is None
    given = first_nonfinite(neurontui.trace(Logs(), torch.tensor([2.0, float("nan")])))
    assert given is not None
    assert given.sentence == "The first NaN came in with the input: x[1]."


def test_an_overflow_names_its_terms() -> None:
    found = first_nonfinite(record(lambda x: (x * x).sum(), torch.tensor([1.0, 1e30])))
    assert found is not None
    assert found.word == "Inf"
    assert [f.number for t in found.terms for f in t.factors][:1] == [pytest.approx(1e30)]


def test_four_kinds_of_zero() -> None:
    def calls(x: Tensor) -> tuple[Tensor, ...]:
        return (torch.relu(x).view(-1), F.dropout(x.abs() + 1, 0.9), F.pad(x, (1, 1)), x.masked_fill(x < 9, 0.0), x - x)

    trace = record(calls, torch.tensor([[-1.0, -2.0, -3.0, -4.0]]), seed=0)
    by_name = {step.label: step for step in trace.steps}
    reasons = {}
    for label in ("view", "dropout", "pad", "masked_fill", "sub"):
        step = by_name[label]
        _, value = next(leaves(step.output))
        cells = [(0,) * (len(value.shape) - 1) + (i,) for i in range(value.shape[-1])]
        reasons[label] = set(zero_reasons(trace, step.index, value, cells).values())
    assert reasons == {"view": {"relu"}, "dropout": {"dropped"}, "pad": {"padding"}, "masked_fill": {"masked"}, "sub": {"sum"}}


@pytest.mark.parametrize("activate", [F.relu_, F.relu6, nn.Hardtanh(0, 1), F.softshrink, nn.Hardswish(), nn.Threshold(0.0, 0.0), nn.ReLU()])
def test_a_zero_that_an_activation_was_given_was_made_before(activate: Callable[[Tensor], Tensor]) -> None:
    """Padding stays padding; what the model was given as zero has no reason here; a sum is one; below zero, ReLU makes it."""
    padded = record(lambda x: activate(F.pad(x, (1, 1))), torch.tensor([[-4.0, 0.0, 3.0]]))
    step = padded.steps[-1]
    assert [neurontui.explain(padded, step.index, (0, place)).zero for place in (0, 2, 4)] == ["padding", "", "padding"]
    _, value = next(leaves(step.output))
    assert zero_reasons(padded, step.index, value, [(0, 0), (0, 2)]) == {(0, 0): "padding"}
    summed = record(lambda x: activate(x - x), torch.ones(1))
    assert neurontui.explain(summed, summed.steps[-1].index, 0).zero == "sum"


def test_below_zero_it_is_the_activation() -> None:
    cut = record(lambda x: F.relu(F.pad(x, (1, 1))), torch.tensor([[-1.0]]))
    _, value = next(leaves(cut.steps[-1].output))
    assert zero_reasons(cut, 2, value, [(0, 0), (0, 1)]) == {(0, 0): "padding", (0, 1): "relu"}


def test_a_zero_that_was_multiplied_or_divided_keeps_its_reason() -> None:
    def calls(x: Tensor) -> tuple[Tensor, ...]:
        y = torch.relu(x)
        return y * 3, y / 2, (x * 0) / 2, x * 0.0

    trace = record(calls, torch.tensor([-1.0]))
    assert [neurontui.explain(trace, step, 0).zero for step in (1, 2, 3, 5, 6)] == ["relu", "relu", "relu", "factor", "factor"]


def test_a_view_in_place_is_explained_from_what_it_was_given() -> None:
    trace = record(lambda x: (x * 1).transpose_(0, 1), torch.arange(6.0).reshape(2, 3))
    why = neurontui.explain(trace, 2, (2, 1))
    assert (why.terms[0].factors[0].index, why.terms[0].factors[0].origin.index) == ((1, 2), (1, 2))


def test_terms_are_made_when_they_are_read() -> None:
    asked = []

    def resolve(column: object, index: tuple[int, ...]) -> Origin:
        asked.append(index)
        return Origin("literal")

    terms = Terms([products(literal("a", 2.0), values=[1.0, -3.0, 2.0]), products(literal("b", 4.0))], resolve)
    assert len(terms) == 4
    assert not asked
    assert terms[-1].value == 4.0
    assert len(asked) == 1
    assert [t.value for t in terms.by_size()] == [4.0, -3.0, 2.0, 1.0]
    assert [t.value for t in terms.by_size()[:2].in_order()] == [-3.0, 4.0]
    assert [terms.running(i) for i in range(4)] == [1.0, -2.0, 0.0, 4.0]
    assert terms.by_size().share(2) == pytest.approx(0.7)
    with pytest.raises(IndexError):
        terms[4]


def test_asking_for_what_is_not_there() -> None:
    trace = record(torch.relu, torch.ones(2, 2))
    for at in ((2, 0), (0,), (0, 0, 0)):
        with pytest.raises(StepError, match="whose output has the shape"):
            neurontui.explain(trace, 1, at)
    with pytest.raises(StepError, match="Output 1 was asked"):
        neurontui.explain(trace, 1, (0, 0), 1)
    assert neurontui.explain(trace, 1, (-1, -1)).at == (1, 1)


def test_a_step_that_raised_says_so() -> None:
    trace = neurontui.trace(Calls(lambda x: x @ x), torch.ones(2, 3))
    with pytest.raises(StepError, match="raised RuntimeError and gave no value"):
        neurontui.explain(trace, len(trace.steps) - 1)


def test_memory_that_nobody_wrote_is_not_checked() -> None:
    why = neurontui.explain(record(lambda x: torch.empty(3), torch.ones(1)), 1)
    assert why.agrees is None


def test_a_module_that_hands_its_input_on_passes_through() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Identity(), nn.ReLU()), torch.tensor([1.0, -1.0]))
    why = neurontui.explain(trace, "0", 1)
    assert (why.combine, why.agrees, why.terms[0].factors[0].origin.kind) == ("pick", True, "input")


def test_what_a_scripted_module_made_is_not_called_handed_on() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its scripting deprecated
        scripted = torch.jit.script(nn.Linear(3, 2))
    why = neurontui.explain(neurontui.trace(nn.Sequential(scripted), torch.randn(3)), "0")
    assert why.agrees is None
    assert "out of sight" in why.notes[0]
    assert [t.factors[0].origin.kind for t in why.terms] == ["input"] * 3


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_eight_bit_floats_are_moved_and_cast(dtype: torch.dtype) -> None:
    trace = record(lambda x: x.to(dtype).float(), torch.randn(3))
    assert [neurontui.explain(trace, step, 1).method for step in (1, 2)] == ["index", "index"]


def test_inference_mode_sparse_and_meta_tensors_answer() -> None:
    with torch.inference_mode():
        trace = record(lambda x: torch.linalg.det(x), torch.randn(3, 3))
    assert neurontui.explain(trace, 1).method == "gradient"
    sparse = record(lambda x: x.to_sparse().to_dense(), torch.eye(3))
    assert neurontui.explain(sparse, len(sparse.steps) - 1, (1, 1)).actual == 1.0
    meta = record(torch.relu, torch.ones(3, device="meta"))
    assert neurontui.explain(meta, 1).actual is None
    assert neurontui.explain(meta, 1).notes == ("On the device 'meta' tensors are shapes only: there are no numbers to explain.",)


class Number(nn.Module):
    """Gives a number of Python's: that of a call, or its own."""

    def __init__(self, own: bool) -> None:
        super().__init__()
        self.own = own

    def forward(self, x: torch.Tensor) -> float:
        number = x.sum().item()
        return number + 1 if self.own else number


def test_a_number_that_a_model_returns_is_explained_by_the_call_that_gave_it() -> None:
    trace = neurontui.trace(Number(own=False), torch.tensor([0.5, 1.25]))
    why = neurontui.explain(trace, 0)
    assert (why.actual, why.agrees, why.made_by) == (1.75, True, "./item (%2)")
    assert why.terms[0].factors[0].origin.kind == "step"


def test_a_number_that_no_call_gave_is_not_called_handed_on() -> None:
    trace = neurontui.trace(Number(own=True), torch.tensor([0.5, 1.25]))
    with pytest.raises(neurontui.NeuronTUIError, match=r"gave 2\.75, a number of Python's and no tensor"):
        neurontui.explain(trace, 0)


def test_what_a_call_wrote_and_does_not_return_is_not_taken_for_its_output() -> None:
    def body(x: Tensor) -> Tensor:
        mean = torch.zeros(3)
        F.batch_norm(x, mean, torch.ones(3), training=True)
        return mean

    trace = neurontui.trace(body, torch.arange(6.0).reshape(2, 3))
    why = neurontui.explain(trace, ".", 1)
    assert (why.actual, why.computed, why.combine) == (pytest.approx(0.25), pytest.approx(0.25), "pick")
    said = origin_words(why.terms[0].factors[0].origin, trace)
    assert said == "%3 ./batch_norm, running_mean[1] as it left it"


def test_a_term_that_was_read_stays_made_for_a_while() -> None:
    terms = neurontui.explain(record(torch.mv, torch.ones(1, 600), torch.arange(600.0)), "./mv").terms
    assert isinstance(terms, Terms)
    first = terms[0]
    assert terms[0] is first
    assert terms.by_size()[-1] is first
    assert terms[590:][9] is terms[599]
    list(terms)
    assert terms[0] == first
    assert terms[0] is not first
