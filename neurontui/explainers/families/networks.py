"""What a recurrent layer's call says of itself: arguments by name, places of samples and timesteps, outputs of the layers below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.capture import call_again
from neurontui.explainers.calls import Call, to_numpy
from neurontui.explainers.families.gates import NAMES
from neurontui.explainers.terms import Array

if TYPE_CHECKING:
    import torch

Place = tuple[int, ...]


class Network:
    """One recorded call's arguments by name, and what its layers gave, recomputed where the kernel did not give it out."""

    def __init__(self, call: Call, kind: str) -> None:
        self.call, self.kind, self.gates = call, kind, len(NAMES[kind])
        args = call.data(list(call.step.args))
        self.packed = isinstance(args[3], (list, tuple))
        names = [
            "input",
            *(["batch_sizes"] if self.packed else []),
            "hx",
            "params",
            "has_biases",
            "num_layers",
            "dropout",
            "train",
            "bidirectional",
        ]
        self.names = [*names, *([] if self.packed else ["batch_first"])]
        given = dict(zip(self.names, args, strict=True))
        self.input, self.hx, self.params = given["input"], given["hx"], given["params"]
        self.biased, self.layers, self.train = given["has_biases"], given["num_layers"], given["train"]
        self.dropout, self.batch_first = given["dropout"], given.get("batch_first", False)
        self.directions = 2 if given["bidirectional"] else 1
        self.sizes: list[int] | None = given["batch_sizes"].tolist() if self.packed else None
        _name_values(call, self.names)
        self.state = self.hx[0] if kind == "lstm" else self.hx
        self.features = self.state.shape[-1]  # of the hidden state: proj_size where there is one
        self.each = len(self.params) // (self.layers * self.directions)  # tensors a layer and direction
        self.hidden = self.params[0].shape[0] // self.gates
        self.projected = self.each == (5 if self.biased else 3)
        self.top = self.layers - 1
        self._runs: dict[tuple[int, bool], torch.Tensor] = {}

    def locate(self) -> tuple[int, int, int, int, int]:
        """(layer, direction, sample, timestep, unit) of the element that is asked for."""
        at = self.call.at
        if self.call.output:
            layer, direction = divmod(at[0], self.directions)
            last = len(self.rows(at[1])) - 1
            return layer, direction, at[1], last if direction == 0 else 0, at[2]
        direction, unit = divmod(at[-1], self.features)
        if self.sizes is not None:
            ends = np.cumsum(self.sizes)
            t = int(np.searchsorted(ends, at[0], side="right"))
            return self.top, direction, at[0] - (int(ends[t - 1]) if t else 0), t, unit
        sample, t = at[:2] if self.batch_first else (at[1], at[0])
        return self.top, direction, sample, t, unit

    def rows(self, sample: int) -> list[Place]:
        """The index of each timestep of one sample, in input and output."""
        if self.sizes is not None:
            starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
            return [(int(start) + sample,) for start, size in zip(starts, self.sizes, strict=True) if sample < size]
        steps = self.input.shape[1 if self.batch_first else 0]
        return [(sample, t) if self.batch_first else (t, sample) for t in range(steps)]

    def parameter(self, layer: int, direction: int, which: int) -> str:
        """The argument that holds w_ih (0), w_hh (1), b_ih (2), b_hh (3) or the projection (−1)."""
        first = (layer * self.directions + direction) * self.each
        return f"params[{first + (which if which >= 0 else self.each - 1)}]"

    def outputs(self, layer: int, dropped: bool = False) -> torch.Tensor:
        """All timesteps of a layer: recorded for the last one, else by running the layers up to it alone."""
        if layer == self.top:
            return self.call.result if self.call.output == 0 else self._recorded
        key = (layer + 1, dropped)
        if key not in self._runs:
            self._runs[key] = self._run(*key)
        return self._runs[key]

    @cached_property
    def _recorded(self) -> torch.Tensor:
        return self.call.tensor(self.call.step.output[0])

    def _run(self, layers: int, dropped: bool) -> torch.Tensor:
        """The first `layers` layers; `dropped` draws the dropout that follows them too."""
        from torch.nn.functional import dropout

        call, keep = self.call, layers * self.directions
        args = call.data(list(call.step.args))
        hx = tuple(h[:keep] for h in self.hx) if self.kind == "lstm" else self.hx[:keep]
        for name, value in (("hx", hx), ("params", list(self.params[: keep * self.each])), ("num_layers", layers)):
            args[self.names.index(name)] = value

        def run(*given: Any) -> torch.Tensor:
            out: torch.Tensor = call.step.target(*given)[0]
            if not (dropped and self.dropout and self.train):
                return out
            if not self.batch_first:
                return dropout(out, self.dropout, True)
            return dropout(out.transpose(0, 1), self.dropout, True).transpose(0, 1)  # step by step, as the kernel throws its coins

        out: torch.Tensor = call_again(call.trace, replace(call.step, target=run), tuple(args), {})
        return out


def select(tensor: torch.Tensor, rows: Sequence[Place]) -> Array:
    """The given rows of a sequence, (steps, features)."""
    import torch

    places = torch.tensor(rows, device=tensor.device).reshape(len(rows), -1)
    numbers: Array = to_numpy(tensor[tuple(places.T)])
    return numbers


def _name_values(call: Call, names: Sequence[str]) -> None:
    """Make the arguments readable by their documented names."""
    call.name_values(_leaves(dict(zip(names, call.step.args, strict=True))))


def _leaves(named: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in named.items():
        if isinstance(item, (list, tuple)):
            found.update({f"{name}[{i}]": part for i, part in enumerate(item)})
        else:
            found[name] = item
    return found
