"""Every function that models call most is answered by a formula, an index map or one element, and the answer agrees with torch.

The table calls each of the functions that 493 models were seen to call, most frequent first, once on small inputs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explaining_helpers import Calls, check
from torch import Tensor, nn

import neurontui
from neurontui.records import Step, Trace, leaves

X = torch.linspace(-2, 2, 24).reshape(2, 3, 4).sin() * 3  # the usual operand
Y = torch.linspace(1, 3, 24).reshape(2, 3, 4).cos() + 1.5  # positive
M = torch.linspace(-1, 1, 16).reshape(4, 4).sin()
IDS = torch.tensor([[0, 2, 1], [3, 1, 4]])
IMAGE = torch.linspace(-1, 1, 2 * 3 * 6 * 6).reshape(2, 3, 6, 6).mul(7).sin()
SIGNAL = torch.linspace(-1, 1, 2 * 3 * 8).reshape(2, 3, 8).mul(5).sin()
TRUTH = X > 0


def weights(*shape: int) -> Tensor:
    """Some numbers of this shape."""
    count = 1
    for n in shape:
        count *= n
    return torch.arange(count).mul(0.7).cos().reshape(shape)


def inplace(function: Callable[..., Any]) -> Callable[[], Any]:
    """The function on a copy made inside the forward."""
    return lambda: function((X * 1).clone())


def quantize() -> Tensor:
    """torch warns that this way is old."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(X, 0.1, 10, torch.quint8)


def differentiate() -> Tensor:
    """A gradient taken inside a forward."""
    with torch.enable_grad():
        x = weights(3).requires_grad_()
        return torch.autograd.grad((x**2).sum(), x)[0]


def module(layer: nn.Module, *inputs: Tensor) -> Callable[[], Any]:
    """A layer in evaluation mode, with fixed weights."""
    for n, parameter in enumerate(layer.parameters()):
        parameter.data = torch.arange(parameter.numel()).add(n).mul(0.9).sin().reshape(parameter.shape) * 0.5
    return lambda: layer.eval()(*inputs)


