"""Input files: `.npy .npz .pt .safetensors .csv .json .png .jpg`. Data only: no pickled object is ever made, no code run."""

from __future__ import annotations

import csv
import json
import math
import os
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError, nearest
from neurontui.loading.limits import check_size
from neurontui.loading.literals import make_tensor
from neurontui.text import with_article

if TYPE_CHECKING:
    import torch

Read = Callable[[Path], Any]
PARSED = 16  # bytes that Python takes for a byte of numbers written as text


def read_file(text: str) -> torch.Tensor | dict[str, torch.Tensor]:
    """The tensor of an input file, or its several named tensors; `batch.npz::image` picks one of them.

    Raises:
        InputError: there is no such file, or it is not what its ending says.
    """
    place, separator, name = text.rpartition("::")
    path = Path(place if separator else text)
    if not os.path.isfile(path):
        raise InputError(f"{path} is a folder, not an input file" if os.path.isdir(path) else f"there is no input file {path}")
    text_file = path.suffix.lower() in (".csv", ".json")
    check_size(path.stat().st_size * (PARSED if text_file else 1), f"the input file {path}")
    try:
        value = ENDINGS[path.suffix.lower()](path)
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise InputError(f"{path} cannot be read as {path.suffix}: {_reason(error)}") from error
    return _pick(value, name if separator else "", path)


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split())
    if "allow_pickle" in words or "Python objects" in words:
        return "it holds Python objects (a pickle), which are never loaded; save numbers"
    return words[:200] or type(error).__name__


def _pick(value: Any, name: str, path: Path) -> torch.Tensor | dict[str, torch.Tensor]:
    """One tensor: the named one, or the only one; else all of them by name."""
    import torch

    if isinstance(value, torch.Tensor):
        if name:
            raise InputError(f"{path} holds a single tensor, so it has no {name!r}")
        return value
    if not isinstance(value, dict) or not value or not all(isinstance(part, torch.Tensor) for part in value.values()):
        kind = with_article(type(value).__name__)
        raise InputError(f"{path} holds no tensor, but {kind}; save one tensor, or a dict of them by argument name")
    if name:
        if name not in value:
            raise InputError(f"{path} has no {name!r}, but {', '.join(value)}{nearest(name, value)}")
        chosen: torch.Tensor = value[name]
        return chosen
    return next(iter(value.values())) if len(value) == 1 else value


def _read_npy(path: Path) -> torch.Tensor:
    import numpy

    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise InputError(f"{path} is no .npy file, or it is damaged; write one with numpy.save")
    return _from_numpy(numpy.load(path, mmap_mode="r", allow_pickle=False))


def _from_numpy(array: Any) -> torch.Tensor:
    import numpy
    import torch

    if array.dtype.kind not in "biufc":
        raise InputError(f"an array of {array.dtype} holds no numbers")
    return torch.from_numpy(numpy.array(array, dtype=array.dtype.newbyteorder("="), order="C"))


def _read_npz(path: Path) -> dict[str, torch.Tensor]:
    import numpy

    check_archive(path, f"the input file {path}")
    with path.open("rb") as file, numpy.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
        foreign = [name for name, array in arrays.items() if not isinstance(array, numpy.ndarray)]
        if foreign:
            raise InputError(f"{path} holds {foreign[0]!r}, which is no array; write it with numpy.savez")
        return {name: _from_numpy(array) for name, array in arrays.items()}


def check_archive(path: Path, what: str) -> None:
    """Refuse an archive that unpacks to more than there is memory.

    Raises:
        InputError: it does.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            check_size(sum(entry.file_size for entry in archive.infolist()), what)


def _read_torch(path: Path) -> Any:
    import pickle

    import torch

    check_archive(path, f"the input file {path}")
    hint = "save the tensor alone with torch.save(x, …)"
    try:
        value = load_silently(path)
    except pickle.UnpicklingError as error:
        raise InputError(f"{path} holds more than tensors or is damaged, and code in it is never run; {hint}") from error
    except Exception as error:  # whatever a damaged file makes torch raise
        raise InputError(f"{path} is no file that torch.save wrote, or it is damaged; {hint}") from error
    for tensor in value.values() if isinstance(value, dict) else [value]:
        if isinstance(tensor, torch.Tensor):
            check_size(tensor.numel() * tensor.itemsize, f"a tensor of the input file {path}")
    return value


def load_silently(path: Path) -> Any:
    """What a file of torch.save's holds, without code being run, and without torch's warnings about how it was written."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.load(path, map_location="cpu", weights_only=True)


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(path)


def _read_csv(path: Path) -> torch.Tensor:
    """Rows of numbers, as `(rows, columns)`; a first row of names is passed over."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = [(number, cells) for number, cells in enumerate(csv.reader(file), 1) if any(cell.strip() for cell in cells)]
    if lines and not any(_is_number(cell) for cell in lines[0][1]):
        lines = lines[1:]
    if not lines:
        raise InputError(f"{path} has no numbers in it")
    return make_tensor([[_read_number(cell, f"{path}, line {number}") for cell in cells] for number, cells in lines], str(path))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_number(cell: str, where: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    raise InputError(f"{where}: {cell[:40]!r} is no number")


def _read_json(path: Path) -> Any:
    value = json.loads(path.read_text("utf-8"))
    if isinstance(value, dict):
        return {name: make_tensor(part, f"{name} of {path}") for name, part in value.items()}
    return make_tensor(value, str(path))


def _read_image(path: Path) -> torch.Tensor:
    """`(1, channels, height, width)`, from 0 to 1; 1 channel for grey, 3 for colour."""
    try:
        from PIL import Image
    except ImportError as error:
        raise InputError("pictures need pillow: pip install 'neurontui[image]'") from error
    import numpy
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pillow's about large pictures: their size is checked here
        image = Image.open(path)
    with image:
        check_size(math.prod(image.size) * 3 * 4, f"the picture {path}")
        grey = image.mode in ("1", "L", "LA", "I;16")
        pixels = numpy.array(image.convert("L" if grey else "RGB"))
    tensor = torch.from_numpy(pixels.reshape(*pixels.shape[:2], 1 if grey else 3))
    return (tensor.permute(2, 0, 1).unsqueeze(0) / 255).contiguous()


ENDINGS: dict[str, Read] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".pt": _read_torch,
    ".pth": _read_torch,
    ".safetensors": _read_safetensors,
    ".csv": _read_csv,
    ".json": _read_json,
    ".png": _read_image,
    ".jpg": _read_image,
    ".jpeg": _read_image,
}
