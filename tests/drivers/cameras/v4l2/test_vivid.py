"""The V4L2 camera over the kernel's own test driver, where this box has a /dev/video of it.

modprobe vivid n_devs=1 node_types=0x1
"""

from __future__ import annotations

import itertools
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gonogo.base.errors import CameraError, CameraHeld, FrameInvalid
from gonogo.drivers.cameras.v4l2 import layout
from gonogo.drivers.cameras.v4l2.camera import V4l2Camera
from gonogo.drivers.cameras.v4l2.controls import GAIN, controls
from gonogo.drivers.cameras.v4l2.device import Device
from gonogo.drivers.cameras.v4l2.kernel import Linux
from gonogo.drivers.cameras.v4l2.layout import CONTROL, told
from gonogo.drivers.cameras.v4l2.section import V4l2Section
from gonogo.testing.cameras import CameraContract, soon_ns

WIDTH_PX, HEIGHT_PX = 320, 180
WAIT_S = 60.0


def vivid() -> Path | None:
    """The first device file of it that may be opened."""
    for path in sorted(Path("/dev").glob("video*")):
        with suppress(CameraError):
            device = Device(Linux(), "test", path)
            device.close()
            if device.card == "vivid":
                return path
    return None


FOUND = vivid()
pytestmark = pytest.mark.skipif(FOUND is None, reason="no /dev/video of the kernel module vivid")


def section(**changes: Any) -> V4l2Section:  # noqa: ANN401 - keys of the section
    """Of a small grey camera."""
    keys = {
        "driver": "v4l2", "device": FOUND, "width_px": WIDTH_PX, "height_px": HEIGHT_PX,
        "pixel_format": "mono8", "exposure_us": 1000.0, "rate_hz": 60.0,
    }  # fmt: skip
    return V4l2Section.model_validate(keys | changes)


def opened(**changes: Any) -> closing[V4l2Camera]:  # noqa: ANN401 - keys of the section
    """A camera of that section, closed after the test."""
    return closing(V4l2Camera(section(**changes), "top"))


def press(camera: V4l2Camera, name: str, value: int = 1) -> None:
    """Set one of its controls; of a button the value is nothing."""
    number = next(each.id for each in controls(camera._device).values() if each.name == name)
    camera._device.tell(layout.S_CTRL, told(CONTROL, number, value))


