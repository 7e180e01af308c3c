"""`neurontui run`: the script runs as it is, and the calls that are asked for are recorded."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from neurontui.cli import main
from neurontui.scripts import Choice, ScriptRun, run_script

TRAINING = """
import sys
import torch
from torch import nn
from rows_of_mine import ROWS

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.drop = nn.Linear(3, 2), nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(self.fc(x))

class Head(nn.Module):
    def forward(self, x):
        return x.sum()

if __name__ == "__main__":
    torch.manual_seed(0)
    model, head, loss = Net(), Head(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(int(sys.argv[1])):
        optimizer.zero_grad()
        y = model(torch.randn(ROWS, 3))
        value = loss(y, torch.zeros(ROWS, 2))
        value.backward()
        optimizer.step()
        head(y)
    print("weights", model.fc.weight.sum().item())
    if len(sys.argv) > 2:
        model(torch.randn(ROWS, int(sys.argv[2])))
"""


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
    sys.modules.pop("rows_of_mine", None)


@pytest.fixture
def script(tmp_path: Path) -> str:
    (tmp_path / "rows_of_mine.py").write_text("ROWS = 4\n")
    (tmp_path / "train.py").write_text(TRAINING)
    return str(tmp_path / "train.py")


def opened(run: ScriptRun) -> tuple[int | None, str, bool]:
    assert run.trace is not None
    return run.number, type(run.trace.run.model).__name__ if run.trace.run else "", run.trace.error is not None


def test_by_default_the_first_call_is_recorded(script: str) -> None:
    run = run_script(script, ["3"], Choice())
    assert opened(run) == (1, "Net", False)
    assert run.count == 6
    assert [line.model for line in run.lines] == ["Net", "Head"] * 3  # a loss is none
    assert run.lines[0].shapes == "[4, 3] → [4, 2]"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(call=3), (3, "Net", False)),
        (Choice(last=True), (6, "Head", False)),
        (Choice(model="Head"), (1, "Head", False)),
        (Choice(model="head", call=2), (2, "Head", False)),
        (Choice(model="loss", last=True), (3, "MSELoss", False)),
    ],
)
def test_a_call_is_chosen(script: str, choice: Choice, expected: tuple[int, str, bool]) -> None:
    assert opened(run_script(script, ["3"], choice)) == expected


def test_the_script_computes_what_it_always_does(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for choice in (Choice(), Choice(last=True), Choice(model="nothing")):
        run_script(script, ["5"], choice)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]


def test_the_recorded_parameters_are_those_of_the_call(script: str) -> None:
    weights = []
    for call in (1, 3):
        trace = run_script(script, ["3"], Choice(call=call)).trace
        assert trace is not None
        weights.append(trace.step("fc").params["weight"].tensor())
    assert not torch.equal(weights[0], weights[1])


def test_the_call_that_raised_is_opened_though_it_was_not_recorded(script: str) -> None:
    run = run_script(script, ["3", "7"], Choice())
    assert opened(run) == (7, "Net", True)
    assert isinstance(run.error, RuntimeError)
    assert run.lines[-1].error == "RuntimeError"
    assert run.trace is not None
    assert any("second time" in note for note in run.trace.notes)


def test_a_call_that_is_run_again_knows_the_line_of_the_script_that_made_it(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import torch\nnet = torch.nn.Linear(4, 1)\nfor width in (4, 3):\n    y = net(torch.ones(2, width))\n")
    trace = run_script(str(script), [], Choice()).trace
    assert trace is not None
    assert trace.error is not None
    source = trace.steps[0].source
    assert source is not None
    assert (source.line, source.text) == (4, "net(torch.ones(2, width))")
    assert trace.notes[0].startswith("call 2 had raised")


def test_a_call_that_draws_numbers_and_raises_is_run_again_with_the_same(tmp_path: Path) -> None:
    text = """
import torch
from torch import nn

drawn = []

class Picky(nn.Module):
    def forward(self, x):
        number = torch.rand(())
        drawn.append(number.item())
        if number > 0.9:
            raise ValueError("too large")
        return number

torch.manual_seed(0)
model = Picky()
for step in range(200):
    model(torch.ones(1))
"""
    (tmp_path / "picky.py").write_text(text)
    run = run_script(str(tmp_path / "picky.py"), [], Choice())
    assert isinstance(run.error, ValueError)
    assert run.trace is not None
    assert isinstance(run.trace.error, ValueError)
    drawn = sys.modules["__main__"].drawn  # type: ignore[attr-defined]
    assert drawn[-1] == drawn[-2] > 0.9


def test_runpy_semantics(tmp_path: Path) -> None:
    seen_line = "seen = (__name__, sys.argv, sys.path[0], sys.modules['__main__'].__dict__ is globals())"
    text = f"import sys, torch\n{seen_line}\ntorch.nn.ReLU()(torch.ones(1))\n"
    (tmp_path / "who.py").write_text(text)
    run = run_script(str(tmp_path / "who.py"), ["-a", "b"], Choice())
    assert run.count == 1
    seen = sys.modules["__main__"].seen  # type: ignore[attr-defined]
    assert seen == ("__main__", [str(tmp_path / "who.py"), "-a", "b"], str(tmp_path), True)


@pytest.mark.parametrize(("ending", "code"), [("sys.exit(0)", 0), ("sys.exit()", 0), ("sys.exit(4)", 1), ("raise ValueError('own')", 1)])
def test_how_a_script_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str, code: int) -> None:
    (tmp_path / "ends.py").write_text(f"import sys, torch\ntorch.nn.ReLU()(torch.ones(1))\n{ending}\n")
    assert main(["run", f"{tmp_path}/ends.py"]) == code
    out, err = capsys.readouterr()
    assert "relu" in out
    assert ("own" in err) == ("own" in ending)


def test_the_words_that_a_script_ends_with_are_no_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ends.py").write_text("import sys, torch\ntorch.nn.ReLU()(torch.ones(1))\nsys.exit('no data set')\n")
    assert main(["run", f"{tmp_path}/ends.py"]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/ends.py ended: no data set\n"


FORK = """
import os, sys, torch
model = torch.nn.ReLU()
model(torch.ones(1))
child = os.fork()
if child == 0:
    print("in the child", flush=True)
    {ending}
else:
    print("its code:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where a process can be forked")
@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [("pass", 0, ""), ("sys.exit(3)", 3, ""), ("sys.exit('no data')", 1, "no data\n"), ("raise ValueError('own')", 1, "ValueError: own\n")],
)
def test_what_a_script_forks_opens_no_debugger_of_its_own(tmp_path: Path, ending: str, code: int, said: str) -> None:
    (tmp_path / "forks.py").write_text(FORK.format(ending=ending))
    command = [sys.executable, "-W", "ignore", "-m", "neurontui", "run", "forks.py"]
    done = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr.endswith(said)
    assert bool(done.stderr) == bool(said)
    assert done.stdout.splitlines()[:2] == ["in the child", f"its code: {code}"]
    assert done.stdout.count("step 0") == 1


