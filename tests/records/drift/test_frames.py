"""Frames out of a ring that goes on: measured whole, once, and of the part that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.ipc.frame_ring import R_EMBED, FrameRing, ResultStatus, State
from gonogo.records.drift.frames import Frames
from gonogo.records.drift.looks import looks_of
from gonogo.tests.fakes import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gonogo.ipc.frame_ring import Slot
    from gonogo.records.drift.looks import Seen

NOW_NS = 10_000  # soon after all of them


@pytest.fixture
def ring(station: str) -> Iterator[FrameRing]:
    """The line's own."""
    made = FrameRing.create(station, 0, SMALL, 4)
    yield made
    made.close()


@pytest.fixture
def frames(station: str, ring: FrameRing) -> Iterator[Frames]:
    """As another process maps it."""
    del ring
    found = Frames(FrameRing.attach(station, 0, SMALL, read_only=True))
    yield found
    found.close()


def put(ring: FrameRing, serial: int, shade: int = 0, *, came: bool = True) -> Slot:
    """A frame of a part as the line leaves it; or that none came."""
    slot = ring.slots[serial % len(ring.slots)]
    slot.begin(serial, serial, 1000 * serial)
    if came:
        slot.pixels[...] = shade
    slot.commit(State.READY if came else State.FAULT, 1, 1, int(came))
    return slot


def embedded(slot: Slot, place: int, values: NDArray[np.float32]) -> None:
    """What the engine at a place makes of the frame."""
    result = slot.results[place]
    result.begin(1, slot.generation, 5)
    result.embedding[: len(values)] = values
    result.words[R_EMBED] = len(values)
    result.commit(ResultStatus.OK, 0xAB12 + place, 6)


def test_frames_take_the_newest_but_one_once(ring: FrameRing, frames: Frames) -> None:
    """What its engine made of the newest may not be there yet."""
    assert frames.take(NOW_NS) is None
    put(ring, 1, 77)
    assert frames.take(NOW_NS) is None
    put(ring, 2, 88)
    found = frames.take(NOW_NS)
    assert found is not None
    assert (found.serial, found.seen.looks.brightness) == (1, 77)
    assert frames.take(NOW_NS) is None
    for serial in (3, 4, 5):
        put(ring, serial)
    later = frames.take(NOW_NS)
    assert later is not None
    assert later.serial == 4


def test_frames_take_the_newest_once_it_has_lain_there_for_a_second(
    ring: FrameRing, frames: Frames
) -> None:
    """On a slow line nothing comes after it in time; what is two seconds old is too late."""
    put(ring, 1)
    put(ring, 2)
    assert frames.take(10**9 + 1999) is not None
    assert frames.take(10**9 + 1999) is None
    found = frames.take(10**9 + 2000)
    assert found is not None
    assert found.serial == 2
    put(ring, 3)
    assert frames.take(2 * 10**9 + 3000) is None


def test_frames_take_refused_ones_but_none_that_never_came(ring: FrameRing, frames: Frames) -> None:
    """Where none came another part's pixels lie there still."""
    put(ring, 1, 66)
    put(ring, 2, 77).condemn()
    put(ring, 3, came=False)
    put(ring, 4)
    found = frames.take(NOW_NS)
    assert found is not None
    assert (found.serial, found.seen.looks.brightness) == (2, 77)


def test_frames_bring_the_embeddings_of_both_places(ring: FrameRing, frames: Frames) -> None:
    """By the id of the engine; an answer to an older frame of the slot is none to this one."""
    values = np.arange(5, dtype=np.float32)
    slot = put(ring, 1)
    embedded(slot, 0, values)
    slot = put(ring, 5)
    embedded(slot, 1, values + 1)
    put(ring, 6)
    found = frames.take(NOW_NS)
    assert found is not None
    assert list(found.embeddings) == [f"{0xAB13:016x}"]
    assert (found.embeddings[f"{0xAB13:016x}"] == values + 1).all()


def test_frames_throw_away_what_is_written_over_meanwhile(station: str, ring: FrameRing) -> None:
    """The line begins the next frame while this one is copied: its looks are nobody's."""
    looked: list[Seen] = []

    def look(frame: NDArray[np.uint8]) -> Seen:
        looked.append(looks_of(frame))
        return looked[-1]

    held = Frames(FrameRing.attach(station, 0, SMALL, read_only=True), look)
    slot = put(ring, 1)
    put(ring, 2)
    slot.begin(5, 5, 1000)
    assert held.take(NOW_NS) is None
    assert looked == []
    held.close()
