"""A table of awkward models: each entry makes (model, args, kwargs) anew. What they have in common is that real code does these things."""

from __future__ import annotations

import collections
import dataclasses
import threading
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, rnn

Made = tuple[Any, tuple[Any, ...], dict[str, Any]]
MODELS: dict[str, Callable[[], Made]] = {}


def odd(function: Callable[[], Made]) -> Callable[[], Made]:
    MODELS[function.__name__] = function
    return function


class Forward(nn.Module):
    """A module with the given children and a function of (self, *args) as its forward."""

    def __init__(self, body: Callable[..., Any], **children: Any) -> None:
        super().__init__()
        self.body = body
        for name, child in children.items():
            if isinstance(child, Tensor) and not isinstance(child, nn.Parameter):
                self.register_buffer(name, child)
            else:
                setattr(self, name, child)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.body(self, *args, **kwargs)


def simple(name: str, body: Callable[..., Any], *args: Any, **children: Callable[[], Any]) -> None:
    """An entry whose arguments and children are made by functions of no arguments."""

    def make() -> Made:
        return Forward(body, **{key: child() for key, child in children.items()}), tuple(argument() for argument in args), {}

    MODELS[name] = make


def x23() -> Tensor:
    return torch.randn(2, 3)


def x234() -> Tensor:
    return torch.randn(2, 3, 4)


def image() -> Tensor:
    return torch.randn(2, 3, 8, 8)


def linear() -> nn.Module:
    return nn.Linear(3, 3)


# ---- writes in place and views ------------------------------------------------------------------------------------------


def relu_in_place(self, x):
    h = self.fc(x)
    F.relu_(h)
    return self.fc(h)


def write_through_view(self, x):
    h = self.fc(x)
    h[:, 1:].mul_(2)
    h.view(-1)[0] = 5
    return h + x


def write_through_data(self, x):
    h = self.fc(x)
    h.data.add_(1)
    h.data = h.data * 2
    return h * 3


def write_input(self, x):
    x.mul_(2)
    return self.fc(x)


def write_slices(self, x):
    out = torch.empty(2, 3)
    for row in range(2):
        out[row] = self.fc(x[row])
    out[out > 0] = 0
    return out


def out_argument(self, x):
    out = torch.zeros(2, 3)
    torch.add(x, 1, out=out)
    return torch.mul(out, 2, out=out)


def out_argument_grows(self, x):
    out = torch.empty(0)
    torch.cat([x, x], out=out)
    return out * 2


def index_writes(self, x):
    h = torch.zeros(4, 3)
    h.index_add_(0, torch.tensor([0, 2]), x)
    h.scatter_(0, torch.tensor([[1, 1, 1]]), x[:1])
    h.masked_fill_(h == 0, -1)
    return h.index_put_((torch.tensor([3]),), x[0])


def augmented(self, x):
    h = x.clone()
    h += 1
    h *= x
    h -= x[0]
    h /= 2
    h **= 2
    return h


def write_overlap(self, x):
    h = x.clone()
    h.add_(h)
    h[:, 1:].add_(h[:, :1].clone())
    h.t_()
    return h


def numpy_alias(self, x):
    h = self.fc(x).detach()
    alias = h.numpy()
    h.add_(1)
    alias[0, 0] = 7
    return h * 2 + float(alias.sum())


def from_numpy(self, x):
    held = np.ones((2, 3), dtype=np.float32)
    h, other = torch.from_numpy(held), torch.as_tensor(held)
    before = x + h + other
    held[0] = 5
    return before + h + other


def resize_and_set(self, x):
    h = torch.zeros(6)
    h.set_(x.detach().clone().view(-1))
    h.resize_(2, 3)
    return h + x


def swap_storage(self, x):
    h = x.clone()
    h.data = torch.ones(4)
    return h * 2


def chunk_write(self, x):
    h = x.clone()
    first, second, third = h.unbind(1)
    second.copy_(first)
    third.zero_()
    return h, second


def complex_view(self, x):
    h = torch.view_as_real(torch.complex(x, x))
    h[..., 0] = 0
    return torch.view_as_complex(h).imag


for body in (write_slices, relu_in_place, write_through_view, write_through_data, write_input, numpy_alias):
    simple(body.__name__, body, x23, fc=linear)
