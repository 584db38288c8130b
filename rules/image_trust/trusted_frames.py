"""Frames that the line has trusted, read out of its ring while it goes on; it notices nothing.

Taken is the newest frame but one: the line looks at what a frame shows right after it came, and
takes the next one of the view when it is done with that. What it refused is marked by then. The
ring is mapped for reading only. A slot that is written to while it is copied is thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gonogo.ipc.frame_ring import SERIAL, STATE, TRIGGER_NS, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.ipc.frame_ring import FrameRing, Slot

    Frame = NDArray[np.uint8]


class TrustedFrames:
    """Of one view; its one buffer is made at the start."""

    def __init__(self, ring: FrameRing, copy: Callable[[Frame, Frame], None] = np.copyto) -> None:
        self._ring, self._copy = ring, copy
        self._frame: Frame = np.empty(ring.geometry.shape, np.uint8)
        self._last_ns = 0  # trigger of the last one that was taken

    def take(self) -> Frame | None:
        """A frame of a part that was not taken yet, valid until the next call; or None."""
        parts = [slot for slot in self._ring.slots if slot.words[SERIAL]]
        triggers_ns = sorted(slot.words[TRIGGER_NS] for slot in parts)
        if not triggers_ns:
            return None
        judged = [
            (slot.words[TRIGGER_NS], slot)
            for slot in parts
            if self._last_ns < slot.words[TRIGGER_NS] < triggers_ns[-1]
        ]
        for trigger_ns, slot in sorted(judged, key=lambda each: each[0], reverse=True):
            if self._copied(slot, trigger_ns):
                self._last_ns = trigger_ns
                return self._frame
        return None

    def _copied(self, slot: Slot, trigger_ns: int) -> bool:
        """Whether the buffer now holds a frame that is whole, of that part, and trusted."""
        generation = slot.generation
        if generation < 0 or not _good(slot, trigger_ns):
            return False
        self._copy(self._frame, slot.pixels)
        # all of it once more: the line may have begun another one meanwhile, or refused this one
        return slot.still(generation) and _good(slot, trigger_ns)

    def close(self) -> None:
        """Unmap the ring."""
        self._ring.close()


def _good(slot: Slot, trigger_ns: int) -> bool:
    words = slot.words
    return bool(words[STATE] == State.READY and words[SERIAL] and words[TRIGGER_NS] == trigger_ns)
