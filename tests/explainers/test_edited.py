"""A number that a person set is no disagreement; and a module's number says which call made it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import neurontui
from neurontui.exporting import explanation_json
from neurontui.records import Trace
from neurontui.rendering.verdicts import title_of, verdict_words
from neurontui.rendering.words import plain_explanation


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.fc1 = nn.Linear(2, 2)
        self.fc2 = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(torch.relu(torch.flatten(self.fc1(x))))


@pytest.fixture
def trace() -> Trace:
    return neurontui.trace(Small(), torch.tensor([1.0, 2.0]))


@pytest.mark.parametrize(("target", "step"), [("fc1/linear", "fc1/linear"), ("fc1/linear", "fc1"), ("fc1", "fc1")])
def test_a_number_that_was_set_is_said_to_be_and_the_formula_still_counts(trace: Trace, target: str, step: str) -> None:
    why = neurontui.explain(neurontui.edit(trace, target, (0,), 2.0), step, (0,))
    assert (why.edited, why.actual, why.agrees, why.difference) == (True, 2.0, None, None)
    assert why.computed == pytest.approx(-0.9256, abs=1e-4)
    assert verdict_words(why) == ("", "you set this to 2; the formula gives -0.9256", "")
    lines = plain_explanation(why)
    assert "You set this to 2; the formula gives -0.9256" in lines
    assert not any("kernel" in line or "differ" in line for line in lines)
    assert explanation_json(why)["edited"] is True


@pytest.mark.parametrize("target", ["fc1/linear", "fc1", "./flatten", "./relu", "."])
def test_the_other_elements_of_an_edited_output_are_explained_as_ever(trace: Trace, target: str) -> None:
    edited = neurontui.edit(trace, target, (0,), 2.0)
    for step in edited.steps:
        for index in range(step.output.shape[0]):
            before, after = neurontui.explain(trace, step.name, (index,)), neurontui.explain(edited, step, (index,))
            assert after.formula == before.formula
            assert after.method == before.method
            assert after.edited is (index == 0 and float(step.output.tensor()[0]) == 2.0 and after.computed != 2.0)
            assert after.edited or after.agrees


def test_a_dead_neuron_that_was_set_is_no_zero_of_relu(trace: Trace) -> None:
    assert neurontui.explain(trace, "./relu", (0,)).zero == "relu"
    assert neurontui.explain(neurontui.edit(trace, "./relu", (0,), 2.0), "./relu", (0,)).zero == ""


def test_a_modules_number_names_the_call_that_made_it(trace: Trace) -> None:
    why = neurontui.explain(trace, ".", (0,))
    assert why.made_by == f"fc2/linear (%{trace.step('fc2/linear').index})"
    assert title_of(why).endswith(f"? Made by {why.made_by}")
    assert explanation_json(why, trace)["made_by"] == why.made_by
    assert neurontui.explain(trace, "fc2/linear", (0,)).made_by == ""


def test_an_element_that_has_another_index_in_the_call_that_made_it_says_so() -> None:
    class Doubled(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = x.clone()
            made[1:].mul_(2)
            return made

    why = neurontui.explain(neurontui.trace(Doubled(), torch.tensor([1.0, 2.0])), ".", (1,))
    assert why.at == (0,)
    assert "./mul_" in why.made_by
    assert why.notes[0] == f"This element of the module, [1], is element [0] of what {why.made_by} made."
