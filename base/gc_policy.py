"""The memory of a process that runs for months: taken at its start, level from then on.

What lives by then is frozen, so that looking for garbage costs next to nothing; and it is
looked for by the clock. CPython does it by itself when enough objects have been added, which
in a process that is as large as ours and hardly keeps anything is hours apart: meanwhile the
interpreter's lists of spare tuples grow (up to 2000 of each length), and only a full
collection empties them.
"""

from __future__ import annotations

import gc

EVERY_S = 1.0  # often enough for the lists of spare tuples to stay short


def freeze() -> None:
    """Collect, set aside all that lives, and collect no more unless told to."""
    # first: what is garbage by now would be set aside, and kept for ever, with the rest
    gc.collect()
    gc.freeze()
    # else it collects in the middle of a cycle, whenever enough objects have been added
    gc.disable()


class Tidy:
    """Keeps a process that is not in the cycle at its size, once its start is frozen."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def collect_when_due(self, now_s: float) -> None:
        """Collect, once in EVERY_S at most."""
        if now_s >= self._next_s:
            self._next_s = now_s + EVERY_S
            gc.collect()
