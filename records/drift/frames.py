"""Frames of one view, measured now and then out of its ring while the line goes on.

The ring is mapped for reading only, and nothing in it is waited for. Taken is the newest frame but
one, or one that has lain there for a second, as what its engine made of it lies beside it by then;
none that is older than two, for its row is charted already. Also one that the line has refused:
such frames say best what became of the light. A slot that is written to meanwhile is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.ipc.frame_ring import (
    EMBED_MAX,
    EXPOSURE_NS,
    R_EMBED,
    R_ENGINE,
    R_GENERATION,
    R_STATUS,
    SERIAL,
    STATE,
    TRIGGER_NS,
    ResultStatus,
    State,
)
from gonogo.records.drift.looks import looks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gonogo.ipc.frame_ring import FrameRing, Result, Slot
    from gonogo.records.drift.looks import Seen

SETTLED_NS, OLD_NS = 10**9, 2 * 10**9  # since its trigger


class Shown(NamedTuple):
    """The frame of a part. `embeddings`: float32 (n,) by the id of the engine, in hex."""

    serial: int
    seen: Seen
    embeddings: dict[str, NDArray[np.float32]]


class Frames:
    """Of one view; its one buffer is made at the start. `look` measures a frame."""

    def __init__(
        self, ring: FrameRing, look: Callable[[NDArray[np.uint8]], Seen] = looks_of
    ) -> None:
        self._ring, self._look = ring, look
        self._frame = np.empty(ring.geometry.shape, np.uint8)
        self._last_ns = 0  # trigger of the last one that was taken

    def take(self, now_ns: int) -> Shown | None:
        """The frame of a part that was not taken yet; None where there is none.

        `now_ns`: of CLOCK_MONOTONIC, as triggers are.
        """
        parts = [(slot.words[TRIGGER_NS], slot) for slot in self._ring.slots if slot.words[SERIAL]]
        newest_ns = max((trigger_ns for trigger_ns, _ in parts), default=0)
        due = [each for each in parts if self._is_due(each[0], newest_ns, now_ns)]
        for trigger_ns, slot in sorted(due, key=lambda each: each[0], reverse=True):
            found = self._copied(slot, trigger_ns)
            if found is not None:
                self._last_ns = trigger_ns
                return found
        return None

    def _is_due(self, trigger_ns: int, newest_ns: int, now_ns: int) -> bool:
        age_ns = now_ns - trigger_ns
        settled = trigger_ns < newest_ns or age_ns >= SETTLED_NS
        return self._last_ns < trigger_ns and settled and age_ns < OLD_NS

    def _copied(self, slot: Slot, trigger_ns: int) -> Shown | None:
        """What lies there, if it is whole, and was of that part before and after the copy."""
        generation = slot.generation
        serial = slot.words[SERIAL]
        if generation < 0 or not _came(slot) or slot.words[TRIGGER_NS] != trigger_ns:
            return None
        np.copyto(self._frame, slot.pixels)
        embeddings = dict(_embeddings(slot, generation))
        if not slot.still(generation):
            return None
        return Shown(serial, self._look(self._frame), embeddings)

    def close(self) -> None:
        """Unmap the ring."""
        self._ring.close()


def _came(slot: Slot) -> bool:
    """Whether a frame came, trusted or not; where none did, another part's lies there still."""
    words = slot.words
    return bool(words[STATE] == State.READY or (words[STATE] == State.FAULT and words[EXPOSURE_NS]))


def _embeddings(slot: Slot, generation: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Of both engine places, as far as they have judged this frame and have one."""
    for result in slot.results:
        stamp = result.stamp
        length = result.words[R_EMBED]
        if stamp > 0 and _is_of(result, generation) and 0 < length <= EMBED_MAX:
            engine, found = result.words[R_ENGINE], result.embedding[:length].copy()
            if result.still(stamp):
                yield f"{engine & (1 << 64) - 1:016x}", found


def _is_of(result: Result, generation: int) -> bool:
    words = result.words
    return bool(words[R_STATUS] == ResultStatus.OK and words[R_GENERATION] == generation)
