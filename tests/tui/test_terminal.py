"""What a model prints and reads."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from neurontui.tui.terminal import LIMIT, Output, silence


def test_lines_are_kept_and_told_once_until_read():
    told = []
    output = Output(lambda: told.append(1))
    print("one", "two", file=output)
    output.write("open")
    assert len(told) == 1
    assert output.lines() == ("one two", "open")
    output.write(" end\n")
    assert len(told) == 2
    assert output.lines() == ("one two", "open end")


def test_endless_printing_fills_no_memory():
    output = Output(lambda: None)
    for number in range(LIMIT + 500):
        print(number, file=output)
    assert len(output.lines()) == LIMIT
    output.write("x" * 5 * LIMIT)
    assert len(output.lines()[-1]) == LIMIT


def test_input_and_breakpoint_cannot_hang():
    output = Output(lambda: None)
    with silence(output):
        with pytest.raises(EOFError):
            input()
        breakpoint()
    read, passed = output.lines()
    assert "nothing to read for input()" in read
    assert "breakpoint() was passed over" in passed


def test_a_progress_bar_is_one_line_in_its_last_state():
    output = Output(lambda: None)
    for number in range(3):
        output.write(f"\r{number} of 2")
        assert output.lines() == (f"{number} of 2",)
    output.write("\nnext\r\n50 %\r")
    assert output.lines() == ("2 of 2", "next", "50 %")


def test_what_c_code_and_children_print_goes_to_the_console():
    """In a process of its own: it moves file descriptors 1 and 2."""
    program = """
import os, subprocess, sys, time
from neurontui.tui.terminal import Output, own_terminal
output = Output(lambda: None)
with own_terminal(output):
    os.write(1, b"half\\rfrom C\\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"])
    print("to the screen", file=sys.__stderr__, flush=True)
    deadline = time.time() + 5
    while len(output.lines()) < 2 and time.time() < deadline: time.sleep(0.01)
print("after", output.lines())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, env=dict(os.environ))
    assert done.stdout == "after ('from C', 'from a child')\n"
    assert done.stderr == "to the screen\n"
