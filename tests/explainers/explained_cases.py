"""Calls with random shapes, memory layouts, dtypes, options and arguments, by name: what the property tests explain.

A case is a function of a random generator that gives (function, arguments).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from explaining_helpers import random_tensor, shape_of
from torch import Generator, Tensor

Case = Callable[[Generator], tuple[Callable[..., Any], tuple[Any, ...]]]
CASES: dict[str, Case] = {}

FLOATS = (torch.float32, torch.float32, torch.float64, torch.bfloat16, torch.float16)
WHOLE = (torch.int64, torch.int32, torch.uint8)
EVERY = (*FLOATS, *WHOLE, torch.bool, torch.complex64)
NUMBERS = tuple(d for d in EVERY if d is not torch.bool)
REAL = tuple(d for d in EVERY if not d.is_complex)
SIGNED = tuple(d for d in REAL if d not in (torch.bool, torch.uint8))

T = TypeVar("T")


def choose(g: Generator, options: Sequence[T]) -> T:
    return options[int(torch.randint(len(options), (1,), generator=g))]


def chance(g: Generator, probability: float) -> bool:
    return bool(torch.rand(1, generator=g) < probability)


def smaller(g: Generator, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts against `shape`."""
    last = shape[int(torch.randint(len(shape) + 1, (1,), generator=g)) :]
    return tuple(1 if chance(g, 0.3) else n for n in last)


def unary(name: str, function: Callable[[Tensor], Any], dtypes: Sequence[torch.dtype] = FLOATS, least: int = 0) -> None:
    CASES[name] = lambda g: (function, (random_tensor(g, shape_of(g, least), choose(g, dtypes)),))


def binary(name: str, function: Callable[[Any, Any], Any], dtypes: Sequence[torch.dtype] = FLOATS, scalar: bool = True) -> None:
    def make(g: Generator) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        shape = shape_of(g)
        first, other = choose(g, dtypes), choose(g, dtypes)
        if scalar and chance(g, 0.25):
            return function, (random_tensor(g, shape, first), 2.5 if first.is_floating_point or first.is_complex else 3)
        return function, (random_tensor(g, shape, first), random_tensor(g, smaller(g, shape), other))

    CASES[name] = make


def case(make: Case) -> Case:
    CASES[make.__name__] = make
    return make


