"""Pictures of the screen: what the app shows at a step, on a page of a lesson, or at this moment; nothing is fetched for them."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from neurontui.cli import main
from neurontui.tui.screenshots import without_fonts

NEURON = """
import torch

model = torch.nn.Linear(2, 1)
model.load_state_dict({"weight": torch.tensor([[0.2, 0.4]]), "bias": torch.tensor([0.1])})
x = torch.tensor([3.0, 5.0])
"""
CRASH = "from torch import nn\nimport torch\nmodel = nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5))\nx = torch.ones(1, 10)\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NEURON)
    (tmp_path / "crash.py").write_text(CRASH)
    (tmp_path / "steps.txt").write_text("goto ./linear\nset weight[0, 1] = -1\n")


def read(path: str) -> str:
    """The words of a picture; that it is XML, and that no part of it is anywhere else."""
    svg = Path(path).read_text("utf-8")
    assert not re.findall(r"@font-face|@import|<image|<script|\bhref=|url\((?!#)", svg)
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"], "the name of the format alone"
    return "".join(ElementTree.fromstring(svg).itertext()).replace("\u00a0", " ")


def test_a_picture_of_the_app_at_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "net.py", "-o", "a.svg", "--step", "./linear", "--at", "0"]) == 0
    assert capsys.readouterr().out == "wrote a.svg\n"
    shown = read("a.svg")
    assert "Why is output[0] = 2.7000?" in shown
    assert "TRAIN" in shown
    assert main(["export", "net.py", "-o", "b.svg", "-x", "steps.txt", "--at", "0", "--size", "80x24", "--ascii"]) == 0
    assert "-4.3000" in read("b.svg")
    assert "╭" not in read("b.svg")
    assert main(["export", "crash.py", "-o", "c.svg", "--step", "1/linear"]) == 1
    assert "Why did it stop?" in read("c.svg")


def test_a_picture_of_a_page_of_a_lesson(tmp_path: Path) -> None:
    assert main(["export", "neuron", "-o", "a.svg", "--page", "4", "--size", "80x24"]) == 0
    shown = read("a.svg")
    assert "What does the neuron give?" in shown
    assert "2.7000" not in shown, "it is not answered"
    assert "back at page" not in shown
    assert not (tmp_path / "neurontui").exists(), "drawing it is no progress"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["net.py", "-o", "x.html", "--step", "."], "--step says what a picture shows, and -o x.html is none"),
        (["net.py", "-o", "x.json", "-x", "steps.txt"], "-x says what a picture shows"),
        (["net.py", "-o", "x.svg", "--page", "1"], "--page is for a picture of a lesson, and net.py is none"),
        (["neuron", "-o", "x.svg", "--at", "0"], "--at is for a picture of a model or trace"),
        (["neuron", "-o", "x.svg", "--page", "99"], "it has pages 1 to 9"),
        (["net.py", "-o", "x.svg", "--size", "big"], "big is no size of a screen"),
        (["net.py", "-o", "x.svg", "--step", "fc9"], "no step 'fc9'"),
        (["net.py", "-o", "x.svg", "--at", "0,0,0"], "its index has 1 number, not 3"),
        (["net.py", "-o", "x.svg", "--worksheet"], "a worksheet is an .html or .md file"),
    ],
)
def test_what_cannot_be_drawn_is_refused(words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *words]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / words[2]).exists()


async def test_save_takes_the_picture_of_this_moment(open_app, tmp_path):
    async with open_app("simple_ann", (120, 40)) as seat:
        await seat.press("s", "s", "1")
        await seat.line("save now.svg")
        assert "The picture is in now.svg." in seat.bottom
        await seat.line("save nowhere/now.svg")
        assert "nowhere/now.svg cannot be written" in seat.bottom
        await seat.press("p")
        await seat.pilot.pause(0.3)
        await seat.press("escape")
    shown = read("now.svg")
    assert "-0.9256" in shown
    assert "n next" in shown, "the keys are there again, no sentence of the command's"


def test_plain_mode_has_no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    (tmp_path / "steps.txt").write_text("save now.svg\n")
    assert main(["inspect", "net.py", "--plain", "-x", "steps.txt"]) == 2
    assert "Error: There is no screen here" in capsys.readouterr().out
    assert not (tmp_path / "now.svg").exists()


def test_fonts_of_a_server_are_left_out() -> None:
    assert without_fonts('<style>@font-face { font-family: "F"; src: url("https://x/y.woff2") }</style>') == "<style></style>"
