"""A Python program on a pseudo-terminal, in a process of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_terminal(folder: Path, *words: str, kind: str = "xterm-256color") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`python *words` in a terminal of 120 columns and 40 rows: its process, and our end of the terminal."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = {**os.environ, "TERM": kind, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen([sys.executable, *words], cwd=folder, stdin=far, stdout=far, stderr=far, env=environment) as process:
        os.close(far)
        try:
            yield process, near
        finally:
            process.kill()
            os.close(near)
