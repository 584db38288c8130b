"""Numbers of one moment in shared memory: all of it, or nothing, is what a reader gets.

words     0 head  1 tail  2.. the numbers

One process writes; `head` and `tail` are equal while they are whole.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STAMPS = 2  # words before the numbers
_HEAD, _TAIL = range(STAMPS)


class StampedWords:
    """`words`: the stamps, then as many numbers as there are; `fence` is that of their segment."""

    def __init__(self, words: memoryview[int], fence: Callable[[], None]) -> None:
        self._words, self.fence = words, fence

    def write(self, numbers: Sequence[int]) -> None:
        """All of them anew, in their order."""
        words = self._words
        words[_HEAD] += 1
        self.fence()  # from here on nobody takes what stands there for whole
        words[STAMPS : STAMPS + len(numbers)] = memoryview(array("q", numbers))
        self.fence()
        words[_TAIL] = words[_HEAD]

    def read(self) -> list[int] | None:
        """Those of one moment; None before the first, or while they are being written."""
        words = self._words
        stamp = words[_TAIL]
        self.fence()
        copy = bytes(words[STAMPS:])
        self.fence()
        if not stamp or words[_HEAD] != stamp:
            return None
        return memoryview(copy).cast("q").tolist()

    def close(self) -> None:
        """Drop the view."""
        self._words.release()