for body in (
    out_argument, out_argument_grows, index_writes, augmented, write_overlap, from_numpy, resize_and_set, swap_storage, chunk_write,
    complex_view,
):  # fmt: skip
    simple(body.__name__, body, x23)
simple("dropout_in_place", lambda self, x: F.dropout(self.fc(x), 0.5, True, True), x23, fc=linear)
simple("counter_buffer", lambda self, x: x + self.count.add_(1), x23, count=lambda: torch.zeros(()))
simple("buffer_replaced", lambda self, x: setattr(self, "state", self.state * 0.5 + x) or self.state, x23, state=lambda: torch.zeros(2, 3))
simple("parameter_written", lambda self, x: self.fc.weight.data.mul_(0.5) @ x.t() + self.fc(x).t(), x23, fc=linear)
simple("parameter_no_grad", lambda self, x: _halve(self.fc.weight) or self.fc(x), x23, fc=linear)
simple("embedding_max_norm", lambda self, x: self.emb(torch.tensor([[0, 1]])), x23, emb=lambda: nn.Embedding(4, 3, max_norm=0.5))


def _halve(weight: Tensor) -> None:
    with torch.no_grad():
        weight.mul_(0.5)


# ---- structure of models ----------------------------------------------------------------------------------------------


@odd
def reused_module() -> Made:
    fc = linear()
    return nn.Sequential(fc, nn.ReLU(), fc), (x23(),), {}


@odd
def tied_weights() -> Made:
    first, second = linear(), linear()
    second.weight = first.weight
    return nn.Sequential(first, second), (x23(),), {}


@odd
def shared_block() -> Made:
    block = nn.Sequential(linear(), nn.Tanh())
    return nn.Sequential(collections.OrderedDict(a=block, b=nn.ReLU(), c=block)), (x23(),), {}


simple("module_list", lambda self, x: [x := layer(x) for layer in self.layers][-1], x23, layers=lambda: nn.ModuleList([linear(), linear()]))
simple(
    "module_dict",
    lambda self, x: {k: m(x) for k, m in self.heads.items()},
    x23,
    heads=lambda: nn.ModuleDict({"a": linear(), "b": linear()}),
)
simple("plain_list_of_modules", lambda self, x: self.layers[1](self.layers[0](x)), x23, layers=lambda: [nn.Linear(3, 3), nn.Linear(3, 3)])
simple("module_made_inside", lambda self, x: nn.Dropout(0.5)(nn.Linear(3, 2)(x)), x23)
simple("forward_called_directly", lambda self, x: self.fc.forward(x) + self.fc(x), x23, fc=linear)
simple("recursive_call", lambda self, x, depth=3: x if depth == 0 else self(self.fc(x), depth - 1), x23, fc=linear)
simple("identity", lambda self, x: self.skip(x), x23, skip=nn.Identity)
simple("returns_input", lambda self, x: x, x23)
simple("returns_parameter", lambda self, x: self.w, x23, w=lambda: nn.Parameter(torch.ones(3)))
simple("returns_none", lambda self, x: None, x23)
simple("returns_number", lambda self, x: x.sum().item(), x23)
simple("eval_dropout", lambda self, x: self.drop(x), x23, drop=lambda: nn.Dropout(0.5).eval())
simple("parameter_list", lambda self, x: sum(p * x for p in self.ps), x23, ps=lambda: nn.ParameterList([nn.Parameter(torch.ones(3))] * 2))
simple("parameter_dict", lambda self, x: x * self.ps["a"], x23, ps=lambda: nn.ParameterDict({"a": nn.Parameter(torch.ones(3))}))
simple("frozen_parameters", lambda self, x: self.fc(x), x23, fc=lambda: linear().requires_grad_(False))
simple("plain_tensor_attribute", lambda self, x: x * self.held["scale"], x23, held=lambda: {"scale": torch.full((3,), 2.0)})


@odd
def cache_in_attribute() -> Made:
    def body(self, x):
        self.cache = self.fc(x)
        return self.cache * 2

    return Forward(body, fc=linear()), (x23(),), {}


@odd
def spectral_norm() -> Made:
    return parametrizations.spectral_norm(nn.Linear(3, 3)), (x23(),), {}


