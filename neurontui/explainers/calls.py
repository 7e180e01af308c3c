"""`Call`: what an explainer is given: one recorded call, and one element of one of its outputs."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from neurontui.capture import call_again
from neurontui.capture.structures import map_structure, rebuild
from neurontui.errors import StepError, name_type
from neurontui.explainers.edits import list_edited, run_unedited
from neurontui.explainers.names import key
from neurontui.explainers.registry import Explainer
from neurontui.explainers.terms import Array, Cells, Column, literal
from neurontui.explanation import Number
from neurontui.records import Record, Step, Trace, Value, leaves, own_names
from neurontui.text import spoken_name

if TYPE_CHECKING:
    import torch

# Options that change where or how fast a result is made, never what it is: an explainer need not name them.
_INDIFFERENT = frozenset(
    {"out", "inplace", "_stacklevel", "layout", "device", "pin_memory", "requires_grad", "memory_format", "non_blocking"}
)
_RENAMED = {"axis": "dim", "keepdims": "keepdim", "self": "input", "train": "training"}  # numpy's words, and the schema's


class Call:
    """One element of one output of one recorded function call. `at` is its index, `output` counts the call's tensors."""

    def __init__(self, trace: Trace, step: Step, at: tuple[int, ...] | int | None = None, output: int = 0) -> None:
        self.trace, self.step, self.output = trace, step, output
        self.op, self.key = step.op, key(step.op)
        self.target = output_leaf(step, output)
        self.at = check_index(self.target, at, step)
        self.values: dict[str, Any] = {}  # argument name -> Value, "tensors[0]" inside a list
        self._own: dict[str, str] = {}  # what a parameter in a list is called by itself: params[0] is weight_ih_l0
        self._tensors: dict[int, torch.Tensor] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape."""
        return self.target.shape if isinstance(self.target, Value) else ()

    @cached_property
    def edited(self) -> frozenset[tuple[int, ...]]:
        """The elements of this output that a person set."""
        return list_edited(self.trace, self.step, self.output, self.shape)

    @cached_property
    def result(self) -> torch.Tensor:
        """The recorded output, whole; where a person set numbers in it, what the kernel gave before that."""
        import torch

        if isinstance(self.target, Value):
            made = run_unedited(self.trace, self.step, self.output) if self.edited and self.step.kind != "module" else None
            tensor = self.target.tensor() if made is None else made
            if tensor.is_nested:
                raise StepError(f"{self.step.name} gives a nested tensor, which has no one shape; ask for what is made of it.")
            return plain(tensor)
        return torch.tensor(self.target, dtype=torch.float64 if isinstance(self.target, float) else None)

    @cached_property
    def lowered(self) -> torch.dtype | None:
        """The type that autocast rounded the operands to before the kernel saw them, or None."""
        import torch

        if not self.step.autocast or not isinstance(self.target, Value):
            return None
        return self.target.dtype if self.target.dtype in (torch.bfloat16, torch.float16) else None

    @cached_property
    def actual(self) -> Number | None:
        """The number that the kernel gave, None where there are no data (a meta tensor)."""
        result = self.result
        try:
            return None if result.is_meta else result[self.at].item()
        except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
            kind = type(result).__name__
            raise StepError(f"the numbers of {self.step.name} cannot be read: it gives a {kind}, of a class of its own.") from error

    @property
    def recorded(self) -> Number | None:
        """The number in the record: that of `actual`, or the one that a person set."""
        return plain(self.target.tensor())[self.at].item() if self.at in self.edited else self.actual

    def bind(self, explainer: Explainer) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The recorded arguments, tensors for Values, as `explainer` takes them; their names become readable by `read`.

        Raises:
            TypeError: the explainer does not take these arguments.
        """
        signature = signature_of(explainer)
        taken = signature.parameters
        kwargs = {_RENAMED.get(name, name) if name not in taken else name: value for name, value in self.step.kwargs.items()}
        kwargs = {name: value for name, value in kwargs.items() if name in taken or name not in _INDIFFERENT}
        bound = signature.bind(self, *self.step.args, **kwargs)
        names = list(bound.arguments)[1:]
        self.values = {}
        self.name_values(dict(named_leaves({name: bound.arguments[name] for name in names})))
        self._places = self._find_places(names, bound.arguments, signature)
        return tuple(self.data(arg) for arg in bound.args[1:]), {name: self.data(arg) for name, arg in bound.kwargs.items()}

    def name_inputs(self) -> dict[str, Any]:
        """Without an explainer: the arguments by their documented names, Values at the leaves; `read` knows these names then."""
        inputs = self.step.inputs
        self.values = {}
        self.name_values(dict(named_leaves(inputs)))
        return inputs

    def name_values(self, named: Mapping[str, Any]) -> None:
        """Makes these arguments readable; a parameter in a list by its own name, too, which its factors get."""
        self._own = own_names(named)
        self.values |= {**named, **{own: named[name] for name, own in self._own.items()}}

    def operands(self) -> list[tuple[str, Value]]:
        """The recorded tensors among the arguments by name, without `out`; `read` knows these names then."""
        self.name_inputs()
        again = set(self._own.values())
        return [
            (self._own.get(name, name), value)
            for name, value in self.values.items()
            if isinstance(value, Value) and name != "out" and name not in again
        ]

    def data(self, structure: Any) -> Any:
        """`structure` with the recorded tensor for each Value."""
        return rebuild(structure, self.tensor)

    def tensor(self, value: Value | str) -> torch.Tensor:
        """The recorded tensor of a Value or of an argument name, as it was before the call."""
        value = self.values[value] if isinstance(value, str) else value
        if id(value) not in self._tensors:
            self._tensors[id(value)] = value.tensor()
        return self._tensors[id(value)]

    def read(self, name: str, *index: Any) -> Column:
        """One factor a term: `argument[index]` -> (n,).

        Ints and integer arrays are broadcast against one another. Where some are `range`s, the others are ints, and the
        cells are the box of them in row-major order (no index array is made then: use this for the large ones).
        """
        tensor = plain(self.tensor(name))
        name = self._own.get(name, name)
        places: Array | Cells
        if any(isinstance(i, range) for i in index):
            box = [i if isinstance(i, range) else range(int(i), int(i) + 1) for i in index]
            places, found = Cells(box), cut(tensor, box).reshape(-1)
        else:
            cells = np.broadcast_arrays(*(np.atleast_1d(np.asarray(i, np.int64)) for i in index)) if index else []
            places = np.stack([c.ravel() for c in cells], axis=1) if cells else np.empty((1, 0), np.int64)
            found = gather(tensor, places)
        lowered = self.lowered
        if lowered is not None and tensor.dtype.is_floating_point and tensor.dtype != lowered:
            return Column(name, places, to_numpy(found.to(lowered)), recorded=to_numpy(found))
        return Column(name, places, to_numpy(found))

    def element(self, name: str, at: tuple[int, ...] | None = None) -> Column:
        """The one element of an operand that meets the output element `at` under broadcasting; a plain number is a literal."""
        value = self.values.get(name)
        if not isinstance(value, Value):
            return literal(name, 0 if value is None else value)
        return self.read(name, *broadcast_index(value.shape, self.at if at is None else at))

    def numbers(self, name: str) -> Array:
        """A whole small argument as float64 (int64, complex128) numpy."""
        return to_numpy(self.tensor(name))

    def again(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function again, with these arguments in place of the recorded ones: same random state, grad mode, autocast.

        Positional ones replace the first ones; keywords go by the explainer's names.
        """
        import torch

        positional, named = [self.data(arg) for arg in self.step.args], {k: self.data(v) for k, v in self.step.kwargs.items()}
        changes = dict(zip(self._places, args, strict=False)) | kwargs
        if self.step.writes:
            positional, named = map_structure(torch.Tensor, torch.clone, positional), map_structure(torch.Tensor, torch.clone, named)
        for name, value in changes.items():
            place = self._places[name]
            if isinstance(place, int):
                positional[place] = value
            else:
                named[place] = value
        return call_again(self.trace, self.step, tuple(positional), named)

    def _find_places(self, names: list[str], arguments: Mapping[str, Any], signature: inspect.Signature) -> dict[str, int | str]:
        """Where each named argument was given: a position, or a keyword."""
        given = {_RENAMED.get(k, k): k for k in self.step.kwargs}
        places: dict[str, int | str] = {}
        for position, name in enumerate(names):
            if signature.parameters[name].kind is not inspect.Parameter.VAR_POSITIONAL:
                places[name] = position if position < len(self.step.args) and name not in self.step.kwargs else given.get(name, name)
        return places


@lru_cache(maxsize=1024)
def signature_of(explainer: Explainer) -> inspect.Signature:
    """`inspect.signature`, remembered: it is slower than most explanations."""
    return inspect.signature(explainer)


def output_leaf(step: Step, output: int) -> Any:
    """The Value of output number `output`; for a call that gave a plain number (`item`), that number.

    Raises:
        StepError: there is no such output.
    """
    found = [value for _, value in leaves(step.output)]
    if not found and isinstance(step.output, (bool, int, float, complex)) and output == 0:
        return step.output
    if step.error is not None and not found:
        raise StepError(f"{spoken_name(step.name)} raised {name_type(step.error)} and gave no value: ask of a step before it.")
    if not 0 <= output < len(found):
        what = f"{len(found)} tensor{'s' * (len(found) != 1)}"
        most = f": take 0 to {len(found) - 1}." if found else "."
        raise StepError(f"Output {output} was asked of {spoken_name(step.name)}, which gave {what}{most}")
    return found[output]


def check_index(target: Any, at: tuple[int, ...] | int | None, step: Step) -> tuple[int, ...]:
    """`at` as a full tuple; the first element where it is None; negative ones count from the end.

    Raises:
        StepError: it has the wrong length or lies outside.
    """
    shape = target.shape if isinstance(target, Value) else ()
    if at is None:
        at = (0,) * len(shape)
    index = (at,) if isinstance(at, int) else tuple(int(i) for i in at)
    if len(index) != len(shape) or any(not -n <= i < n for i, n in zip(index, shape, strict=True)):
        raise StepError(
            f"Index {list(index)} was asked of {spoken_name(step.name)}, whose output has the shape {list(shape)}: "
            "give one number a dimension, each inside."
        )
    return tuple(i % n for i, n in zip(index, shape, strict=True))


def named_leaves(structure: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """("tensors[0]", leaf) for each leaf: Values, and whatever is no list, tuple, dict or dataclass."""
    for name, item in structure.items():
        yield from _leaves(name, item)


def _leaves(name: str, item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, (list, tuple)):
        for i, part in enumerate(item):
            yield from _leaves(f"{name}[{i}]", part)
    elif isinstance(item, Mapping):
        for k, part in item.items():
            yield from _leaves(f"{name}[{k}]", part)
    elif isinstance(item, Record):
        yield from _leaves(name, item.fields)
    elif dataclasses.is_dataclass(item) and not isinstance(item, (type, Value)):
        for spot in dataclasses.fields(item):
            yield from _leaves(f"{name}.{spot.name}", getattr(item, spot.name))
    else:
        yield name, item


def broadcast_index(shape: tuple[int, ...], at: tuple[int, ...]) -> tuple[int, ...]:
    """The element of an operand of `shape` that meets the output element `at`: its last dimensions, 0 where it has size 1."""
    return tuple(0 if n == 1 else i for n, i in zip(shape, at[len(at) - len(shape) :], strict=True))


def gather(tensor: torch.Tensor, places: Array) -> torch.Tensor:
    """The elements of `tensor` at `places` (n, dims) -> (n,)."""
    import torch

    if tensor.dim() == 0:
        return tensor.reshape(1)
    if len(places) == 1:
        return tensor[tuple(places[0].tolist())].reshape(1)
    return tensor[tuple(torch.from_numpy(np.ascontiguousarray(places.T)).to(tensor.device))]


def cut(tensor: torch.Tensor, box: list[range]) -> torch.Tensor:
    """The part of a tensor in a box of ranges."""
    for dim, steps in enumerate(box):
        tensor = (
            tensor[(slice(None),) * dim + (slice(steps.start, steps.stop, steps.step),)]
            if steps.step > 0
            else tensor.index_select(dim, _places(steps, tensor))
        )
    return tensor


def _places(steps: range, tensor: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.tensor(list(steps), device=tensor.device)


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """A strided tensor of ordinary numbers: dense, dequantized, conjugation done."""
    import torch

    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    return tensor.resolve_conj().resolve_neg()


def to_numpy(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor in the widest type of their kind, exactly."""
    import torch

    tensor = plain(tensor.detach())
    if tensor.dtype is torch.bool:
        return tensor.cpu().numpy()
    if tensor.dtype is torch.uint64:
        return tensor.cpu().numpy()
    wide = torch.complex128 if tensor.is_complex() else torch.float64 if tensor.is_floating_point() else torch.int64
    return tensor.to(device="cpu", dtype=wide).numpy()
