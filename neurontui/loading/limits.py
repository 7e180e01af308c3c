"""Sizes are held against the memory that is free before any of it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from neurontui.errors import InputError


def check_size(count: int, what: str) -> None:
    """Refuse what would take more than half of the free memory: an input is held by the run and once more by its record.

    Args:
        count: how many bytes it would take.
        what: the subject of the sentence: "the input randn:9x9".

    Raises:
        InputError: it does not fit; the sentence says how large it is and how much is free.
    """
    free = free_memory()
    if free is not None and count > free // 2:
        raise InputError(f"{what} would take {_gigabytes(count)}, and only {_gigabytes(free)} of memory are free; give a smaller one")


def free_memory() -> int | None:
    """Bytes of memory that can be taken now, within the container's limit; None where the system does not say."""
    figures = [figure for figure in (_system_memory(), _container_memory()) if figure is not None]
    return min(figures, default=None)


def _system_memory() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None  # Windows: torch itself refuses what cannot be had


def _container_memory() -> int | None:
    group = Path("/sys/fs/cgroup")
    try:
        limit, taken = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        statistics = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return limit - taken + int(statistics.get("inactive_file", 0))  # the file cache is given back when asked for
    except (OSError, ValueError):
        return None


def _gigabytes(count: int) -> str:
    return f"{count / 2**30:,.1f} GB" if count < 2**60 else f"{count / 2**30:.1e} GB"