@odd
def weight_norm() -> Made:
    return parametrizations.weight_norm(nn.Linear(3, 3)), (x23(),), {}


@odd
def old_spectral_norm() -> Made:
    return nn.utils.spectral_norm(nn.Linear(3, 3)), (x23(),), {}


@odd
def orthogonal() -> Made:
    return parametrizations.orthogonal(nn.Linear(3, 3)), (x23(),), {}


@odd
def own_parametrization() -> Made:
    class Symmetric(nn.Module):
        def forward(self, w: Tensor) -> Tensor:
            return w.triu() + w.triu(1).mT

    fc = nn.Linear(3, 3)
    parametrize.register_parametrization(fc, "weight", Symmetric())
    return nn.Sequential(fc), (x23(),), {}


@odd
def lazy_linear() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d()), (x23(),), {}


@odd
def lazy_conv() -> Made:
    return nn.LazyConv2d(2, 3), (image(),), {}


@odd
def data_parallel() -> Made:
    return nn.DataParallel(nn.Sequential(linear(), nn.ReLU())), (x23(),), {}


@odd
def user_hooks() -> Made:
    model = nn.Sequential(linear(), nn.ReLU())
    model[0].register_forward_hook(lambda module, args, output: output * 2)
    model[1].register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    model.register_forward_hook(lambda module, args, kwargs, output: (output, args[0]), with_kwargs=True)
    return model, (x23(),), {}


@odd
def always_called_hook() -> Made:
    model = nn.Sequential(linear())
    model.register_forward_hook(lambda module, args, output: None, always_call=True)
    return model, (x23(),), {}


@odd
def backward_hooks() -> Made:
    model = nn.Sequential(linear(), nn.ReLU())
    model[0].register_full_backward_hook(lambda module, grad_in, grad_out: None)
    return model, (x23(),), {}


@odd
def own_call() -> Made:
    class Own(nn.Linear):
        def __call__(self, *args: Any) -> Any:
            return super().__call__(*args) + 1

    return nn.Sequential(Own(3, 3)), (x23(),), {}


