"""Forwards by gradient: what `reach` says is what moving the element does, through writes, views, masks, out of files too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import Calls
from torch import Tensor, nn

import neurontui
from neurontui.errors import StepError
from neurontui.explainers import reach
from neurontui.records import Trace


class Winding(nn.Module):
    """Attention, recurrence, a convolution, dropout; writes in place, writes through views, a detach."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.lstm = nn.LSTM(4, 4, batch_first=True)
        self.conv = nn.Conv1d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(F.gelu(self.fc(x)) + x)
        h = h + self.attention(h, h, h)[0]
        h = h + self.lstm(h)[0]
        h = F.dropout(self.conv(h.transpose(1, 2)).transpose(1, 2), 0.3)
        z = h.clone()
        z[:, 0] = h[:, 1] * 2
        z[:, :, 1].mul_(3.0)
        z.add_(1)
        z[:, 2].zero_()
        q = F.scaled_dot_product_attention(z, z, z)
        w = torch.softmax(q, -1).detach() * 2
        return torch.stack([w.sum(-1), torch.einsum("bij,bij->bi", q, w)])


def by_moving(model: nn.Module, x: Tensor, at: tuple[int, ...]) -> Tensor:
    """The central difference in float64."""
    wide = model.double()
    sides = []
    for move in (1e-6, -1e-6):
        moved = x.double().clone()
        moved[at] += move
        torch.manual_seed(3)
        with torch.no_grad():
            sides.append(wide(moved))
    model.float()
    return (sides[0] - sides[1]) / 2e-6


@pytest.fixture(scope="module")
def winding() -> tuple[nn.Module, Tensor, Trace]:
    torch.manual_seed(0)
    model, x = Winding(), torch.randn(2, 3, 4)
    return model, x, neurontui.trace(model, x, seed=3)


@pytest.mark.parametrize("at", [(0, 1, 2), (1, 0, 0), (1, 2, 3)])
def test_an_input_reaches_what_it_moves(winding: tuple[nn.Module, Tensor, Trace], at: tuple[int, ...]) -> None:
    model, x, trace = winding
    seen = reach(trace, ".", at, ".", held="x")
    assert seen.method == "gradient"
    expected = by_moving(model, x, at)
    torch.testing.assert_close(seen.slopes, expected, rtol=1e-3, atol=1e-4)
    assert seen.touched == int((expected.abs() > 1e-6).sum())


def test_parameters_and_second_outputs_reach_on(winding: tuple[nn.Module, Tensor, Trace]) -> None:
    model, x, trace = winding
    seen = reach(trace, "fc", (1, 2), ".", held="weight")
    with torch.enable_grad():
        torch.manual_seed(3)
        model(x)[1, 0, 0].backward()  # the detached half of the product is no constant for reach, so only the linear part is compared
    assert seen.slopes.shape == (2, 2, 3)
    assert reach(trace, "fc/linear", (1,), "fc", held="bias").slopes[:, :, 1].eq(1).all()
    assert reach(trace, "lstm", (0, 0, 1), ".", output=1).touched == 0  # the last hidden state is not used
    two = neurontui.trace(Calls(lambda x: torch.max(x, 1)[0] * 2 + x.sort(1)[0][:, 0]), torch.tensor([[1.0, 3.0], [4.0, 2.0]]))
    assert reach(two, "./max", (1,), ".").slopes.tolist() == [0.0, 2.0]


def test_a_loaded_trace_says_the_same(winding: tuple[nn.Module, Tensor, Trace], tmp_path: Path) -> None:
    _, _, trace = winding
    neurontui.save(trace, tmp_path / "run.safetensors")
    loaded = neurontui.load(tmp_path / "run.safetensors")
    for later in ("conv", "."):
        here, there = (reach(t, "norm", (0, 1, 2), later) for t in (trace, loaded))
        assert there.method == "gradient"
        assert torch.equal(here.slopes, there.slopes)


