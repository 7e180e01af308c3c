"""The demos: plain files that import only torch, with the course's numbers."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

from neurontui.errors import LoadError
from neurontui.loading import Request, load_run
from neurontui.loading.demos import COURSE_ORDER, find_demo, find_demos, list_demos


def output(name: str, seed: int | None = None) -> Any:
    run = load_run(Request(name, demo=True, seed=seed))
    return run.model(*run.args, **run.kwargs)


def numbers(name: str) -> list[float]:
    return [round(number, 4) for number in output(name).flatten().tolist()]


def raised(name: str) -> str:
    with pytest.raises((RuntimeError, ValueError)) as caught:
        output(name)
    return str(caught.value)


def test_the_demos_are_in_the_order_of_the_course() -> None:
    assert tuple(find_demos()) == COURSE_ORDER
    assert all(line and not line.endswith(":") for _, line in list_demos())


@pytest.mark.parametrize("name", COURSE_ORDER)
def test_a_demo_imports_only_torch_and_has_its_own_model_and_input(name: str) -> None:
    tree = ast.parse(Path(find_demo(name)).read_text("utf-8"))
    imported = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"torch"}
    run = load_run(Request(name, demo=True))
    assert run.args
    assert not run.notes


def test_the_listed_variants_are_there() -> None:
    for name, line in list_demos():
        if "Variant" in line:
            listed = line.partition("Variant")[2].partition(":")[2]
            words = [part.strip(" .").partition(" ")[0].rstrip(",") for part in listed.split(",")]
            variants = [word for word in words if word.isidentifier() and word != "after"]
            for variant in variants:
                assert load_run(Request(f"{name}:{variant}", demo=True)).model is not None


def test_an_unknown_demo_gives_the_nearest() -> None:
    with pytest.raises(LoadError, match=r"no demo 'simple_an'.*did you mean 'simple_ann'"):
        find_demo("simple_an")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("neuron", [2.7]),
        ("simple_ann", [0.4403]),
        ("dead_neurons", [0.1335]),
        ("sequential", [-0.1861]),
        ("sequential:eval", [0.8727]),
        ("dropout", [20, 0, 60, 0]),
        ("dropout:eval", [10, 20, 30, 40]),
        ("flatten", [1, 2, 3, 4]),
        ("full_model:eval", [-0.4396]),
        ("full_model:batch", [0.3014, -0.3914]),
        ("heads:softmax_twice", [0.8021]),
        ("linear", [3.5, 7.5]),
        ("dead_neurons:leaky", [0.1186]),
        ("convolution", [0.5, 3.5, 3.5] * 3),
        ("convolution:strided", [0.5, 3.5, 0.5, 3.5]),
        ("attention", [0.8446, 0.733] * 2 + [0.1332, 1.8509] * 2 + [0.5777, 1.267] * 2),
    ],
)
def test_known_outputs(name: str, expected: list[float]) -> None:
    assert numbers(name) == expected


@pytest.mark.parametrize(("name", "kept"), [("dropout", [2, 0, 2, 0]), ("sequential", [2, 2, 0]), ("full_model", [[0, 0, 2], [0, 0, 0]])])
def test_the_same_are_dropped_where_a_seed_throws_other_coins(name: str, kept: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seed = torch.manual_seed
    monkeypatch.setattr(torch, "manual_seed", lambda number: seed(number + 1))
    with torch.random.fork_rng():
        runpy.run_path(find_demo(name))
        assert torch.nn.functional.dropout(torch.ones_like(torch.tensor(kept, dtype=torch.float))).tolist() == kept


def test_the_neurons_of_simple_ann() -> None:
    run = load_run(Request("simple_ann", demo=True))
    hidden = run.model.fc1(*run.args)
    assert [round(number, 4) for number in hidden.tolist()] == [-0.9256, 0.9508]
    dead = load_run(Request("dead_neurons", demo=True))
    assert [round(number, 4) for number in dead.model.fc1(*dead.args).tolist()] == [-1.8568, -2.2629]


def test_the_ways_of_stacking_differ_in_names_only() -> None:
    outputs = [output(name) for name in ("stacked", "stacked:composed", "stacked:nested", "stacked:sequential")]
    assert all(torch.equal(outputs[0], other) for other in outputs)
    names = [
        next(iter(load_run(Request(name, demo=True)).model.state_dict())) for name in ("stacked", "stacked:nested", "stacked:sequential")
    ]
    assert names == ["fc1.weight", "fc1.0.weight", "0.weight"]


def test_flatten_keeps_the_first_dimension_as_a_layer() -> None:
    assert output("flatten:layer").tolist() == [[1, 2], [3, 4]]
    assert output("flatten:batch").tolist() == [[1, 2, 3, 4]]


def test_batchnorm() -> None:
    run = load_run(Request("batchnorm", demo=True))
    rows = run.model(*run.args)
    assert rows[0].tolist() == pytest.approx([-1.2247, 0, 0], abs=1e-4)
    assert run.model.running_mean.tolist() == pytest.approx([0.4, 20, 400])
    assert run.model.running_var.tolist() == pytest.approx([1.3, 1000.9, 400000.9])
    assert output("batchnorm:eval")[0].tolist() == pytest.approx([1.4033, 5.6895, 5.6921], abs=1e-4)


def test_batchnorm_of_one_sample() -> None:
    assert "expected 2D or 3D input" in raised("batchnorm_one")
    assert "Expected more than 1 value per channel" in raised("batchnorm_one:row")
    assert output("batchnorm_one:eval")[0].tolist() == pytest.approx([2, 200, 4000], rel=1e-4)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("full_model", "(2x2 and 4x3)"),
        ("full_model:one", "Expected more than 1 value per channel"),
        ("dimension_rule", "mat1 and mat2 shapes cannot be multiplied (1x20 and 5x5)"),
        ("last_dimension:scalar", "both arguments to linear need to be at least 1D"),
        ("last_dimension:whole", "dtype"),
        ("last_dimension:mismatch", "40x8 and 10x20"),
    ],
)
def test_known_errors(name: str, words: str) -> None:
    assert words in raised(name)


def test_the_last_dimension() -> None:
    assert torch.equal(output("last_dimension"), output("last_dimension:batch")[0])
    assert tuple(output("last_dimension:cube").shape) == (4, 10, 5)


def test_heads() -> None:
    assert output("heads").tolist() == [2.75]
    probabilities, prediction, loss = output("heads:classification")
    assert probabilities.tolist() == pytest.approx([0.659, 0.242, 0.099], abs=1e-3)
    assert (prediction.item(), round(loss.item(), 3)) == (0, 0.417)
