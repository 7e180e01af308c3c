"""Bytes on the disk: a .safetensors file, written tensor by tensor beside its place, then moved there whole."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import torch

from neurontui.errors import TraceFileError
from neurontui.storage.tensors import NAMES


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of the file: its type and shape now, its numbers when they are written."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    make: Callable[[], torch.Tensor]

    @property
    def size(self) -> int:
        """Bytes."""
        return torch.Size(self.shape).numel() * self.dtype.itemsize


def write_file(path: Path, entries: Mapping[str, Entry], metadata: Mapping[str, str]) -> None:
    """Write `entries`, largest elements first, so that each is aligned; of one element size, in the order given.

    Raises:
        TraceFileError: it cannot be written there.
    """
    ordered = dict(sorted(entries.items(), key=lambda item: -item[1].dtype.itemsize))
    with _replacing(path) as file:
        file.write(_header(ordered, metadata))
        for entry in ordered.values():
            file.write(to_bytes(entry.make()))


def to_bytes(tensor: torch.Tensor) -> memoryview:
    """The bytes of a contiguous tensor."""
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def _header(entries: Mapping[str, Entry], metadata: Mapping[str, str]) -> bytes:
    described: dict[str, object] = {"__metadata__": dict(metadata)}
    start = 0
    for name, entry in entries.items():
        described[name] = {"dtype": NAMES[entry.dtype], "shape": list(entry.shape), "data_offsets": [start, start + entry.size]}
        start += entry.size
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path`, or of the file that it links to, when all of it is written; else that stays as it was."""
    place = _find_place(path)
    part = place.with_name(f".{place.name[:40]}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except OSError as error:
        raise TraceFileError(f"the trace cannot be written to {path}: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _find_place(path: Path) -> Path:
    """Where the file really is to be: links are followed, and a device such as /dev/null is not replaced by a file."""
    try:
        place = Path(os.path.realpath(path))
        is_other = os.path.lexists(place) and not os.path.isfile(place)
    except (OSError, ValueError) as error:  # a null byte in it
        raise TraceFileError(f"the trace cannot be written to {path}: {error}.") from error
    if is_other:
        raise TraceFileError(f"the trace cannot be written to {path}: it is {'a folder' if place.is_dir() else 'no regular file'}.")
    return place