@odd
def own_getattr() -> Made:
    class Wrapper(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = linear()

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(x, self.weight, self.bias)

    return Wrapper(), (x23(),), {}


# ---- inputs and outputs -----------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    left: Tensor
    right: Any


@dataclasses.dataclass
class Output:
    logits: Tensor
    hidden: tuple[Tensor, ...] = ()
    label: str = "none"


@dataclasses.dataclass(frozen=True)
class Frozen:
    logits: Tensor


class ModelOutput(collections.OrderedDict):
    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


class Cache:
    def __init__(self) -> None:
        self.keys: list[Tensor] = []


simple("named_tuple_in", lambda self, pair: pair.left + pair.right["b"], lambda: Pair(torch.ones(2), {"b": torch.ones(2)}))
simple("named_tuple_out", lambda self, x: Pair(x + 1, [x, x * 2]), x23)
simple("dataclass_in", lambda self, batch: batch.logits * 2, lambda: Output(torch.ones(2)))
simple("dataclass_out", lambda self, x: Output(x + 1, (x, x * 2)), x23)
simple("frozen_dataclass", lambda self, b: Frozen(b.logits * 2), lambda: Frozen(torch.ones(2)))
simple("model_output", lambda self, x: ModelOutput(logits=x * 2, loss=x.sum()), x23)
simple("dict_in_out", lambda self, b: {"y": b["x"] + 1, 3: [b["x"]]}, lambda: {"x": torch.ones(2), "n": 3})
simple("generator_out", lambda self, x: [row * 2 for row in iter(x)], x23)
simple("max_out", lambda self, x: x.max(1), x23)
simple("topk_out", lambda self, x: torch.topk(x, 2), x23)
simple("cache_object", lambda self, x, cache: cache.keys.append(x * 2) or cache.keys[-1] + 1, x23, Cache)
simple("cyclic_input", lambda self, d: d["x"] * 2, lambda: _cycle())
simple("strings_and_none", lambda self, x, mode=None: x if mode is None else -x, x23, lambda: None)
simple("empty_structures", lambda self, x: ((), [], {}, x), x23)


def _cycle() -> dict[str, Any]:
    held: dict[str, Any] = {"x": torch.ones(2)}
    held["me"] = held
    return held


@odd
def keyword_only() -> Made:
    class Only(nn.Module):
        def forward(self, *, x: Tensor, scale: float = 2.0) -> Tensor:
            return x * scale

    return Only(), (), {"x": x23()}


@odd
def packed_sequence() -> Made:
    packed = rnn.pack_padded_sequence(torch.randn(4, 2, 3), torch.tensor([4, 2]))
    return nn.LSTM(3, 5), (packed,), {}


@odd
def gru_dropout() -> Made:
    return nn.GRU(3, 4, num_layers=2, dropout=0.5, bidirectional=True), (x234().permute(0, 2, 1),), {}


# ---- kinds of tensors -------------------------------------------------------------------------------------------------

simple("complex_numbers", lambda self, x: torch.fft.ifft(torch.fft.fft(x) * 1j).conj().resolve_conj().abs(), x23)
simple("conjugate_view", lambda self, x: torch.complex(x, x).conj() * 2, x23)
simple("negative_view", lambda self, x: torch.complex(x, x).conj().imag + 1, x23)
simple("empty_tensor", lambda self, x: self.fc(x).sum(), lambda: torch.zeros(0, 3), fc=linear)
simple("scalar_tensor", lambda self, x: x * 2 + 1, lambda: torch.tensor(3.0))
simple("booleans", lambda self, x: (x > 0) & ~(x < 1), x23)
simple("half", lambda self, x: (x @ x.t()).float(), lambda: torch.randn(2, 3).half())
simple("bfloat16", lambda self, x: x @ x.t(), lambda: torch.randn(2, 3).bfloat16())
simple("float8", lambda self, x: x.to(torch.float8_e4m3fn).float() + 1, x23)
simple("integers", lambda self, x: x // 2 % 3 << 1, lambda: torch.arange(6))
simple("unsigned", lambda self, x: x.to(torch.int64) + 1, lambda: torch.arange(6).to(torch.uint16))
simple("sparse_coo", lambda self, x: torch.sparse.mm(x.to_sparse(), x.t()), x23)
simple("sparse_input", lambda self, s: (s @ torch.ones(3, 2)) + 0, lambda: torch.eye(3).to_sparse())
simple("expanded", lambda self, x: x[:1].expand(4, 3) + 1, x23)
simple("strided", lambda self, x: torch.as_strided(x, (2, 2), (1, 1)) * 2, x23)
simple("unfolded", lambda self, x: x.unfold(1, 2, 1).sum(-1), x23)
simple("meta_inside", lambda self, x: x + torch.empty(2, 3, device="meta").shape[0], x23)
simple("channels_last", lambda self, x: self.conv(x.to(memory_format=torch.channels_last)), image, conv=lambda: nn.Conv2d(3, 2, 3))
simple("transposed_dropout", lambda self, x: F.dropout(x.t(), 0.5), x23)


@odd
def sparse_csr() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = torch.eye(3).to_sparse_csr()
    return Forward(lambda self, x: held @ x.t()), (x23(),), {}


@odd
def nested_strided() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)])
    return Forward(lambda self, n: self.fc(n).to_padded_tensor(0.0), fc=linear()), (nested,), {}


@odd
def nested_jagged() -> Made:
    nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)], layout=torch.jagged)
    return Forward(lambda self, n: self.fc(n).sin().values(), fc=linear()), (nested,), {}


@odd
def quantized() -> Made:
    def body(self, x):
        q = torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)
        return q.dequantize() + q.int_repr().float()

    return Forward(body), (x23(),), {}


@odd
def tensor_subclass() -> Made:
    class Marked(Tensor):
        pass

    return Forward(lambda self, x: (x * 2 + 1).as_subclass(Tensor)), (x23().as_subclass(Marked),), {}


