"""Whose a frame is, by when it came: a library of the test's own, whose frames come as it says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.machine import Frame, MachineCamera
from gonogo.tests.drivers.cameras.basler.emulator import HEIGHT_PX, WIDTH_PX, section, slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.basler.section import BaslerSection

MS = 1_000_000
CLOCK_NS = 7_000_000_000  # by how much the camera's clock is ahead of ours


class Library:
    """A device and its stream: a frame is the test's, with when its light fell and when it came."""

    name = "view 'top': camera x"
    ticks = True

    def __init__(self, wanted: BaslerSection) -> None:
        self.wanted = wanted
        self.now_ns = 1000 * MS
        self.lent: NDArray[np.uint8] | None = None
        self.frames: list[tuple[int, int]] = []
        self.back = False
        self.fired = 0
        self.breaks = False
        self._taken = 0

    def refuse_lost(self) -> None:
        """It is there."""

    def fire(self, deadline_ns: int) -> int:
        """Counted."""
        del deadline_ns
        self.fired += 1
        return self.now_ns

    def stop(self) -> None:
        """It has no light of its own."""

    def lend(self, pixels: NDArray[np.uint8]) -> None:
        """Where the next one comes, unless one is on its way."""
        self.lent = pixels if self.lent is None else self.lent

    def take(self, deadline_ns: int) -> Frame | None:
        """The next of the test's frames, or none in time."""
        if not self.frames:
            self.now_ns = deadline_ns
            return None
        light_ns, seen_ns = self.frames.pop(0)
        self.now_ns = max(self.now_ns, seen_ns)
        self.lent, self.back = None, False
        self._taken += 1
        grey = self.wanted.sources[0]
        size = grey.size_bytes(self.wanted.geometry)
        shown = WIDTH_PX, HEIGHT_PX, grey.code, size
        return Frame(
            "torn" if self.breaks else "", shown, self._taken, light_ns + CLOCK_NS, seen_ns
        )


class Machine(MachineCamera):
    """What a driver makes of its library."""

    def __init__(self, **keys: object) -> None:
        wanted = section(pixel_format="mono8", **keys)
        self.source = self._stream = Library(wanted)
        super().__init__(wanted, self.source, wanted.sources[0])
        self._undo = contextlib.ExitStack()

    def _now_ns(self) -> int:
        """The test's."""
        return self.source.now_ns

    def part(self, part_id: int, *frames: tuple[float, float]) -> float:
        """One part every 100 ms, with 90 ms for its frame; when the light of that fell.

        `frames`: when each one's light fell and when it came, in ms after it was asked for.
        """
        asked_ns = self.source.now_ns = 1000 * MS + 100 * MS * part_id
        self.source.frames = [
            (asked_ns + round(light_ms * MS), asked_ns + round(seen_ms * MS))
            for light_ms, seen_ms in frames
        ]
        exposure = self.grab(part_id, slot(), asked_ns + 90 * MS)
        return (exposure.exposure_ns - asked_ns) / MS


def wired(**keys: object) -> Machine:
    """Triggered by the photo-eye; a frame is here 5 ms after its light, by the station file."""
    return Machine(
        **{"trigger": "hardware", "trigger_lead_ms": 50.0, "exposure_us": 1000.0,
           "readout_ms": 4.0, **keys}
    )  # fmt: skip


def test_frame_of_a_part_that_was_not_asked_for_is_passed_over() -> None:
    """Its light fell before this part's lead, though it came only now; its own is next."""
    camera = wired()
    for part_id in (1, 2, 3):
        camera.part(part_id, (-10, -5))
    # known to have come 5 ms after its light, as those before
    assert camera.part(5, (-60, 5), (-10, -5)) == -5
    assert not camera.source.frames


def test_frame_of_a_part_that_was_not_asked_for_is_refused_where_it_is_the_last_word() -> None:
    """Of another part: by how much is said."""
    camera = wired()
    camera.part(1, (-10, -5))
    with pytest.raises(FrameInvalid, match=r"exposed 4\.0 ms before its trigger: of another part"):
        camera.part(3, (-61, -1))


def test_first_frame_after_a_part_without_one_is_nobodys() -> None:
    """No frame before has said how late they are: it may be that part's. It is opened anew."""
    camera = wired()
    with pytest.raises(FrameTimeout, match="no frame"):
        camera.part(1)
    with pytest.raises(CameraError, match=r"part 1 got none in time.* nobody knows") as raised:
        camera.part(2, (-100, 1))
    assert type(raised.value) is CameraError, "the process begins anew"


