"""What a recorded forward pass is made of: `Run`, `Edit`, `Value`, `Record`, `Step`, `Trace`. All frozen; none imports torch at run time.

A `Trace` is a call tree in execution order: one flat pre-order tuple of steps, each with its parent's index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from neurontui.errors import StaleValueError, StepError, nearest
from neurontui.sources import SourceLine as SourceLine

if TYPE_CHECKING:
    import torch

Kind = Literal["module", "function", "kernel"]
Role = Literal["input", "parameter", "buffer", "attribute", "step", "outside"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One tensor as it was at one moment. `role` says what it was when it was first seen.

    A `step` value was made by a recorded call: `producer` is (step index, output number).
    `store`, `offset`, `strides`, `since` and `time` say which bytes of which memory it covered, how many writes to that memory
    had been recorded when it was made, and how many when it was taken; `neurontui.origins` reads them to find who wrote an element.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device
    role: Role
    name: str | None = None
    data: Any = field(default=None, repr=False)  # a tensor, or a function of no arguments that loads one
    producer: tuple[int, int] | None = None
    store: int | None = None
    offset: int = 0
    strides: tuple[int, ...] = ()
    time: int = 0
    version: int | None = None  # set where `data` is the user's own parameter, kept by reference
    same_as: Value | None = None  # the value this call merely handed on (an eval dropout returns its own input)
    since: int = 0
    aliases: tuple[str, ...] = ()  # further names of a tied parameter
    requires_grad: bool = False  # some kernels differ by it

    def tensor(self) -> torch.Tensor:
        """The data as it was at that moment, detached. It is the record's own memory: clone it before writing to it.

        Raises:
            StaleValueError: it is a parameter that was kept by reference and has been written since, or the data could not be kept.
        """
        data = self.data
        if data is None:
            raise StaleValueError(
                f"the data of {self.name or 'this tensor'} could not be copied while recording, so only its shape is known."
            )
        if self.version is not None and data._version != self.version:
            raise StaleValueError(
                f"{self.name or 'a parameter'} was changed after it was recorded; record again, or record with copy_parameters=True."
            )
        tensor: torch.Tensor = (data() if callable(data) else data).detach()
        return tensor

    def numbers(self) -> torch.Tensor:
        """The data with a number at every index, to be looked at: a sparse or quantized tensor is written out.

        Raises:
            StaleValueError: as `tensor`; or it holds no numbers, as on the meta device.
        """
        from neurontui.readable import make_readable

        return make_readable(self.tensor())


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """An object with tensors in its attributes, as it was when it was recorded: a batch, a cache, a config."""

    type_name: str
    fields: Mapping[str, Any]
    made_by: type | None = field(default=None, repr=False)  # its class, to make one again; None in a loaded trace


class Items(dict[Any, Any]):
    """What a mapping of another class than dict held when it was recorded."""

    made_by: type | None = None  # that class


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """One number that is set before or during a run: `target` is a parameter or buffer name, an input, or a step name."""

    target: str
    at: tuple[int, ...]
    number: Any


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What is to be recorded: a model, its inputs, and how. `None` means: exactly as the model is."""

    model: Any
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    training: bool | None = None
    grad: bool | None = None
    restore: bool = False
    copy_parameters: bool = False
    edits: tuple[Edit, ...] = ()
    reference: str = ""  # how the user named the model: "demos/neuron.py", "demo simple_ann"
    title: str = ""  # short name for a head line
    notes: tuple[str, ...] = ()  # what was chosen for the user, and how to choose otherwise
    input_names: tuple[str, ...] = ()  # names of args: forward's own ("x")
    file_seed: int | None = None  # what the model's own file last gave torch.manual_seed, to be shown: it is not set again


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One recorded call. `path` is the module's dotted path ("." for the model itself); functions carry their module's."""

    index: int
    parent: int | None
    kind: Kind
    op: str
    path: str
    call: int
    name: str  # what can be typed: "fc1", "layers.0#2", "fc1/linear", "./relu", "fc1/linear#2"
    args: tuple[Any, ...]  # in their own structure, a Value for each tensor
    kwargs: Mapping[str, Any]
    params: Mapping[str, Value]  # a module's own parameters and buffers *before* the call, by local name
    output: Any  # what the call returned, in its structure, a Value for each tensor
    writes: Mapping[str, Value]  # what the call wrote in place, by argument (or local buffer) name, after the call
    training: bool | None
    grad: bool
    autocast: str | None
    duration: float | None  # seconds
    random_state: Any  # the generator's state before a call that drew numbers
    error: BaseException | None
    end: int  # one past the last descendant: steps[index + 1 : end] is the subtree
    frame: Any = None  # (code object, instruction offset) of the user's line, or the SourceLine itself
    target: Any = None  # the function or the module that was called; None in a loaded trace
    aliases: tuple[str, ...] = ()  # further paths of a module that the model holds more than once
    note: str = ""  # why this call cannot be opened ("a scripted body"), or under what it ran ("vmap")

    @property
    def label(self) -> str:
        """The operation's short name: "linear", "Linear", "getitem"."""
        return short_name(self.op)

    @property
    def inputs(self) -> dict[str, Any]:
        """Arguments by name, defaults left out, in the order of the signature."""
        from neurontui.signatures import bind

        return bind(self)

    @property
    def source(self) -> SourceLine | None:
        """The line of the user's code that made this call."""
        from neurontui.sources import resolve

        return resolve(self.frame)


