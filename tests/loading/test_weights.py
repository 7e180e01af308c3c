"""Checkpoints: what is unwrapped, which keys do not fit, and that no code in them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from refusals import Bomb, read_refusal
from safetensors.torch import save_file
from torch import nn

from neurontui.errors import WeightsError
from neurontui.loading.weights import load_weights, read_tensors


def make() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def refuse(model: nn.Module, file: Path) -> str:
    return read_refusal(WeightsError, lambda: load_weights(model, str(file)))


@pytest.mark.parametrize("ending", [".pt", ".pth", ".safetensors"])
def test_weights_are_loaded(tmp_path: Path, ending: str) -> None:
    source, model, file = make(), make(), tmp_path / f"w{ending}"
    (save_file if ending == ".safetensors" else torch.save)(source.state_dict(), file)
    assert load_weights(model, str(file)) == ""
    assert all(torch.equal(a, b) for a, b in zip(source.state_dict().values(), model.state_dict().values(), strict=True))


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "model."])
def test_common_wrappings_are_taken_off(tmp_path: Path, wrapper: str, prefix: str) -> None:
    source, model = make(), make()
    state = {prefix + name: tensor for name, tensor in source.state_dict().items()}
    torch.save({"epoch": 3, wrapper: state}, tmp_path / "w.pt")
    note = load_weights(model, str(tmp_path / "w.pt"))
    assert repr(wrapper) in note
    assert torch.equal(model[0].weight, source[0].weight)


def test_keys_that_do_not_fit_are_named(tmp_path: Path) -> None:
    state = {"0.weight": torch.ones(3, 2), "0.bias": torch.ones(3), "fc.weight": torch.ones(1)}
    torch.save(state, tmp_path / "w.pt")
    sentence = refuse(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), tmp_path / "w.pt")
    assert "1.weight, 1.bias are missing in it" in sentence
    assert "fc.weight is not in the model" in sentence


def test_shapes_that_do_not_fit_are_named(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(1, 3), "bias": torch.ones(1)}, tmp_path / "w.pt")
    assert "weight is [1, 3] there and [2, 3] in the model" in refuse(nn.Linear(3, 2), tmp_path / "w.pt")


def test_names_that_do_not_fit_are_said_beside_shapes_that_do_not(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(1, 3), "scale": torch.ones(1)}, tmp_path / "w.pt")
    sentence = refuse(nn.Linear(3, 2), tmp_path / "w.pt")
    assert sentence.endswith("weight is [1, 3] there and [2, 3] in the model; bias is missing in it; scale is not in the model")


def test_many_keys_are_counted(tmp_path: Path) -> None:
    torch.save({f"layer{number}": torch.ones(1) for number in range(40)}, tmp_path / "w.pt")
    assert "and 35 more are not in the model" in refuse(nn.Linear(3, 2), tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no weights file"),
        (b"hello", "holds no tensors as torch.save or safetensors write them, or it is damaged"),
        (b"PK\x03\x04 broken", "no weights file"),
        (Bomb(), "code in it is never run"),
        (nn.Linear(1, 1), "code in it is never run"),
        ([1, 2], "it holds a list, not a state_dict"),
        ({"epoch": 3}, "its entries are epoch"),
        ({}, "its entries are none"),
    ],
)
def test_what_is_no_weights_file(tmp_path: Path, content: Any, said: str) -> None:
    file = tmp_path / "w.pt"
    file.write_bytes(content) if isinstance(content, bytes) else torch.save(content, file)
    assert said in refuse(nn.Linear(1, 1), file)


def test_no_such_file_a_folder_and_a_damaged_safetensors(tmp_path: Path) -> None:
    assert "there is no weights file" in refuse(nn.Linear(1, 1), tmp_path / "nosuch.pt")
    assert "is a folder" in refuse(nn.Linear(1, 1), tmp_path)
    (tmp_path / "w.safetensors").write_bytes(b"\xff" * 20)
    assert "no weights file" in refuse(nn.Linear(1, 1), tmp_path / "w.safetensors")


def test_the_tensors_alone(tmp_path: Path) -> None:
    torch.save({"state_dict": {"module.weight": torch.ones(2), "version": 3}}, tmp_path / "w.pt")
    assert list(read_tensors(str(tmp_path / "w.pt"))) == ["weight"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    torch.save({1: torch.ones(1)}, tmp_path / "w.pt")
    assert "1 is not in the model" in refuse(nn.Linear(3, 2), tmp_path / "w.pt")


def test_complex_weights_do_not_lose_their_imaginary_part(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(2, 3, dtype=torch.complex64), "bias": torch.ones(2)}, tmp_path / "w.pt")
    assert "weight is complex there and real in the model" in refuse(nn.Linear(3, 2), tmp_path / "w.pt")


def test_a_dict_that_holds_itself(tmp_path: Path) -> None:
    state: dict[str, Any] = {}
    state["state_dict"] = state
    torch.save(state, tmp_path / "w.pt")
    assert "holds no named tensors" in refuse(nn.Linear(3, 2), tmp_path / "w.pt")


def test_a_load_state_dict_of_the_users_own_that_raises(tmp_path: Path) -> None:
    class Picky(nn.Linear):
        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            raise KeyError("ema")

    torch.save(nn.Linear(3, 2).state_dict(), tmp_path / "w.pt")
    assert "does not fit Picky: 'ema'" in refuse(Picky(3, 2), tmp_path / "w.pt")
