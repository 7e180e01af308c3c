"""Each `--input` as a tensor: a literal, a made-up tensor (`randn:1x3`), or a file. Nothing in it is ever run."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError, nearest
from neurontui.loading.files import ENDINGS, read_file
from neurontui.loading.limits import check_size
from neurontui.loading.literals import FORMS, make_tensor, read_literal

if TYPE_CHECKING:
    import torch

MAKERS = ("randn", "zeros", "ones", "arange", "randint")


@dataclass(frozen=True, slots=True)
class Given:
    """One input as it was given. `untyped` says that its numbers were written without a dtype: the model's may be taken."""

    text: str
    value: Any
    name: str | None = None  # of a keyword argument
    untyped: bool = False


def read_inputs(texts: tuple[str, ...], seed: int | None = None) -> list[Given]:
    """All `--input` options in order. A file of several named tensors gives one keyword input for each.

    Args:
        seed: of the made-up numbers, which come from a generator of their own.

    Raises:
        InputError: one of them is malformed, ragged, no number, or too large.
    """
    import torch

    generator = torch.Generator().manual_seed(0 if seed is None else seed)
    return [given for text in texts for given in _read_input(text, generator)]


def _read_input(text: str, generator: torch.Generator) -> list[Given]:
    named = re.match(r"([A-Za-z_]\w*)=(?!=)", text)
    name, body = (named[1], text[named.end() :]) if named else (None, text)
    body = body.strip()
    maker, colon, rest = body.partition(":")
    if colon and maker in MAKERS:
        return [Given(text, _make(maker, rest, body, generator), name, untyped=maker != "randint")]
    if Path(body.rpartition("::")[0] or body).suffix.lower() in ENDINGS:
        return _from_file(text, body, name)
    if colon and re.fullmatch(r"[A-Za-z_]+", maker) and not os.path.exists(body):
        raise InputError(f"the input {text!r} has no known form, which are {FORMS}{nearest(maker, MAKERS)}")
    if os.path.exists(body):
        raise InputError(f"{body} is {'a folder' if os.path.isdir(body) else 'no input file'}; an input file ends in {' '.join(ENDINGS)}")
    value = read_literal(body, text)
    if name and not isinstance(value, list):
        return [Given(text, value, name)]  # scale=2 is the number itself, as in model(x, scale=2)
    return [Given(text, make_tensor(value, text), name, untyped=True)]


def _from_file(text: str, body: str, name: str | None) -> list[Given]:
    value = read_file(body)
    untyped = Path(body.rpartition("::")[0] or body).suffix.lower() in (".csv", ".json", ".png", ".jpg", ".jpeg")
    if isinstance(value, dict):
        if name:
            raise InputError(f"{body} holds several tensors ({', '.join(value)}); give one as {name}={body}::{next(iter(value))}")
        return [Given(text, tensor, key, untyped) for key, tensor in value.items()]
    return [Given(text, value, name, untyped)]


def _make(maker: str, rest: str, body: str, generator: torch.Generator) -> torch.Tensor:
    import torch

    low, high = 0, 10
    if maker == "randint":
        bounds, colon, rest = rest.partition(":")
        limits = re.fullmatch(r"(-?\d{1,18})\.\.(-?\d{1,18})", bounds)
        if not limits or not colon or int(limits[1]) >= int(limits[2]):
            raise InputError(f"the input {body!r} is not of the form randint:LOW..HIGH:SHAPE with LOW below HIGH, as randint:0..100:1x16")
        low, high = int(limits[1]), int(limits[2])
    shape = read_shape(rest, body)
    whole = maker in ("randint", "arange")
    check_size(math.prod(shape) * (8 if whole else torch.get_default_dtype().itemsize), f"the input {body}")
    if maker == "randint":
        return torch.randint(low, high, shape, generator=generator, device="cpu")
    if maker == "arange":
        return torch.arange(math.prod(shape), device="cpu").reshape(shape)
    if maker == "randn":
        return torch.randn(shape, generator=generator, device="cpu")
    return torch.zeros(shape, device="cpu") if maker == "zeros" else torch.ones(shape, device="cpu")


def read_shape(text: str, whole: str) -> tuple[int, ...]:
    """`"1x3x32x32"` → `(1, 3, 32, 32)`.

    Raises:
        InputError: it is no shape.
    """
    if not re.fullmatch(r"\d{1,18}(x\d{1,18})*", text) or text.count("x") > 63:
        raise InputError(f"the input {whole!r} has no shape as 1x3x32x32 after its colon, but {text!r}")
    return tuple(int(size) for size in text.split("x"))
