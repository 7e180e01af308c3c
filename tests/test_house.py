"""The house rules: layers, types, style, a lazy public face, and no trace of the machine that it was written on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import neurontui

TEXT_FILES = {".py", ".toml", ".md", ".yml", ".tcss", ".txt", ".svg", ".json", ""}


def run_module(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(' '.join(sys.modules), file=sys.__stderr__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def tracked_files(repository: Path) -> list[Path]:
    """What git tracks; in an unpacked archive, every file that is no cache."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := repository / name).is_file()]
    skipped = {".venv", "__pycache__", ".git", ".hypothesis", "dist", "build"}
    return [path for path in repository.rglob("*") if path.is_file() and not skipped & set(path.parts) and "_cache" not in str(path)]


def test_import_contracts_are_kept(repository: Path) -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing(repository: Path) -> None:
    done = run_module("ruff", "check", "--no-cache", ".", folder=repository)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_strict(repository: Path) -> None:
    done = run_module("mypy", folder=repository)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "code", ["import neurontui", "import contextlib, neurontui.cli as c\nwith contextlib.suppress(SystemExit): c.main(['--help'])"]
)
def test_neither_torch_nor_textual_is_imported(code: str) -> None:
    assert not {"torch", "textual", "rich", "numpy"} & imported_by(code)


def test_public_names() -> None:
    assert neurontui.__all__ == sorted(neurontui.__all__)
    for name in neurontui.__all__:
        assert getattr(neurontui, name).__doc__, name
    assert set(neurontui.__all__) <= set(dir(neurontui))
    with pytest.raises(AttributeError, match="no attribute 'wrong'"):
        neurontui.wrong  # noqa: B018


def test_no_machine_paths(repository: Path) -> None:
    machine = re.compile(r"(?<![\w.~])/(?:root|work|opt|mnt)/\w")
    for path in tracked_files(repository):
        if path.suffix in TEXT_FILES:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not machine.search(text), f"{path} names a folder of somebody's machine: {machine.search(text)}"


def test_top_level_is_the_agreed_one(repository: Path) -> None:
    top = {path.relative_to(repository).parts[0] for path in tracked_files(repository)}
    assert {name for name in top if not name.startswith(".")} <= {"neurontui", "tests", "demos", "pyproject.toml", "README.md", "LICENSE"}
