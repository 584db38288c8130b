"""Frames are taken out of the ring while the line goes on: whole, trusted, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.ipc.frame_ring import FrameRing, Slot, State
from gonogo.rules.image_trust.trusted_frames import TrustedFrames
from gonogo.tests.rules.image_trust.pictures import GREY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

SLOTS = 4


class Line:
    """Writes one part after the other into a ring."""

    def __init__(self, station: str) -> None:
        self.ring = FrameRing.create(station, 0, GREY, SLOTS)
        self.part = 0

    @property
    def slot(self) -> Slot:
        """Of the part in hand."""
        return self.ring.slots[self.part % SLOTS]

    def begin(self) -> None:
        """The next part has come, and its frame is on its way."""
        self.part += 1
        self.slot.begin(self.part, self.part, 1000 * self.part)
        self.slot.pixels.fill(self.part % 256)

    def frame(self, state: State = State.READY) -> None:
        """One more part, with its frame."""
        self.begin()
        self.slot.commit(state, 1000 * self.part + 1, self.part)


@pytest.fixture
def line(station: str) -> Iterator[Line]:
    """A line that has taken no frame yet."""
    made = Line(station)
    yield made
    made.ring.close()
    made.ring.segment.unlink()


@pytest.fixture
def reader(line: Line, station: str) -> Iterator[Callable[[], int | None]]:
    """What is taken: the number of the part that it shows."""
    frames = TrustedFrames(FrameRing.attach(station, line.ring.view, GREY, read_only=True))

    def take() -> int | None:
        return shown(frames.take())

    yield take
    frames.close()


def shown(frame: Frame | None) -> int | None:
    """The part that a frame shows, all over it."""
    if frame is None:
        return None
    (level,) = set(frame.ravel().tolist())
    return int(level)


def test_frame_is_taken_once_the_line_is_done_with_it(
    line: Line, reader: Callable[[], int | None]
) -> None:
    """With the next part of the view, and no sooner; each once, the newest first."""
    assert reader() is None
    line.frame()
    assert reader() is None
    line.begin()
    assert [reader(), reader()] == [1, None]
    line.slot.commit(State.READY, 2001, 2)
    line.frame()
    line.frame()
    assert [reader(), reader()] == [3, None]


def test_frame_that_is_not_trusted_is_not_taken(
    line: Line, reader: Callable[[], int | None]
) -> None:
    """Whether none came, or the line refused what it showed; the one before is taken instead."""
    line.frame()
    line.frame(State.FAULT)
    line.frame()
    line.slot.condemn()
    line.frame()
    assert [reader(), reader()] == [1, None]


def test_frame_without_a_part_is_not_taken(line: Line, reader: Callable[[], int | None]) -> None:
    """A trial of a lost camera, or a slot that was handed to the camera for the next part."""
    line.frame()
    line.frame()
    line.slot.begin(0, 0, 0)
    line.slot.commit(State.READY, 5000, 9)
    line.frame()
    assert [reader(), reader()] == [1, None]
    line.ring.slots[0].begin(0, 0, 0)
    assert reader() is None


@pytest.mark.parametrize("refused", [False, True])
def test_slot_that_changes_while_it_is_copied_is_thrown_away(
    line: Line, station: str, *, refused: bool
) -> None:
    """Written over by another part, or refused by the line; another one is taken, if there is."""

    def slowly(own: Frame, pixels: Frame) -> None:
        own[:40] = pixels[:40]
        if refused:
            line.ring.slots[1].condemn()
        else:
            for _ in range(SLOTS - 1):
                line.frame()
        own[40:] = pixels[40:]

    ring = FrameRing.attach(station, 0, GREY, read_only=True)
    line.frame()
    line.begin()
    assert TrustedFrames(ring, slowly).take() is None
    whole = TrustedFrames(ring)
    assert shown(whole.take()) == (None if refused else 4)
    ring.close()


def test_ring_cannot_be_written_to_by_who_reads_it(line: Line, station: str) -> None:
    """Whatever it does."""
    ring = FrameRing.attach(station, line.ring.view, GREY, read_only=True)
    with pytest.raises(TypeError):
        ring.slots[0].words[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        ring.slots[0].pixels[0] = 1
    ring.close()
