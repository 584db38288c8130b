"""The frame ring: one shared-memory segment a view, cameras write into it, engines read it.

    segment   | slot 0 | slot 1 | ... | slot n-1 |
    slot      | header 64 words | result A | result B | pad | pixels, page-aligned |
    header    0 head  1 tail  2 part id  3 serial  4 view  5 trigger ns  6 frame ns
              7 state  8 exposure ns  9 camera's frame counter
    result    32 words, then the anomaly map and the embedding (MAP_MAX, EMBED_MAX float32)
              0 head  1 tail  2 request id  3 status  4 engine id  5 start ns  6 done ns
              7 score (float64)  8 map rows  9 map columns  10 embedding length  11 frame generation

`head` and `tail` are generation stamps: a writer raises `head`, writes, then
sets `tail` to it. A reader that sees them equal before and after its reading
has seen one whole frame or result. Every word is one aligned 8-byte store; fences keep
their order (docs/memory-order.md).
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from gonogo.base.shm import Segment, page_up, segment_path

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.base.frame_shape import FrameShape

PLACES = 2  # engine slots A and B
MAP_MAX = 64 * 64  # numbers of an anomaly map: 64 rows of 64 at most
EMBED_MAX = (
    1024  # numbers of an embedding; a longer one is left out (gonogo.engines.backends.model)
)
HEADER_BYTES = 64 * 8
RESULT_WORDS = 32
RESULT_BYTES = RESULT_WORDS * 8 + 4 * MAP_MAX + 4 * EMBED_MAX

HEAD, TAIL, PART_ID, SERIAL, VIEW, TRIGGER_NS, FRAME_NS, STATE, EXPOSURE_NS, COUNTER = range(10)
(
    R_HEAD, R_TAIL, R_REQUEST, R_STATUS, R_ENGINE, R_START_NS, R_DONE_NS, R_SCORE,
    R_MAP_ROWS, R_MAP_COLUMNS, R_EMBED, R_GENERATION,
) = range(12)  # fmt: skip


class State(IntEnum):
    """Header word 7."""

    FREE = 0
    WRITING = 1
    READY = 2
    FAULT = 3


class ResultStatus(IntEnum):
    """Result word 3: what the engine host says of its own work."""

    NONE = 0
    OK = 1
    FAILED = 2  # the backend raised
    EXPIRED = 3  # too late to be of use: not computed, or given up
    STALE = 4  # the frame changed while it was judged


class Result:
    """The result area of one slot for one engine place."""

    def __init__(self, segment: Segment, offset: int) -> None:
        self.fence = segment.fence
        self.words = segment.words(offset, RESULT_WORDS)
        self.score: NDArray[np.float64] = segment.array(np.float64, offset + 8 * R_SCORE, 1)
        after = offset + 8 * RESULT_WORDS
        floats = segment.array(np.float32, after, MAP_MAX + EMBED_MAX)
        self.map: NDArray[np.float32] = floats[:MAP_MAX]
        self.embedding: NDArray[np.float32] = floats[MAP_MAX:]

    def begin(self, request_id: int, generation: int, start_ns: int) -> None:
        """Engine host: a result for `request_id` is being written."""
        words = self.words
        # from here to the commit head and tail differ: nobody takes any of it for a result
        words[R_HEAD] += 1
        self.fence()
        words[R_REQUEST] = request_id
        words[R_STATUS] = ResultStatus.NONE
        words[R_GENERATION] = generation
        words[R_START_NS] = start_ns
        self.score[0] = math.nan  # a score that the backend does not write is not an old one

    def commit(self, status: ResultStatus, engine_id: int, done_ns: int) -> None:
        """Engine host: the result is whole; score, map and embedding are already in place."""
        words = self.words
        words[R_STATUS] = status
        words[R_ENGINE] = engine_id
        words[R_DONE_NS] = done_ns
        # last: what stands above is whole
        self.fence()
        words[R_TAIL] = words[R_HEAD]

    def whole(self, request_id: int) -> bool:
        """Line: the result is finished and answers this request; what it says is read after."""
        words = self.words
        head = words[R_HEAD]
        if words[R_TAIL] != head or words[R_REQUEST] != request_id:
            return False
        self.fence()
        # head once more: the host may have begun the next one in between
        return words[R_HEAD] == head

    @property
    def stamp(self) -> int:
        """Of the finished result, for whoever did not ask for it; -1 while it is being written.

        Asked before it is read; `still` says afterwards whether it was that one.
        """
        head = self.words[R_HEAD]
        stamp = head if self.words[R_TAIL] == head else -1
        self.fence()
        return stamp

    def still(self, stamp: int) -> bool:
        """Whether the host has begun no other one since it had this stamp."""
        self.fence()
        return self.words[R_HEAD] == stamp


class Slot:
    """One frame: its header words, its pixels and its result areas."""

    def __init__(self, segment: Segment, index: int, view: int, geometry: FrameShape) -> None:
        self.index = index
        self.view = view
        base = index * slot_bytes(geometry)
        self.fence = segment.fence
        self.words = segment.words(base, 64)
        results = base + HEADER_BYTES
        self.results = tuple(Result(segment, results + k * RESULT_BYTES) for k in range(PLACES))
        at = base + page_up(HEADER_BYTES + PLACES * RESULT_BYTES)
        flat = segment.array(np.uint8, at, geometry.nbytes)
        self.pixels: NDArray[np.uint8] = flat.reshape(geometry.shape)

    @property
    def generation(self) -> int:
        """The stamp of the whole frame in the slot; -1 while it is being written.

        Asked before the frame is read; `still` says afterwards whether it was that one.
        """
        head = self.words[HEAD]
        generation = head if self.words[TAIL] == head else -1
        self.fence()
        return generation

    def still(self, generation: int) -> bool:
        """Whether nobody has begun another frame since it had this generation."""
        self.fence()
        return self.words[HEAD] == generation

    def begin(self, part_id: int, serial: int, trigger_ns: int) -> None:
        """Line: a frame of this part is about to be written."""
        words = self.words
        # from here to the commit the slot has no generation: an engine that reads it will say STALE
        words[HEAD] += 1
        self.fence()
        words[STATE] = State.WRITING
        words[PART_ID] = part_id
        words[SERIAL] = serial
        words[VIEW] = self.view
        words[TRIGGER_NS] = trigger_ns

    def commit(self, state: State, frame_ns: int, counter: int = 0, exposure_ns: int = 0) -> None:
        """Line: the frame is whole (READY), or there is none (FAULT)."""
        words = self.words
        words[FRAME_NS] = frame_ns
        words[COUNTER] = counter
        words[EXPOSURE_NS] = exposure_ns
        words[STATE] = state
        # last: pixels and words are whole
        self.fence()
        words[TAIL] = words[HEAD]

    def condemn(self) -> None:
        """Line: the frame is whole, but what it shows cannot be trusted."""
        self.words[STATE] = State.FAULT


def slot_bytes(geometry: FrameShape) -> int:
    """Whole pages of one slot."""
    return page_up(HEADER_BYTES + PLACES * RESULT_BYTES) + page_up(geometry.nbytes)


class FrameRing:
    """All slots of one view. The supervisor creates it; line and engines attach."""

    def __init__(self, segment: Segment, view: int, geometry: FrameShape) -> None:
        self.segment = segment
        self.geometry = geometry
        self.view = view
        # who attaches need not know how many the supervisor has made
        count = segment.size // slot_bytes(geometry)
        self.slots = tuple(Slot(segment, k, view, geometry) for k in range(count))

    @classmethod
    def create(cls, station: str, view: int, geometry: FrameShape, slots: int) -> FrameRing:
        """Make the ring of a view with `slots` slots, zeroed and resident."""
        path = ring_path(station, view)
        return cls(Segment.create(path, slots * slot_bytes(geometry)), view, geometry)

    @classmethod
    def attach(
        cls, station: str, view: int, geometry: FrameShape, *, read_only: bool = False
    ) -> FrameRing:
        """Map the ring that the supervisor made; `geometry` must be the same there."""
        segment = Segment.attach(ring_path(station, view), read_only=read_only)
        return cls(segment, view, geometry)

    def close(self) -> None:
        """Drop this process's views of the ring."""
        # arrays over the mapping keep it mapped, whoever else holds one
        self.slots = ()
        self.segment.close()


def ring_path(station: str, view: int) -> Path:
    """Where the ring of a view lies."""
    return segment_path(station, f"frames{view}")
