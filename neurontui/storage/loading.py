"""File → trace. The file is opened at once; steps and tensors are read from it when somebody looks at them."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast, overload

import torch

from neurontui.capture.memory import Write
from neurontui.capture.structures import rebuild
from neurontui.errors import StaleValueError, TraceFileError
from neurontui.records import SourceLine, Step, Trace, Value
from neurontui.storage.checking import PLAIN, STRUCTURES, check_line, check_step, check_structures, check_value
from neurontui.storage.composites import put_together
from neurontui.storage.errors import Raiser, RecordedError
from neurontui.storage.layout import HEAD, STEP_DEFAULTS, STEPS, VALUE_DEFAULTS, VALUES
from neurontui.storage.reading import TraceFile
from neurontui.storage.structures import Json, decode, find_dtype
from neurontui.storage.targets import find_target
from neurontui.storage.tensors import unpack


def is_trace_file(path: str | Path) -> bool:
    """Whether `path` is a file that `save` wrote (as against weights in a .safetensors file)."""
    try:
        TraceFile(Path(path))
    except TraceFileError:
        return False
    return True


def load(path: str | Path) -> Trace:
    """Open a saved trace. Steps and tensors are read from the file when they are looked at.

    Raises:
        TraceFileError: it is no trace file, it is damaged or cut short, or a newer NeuronTUI wrote it. Numbers that were damaged are
            found when they are read.
    """
    return _Reader(TraceFile(Path(path))).read_trace()


class Steps(Sequence[Step]):
    """The steps of a file, each read when it is first looked at."""

    def __init__(self, count: int, read: Callable[[int], Step]) -> None:
        self._read = read
        self._steps: list[Step | None] = [None] * count

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, place: int | slice) -> Step | tuple[Step, ...]:
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(len(self))))
        step = self._steps[place]
        if step is None:
            number = place % len(self)
            step = self._steps[number] = self._read(number)
        return step

    def __iter__(self) -> Iterator[Step]:
        return (self[number] for number in range(len(self)))


class _Reader:
    """A trace file, and the values of it that have been made."""

    def __init__(self, file: TraceFile) -> None:
        self.file = file
        self._values: dict[int, Value] = {}
        self._errors: list[RecordedError] = []

    def read_trace(self) -> Trace:
        with self.file.watching("its head"):
            head = self.file.read_line(HEAD, 0)
            self._show_sources(head["sources"])
            self._errors = [RecordedError(str(kind), str(text), tuple(map(self._line, lines))) for kind, text, lines in head["errors"]]
            for error, raiser in zip(self._errors, head.get("raisers", ()), strict=False):  # files of before do not have them
                error.raiser = Raiser(*(tuple(map(str, names)) for names in raiser or ()))
            return Trace(
                steps=cast("tuple[Step, ...]", Steps(self.file.counts[STEPS], self.read_step)),
                output=rebuild(decode(head["output"], self.value), _tensor_of),
                error=self._error(head["error"]),
                run=None,
                notes=tuple(map(str, head["notes"])),
                memory={int(store): tuple(Write(*decode(write, self.value)) for write in writes) for store, writes in head["memory"]},
            )

    def read_step(self, index: int) -> Step:
        """Step number `index`. Without its function, as of modules, all arguments are by name: nothing else is there to name them."""
        with self.file.watching(f"step %{index}"):
            row = {**STEP_DEFAULTS, **self.file.read_line(STEPS, index)}
            check_step(row, index, self.file.counts[STEPS])
            parts: dict[str, Any] = {name: decode(row[name], self.value) for name in STRUCTURES}
            check_structures(parts)
            parts |= {name: row[name] for name in PLAIN}
            parts |= {"error": self._error(row["error"]), "target": find_target(row["kind"], row["op"])}
            return Step(**parts, frame=None if row["source"] is None else self._line(row["source"]))

    def value(self, number: int) -> Value:
        """Value number `number`, the same object each time."""
        if number not in self._values:
            with self.file.watching(f"tensor {number}"):
                self._values[number] = self._read_value(number, {**VALUE_DEFAULTS, **self.file.read_line(VALUES, number)})
        return self._values[number]

    def _read_value(self, number: int, row: Json) -> Value:
        check_value(row, number)
        shape, dtype = _sizes(row["shape"]), find_dtype(row["dtype"])
        producer = None if row["producer"] is None else (row["producer"][0], row["producer"][1])
        same_as = None if row["same_as"] is None else self.value(row["same_as"])
        data = _once(lambda: self._read_data(number, row, shape, dtype))
        return Value(
            shape, dtype, torch.device(row["device"]), row["role"], row["name"], data, producer, row["store"], row["offset"],
            tuple(row["strides"]), row["time"], None, same_as, row["since"], tuple(row["aliases"]),
            row["requires_grad"] and (dtype.is_floating_point or dtype.is_complex),  # no other may, whatever the file says
        )  # fmt: skip

    def _read_data(self, number: int, row: Json, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        if "missing" in row:
            raise StaleValueError(f"the numbers of this tensor are not in the trace file: {row['missing']}.")
        with self.file.watching(f"tensor {number}"):
            if "form" in row:
                return self._put_together(number, row)
            if "view_of" not in row:
                return unpack(self.file.read_numbers(number), shape, _sizes(row["laid"]), dtype)
            base, shift = row["view_of"]
            if not 0 <= base < number:
                raise ValueError("a view cannot be there before its memory")
            whole = self.value(base).tensor()
            if "laid" not in row:
                return whole
            return whole.as_strided(shape, _sizes(row["laid"]), whole.storage_offset() + shift)

    def _put_together(self, number: int, row: Json) -> torch.Tensor:
        if not all(0 <= part < number for part in row["parts"]):
            raise ValueError("a tensor's parts come before it")
        made = put_together(row["form"], [self.value(part).tensor() for part in row["parts"]])
        if not made.is_nested and (list(made.shape) != row["shape"] or made.dtype != find_dtype(row["dtype"])):
            raise ValueError("the parts make another tensor")
        return made

    def _error(self, number: int | None) -> RecordedError | None:
        return None if number is None else self._errors[number]

    def _line(self, row: Json) -> SourceLine:
        file, line, end_line, column, end_column, text, function = row
        check_line(row)
        return SourceLine(self._virtual(file), line, end_line, column, end_column, text, function)

    def _virtual(self, name: str) -> str:
        """The name under which `linecache` knows a source file that exists in this trace file only."""
        return f"{self.file.path}!{name}"

    def _show_sources(self, sources: list[tuple[str, str]]) -> None:
        for name, text in sources:
            linecache.cache[self._virtual(name)] = (len(text), None, text.splitlines(keepends=True), self._virtual(name))


def _sizes(numbers: Any) -> tuple[int, ...]:
    sizes = tuple(int(number) for number in numbers)
    if min(sizes, default=0) < 0:
        raise ValueError("a size is negative")
    return sizes


def _tensor_of(value: Value) -> torch.Tensor | Value:
    """The tensor, or, where its numbers are not in the file, what is known of it."""
    try:
        return value.tensor()
    except StaleValueError:
        return value


def _once(read: Callable[[], torch.Tensor]) -> Callable[[], torch.Tensor]:
    kept: list[torch.Tensor] = []

    def get() -> torch.Tensor:
        if not kept:
            kept.append(read())
        return kept[0]

    return get
