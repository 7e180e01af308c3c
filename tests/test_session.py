"""Opening: the app in a terminal, plain mode without one, a page in a notebook."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import neurontui
from neurontui import session
from neurontui.session import has_screen, read_commands


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_screen_needs_a_terminal_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for stdin, stdout, expected in ((Terminal(), Terminal(), True), (io.StringIO(), Terminal(), False), (Terminal(), io.StringIO(), False)):
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", stdout)
        assert has_screen() is expected
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not has_screen()


@pytest.mark.parametrize("words", [("demo", "simple_ann"), ("run", "chatty.py")])
def test_in_a_browser_the_app_opens_though_it_talks_through_pipes(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As textual-serve starts it: the driver says that it is there, and what a script says before does not come between."""
    environment = {**os.environ, "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    (tmp_path / "chatty.py").write_text("import torch\nfor number in range(20): print(torch.nn.ReLU()(torch.ones(1)))\n")
    command = [sys.executable, "-m", "neurontui", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.kill()
    assert first == b"__GANGLION__\n"


def test_in_a_terminal_the_app_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    from neurontui.tui import app

    opened: list[Any] = []
    monkeypatch.setattr(session, "has_screen", lambda: True)
    monkeypatch.setattr(app, "run_app", lambda make, **options: opened.append((make(lambda _: None), options)) or 0)
    neurontui.debug(nn.Linear(2, 1), torch.ones(2))
    debugger, options = opened[0]
    assert debugger.trace.steps[0].op.endswith("Linear")
    assert options["title"] == "Linear"


def test_debug_leaves_model_and_random_state_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5))
    state = torch.get_rng_state()
    neurontui.debug(model, torch.ones(2, 3), seed=4)
    assert torch.equal(torch.get_rng_state(), state)
    assert model[0].num_batches_tracked.item() == 0
    assert "dropout" in capsys.readouterr().out


def test_in_a_notebook_a_page_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    shell = type("ZMQInteractiveShell", (), {})()
    package, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    package.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    neurontui.debug(nn.Linear(2, 1), torch.ones(2))
    page = shown[0]._repr_html_()
    assert page.startswith("<iframe srcdoc=")
    assert "Linear" in page


def test_the_lines_of_a_command_file(tmp_path: Any) -> None:
    file = tmp_path / "first.txt"
    file.write_text("next\nat 0\n")
    assert read_commands(str(file)) == ("next", "at 0")
    file.write_bytes(b"\xef\xbb\xbfnext\r\n")  # as Windows writes it
    assert read_commands(str(file)) == ("next",)
    file.write_bytes(b"\xff\xff")
    with pytest.raises(neurontui.NeuronTUIError, match="it is no text"):
        read_commands(str(file))
