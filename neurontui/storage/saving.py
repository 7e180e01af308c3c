"""Trace → file."""

from __future__ import annotations

import json
import linecache
import os
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

import torch

from neurontui.errors import TraceFileError, message_of, name_type
from neurontui.records import SourceLine, Step, Trace, Value
from neurontui.sources import find_error_lines
from neurontui.storage.composites import take_apart
from neurontui.storage.errors import RecordedError, describe_raiser
from neurontui.storage.layout import CHECKS, DATA, FORMAT, HEAD, JSON_TENSORS, STEP_DEFAULTS, STEPS, VALUE_DEFAULTS, VALUES, VERSION
from neurontui.storage.structures import Json, encode
from neurontui.storage.targets import find_target
from neurontui.storage.tensors import find_view, pack, packed_form, read_data
from neurontui.storage.writing import Entry, to_bytes, write_file
from neurontui.text import format_dtype


def save(trace: Trace, path: str | Path) -> None:
    """Write `trace` to one `.safetensors` file, whole or not at all (a temporary file beside it, then a rename).

    Raises:
        TraceFileError: the file cannot be written there, or weights are in it.
        StaleValueError: a parameter kept by reference has been written since the recording.
    """
    if _holds_weights(Path(path)):
        raise TraceFileError(f"{path} holds tensors and no saved run, so it is not written over: give another name")
    book = _Book()
    rows = {STEPS: [book.describe_step(step) for step in trace.steps], HEAD: [book.describe_head(trace)], VALUES: book.values}
    entries = {name: entry for table in JSON_TENSORS for name, entry in _lines(table, rows[table]).items()}
    checksum = 0
    for name in JSON_TENSORS:
        checksum = zlib.crc32(to_bytes(entries[name].make()), checksum)
    checks = [0] * len(book.values)
    for number, data in book.own.items():
        entries[f"{DATA}{number}"] = _data_entry(data, checks, number)
    entries[CHECKS] = Entry(
        torch.uint8, (8 * len(checks),), lambda: torch.tensor(checks, dtype=torch.int64, device="cpu").view(torch.uint8)
    )
    counts = {"steps": str(len(rows[STEPS])), "values": str(len(checks))}
    write_file(Path(path), entries, {"format": FORMAT, "version": str(VERSION), **counts, "checksum": str(checksum)})


def _holds_weights(path: Path) -> bool:
    """Whether a safetensors file that is no trace is there already: what somebody trained for days, and named by mistake."""
    from safetensors import SafetensorError, safe_open

    if not os.path.isfile(path):  # a pipe would be waited for
        return False
    try:
        with safe_open(path, "pt") as file:
            return bool((file.metadata() or {}).get("format") != FORMAT)
    except (OSError, SafetensorError):
        return False


