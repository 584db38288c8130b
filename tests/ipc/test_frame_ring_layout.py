"""The ring's words: another process, perhaps of an earlier start, reads them by their numbers."""

from __future__ import annotations

import numpy as np

from gonogo.base.frame_shape import FrameShape
from gonogo.ipc import frame_ring
from gonogo.ipc.frame_ring import FrameRing, Result, ResultStatus, Slot, State

SHAPE = FrameShape(30, 50, 1)


def ring_of(station: str, view: int = 3, slots: int = 2) -> FrameRing:
    """A ring of a view that is not the first."""
    return FrameRing.create(station, view, SHAPE, slots)


def words_of(slot: Slot | Result, count: int) -> list[int]:
    """Its first words."""
    return [slot.words[k] for k in range(count)]


def test_layout_is_the_one_that_the_docstring_draws() -> None:
    """Sizes and numbers, written down once more: whoever changes one of them must mean it."""
    assert (frame_ring.PLACES, frame_ring.MAP_MAX, frame_ring.EMBED_MAX) == (2, 4096, 1024)
    assert (frame_ring.HEADER_BYTES, frame_ring.RESULT_WORDS) == (512, 32)
    assert frame_ring.RESULT_BYTES == 256 + 4 * 4096 + 4 * 1024
    assert {state.name: int(state) for state in State} == {
        "FREE": 0,
        "WRITING": 1,
        "READY": 2,
        "FAULT": 3,
    }
    assert {status.name: int(status) for status in ResultStatus} == {
        "NONE": 0,
        "OK": 1,
        "FAILED": 2,
        "EXPIRED": 3,
        "STALE": 4,
    }


def test_ring_and_slots_know_which_they_are(station: str) -> None:
    """View, geometry, and the number by which an engine is asked."""
    ring = ring_of(station)
    assert (ring.view, ring.geometry) == (3, SHAPE)
    assert [(slot.index, slot.view, len(slot.words)) for slot in ring.slots] == [
        (0, 3, 64),
        (1, 3, 64),
    ]
    assert [result.score.size for result in ring.slots[0].results] == [1, 1]


def test_slot_begun_says_of_which_part_and_that_it_is_being_written(station: str) -> None:
    """Each begin raises the head by one; the tail stays."""
    slot = ring_of(station).slots[1]
    slot.begin(11, 12, 13)
    assert words_of(slot, 8) == [1, 0, 11, 12, 3, 13, 0, State.WRITING]
    slot.commit(State.READY, 14, 15, 16)
    slot.begin(21, 22, 23)
    assert words_of(slot, 8) == [2, 1, 21, 22, 3, 23, 14, State.WRITING]


def test_slot_without_a_frame_has_no_counter_of_an_earlier_one(station: str) -> None:
    """A fault has neither exposure nor frame counter."""
    slot = ring_of(station).slots[0]
    slot.begin(1, 2, 3)
    slot.commit(State.READY, 14, 15, 16)
    slot.begin(1, 2, 3)
    slot.commit(State.FAULT, 24)
    assert words_of(slot, 10) == [2, 2, 1, 2, 3, 3, 24, State.FAULT, 0, 0]


def test_slot_condemned_is_whole_and_a_fault(station: str) -> None:
    """Its pixels came, and what they show is not to be trusted."""
    slot = ring_of(station).slots[0]
    slot.begin(1, 2, 3)
    slot.commit(State.READY, 14)
    slot.condemn()
    assert (slot.words[frame_ring.STATE], slot.generation) == (State.FAULT, 1)


def test_result_says_what_was_judged_by_whom_and_when(station: str) -> None:
    """Request, status, engine, start, end, frame generation; each begin raises the head by one."""
    result = ring_of(station).slots[0].results[1]
    result.begin(7, 5, 100)
    assert words_of(result, 6) == [1, 0, 7, ResultStatus.NONE, 0, 100]
    assert result.words[11] == 5
    result.commit(ResultStatus.STALE, 77, 200)
    assert words_of(result, 7) == [1, 1, 7, ResultStatus.STALE, 77, 100, 200]
    result.begin(8, 6, 300)
    assert words_of(result, 3) == [2, 1, 8]


class Rewritten(list[int]):
    """Words of a result that an engine begins to write anew after so many readings."""

    def __init__(self, words: list[int], readings: int) -> None:
        super().__init__(words)
        self.left = readings

    def __getitem__(self, at: object) -> int:  # type: ignore[override]  # no slices here
        value = super().__getitem__(at)  # type: ignore[call-overload]
        self.left -= 1
        if self.left == 0:
            self[frame_ring.R_HEAD] += 1
        return int(value)


def test_result_begun_anew_while_it_is_looked_at_is_not_whole(station: str) -> None:
    """Whenever it happens between the first look at its stamps and the last."""
    result = ring_of(station).slots[0].results[0]
    result.begin(7, 1, 2)
    result.commit(ResultStatus.OK, 1, 2)
    words = np.asarray(result.words).tolist()
    found = []
    for readings in (1, 2, 3, 9):
        result.words = Rewritten(words, readings)  # type: ignore[assignment]
        found.append(result.whole(7))
    assert found == [False, False, False, True]