def test_camera_that_we_trigger_waits_until_what_is_in_doubt_has_come() -> None:
    """It is not triggered meanwhile; after that whatever comes is the next part's."""
    camera = wired(trigger="software")
    with pytest.raises(FrameTimeout, match="no frame"):
        camera.part(1)
    with pytest.raises(FrameInvalid, match=r"part 1 got none in time.* nobody knows"):
        camera.part(2, (-100, 1))
    # 5 ms of the station file, 2 ms of two clocks, and half a second
    for part_id in (3, 7):
        with pytest.raises(FrameInvalid, match="not triggered: the frame of part 2 may come yet"):
            camera.part(part_id, (1, 5))
    assert camera.source.fired == 2
    assert camera.part(8, (1, 85)) == 85
    with pytest.raises(FrameTimeout):
        camera.part(9)
    assert camera.part(10, (1, 5)) == 5


def test_frame_long_after_a_part_without_one_is_the_next_parts() -> None:
    """None comes as late as that, whatever the clocks know."""
    camera = wired()
    with pytest.raises(FrameTimeout, match="no frame"):
        camera.part(1)
    with pytest.raises(CameraError, match="part 1 got none in time"):
        camera.part(6, (1, 5))
    camera = wired()
    with pytest.raises(FrameTimeout, match="no frame"):
        camera.part(1)
    assert camera.part(7, (1, 5)) == 5


@pytest.mark.parametrize("trigger", ["hardware", "software"])
def test_frame_after_a_part_without_one_is_taken_where_those_before_were_in_time(
    trigger: str,
) -> None:
    """By them it is known when its light fell; that of the other part is passed over."""
    camera = wired(trigger=trigger, trigger_lead_ms=20.0)
    camera.part(1, (1, 5))
    with pytest.raises(FrameTimeout):
        camera.part(2)
    with pytest.raises(FrameInvalid, match="before its trigger: of another part"):
        camera.part(3, (-100, 1))
    assert camera.part(4, (1, 5)) == 5


def test_frames_that_were_late_themselves_say_nothing_of_the_next() -> None:
    """With the lead of its trigger, so late as from one part to the next: so may this one be."""
    camera = wired()
    camera.part(1, (1, 50))
    with pytest.raises(FrameTimeout):
        camera.part(2)
    with pytest.raises(CameraError, match="part 2 got none in time"):
        camera.part(3, (-100, 20))


def test_frame_that_lay_there_is_that_of_the_part_without_one() -> None:
    """It has come: the next is this part's, whatever the clock knows."""
    camera = wired(trigger="software")
    with pytest.raises(FrameTimeout):
        camera.part(1)
    camera.source.back = True
    assert camera.part(2, (-90, -1), (1, 85)) == 85
    assert camera.source.fired == 2


def test_frame_that_lay_there_is_that_of_the_oldest_part_without_one() -> None:
    """That of the next one may come yet, and would pass for this part's."""
    camera = wired(trigger="software")
    for part_id in (1, 2):
        with pytest.raises(FrameTimeout):
            camera.part(part_id)
    camera.source.back = True
    with pytest.raises(FrameInvalid, match=r"part 2 got none in time.* nobody knows"):
        camera.part(3, (-190, -1), (-95, 20))


def test_frame_that_is_broken_may_be_that_of_a_part_before() -> None:
    """Then this part's own may come yet."""
    camera = wired()
    with pytest.raises(FrameTimeout):
        camera.part(1)
    camera.source.breaks = True
    with pytest.raises(FrameInvalid, match="its frame: torn"):
        camera.part(5, (-10, 5))
    camera.source.breaks = False
    with pytest.raises(CameraError, match="part 5 got none in time"):
        camera.part(7, (-10, 5))


def test_frame_of_a_camera_that_runs_free_is_as_old_as_it_may_be() -> None:
    """Its stamp may be that of its end: what may have begun before the part is passed over."""
    camera = Machine(trigger="free-run", exposure_us=1000.0, readout_ms=4.0)
    # 5 ms by the station file, and what two clocks part by
    assert camera.part(1, (6.9, 6.9), (7.1, 7.1)) == pytest.approx(0.1)
    assert not camera.source.frames
