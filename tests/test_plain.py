"""Plain mode from its first line to its exit code; read by a screen reader, a pipe, or typed at a prompt."""

from __future__ import annotations

import io
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import torch
from terminals import in_terminal
from torch import nn
from walking_helpers import record, simple_ann

import neurontui
from neurontui import plain
from neurontui.debugger import Debugger

DRAWING = re.compile(r"[\u2500-\u257f\u2580-\u259f\u25a0-\u25ff\u2190-\u21ff\u2800-\u28ff\x00-\x09\x0b-\x1f\x7f]")


def play(debugger: Debugger, *piped: str, commands: Iterable[str] = ()) -> tuple[list[str], int]:
    """The lines of plain mode with these lines on stdin, and the exit code."""
    out = io.StringIO()
    code = plain.run(debugger, commands, io.StringIO("".join(f"{line}\n" for line in piped)), out)
    return out.getvalue().splitlines(), code


class Logarithm(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log(x)


def crashing() -> Debugger:
    return record(nn.Sequential(nn.Linear(10, 20), nn.Linear(5, 5)), torch.ones(1, 10))


def test_the_walk_is_printed_step_by_step_with_shapes() -> None:
    lines, code = play(simple_ann())
    assert code == 0
    assert lines == [
        "step 0, the model SimpleANN, takes [2], gives [1]",
        "step 1, fc1, Linear, takes [2], gives [2]",
        "step 2, fc1/linear, takes [2], gives [2]",
        "step 3, ./relu, takes [2], gives [2]",
        "step 4, fc2, Linear, takes [2], gives [1]",
        "step 5, fc2/linear, takes [2], gives [1]",
    ]


def test_a_crash_is_explained_and_is_exit_code_1() -> None:
    lines, code = play(crashing())
    assert code == 1
    assert any("raised RuntimeError" in line for line in lines)
    assert any("out_features of one layer = in_features of the next" in line for line in lines)
    assert any("mat1 and mat2 shapes cannot be multiplied (1x20 and 5x5)" in line for line in lines)
    lines, code = play(crashing(), "continue", "why")
    assert "The forward stopped here, with RuntimeError; why explains it." in lines
    answer = lines[lines.index(f"{plain.PROMPT}why") + 1 :]
    assert answer[0].startswith("%4 1/linear raised RuntimeError: mat1 and mat2")
    assert "The forward stopped here." in answer
    assert code == 1


def test_a_crash_from_a_file_says_the_same(tmp_path: Path) -> None:
    neurontui.save(crashing().trace, tmp_path / "crash.safetensors")
    for asked in ((), ("continue", "why")):
        loaded = Debugger(neurontui.load(tmp_path / "crash.safetensors"))
        live, told = play(crashing(), *asked)[0], play(loaded, *asked)[0]
        assert [line for line in told if "Error" in line] == [line for line in live if "Error" in line] != []


def test_a_nan_that_comes_out_is_told_from_the_start() -> None:
    lines, code = play(record(nn.Sequential(nn.Softplus(), Logarithm()), torch.tensor([-200.0])))
    assert code == 0
    assert lines[-1].startswith("The first -Inf was made by %4 1/log")


def test_commands_of_a_file_run_before_the_lines_of_stdin() -> None:
    lines, code = play(simple_ann(), "next", "quit", "next", commands=["# a comment", "", "goto fc1", "at 1"])
    prompted = [line for line in lines if line.startswith(plain.PROMPT)]
    assert prompted == [f"{plain.PROMPT}{line}" for line in ("goto fc1", "at 1", "next", "quit")]
    assert code == 0


def test_the_course_s_sum_is_read_out_term_by_term() -> None:
    lines, _ = play(simple_ann(), "goto fc1/linear", "why", "follow 1")
    told = "\n".join(lines)
    assert "Why is output[0] = -0.9256?" in told
    assert "input[0] 1.0000 times weight[0, 0] 0.3643 is 0.3643" in told
    assert "They agree" in told
    assert "input[1] = 2 is the model's input x[1]." in told


def test_an_edit_is_told_and_compared() -> None:
    lines, code = play(simple_ann(), "goto fc1/linear", "watch", "set fc1.weight[0,1] = 2", "list watches", "diff", "show output", "undo")
    assert code == 0
    assert "1: fc1/linear[0]: before -0.9256, now 3.6986" in lines
    assert any(line.startswith("They first differ at fc1/linear") for line in lines)
    shown = lines[lines.index(f"{plain.PROMPT}show output") :]
    assert "output before the changes:" in shown
    assert [line for line in shown if "-0.9256" in line]
    assert [line for line in shown if "3.6986" in line]
    assert "Taken back: set fc1.weight[0, 1] = 2." in lines


@pytest.mark.parametrize(
    ("compared", "rows"),
    [
        ("before", ["output before the changes:", "output[0] is 0.0000"]),
        ("now", ["output[0] is 3.0000"]),
        ("both", ["output before the changes:", "output[0] is 0.0000", "output[1] is 0.9508", "output now:", "output[0] is 3.0000"]),
    ],
)
def test_what_is_compared_is_shown_and_named(compared: str, rows: list[str]) -> None:
    lines, _ = play(simple_ann(), "goto ./relu", "set output[0] = 3", f"diff {compared}", "show")
    assert lines[lines.index(f"{plain.PROMPT}show") + 2 :] == [*rows, "output[1] is 0.9508"]
    assert "./relu is the first call that gives something else: you set ./relu[0] to 3." in lines


def test_a_tensor_that_was_overwritten_says_by_what() -> None:
    debugger = record(nn.Sequential(nn.Linear(2, 1), nn.ReLU(inplace=True)), torch.zeros(2))
    lines, _ = play(debugger, "goto 0", "show output", "goto 1", "show output")
    assert lines.count("Later 1/relu (%4) overwrote it in place: this is what it was before.") == 1


def test_a_tensor_its_slice_its_statistics_and_a_copy_are_written_out() -> None:
    debugger = record(nn.ReLU(), torch.arange(8.0).reshape(2, 2, 2))
    lines, code = play(debugger, "show output[1, :]", "stats", "copy slice", "view exact", "copy")
    assert code == 0
    told = "\n".join(lines)
    assert "4.0000, 5.0000" in told
    assert "0.0000, 1.0000" not in told
    assert any(line.startswith("mean") and "3.5" in line for line in lines)
    assert "4.0 5.0" in lines
    assert "Exact digits are on." in lines


def test_what_a_call_wrote_is_told_beside_what_it_was() -> None:
    debugger = record(nn.BatchNorm1d(3), torch.tensor([[2.0, 200, 4000], [4, 100, 2000], [6, 300, 6000]]))
    lines, _ = play(debugger, "show running_mean")
    start = lines.index("running_mean after the call:")
    assert any("0.0000" in line for line in lines[:start])
    assert any("20.0000" in line for line in lines[start:])


def test_a_wrong_line_is_told_and_is_exit_code_2() -> None:
    lines, code = play(simple_ann(), "nxt", "next")
    assert "Error: There is no command 'nxt' (help lists them all); did you mean 'next'?" in lines
    assert "step 1, fc1, Linear, takes [2], gives [2]" in lines
    assert code == 2
    assert play(crashing(), "nxt")[1] == 2
    assert play(simple_ann(), commands=["goto nowhere"])[1] == 2


def test_the_exit_code_is_that_of_the_first_run() -> None:
    debugger = record(nn.Embedding(5, 2), torch.tensor([1, 2]))
    lines, code = play(debugger, "set input[0] = 99")
    assert any("The forward raised IndexError." in line for line in lines)
    assert code == 0


ASKED = ["help", "where", "list", "list steps", "list tensors", "why", "stats", "show", "open", "predict", "diff"]


@pytest.mark.parametrize("command", ASKED)
def test_nothing_is_drawn(command: str) -> None:
    lines, _ = play(simple_ann(), "set x[0] = 3", "goto fc1/linear", command)
    for line in lines:
        assert not DRAWING.search(line), line
    lines, _ = play(crashing(), command)
    for line in lines:
        assert not DRAWING.search(line), line


def test_what_the_stream_cannot_write_is_written_as_its_code() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    plain.run(simple_ann(), ["why"], io.StringIO(), out)
    out.flush()
    assert b"\\u03a3" in raw.getvalue()  # the sign of a sum


def test_an_interrupt_ends_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("neurontui.plain.walking.execute", interrupt)
    with pytest.raises(KeyboardInterrupt):
        plain.run(simple_ann(), ["next"], io.StringIO(), io.StringIO())


PROMPT = plain.PROMPT.encode()
SESSION = """
import signal, sys, torch
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background ignores it, and so would this
from torch import nn
import neurontui
from neurontui import plain
from neurontui.debugger import Debugger
debugger = Debugger(neurontui.trace(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), torch.ones(2)))
sys.exit(plain.run(debugger, [], sys.stdin, sys.stdout))
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A session on a pseudo-terminal: the process, and our end of its terminal."""
    script = tmp_path / "session.py"
    script.write_text(SESSION)
    with in_terminal(tmp_path, str(script), kind="dumb") as opened:
        yield opened


def read_until(near: int, words: bytes) -> bytes:
    """What the terminal shows up to these words."""
    seen = b""
    while words not in seen:
        assert select.select([near], [], [], 60)[0], f"{words!r} did not come after {seen!r}"
        seen += os.read(near, 1)
    return seen


def test_a_terminal_is_prompted_and_a_typing_error_is_no_bad_input(terminal: tuple[subprocess.Popen[bytes], int]) -> None:
    process, near = terminal
    read_until(near, PROMPT)
    os.write(near, b"nxt\n")
    assert b"did you mean 'next'?" in read_until(near, PROMPT)
    time.sleep(0.5)  # a signal that comes between the prompt and the wait for a line is only seen with the next line
    process.send_signal(signal.SIGINT)
    read_until(near, PROMPT)
    os.write(near, b"next\n")
    assert b"step 1" in read_until(near, PROMPT)
    os.write(near, b"\x04")
    assert process.wait(timeout=60) == 0


def test_why_answers_for_a_plain_number_as_the_app_does() -> None:
    class Number(nn.Module):
        def forward(self, x: torch.Tensor) -> float:
            return x.sum().item()

    lines, _ = play(record(Number(), torch.tensor([0.5, 1.25])), "why", "goto ./item", "why")
    assert "Why is output = 1.7500? Made by ./item (%2)" in lines
    assert "Why is output = 1.7500?" in lines
    assert not [line for line in lines if line.startswith("Error")]
