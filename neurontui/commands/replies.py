"""What a command answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

# moved: the position changed (its first line is the position, "%2 fc1/linear") · stayed: at an end · shown: another tensor, slice or view ·
# explained: why it is this value, or why it raised · ran: the model ran again · set: a breakpoint or watch changed · said: words only ·
# copied: `subject` goes to the clipboard (a text, or an Explanation to be written out) · predict: a question is wanted ·
# screenshot: a picture of the screen is wanted, in the file `subject`; the words are for where there is none ·
# nothing: an empty line or a comment · error: one sentence · quit
Kind = Literal["moved", "stayed", "shown", "explained", "ran", "set", "said", "copied", "predict", "screenshot", "nothing", "error", "quit"]


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """The answer to one command: what kind of thing happened, plain sentences, and the thing itself for whoever draws it.

    `subject` is a Step (moved, stayed, ran), a Shown (shown), an Explanation or a Failure (explained; None where there is none),
    a Statistics or a Diff (said), a Breakpoint or a Watch (set), a text or an Explanation (copied), the refusal (error), or None.
    """

    kind: Kind
    text: tuple[str, ...] = ()
    subject: Any = field(default=None, repr=False)