def test_a_parametrization_is_no_model_and_a_compiled_model_has_its_own_name(tmp_path: Path) -> None:
    text = """
import torch

class Net(torch.nn.Module):
    def forward(self, x):
        return x + 1

torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(2, 2))
model = Net()
compiled = torch.compile(model, backend="eager")
compiled(torch.ones(1))
"""
    (tmp_path / "compiles.py").write_text(text)
    for name in (None, "Net", "OptimizedModule", "model", "compiled"):
        run = run_script(str(tmp_path / "compiles.py"), [], Choice(model=name))
        assert [line.model for line in run.lines] == ["Net"]


def test_ctrl_c_ends_the_training_and_opens_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "long.py").write_text("import torch\ntorch.nn.ReLU()(torch.ones(1))\nraise KeyboardInterrupt\n")
    assert main(["run", f"{tmp_path}/long.py"]) == 1
    assert "relu" in capsys.readouterr().out
    (tmp_path / "longer.py").write_text("raise KeyboardInterrupt\n")
    assert main(["run", f"{tmp_path}/longer.py"]) == 130


def test_the_list_and_the_users_own_lines(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", script, "200", "7"]) == 1
    out, err = capsys.readouterr()
    assert "call 1  Net  [4, 3] → [4, 2]" in out
    assert "… 301 more calls …" in out
    assert "opened: call 401 of 401" in out
    assert "train.py" in err
    assert "site-packages" not in err
    assert "neurontui" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--call", "99"], "called a model 6 times, so there is no call 99; choose one from 1 to 6"),
        (["--model", "Nett"], "called no model 'Nett' at its top level; it called Net, MSELoss, Head"),
        (["--call", "2", "--last"], "not allowed with"),
    ],
)
def test_a_choice_that_leads_to_no_call(script: str, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main(["run", *words, script, "3"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("when", [1, 2])
def test_ctrl_c_in_a_forward_is_no_crash_of_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str], when: int) -> None:
    (tmp_path / "stopped.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    calls = 0\n"
        "    def forward(self, x):\n"
        "        self.calls += 1\n"
        f"        if self.calls == {when}: raise KeyboardInterrupt\n"
        "        return x + 1\n"
        "model = Net()\n"
        "for _ in range(3): model(torch.ones(1))\n"
    )
    assert main(["run", str(tmp_path / "stopped.py")]) == (130 if when == 1 else 1)
    out, err = capsys.readouterr()
    assert "was stopped" in out + err
    assert "TypeError" not in out + err
    assert ("opened: call 1" in out + err) == (when == 2)


def test_the_scripts_own_exception_is_no_terminal_escape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "coloured.py").write_text("raise ValueError('\\x1b[31mred')\n")
    main(["run", str(tmp_path / "coloured.py")])
    assert "\x1b" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "line",
    [
        "import io; sys.stdout = io.StringIO()",
        "import io; sys.stderr = io.StringIO()",
        "sys.stdin.close()",
        "sys.path[:] = []",
        "os.chdir('/')",
    ],
)
def test_what_a_script_does_to_its_process_does_not_reach_the_debugger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("first.txt").write_text("goto 1\n")
    Path("own.py").write_text(f"import os, sys, torch\ntorch.nn.ReLU()(torch.ones(1))\n{line}\n")
    folders = list(sys.path)
    assert main(["run", "-x", "first.txt", "own.py"]) == 0
    assert "(neurontui) goto 1" in capsys.readouterr().out
    assert set(folders) <= set(sys.path)


def test_a_script_that_closes_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut.py").write_text("import sys, torch\ntorch.nn.ReLU()(torch.ones(1))\nsys.stdout.close()\n")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["run", str(tmp_path / "shut.py")]) == 2
    assert "closed its standard output" in capsys.readouterr().err


def test_a_call_that_raises_only_once_leaves_the_one_that_was_recorded(tmp_path: Path) -> None:
    text = """
import torch

class Once(torch.nn.Module):
    def forward(self, x):
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("this time only")
        return x + 1

calls, model = [], Once()
for _ in range(2):
    model(torch.ones(1))
"""
    (tmp_path / "once.py").write_text(text)
    run = run_script(str(tmp_path / "once.py"), [], Choice())
    assert opened(run) == (1, "Once", False)
