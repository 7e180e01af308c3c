"""The end of the process after the app: at once, whatever still runs and however much was recorded."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import stat
import sys
import threading
from typing import Any

PATIENCE = 1.0  # seconds for what a program left to its end, where a model that still runs may hold it up


def leave(code: int) -> None:
    """End the process with this code where the app was open.

    Python's own end takes seconds for a long trace, whose steps it looks through and frees one by one; and there a thread that
    still runs torch wakes up inside C++ and ends the process by SIGABRT. It returns where Python has threads of a script to wait for.
    """
    jobs = sys.modules.get("neurontui.tui.jobs")
    if jobs is None:
        return
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    if any(_is_at_work(thread) for thread in others if thread.name == jobs.THREAD):
        ending = threading.Thread(target=_finish, daemon=True)
        ending.start()
        ending.join(PATIENCE)
    elif any(not thread.daemon for thread in others):
        return
    else:
        _finish()
    os._exit(code)


def _is_at_work(thread: threading.Thread) -> bool:
    """Whether the thread of the app's jobs has one left to do: with none it ends."""
    thread.join(0.1)
    return thread.is_alive()


def _finish() -> None:
    """What Python's own end would do for the user's program: what is registered for it, and files that nobody closed are written."""
    atexit._run_exitfuncs()
    for file in (*(_find_files() if _is_writing() else ()), sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # closed, or none at all
            file.flush()


def _is_writing() -> bool:
    """Whether a regular file is open for writing: to look for its object takes seconds where a million steps were recorded."""
    try:
        import fcntl

        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except (ImportError, OSError):
        return True  # this system does not tell
    for number in numbers:
        with contextlib.suppress(OSError):  # the one that listed them
            mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
            if number > 2 and mode != os.O_RDONLY and stat.S_ISREG(os.fstat(number).st_mode):
                return True
    return False


def _find_files() -> list[Any]:
    gc.unfreeze()  # what is frozen is in no list
    held = gc.get_objects()
    kinds = {kind for kind in set(map(type, held)) if io.IOBase.__base__ in kind.__mro__}
    return [item for item in held if type(item) in kinds]
