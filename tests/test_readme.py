"""What the README says is so: its commands parse or run, its Python runs, its keys are bound, its pictures are there."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import neurontui
from neurontui.cli import main
from neurontui.cli.parser import parse
from neurontui.explainers import registry
from neurontui.lessons.library import find_lessons
from neurontui.loading.demos import find_demos
from neurontui.tui.keymap import KEYMAP

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Hypot(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.hypot(x, x + 1)


@pytest.fixture(scope="session")
def readme(repository: Path) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def blocks(readme: str) -> Callable[[str], list[str]]:
    return lambda language: [text for kind, text in BLOCK.findall(readme) if kind == language]


def test_the_first_commands_install_everything(blocks: Callable[[str], list[str]]) -> None:
    demo, tests, *_ = blocks("sh")
    assert demo.count("\n") == tests.count("\n") == 1
    assert demo.endswith("-e . && .venv/bin/neurontui demo simple_ann\n")
    assert tests.endswith("-e '.[test]' && .venv/bin/pytest\n")
    for command in (demo, tests):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install torch==2.13.0 ")


def test_commands_parse(blocks: Callable[[str], list[str]]) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if "neurontui " in line]
    lines = [line[line.index("neurontui ") :] for line in lines if "pip install torch" not in line]
    assert len(lines) > 12
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert parse(words).command == words[0]


def test_outputs_are_the_real_ones(blocks: Callable[[str], list[str]], repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks("console"):
        command, *shown = block.splitlines()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(repository)
            patch.setattr("sys.stdin", io.StringIO())
            main(shlex.split(command.removeprefix("$ neurontui ")))
        printed = capsys.readouterr().out.rstrip().splitlines()
        assert [line.rstrip() for line in printed] == shown


def test_python_runs(blocks: Callable[[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = dict(registry._EXPLAINERS)
    code, plugin = blocks("python")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            exec(compile(code, "README.md", "exec"), {})
            exec(compile(plugin, "README.md", "exec"), {})
        why = neurontui.explain(neurontui.trace(Hypot(), torch.tensor([3.0])), "./hypot", at=(0,))
    finally:
        registry._EXPLAINERS.clear()
        registry._EXPLAINERS.update(known)
    assert (why.formula, why.computed, why.agrees) == ("output = √(input² + other²)", 5.0, True)
    printed = capsys.readouterr().out.splitlines()
    comments = re.findall(r"^print.*?# (\[.*\]|\S+)$", code, re.MULTILINE)
    assert comments == [printed[0], printed[3]]
    assert "True" in printed[1]
    assert "parameter" in printed[2]
    assert (tmp_path / "run.safetensors").exists()


def test_what_it_counts_is_there(readme: str) -> None:
    demos, lessons = len(find_demos()), len([name for name in find_lessons() if "." not in name])  # neuron.de: a lesson in German
    assert (demos, lessons) == (20, 18), "then the README says another number"
    assert "lists twenty small models" in readme
    assert "lists eighteen lessons" in readme


def test_keys_are_bound(readme: str) -> None:
    written = {
        "[": "left_square_bracket", "]": "right_square_bracket", "{": "left_curly_bracket", "}": "right_curly_bracket", "@": "at",
        "/": "slash", ":": "colon", "?": "question_mark",
    }  # fmt: skip
    bound = {key for binding in KEYMAP for key in binding.key.split(",")}
    table = readme.split("## Keys")[1].split("##")[0]
    keys = [key for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for key in re.findall(r"`(.+?)`", row)]
    assert len(keys) > 25
    assert {written.get(key, key) for key in keys} <= bound


def test_pictures_are_there(readme: str, repository: Path) -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    assert pictures
    assert all((repository / picture).stat().st_size > 1000 for picture in pictures)