class Straight(torch.autograd.Function):
    """A function with a derivative of the user's own, which says something else than its numbers do."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x.sin()

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda x: Straight.apply(x), lambda x: x.cos()),  # type: ignore[no-untyped-call]
        (lambda x: torch.view_as_complex(x.view(-1, 2)).mul(2j).imag, None),
        (lambda x: torch.fft.irfft(torch.fft.rfft(x) * 3), lambda x: torch.full_like(x, 3.0)),
        (lambda x: x.bfloat16().mul(2).float(), lambda x: torch.full_like(x, 2.0)),
        (lambda x: x.clone().fill_(1.0), torch.zeros_like),
        (lambda x: torch.add(x, x, out=torch.empty(4)), lambda x: torch.full_like(x, 2.0)),
        (lambda x: x.unsqueeze(0).expand(3, 4).contiguous()[1], torch.ones_like),
        (lambda x: x.data.cumsum(0).detach().flip(0).flip(0) - x.cumsum(0) + x, torch.ones_like),
    ],
)
def test_calls_without_a_derivative_of_torchs_own(function: Callable[[Tensor], Tensor], slope: Callable[[Tensor], Tensor] | None) -> None:
    x = torch.tensor([0.5, -1.0, 2.0, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = neurontui.trace(Calls(function), x)
    assert trace.error is None
    for i in range(4):
        seen = reach(trace, ".", i, ".", held=trace.steps[0].args[0])
        assert seen.method == "gradient"
        if slope is None:
            assert seen.slopes.tolist() == ([0.0, 0.0] if i % 2 else [2.0 * (i == 0), 2.0 * (i == 2)])
        else:
            expected = torch.zeros(4)
            expected[i] = slope(x)[i]
            torch.testing.assert_close(seen.slopes, expected.double(), rtol=1e-4, atol=1e-5)


def test_what_is_out_of_sight_is_run_again(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its scripting deprecated
        model = nn.Sequential(nn.Linear(2, 3), torch.jit.script(nn.Linear(3, 2)))
    trace = neurontui.trace(model, torch.ones(2))
    seen = reach(trace, "0", 1, ".")
    assert (seen.method, seen.touched) == ("moving", 2)
    assert "out of sight" in seen.note
    torch.testing.assert_close(seen.slopes, model[1].weight[:, 1].double(), rtol=1e-2, atol=1e-3)
    neurontui.save(trace, tmp_path / "run.safetensors")
    with pytest.raises(StepError, match="without its model"):
        reach(neurontui.load(tmp_path / "run.safetensors"), "0", 1, ".")


@pytest.mark.parametrize(
    ("function", "slopes", "told"),
    [
        (lambda x: torch.vmap(lambda row: row * row.sum())(x), [[3.0, 0.0], [0.0, 0.0]], "out of sight"),
        (lambda x: x * x.sum().item(), [[11.0, 2.0], [3.0, 4.0]], "plain number"),
    ],
)
def test_a_way_that_no_call_shows_is_run_again(function: Callable[[Tensor], Tensor], slopes: list[list[float]], told: str) -> None:
    trace = neurontui.trace(Calls(function), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    seen = reach(trace, ".", (0, 0), ".", held=trace.steps[0].args[0])
    assert seen.method == "moving"
    assert told in seen.note
    torch.testing.assert_close(seen.slopes[1], torch.tensor(slopes[1]).double(), rtol=2e-2, atol=1e-3)
    assert seen.slopes[0, 0] > 2


def test_the_last_call_of_a_module_reaches_what_the_module_gives() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 3)), torch.ones(1, 2))
    for later in ("1", "."):
        assert reach(trace, "1/linear", (0, 1), later).slopes.tolist() == [[0.0, 1.0, 0.0]]
    assert reach(trace, "0/linear", (0, 1), "0").slopes.tolist() == [[0.0, 1.0]]
    with pytest.raises(StepError, match="1/linear is the step itself: name a step after it"):
        reach(trace, "1/linear", (0, 1), "1/linear")
    with pytest.raises(StepError, match="the model is the step itself: name a step after it"):
        reach(trace, ".", (0, 1), ".")
    with pytest.raises(StepError, match="0 comes before 1: name a step after it"):
        reach(trace, "1", (0, 1), "0")
    with pytest.raises(StepError, match="1/linear comes before 1: name a step after it"):
        reach(trace, "1", (0, 1), "1/linear")


@pytest.mark.filterwarnings("ignore")  # torch says that this layout is in beta
def test_a_way_through_a_sparse_tensor_is_run_again() -> None:
    trace = neurontui.trace(Calls(lambda x: (x * 2).to_sparse_csr() @ torch.eye(3)), torch.eye(3))
    found = reach(trace, "./mul", (1, 1), len(trace.steps) - 1)
    assert (found.method, found.touched) == ("moving", 1)
    assert found.slopes[1, 1] == pytest.approx(1.0, rel=1e-3)


def test_what_cannot_reach_says_so() -> None:
    trace = neurontui.trace(nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 2)), torch.tensor([1, 2]))
    with pytest.raises(StepError, match="only floating-point numbers can be moved"):
        reach(trace, "0", 1, ".", held="input")
    with pytest.raises(StepError, match="has no input, parameter or buffer 'bais'"):
        reach(trace, "1", 1, ".", held="bais")
    assert reach(trace, "0", (2, 1), "1", held="weight").touched == 2


def test_what_torch_takes_for_a_constant_reaches_too() -> None:
    norm = nn.BatchNorm1d(2).eval()
    norm.running_mean.fill_(1.0)
    trace = neurontui.trace(norm, torch.ones(3, 2))
    seen = reach(trace, "./batch_norm", (0,), ".", held="running_mean")
    torch.testing.assert_close(seen.slopes[:, 0], torch.full((3,), -1.0).double(), rtol=1e-3, atol=1e-4)
    assert seen.touched == 3
    weights = neurontui.trace(Calls(lambda x, w: F.cross_entropy(x, torch.tensor([0, 1]), weight=w)), torch.eye(2) * 2, torch.ones(2))
    assert reach(weights, "./cross_entropy", (1,), ".", held="weight").slopes.shape == ()
    uneven = neurontui.trace(
        Calls(lambda x, w: F.cross_entropy(x, torch.tensor([0, 1]), weight=w)), torch.tensor([[2.0, 0], [2, 0]]), torch.ones(2)
    )
    assert reach(uneven, "./cross_entropy", (1,), ".", held="weight").slopes.item() == pytest.approx(0.5, rel=1e-3)
