"""An opened trace file: checked before anything is taken from it, then read line by line and tensor by tensor."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from neurontui.errors import NeuronTUIError, TraceFileError
from neurontui.storage.layout import CHECKS, DATA, FORMAT, HEAD, JSON_TENSORS, STEPS, VALUES, VERSION
from neurontui.storage.structures import Json
from neurontui.storage.writing import to_bytes

# What reading damaged or hostile data can raise; none of it may reach the user as it is.
DAMAGE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, MemoryError)


class TraceFile:
    """A trace file whose JSON is known to be what was written. Tensors' numbers are checked when they are read.

    Raises:
        TraceFileError: it is no trace file, it is damaged or cut short, or a newer NeuronTUI wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = self._open()
        self.counts = self._read_metadata()
        with self.watching("its index"):
            self._text = {name: self._read_bytes(name) for name in JSON_TENSORS}
            self._offsets = {name: self._read_offsets(name) for name in JSON_TENSORS}
            self._checks = self._read_checks()
        checksum = 0
        for name in JSON_TENSORS:
            checksum = zlib.crc32(self._text[name], checksum)
        if str(checksum) != self._metadata.get("checksum"):
            raise self._damaged("its checksum does not fit")

    def read_line(self, table: str, number: int) -> Json:
        """Line `number` of a table of JSON Lines."""
        start, end = self._offsets[table][number], self._offsets[table][number + 1]
        return json.loads(str(self._text[table][start:end], "utf-8"))

    def read_numbers(self, number: int) -> torch.Tensor:
        """The numbers of one value, held against their checksum."""
        tensor = self._get(f"{DATA}{number}")
        if zlib.crc32(to_bytes(tensor.contiguous())) != self._checks[number]:
            raise self._damaged(f"the numbers of tensor {number} have changed")
        return tensor

    @contextmanager
    def watching(self, place: str) -> Iterator[None]:
        """Turn whatever damaged data leads to into one sentence."""
        try:
            yield
        except NeuronTUIError:
            raise
        except DAMAGE as error:
            raise self._damaged(f"{place} cannot be read") from error

    def _open(self) -> Any:
        from safetensors import SafetensorError, safe_open

        if os.path.exists(self.path) and not os.path.isfile(self.path):
            raise TraceFileError(f"{self.path} is {'a folder' if os.path.isdir(self.path) else 'no regular file'}, not a trace file.")
        try:
            return safe_open(self.path, framework="pt")
        except FileNotFoundError as error:
            raise TraceFileError(f"there is no trace file {self.path}.") from error
        except (SafetensorError, *DAMAGE) as error:
            raise TraceFileError(f"{self.path} is no .safetensors file, or it is damaged or cut short ({_first_line(error)}).") from error
        except OSError as error:
            raise TraceFileError(f"{self.path} cannot be opened: {error.strerror or error}.") from error

    def _read_metadata(self) -> dict[str, int]:
        self._metadata: dict[str, str] = self._file.metadata() or {}
        if self._metadata.get("format") != FORMAT:
            raise TraceFileError(f"{self.path} is a .safetensors file, but no trace (write one with `neurontui export MODEL -o`).")
        version, *counts = (self._metadata.get(name, "") for name in ("version", STEPS, VALUES))
        if not all(text.isascii() and text.isdigit() and len(text) < 16 for text in (version, *counts)):
            raise self._damaged("its metadata cannot be read")
        if int(version) > VERSION:
            raise TraceFileError(
                f"{self.path} was written by a newer NeuronTUI (format {int(version)}, this one reads {VERSION}): update it."
            )
        return {STEPS: int(counts[0]), VALUES: int(counts[1]), HEAD: 1}

    def _get(self, name: str) -> torch.Tensor:
        from safetensors import SafetensorError

        try:
            tensor: torch.Tensor = self._file.get_tensor(name)
        except SafetensorError as error:
            raise self._damaged(f"its tensor {name} is missing") from error
        return tensor

    def _read_bytes(self, name: str) -> memoryview:
        tensor = self._get(name)
        if tensor.dtype != torch.uint8 or tensor.dim() != 1:
            raise ValueError(f"{name} is not text")
        return to_bytes(tensor)

    def _read_offsets(self, name: str) -> list[int]:
        offsets = self._get(f"{name}.offsets")
        if offsets.dtype != torch.int64 or tuple(offsets.shape) != (self.counts[name] + 1,):
            raise ValueError(f"{name} has another count of lines")
        if int(offsets[0]) != 0 or int(offsets[-1]) != len(self._text[name]) or bool((offsets[1:] < offsets[:-1]).any()):
            raise ValueError(f"the lines of {name} are in disorder")
        return list(offsets.tolist())

    def _read_checks(self) -> torch.Tensor:
        checks = self._get(CHECKS)
        if checks.dtype != torch.uint8 or tuple(checks.shape) != (8 * self.counts[VALUES],):
            raise ValueError("the checksums are not complete")
        return checks.clone().view(torch.int64)

    def _damaged(self, what: str) -> TraceFileError:
        return TraceFileError(f"{self.path} is damaged: {what}; save the trace again.")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
