"""Frames and maps out of a ring that goes on: whole and of the very part, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.words import Score, ViewCapture
from gonogo.ipc.frame_ring import MAP_MAX, R_MAP_COLUMNS, R_MAP_ROWS, FrameRing, ResultStatus
from gonogo.records.pictures.ring import RingReader
from gonogo.tests.fakes import part_now
from gonogo.tests.records.pictures.made import GEOMETRY, photographed

if TYPE_CHECKING:
    from collections.abc import Iterator

PART, NEXT = part_now(5), part_now(6)
SCORE = Score(0, 0.5, 100, 200, 0xABC)


@pytest.fixture
def ring(station: str) -> Iterator[FrameRing]:
    """The line's own."""
    made = FrameRing.create(station, 0, GEOMETRY, 4)
    yield made
    made.close()


@pytest.fixture
def reader(station: str, ring: FrameRing) -> Iterator[RingReader]:
    """As another process maps it."""
    del ring
    found = RingReader(FrameRing.attach(station, 0, GEOMETRY, read_only=True))
    yield found
    found.close()


def scored(
    ring: FrameRing, look: ViewCapture, place: int, score: Score = SCORE
) -> np.ndarray[Any, Any]:
    """An engine place's answer of a frame, with its map."""
    slot = ring.slots[look.slot]
    result = slot.results[place]
    result.begin(1, look.generation, score.start_ns)
    values = np.arange(12, dtype=np.float32) + place
    result.map[:12] = values
    result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = 3, 4
    result.commit(ResultStatus.OK, score.engine_id, score.done_ns)
    return values.reshape(3, 4)


def test_ring_gives_the_frame_of_the_part_to_the_pixel(ring: FrameRing, reader: RingReader) -> None:
    """A copy: what the line writes later is not in it."""
    look = photographed(ring, 2, PART, 77)
    copied = reader.take(look, PART.serial)
    photographed(ring, 2, NEXT, 88)
    assert copied is not None
    assert copied.pixels.shape == GEOMETRY.shape
    assert (copied.pixels == 77).all()
    assert copied.map is None


def test_ring_gives_no_frame_of_another_part(ring: FrameRing, reader: RingReader) -> None:
    """Overwritten since, another serial, a slot that is not there, or one that is being written."""
    look = photographed(ring, 2, PART, 77)
    assert reader.take(look, NEXT.serial) is None
    assert reader.take(look._replace(slot=9), PART.serial) is None
    assert reader.take(look._replace(generation=look.generation + 1), PART.serial) is None
    ring.slots[2].begin(NEXT.part_id, NEXT.serial, NEXT.trigger_ns)
    assert reader.take(look, PART.serial) is None
    photographed(ring, 2, PART, 78)  # the same number once more: of a trial, say
    assert reader.take(look, PART.serial) is None


def test_ring_gives_no_frame_that_is_overwritten_while_it_is_copied(
    station: str, ring: FrameRing
) -> None:
    """The line does not wait: what was copied is half of each."""

    def late(to: np.ndarray[Any, Any], pixels: np.ndarray[Any, Any]) -> None:
        np.copyto(to, pixels)
        ring.slots[1].begin(NEXT.part_id, NEXT.serial, NEXT.trigger_ns)

    look = photographed(ring, 1, PART, 77)
    reader = RingReader(FrameRing.attach(station, 0, GEOMETRY, read_only=True), late)
    assert reader.take(look, PART.serial) is None
    reader.close()


@pytest.mark.parametrize("place", [0, 1])
def test_ring_gives_the_map_of_the_place_that_judged(
    ring: FrameRing, reader: RingReader, place: int
) -> None:
    """Not that of the other one, which judged the part in shadow."""
    look = photographed(ring, 0, PART, 77)
    wanted = scored(ring, look, place)
    scored(ring, look, 1 - place, SCORE._replace(start_ns=300, done_ns=400))
    copied = reader.take(look, PART.serial, SCORE)
    assert copied is not None
    assert copied.map is not None
    assert copied.map.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"generation": 9},
        {"size": (0, 4)},
        {"size": (MAP_MAX, 2)},
        {"status": ResultStatus.EXPIRED},
        {"open": True},
    ],
)
def test_ring_gives_the_frame_without_a_map_that_is_not_its_own(
    ring: FrameRing, reader: RingReader, wrong: dict[str, Any]
) -> None:
    """Of another frame, none at all, too large, of a late answer, or being written."""
    look = photographed(ring, 0, PART, 77)
    scored(ring, look._replace(generation=wrong.get("generation", look.generation)), 0)
    result = ring.slots[0].results[0]
    result.words[R_MAP_ROWS], result.words[R_MAP_COLUMNS] = wrong.get("size", (3, 4))
    if "status" in wrong:
        result.begin(1, look.generation, SCORE.start_ns)
        result.commit(wrong["status"], SCORE.engine_id, SCORE.done_ns)
    if "open" in wrong:
        result.begin(2, look.generation, SCORE.start_ns)
    copied = reader.take(look, PART.serial, SCORE)
    assert copied is not None
    assert copied.map is None


def test_ring_finds_the_frame_of_a_part_whose_line_ended(
    ring: FrameRing, reader: RingReader
) -> None:
    """By its serial alone, where the frame is whole."""
    look = photographed(ring, 3, PART, 77)
    assert reader.find(PART.serial) == (3, look.generation)
    assert reader.find(NEXT.serial) is None
    ring.slots[3].begin(PART.part_id, PART.serial, PART.trigger_ns)
    assert reader.find(PART.serial) is None