@dataclass(frozen=True, eq=False)
class Trace:
    """One recorded forward pass; it never changes."""

    steps: Sequence[Step] = field(repr=False)  # a tuple; for a loaded trace a sequence that reads each step when it is asked for
    output: Any  # what model(x) returned
    error: BaseException | None
    run: Run | None = field(repr=False)  # None for a loaded trace
    notes: tuple[str, ...] = ()  # what recording changed or chose, one sentence each
    outer: tuple[Trace, int] | None = field(default=None, repr=False)  # for an opened call: the trace and the step that it came from
    memory: Any = field(default=None, repr=False)  # the log of writes that `origins` reads: by Value.store, oldest first

    def step(self, name: str | int) -> Step:
        """The step called `name` ("fc1", "fc1/linear", "layers.0#2", "%2") or with that index; the end of a name is enough where
        only one has it ("relu" for "./relu", "attn" for "layers.0.attn"), and for the model itself its class.

        Raises:
            StepError: the trace has no such step; the sentence names the nearest.
        """
        if isinstance(name, int) or (name.startswith("%") and name[1:].lstrip("-").isdigit()):
            return self._step_at(name if isinstance(name, int) else int(name[1:]))
        found = self.find(name) or self.guess(name)
        if found is None:
            raise StepError(f"the trace has no step {name!r}{self._suggest(name)}")
        return found

    def find(self, name: str) -> Step | None:
        """The step called `name`, or None."""
        index = self._indices.get(name)
        if index is None:
            index = self._indices.get(name.removesuffix("#1").replace("#1/", "/"))
        if index is None:
            index = self._inside(name)
        return None if index is None else self.steps[index]

    def guess(self, name: str) -> Step | None:
        """The step whose name ends in `name`, where only one does (of several calls of it the first); or the model, by its class."""
        meant = self._ending_in(name)
        if self.steps and self.steps[0].kind == "module" and short_name(self.steps[0].op) == name:
            meant.setdefault(0, name)
        return self.steps[next(iter(meant))] if len(meant) == 1 else None

    def _repr_html_(self) -> str:
        """What a notebook cell shows: a static page. The session above is looked up only when it is asked for."""
        page: str = import_module("neurontui.session").frame_page(self)
        return page

    @cached_property
    def _indices(self) -> dict[str, int]:
        names: dict[str, int] = {}
        for step in self.steps:
            for alias in step.aliases:
                names.setdefault(alias if step.call == 1 else f"{alias}#{step.call}", step.index)
        names.update((step.name, step.index) for step in reversed(self.steps))
        return names

    def _ending_in(self, name: str) -> dict[int, str]:
        """The steps, by index, one of whose names ends in `name`."""
        ends = (f"/{name}", f".{name}")
        return {index: known for known, index in self._indices.items() if known.endswith(ends)}

    def _suggest(self, name: str) -> str:
        """What is meant perhaps, as the end of a sentence."""
        ending = sorted(self._ending_in(name).items())
        if ending:
            return f"; say which one: {', '.join(known for _, known in ending[:3])}{', …' * (len(ending) > 3)}"
        return nearest(name, self._indices) or f"; its steps are %0 to %{len(self.steps) - 1}."

    def _step_at(self, index: int) -> Step:
        if not -len(self.steps) <= index < len(self.steps):
            raise StepError(f"the trace has no step %{index}; its steps are %0 to %{len(self.steps) - 1}.")
        return self.steps[index]

    def _inside(self, name: str) -> int | None:
        """`layers.0#2/linear`: the first `linear` inside the second call of `layers.0`."""
        path, _, rest = name.rpartition("/")
        outer = self._indices.get(path)
        if outer is None or "#" not in path:
            return None
        word, _, count = rest.partition("#")
        found = [step.index for step in self.steps[outer + 1 : self.steps[outer].end] if step.kind != "module" and step.label == word]
        place = int(count) - 1 if count.isdigit() else 0
        return found[place] if 0 <= place < len(found) else None


