"""Which inputs a model is run on: the given ones, the file's own, and how numbers without a dtype are read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from neurontui.errors import InputError, LoadError
from neurontui.loading import Request, load_run
from neurontui.loading.calls import spread
from neurontui.records import Run

HEAD = "import torch\nimport torch.nn as nn\n"
TWO = """
class Two(nn.Module):
    def forward(self, x, y=None, *, scale=1):
        return x if y is None else x + y
model = Two()
"""


def run_of(folder: Path, text: str, *inputs: str, name: str = "") -> Run:
    (folder / "net.py").write_text(HEAD + text)
    return load_run(Request(f"{folder}/net.py{name}", inputs=inputs))


def test_the_files_own_x(tmp_path: Path) -> None:
    run = run_of(tmp_path, "model = nn.ReLU()\nx = torch.ones(3)\nexample_input = torch.ones(4)\n")
    assert run.args[0].tolist() == [1, 1, 1]
    assert not run.notes


def test_an_x_of_the_models_own_name_comes_first(tmp_path: Path) -> None:
    text = "tiny = nn.ReLU()\nmodel_big = nn.ReLU()\nx = torch.ones(1)\nx_tiny = torch.ones(2)\nx_big = torch.ones(3)\n"
    sizes = [len(run_of(tmp_path, text, name=name).args[0]) for name in (":tiny", ":big", ":model_big")]
    assert sizes == [2, 3, 3]


def test_an_empty_x_means_no_arguments(tmp_path: Path) -> None:
    """Also where another `x` stands in the file; a model that needs one goes on to that."""
    text = (
        "class Alone(nn.Module):\n    def forward(self):\n        return torch.ones(3)\n"
        "model_alone, model_other = Alone(), nn.ReLU()\nx, x_alone, x_other = torch.ones(2), (), ()\n"
    )
    assert run_of(tmp_path, text, name=":alone").args == ()
    assert len(run_of(tmp_path, text, name=":other").args[0]) == 2


def test_example_input_as_value_and_as_function(tmp_path: Path) -> None:
    assert len(run_of(tmp_path, "model = nn.ReLU()\nexample_input = torch.ones(4)\n").args[0]) == 4
    text = "model = nn.ReLU()\ndef example_input():\n    return torch.ones(5)\n"
    assert len(run_of(tmp_path, text).args[0]) == 5
    with pytest.raises(LoadError, match="raised ZeroDivisionError in line 5"):
        run_of(tmp_path, text.replace("torch.ones(5)", "1 / 0"))


@pytest.mark.parametrize("x", ["'text'", "5", "None", "torch", "nn.Linear(1, 1)", "[1, 2]"])
def test_an_x_without_a_tensor_is_no_input(tmp_path: Path, x: str) -> None:
    run = run_of(tmp_path, f"model = nn.Linear(4, 2)\nx = {x}\n")
    assert tuple(run.args[0].shape) == (1, 4)
    assert "input is randn:1x4" in run.notes[0]


def test_a_tuple_is_the_arguments_where_they_fit(tmp_path: Path) -> None:
    assert len(run_of(tmp_path, TWO + "x = (torch.ones(2), torch.ones(2))\n").args) == 2
    assert isinstance(run_of(tmp_path, "model = nn.Identity()\nx = (torch.ones(2), torch.ones(2))\n").args[0], tuple)


def test_what_is_one_argument_and_what_are_several() -> None:
    class One(nn.Module):
        def forward(self, pair): ...  # type: ignore[no-untyped-def]

    class Named(nn.Module):
        def forward(self, ids, mask=None): ...  # type: ignore[no-untyped-def]

    pair = (torch.ones(1), torch.ones(1))
    assert spread(pair, One()).args == (pair,)
    assert spread(pair, Named()).args == pair
    assert dict(spread({"ids": 1, "mask": 2}, Named()).kwargs) == {"ids": 1, "mask": 2}
    assert spread({"ids": 1, "other": 2}, Named()).args == ({"ids": 1, "other": 2},)
    assert spread([1, 2], Named()).args == ([1, 2],)


def test_inputs_by_order_and_by_name(tmp_path: Path) -> None:
    run = run_of(tmp_path, TWO, "[1.0]", "y=[2.0]", "scale=3")
    assert run.args[0].tolist() == [1.0]
    assert run.kwargs["y"].tolist() == [2.0]
    assert run.kwargs["scale"] == 3


def test_a_named_input_takes_the_place_of_the_files(tmp_path: Path) -> None:
    run = run_of(tmp_path, TWO + "x = (torch.ones(2), torch.ones(2))\n", "y=[5.0, 6.0]")
    assert [value.tolist() for value in run.args] == [[1, 1], [5, 6]]
    assert not run.kwargs


def test_whole_numbers_become_floats_where_the_model_is_of_floats(tmp_path: Path) -> None:
    run = run_of(tmp_path, "model = nn.Linear(2, 1)\n", "[1, 2]")
    assert run.args[0].dtype == torch.float32
    assert "[1, 2] was read as float32" in run.notes[0]
    run = run_of(tmp_path, "model = nn.Linear(2, 1).double()\n", "[1, 2]")
    assert run.args[0].dtype == torch.float64


def test_whole_numbers_stay_whole_where_the_model_needs_them(tmp_path: Path) -> None:
    assert run_of(tmp_path, "model = nn.Embedding(5, 2)\n", "[1, 2]").args[0].dtype == torch.int64
    assert run_of(tmp_path, "model = nn.Flatten(0)\n", "[1, 2]").args[0].dtype == torch.int64
    text = """
