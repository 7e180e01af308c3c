"""What a trial without data lets pass and the real call does not: rows picked by floating-point numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_INDICES: dict[Any, tuple[int, str]] = {  # where a function takes the numbers of rows, by place and by name
    torch.nn.functional.embedding: (0, "input"),
    torch.embedding: (1, "indices"),
    torch.index_select: (2, "index"),
    torch.Tensor.index_select: (2, "index"),
}


class RowsByWholeNumbers(TorchFunctionMode):
    """Refuses what the meta kernels do not look at: index_select's never do, embedding's not in every torch."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        place, name = _INDICES.get(func, (len(args), ""))
        index = args[place] if place < len(args) else named.get(name)
        if isinstance(index, torch.Tensor) and (index.is_floating_point() or index.is_complex()):
            raise TypeError(f"rows are picked by whole numbers, not by {index.dtype}")
        return func(*args, **named)