def slot(fill: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Grey pixels of a frame, every byte `fill`."""
    return np.full((HEIGHT_PX, WIDTH_PX), fill, np.uint8)


class TestGrey(CameraContract):
    """What every camera promises, by user pointers."""

    @pytest.fixture
    def section(self) -> V4l2Section:
        """Straight into the slot."""
        return section()


class TestColour(CameraContract):
    """What every camera promises, out of YUYV."""

    @pytest.fixture
    def section(self) -> V4l2Section:
        """By a buffer of the kernel's."""
        return section(pixel_format="bgr8", source_format="YUYV")


def test_vivid_writes_straight_into_the_slot() -> None:
    """Grey and blue-green-red; whatever lies behind the slot stays as it was."""
    for pixel_format, channels in (("mono8", 1), ("bgr8", 3)):
        with opened(pixel_format=pixel_format) as camera:
            size = WIDTH_PX * HEIGHT_PX * channels
            memory = np.full(size + 8192, 7, np.uint8)
            pixels = memory[4096 : 4096 + size].reshape(camera._shape)
            camera.grab(1, pixels, soon_ns())
            assert camera._stream.memory == layout.USER_POINTER
            assert pixels.std() > 1
            assert (memory[:4096] == 7).all()
            assert (memory[4096 + size :] == 7).all()


def test_vivid_shows_the_same_colours_in_each_format() -> None:
    """Its bars, to what YUYV loses: blue, green, red are where they belong."""
    shown = []
    for source in ("BGR24", "RGB24", "YUYV"):
        control = (
            {"name": "osd_text_mode", "value": 2},
            {"name": "saturation", "value": 128},
        )
        with opened(pixel_format="bgr8", source_format=source, control=control) as camera:
            pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
            camera.grab(1, pixels, soon_ns())
            shown.append(pixels[HEIGHT_PX // 2, 20::40].astype(int))
    assert np.ptp(shown[0], axis=0).min() > 100
    for other in shown[1:]:
        assert np.abs(other - shown[0]).max() < 40


def test_vivid_s_stamps_of_the_future_are_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    """Its camera is dated ahead; no frame is taken of before its part all the same."""
    with opened() as camera:
        for part_id in range(1, 6):
            asked_ns = time.monotonic_ns()
            exposure = camera.grab(part_id, slot(), soon_ns())
            assert asked_ns <= exposure.exposure_ns <= exposure.frame_ns
    said = [text for text in caplog.messages if "not believed" in text]
    assert len(said) <= 1


def test_vivid_s_damaged_frame_is_refused() -> None:
    """The flag of its buffer, for once; one without a stamp counts once it comes late enough."""
    with opened(readout_ms=1.0) as camera:
        camera.grab(1, slot(), soon_ns())
        said, part_ids, end_s = "", itertools.count(2), time.monotonic() + WAIT_S
        while not said:  # the one that is damaged may be passed over, as of no part
            assert time.monotonic() < end_s, "never refused"
            press(camera, "inject_v4l2_buf_flag_error")
            try:
                camera.grab(next(part_ids), slot(), soon_ns())
            except FrameInvalid as error:
                said = str(error)
        assert "the camera says that it is damaged" in said
        camera.grab(next(part_ids), slot(), soon_ns())


def test_vivid_s_lost_frames_are_counted() -> None:
    """Half of them never come: their numbers are missing, and no part gets another's."""
    with opened() as camera:
        press(camera, "percentage_of_dropped_buffers", 50)
        last = 0
        for part_id in range(1, 12):
            asked_ns = time.monotonic_ns()
            exposure = camera.grab(part_id, slot(), soon_ns())
            assert exposure.counter > last
            assert exposure.exposure_ns >= asked_ns
            last = exposure.counter
        press(camera, "percentage_of_dropped_buffers", 0)


def test_vivid_s_count_wraps() -> None:
    """32 bits, and it begins near their end."""
    with opened(control=({"name": "wrap_sequence_number", "value": 1},)) as camera:
        last = camera.grab(1, slot(), soon_ns()).counter
        assert last < 1 << 32
        while last <= 1 << 32:
            counter = camera.grab(1, slot(), soon_ns()).counter
            assert last < counter < last + 1000
            last = counter
    with opened(control=({"name": "wrap_sequence_number", "value": 0},)):
        pass


def test_vivid_that_fails_is_opened_anew() -> None:
    """A fatal error of its stream, and one that was pulled out."""
    for fault in ("inject_fatal_streaming_error", "disconnect"):
        with opened() as camera:
            camera.grab(1, slot(), soon_ns())
            press(camera, fault)
            with pytest.raises(CameraError) as raised:
                camera.grab(2, slot(), soon_ns())
            assert type(raised.value) is CameraError
        with opened() as camera:
            camera.grab(3, slot(), soon_ns())


def test_vivid_is_one_program_s_at_a_time() -> None:
    """A second one is refused; and nobody else changes its controls."""
    with opened(gain=50) as camera:
        with pytest.raises(CameraHeld, match="held by another program"):
            V4l2Camera(section(gain=60), "side")
        viewer = Device(Linux(), "viewer", section().device)
        with pytest.raises(CameraHeld):
            viewer.ask("S_CTRL", layout.S_CTRL, told(CONTROL, GAIN, 70))
        viewer.close()
        block = told(CONTROL, GAIN)
        camera._device.ask("G_CTRL", layout.G_CTRL, block)
        assert CONTROL.unpack(block)[1] == 50


def test_vivid_refuses_what_it_does_not_have() -> None:
    """A size, a pace and a gain that it rounds without a word."""
    for changes, why in (
        ({"width_px": 328}, "wanted 328x180 px GREY, found 320x180 px GREY"),
        ({"rate_hz": 33.0}, "rate_hz: wanted 33, found"),
        ({"gain": 9999}, r"gain: wanted 9999, found 255 \(it takes 0 to 255\)"),
    ):
        with pytest.raises(CameraError, match=why):
            V4l2Camera(section(**changes), "top")