@odd
def own_torch_function() -> Made:
    class Logged(Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return super().__torch_function__(func, types, args, kwargs or {})

    return Forward(lambda self, x: (self.fc(x) * 2).as_subclass(Tensor), fc=linear()), (x23().as_subclass(Logged),), {}


# ---- modes and transforms ---------------------------------------------------------------------------------------------


def under(context: Callable[[], Any], inner: Callable[[Any, Tensor], Any]) -> Callable[[Any, Tensor], Any]:
    def body(self, x):
        with context():
            return inner(self, x)

    return body


simple("no_grad_inside", under(torch.no_grad, lambda self, x: self.fc(x)), x23, fc=linear)
simple("enable_grad_inside", under(torch.enable_grad, lambda self, x: self.fc(x)), x23, fc=linear)
simple("inference_mode_inside", under(torch.inference_mode, lambda self, x: self.fc(x).mul_(2)[0].clone()), x23, fc=linear)
simple("autocast_inside", under(lambda: torch.autocast("cpu", torch.bfloat16), lambda self, x: self.fc(x) + 1), x23, fc=linear)
simple("device_context", under(lambda: torch.device("cpu"), lambda self, x: x + torch.ones(3)), x23)
simple("vmapped", lambda self, x: torch.vmap(lambda row: self.fc(row).sum())(x), x23, fc=linear)
simple("vmap_of_vmap", lambda self, x: torch.vmap(torch.vmap(lambda v: v.sin() * 2))(x), x23)
simple("vmap_random", lambda self, x: torch.vmap(lambda row: F.dropout(row, 0.5), randomness="different")(x), x23)
simple("grad_inside", lambda self, x: torch.func.grad(lambda v: (self.fc(v) ** 2).sum())(x), x23, fc=linear)
simple("jacobian_inside", lambda self, x: torch.func.jacrev(lambda v: v**2)(x[0]), x23)
simple("jvp_inside", lambda self, x: torch.func.jvp(torch.sin, (x,), (torch.ones_like(x),)), x23)
simple("autograd_inside", lambda self, x: _gradient(self.fc, x), x23, fc=linear)
simple("hessian_inside", lambda self, x: torch.func.hessian(lambda v: (v**3).sum())(x[0]), x23)


def _gradient(fc: nn.Module, x: Tensor) -> Tensor:
    leaf = x.detach().clone().requires_grad_()
    (grad,) = torch.autograd.grad(fc(leaf).sum(), leaf)
    return grad


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad * 2


simple("custom_function", lambda self, x: Double.apply(self.fc(x)) + 1, x23, fc=linear)
simple("functional_call", lambda self, x: torch.func.functional_call(self.fc, {"weight": torch.ones(3, 3)}, (x,)), x23, fc=linear)
simple("checkpointed", lambda self, x: _checkpoint(self.fc, x), x23, fc=linear)
simple("library_operator", lambda self, x: torch.ops.aten.relu(x) + torch.ops.aten.add.Tensor(x, 1), x23)


def _checkpoint(fc: nn.Module, x: Tensor) -> Tensor:
    from torch.utils.checkpoint import checkpoint

    return checkpoint(fc, x, use_reentrant=False)


@odd
def scripted() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(torch.jit.script(nn.Sequential(linear(), nn.ReLU())), linear()), (x23(),), {}


@odd
def scripted_root() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(nn.Sequential(linear(), nn.ReLU())), (x23(),), {}


@odd
def traced_by_jit() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(torch.jit.trace(linear(), x23()), nn.ReLU()), (x23(),), {}


@odd
def scripted_function() -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gelu = torch.jit.script(_scriptable)
    return Forward(lambda self, x: gelu(self.fc(x)) + 1, fc=linear()), (x23(),), {}


def _scriptable(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


@odd
def exported() -> Made:
    program = torch.export.export(nn.Sequential(linear(), nn.ReLU()), (x23(),))
    return program.module(), (x23(),), {}


@odd
def fx_graph() -> Made:
    return torch.fx.symbolic_trace(nn.Sequential(linear(), nn.ReLU())), (x23(),), {}


# ---- control flow, randomness, threads --------------------------------------------------------------------------------


def early_exit(self, x):
    for _ in range(5):
        x = self.fc(x)
        if x.norm() > 1 or bool((x > 0).all()):
            break
    return x if x[0, 0].item() > 0 else -x


def in_a_thread(self, x):
    results: list[Tensor] = []
    thread = threading.Thread(target=lambda: results.append(self.fc(x)))
    thread.start()
    thread.join()
    return results[0] + 1


def in_many_threads(self, x):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(lambda layer: layer(x), self.layers)) + 1


def caught_error(self, x):
    try:
        return self.fc(torch.ones(7))
    except RuntimeError:
        return self.fc(x)


def own_generator(self, x):
    generator = torch.Generator().manual_seed(3)
    return x + torch.rand(2, 3, generator=generator) + torch.randn(3, generator=generator)


def seeds_itself(self, x):
    torch.manual_seed(5)
    return x + torch.rand(3)


def many_randoms(self, x):
    return x.bernoulli(0.5) + torch.randperm(3) + torch.normal(0.0, 1.0, (3,)) + x.abs().multinomial(1) + torch.empty(3).uniform_()


for body in (early_exit, in_a_thread, caught_error):
    simple(body.__name__, body, x23, fc=linear)
for body in (own_generator, seeds_itself, many_randoms):
    simple(body.__name__, body, x23)
simple("in_many_threads", in_many_threads, x23, layers=lambda: nn.ModuleList([nn.Sequential(linear(), nn.Tanh()) for _ in range(12)]))
simple("prints", lambda self, x: print("x", x.shape, x) or x, x23)
simple("shape_arithmetic", lambda self, x: x.view(x.size(0), -1)[: len(x), : x.shape[-1] - 1].reshape(-1), x23)
simple("einsum", lambda self, x: torch.einsum("ij,kj->ik", x, x), x23)
simple("where_and_gather", lambda self, x: torch.where(x > 0, x, 0.0).gather(1, x.argmax(1, keepdim=True)), x23)
simple("sort_cumsum", lambda self, x: x.sort(1).values.cumsum(1), x23)
simple("linalg", lambda self, x: torch.linalg.svd(x, full_matrices=False), x23)
simple("foreach", lambda self, x: torch._foreach_add([x, x * 2], 1), x23)
simple("foreach_in_place", lambda self, x: torch._foreach_mul_([x, self.b], 2) or (x + self.b), x23, b=lambda: torch.ones(2, 3))
simple("init_inside", lambda self, x: nn.init.normal_(torch.empty(3)) + x, x23)
simple("attention", lambda self, x: self.att(x, x, x), x234, att=lambda: nn.MultiheadAttention(4, 2, dropout=0.1, batch_first=True))
simple("scaled_attention", lambda self, x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.3), x234)
simple("distance_function", lambda self, x: self.loss(x, x + 1, x - 1), x23, loss=lambda: nn.TripletMarginWithDistanceLoss(
    distance_function=nn.PairwiseDistance()))  # fmt: skip
