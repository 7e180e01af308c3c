"""The JSON of explanations and traces: documented names, every number, and NaN as a word."""

from __future__ import annotations

import json
import math

import pytest
import torch

import neurontui
from neurontui.explainers import deep
from neurontui.explanation import Explanation, Factor, Origin, Table, Term
from neurontui.exporting import diff_json, explanation_json, expression_json, trace_json, trace_text
from neurontui.records import Trace


def test_an_explanation_by_the_documented_names() -> None:
    neuron = torch.nn.Linear(2, 1)
    neuron.load_state_dict({"weight": torch.tensor([[0.2, 0.4]]), "bias": torch.tensor([0.1])})
    trace = neurontui.trace(neuron, torch.tensor([3.0, 5.0]))
    data = json.loads(json.dumps(explanation_json(neurontui.explain(trace, ".", (0,)), trace), allow_nan=False))
    assert [term["value"] for term in data["terms"]] == pytest.approx([0.6, 2.0, 0.1])
    assert data["computed"] == pytest.approx(2.7)
    assert data["actual"] == pytest.approx(2.7)
    assert data["agrees"] is True
    assert data["terms_total"] == 3
    first, second = data["terms"][0]["factors"]
    assert first == {"name": "input", "index": [0], "number": 3.0, "origin": {"kind": "input", "name": "input", "index": [0]}}
    assert second["origin"]["kind"] == "parameter"
    assert second["origin"]["name"] == "weight"
    assert len(explanation_json(neurontui.explain(trace, ".", (0,)), trace, terms=1)["terms"]) == 1


def test_numbers_that_json_has_no_word_for() -> None:
    factor = Factor("input", (), math.nan, Origin("unknown", note="scripted"))
    why = Explanation(
        0, (), "f", "formula", "sum", [Term("", (factor,), -math.inf)], math.nan, 1 + 2j, math.inf, None, False,
        tables=(Table("t", (("row", (math.inf, "✗", None)),)),),
    )  # fmt: skip
    data = explanation_json(why)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert (data["computed"], data["difference"], data["terms"][0]["value"]) == ("nan", "inf", "-inf")
    assert data["actual"] == {"real": 1.0, "imag": 2.0}
    assert data["tables"][0]["rows"][0]["cells"] == ["inf", "✗", None]
    assert data["terms"][0]["factors"][0]["origin"] == {"kind": "unknown", "note": "scripted"}


def test_a_trace_in_json(full_model: Trace) -> None:
    data = json.loads(trace_text(full_model, ".json", title="full"))
    assert data["title"] == "full"
    assert [step["name"] for step in data["steps"]] == [step.name for step in full_model.steps]
    assert [row[0] for row in data["output"]["data"]] == pytest.approx([0.3014, -0.3914], abs=1e-4)
    linear = next(step for step in data["steps"] if step["name"].endswith("linear"))
    assert linear["inputs"]["weight"]["shape"] == [3, 4]
    assert linear["output"]["dtype"] == "float32"
    assert linear["end"] == linear["index"] + 1


def test_a_crash_and_a_large_tensor_in_json(crash: Trace) -> None:
    data = trace_json(crash)
    assert data["error"]["type"] == "RuntimeError"
    assert "mat1 and mat2" in data["steps"][-1]["error"]["message"]
    big = trace_json(neurontui.trace(torch.nn.Identity(), torch.zeros(100, 100)))
    assert big["output"]["data_left_out"] == 10000


def test_differences_and_expressions(full_model: Trace) -> None:
    diff = diff_json(neurontui.diff(full_model, full_model))
    assert diff["equal"] is True
    json.dumps(diff, allow_nan=False)
    expression = expression_json(deep(full_model, 0, (0, 0)))
    assert expression["number"] == pytest.approx(0.3014, abs=1e-4)
    json.dumps(expression, allow_nan=False)
