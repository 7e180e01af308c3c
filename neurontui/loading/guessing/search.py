"""`work_out`: try the likeliest inputs first, learn from each failure which argument goes to which layer, and try again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurontui.loading.calls import are_leading, forward_parameters, inner_model, missing_names
from neurontui.loading.guessing.candidates import ONE_BAG, all_inputs, layer_inputs
from neurontui.loading.guessing.trials import attempt, copy_with_data, copy_without_data, looks_at_numbers, to_meta, undisturbed
from neurontui.loading.inputs import read_inputs

if TYPE_CHECKING:
    from torch import nn

SECONDS = 8.0  # a person is waiting
LIKELY = 8  # how far from the first entries combinations are tried before the same entry for all


@dataclass(frozen=True, slots=True)
class Guess:
    """The text of an `--input` for each argument, whether they can be given in order, and what they were worked out from.

    Where nothing made the model run, `runs` is false and these are the inputs with which it came furthest.
    """

    specs: dict[str, str]
    positional: bool
    reason: str
    runs: bool = True


def work_out(model: nn.Module, given: Mapping[str, Any], training: bool | None) -> Guess | None:
    """Inputs with which `model` runs, or with which it comes furthest; None where nothing tells. Model and random states are left alone.

    Args:
        given: the arguments that are there already, by name.
    """
    model = inner_model(model)
    with undisturbed(model):
        trial = copy_without_data(model, training)
        if trial is None:
            return None
        names = missing_names(model, given)
        if not names and attempt(trial, (), to_meta(dict(given)), "meta") is None:
            return Guess({}, True, "")
        names = names or _main_name(model, given)
        search = _Search(model, names, given, training)
        specs = search.find() if names else None
    if specs is not None:
        return Guess(specs, are_leading(model, names), search.reason)
    if search.furthest and search.layers:
        return Guess(dict(zip(names, search.furthest, strict=True)), are_leading(model, names), search.reason, runs=False)
    return None


def _main_name(model: nn.Module, given: Mapping[str, Any]) -> list[str]:
    """For a forward all of whose arguments have defaults: what transformers names, else the first."""
    names = [parameter.name for parameter in forward_parameters(model) if parameter.name not in given]
    main = getattr(model, "main_input_name", None)
    if main not in names:
        return names[:1]
    paired = getattr(getattr(model, "config", None), "is_encoder_decoder", False) and "decoder_input_ids" in names
    return [main, "decoder_input_ids"] if paired else [main]


class _Search:
    """One search: what is known by now about which argument goes first into which layer."""

    def __init__(self, model: nn.Module, names: list[str], given: Mapping[str, Any], training: bool | None) -> None:
        self.model, self.names, self.given, self.training = model, names, given, training
        self.layers = _telling_layers(model)
        self.taken: dict[str, str] = {}  # argument → name of the layer that takes it as it is
        self.hesitated = False  # a trial failed only because there were no numbers to look at
        self.called = 0  # how many modules the trial under way has called
        self.reached = 0  # the most that any trial called …
        self.furthest: tuple[str, ...] = ()  # … and its inputs
        self.deadline = time.monotonic() + SECONDS

    @property
    def reason(self) -> str:
        """The layers that the inputs were worked out from, for the note."""
        names = list(dict.fromkeys(self.taken.values())) or list(self.layers)[:1]
        said = [f"{name} ({type(self.layers[name]).__name__})" if name else type(self.layers[name]).__name__ for name in names]
        return " and ".join(said) or "trying sizes"

    def find(self) -> dict[str, str] | None:
        """The first inputs that run: on the copy without data, else, where the model looks at numbers, on a real copy."""
        found = self._find_on("meta")
        if found is None and self.hesitated:
            self.deadline = time.monotonic() + SECONDS
            found = self._find_on("cpu")
        elif found is None and self.furthest:  # where torch lacks no more than an operation's rule for shapes
            named = self._name(self.furthest)
            found = named if self._try(tuple(named.values()), "cpu") else None
        return found

    def _find_on(self, device: str) -> dict[str, str] | None:
        tried: set[tuple[str, ...]] = set()
        while True:
            known = dict(self.taken)
            for specs in _by_rank([self._candidates(name) for name in self.names]):
                if time.monotonic() > self.deadline:
                    return None
                if specs in tried:
                    continue
                tried.add(specs)
                if self._try(specs, device):
                    return self._name(specs)
                if self.taken != known:
                    break  # something was learned: the likeliest are others now
            else:
                return None

    def _name(self, specs: tuple[str, ...]) -> dict[str, str]:
        return {name: self._within_rows(name, spec) for name, spec in zip(self.names, specs, strict=True)}

    def _within_rows(self, name: str, spec: str) -> str:
        """Indices of the rows that the embedding has which takes them: without data, no trial can tell."""
        if spec == ONE_BAG:
            return spec
        rows = getattr(self.layers.get(self.taken.get(name, "")), "num_embeddings", None)
        return re.sub(r"^randint:0\.\.\d+:", f"randint:0..{rows}:", spec) if rows is not None else spec

    def _candidates(self, name: str) -> list[str]:
        taken = self.taken.get(name)
        first = [self.layers[taken]] if taken is not None else []
        others = [layer for layer in self.layers.values() if not any(layer is known for known in first)]
        return all_inputs([*first, *others[:12]], name, self.model)

    def _try(self, specs: tuple[str, ...], device: str) -> bool:
        copy = copy_without_data if device == "meta" else copy_with_data
        trial = copy(self.model, self.training)
        if trial is None:
            return False
        values = [_as_model(item.value, self.model) for item in read_inputs(specs)]
        named, given = dict(zip(self.names, values, strict=True)), dict(self.given)
        if device == "meta":
            named, given = to_meta(named), to_meta(given)
        self._watch(trial, named)
        if are_leading(self.model, self.names):
            error = attempt(trial, tuple(named.values()), given, device)
        else:
            error = attempt(trial, (), {**given, **named}, device)
        self.hesitated |= error is not None and looks_at_numbers(error)
        if self.called > self.reached:
            self.reached, self.furthest = self.called, specs
        return error is None

    def _watch(self, trial: nn.Module, values: dict[str, Any]) -> None:
        """Note which layer is the first to take an argument as it is, and how many modules are called."""
        self.called = 0

        def count(module: nn.Module, args: tuple[Any, ...]) -> None:
            self.called += 1

        def note(layer_name: str) -> Any:
            def hook(module: nn.Module, args: tuple[Any, ...]) -> None:
                for name, value in values.items():
                    if any(argument is value for argument in args):
                        self.taken.setdefault(name, layer_name)

            return hook

        parts = dict(trial.named_modules())
        for part in parts.values():
            if not _is_scripted(part):
                part.register_forward_pre_hook(count)
        for layer_name in self.layers:
            if layer_name in parts:
                parts[layer_name].register_forward_pre_hook(note(layer_name))


def _telling_layers(model: nn.Module) -> dict[str, nn.Module]:
    """The layers, in the order in which they were made, that say what they take; none inside another."""
    found: dict[str, nn.Module] = {}
    for name, module in model.named_modules():
        inside = any(name.startswith(f"{outer}.") or outer == "" for outer in found)
        if not inside and not _is_scripted(module) and next(layer_inputs(module, model), None) is not None:
            found[name] = module
    return found


def _is_scripted(module: nn.Module) -> bool:
    """Whether it takes no hooks."""
    import torch

    return isinstance(module, torch.jit.ScriptModule)


def _as_model(value: Any, model: nn.Module) -> Any:
    """A made-up floating-point tensor in the dtype of the model's parameters."""
    dtype = next((tensor.dtype for tensor in model.parameters() if tensor.is_floating_point() or tensor.is_complex()), None)
    return value.to(dtype) if dtype is not None and value.is_floating_point() else value


def _by_rank(lists: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """One entry of each list: combinations of the first entries, then the same place in all (two pictures of one size), then the rest."""
    most = sum(len(entries) - 1 for entries in lists)
    for total in range(min(most, LIKELY) + 1):
        yield from _with_total(lists, total)
    if len(lists) > 1:
        yield from zip(*lists, strict=False)
    for total in range(LIKELY + 1, most + 1):
        yield from _with_total(lists, total)


def _with_total(lists: list[list[str]], total: int) -> Iterator[tuple[str, ...]]:
    if not lists:
        if total == 0:
            yield ()
        return
    first, *rest = lists
    for rank in range(min(total, len(first) - 1) + 1):
        for others in _with_total(rest, total - rank):
            yield (first[rank], *others)