simple("batch_norm", lambda self, x: self.bn(self.bn(x)), x23, bn=lambda: nn.BatchNorm1d(3))
simple("instance_norm", lambda self, x: self.norm(x), image, norm=lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True))
simple("embedding_bag", lambda self, x: self.emb(torch.tensor([[0, 1], [2, 1]])) + x, x23, emb=lambda: nn.EmbeddingBag(4, 3))
simple(
    "conv_pool", lambda self, x: F.max_pool2d(self.conv(x), 2, return_indices=True), image, conv=lambda: nn.Conv2d(3, 2, 3, padding="same")
)
simple("adaptive_pool", lambda self, x: F.adaptive_avg_pool2d(x, 1).flatten(1), image)
simple("pixel_shuffle", lambda self, x: F.pixel_shuffle(torch.cat([x, x[:, :1]], 1), 2), image)
simple("rrelu", lambda self, x: F.rrelu(x, training=True), x23)
simple("gumbel", lambda self, x: F.gumbel_softmax(x, hard=True), x23)
simple("alpha_dropout", lambda self, x: F.alpha_dropout(x, 0.4, training=True) + F.dropout1d(x, 0.3), x23)
simple("losses", lambda self, x: F.cross_entropy(x, torch.tensor([0, 2])) + F.mse_loss(x, x * 2), x23)


@odd
def transformer_layer() -> Made:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2, enable_nested_tensor=False), (x234(),), {}


@odd
def plain_function() -> Made:
    return (lambda x: torch.relu(x) + 1), (x23(),), {}


@odd
def bound_method() -> Made:
    fc = nn.Bilinear(3, 3, 2)
    return fc.forward, (x23(), x23()), {}


@odd
def numpy_random() -> Made:
    return Forward(lambda self, x: x + torch.from_numpy(np.ones(3, dtype=np.float32)) * 2), (x23(),), {}
