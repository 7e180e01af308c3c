"""The command line, run in this process: what it prints, its exit codes, and one sentence for each bad input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from neurontui.cli import main
from neurontui.loading.demos import find_demos

HEAD = "import torch\nimport torch.nn as nn\n"
NET = """
class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.fc = nn.Linear(hidden, 2)
    def forward(self, x):
        return self.fc(x)
"""


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "good.py": "torch.manual_seed(0)\nmodel = nn.Linear(2, 3)\nx = torch.ones(2)\n",
        "other.py": "torch.manual_seed(1)\nmodel = nn.Linear(2, 3)\nx = torch.ones(2)\n",
        "syntax.py": "x = (1,\n",
        "empty.py": "a = 1\n",
        "several.py": "left = nn.Linear(1, 1)\nright = nn.Linear(1, 1)\n",
        "needs.py": NET,
        "raises.py": "def f():\n    raise RuntimeError('no data here')\nf()\n",
        "clash.py": "model = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))\nx = torch.ones(1, 2)\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(HEAD + text)
    torch.save({"weight": torch.ones(3, 9), "bias": torch.ones(3)}, tmp_path / "misfit.pt")
    torch.save(nn.Linear(2, 3).state_dict(), tmp_path / "fits.pt")
    (tmp_path / "noise.pt").write_bytes(b"\x00\x01nonsense")
    return tmp_path


BAD = [
    ("inspect {}/nosuch.py", "there is no file"),
    ("inspect {}", "is a folder"),
    ("inspect {}/syntax.py", "syntax error in line 3"),
    ("inspect {}/empty.py", "has no model"),
    ("inspect {}/several.py", "several models: left (Linear), right (Linear)"),
    ("inspect {}/needs.py", "needs an argument: hidden"),
    ("inspect {}/raises.py", "raised RuntimeError in line 4: no data here"),
    ("inspect {}/good.py:modle", "did you mean 'model'?"),
    ("inspect nosuch.module:Net", "there is no file and no module 'nosuch.module'"),
    ("inspect {}/good.py --input hello", "not understood"),
    ("inspect {}/good.py --input [1,'a']", "which is no number"),
    ("inspect {}/good.py --input [[1,2],[3]]", "ragged"),
    ("inspect {}/good.py --input rand:3", "did you mean 'randn'?"),
    ("inspect {}/good.py --input randn:3xx", "has no shape"),
    ("inspect {}/good.py --input randn:99999999x99999999", "of memory are free"),
    ("inspect {}/good.py --input nosuch.npy", "there is no input file"),
    ("inspect {}/good.py --weights {}/nosuch.pt", "there is no weights file"),
    ("inspect {}/good.py --weights {}/noise.pt", "is no weights file"),
    ("inspect {}/good.py --weights {}/misfit.pt", "weight is [3, 9] there and [3, 2] in the model"),
    ("inspect {}/good.py --dtype float3", "no floating-point dtype"),
    ("inspect {}/good.py --device nosuch", "cannot be used here: torch knows no such kind"),
    ("inspect {}/good.py --device xla", "from the 'XLA' backend"),
    ("inspect {}/good.py --arg hidden=3", "is built already"),
    ("inspect {}/needs.py --arg hiden=3", "did you mean 'hidden'?"),
    ("inspect {}/good.py --seed ten", "invalid whole number value: 'ten'"),
    ("inspect {}/good.py --seed 99999999999999999999", "is no seed"),
    ("inspect {}/nosuch.safetensors", "there is no file"),
    ("run", "required: SCRIPT.py;"),
    ("inspect {}/good.py --train --eval", "not allowed with"),
    ("inspect {}/good.py --wieghts x", "did you mean '--weights'?"),
    ("inspect {}/good.py -x {}/nosuch.txt", "cannot be read"),
    ("inspect", "required"),
    ("demo simple_an", "did you mean 'simple_ann'?"),
    ("demo stacked:nestd", "did you mean 'nested'?"),
    ("demo stacked:foo", "no variant 'foo'; its variants are composed, nested, sequential"),
    ("explain {}/good.py --step fc9", "fc9"),
    ("explain {}/good.py --step %99", "99"),
    ("explain {}/good.py --step . --at 7", "7"),
    ("explain {}/good.py --step . --at one", "no index"),
    ("explain {}/good.py --step . --at 0 --output 3", "3"),
    ("explain {}/good.py", "--step"),
    ("export {}/good.py -o {}/x.docx", "none of the endings"),
    ("export {}/good.py -o {}/nosuch/x.html", "there is no folder"),
    ("run {}/nosuch.py", "there is no file"),
    ("run {}/empty.py", "called no model"),
    ("run --call 0 {}/good.py", "counted from 1"),
    ("serve explain x", "needs a command that opens the app"),
    ("serve demo", "needs a command that opens the app"),
    ("serve demo neuron --plain", "needs a command that opens the app"),
    ("serve lesson check neuron", "needs a command that opens the app"),
    ("serve lesson neuro", "did you mean 'neuron'?"),
    ("serve demo neuro", "did you mean 'neuron'?"),
    ("serve inspect {}/nosuch.py", "there is no file"),
    ("serve run {}/nosuch.py", "there is no file"),
    ("inspct {}/good.py", "did you mean 'inspect'?"),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[line for line, _ in BAD])
def test_bad_input_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str], line: str, said: str) -> None:
    code = main([word.replace("{}", str(folder)) for word in line.split()])
    out, err = capsys.readouterr()
    assert code == 2
    assert err.startswith("neurontui: ")
    assert err.count("\n") == 1
    assert said in err
    assert "Traceback" not in out + err


def test_a_file_that_interrupts_itself_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "stop.py").write_text("import torch\nraise KeyboardInterrupt\n")
    assert main(["inspect", f"{folder}/stop.py"]) == 130
    err = capsys.readouterr().err
    assert err.startswith("neurontui: ")
    assert "stop.py was interrupted in line 2, before it left a model behind" in err
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(folder: Path) -> None:
    with pytest.raises(Exception, match="there is no file"):
        main(["inspect", f"{folder}/nosuch.py", "--debug"])


def test_a_sentence_from_a_file_cannot_steer_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "evil.py").write_text("raise ValueError('\\x1b[2J\\u202eevil')\n")
    assert main(["inspect", f"{folder}/evil.py"]) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert "\u202e" not in err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("neurontui 0.")
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f" {command} " in out for command in ("demo", "inspect", "run", "explain", "diff", "lesson", "export", "serve"))
    assert main([]) == 2


@pytest.mark.parametrize("command", ["demo", "inspect", "run", "explain", "diff", "lesson", "export", "serve"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"neurontui {command}" in capsys.readouterr().out


def test_the_demos_are_listed_without_torch() -> None:
    code = "import sys; from neurontui.cli import main; main(['demo']); print('torch' in sys.modules, 'textual' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[0] for line in shown[:-1]] == list(find_demos())
    assert shown[-1] == "False False"


def test_inspect_prints_the_walk_where_there_is_no_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", f"{folder}/good.py"]) == 0
    assert "linear" in capsys.readouterr().out.lower()


def test_a_forward_that_raises_exits_with_1_and_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", f"{folder}/clash.py"]) == 1
    out = capsys.readouterr().out
    assert "1x3 and 4x1" in out


def test_every_demo_opens(capsys: pytest.CaptureFixture[str]) -> None:
    failing = {"batchnorm_one", "full_model", "dimension_rule"}
    from neurontui.loading.demos import COURSE_ORDER

    codes = {name: main(["demo", name]) for name in COURSE_ORDER}
    assert codes == {name: int(name in failing) for name in COURSE_ORDER}


def test_piped_lines_and_a_file_of_commands_run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "first.txt").write_text("# to the layer\nstep\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("at 1\nquit\n"))
    assert main(["inspect", f"{folder}/good.py", "-x", f"{folder}/first.txt"]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("nonsense\n"))
    assert main(["inspect", f"{folder}/good.py"]) == 2


def test_a_model_that_reads_input_does_not_eat_the_commands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "class Net(nn.Module):\n    def forward(self, x):\n        input()\n        return x\nmodel = Net()\nx = torch.ones(1)\n"
    (folder / "asks.py").write_text(HEAD + text)
    monkeypatch.setattr(sys, "stdin", io.StringIO("where\n"))
    assert main(["inspect", f"{folder}/asks.py"]) == 1  # its input() met the end: EOFError is what the forward raised


def test_a_breakpoint_in_a_forward_is_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "class Net(nn.Module):\n    def forward(self, x):\n        breakpoint()\n        return x + 1\nmodel = Net()\nx = torch.ones(1)\n"
    )
    (folder / "stops.py").write_text(HEAD + text)
    assert main(["inspect", f"{folder}/stops.py"]) == 0
    assert "add" in capsys.readouterr().out


def test_an_index_may_begin_with_a_minus(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from neurontui.cli.parser import parse

    assert parse(["explain", "net.py", "--step", ".", "--at", "-1,0"]).at == "-1,0"
    assert parse(["inspect", "net.py", "--input", "-1.5", "--input", "-.5"]).inputs == ["-1.5", "-.5"]


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m neurontui --help | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_explain_writes_json_alone_to_stdout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "chatty.py").write_text((folder / "good.py").read_text() + "print('loading')\n")
    assert main(["explain", f"{folder}/chatty.py", "--step", ".", "--at", "0", "--json"]) == 0
    out, err = capsys.readouterr()
    why = json.loads(out)
    assert "loading" in err
    assert why["agrees"] is True
    assert len(why["terms"]) == 3


def test_explain_the_neuron(capsys: pytest.CaptureFixture[str]) -> None:
    from neurontui.loading.demos import find_demo

    file = find_demo("neuron")
    assert main(["explain", file, "--step", ".", "--at", "0", "--json"]) == 0
    why = json.loads(capsys.readouterr().out)
    assert [round(term["value"], 4) for term in why["terms"]] == [0.6, 2.0, 0.1]
    assert (round(why["computed"], 4), round(why["actual"], 4), why["agrees"]) == (2.7, 2.7, True)
    for form in ([], ["--plain"], ["--ascii"], ["--deep"], ["--deep", "--json"]):
        assert main(["explain", file, "--step", ".", "--at", "0", *form]) == 0
        out = capsys.readouterr().out
        assert "2.7" in out or "2.69999" in out


def test_explain_a_step_that_raised(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{folder}/clash.py", "--step", "1"]) == 1
    assert "1x3 and 4x1" in capsys.readouterr().out
    assert main(["explain", f"{folder}/clash.py", "--step", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "RuntimeError"
    assert main(["explain", f"{folder}/clash.py", "--step", "0", "--at", "0,0"]) == 1


def test_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", f"{folder}/good.py", f"{folder}/good.py"]) == 0
    assert main(["diff", f"{folder}/good.py", f"{folder}/other.py"]) == 1
    capsys.readouterr()
    assert main(["diff", f"{folder}/good.py", f"{folder}/other.py", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["first_divergence"]
    assert main(["diff", f"{folder}/good.py", f"{folder}/other.py", "--plain"]) == 1


def test_a_file_without_a_seed_equals_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "unseeded.py").write_text(HEAD + "import random\nmodel = nn.Sequential(nn.Linear(2, 3), nn.Dropout(random.random()))\n")
    assert main(["diff", f"{folder}/unseeded.py", f"{folder}/unseeded.py"]) == 0
    assert "no seed" not in capsys.readouterr().out


def test_weights_that_are_drawn_without_a_seed_are_said_to_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "unseeded.py").write_text(HEAD + "model = nn.Linear(2, 3)\n")
    for other, words in (("fits.pt", "unseeded.py sets no seed"), ("other.py", "unseeded.py sets no seed")):
        assert main(["diff", f"{folder}/unseeded.py", f"{folder}/{other}", "--plain"]) == 1
        assert words in capsys.readouterr().out
    (folder / "seeded.py").write_text(HEAD + "torch.manual_seed(0)\nmodel = nn.Linear(2, 3)\n")
    main(["diff", f"{folder}/seeded.py", f"{folder}/fits.pt"])
    assert "no seed" not in capsys.readouterr().out


def test_diff_of_checkpoints(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", f"{folder}/good.py", f"{folder}/fits.pt"]) == 1
    assert main(["diff", f"{folder}/fits.pt", f"{folder}/fits.pt"]) == 0
    for name in ("last.ckpt", "pytorch_model.bin"):  # as others call them
        (folder / name).write_bytes((folder / "fits.pt").read_bytes())
        assert main(["diff", f"{folder}/fits.pt", f"{folder}/{name}"]) == 0
    assert main(["diff", f"{folder}/fits.pt", f"{folder}/misfit.pt"]) == 1
    assert "weight" in capsys.readouterr().out


def test_a_saved_trace_is_opened_explained_compared_and_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = f"{folder}/run.safetensors"
    assert main(["export", f"{folder}/good.py", "-o", saved]) == 0
    assert main(["inspect", saved]) == 0
    assert main(["explain", saved, "--step", ".", "--at", "1"]) == 0
    assert main(["diff", f"{folder}/good.py", saved]) == 0
    for ending in ("html", "md", "json", "svg"):
        assert main(["export", saved, "-o", f"{folder}/run.{ending}"]) == 0
        assert (folder / f"run.{ending}").stat().st_size > 100
    capsys.readouterr()
    assert main(["inspect", saved, "--eval"]) == 2
    assert "takes no options" in capsys.readouterr().err


def test_options_about_the_model_reach_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = f"{folder}/good.py"
    options = ["--input", "[1, 2]", "--eval", "--no-grad", "--seed", "3", "--dtype", "float64", "--weights", f"{folder}/fits.pt"]
    assert main(["explain", good, "--step", ".", "--at", "0", "--json", *options]) == 0
    err = capsys.readouterr().err
    assert "read as float64" in err


def test_serve_needs_its_extra_or_starts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import types

    served: list[str] = []

    class Server:
        def __init__(self, command: str, **options: object) -> None:
            served.append(command)

        def serve(self) -> None:
            served.append("serving")

    module = types.ModuleType("textual_serve.server")
    module.Server = Server  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "textual_serve", types.ModuleType("textual_serve"))
    monkeypatch.setitem(sys.modules, "textual_serve.server", module)
    assert main(["serve", "--port", "8123", "demo", "simple_ann"]) == 0
    assert served == [f"{sys.executable} -m neurontui demo simple_ann", "serving"]

    def refuse(self: Server) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(Server, "serve", refuse)
    assert main(["serve", "--port", "8123", "demo", "simple_ann"]) == 2
    assert "--port 8123 cannot be served: Address already in use" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert main(["serve", "demo", "simple_ann"]) == 2
    assert "pip install 'neurontui[serve]'" in capsys.readouterr().err


def test_what_a_browser_cannot_be_asked_is_asked_in_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from neurontui.cli.lessons import allow_models
    from neurontui.lessons.library import open_lesson

    lesson = folder / "lesson.md"
    lesson.write_text("---\ntitle: A lesson\nmodel: good.py\n---\n## A page\nText.\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\n"))
    assert main(["serve", "lesson", str(lesson)]) == 2
    assert "its model was not allowed to run" in capsys.readouterr().err
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    allow_models(open_lesson(str(lesson)))
    assert not capsys.readouterr().err


def test_a_script_in_the_browser_does_not_read_what_the_browser_sends(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "asks.py").write_text("import torch\nprint(input('name? '))\n")
    sent = io.StringIO("D and four bytes\n")
    monkeypatch.setattr(sys, "stdin", sent)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert main(["run", f"{folder}/asks.py"]) == 1
    assert "EOFError" in capsys.readouterr().err
    assert sys.stdin is sent
    assert sent.read() == "D and four bytes\n"


def test_the_name_of_a_written_file_is_no_terminal_escape(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", f"{folder}/good.py", "-o", f"{folder}/a\x1b[31m.json"]) == 0
    assert "\x1b" not in "".join(capsys.readouterr())


def test_an_output_that_cannot_be_written(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "neurontui", "inspect", f"{folder}/good.py"]
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "neurontui: the output cannot be written: No space left on device\n")


def test_weights_are_not_compared_with_a_saved_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", f"{folder}/good.py", "-o", f"{folder}/run.safetensors"])
    for pair in (("fits.pt", "run.safetensors"), ("run.safetensors", "fits.pt")):
        assert main(["diff", *(f"{folder}/{name}" for name in pair)]) == 2
        assert "compare weights with a model or other weights" in capsys.readouterr().err


def test_weights_without_numbers_equal_none_that_have_some(folder: Path) -> None:
    torch.save({name: tensor.to("meta") for name, tensor in nn.Linear(2, 3).state_dict().items()}, folder / "meta.pt")
    assert main(["diff", f"{folder}/meta.pt", f"{folder}/fits.pt"]) == 1
    assert main(["diff", f"{folder}/meta.pt", f"{folder}/meta.pt"]) == 0


@pytest.mark.parametrize("ending", ["safetensors", "html", "md", "json"])
def test_an_exception_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    mute = "class Mute(Exception):\n    def __str__(self): raise ValueError\n"
    net = "class Net(nn.Module):\n    def forward(self, x): raise Mute\nmodel, x = Net(), torch.ones(1)\n"
    (folder / "mute.py").write_text(HEAD + mute + net)
    assert main(["inspect", f"{folder}/mute.py"]) == 1
    assert "raised Mute" in capsys.readouterr().out
    assert main(["export", f"{folder}/mute.py", "-o", f"{folder}/mute.{ending}"]) == 1


def test_a_saved_crash_is_called_what_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = f"{folder}/clash.safetensors"
    assert main(["export", f"{folder}/clash.py", "-o", saved]) == 1
    (folder / "first.txt").write_text("list\nwhere\ncontinue\nnext\n")
    capsys.readouterr()
    main(["inspect", saved, "-x", f"{folder}/first.txt"])
    out = capsys.readouterr().out
    assert "raised RuntimeError" in out
    assert "RecordedError" not in out


def test_an_export_is_not_written_over_what_it_is_made_from(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "numbers.json").write_text("[1, 2]")
    assert main(["export", f"{folder}/good.py", "--input", f"x={folder}/numbers.json", "-o", f"{folder}/numbers.json"]) == 2
    assert "would be written over what it is made from" in capsys.readouterr().err
    assert (folder / "numbers.json").read_text() == "[1, 2]"
