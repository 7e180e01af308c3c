"""Models that are saved with their own code: exported programs (`.pt2`) and TorchScript archives."""

from __future__ import annotations

import logging
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from neurontui.errors import LoadError
from neurontui.loading.calls import Call
from neurontui.loading.modules import describe

if TYPE_CHECKING:
    from torch import nn


def load_archive(path: Path) -> tuple[nn.Module, Call | None] | None:
    """The model of an archive and the input that it was exported with (None where it holds none); None for any other file.

    Raises:
        LoadError: it is one, but torch cannot load it.
    """
    kind = find_kind(path)
    if kind is None:
        return None
    try:
        return _load_exported(path) if kind == "exported" else (_load_scripted(path), None)
    except Exception as error:  # whatever a damaged archive, or one of another torch, leads to
        raise LoadError(f"{path} is no {kind} model that this torch can load: {describe(error)}") from error


def find_kind(path: Path) -> str | None:
    """ "exported", "scripted", or None for a file that holds no model with its code."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return "exported" if path.suffix == ".pt2" else None
    if path.suffix == ".pt2" or any(name.endswith("archive_format") for name in names):
        return "exported"
    return "scripted" if any(name.endswith("constants.pkl") for name in names) and any("/code/" in name for name in names) else None


def _load_exported(path: Path) -> tuple[nn.Module, Call | None]:
    import torch

    with _silent("torch.export"):  # its tracebacks are logged beside what it raises
        program = torch.export.load(path)
    args, kwargs = program.example_inputs or ((), {})
    return program.module(), Call(tuple(args), kwargs) if args or kwargs else None


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Nothing is logged under this name, and nothing warned: that is for who calls torch's loader (a deprecation, its own buffers)."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _load_scripted(path: Path) -> nn.Module:
    import torch

    with _silent("torch.jit"):
        model: nn.Module = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    return model
