"""The numbers of a first course, which anyone can check by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from course import record_simple_ann
from explaining_helpers import record
from torch import Tensor, nn

import neurontui
from neurontui.explainers import deep, spell_expression


@pytest.fixture
def simple_ann() -> neurontui.Trace:
    return record_simple_ann()


def test_one_neuron_is_its_products_and_its_bias(simple_ann: neurontui.Trace) -> None:
    why = neurontui.explain(simple_ann, "fc1", at=(0,))
    assert why.formula == "output[o] = Σᵢ input[i] · weight[o, i] + bias[o]"
    assert dict(why.indices) == {"o": 0}
    assert [round(t.value, 4) for t in why.terms] == [0.3643, -0.6242, -0.6657]
    assert [why.terms.running(i) for i in range(3)] == pytest.approx([0.3643, -0.2599, -0.9256], abs=1e-4)
    assert why.computed == pytest.approx(-0.9256, abs=1e-4)
    assert (why.method, why.combine, why.agrees, why.exact) == ("formula", "sum", True, True)


def test_a_linear_over_several_batch_dimensions_names_each_in_its_formula() -> None:
    why = neurontui.explain(neurontui.trace(nn.Linear(3, 2), torch.ones(2, 4, 3)), ".", at=(1, 3, 0))
    assert why.formula == "output[b1, b2, o] = Σᵢ input[b1, b2, i] · weight[o, i] + bias[o]"
    assert dict(why.indices) == {"b1": 1, "b2": 3, "o": 0}


def test_factors_lead_back_to_the_input(simple_ann: neurontui.Trace) -> None:
    last = neurontui.explain(simple_ann, ".")
    relu = last.terms[1].factors[0].origin
    assert simple_ann.steps[relu.step].name == "./relu"
    hidden = neurontui.explain(simple_ann, relu.step, relu.index).terms[0].factors[0].origin
    assert simple_ann.steps[hidden.step].name == "fc1/linear"
    source = neurontui.explain(simple_ann, hidden.step, hidden.index).terms[0].factors
    assert (source[0].origin.kind, source[0].origin.name, source[0].origin.index) == ("input", "x", (0,))
    assert (source[1].origin.kind, source[1].origin.name, source[1].origin.index) == ("parameter", "fc1.weight", (1, 0))


def test_the_whole_network_is_one_expression(simple_ann: neurontui.Trace) -> None:
    tree = deep(simple_ann, ".")
    assert spell_expression(tree) == (
        "max(1.0000 × 0.3643 + 2.0000 × -0.3121 + -0.6657, 0) × -0.1455"
        " + max(1.0000 × -0.1371 + 2.0000 × 0.3319 + 0.4241, 0) × 0.3597 + 0.0983"
    )
    assert tree.left_out_notes() == ()
    leaves = [node for node in tree.walk() if not node.parts]
    assert {node.kind for node in leaves} == {"input", "parameter", "literal"}


def test_two_kinds_of_zero() -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Dropout(0.5), nn.Linear(3, 1))
    trace = neurontui.trace(model, torch.tensor([1.0, 2.0, 3.0, 4.0]), seed=3)
    assert [neurontui.explain(trace, "2", i).zero for i in range(3)] == ["relu", "", "dropped"]
    assert neurontui.explain(trace, "2", 1).computed == pytest.approx(1.5674, abs=1e-4)
    table = neurontui.explain(trace, "2", 1).tables[0]
    assert dict(table.rows)["mask"] == ("✓", "✓", "✗")
    assert dict(table.rows)["× 1/(1−p)"] == (2.0, 2.0, None)
    assert table.zeros == {(0, 0): "relu", (3, 0): "relu", (3, 2): "dropped"}
    assert neurontui.explain(trace, ".").computed == pytest.approx(-0.1861, abs=1e-4)


def test_a_hundred_rolls_of_a_dropout_beside_the_binomial_distribution() -> None:
    four = neurontui.trace(nn.Dropout(0.5), torch.tensor([10.0, 20, 30, 40]), seed=4)
    state = torch.get_rng_state()
    rolls = neurontui.explain(four, ".", 1).tables[1]
    assert torch.equal(torch.get_rng_state(), state)
    rows = dict(rolls.rows)
    assert rows["dropped"] == ("0", "1", "2", "3", "4")
    assert rows["expected %"] == ("6.25", "25.00", "37.50", "25.00", "6.25")
    assert sum(rows["of 100 runs"]) == 100  # type: ignore[arg-type]
    assert all(abs(runs - float(share)) < 15 for runs, share in zip(rows["of 100 runs"], rows["expected %"], strict=True))  # type: ignore[operator, arg-type]
    assert rolls.highlight == 2, "two of the four are dropped in this run"
    many = neurontui.explain(neurontui.trace(nn.Dropout(0.2), torch.ones(40, 25), seed=0), ".", (0, 0)).tables[1]
    counts = dict(many.rows)
    assert len(counts["dropped"]) <= 9
    assert sum(counts["of 100 runs"]) == 100  # type: ignore[arg-type]
    assert 95 < sum(map(float, counts["expected %"])) <= 100.01  # type: ignore[arg-type]
    assert len(neurontui.explain(neurontui.trace(nn.Dropout(0.5), torch.ones(1), seed=0), ".", 0).tables) == 1, "one coin is no histogram"


def test_batch_norm_shows_both_variances() -> None:
    trace = neurontui.trace(nn.BatchNorm1d(3), torch.tensor([[2.0, 200, 4000], [4, 100, 2000], [6, 300, 6000]]))
    why = neurontui.explain(trace, ".", (0, 0))
    assert [s.title for s in why.stages] == ["mean", "variance", "normalised"]
    assert [s.computed for s in why.stages] == pytest.approx([4, 2.6667, -1.2247], abs=1e-4)
    assert why.computed == pytest.approx(-1.2247, abs=1e-4)
    mean, variance = why.tables
    assert [row[1][0] for row in mean.rows] == pytest.approx([0, 4, 0.4, 0.4])
    assert [row[1][0] for row in variance.rows] == pytest.approx([1, 4, 1.3, 1.3])
    assert neurontui.explain(trace, ".", (1, 2)).stages[1].computed == pytest.approx(2666666.75, rel=1e-6)


def test_heads() -> None:
    logits = torch.tensor([2.0, 1.0, 0.1])
    softmax = record(lambda x: F.softmax(x, dim=0), logits)
    assert [neurontui.explain(softmax, 1, i).computed for i in range(3)] == pytest.approx([0.659, 0.242, 0.099], abs=1e-3)
    entropy = record(lambda x: F.cross_entropy(x, torch.tensor(0)), logits)
    assert neurontui.explain(entropy, len(entropy.steps) - 1).computed == pytest.approx(0.417, abs=1e-3)


def test_flatten_is_an_index_map() -> None:
    trace = record(torch.flatten, torch.tensor([[1.0, 2], [3, 4]]))
    why = neurontui.explain(trace, 1, 2)
    assert (why.method, why.combine, why.terms[0].factors[0].index) == ("index", "pick", (1, 0))


def test_a_broadcast_loss_is_warned_of() -> None:
    prediction, target = torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 2.0])
    trace = record(lambda a, b: (a - b).pow(2).mean(), prediction, target)
    assert any("stretched" in note for note in neurontui.explain(trace, 1).notes)


def test_shares_in_cross_entropy_are_warned_of() -> None:
    logits, target = torch.tensor([[2.0, 1.0, 0.1], [0.0, 1.0, 0.0]]), torch.tensor([0, 1])
    twice = record(lambda x: F.cross_entropy(x.softmax(1), target), logits)
    assert any("takes logits" in note for note in neurontui.explain(twice, len(twice.steps) - 1).notes)
    once = record(lambda x: F.cross_entropy(x, target), logits)
    assert not any("takes logits" in note for note in neurontui.explain(once, len(once.steps) - 1).notes)


def test_no_grad_is_not_eval() -> None:
    x = torch.randn(4, 3)
    with torch.no_grad():
        trained, used = neurontui.trace(nn.BatchNorm1d(3), x), neurontui.trace(nn.BatchNorm1d(3).eval(), x)
    assert any("no_grad() does not" in note for note in neurontui.explain(trained, ".", (0, 0)).notes)
    assert not any("no_grad" in note for note in neurontui.explain(used, ".", (0, 0)).notes)
    assert not any("no_grad" in note for note in neurontui.explain(neurontui.trace(nn.BatchNorm1d(3), x), ".", (0, 0)).notes)


def test_what_a_mask_does_is_said_in_words() -> None:
    x, keep = torch.randn(1, 3, 4), torch.ones(3, 3).tril().bool()
    trace = record(lambda x: F.scaled_dot_product_attention(x, x, x, attn_mask=keep), x)
    why = neurontui.explain(trace, len(trace.steps) - 1, (0, 1, 0))
    assert dict(why.tables[0].rows)["mask"] == ("kept", "kept", "masked")


def test_dropout_under_an_eval_module_is_warned_of() -> None:
    class Careless(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.dropout(x)

    trace = neurontui.trace(Careless().eval(), torch.ones(4), seed=0)
    assert any("eval mode" in note for note in neurontui.explain(trace, 1).notes)