def _lines(name: str, rows: list[Json]) -> dict[str, Entry]:
    """A table as JSON Lines in one tensor of bytes, and where each line begins."""
    lines = [json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n" for row in rows]
    offsets = torch.tensor([0, *(len(line) for line in lines)], dtype=torch.int64, device="cpu").cumsum(0)
    text = torch.frombuffer(bytearray(b"".join(lines)), dtype=torch.uint8) if lines else torch.empty(0, dtype=torch.uint8, device="cpu")
    described = {name: Entry(torch.uint8, tuple(text.shape), lambda: text)}
    return {**described, f"{name}.offsets": Entry(torch.int64, tuple(offsets.shape), lambda: offsets)}


def _data_entry(data: torch.Tensor, checks: list[int], number: int) -> Entry:
    """A value's own numbers; their checksum is known when they are written, and the checksums are written last."""

    def make() -> torch.Tensor:
        packed = pack(data)
        checks[number] = zlib.crc32(to_bytes(packed))
        return packed

    shape, dtype = packed_form(data)
    return Entry(dtype, shape, make)


class _Book:
    """What has been described so far: each value, error and source file once."""

    def __init__(self) -> None:
        self.values: list[Json] = []
        self.own: dict[int, torch.Tensor] = {}  # the numbers that the file will hold, by value number
        self._held: list[tuple[Value | torch.Tensor, Value]] = []  # what has been numbered: held, so that no id is used twice
        self._numbers: dict[int, int] = {}  # id(Value) → its number
        self._memory: dict[tuple[int, int], list[int]] = {}  # (store, writes so far) → values with numbers of their own
        self._errors: dict[int, int] = {}
        self._error_rows: list[Json] = []
        self._raisers: dict[int, list[Json]] = {}  # by error number: who raised it, of the steps that carry it the innermost
        self._files: dict[str, str] = {}

    def describe_step(self, step: Step) -> Json:
        row = {name: getattr(step, name) for name in ("index", "parent", "kind", "op", "path", "call", "name", "training", "grad")}
        row |= {name: getattr(step, name) for name in ("autocast", "duration", "end", "note")}
        named = find_target(step.kind, step.op) is None  # what names its arguments will not be there when it is read
        parts = {"args": () if named else step.args, "kwargs": step.inputs if named else step.kwargs}
        parts |= {name: getattr(step, name) for name in ("params", "output", "writes", "random_state", "aliases")}
        row |= {name: encode(part, self.number) for name, part in parts.items()}
        row |= {"error": self._describe_error(step.error), "source": self._describe_line(step.source)}
        if step.kind == "module" and row["error"] is not None:
            raiser = describe_raiser(step)
            self._raisers[row["error"]] = [list(raiser.layers), list(raiser.arguments), list(raiser.classes)]
        return {name: part for name, part in row.items() if part != STEP_DEFAULTS.get(name, NotImplemented)}

    def describe_head(self, trace: Trace) -> Json:
        log: Iterable[tuple[int, tuple[Any, ...]]] = (trace.memory or {}).items()
        return {
            "output": encode(trace.steps[0].output if trace.steps else trace.output, self.number),
            "error": self._describe_error(trace.error),
            "notes": list(trace.notes),
            "memory": [[store, [encode(tuple(write), self.number) for write in writes]] for store, writes in log],
            "errors": self._error_rows,
            "raisers": [self._raisers.get(number) for number in range(len(self._error_rows))],
            "sources": [[name, "".join(linecache.getlines(file))] for file, name in self._files.items()],
        }

    def number(self, thing: Value | torch.Tensor) -> int:
        """The place of a value, or of a bare tensor (a random state), in the file; it is described the first time."""
        if id(thing) not in self._numbers:
            value = thing if isinstance(thing, Value) else Value(tuple(thing.shape), thing.dtype, thing.device, "outside", data=thing)
            same_as = None if value.same_as is None else self.number(value.same_as)
            parts = self._describe_parts(value)
            self._numbers[id(thing)] = len(self.values)
            self._held.append((thing, value))
            row = self._describe_value(value, same_as, len(self.values)) if parts is None else {**self._row(value, same_as), **parts}
            self.values.append(row)
        return self._numbers[id(thing)]

    def _describe_parts(self, value: Value) -> dict[str, Any] | None:
        """Of a sparse, quantized or nested tensor its form, and the numbers of the tensors that it is made of."""
        taken = None if value.data is None else take_apart(value.tensor())
        return None if taken is None else {"form": taken[0], "parts": [self.number(part) for part in taken[1]]}

    def _row(self, value: Value, same_as: int | None) -> dict[str, Any]:
        row: dict[str, Any] = {
            "shape": list(value.shape), "dtype": format_dtype(value.dtype), "device": str(value.device), "role": value.role,
            "name": value.name, "producer": value.producer, "store": value.store, "offset": value.offset, "strides": list(value.strides),
            "time": value.time, "since": value.since, "aliases": list(value.aliases), "same_as": same_as,
            "requires_grad": value.requires_grad,
        }  # fmt: skip
        return {name: part for name, part in row.items() if part != VALUE_DEFAULTS.get(name, NotImplemented)}

    def _describe_value(self, value: Value, same_as: int | None, number: int) -> Json:
        row = self._row(value, same_as)
        if same_as is not None and value.data is self._held[same_as][1].data:
            return {**row, "view_of": [same_as, 0]}
        data = read_data(value)
        if isinstance(data, str):
            return {**row, "missing": data}
        near = self._memory.setdefault((value.store, value.time), []) if value.store is not None else []
        for base in near[:8]:  # the whole memory was mostly seen first
            shift = find_view(value, data, self._held[base][1], self.own[base])
            if shift is not None:
                return {**row, "view_of": [base, shift], "laid": list(data.stride())}
        near.append(number)
        self.own[number] = data
        return {**row, "laid": list(data.stride())}

    def _describe_error(self, error: BaseException | None) -> int | None:
        if error is None:
            return None
        if id(error) not in self._errors:
            self._errors[id(error)] = len(self._error_rows)
            lines = error.lines if isinstance(error, RecordedError) else find_error_lines(error)
            self._error_rows.append([name_type(error), message_of(error), [self._describe_line(line) for line in lines]])
        return self._errors[id(error)]

    def _describe_line(self, line: SourceLine | None) -> Json:
        if line is None:
            return None
        if line.file not in self._files:  # only its name is kept: the folders are the user's own business
            self._files[line.file] = f"{len(self._files)}/{PurePath(line.file).name}"
        return [self._files[line.file], line.line, line.end_line, line.column, line.end_column, line.text, line.function]
