"""Which inputs a layer takes, as the text of an `--input`: `nn.Linear(4, 3)` → `randn:1x4`, `randn:1x8x4`, …"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

_IMAGE_SIZES = (32, 224, 64, 128, 96, 256, 28, 16, 8, 48, 299, 227)
_LENGTHS = (16, 32, 64, 128, 8, 100, 256, 512, 1024, 2048, 4096, 16000)
ONE_BAG = "randint:0..1:1"  # offsets into the words of an EmbeddingBag: one bag, which begins at 0
_WHOLE_NAMES = {
    *("id", "ids", "idx", "index", "indices", "token", "tokens", "word", "words"),
    *("target", "targets", "label", "labels", "y", "lengths"),
}

_STATE_NAMES = {"h", "h0", "hx", "hidden", "c", "c0", "cx", "cell", "state", "states"}


def layer_inputs(layer: nn.Module, model: nn.Module) -> Iterator[str]:
    """The inputs that a layer takes, the likeliest first; none for a layer that takes anything (ReLU, Dropout)."""
    for kind in type(layer).__mro__:
        make = _MAKERS.get(kind.__name__)
        if make is not None and kind.__module__.startswith("torch."):
            yield from make(layer, model)
            return


def loose_inputs(model: nn.Module) -> Iterator[str]:
    """For a model without such layers: by the shapes of its own parameters, then by dimensions."""
    from torch.nn.parameter import is_lazy

    for parameter in model.parameters():
        if not is_lazy(parameter) and 0 < parameter.dim() <= 2:
            for size in reversed(parameter.shape):
                yield from (f"randn:1x{size}", f"randn:{size}", f"randn:1x8x{size}")
    yield from ("randn:1x4", "randn:4", "randn:1x8x4", "randn:1x3x8x8", "randn:1x4x8x8", "randn:4x4", "0.5", "randn:1x3x8x8x8")
    yield from ("randint:0..2:1x8", "randint:0..2:8", "randn:2x4", "randn:1x2", "randn:1x3", "randn:1x1", "randn:1x3x32x32")


def named_inputs(name: str, model: nn.Module) -> Iterator[str]:
    """What an argument's name suggests: a mask, a target, an index, a recurrent layer's state."""
    words = name.lower().split("_")
    if words[0] in _STATE_NAMES:
        yield from _states(model)
    elif words[:2] == ["edge", "index"]:
        yield "randint:0..1:2x8"  # there may be no more than one node
    elif words[-1] in ("offset", "offsets"):
        yield ONE_BAG
    elif "mask" in words:
        yield from ("ones:1x8", "ones:8x8")
    elif words[0] in ("adj", "adjacency"):
        yield from ("ones:8x8", "ones:1x8x8")
    elif words[-1] in ("scale", "alpha", "temperature", "strength"):
        yield "1.0"
    elif any(word in _WHOLE_NAMES for word in words):
        yield from ("randint:0..2:1", "randint:0..2:1x8", "randint:0..2:2", "randint:0..2:2x8")
    elif words[0] in ("t", "time", "timestep", "timesteps", "step"):
        yield from ("randint:0..100:1", "zeros:1")


def _states(model: nn.Module) -> Iterator[str]:
    """The states of the model's recurrent layers, of a batch of 1."""
    from torch import nn

    for part in model.modules():
        if isinstance(part, nn.RNNBase):
            state = f"{part.num_layers * (1 + part.bidirectional)}x1x{part.proj_size or part.hidden_size}"
            yield from (f"randn:{state}", f"randn:2x{state}")  # two: an LSTM's, for a forward that takes them apart
        elif isinstance(part, nn.RNNCellBase):
            yield f"randn:1x{part.hidden_size}"


