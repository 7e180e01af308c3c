"""How far a learner got, kept in the user's state folder. Losing it is never an error."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurontui.lessons.player import Player


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one lesson was played: the page (from 1), of how many; and the questions by page, whether each was found."""

    page: int = 1
    pages: int = 1
    finished: bool = False
    results: Mapping[str, bool] = field(default_factory=dict)

    @property
    def found(self) -> int:
        """How many questions were found."""
        return sum(self.results.values())

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return len(self.results)


def state_file() -> Path:
    """`$XDG_STATE_HOME/neurontui/lessons.json`, in `~/.local/state` where that is not set."""
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home and os.path.isabs(home) else Path.home() / ".local" / "state") / "neurontui" / "lessons.json"


def read_progress() -> dict[str, Progress]:
    """The progress by lesson; what cannot be read is as if it were not there."""
    try:
        found = json.loads(state_file().read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        return {}
    if not isinstance(found, dict):
        return {}
    read = {name: _read_one(entry) for name, entry in found.items()}
    return {name: entry for name, entry in read.items() if entry is not None}


def _read_one(entry: Any) -> Progress | None:
    if not isinstance(entry, Mapping):
        return None
    values: dict[str, Any] = {field.name: entry.get(field.name) for field in fields(Progress)}
    results = values["results"]
    whole = all(type(values[name]) is int and values[name] >= 1 for name in ("page", "pages")) and isinstance(values["finished"], bool)
    known = isinstance(results, dict) and all(isinstance(result, bool) for result in results.values())
    return Progress(**values) if whole and known else None


def keep_progress(name: str, progress: Progress) -> None:
    """Write the progress of one lesson: whole, or not at all."""
    with suppress(OSError, RuntimeError):
        file = state_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {**read_progress(), name: progress}
        text = json.dumps({name: asdict(entry) for name, entry in kept.items()}, indent=2)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".lessons")
        try:
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(temporary, file)
        except BaseException:
            os.unlink(temporary)
            raise


def first_page(name: str) -> int:
    """The page to begin at: the one that was reached before, unless the lesson was finished."""
    known = read_progress().get(name)
    return known.page if known is not None and not known.finished else 1


def keep_player(player: Player, name: str) -> None:
    """Keep how far the learner got; what was found in an earlier sitting stays found."""
    count, known = len(player.lesson.pages), read_progress().get(name, Progress())
    results = dict(known.results)
    for page, record in player.records.items():
        results[str(page)] = record.solved or results.get(str(page), False)
    keep_progress(name, Progress(min(player.number, count), count, player.number > count, results))
