"""Frames and anomaly maps of one view, copied out of its ring while the line goes on.

The ring is mapped for reading only, and nothing in it is waited for. A frame is that of a part when
the slot has the part's serial and the generation that the journal gives, before the copy and after
it; a map is that of a score when the result has its times and the frame's generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.ipc.frame_ring import (
    MAP_MAX,
    R_DONE_NS,
    R_ENGINE,
    R_GENERATION,
    R_MAP_COLUMNS,
    R_MAP_ROWS,
    R_START_NS,
    R_STATUS,
    SERIAL,
    STATE,
    ResultStatus,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.base.words import Score, ViewCapture
    from gonogo.ipc.frame_ring import FrameRing, Result, Slot

    Frame = NDArray[np.uint8]
    Map = NDArray[np.float32]


class Copied(NamedTuple):
    """A frame, uint8 H x W (x 3, BGR), and its map, float32 rows x columns, where it has one."""

    pixels: Frame
    map: Map | None = None


class RingReader:
    """Of one view."""

    def __init__(self, ring: FrameRing, copy: Callable[[Frame, Frame], None] = np.copyto) -> None:
        self._ring, self._copy = ring, copy

    @property
    def nbytes(self) -> int:
        """What a copy takes."""
        return self._ring.geometry.nbytes

    def take(self, look: ViewCapture, serial: int, score: Score | None = None) -> Copied | None:
        """The frame that a part was judged on; None where the ring holds it no longer."""
        if look.slot >= len(self._ring.slots):
            return None
        slot = self._ring.slots[look.slot]
        if not _is_of(slot, look.generation, serial):
            return None
        pixels = np.empty(self._ring.geometry.shape, np.uint8)
        self._copy(pixels, slot.pixels)
        found = None if score is None else _map_of(slot, look.generation, score)
        # all of it once more: the line may have begun another frame meanwhile
        whole = slot.still(look.generation) and _is_of(slot, look.generation, serial)
        return Copied(pixels, found) if whole else None

    def find(self, serial: int) -> tuple[int, int] | None:
        """Slot and generation of a part whose line told of neither; None where none is whole."""
        for slot in self._ring.slots:
            generation, words = slot.generation, slot.words
            if generation > 0 and words[SERIAL] == serial and words[STATE] == State.READY:
                return slot.index, generation
        return None

    def close(self) -> None:
        """Unmap the ring."""
        self._ring.close()


def _is_of(slot: Slot, generation: int, serial: int) -> bool:
    return bool(slot.generation == generation and slot.words[SERIAL] == serial)


def _map_of(slot: Slot, generation: int, score: Score) -> Map | None:
    """Of the engine place that gave the score: the other one may have judged it in shadow."""
    for result in slot.results:
        stamp = result.stamp
        if stamp > 0 and _is_for(result, generation, score):
            found = _copied(result)
            return found if result.still(stamp) else None
    return None


def _is_for(result: Result, generation: int, score: Score) -> bool:
    words = result.words
    said = words[R_GENERATION], words[R_ENGINE], words[R_START_NS], words[R_DONE_NS]
    wanted = generation, score.engine_id, score.start_ns, score.done_ns
    return bool(words[R_STATUS] == ResultStatus.OK and said == wanted)


def _copied(result: Result) -> Map | None:
    rows, columns = result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS]
    if not (rows > 0 and columns > 0 and rows * columns <= MAP_MAX):
        return None
    found: Map = result.map[: rows * columns].reshape(rows, columns).copy()
    return found