class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.fc = nn.Embedding(5, 2), nn.Linear(3, 2)
    def forward(self, ids, x):
        return self.table(ids) + self.fc(x)
"""
    run = run_of(tmp_path, text, "[1]", "[[1, 2, 3]]")
    assert [value.dtype for value in run.args] == [torch.int64, torch.float32]


ROWS = (
    "self.w.index_select(0, x)",
    "torch.index_select(self.w, 0, index=x)",
    "torch.embedding(self.w, x)",
    "torch.nn.functional.embedding(input=x, weight=self.w)",
)


@pytest.mark.parametrize("call", ROWS)
def test_what_picks_rows_needs_whole_numbers_though_a_copy_without_data_would_take_others(tmp_path: Path, call: str) -> None:
    text = f"""
class Picks(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 2))
    def forward(self, x):
        return {call}
"""
    assert run_of(tmp_path, text, "[1, 2]").args[0].dtype == torch.int64


def test_a_files_dtype_is_kept(tmp_path: Path) -> None:
    torch.save(torch.tensor([1, 2]), tmp_path / "x.pt")
    assert run_of(tmp_path, "model = nn.Linear(2, 1)\n", f"{tmp_path}/x.pt").args[0].dtype == torch.int64


def test_no_input_and_none_to_be_worked_out(tmp_path: Path) -> None:
    text = "class Odd(nn.Module):\n    def forward(self, tree, depth):\n        return tree.left[depth]\n"
    with pytest.raises(InputError, match=r"none could be worked out for Odd, whose forward takes \(tree, depth\)"):
        run_of(tmp_path, text)


def test_a_model_that_takes_nothing(tmp_path: Path) -> None:
    text = "class Zero(nn.Module):\n    def forward(self):\n        return torch.zeros(1)\n"
    run = run_of(tmp_path, text)
    assert (run.args, dict(run.kwargs)) == ((), {})


SHAPES = "from torch.nn.utils.rnn import pack_sequence\nfrom dataclasses import dataclass\n"


@pytest.mark.parametrize(
    "text",
    [
        SHAPES + "model = nn.LSTM(2, 3)\nx = pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])\n",
        SHAPES + "@dataclass\nclass Batch:\n    ids: object\nmodel = nn.Identity()\nx = Batch(torch.ones(2))\n",
        "model = nn.Identity()\nx = {'a': [torch.ones(1)]}\n",
        "model = nn.Identity()\nx = torch.ones(3).to_sparse()\n",
        "model = nn.Identity()\nx = torch.empty(0, 3)\n",
        "model = nn.Identity()\nx = torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])\n",
    ],
)
@pytest.mark.filterwarnings("ignore:.*nested tensors:UserWarning")
def test_an_x_of_any_structure_is_handed_on_as_it_is(tmp_path: Path, text: str) -> None:
    run = run_of(tmp_path, text)
    assert len(run.args) == 1
    run.model(*run.args)


@pytest.mark.parametrize(
    "text",
    [
        "model = torch.jit.trace(nn.Linear(4, 2), torch.ones(1, 4))\n",
        "model = torch.fx.symbolic_trace(nn.Sequential(nn.Linear(4, 2)))\n",
        "model = torch.export.export(nn.Linear(4, 2), (torch.ones(1, 4),)).module()\n",
        "model = nn.DataParallel(nn.Linear(4, 2))\n",
        "model = torch.compile(nn.Linear(4, 2))\n",
        "model = nn.LazyLinear(2)\n",
        "model = nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))\n",
        "torch.set_default_dtype(torch.float64)\nmodel = nn.Linear(4, 2)\ntorch.set_default_dtype(torch.float32)\n",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_inputs_are_worked_out_for_models_of_any_make(tmp_path: Path, text: str) -> None:
    run = run_of(tmp_path, text)
    assert "no input was given" in run.notes[0]
    if "compile" not in text:
        run.model(*run.args, **run.kwargs)


def test_an_input_that_is_given_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the input scale was given more than once"):
        run_of(tmp_path, TWO, "[1]", "scale=2", "scale=3")
    run = run_of(tmp_path, "model = nn.Bilinear(1, 1, 1)\n", "[1]", "[2]")
    assert any(note.startswith("[1] and [2] were read as float32") for note in run.notes)