def _linear(layer: Any, model: nn.Module) -> Iterator[str]:
    size = layer.in_features or 8  # a lazy layer takes any
    yield from (f"randn:1x{size}", f"randn:1x8x{size}", f"randn:{size}", f"randn:2x{size}", f"randn:2x8x{size}")
    for channels in (1, 3):
        side = math.isqrt(size // channels)
        if side > 1 and side * side * channels == size:
            yield from (f"randn:1x{channels}x{side}x{side}", f"randn:1x{side}x{side}", f"randn:2x{channels}x{side}x{side}")
    yield from (f"randn:8x{size}", f"randn:1x4x4x{size}")
    others = [part.in_features for part in model.modules() if hasattr(part, "in_features")]
    for length in list(dict.fromkeys(others))[:6]:  # a Linear over the other dimension
        yield f"randn:1x{length}x{size}"


def _bilinear(layer: Any, model: nn.Module) -> Iterator[str]:
    yield from (f"randn:1x{layer.in1_features}", f"randn:1x{layer.in2_features}")


def _convolution(dimensions: int, first: tuple[int, ...] = ()) -> Any:
    def make(layer: Any, model: nn.Module) -> Iterator[str]:
        channels = layer.in_channels or 3
        for place, side in enumerate([*first, *_spatial_sizes(dimensions, channels, model)]):
            for batch in ("1", "2", "1x4") if place < 2 else ("1", "2"):  # 1x4: four pictures in a row, as in a video
                yield f"randn:{batch}x{channels}" + f"x{side}" * dimensions

    return make


def _spatial_sizes(dimensions: int, channels: int, model: nn.Module) -> list[int]:
    if dimensions == 1:
        likely: tuple[int, ...] = _LENGTHS
        rest = range(1, 513)
    elif dimensions == 3:
        likely, rest = (16, 8, 32, 64), range(1, 65)
    else:
        likely = (28, *_IMAGE_SIZES) if channels == 1 else _IMAGE_SIZES
        rest = range(1, 257)
    return list(dict.fromkeys([*_told_sizes(model), *likely, *rest]))


def _told_sizes(model: nn.Module) -> list[int]:
    """The picture size that a vision model or its configuration holds under a usual name."""
    holders = (model, getattr(model, "config", None))
    sizes = [getattr(holder, name, None) for holder in holders for name in ("image_size", "img_size", "input_size")]
    return [size for size in sizes if isinstance(size, int) and 0 < size <= 1024]


def _norm(shapes: tuple[str, ...]) -> Any:
    def make(layer: Any, model: nn.Module) -> Iterator[str]:
        channels = getattr(layer, "num_features", None) or getattr(layer, "num_channels", None) or 3
        yield from (f"randn:{shape.replace('C', str(channels))}" for shape in shapes)

    return make


def _layer_norm(layer: Any, model: nn.Module) -> Iterator[str]:
    shape = "x".join(str(size) for size in layer.normalized_shape)
    yield from (f"randn:1x{shape}", f"randn:1x8x{shape}", f"randn:{shape}")


def _embedding(layer: Any, model: nn.Module) -> Iterator[str]:
    from torch import nn

    tables = [part.num_embeddings for part in model.modules() if isinstance(part, (nn.Embedding, nn.EmbeddingBag))]
    length = min(8, *tables, layer.num_embeddings)  # positions are embedded too: no more of them than the smallest table has
    for shape in (f"1x{length}", f"{length}", "1", f"2x{length}", f"{length}x1", "1x16", "1x32", "1x64", "1x128", "1x4", "1x2", "1x1"):
        yield f"randint:0..{layer.num_embeddings}:{shape}"


def _recurrent(layer: Any, model: nn.Module) -> Iterator[str]:
    size = layer.input_size
    batched = (f"randn:1x8x{size}", f"randn:8x1x{size}")
    yield from batched if layer.batch_first else reversed(batched)
    yield f"randn:8x{size}"


def _cell(layer: Any, model: nn.Module) -> Iterator[str]:
    size = layer.input_size
    yield from (f"randn:1x{size}", f"randn:{size}", f"randn:1x8x{size}", f"randn:8x1x{size}")


def _attention(layer: Any, model: nn.Module) -> Iterator[str]:
    for size in dict.fromkeys((layer.embed_dim, layer.kdim, layer.vdim)):
        batched = (f"randn:1x8x{size}", f"randn:8x1x{size}")
        yield from batched if layer.batch_first else reversed(batched)
        yield f"randn:8x{size}"


def _prelu(layer: Any, model: nn.Module) -> Iterator[str]:
    yield from (f"randn:1x{layer.num_parameters}", f"randn:1x{layer.num_parameters}x8x8")


_MAKERS = {
    "Linear": _linear,
    "LazyLinear": _linear,
    "Bilinear": _bilinear,
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Conv3d": _convolution(3),
    "ConvTranspose1d": _convolution(1, (1, 4)),
    "ConvTranspose2d": _convolution(2, (1, 4)),
    "ConvTranspose3d": _convolution(3, (1, 4)),
    "BatchNorm1d": _norm(("1xC", "2xC", "1xCx8", "2xCx8")),
    "BatchNorm2d": _norm(("1xCx8x8", "2xCx8x8")),
    "BatchNorm3d": _norm(("1xCx8x8x8", "2xCx8x8x8")),
    "InstanceNorm1d": _norm(("1xCx8",)),
    "InstanceNorm2d": _norm(("1xCx8x8",)),
    "InstanceNorm3d": _norm(("1xCx8x8x8",)),
    "GroupNorm": _norm(("1xCx8x8", "1xCx8", "1xC")),
    "LayerNorm": _layer_norm,
    "RMSNorm": _layer_norm,
    "Embedding": _embedding,
    "EmbeddingBag": _embedding,
    "RNNBase": _recurrent,
    "RNNCellBase": _cell,
    "MultiheadAttention": _attention,
    "PReLU": _prelu,
}


def all_inputs(layers: list[nn.Module], name: str, model: nn.Module) -> list[str]:
    """Every candidate for one argument: by its layers in order, turn by turn, then by its name, then by nothing but dimensions."""
    by_layer = [list(layer_inputs(layer, model)) for layer in layers]
    first = by_layer[0] if by_layer else []
    heads = [candidates[:5] for candidates in by_layer[1:]]
    tails = [candidates[5:] for candidates in by_layer[1:]]
    hinted = list(named_inputs(name, model))
    indices = bool(hinted) and hinted[0].startswith("randint")
    # An Embedding knows better how large an index may be.
    table_first = indices and hinted[0] != ONE_BAG and bool(first) and first[0].startswith("randint")
    likely = (first[:24], hinted) if table_first else (hinted, first[:24])
    return list(dict.fromkeys(chain(*likely, *heads, first[24:], *tails, loose_inputs(model))))
