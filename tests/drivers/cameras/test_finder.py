"""A camera that finds the parts: whose frame is given away, and to whom."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.doorbell import make_bell, open_bell, quiet
from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.camera import Exposure
from gonogo.drivers.cameras.finder import NOBODY, Finder
from gonogo.ipc.camera_port import FrameRequest
from gonogo.ipc.part_finds import BELL, Find, FindsLog, FindsTaken
from gonogo.testing.cameras import soon_ns
from gonogo.tests.drivers.triggers.by_camera.gates import MS, section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FRAME = FrameShape(24, 32, 1)


class Belt:
    """A camera over a belt: each frame a shade of its own, with a part in place or without."""

    def __init__(self) -> None:
        self.shades: list[int | CameraError] = []
        self.count = 0
        self.asked: list[int] = []

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The next of the test's frames: above 100 there is a part."""
        assert deadline_ns > time.monotonic_ns()
        self.asked.append(part_id)
        shade = self.shades.pop(0)
        if isinstance(shade, CameraError):
            raise shade
        self.count += 1
        pixels.fill(shade)
        return Exposure(self.count, 10 * MS * self.count, time.monotonic_ns())

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """It runs free."""

    def close(self) -> None:
        """Nothing to release."""


class Bench:
    """A finder, its camera, and the line's end."""

    def __init__(self, station: str) -> None:
        self.log = FindsLog.create(station)
        make_bell(station, BELL)
        self.bell_fd = open_bell(station, BELL)
        self.line = FindsTaken.attach(station)
        self.camera = Belt()
        found = section(look_within_ms=30.0).of_station(station, 100.0, 20.0)
        self.finder = Finder(found, station, FRAME)

    def see(self, *shades: int | CameraError) -> list[bool]:
        """One look each: whether it found a part."""
        self.camera.shades += shades
        return [self.finder.look(self.camera) for _ in shades]

    def ask(
        self, number: int, part_id: int, deadline_ns: int | None = None
    ) -> tuple[int, Exposure]:
        """As the line does: it takes that find, and asks; the shade of its frame."""
        self.line.take(number, part_id)
        pixels = np.zeros(FRAME.shape, np.uint8)
        request = FrameRequest(1, 0, part_id, deadline_ns or soon_ns())
        exposure = self.finder.give(request, pixels)
        assert (pixels == pixels[0, 0]).all()
        return int(pixels[0, 0]), exposure

    @property
    def rung(self) -> bool:
        """Whether the line was told since the last time."""
        rung = bool(select.select([self.bell_fd], [], [], 0)[0])
        quiet(self.bell_fd)
        return rung


@pytest.fixture
def bench(station: str) -> Iterator[Bench]:
    """Somebody unsure has been through."""
    made = Bench(station)
    made.see(0, 200, 0)
    assert made.rung
    yield made
    made.line.close()
    made.log.close()


def test_finder_tells_the_line_of_a_part_and_gives_it_that_frame(bench: Bench) -> None:
    """With the time and the count of that frame, whatever has been seen since."""
    assert bench.see(10, 150, 160, 170) == [False, True, False, False]
    assert bench.rung
    at_ns = 5 * 10 * MS  # the fifth frame
    assert bench.line.find(2) == Find(2, at_ns, unsure=False)
    asked_ns = time.monotonic_ns()
    shade, exposure = bench.ask(2, 77)
    assert shade == 150
    assert (exposure.counter, exposure.exposure_ns) == (5, at_ns)
    assert asked_ns <= exposure.frame_ns <= time.monotonic_ns()
    assert set(bench.camera.asked) == {NOBODY}


def test_finder_gives_a_frame_away_once(bench: Bench) -> None:
    """A second part would be shown the first one."""
    bench.see(150)
    bench.ask(2, 77)
    with pytest.raises(FrameInvalid, match="part 77: the frame in which it was found has given"):
        bench.ask(2, 77)


def test_finder_gives_no_part_the_frame_of_the_next(bench: Bench) -> None:
    """The one that waited is refused, and the next has its own."""
    bench.see(150, 0, 180)
    with pytest.raises(FrameInvalid, match="part 77"):
        bench.ask(2, 77)
    assert bench.ask(3, 78)[0] == 180


def test_finder_gives_no_frame_to_another_id(bench: Bench) -> None:
    """What the line has taken, and what it asks for, must be one part."""
    bench.see(150)
    bench.line.take(2, 77)
    with pytest.raises(FrameInvalid, match="part 78"):
        bench.finder.give(FrameRequest(1, 0, 78, soon_ns()), np.zeros(FRAME.shape, np.uint8))
    assert bench.ask(2, 77)[0] == 150


def test_finder_gives_no_frame_too_late(bench: Bench) -> None:
    """The part has been decided."""
    bench.see(150)
    with pytest.raises(FrameTimeout, match="part 77"):
        bench.ask(2, 77, deadline_ns=time.monotonic_ns() - 1)


def test_finder_begins_with_a_doubt(station: str) -> None:
    """Whoever passed while nobody looked is unknown: the first part is unsure, and that is told."""
    made = Bench(station)
    assert made.log.doubts == 0
    made.see(0, 200)
    assert made.line.find(1).unsure
    assert made.log.doubts == 1
    made.log.close()
    made.line.close()


def test_finder_goes_on_after_a_look_without_a_frame(bench: Bench) -> None:
    """By the time of the next it is known whether parts may have come unseen."""
    looked_ns = bench.log.looked_ns
    assert bench.see(FrameTimeout("none"), FrameInvalid("half")) == [False, False]
    assert bench.log.looked_ns == looked_ns
    assert bench.see(150) == [True]
    assert not bench.line.find(2).unsure
    assert bench.log.looked_ns > looked_ns
    bench.see(0)
    bench.camera.count += 3  # frames of which none came
    bench.see(0, 150)
    assert bench.line.find(3).unsure
    assert bench.log.doubts == 2


def test_finder_says_once_why_it_has_no_frame(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """And again after one that came: a camera that is too slow says so for each spell of it."""
    slow = FrameTimeout("view 'top': no frame; is rate_hz high enough?")
    bench.see(slow, slow, 0, slow)
    assert caplog.messages == [f"no look at the belt: {slow}"] * 2


def test_finder_ends_with_its_camera(bench: Bench) -> None:
    """A device that has failed is opened anew by another process."""
    with pytest.raises(CameraError, match="it is gone"):
        bench.see(CameraError("it is gone"))
