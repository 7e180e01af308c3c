"""Tensors whose elements can be read one by one: what is sparse, quantized or opaque is written out, what has no numbers is refused."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from neurontui.errors import UnreadableError
from neurontui.text import format_dtype

if TYPE_CHECKING:
    import torch


def make_readable(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers as a dense tensor with one at every index; the very same tensor where it is one.

    Raises:
        UnreadableError: it holds none (on the meta device), or torch gives none of them out (nested, four bits, a class of its own).
    """
    import torch

    if tensor.is_meta:
        raise UnreadableError("this tensor holds no numbers: it is on the device 'meta', where tensors are shapes only.")
    if tensor.is_nested:
        raise UnreadableError("this tensor holds no numbers in rows and columns: it is nested, and its parts have shapes of their own.")
    try:
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        if tensor.layout is not torch.strided:
            tensor = tensor.to_dense()
        if tensor.numel() and not (tensor.dtype in _common_types() and type(tensor) in (torch.Tensor, torch.nn.Parameter)):
            tensor[(slice(None),) * tensor.dim()].reshape(-1)[:1].tolist()
    except Exception as error:  # a class of the user's own may raise anything
        kind = format_dtype(tensor.dtype) if type(tensor) is torch.Tensor else type(tensor).__name__
        raise UnreadableError(f"this tensor holds no numbers that torch can give one by one: it is a tensor of {kind}.") from error
    return tensor


@cache
def _common_types() -> frozenset[torch.dtype]:
    """Types of which torch gives every element."""
    import torch

    return frozenset(
        {
            torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex128, torch.complex64,
            torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
        }
    )  # fmt: skip
