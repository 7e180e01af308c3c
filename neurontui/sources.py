"""Where in the user's code something happened: frames to lines, resolved when shown. Torch's, our and Python's own files are no user's."""

from __future__ import annotations

import linecache
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class SourceLine:
    """Where the user's code made a call. Lines are from 1; columns from 0, or None where unknown."""

    file: str
    line: int
    end_line: int | None
    column: int | None
    end_column: int | None
    text: str  # the text of that expression, or of the line
    function: str = ""


_PYTHON = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})
_PACKAGES = tuple({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
_OURS = str(Path(__file__).parent)

IS_USERS: dict[str, bool] = {}  # by file name: asked for every recorded call


def is_users(file: str) -> bool:
    """Whether code in `file` is the user's: not torch's, not NeuronTUI's, not Python's own."""
    known = IS_USERS.get(file)
    if known is None:
        known = IS_USERS[file] = _judge(file)
    return known


def is_ours(file: str) -> bool:
    """Whether `file` is NeuronTUI's own."""
    return file.startswith(_OURS + "/") and not file.startswith(_OURS + "/demos/")


def _judge(file: str) -> bool:
    if file.startswith("<frozen") or file in ("<string>", "<__array_function__ internals>") or file.startswith("<eval_with_key>"):
        return False
    if "/torch/" in file and any(file.startswith(f"{folder}/torch/") for folder in _torch_folders()):
        return False
    if is_ours(file):
        return False
    if file.startswith(_PACKAGES):
        return not any(
            file.startswith(f"{folder}/{name}") for folder in _PACKAGES for name in ("textual/", "_pytest/", "pluggy/", "numpy/")
        )
    return not file.startswith(_PYTHON)


@lru_cache(maxsize=1)
def _torch_folders() -> tuple[str, ...]:
    import torch

    return (*_PACKAGES, str(Path(torch.__file__).parent.parent))


def find_caller(frame: FrameType | None) -> tuple[CodeType, int] | None:
    """The nearest frame of the user's, as (code object, instruction offset)."""
    found = _find_users(frame)
    return None if found is None else (found.f_code, found.f_lasti)


def find_line(frame: FrameType | None) -> tuple[str, int] | None:
    """The nearest line of the user's, as (file, line)."""
    found = _find_users(frame)
    return None if found is None else (found.f_code.co_filename, found.f_lineno)


def _find_users(frame: FrameType | None) -> FrameType | None:
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def resolve(frame: Any) -> SourceLine | None:
    """A recorded frame's line, columns and text."""
    if frame is None or isinstance(frame, SourceLine):
        return frame
    code, offset = frame
    return _resolve(code, offset)


@lru_cache(maxsize=4096)
def _resolve(code: CodeType, offset: int) -> SourceLine:
    line, end_line, column, end_column = next(islice(code.co_positions(), offset // 2, None), (None, None, None, None))
    line = line or code.co_firstlineno
    end_line = end_line or line
    lines = [linecache.getline(code.co_filename, number).rstrip("\n") for number in range(line, end_line + 1)]
    # co_positions counts bytes of UTF-8, an editor counts characters.
    column, end_column = _characters(lines[0], column), _characters(lines[-1], end_column)
    text = "\n".join(lines)
    if column is not None and end_column is not None:
        last = len(text) - len(lines[-1]) + end_column
        text = text[column:last]
    return SourceLine(code.co_filename, line, end_line, column, end_column, text.strip(), code.co_qualname)


def _characters(text: str, count: int | None) -> int | None:
    return None if count is None else len(text.encode()[:count].decode(errors="replace"))


def find_error_lines(error: BaseException) -> tuple[SourceLine, ...]:
    """The traceback of an exception of the model, cut to the user's lines, outermost first. Torch is not needed for it."""
    lines = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if is_users(code.co_filename):
            lines.append(_resolve(code, traceback.tb_lasti))
        traceback = traceback.tb_next
    return tuple(lines)
