"""Where each move leads: index arithmetic on the pre-order tuple of steps. None means: there is nothing that way.

`end` of a step is one past its last descendant, so a subtree is left without being walked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from neurontui.records import Step

Steps = Sequence[Step]
Move = Callable[[Steps, int], int | None]


def next_step(steps: Steps, index: int) -> int | None:
    """The next step that is no descendant; from %0, into it."""
    target = 1 if index == 0 else steps[index].end
    return target if target < len(steps) else None


def back_next(steps: Steps, index: int) -> int | None:
    """The previous sibling, else the parent."""
    parent = steps[index].parent
    if parent is None or index == parent + 1:
        return parent
    sibling = index - 1
    while (above := steps[sibling].parent) is not None and above != parent:
        sibling = above
    return sibling


def return_step(steps: Steps, index: int) -> int | None:
    """The first step after the parent's subtree."""
    parent = steps[index].parent
    if parent is None:
        return None
    target = steps[parent].end
    return target if target < len(steps) else None


def back_return(steps: Steps, index: int) -> int | None:
    """The parent."""
    return steps[index].parent


def list_enclosing(steps: Steps, index: int) -> list[int]:
    """The steps around `index`, outermost first, and itself."""
    path = [index]
    while (parent := steps[path[-1]].parent) is not None:
        path.append(parent)
    return path[::-1]


def find_crash(steps: Steps) -> int | None:
    """The innermost call that the exception which ended the forward came out of; None where the forward ended well."""
    if not steps or steps[0].error is None:
        return None
    index = 0
    while True:
        child = _last_child(steps, index)
        if child is None or not _same_error(steps[child].error, steps[0].error):
            return index
        index = child


def _same_error(one: BaseException | None, other: BaseException | None) -> bool:
    """Whether both are one exception; in a loaded trace each step has its own copy of it."""
    return one is other or (type(one) is type(other) and str(one) == str(other))


def _last_child(steps: Steps, index: int) -> int | None:
    """The last call that a step made."""
    end = steps[index].end
    if end <= index + 1:
        return None
    child = end - 1
    while (parent := steps[child].parent) is not None and parent != index:
        child = parent
    return child