def in_place(function: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
    return lambda x: function(x.clone())


# Arithmetic.
binary("add", lambda a, b: a + b, EVERY)
binary("add_alpha", lambda a, b: torch.add(a, b, alpha=2), NUMBERS)
binary("sub", lambda a, b: a - b, NUMBERS)
binary("mul", lambda a, b: a * b, EVERY)
binary("div", lambda a, b: a / b, EVERY)
binary("rsub", lambda a, b: 3 - a, NUMBERS)
binary("rdiv", lambda a, b: 3 / a, EVERY)
binary("pow", lambda a, b: a.abs() ** b)
binary("square_by_pow", lambda a, b: a**2, EVERY)
binary("maximum", lambda a, b: torch.maximum(a, torch.as_tensor(b)), REAL)
binary("clamp", lambda a, b: a.clamp(-1, 1), SIGNED)
binary("floor_divide", lambda a, b: a // 3, SIGNED)
binary("remainder", lambda a, b: a % 3, SIGNED)
binary("greater", lambda a, b: a > b, REAL)
binary("where", lambda a, b: torch.where(a > 0, a, b), (torch.float32,))
binary("add_in_place", lambda a, b: a.clone().__iadd__(1), NUMBERS)
binary("lerp", lambda a, b: torch.lerp(a, b.expand_as(a), 0.3), (torch.float32,), scalar=False)
unary("neg", torch.neg, NUMBERS)
unary("square", torch.square)
unary("reciprocal", torch.reciprocal)
unary("add_out", lambda x: torch.add(x, x, out=torch.empty_like(x)))

# Activations and functions of one element.
_ACTIVATIONS = "relu relu6 elu selu celu gelu silu mish hardtanh hardswish hardsigmoid softplus softsign leaky_relu logsigmoid tanhshrink"
for _name in _ACTIVATIONS.split():
    unary(_name, getattr(F, _name))
_FUNCTIONS = "sigmoid tanh exp sin cos tan floor ceil round sign erf abs isnan"
for _name in _FUNCTIONS.split():
    unary(_name, getattr(torch, _name))
unary("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"))
unary("relu_in_place", in_place(torch.relu_))
unary("relu_whole", torch.relu, (torch.int64, torch.int32))
unary("threshold", lambda x: F.threshold(x, 0.1, 2.0))
unary("log", lambda x: torch.log(x.abs()))
unary("sqrt", lambda x: x.abs().sqrt())
unary("rsqrt", lambda x: (x.abs() + 0.1).rsqrt())
unary("glu", lambda x: F.glu(torch.cat([x, x + 1], -1), -1), FLOATS, 1)
unary("prelu", lambda x: F.prelu(x, torch.tensor([0.3])), (torch.float32,))

# Softmax and reductions.
unary("softmax", lambda x: F.softmax(x, -1), FLOATS, 1)
unary("softmax_first", lambda x: torch.softmax(x, 0), FLOATS, 1)
unary("softmax_cast", lambda x: F.softmax(x, -1, dtype=torch.float32), FLOATS, 1)
unary("softmax_masked", lambda x: F.softmax(x.masked_fill(x > 1, -float("inf")), -1), (torch.float32,), 1)
unary("softmax_sharp", lambda x: F.softmax(x * 30, -1), FLOATS, 1)
unary("log_softmax", lambda x: x.log_softmax(-1), FLOATS, 1)
unary("sum", torch.sum, EVERY)
unary("sum_dim", lambda x: x.sum(-1), EVERY, 1)
unary("sum_kept", lambda x: x.sum((0, -1) if x.dim() > 1 else 0, keepdim=True), EVERY, 1)
unary("mean", torch.mean)
unary("mean_dim", lambda x: x.mean(dim=0), FLOATS, 1)
unary("mean_axis", lambda x: torch.mean(x, axis=0, keepdims=True), FLOATS, 1)
unary("item", lambda x: (x.sum().item(), x)[1])

# Dropout.
unary("dropout", lambda x: F.dropout(x, 0.3))
unary("dropout_off", lambda x: F.dropout(x, 0.3, False))
unary("dropout_all", lambda x: F.dropout(x, 1.0))
unary("dropout_in_place", in_place(lambda x: F.dropout(x, 0.3, True, True)))
unary("dropout_kernel", lambda x: torch.dropout(x, 0.4, True))
unary("alpha_dropout", lambda x: F.alpha_dropout(x, 0.3, True), (torch.float32, torch.float64))
CASES["dropout2d"] = lambda g: (lambda x: F.dropout2d(x, 0.5), (random_tensor(g, (2, 3, 2, 2)),))

# Data that are moved.
for _name, _function, _least in (
    ("flatten", torch.flatten, 0), ("reshape", lambda x: x.reshape(-1), 0), ("transpose", lambda x: x.transpose(0, -1), 1),
    ("permute", lambda x: x.permute(*reversed(range(x.dim()))), 1), ("unsqueeze", lambda x: x.unsqueeze(0), 0),
    ("squeeze", torch.squeeze, 0),
    ("expand", lambda x: x.expand(3, *x.shape), 0), ("first", lambda x: x[0], 1), ("strided", lambda x: x[..., ::2], 1),
    ("last", lambda x: x[..., -1], 1), ("listed", lambda x: x[[0, 0]], 1), ("framed", lambda x: x[None, ..., None], 0),
    ("chunk", lambda x: x.chunk(2, -1), 1), ("split", lambda x: x.split(2, 0), 1), ("unbind", lambda x: x.unbind(0), 1),
    ("clone", torch.clone, 0), ("contiguous", lambda x: x.contiguous(), 0), ("flip", lambda x: x.flip(0), 1),
    ("roll", lambda x: x.roll((1, -2), (0, -1)), 1),
    ("roll_flat", lambda x: x.roll(2), 1), ("tril", lambda x: x.tril(1), 2), ("triu", lambda x: x.triu(-1), 2),
    ("repeat", lambda x: x.repeat(2, *[1] * x.dim()), 0),
    ("repeat_interleave", lambda x: x.repeat_interleave(2, 0), 1), ("pad", lambda x: F.pad(x, (1, 2)), 1), ("diagonal", torch.diagonal, 2),
    ("unfold", lambda x: x.unfold(-1, 1, 1), 1), ("index_select", lambda x: x.index_select(0, torch.tensor([0])), 1),
    ("set_cell", in_place(lambda x: x.__setitem__(0, 1)), 1),
    ("gather", lambda x: x.gather(0, torch.zeros_like(x.real, dtype=torch.long)), 1), ("narrow", lambda x: x.narrow(0, 0, 1), 1),
    ("movedim", lambda x: x.movedim(0, -1), 1),
    ("take", lambda x: x.take(torch.tensor([0])), 0), ("rot90", lambda x: x.rot90(1, [0, 1]), 2),
    ("hstack", lambda x: torch.hstack([x, x]), 1),
    ("tile", lambda x: x.tile(2), 1), ("nonzero", torch.nonzero, 1), ("nonzero_tuple", lambda x: x.nonzero(as_tuple=True), 1),
    ("bool", lambda x: x.bool(), 0),
):  # fmt: skip
    unary(_name, _function, EVERY, _least)
unary("by_mask", lambda x: x[x > 0], REAL)
unary("cat", lambda x: torch.cat([x, x + 1, x], -1), NUMBERS, 1)
unary("stack", lambda x: torch.stack([x, x + 1], 0), NUMBERS)
unary("half", lambda x: x.half(), REAL)
unary("double", lambda x: x.double(), REAL)
unary("whole", lambda x: x.int())
unary("masked_fill", lambda x: x.masked_fill(x > 0, -1), SIGNED)
unary("real", lambda x: (x.real, x.imag, torch.view_as_real(x)), (torch.complex64,))
unary("complex", lambda x: torch.complex(x, x + 1), (torch.float32,))


def _set_slice(x: Tensor) -> Tensor:
    y = x.clone()
    y[..., :1] = x[..., -1:]
    return y


unary("set_slice", _set_slice, EVERY, 1)

# No formula: gradients and sums of them.
unary("fft", torch.fft.fft, (torch.float32,), 1)
unary("rfft", torch.fft.rfft, (torch.float32,), 1)
unary("unknown_linear", lambda x: torch.ops.aten.rot90.default(x, 1, [0, 1]), (torch.float32,), 2)
unary("slogdet", lambda x: torch.linalg.slogdet(x.reshape(-1)[:1].reshape(1, 1)), (torch.float32,), 1)


@case
def linear(g: Generator) -> Any:
    dtype, inputs, outputs = choose(g, (*FLOATS, torch.complex64)), int(torch.randint(1, 300, (1,), generator=g)), 4
    weight = random_tensor(g, (outputs, inputs), dtype)
    bias = random_tensor(g, (outputs,), dtype) if chance(g, 0.6) else None
    return (lambda x: F.linear(x, weight, bias)), (random_tensor(g, (*shape_of(g, 0, 3), inputs), dtype),)


@case
def matmul(g: Generator) -> Any:
    dtype, k, i, j = choose(g, (*FLOATS, torch.int64, torch.complex64)), int(torch.randint(1, 200, (1,), generator=g)), 3, 2
    shapes = [
        ((k,), (k,)),
        ((i, k), (k,)),
        ((k,), (k, j)),
        ((i, k), (k, j)),
        ((4, i, k), (k, j)),
        ((2, 1, i, k), (3, k, j)),
        ((2, i, k), (k,)),
    ]
    a, b = choose(g, shapes)
    return torch.matmul, (random_tensor(g, a, dtype), random_tensor(g, b, dtype))


@case
def products(g: Generator) -> Any:
    d = choose(g, FLOATS)

    def calls(x: Tensor, y: Tensor, v: Tensor) -> Any:
        return (
            torch.addmm(v[:3], x[0], y[0], beta=0.5, alpha=2), torch.baddbmm(v[:3], x, y, beta=0), torch.bmm(x, y), torch.mm(x[0], y[0]),
            torch.mv(x[0], v), torch.dot(v, v), torch.outer(v, v), torch.addmv(v[:4], x[0], v), torch.addbmm(v[:3], x, y), x[0] @ y[0],
        )  # fmt: skip

    return calls, (random_tensor(g, (2, 4, 7), d), random_tensor(g, (2, 7, 3), d), random_tensor(g, (7,), d))


@case
def einsum(g: Generator) -> Any:
    dtype = choose(g, FLOATS)
    equation, shapes = choose(g, [
        ("bij,bjk->bik", ((2, 3, 4), (2, 4, 5))), ("i,i", ((5,), (5,))), ("ii->i", ((4, 4),)), ("...i,ij->...j", ((2, 3, 4), (4, 5))),
        ("ij->", ((3, 4),)), ("bhqd,bhkd->bhqk", ((2, 2, 3, 4), (2, 2, 5, 4))), ("ab,bc,cd->ad", ((2, 3), (3, 4), (4, 2))),
    ])  # fmt: skip
    return (lambda *tensors: torch.einsum(equation, *tensors)), tuple(random_tensor(g, shape, dtype) for shape in shapes)


@case
def batch_norm(g: Generator) -> Any:
    dtype, channels = choose(g, (torch.float32, torch.float64, torch.bfloat16)), 3
    weight, bias = (random_tensor(g, (channels,), dtype), random_tensor(g, (channels,), dtype)) if chance(g, 0.5) else (None, None)
    mean, variance = torch.randn(channels, generator=g).to(dtype), torch.rand(channels, generator=g).to(dtype) + 0.1
    training, offset = chance(g, 0.6), float(torch.randn(1, generator=g)) * 10
    x = random_tensor(g, (4, channels, *shape_of(g, 0, 3)), dtype) + offset
    return (lambda x: F.batch_norm(x, mean, variance, weight, bias, training, 0.1)), (x,)


@case
def cross_entropy(g: Generator) -> Any:
    dtype, classes, extra, n = (
        choose(g, (torch.float32, torch.float64, torch.bfloat16)),
        5,
        shape_of(g, 0, 2),
        int(torch.randint(1, 25, (1,), generator=g)),
    )
    single, soft = chance(g, 0.2), chance(g, 0.3)
    shape, labels = ((classes,), ()) if single else ((n, classes, *extra), (n, *extra))
    target = torch.softmax(torch.randn(shape, generator=g), 0).to(dtype) if soft else torch.randint(0, classes, labels, generator=g)
    options = {
        "weight": torch.rand(classes, generator=g).to(dtype) if chance(g, 0.4) else None, "reduction": choose(g, ("mean", "sum", "none")),
        "label_smoothing": choose(g, (0.0, 0.1)), "ignore_index": -100 if soft else choose(g, (-100, 1)),
    }  # fmt: skip
    return (lambda x: F.cross_entropy(x, target, **options)), (random_tensor(g, shape, dtype),)


@case
def mse_loss(g: Generator) -> Any:
    dtype, shape, reduction = choose(g, FLOATS), shape_of(g), choose(g, ("mean", "sum", "none"))
    return (lambda a, b: F.mse_loss(a, b, reduction=reduction)), (random_tensor(g, shape, dtype), random_tensor(g, shape, dtype))


@case
def embedding(g: Generator) -> Any:
    places = torch.randint(0, 7, shape_of(g), generator=g)
    return (lambda i, w: F.embedding(i, w, padding_idx=0)), (places, random_tensor(g, (7, 4), choose(g, FLOATS)))


@case
def addcmul(g: Generator) -> Any:
    d = choose(g, FLOATS)
    sizes = ((2, 4), (4,), (2, 1))
    return (lambda a, b, c: (torch.addcmul(a, b, c, value=0.5), torch.addcdiv(a, b, c))), tuple(random_tensor(g, s, d) for s in sizes)


@case
def constants(g: Generator) -> Any:
    def calls(x: Tensor) -> Any:
        return (
            torch.zeros(2), torch.full((2,), 3.0), torch.randn(3), torch.tensor([[1.0, 2.0]]), torch.eye(2), torch.linspace(0, 1, 5),
            torch.ones_like(x),
            torch.randn_like(x), torch.rand(2), torch.randint(0, 9, (3,)), torch.bernoulli(torch.full((4,), 0.5)), x.new_zeros(3),
            torch.randperm(4),
            x.clone().zero_(), x.clone().normal_(), torch.zeros(3, dtype=torch.bool),
        )  # fmt: skip

    return calls, (torch.ones(2),)


@case
def arange(g: Generator) -> Any:
    def calls(x: Tensor) -> Any:
        return (
            torch.arange(5), torch.arange(2, 9), torch.arange(2, 9, 3), torch.arange(1, x.shape[0] + 1), torch.arange(5.0),
            torch.arange(-1.0, 1.0, 0.3),
            torch.arange(5, 0, -2), torch.arange(start=1, end=4), torch.arange(2, end=6), torch.arange(end=3),
            torch.arange(0, 6, step=2, dtype=torch.float16),
        )  # fmt: skip

    return calls, (torch.ones(3),)


@case
def autocast(g: Generator) -> Any:
    weight = random_tensor(g, (3, 20))

    def calls(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return torch.relu(F.linear(x, weight) @ weight).softmax(-1)

    return calls, (random_tensor(g, (2, 20)),)