def short_name(op: str) -> str:
    """ "torch.nn.functional.linear" -> "linear", "torch.Tensor.__getitem__" -> "getitem", "torch.Tensor.T.__get__" -> "T"."""
    parts = op.split(".")
    if parts[-1] in ("__get__", "__set__") and len(parts) > 1:
        return parts[-2]
    if parts[0] in ("aten", "prims") and len(parts) == 3:
        return parts[1]
    last = parts[-1]
    return last[2:-2] if last.startswith("__") and last.endswith("__") and len(last) > 4 else last


def split_target(target: str, name: str) -> int | None:
    """Which output of the step called `name` is meant: "lstm" is its first one, "lstm:1" the second; None where it is another step."""
    if target == name:
        return 0
    base, _, place = target.rpartition(":")
    return int(place) if base == name and place.isdigit() else None


def own_names(named: Mapping[str, Any]) -> dict[str, str]:
    """What arguments are called where that says more than their place in a list: `params[0]` is `weight_ih_l0`, the parameter's own name.

    Only of parameters and buffers in lists, and only where no two have the same name.
    """
    own = {
        name: (value.name.rpartition(".")[2], id(value))
        for name, value in named.items()
        if name.endswith("]") and isinstance(value, Value) and value.name and value.role in ("parameter", "buffer")
    }
    others = {name for name in named if name not in own}
    holders = Counter(short for short, _ in set(own.values()))
    return {name: short for name, (short, _) in own.items() if holders[short] == 1 and short not in others}


def leaves(structure: Any, path: str = "") -> Iterator[tuple[str, Value]]:
    """The Values of a structure in the order of their output numbers, each with its path: "", "[0]", "[key]", ".field"."""
    if isinstance(structure, Value):
        yield path, structure
    elif isinstance(structure, Record):
        yield from leaves(structure.fields, path)
    elif isinstance(structure, tuple) and hasattr(structure, "_fields"):
        for name, item in zip(structure._fields, structure, strict=True):
            yield from leaves(item, f"{path}.{name}")
    elif isinstance(structure, list | tuple):
        for place, item in enumerate(structure):
            yield from leaves(item, f"{path}[{place}]")
    elif isinstance(structure, Mapping):
        for key, item in structure.items():
            yield from leaves(item, f"{path}[{key}]")
    elif is_dataclass(structure) and not isinstance(structure, type):
        for entry in fields(structure):
            yield from leaves(getattr(structure, entry.name, None), f"{path}.{entry.name}")
