"""Which step of one trace is which of another: by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def align(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of places of equal names, in the order of `left`; what only `right` has follows what it followed there.

    >>> list(align(["a", "b", "c"], ["a", "x", "c"]))
    [(0, 0), (1, None), (None, 1), (2, 2)]
    """
    places = {name: place for place, name in enumerate(right)}
    shared = set(left) & places.keys()
    done = 0
    for place, name in enumerate(left):
        if name not in shared:
            yield place, None
            continue
        partner = places[name]
        yield from ((None, other) for other in range(done, partner) if right[other] not in shared)
        done = max(done, partner + 1)
        yield place, partner
    yield from ((None, other) for other in range(done, len(right)) if right[other] not in shared)