OPERATIONS: dict[str, Callable[[], Any]] = {
    "torch.nn.functional.linear": lambda: F.linear(X, weights(5, 4), weights(5)),
    "torch.Tensor.add": lambda: X + Y,
    "torch.Tensor.mul": lambda: X * Y[0],
    "torch.Tensor.__getitem__": lambda: X[1, ..., ::2],
    "torch.Tensor.transpose": lambda: X.transpose(1, 2),
    "torch.Tensor.view": lambda: X.view(2, 12),
    "torch.Tensor.to": lambda: X.to(torch.float64),
    "torch.Tensor.reshape": lambda: X.transpose(1, 2).reshape(-1),
    "torch.nn.functional.dropout": lambda: F.dropout(X, 0.4, True),
    "torch.nn.functional.layer_norm": lambda: F.layer_norm(X, (4,), weights(4), weights(4)),
    "torch.nn.functional.relu": lambda: F.relu(X),
    "torch.Tensor.contiguous": lambda: X.transpose(0, 1).contiguous(),
    "torch.Tensor.unsqueeze": lambda: X.unsqueeze(1),
    "torch.Tensor.sub": lambda: X - Y,
    "torch.Tensor.mean": lambda: X.mean(-1),
    "torch.cat": lambda: torch.cat([X, Y], 1),
    "torch.nn.functional.conv2d": lambda: F.conv2d(IMAGE, weights(4, 3, 3, 3), weights(4), padding=1),
    "torch.Tensor.permute": lambda: X.permute(2, 0, 1),
    "torch.Tensor.pow": lambda: Y.pow(2),
    "torch.rsqrt": lambda: torch.rsqrt(Y),
    "torch.matmul": lambda: torch.matmul(X, M),
    "torch.nn.functional.gelu": lambda: F.gelu(X),
    "torch.Tensor.float": lambda: IDS.float(),
    "torch.nn.functional.embedding": lambda: F.embedding(IDS, weights(5, 3)),
    "torch.arange": lambda: torch.arange(2, 9, 2) + 0,
    "torch.nn.functional.scaled_dot_product_attention": lambda: F.scaled_dot_product_attention(X, Y, X + Y, is_causal=True),
    "torch.Tensor.div": lambda: X / Y,
    "torch.exp": lambda: torch.exp(X),
    "torch.Tensor.neg": lambda: -X,
    "torch.nn.functional.pad": lambda: F.pad(IMAGE, (1, 2, 0, 1), value=0.5),
    "torch.nn.functional.batch_norm": lambda: F.batch_norm(X, weights(3), weights(3).abs(), weights(3), weights(3)),
    "torch.sin": lambda: torch.sin(X),
    "torch.Tensor.matmul": lambda: X @ M,
    "torch.Tensor.expand": lambda: X[:, :1].expand(2, 3, 4),
    "torch.relu": lambda: torch.relu(X),
    "torch.Tensor.flatten": lambda: X.flatten(1),
    "torch.nn.functional.silu": lambda: F.silu(X),
    "torch.nn.functional.softmax": lambda: F.softmax(X, -1),
    "torch.nn.functional.conv1d": lambda: F.conv1d(SIGNAL, weights(4, 3, 3), stride=2),
    "torch.Tensor.sum": lambda: X.sum((0, 2)),
    "torch.Tensor.type": lambda: X.type(torch.float64),
    "torch.tanh": lambda: torch.tanh(X),
    "torch.log": lambda: torch.log(Y),
    "torch.ones": lambda: torch.ones(2, 3) * 1,
    "torch.Tensor.__eq__": lambda: IDS == 1,
    "torch.sigmoid": lambda: torch.sigmoid(X),
    "torch.zeros": lambda: torch.zeros(2, 3) + 0,
    "torch.Tensor.gt": lambda: X > Y,
    "torch.functional.einsum": lambda: torch.einsum("bij,jk->bik", X, M),
    "torch.stack": lambda: torch.stack([X, Y], 1),
    "torch.Tensor.ne": lambda: X != Y,
    "torch.Tensor.add_": inplace(lambda t: t.add_(2)),
    "torch.maximum": lambda: torch.maximum(X, Y),
    "torch.Tensor.all": lambda: TRUTH.all(-1),
    "torch.nn.functional.hardtanh": lambda: F.hardtanh(X),
    "torch.Tensor.__pow__": lambda: Y**3,
    "torch.cos": lambda: torch.cos(X),
    "torch.Tensor.type_as": lambda: IDS.type_as(X),
    "torch.Tensor.chunk": lambda: X.chunk(2, -1),
    "torch.diff": lambda: torch.diff(X, prepend=X[..., :1]),
    "torch.Tensor.cumsum": lambda: X.cumsum(-1),
    "torch.pow": lambda: torch.pow(Y, 1.5),
    "torch.where": lambda: torch.where(TRUTH, X, Y),
    "torch.cumsum": lambda: torch.cumsum(X, 1),
    "torch.Tensor.__rsub__": lambda: 1 - X,
    "torch.Tensor.cos": lambda: X.cos(),
    "torch.Tensor.sin": lambda: X.sin(),
    "torch.zeros_like": lambda: torch.zeros_like(X),
    "torch.Tensor.reshape_as": lambda: X.reshape_as(X.transpose(0, 1).contiguous()),
    "torch.rand": lambda: torch.rand(2, 3) * 1,
    "_grouped_mm": lambda: torch._grouped_mm(  # type: ignore[attr-defined]
        weights(16, 16).bfloat16(), weights(2, 16, 16).bfloat16(), offs=torch.tensor([8, 16], dtype=torch.int32)
    ),
    "torch.Tensor.squeeze": lambda: X[:1].squeeze(0),
    "torch.Tensor.softmax": lambda: X.softmax(1),
    "torch.nn.functional.adaptive_avg_pool2d": lambda: F.adaptive_avg_pool2d(IMAGE, (2, 4)),
    "torch.full_like": lambda: torch.full_like(X, 3.0),
    "torch.Tensor.masked_fill": lambda: X.masked_fill(TRUTH, float("-inf")),
    "torch.Tensor.unbind": lambda: X.unbind(1),
    "torch.div": lambda: torch.div(X, Y, rounding_mode="floor"),
    "torch.tensor": lambda: torch.tensor([1.0, 2.0]) * 1,
    "torch.Tensor.__and__": lambda: TRUTH & (Y > 1),
    "torch.softmax": lambda: torch.softmax(X, 0),
    "_weight_norm": lambda: torch._weight_norm(weights(4, 3), weights(4, 1), 0),
    "torch.Tensor.ge": lambda: X >= Y,
    "torch.Tensor.new_ones": lambda: X.new_ones(3),
    "torch.mean": lambda: torch.mean(X),
    "torch.Tensor.__invert__": lambda: ~TRUTH,
    "torch.nn.functional.group_norm": lambda: F.group_norm(IMAGE[:, :2], 2, weights(2), weights(2)),
    "torch.Tensor.long": lambda: X.long(),
    "torch.Tensor.bool": lambda: X.bool(),
    "torch.Tensor.le": lambda: X <= 0,
    "torch.reshape": lambda: torch.reshape(X, (4, 6)),
    "torch.Tensor.repeat": lambda: X.repeat(1, 2, 1),
    "torch.min": lambda: torch.min(X, -1),
    "torch.repeat_interleave": lambda: torch.repeat_interleave(X, 2, 1),
    "torch.gather": lambda: torch.gather(M, 1, IDS[:, :3] % 4),
    "torch.tan": lambda: torch.tan(X),
    "torch.nn.functional.softplus": lambda: F.softplus(X),
    "torch.Tensor.repeat_interleave": lambda: X.repeat_interleave(2, dim=0),
    "torch.Tensor.as_strided": lambda: X.as_strided((2, 3), (4, 1), 2),
    "torch.functional.split": lambda: torch.split(X, [1, 2], 1),
    "torch.Tensor.lt": lambda: X < 1,
    "torch.empty_like": lambda: torch.empty_like(X),
    "torch.topk": lambda: torch.topk(X, 2),
    "torch.nn.functional.multi_head_attention_forward": module(nn.MultiheadAttention(4, 2), X, Y, X),
    "torch.sort": lambda: torch.sort(X),
    "torch.Tensor.__floordiv__": lambda: IDS // 2,
    "torch.histc": lambda: torch.histc(IDS.float(), 5, 0, 4),
    "torch.ceil": lambda: torch.ceil(X),
    "torch.Tensor.max": lambda: X.max(1),
    "torch.sqrt": lambda: torch.sqrt(Y),
    "torch.addmm": lambda: torch.addmm(weights(4), M, M, beta=0.5, alpha=2),
    "torch.Tensor.t": lambda: M.t(),
    "torch.Tensor.split": lambda: X.split(2, -1),
    "torch.nn.functional.elu": lambda: F.elu(X),
    "torch.Tensor.int": lambda: X.int(),
    "torch.Tensor.flip": lambda: X.flip(1),
    "torch.Tensor.where": lambda: X.where(TRUTH, Y),
    "torch.tril": lambda: torch.tril(M),
    "torch.nn.functional.normalize": lambda: F.normalize(X, dim=-1),
    "torch.bmm": lambda: torch.bmm(X, Y.transpose(1, 2)),
    "torch.Tensor.expand_as": lambda: X[:1].expand_as(X),
    "torch.nn.functional.hardswish": lambda: F.hardswish(X),
    "torch.sum": lambda: torch.sum(X),
    "torch.Tensor.detach": lambda: X.detach(),
    "torch.lstm_cell": module(nn.LSTMCell(4, 3), M),
    "torch.Tensor.new_zeros": lambda: X.new_zeros(2),
    "torch.Tensor.div_": inplace(lambda t: t.div_(3)),
    "torch.flatten": lambda: torch.flatten(X),
    "torch.nn.functional.interpolate": lambda: F.interpolate(IMAGE, scale_factor=1.5, mode="bilinear"),
    "torch.nn.functional.conv_transpose2d": lambda: F.conv_transpose2d(IMAGE, weights(3, 2, 3, 3), stride=2, padding=1),
    "torch.Tensor.any": lambda: TRUTH.any(),
    "torch.abs": lambda: torch.abs(X),
    "torch.square": lambda: torch.square(X),
    "torch.Tensor.clone": lambda: X.clone(),
    "torch.Tensor.clamp": lambda: X.clamp(-1, 1),
    "torch.clamp": lambda: torch.clamp(X, min=0.5),
    "torch.Tensor.mul_": inplace(lambda t: t.mul_(Y)),
    "torch.nn.functional.avg_pool2d": lambda: F.avg_pool2d(IMAGE, 2),
    "torch.Tensor.exp": lambda: X.exp(),
    "torch.Tensor.tril": lambda: M.tril(-1),
    "torch.nn.functional.max_pool2d": lambda: F.max_pool2d(IMAGE, 2),
    "torch.nn.functional.adaptive_avg_pool1d": lambda: F.adaptive_avg_pool1d(SIGNAL, 3),
    "torch.randn_like": lambda: torch.randn_like(X),
    "torch.mul": lambda: torch.mul(X, 2),
    "torch.Tensor.abs": lambda: X.abs(),
    "torch.chunk": lambda: torch.chunk(X, 2, -1),
    "torch.lstm": module(nn.LSTM(4, 3, batch_first=True), X),
    "torch.gru_cell": module(nn.GRUCell(4, 3), M),
    "torch.empty": lambda: torch.empty(2).fill_(0),
    "torch.Tensor.remainder": lambda: X.remainder(0.7),
    "torch.Tensor.zero_": inplace(lambda t: t.zero_()),
    "torch.Tensor.norm": lambda: X.norm(dim=-1),
    "torch.Tensor.fill_": inplace(lambda t: t.fill_(2)),
    "torch.index_select": lambda: torch.index_select(X, 1, torch.tensor([2, 0])),
    "torch.randn": lambda: torch.randn(3) * 1,
    "torch.mv": lambda: torch.mv(M, weights(4)),
    "torch.masked_fill": lambda: torch.masked_fill(X, TRUTH, 0.0),
    "torch.nn.functional.glu": lambda: F.glu(X),
    "torch.Tensor.index_select": lambda: X.index_select(2, torch.tensor([3, 1, 1])),
    "torch.Tensor.masked_fill_": inplace(lambda t: t.masked_fill_(TRUTH, 1.0)),
    "torch.transpose": lambda: torch.transpose(X, 0, 2),
    "torch.full": lambda: torch.full((2, 2), 7.0) * 1,
    "torch.baddbmm": lambda: torch.baddbmm(weights(2, 3, 3), X, Y.transpose(1, 2)),
    "torch.nn.functional.conv3d": lambda: F.conv3d(IMAGE[:, :, None], weights(2, 3, 1, 2, 2)),
    "torch.nn.functional.leaky_relu": lambda: F.leaky_relu(X),
    "torch.Tensor.std": lambda: X.std(-1),
    "torch.Tensor.__rtruediv__": lambda: 2 / Y,
    "torch.argsort": lambda: torch.argsort(X, descending=True),
    "torch.ones_like": lambda: torch.ones_like(X),
    "torch.Tensor.argmax": lambda: X.argmax(-1),
    "torch.Tensor.sigmoid": lambda: X.sigmoid(),
    "torch.gru": module(nn.GRU(4, 3, bidirectional=True), X),
    "torch.Tensor.relu_": inplace(lambda t: t.relu_()),
    "torch.nn.functional.pixel_shuffle": lambda: F.pixel_shuffle(weights(1, 8, 2, 3), 2),
    "torch.functional.cdist": lambda: torch.cdist(X, Y),
    "torch.Tensor.unfold": lambda: SIGNAL.unfold(-1, 3, 2),
    "torch.isnan": lambda: torch.isnan(X),
    "torch.nn.functional.mse_loss": lambda: F.mse_loss(X, Y),
    "torch.Tensor.topk": lambda: X.topk(2, dim=1, largest=False),
    "torch.fft.fft": lambda: torch.fft.fft(X),
    "torch.Tensor.amax": lambda: X.amax((0, 1)),
    "torch.fft.rfft": lambda: torch.fft.rfft(X),
    "torch.fft.irfft": lambda: torch.fft.irfft(torch.complex(X, Y)),
    "torch.nn.init.kaiming_uniform_": inplace(lambda t: nn.init.kaiming_uniform_(t)),
    "torch.nn.init.uniform_": inplace(lambda t: nn.init.uniform_(t)),
    "torch.vdot": lambda: torch.vdot(weights(5), weights(5)),
    "torch.linalg.vector_norm": lambda: torch.linalg.vector_norm(X, 3, dim=-1),
    "torch.logsumexp": lambda: torch.logsumexp(X, -1),
    "torch.Tensor.scatter_": inplace(lambda t: t[0].scatter_(1, IDS[:, :2] % 4, Y[0])),
    "torch.multiply": lambda: torch.multiply(X, Y),
    "torch.nn.functional.unfold": lambda: F.unfold(IMAGE, 3, padding=1, stride=2),
    "torch.Tensor.broadcast_to": lambda: X[:1].broadcast_to(2, 3, 4),
    "torch.fft.fftn": lambda: torch.fft.fftn(X),
    "torch.acos": lambda: torch.acos(M),
    "torch.unsqueeze": lambda: torch.unsqueeze(X, 0),
    "torch.nn.functional.conv_transpose1d": lambda: F.conv_transpose1d(SIGNAL, weights(3, 2, 4), stride=2),
    "torch.Tensor.baddbmm": lambda: weights(2, 3, 3).baddbmm(X, Y.transpose(1, 2)),
    "torch.logical_and": lambda: torch.logical_and(X, TRUTH),
    "torch.max": lambda: torch.max(X),
    "torch.lt": lambda: torch.lt(X, Y),
    "torch.Tensor.gather": lambda: M.gather(0, IDS % 4),
    "torch.expm1": lambda: torch.expm1(X),
    "torch.Tensor.view_as": lambda: X.view_as(weights(4, 6)),
    "torch.Tensor.scatter": lambda: M.scatter(0, IDS % 4, weights(2, 3)),
    "torch.nn.functional.instance_norm": lambda: F.instance_norm(IMAGE),
    "torch.nn.functional.adaptive_avg_pool3d": lambda: F.adaptive_avg_pool3d(IMAGE[:, :, None], (1, 2, 3)),
    "torch.rand_like": lambda: torch.rand_like(X),
    "_pack_padded_sequence": lambda: nn.utils.rnn.pack_padded_sequence(SIGNAL, torch.tensor([3, 2]), batch_first=True),
    "_pad_packed_sequence": lambda: nn.utils.rnn.pad_packed_sequence(
        nn.utils.rnn.pack_padded_sequence(SIGNAL, torch.tensor([3, 2]), batch_first=True)
    ),
    "torch.nn.functional.cross_entropy": lambda: F.cross_entropy(M, torch.tensor([0, 2, 3, 1])),
    "torch.Tensor.argmin": lambda: X.argmin(),
    "torch.functional.norm": lambda: torch.norm(X),
    "torch.nn.functional.affine_grid": lambda: F.affine_grid(weights(2, 2, 3), [2, 1, 3, 4], align_corners=False),
    "torch.nn.functional.grid_sample": lambda: F.grid_sample(IMAGE, weights(2, 3, 3, 2), align_corners=False),
    "torch.nn.functional.gumbel_softmax": lambda: F.gumbel_softmax(X),
    "torch.Tensor.unique": lambda: IDS.unique(),
    "torch.linspace": lambda: torch.linspace(0, 1, 5) * 1,
    "torch.cumprod": lambda: torch.cumprod(Y, -1),
    "torch.round": lambda: torch.round(X),
    "grad": lambda: differentiate(),
    "torch.add": lambda: torch.add(X, Y, alpha=2),
    "torch.Tensor.to_sparse": lambda: M.to_sparse(),
    "_sparse_mm": lambda: torch.sparse.mm(M.to_sparse(), M),
    "torch.quantize_per_tensor": lambda: quantize(),
    "torch.Tensor.dequantize": lambda: quantize().dequantize(),
    "torch.Tensor.relu": lambda: X.relu(),
    "torch.nn.functional.alpha_dropout": lambda: F.alpha_dropout(X, 0.3, True),
    "torch.nn.functional.feature_alpha_dropout": lambda: F.feature_alpha_dropout(X, 0.3, True),
    "torch.nn.functional.rms_norm": lambda: F.rms_norm(X, (4,), weights(4)),
    "torch.nn.functional.embedding_bag": lambda: F.embedding_bag(IDS, weights(5, 3), mode="mean"),
    "torch.nn.functional.max_pool2d_with_indices": lambda: F.max_pool2d(IMAGE, 2, return_indices=True),
    "torch.nn.functional.max_unpool2d": lambda: F.max_unpool2d(*F.max_pool2d(IMAGE, 2, return_indices=True), 2),
    "torch.argmax": lambda: torch.argmax(X, 1),
    "torch.Tensor.new": lambda: X.new([1.0, 2.0]),
    "torch.ne": lambda: torch.ne(X, Y),
    "torch.nn.functional.avg_pool1d": lambda: F.avg_pool1d(SIGNAL, 3, 2, 1),
    "torch.flip": lambda: torch.flip(X, (0, 2)),
    "torch.nn.functional.max_pool1d": lambda: F.max_pool1d(SIGNAL, 2),
    "torch.clone": lambda: torch.clone(X),
    "torch.triu": lambda: torch.triu(M, 1),
    "torch.log1p": lambda: torch.log1p(Y),
}

# Left to the gradient, with the reason.
BY_GRADIENT = {"grad": "autograd.grad needs the graph that the forward built: it cannot be run again on the recorded numbers"}


def last_call(trace: Trace, name: str) -> Step:
    """The last step of that function, or the last of all where a spelling is recorded under another name."""
    named = [step for step in trace.steps if step.op == name]
    return (named or [step for step in trace.steps if step.kind == "function"])[-1]


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_answered(name: str) -> None:
    trace = neurontui.trace(Calls(OPERATIONS[name]), seed=0)
    assert trace.error is None, trace.error
    step = last_call(trace, name)
    for output, (_, value) in enumerate(leaves(step.output)):
        for at in {tuple(n - 1 for n in value.shape), tuple(n // 2 for n in value.shape)}:
            why = neurontui.explain(trace, step, at, output)
            if name not in BY_GRADIENT:
                check(why=why, trace=trace)
                assert why.method != "gradient", (why.formula, why.notes)
            assert why.agrees is not False
