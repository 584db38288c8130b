"""The V4L2 camera over a scripted kernel: what it promises, and each hazard."""

from __future__ import annotations

import errno
import logging
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import CameraError, CameraHeld, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.camera import V4l2Camera
from gonogo.drivers.cameras.v4l2.controls import EXPOSURE_AUTO, EXPOSURE_TIME, GAIN
from gonogo.testing.cameras import CameraContract, soon_ns
from gonogo.tests.drivers.cameras.v4l2.fake import (
    HEIGHT_PX,
    NS_PER_MS,
    STAMP_OF_EXPOSURE,
    WIDTH_PX,
    FakeControl,
    FakeKernel,
    opened,
    section,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.v4l2.section import V4l2Section

WAIT_S = 30.0
OF_END = layout.STAMP_MONOTONIC


class Contract(CameraContract):
    """What every camera promises, over a kernel of the test's."""

    kernel: dict[str, Any] = {}  # noqa: RUF012 - each class has its own
    keys: dict[str, Any] = {}  # noqa: RUF012 - each class has its own

    @pytest.fixture
    def section(self) -> V4l2Section:
        """A small camera."""
        return section(**self.keys)

    @pytest.fixture
    def camera(self, section: V4l2Section) -> Iterator[V4l2Camera]:
        """Opened as the catalogue does, with a kernel of ours."""
        camera = V4l2Camera(section, "top", FakeKernel(period_ms=2.5, **self.kernel), 0.3)
        yield camera
        camera.close()


class TestIntoTheSlot(Contract):
    """Grey, by user pointers."""


class TestConverted(Contract):
    """Colour out of YUYV, by a buffer of the kernel's."""

    kernel = {"codes": ("YUYV",)}  # noqa: RUF012 - never changed
    keys = {"pixel_format": "bgr8"}  # noqa: RUF012 - never changed


class TestSeveralBuffers(Contract):
    """A driver that wants three, pads its rows, and dates by a clock that it does not name."""

    kernel = {  # noqa: RUF012 - never changed
        "least_buffers": 3, "begins_with": 3, "padding_bytes": 64, "stamp_flags": 0,
    }  # fmt: skip


def until(kernel: FakeKernel, done: int) -> None:
    """Wait until the kernel has filled that many buffers; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while len(kernel.done) < done:
        kernel.advance()
        assert time.monotonic() < end_s, "no frame"
        time.sleep(0.001)


def test_camera_writes_straight_into_the_slot() -> None:
    """The kernel was lent its very address, and no byte was copied."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        for part_id in range(1, 4):
            pixels = slot()
            camera.grab(part_id, pixels, soon_ns())
            assert kernel.shown(pixels) is not None
        assert kernel.memory
        assert not any(any(memory) for memory in kernel.memory)


@pytest.mark.parametrize(
    ("kernel", "how"),
    [
        (FakeKernel(), "straight into its slot"),
        (FakeKernel(user_pointers=False), "copied out of a buffer of the kernel's as GREY"),
        (FakeKernel(more_bytes=64), "copied out of a buffer of the kernel's as GREY"),
        (FakeKernel(padding_bytes=8), "copied out of a buffer of the kernel's as GREY"),
        (FakeKernel(codes=("YUYV",)), "copied out of a buffer of the kernel's as YUYV"),
        (FakeKernel(begins_with=2, least_buffers=2), "of the kernel's: its driver wants several"),
    ],
)
def test_camera_says_once_how_its_frames_come(
    kernel: FakeKernel, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the driver is capable of, a frame comes; and where its time goes is said."""
    caplog.set_level("INFO")
    with opened(kernel) as camera:
        for part_id in (1, 2):
            pixels = slot()
            camera.grab(part_id, pixels, soon_ns())
            if kernel.code == "GREY":
                assert kernel.shown(pixels) is not None
    said = [text for text in caplog.messages if "each frame is" in text]
    assert len(said) == 1
    assert how in said[0]


@pytest.mark.parametrize("begins_with", [1, 3])
@pytest.mark.parametrize(
    ("flags", "shift_ms"),
    [
        (layout.STAMP_MONOTONIC | STAMP_OF_EXPOSURE, 0.0),
        (layout.STAMP_MONOTONIC | STAMP_OF_EXPOSURE, 1.9),  # uvcvideo's: of the first packet
        (OF_END, 0.0),
        (OF_END, 86.0),  # vivid's
        (0, 1_700_000_000_000.0),  # the wall clock's
        (0, 0.0),
    ],
)
def test_camera_never_takes_a_frame_of_before_its_part(
    begins_with: int, flags: int, shift_ms: float
) -> None:
    """Whatever its stamps are of: the light fell after the call, by the sensor's own time."""
    kernel = FakeKernel(
        stamp_flags=flags, stamp_shift_ms=shift_ms, begins_with=begins_with,
        least_buffers=begins_with, period_ms=3.0,
    )  # fmt: skip
    with opened(kernel) as camera:
        last = 0
        for part_id in range(1, 20):
            pixels, asked_ns = slot(), time.monotonic_ns()
            exposure = camera.grab(part_id, pixels, soon_ns())
            number = exposure.counter - 1
            truth_ns = kernel.zero_ns + round(number * kernel.period_ms * NS_PER_MS)
            assert truth_ns >= asked_ns
            assert asked_ns <= exposure.exposure_ns <= truth_ns
            assert kernel.shown(pixels) == number * 7 % 256
            assert exposure.counter > last
            last = exposure.counter
            time.sleep(0.002 * (part_id % 3))  # another phase of the sensor each time


@pytest.mark.parametrize(("flags", "shift_ms"), [(OF_END, 86.0), (0, 0.0)])
def test_camera_says_once_why_it_does_not_believe_stamps(
    flags: int, shift_ms: float, caplog: pytest.LogCaptureFixture
) -> None:
    """In the future, or of no clock that is named."""
    with opened(FakeKernel(stamp_flags=flags, stamp_shift_ms=shift_ms)) as camera:
        for part_id in (1, 2, 3):
            camera.grab(part_id, slot(), soon_ns())
    said = [text for text in caplog.messages if "not believed" in text]
    assert len(said) == 1
    assert ("ms in the future" in said[0]) == bool(shift_ms)


def test_camera_whose_stamps_lie_in_the_past_shows_no_part() -> None:
    """A clock that stands behind cannot be told from old frames: refused, with the reason."""
    with (
        opened(FakeKernel(stamp_shift_ms=-5000.0)) as camera,
        pytest.raises(FrameInvalid, match=r"may have been exposed \d{4}\.\d ms before its part"),
    ):
        camera.grab(1, slot(), soon_ns(300))


def test_camera_keeps_the_slot_of_a_frame_that_has_not_come() -> None:
    """Until the kernel has given it back; the late frame is taken for no other part."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        kernel.dark = True
        late, other = slot(), slot(fill=9)
        with pytest.raises(FrameTimeout, match="no frame"):
            camera.grab(1, late, soon_ns(20))
        assert camera.holds(late)
        assert not camera.holds(other)
        kernel.dark = False
        until(kernel, 1)
        assert not camera.holds(late)
        kept = late.copy()
        asked_ns = time.monotonic_ns()
        number = camera.grab(2, other, soon_ns()).counter - 1
        assert kernel.zero_ns + number * kernel.period_ms * NS_PER_MS >= asked_ns
        np.testing.assert_array_equal(late, kept)
        assert kernel.shown(other) == number * 7 % 256


def test_camera_has_one_picture_on_its_way_at_most() -> None:
    """The slot of a part without a frame takes the next part's, which is copied to its own."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        kernel.dark = True
        first, second = slot(), slot()
        with pytest.raises(FrameTimeout):
            camera.grab(1, first, soon_ns(20))
        camera.queue(second)
        assert len(kernel.queue) == 1
        assert camera.holds(first)
        assert not camera.holds(second)
        kernel.dark = False
        camera.grab(2, second, soon_ns())
        assert kernel.shown(second) is not None
        assert not camera.holds(first)
        assert not camera.holds(second)


def test_camera_has_its_buffers_back_before_it_lets_go() -> None:
    """In turn: the stream, the memory, the device."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
    assert kernel.calls[-2:] == ["streamoff", "reqbufs"]
    assert not kernel.fds


def test_camera_that_copies_leaves_every_slot_alone() -> None:
    """The kernel writes into buffers of its own, also after the part was given up."""
    kernel = FakeKernel(user_pointers=False)
    with opened(kernel) as camera:
        kernel.dark = True
        pixels = slot(fill=9)
        with pytest.raises(FrameTimeout):
            camera.grab(1, pixels, soon_ns(20))
        assert not camera.holds(pixels)
        kernel.dark = False
        until(kernel, 1)
        assert (pixels == 9).all()


@pytest.mark.parametrize("user_pointers", [True, False])
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"broken": True}, "the camera says that it is damaged"),
        ({"short_bytes": 320}, "expected 76800 bytes, got 76480"),
    ],
)
def test_camera_refuses_a_frame_that_is_not_whole(
    user_pointers: bool,  # noqa: FBT001 - a parameter of the test
    fault: dict[str, Any],
    why: str,
) -> None:
    """That part alone; the one after has its own again."""
    kernel = FakeKernel(user_pointers=user_pointers)
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
        for name, value in fault.items():
            setattr(kernel, name, value)
        pixels = slot()
        with pytest.raises(FrameInvalid, match=f"part 2: its frame: {why}"):
            camera.grab(2, pixels, soon_ns())
        assert not camera.holds(pixels)
        kernel.broken, kernel.short_bytes = False, 0
        camera.grab(3, pixels, soon_ns())
        assert kernel.shown(pixels) is not None


def test_camera_counts_on_where_32_bits_begin_again() -> None:
    """And counts the frames that nobody took."""
    kernel = FakeKernel(period_ms=2.5, first_sequence=(1 << 32) - 1_000_000)
    with opened(kernel) as camera:
        first = last = camera.grab(1, slot(), soon_ns()).counter
        assert first < 1 << 32
        kernel.first_sequence = (1 << 32) - 20 - kernel.half // 2
        while last < (1 << 32) + 20:
            counter = camera.grab(1, slot(), soon_ns()).counter
            assert last < counter < last + 2_000_000
            last = counter


def test_camera_that_counts_anew_has_restarted() -> None:
    """Its process ends, and opens it anew."""
    kernel = FakeKernel(first_sequence=5_000_000)
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
        kernel.first_sequence = 0
        with pytest.raises(CameraError, match="it has restarted") as raised:
            camera.grab(2, slot(), soon_ns())
        assert type(raised.value) is CameraError


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO])
def test_camera_that_is_pulled_out_is_an_error_of_the_device(number: int) -> None:
    """While a frame is awaited, or between two parts; closing it does not fail."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
        kernel.gone = number
        with pytest.raises(CameraError) as raised:
            camera.grab(2, slot(), soon_ns())
        assert type(raised.value) is CameraError
        assert "camera /dev/video7" in str(raised.value)
    assert not kernel.fds


def test_camera_that_fails_while_a_frame_is_awaited_says_so_at_once() -> None:
    """An error of the queue is readable, as a frame is."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        kernel.dark = True
        with pytest.raises(FrameTimeout):
            camera.grab(1, slot(), soon_ns(20))
        kernel.gone = errno.ENODEV
        began_ns, deadline_ns = time.monotonic_ns(), soon_ns()
        with pytest.raises(CameraError, match="DQBUF: No such device; it has gone"):
            camera.grab(2, slot(), deadline_ns)
        assert time.monotonic_ns() < deadline_ns
        assert began_ns


def test_camera_is_opened_anew_with_all_its_settings() -> None:
    """One that was pulled out and plugged in again knows nothing."""
    kernel = FakeKernel()
    for _ in range(2):
        with opened(kernel, gain=33) as camera:
            assert kernel.controls[EXPOSURE_TIME].value == 10
            assert kernel.controls[EXPOSURE_AUTO].value == 1
            assert kernel.controls[GAIN].value == 33
            camera.grab(1, slot(), soon_ns())
        fresh = FakeKernel().controls
        kernel.controls.update(fresh)


def test_camera_of_another_program_is_refused_until_that_one_ends() -> None:
    """It is untouched meanwhile."""
    kernel = FakeKernel()
    with opened(kernel) as first:
        with pytest.raises(CameraHeld, match=r"GN203.*S_FMT: held by another program"):
            V4l2Camera(section(gain=5), "side", kernel)
        assert kernel.controls[GAIN].value == 16
        pixels = slot()
        first.grab(1, pixels, soon_ns())
        assert kernel.shown(pixels) is not None
    with opened(kernel, gain=5) as second:
        second.grab(1, slot(), soon_ns())
    assert not kernel.fds


def test_camera_keeps_others_from_changing_it() -> None:
    """A viewer that is started beside it may look at its settings, and no more."""
    kernel = FakeKernel()
    with opened(kernel):
        viewer = kernel.open("/dev/video7")
        with pytest.raises(OSError, match="busy"):
            kernel.ioctl(viewer, layout.S_CTRL, layout.told(layout.CONTROL, GAIN, 1))
        kernel.close(viewer)


@pytest.mark.parametrize(
    ("kernel", "changes", "why"),
    [
        ({"gone": errno.ENOENT}, {}, "open: No such file or directory; list what there is with"),
        ({"capabilities": 2}, {}, r"\(Fake Camera\) gives no frames"),
        ({"capabilities": 0x1000}, {}, "frames of several planes alone, which are not read"),
        ({"codes": ("MJPG",)}, {}, r"needs GREY or YUYV; it offers MJPG"),
        ({"codes": ()}, {}, "needs GREY or YUYV; it offers none"),
        ({"codes": ("GREY",)}, {"source_format": "YUYV"}, "needs YUYV; it offers GREY"),
        ({"size": (640, 480)}, {}, "wanted 320x240 px GREY, found 640x480 px GREY"),
        ({"interlaced": True}, {}, r"found 320x240 px GREY in fields \(4\)"),
        ({"more_bytes": -1}, {}, "240 of them in a frame, got rows of 320 and a frame of 76799"),
        ({}, {"rate_hz": 30.4}, "rate_hz: wanted 30.4, found 30"),
        ({"paced": False}, {"rate_hz": 30.0}, "rate_hz: wanted 30, found 0"),
        ({"paced": False}, {"readout_ms": None}, "expected readout_ms, the longest from the end"),
        ({"start_fails": errno.ENOSPC}, {}, "to stream: No space .*; its bus has no room left"),
        ({"start_fails": errno.EBUSY}, {}, "GN203.* to stream: held by another program"),
        ({"dark": True}, {"exposure_us": 100.0}, r"no frame within 0\.3 s: does it wait for a"),
    ],
)
def test_camera_refuses_what_cannot_be_had(
    kernel: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    """With the reason, and nothing left open."""
    made = FakeKernel(**kernel)
    with pytest.raises(CameraError, match=why):
        V4l2Camera(section(**changes), "top", made, 0.3)
    assert not made.fds


def test_camera_waits_for_its_frame_as_long_as_its_own_pace_says() -> None:
    """Without readout_ms that is the time from frame to frame."""
    kernel = FakeKernel(stamp_flags=OF_END, period_ms=20.0)
    with opened(kernel, readout_ms=None, rate_hz=100.0) as camera:
        assert kernel.period_ms == 10.0
        asked_ns = time.monotonic_ns()
        exposure = camera.grab(1, slot(), soon_ns())
        assert exposure.frame_ns - asked_ns >= 11 * NS_PER_MS


def test_camera_gives_up_at_the_deadline() -> None:
    """Not before it: a frame may come until then."""
    kernel = FakeKernel()
    with opened(kernel) as camera:
        kernel.dark = True
        deadline_ns = soon_ns(30)
        with pytest.raises(FrameTimeout, match="is rate_hz high enough for the budget"):
            camera.grab(1, slot(), deadline_ns)
        assert time.monotonic_ns() >= deadline_ns


def test_camera_without_any_control_of_its_exposure_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A frame grabber has none; what the station file says of it is believed."""
    kernel = FakeKernel(controls={})
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
    assert any("exposure_us = 1000 is taken as said" in text for text in caplog.messages)


def test_camera_brings_colour_in_the_right_order() -> None:
    """RGB24 becomes blue, green, red; BGR24 stays as it is."""
    frames: dict[str, NDArray[np.uint8]] = {}
    for code in ("BGR3", "RGB3"):
        kernel = FakeKernel(codes=(code,))
        with opened(kernel, pixel_format="bgr8") as camera:
            pixels = slot(channels=3)
            number = camera.grab(1, pixels, soon_ns()).counter - 1
            assert (kernel.shown(pixels) is not None) == (code == "BGR3")
            frames[code] = pixels - np.uint8(number * 7 % 256)
    np.testing.assert_array_equal(frames["RGB3"], frames["BGR3"][..., ::-1])


def test_camera_keeps_its_level_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is warned of where everything is as ordered."""
    kernel = FakeKernel(controls={EXPOSURE_TIME: FakeControl("Exposure", 3, 1, 5000)})
    with opened(kernel) as camera:
        camera.grab(1, slot(), soon_ns())
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert kernel.wanted == (WIDTH_PX, HEIGHT_PX)
