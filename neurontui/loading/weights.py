"""`--weights`: a checkpoint's tensors into a model. Only tensors are read; no code in the file is ever run."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurontui.errors import InputError, WeightsError
from neurontui.loading.archives import find_kind
from neurontui.loading.files import check_archive, load_silently
from neurontui.loading.limits import check_size
from neurontui.text import with_article

if TYPE_CHECKING:
    import torch
    from torch import nn

WEIGHTS_ENDINGS = (".pt", ".pth", ".ckpt", ".bin", ".safetensors")
_WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net", "weights", "params")
_PREFIXES = ("module.", "_orig_mod.", "model.")


def load_weights(model: nn.Module, file: str) -> str:
    """Put a checkpoint's tensors into `model`, in place. Returns a note on what was unwrapped, "" where nothing was.

    Raises:
        WeightsError: it is no weights file, or it does not fit; the sentence names the keys.
    """
    state, note = _unwrap(read_weights(file), set(model.state_dict()), file)
    real = [name for name, own in model.state_dict().items() if not _is_complex(own)]
    imaginary = _list([name for name in real if _is_complex(state.get(name))], "complex")
    if imaginary:
        raise WeightsError(f"{file} does not fit {type(model).__name__}: {imaginary} there and real in the model")
    try:
        result = model.load_state_dict(dict(state), strict=False)
    except Exception as error:  # the user's own load_state_dict may raise anything
        misfits = _misshapen(str(error)) or " ".join(str(error).split())
        own = model.state_dict()
        others = _name_misfits([key for key in own if key not in state], [key for key in state if key not in own])
        raise WeightsError(f"{file} does not fit {type(model).__name__}: {'; '.join([misfits, *others])}") from error
    others = _name_misfits(result.missing_keys, result.unexpected_keys)
    if others:
        raise WeightsError(f"{file} does not fit {type(model).__name__}: {'; '.join(others)}")
    return note


def _name_misfits(missing: list[str], unexpected: list[str]) -> list[str]:
    return [text for text in (_list(missing, "missing in it"), _list(unexpected, "not in the model")) if text]


def read_weights(file: str) -> Mapping[str, Any]:
    """The named tensors of a file of torch's (`.pt`, `.ckpt`, …) or a `.safetensors` file, as they are wrapped in it.

    Raises:
        WeightsError: there is no such file, or it holds no named tensors.
    """
    path = Path(file)
    if not os.path.isfile(path):
        raise WeightsError(f"{file} is a folder, not a weights file" if os.path.isdir(file) else f"there is no weights file {file}")
    try:
        check_size(path.stat().st_size, f"the weights file {file}")
        check_archive(path, f"the weights file {file}")
        if find_kind(path) is not None:
            raise InputError(f"{file} is a model with its own code, not a weights file; open it itself: neurontui inspect {file}")
        state = _read(path)
    except InputError as error:
        raise WeightsError(str(error)) from error
    except Exception as error:  # whatever a damaged file makes its reader raise
        raise WeightsError(f"{file} is no weights file: {_reason(error)}") from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"{file} is no weights file: it holds {with_article(type(state).__name__)}, not a state_dict of named tensors")
    return state


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return load_silently(path)


def _reason(error: Exception) -> str:
    message = " ".join(str(error).split())
    kind = re.search(r"GLOBAL ([\w.]+)", message)
    if isinstance(error, pickle.UnpicklingError) and kind:
        return f"it asks for {kind[1]}, and code in it is never run; save only the tensors with torch.save(model.state_dict(), …)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it holds no tensors as torch.save or safetensors write them, or it is damaged"


def read_tensors(file: str) -> dict[str, torch.Tensor]:
    """The named tensors of a weights file alone, unwrapped.

    Raises:
        WeightsError: there is no such file, or it holds no named tensors.
    """
    state, _ = _unwrap(read_weights(file), set(), file)
    return {name: tensor for name, tensor in state.items() if _is_tensor(tensor)}


def _unwrap(state: Mapping[Any, Any], expected: set[str], file: str) -> tuple[Mapping[str, Any], str]:
    """The tensors inside `{"state_dict": …}`, without the prefix that DataParallel or torch.compile put before each name."""
    notes: list[str] = []
    while not _has_tensors(state):
        key = next((key for key in _WRAPPERS if isinstance(state.get(key), Mapping)), None)
        if key is None or len(notes) == len(_WRAPPERS):  # a file can hold a dict that holds itself
            entries = ", ".join(map(str, list(state)[:8])) or "none"
            raise WeightsError(f"{file} is no weights file: it holds no named tensors; its entries are {entries}")
        state = state[key]
        notes.append(f"the weights were taken from {key!r} of the file")
    for prefix in _PREFIXES:
        if all(str(key).startswith(prefix) for key, value in state.items() if _is_tensor(value)) and not expected & set(state):
            state = {str(key).removeprefix(prefix): tensor for key, tensor in state.items()}
            notes.append(f"{prefix!r} was taken off the names of the weights")
    return {str(key): value for key, value in state.items()}, "; ".join(notes)


def _has_tensors(state: Mapping[str, Any]) -> bool:
    return any(_is_tensor(value) for value in state.values())


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _is_complex(value: Any) -> bool:
    return _is_tensor(value) and bool(value.is_complex())


def _misshapen(message: str) -> str:
    """torch's lines "size mismatch for fc1.weight: …" in one sentence."""
    shape = r"(?:torch\.Size\()?(\[.*?\])"
    pattern = rf"size mismatch for (\S+): copying a param with shape {shape}\)? from checkpoint, the shape in current model is {shape}"
    found = [f"{key} is {theirs} there and {ours} in the model" for key, theirs, ours in re.findall(pattern, message)]
    return "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")


def _list(keys: list[str], what: str) -> str:
    if not keys:
        return ""
    more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
    return f"{', '.join(keys[:5])}{more} {'is' if len(keys) == 1 else 'are'} {what}"
