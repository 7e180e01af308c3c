"""Exported and scripted models are opened as they are; damaged ones are refused in one sentence."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import neurontui
from neurontui.capture import record_run
from neurontui.cli import main
from neurontui.errors import InputError, LoadError, WeightsError
from neurontui.loading import Request, load_run
from neurontui.loading.weights import read_weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x: torch.Tensor, scale: torch.Tensor | None = None) -> torch.Tensor:
        y = torch.relu(self.fc(x))
        return y if scale is None else y * scale


@pytest.fixture
def model() -> Net:
    torch.manual_seed(0)
    return Net().eval()


@pytest.mark.parametrize("kwargs", [{}, {"scale": torch.tensor(3.0)}])
def test_an_exported_model_runs_on_the_input_it_was_exported_with(tmp_path: Path, model: Net, kwargs: dict[str, torch.Tensor]) -> None:
    x = torch.randn(2, 3)
    torch.export.save(torch.export.export(model, (x,), kwargs), tmp_path / "net.pt2")
    trace = record_run(load_run(Request(str(tmp_path / "net.pt2"))))
    assert trace.error is None
    assert torch.equal(trace.output, model(x, **kwargs))
    assert neurontui.explain(trace, "./linear", at=(0, 0)).agrees
    with pytest.raises(InputError, match="no train and eval mode"):
        record_run(load_run(Request(str(tmp_path / "net.pt2"), training=True)))


def test_a_scripted_model_is_one_step_that_says_so(
    tmp_path: Path, model: Net, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = torch.randn(2, 3)
    torch.jit.trace(model, x).save(str(tmp_path / "net.pt"))
    trace = record_run(load_run(Request(str(tmp_path / "net.pt"), inputs=("ones:2x3",))))
    assert len(trace.steps) == 1
    assert torch.equal(trace.output, model(torch.ones(2, 3)))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["inspect", str(tmp_path / "net.pt"), "--input", "ones:2x3"]) == 0
    assert "a scripted body" in capsys.readouterr().out


def test_torch_tells_the_user_nothing_of_a_call_that_is_not_theirs(tmp_path: Path, model: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.jit.trace(model, torch.ones(1, 3)).save(str(tmp_path / "net.pt"))
    load = torch.jit.load

    def load_with_a_word(*args: Any, **kwargs: Any) -> Any:
        warnings.warn("`torch.jit.load` is deprecated.", FutureWarning, stacklevel=2)  # as a newer torch does
        return load(*args, **kwargs)

    monkeypatch.setattr(torch.jit, "load", load_with_a_word)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run = load_run(Request(str(tmp_path / "net.pt"), inputs=("ones:1x3",)))
    assert [str(warning.message) for warning in told] == []
    assert torch.equal(run.model(torch.ones(1, 3)), model(torch.ones(1, 3)))


def test_what_is_no_archive_is_refused(tmp_path: Path, model: Net) -> None:
    torch.save(model.state_dict(), tmp_path / "weights.pt2")
    (tmp_path / "cut.pt2").write_bytes(b"PK\x03\x04 cut")
    for name in ("weights.pt2", "cut.pt2"):
        with pytest.raises(LoadError, match="is no exported model that this torch can load"):
            load_run(Request(str(tmp_path / name)))
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    with pytest.raises(LoadError, match="--weights"):
        load_run(Request(str(tmp_path / "weights.pt")))


def test_an_archive_is_no_weights_file(tmp_path: Path, model: Net) -> None:
    torch.jit.trace(model, torch.ones(1, 3)).save(str(tmp_path / "net.pt"))
    with pytest.raises(WeightsError, match="open it itself"):
        read_weights(str(tmp_path / "net.pt"))
