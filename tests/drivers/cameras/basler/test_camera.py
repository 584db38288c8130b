"""The Basler camera over pylon's own emulator: what it promises, and each hazard it can show."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError, CameraHeld, FrameInvalid, FrameTimeout, MissingExtra
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.machine import Frame
from gonogo.testing.cameras import CameraContract, soon_ns
from gonogo.tests.drivers.cameras.basler import emulator
from gonogo.tests.drivers.cameras.basler.emulator import (
    HEIGHT_PX,
    WIDTH_PX,
    needs_pylon,
    node,
    opened,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.basler.camera import BaslerCamera
    from gonogo.drivers.cameras.basler.section import BaslerSection

pytestmark = needs_pylon
WAIT_S = 60.0


@pytest.fixture(autouse=True)
def _emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library emulates two cameras."""
    monkeypatch.setenv("PYLON_CAMEMU", "2")


class TestSoftware(CameraContract):
    """What every camera promises, in colour, triggered by us."""

    @pytest.fixture
    def section(self) -> BaslerSection:
        """Blue, green, red as it comes."""
        return emulator.section(pixel_format="bgr8")


class TestFreeRun(CameraContract):
    """What every camera promises, grey and by its own pace."""

    @pytest.fixture
    def section(self) -> BaslerSection:
        """A hundred a second."""
        return emulator.section(trigger="free-run", rate_hz=100.0)


class TestConverted(CameraContract):
    """What every camera promises, through a private buffer."""

    @pytest.fixture
    def section(self) -> BaslerSection:
        """From red, green, blue."""
        return emulator.section(pixel_format="bgr8", source_format="RGB8")


class TestBound:
    """With slots that the library knows."""

    @pytest.fixture
    def slots(self) -> list[NDArray[np.uint8]]:
        """A ring of four."""
        return [slot() for _ in range(4)]

    @pytest.fixture
    def camera(self, slots: list[NDArray[np.uint8]]) -> Iterator[BaslerCamera]:
        """One that has them."""
        with opened() as camera:
            camera.bind(slots)
            yield camera

    def test_camera_brings_frames_into_any_of_them_without_a_copy(
        self, camera: BaslerCamera, slots: list[NDArray[np.uint8]]
    ) -> None:
        """In whatever order the line asks; no other is touched."""
        for part_id, at in enumerate((2, 0, 3, 1, 2, 2, 0), start=1):
            for each in slots:
                each.fill(7)
            camera.grab(part_id, slots[at], soon_ns())
            assert [ramp(each) for each in slots] == [k == at for k in range(4)]
            assert all((each == 7).all() for k, each in enumerate(slots) if k != at)
        assert camera.copied == 0

    def test_camera_holds_the_slot_that_was_queued_until_its_frame_is_there(
        self, camera: BaslerCamera, slots: list[NDArray[np.uint8]]
    ) -> None:
        """And no other; a second one is not on its way meanwhile."""
        camera.queue(slots[1])
        camera.queue(slots[2])
        assert [camera.holds(each) for each in slots] == [False, True, False, False]
        camera.grab(1, slots[2], soon_ns())
        assert ramp(slots[2])
        assert camera.copied == 1
        assert not any(camera.holds(each) for each in slots)

    def test_camera_brings_frames_into_other_pixels_too(
        self, camera: BaslerCamera, slots: list[NDArray[np.uint8]]
    ) -> None:
        """By a copy; the ring stays as it is."""
        pixels = slot()
        for each in slots:
            each.fill(7)
        camera.grab(1, pixels, soon_ns())
        assert ramp(pixels)
        assert camera.copied == 1
        assert all((each == 7).all() for each in slots)

    def test_camera_refuses_slots_of_another_shape(self, camera: BaslerCamera) -> None:
        """Before the library has an address of them."""
        with pytest.raises(CameraError, match="expected a frame slot of shape"):
            camera.bind([np.zeros((HEIGHT_PX, WIDTH_PX // 2), np.uint8)])

    def test_camera_keeps_a_frame_that_was_not_whole_out_of_the_next_one(
        self, camera: BaslerCamera, slots: list[NDArray[np.uint8]]
    ) -> None:
        """Its slot is free, and good for the next part."""
        fail(camera, 1)
        with pytest.raises(FrameInvalid):
            camera.grab(1, slots[0], soon_ns())
        assert not camera.holds(slots[0])
        camera.grab(2, slots[0], soon_ns())
        assert ramp(slots[0])


def ramp(pixels: NDArray[np.uint8]) -> bool:
    """Whether it is a frame of the emulator: brighter to the right, and downwards."""
    return bool((pixels[1:, :-1] == pixels[:-1, 1:]).all() and pixels.std() > 1)


def fail(camera: BaslerCamera, count: int) -> None:
    """So many of the next frames are not whole."""
    node(camera, "ForceFailedBufferCount").SetValue(count)
    node(camera, "ForceFailedBuffer").Execute()


def change(camera: BaslerCamera, feature: str, value: str | int) -> None:
    """What a client that does not ask might do to it."""
    camera._device.stop()
    node(camera, "TLParamsLocked").SetValue(0)
    node(camera, feature).SetValue(value)
    node(camera, "TLParamsLocked").SetValue(1)
    camera._device.start()


def until(what: str, met: Callable[[], bool]) -> None:
    """Wait for a condition; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end_s, what
        time.sleep(0.001)


def flash(camera: BaslerCamera) -> None:
    """What a photo-eye would do: the emulator has no input, and takes Software for one.

    Once it is ready: a trigger that comes too early is lost without a word.
    """
    from pypylon import pylon  # noqa: PLC0415 - needs it

    ready = camera._device.raw.WaitForFrameTriggerReady(
        round(WAIT_S * 1000), pylon.TimeoutHandling_Return
    )
    assert ready, "never ready for a trigger"
    camera._device.raw.ExecuteSoftwareTrigger()


def test_camera_refuses_frames_that_are_not_whole() -> None:
    """Their error code is 0: what says so is that the grab did not succeed."""
    with opened() as camera:
        fail(camera, 2)
        for part_id in (1, 2):
            with pytest.raises(FrameInvalid, match=r"incompletely grabbed \(0x00000000\)"):
                camera.grab(part_id, slot(), soon_ns())
        camera.grab(3, slot(), soon_ns())


def test_camera_whose_first_frames_are_not_whole_is_not_opened() -> None:
    """Not one of them: a wire that loses packets is found before the first part."""
    from gonogo.drivers.cameras.basler.camera import BaslerCamera  # noqa: PLC0415 - needs pylon
    from gonogo.drivers.cameras.basler.device import Device  # noqa: PLC0415 - needs pylon

    class Losing(Device):
        """One that loses packets from the first frame on."""

        def start(self) -> None:
            """As ever."""
            self._nodes.GetNode("ForceFailedBufferCount").SetValue(9)
            self._nodes.GetNode("ForceFailedBuffer").Execute()
            super().start()

    with pytest.raises(CameraError, match="of 1 frames none is whole: not whole: The buffer"):
        BaslerCamera(emulator.section(), "top", Losing)
    with opened() as camera:
        camera.grab(1, slot(), soon_ns())


def test_camera_whose_library_wants_more_memory_than_a_frame_has_is_refused() -> None:
    """It would write beyond a slot."""
    with opened() as camera:
        camera._stream._spare = camera._stream._spare[:-1]
        with pytest.raises(CameraError, match="the library wants 12288 bytes for a frame of 12287"):
            camera.bind([slot()])


@pytest.mark.parametrize(
    ("feature", "value", "shown"),
    [
        ("Width", 64, "64x96 px, format 0x01080001, 6144 bytes"),
        ("PixelFormat", "BayerRG8", "128x96 px, format 0x01080009, 12288 bytes"),
    ],
)
def test_camera_refuses_frames_of_another_kind_than_was_ordered(
    feature: str, value: str | int, shown: str
) -> None:
    """The library calls them whole."""
    with opened() as camera:
        said: list[str] = []

        def refused() -> bool:
            # begun anew too soon after its end, the emulator goes on as it was
            change(camera, feature, value)
            try:
                camera.grab(1, slot(), soon_ns())
            except FrameInvalid as error:
                said.append(str(error))
            return bool(said)

        until("frames of another kind are never refused", refused)
        assert "expected a frame of 128x96 px" in said[0]
        assert f"got {shown}" in said[0]


def test_camera_writes_nothing_beyond_the_slot_when_its_frames_grow() -> None:
    """Neither part of them nor all."""
    memory = np.full(4 * WIDTH_PX * HEIGHT_PX, 7, np.uint8)
    pixels = memory[: WIDTH_PX * HEIGHT_PX].reshape(HEIGHT_PX, WIDTH_PX)
    with opened() as camera:
        camera.bind([pixels])
        memory[WIDTH_PX * HEIGHT_PX :] = 7

        def refused() -> bool:
            # begun anew too soon after its end, the emulator goes on with the width that it had
            change(camera, "Width", 2 * WIDTH_PX)
            try:
                camera.grab(1, pixels, soon_ns(500))
            except (FrameInvalid, FrameTimeout):
                return True
            return False

        until("frames that have grown are never refused", refused)
    assert (memory[WIDTH_PX * HEIGHT_PX :] == 7).all()


@pytest.mark.parametrize("waiting", [False, True])
def test_camera_that_is_pulled_is_an_error_of_the_device(waiting: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """At once, also for whoever waits for its frame."""
    with opened(trigger="hardware", trigger_source="Software") as camera:
        pull = threading.Timer(0.05 if waiting else 0.0, node(camera, "FirePnPCallback").Execute)
        pull.start()
        if not waiting:
            pull.join()
        with pytest.raises(CameraError, match="it is gone; check cable and power") as raised:
            camera.grab(1, slot(), soon_ns())
        assert raised.type is CameraError
        pull.join()
    with opened() as again:
        again.grab(2, slot(), soon_ns())


def test_camera_whose_library_fails_is_an_error_of_the_device() -> None:
    """In the library's words; it is opened anew."""
    with opened() as camera:
        camera._device.raw.GetStreamGrabberNodeMap().GetNode("ImposedError").SetValue("a fault")
        with pytest.raises(CameraError, match="RetrieveResult: a fault") as raised:
            camera.grab(1, slot(), soon_ns())
        assert raised.type is CameraError


def test_camera_loses_no_trigger_that_would_have_come_too_early() -> None:
    """Right after a frame the camera is not ready yet; a trigger then is lost without a word."""
    with opened() as camera:
        last = camera.grab(1, slot(), soon_ns(5000)).counter
        for part_id in range(2, 40):
            assert camera.grab(part_id, slot(), soon_ns(5000)).counter == last + part_id - 1


def test_camera_that_is_not_ready_in_time_says_so() -> None:
    """It still exposes for the part before; nothing is triggered that would be lost."""
    with opened() as camera:
        said = ""
        while not said:  # where this box was too slow to be early, again
            camera._device.raw.ExecuteSoftwareTrigger()
            try:
                camera._device.fire(time.monotonic_ns())
            except FrameTimeout as error:
                said = str(error)
        assert "not ready for the trigger in time; exposure and read-out" in said


def test_camera_drops_what_came_before_its_own_trigger() -> None:
    """A frame that lies there when the part is asked for shows none; the right one is taken."""
    with opened() as camera:
        pixels = slot()
        camera.queue(pixels)
        flash(camera)
        until("no frame", lambda: camera._stream.back)
        asked_ns = time.monotonic_ns()
        assert camera.grab(1, pixels, soon_ns()).exposure_ns >= asked_ns


def test_camera_passes_over_the_frame_of_the_part_before() -> None:
    """It came after that part's deadline, and lay there since."""
    with opened(trigger="hardware", trigger_source="Software", trigger_lead_ms=2) as camera:
        pixels = slot()
        with pytest.raises(FrameTimeout, match="does the photo-eye reach Software"):
            camera.grab(1, pixels, soon_ns(20))
        flash(camera)
        until("no frame", lambda: camera._stream.back)
        time.sleep(0.02)  # more than the lead, and than the two clocks may differ by
        with pytest.raises(FrameInvalid, match="before its trigger: of another part"):
            camera.grab(2, pixels, soon_ns(100))


def test_camera_takes_the_frame_that_came_ahead_of_the_line() -> None:
    """The photo-eye is sooner than the PLC; what lies within the lead is this part's."""
    with opened(trigger="hardware", trigger_source="Software", trigger_lead_ms=10_000) as camera:
        pixels = slot()
        camera.queue(pixels)
        flashed_ns = time.monotonic_ns()
        flash(camera)
        until("no frame", lambda: camera._stream.back)
        called_ns = time.monotonic_ns()
        exposure = camera.grab(1, pixels, soon_ns())
        assert ramp(pixels)
        assert flashed_ns <= exposure.exposure_ns <= called_ns <= exposure.frame_ns


def test_camera_is_told_all_that_the_station_file_says() -> None:
    """And keeps it: read here past our own code."""
    with opened(
        trigger="hardware", trigger_source="Line2", trigger_activation="FallingEdge",
        gain_db=3.0, packet_bytes=1440, offset_x_px=16, offset_y_px=2, exposure_us=3000.0,
    ) as camera:  # fmt: skip
        wanted = {
            "PixelFormat": "Mono8", "TriggerSelector": "FrameStart", "TriggerMode": "On",
            "TriggerSource": "Line2", "TriggerActivation": "FallingEdge", "GainAuto": "Off",
            "ExposureAuto": "Off", "Width": WIDTH_PX, "Height": HEIGHT_PX, "OffsetX": 16,
            "OffsetY": 2, "ExposureTime": 3000.0, "GevSCPSPacketSize": 1440, "GevSCPD": 0,
        }  # fmt: skip
        assert {name: node(camera, name).GetValue() for name in wanted} == wanted
        assert node(camera, "Gain").GetValue() == pytest.approx(3.0, abs=0.01)


def test_camera_that_was_reset_meanwhile_is_set_again() -> None:
    """After a power dip it knows nothing of us; other triggers than ours are switched off."""
    with opened() as camera:
        raw = camera._device.raw
        raw.StopGrabbing()
        for name, value in (
            ("TriggerSelector", "FrameBurstStart"), ("TriggerMode", "On"), ("GainAuto", "Once"),
            ("OffsetX", 100), ("Width", 3000),
        ):  # fmt: skip
            node(camera, name).SetValue(value)
    with opened(offset_x_px=8) as camera:
        camera.grab(1, slot(), soon_ns())
        assert node(camera, "OffsetX").GetValue() == 8
        node(camera, "TriggerSelector").SetValue("FrameBurstStart")
        assert node(camera, "TriggerMode").GetValue() == "Off"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"address": "nobody"}, "No device is available .*check address or serial number"),
        ({"trigger": "hardware", "trigger_source": "Line7"}, "TriggerSource Line7: "),
        ({"width_px": 8192}, "Width 8192: Value = 8192 must be equal or smaller than Max = 4096"),
        ({"exposure_us": 0.5}, "ExposureTime 0.5: "),
        (
            {"pixel_format": "bgr8", "source_format": "BayerRG8", "offset_x_px": 1},
            "say by bayer_origin",
        ),
    ],
)
def test_camera_refuses_what_cannot_be_had(changes: dict[str, object], why: str) -> None:
    """With the reason, and the camera free for the next try."""
    with pytest.raises(CameraError, match=why), opened(**changes):
        pass
    with opened() as camera:
        camera.grab(1, slot(), soon_ns())


def test_camera_says_what_its_light_may_be() -> None:
    """By its own nodes; what lies beyond is refused, as it says."""
    with opened(gain_db=3.0) as camera:
        for key, value in (("exposure_us", 2000.0), ("gain_db", 3.0)):
            found = camera.bounds(key)
            assert found is not None
            assert found[0] < value < found[1]
        least = camera.bounds("exposure_us")
    assert least is not None
    with pytest.raises(CameraError, match="ExposureTime"), opened(exposure_us=least[0] / 2):
        pass


@pytest.mark.parametrize("source", ["RGB8", "BayerRG8"])
def test_camera_counts_and_says_what_is_converted(
    source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with what it takes; each frame counts, and the slots are not given to the library."""
    caplog.set_level("INFO")
    with opened(pixel_format="bgr8", source_format=source) as camera:
        pixels = [slot(channels=3) for _ in range(2)]
        camera.bind(pixels)
        for part_id in (1, 2):
            camera.grab(part_id, pixels[0], soon_ns())
        assert camera.copied == 2
        assert pixels[0].std() > 1
    said = [text for text in caplog.messages if "converted" in text]
    assert len(said) == 1
    assert f"from {source} to bgr8" in said[0]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Failed to open 'x'. The device is controlled by another application. Err: y", CameraHeld),
        ("Failed to open 'x'. The device is not reachable. Err: y", CameraError),
    ],
)
def test_camera_of_another_client_is_told_from_one_that_is_away(
    said: str, kind: type[CameraError]
) -> None:
    """By the library's sentence: the emulator lets itself be opened twice."""
    from gonogo.drivers.cameras.basler.device import refusal  # noqa: PLC0415 - needs pylon

    error = refusal("view 'top': camera x", f"{said} : RuntimeException thrown (file 'a', line 1)")
    assert type(error) is kind
    assert "thrown" not in str(error)


class Result:
    """A whole frame as a network camera brings it, which the emulator is not."""

    def __init__(self, ticks: int, block_id: int = 65535) -> None:
        self.GetTimeStamp = lambda: ticks
        self.GetBlockID = lambda: block_id
        self.GrabSucceeded = lambda: True
        self.GetPayloadType = lambda: 0  # an image
        self.GetWidth, self.GetHeight, self.GetPayloadSize = (lambda: 8), (lambda: 4), (lambda: 32)
        self.GetPixelType = lambda: -0x7EF7FFFF  # a maker's own format: 0x81080001


@pytest.mark.parametrize(
    ("ticks", "tick_hz", "camera_ns"),
    [(250_000_000, 125_000_000, 2_000_000_000), ((1 << 60) + 7, 10**9, (1 << 60) + 7), (9, 0, 0)],
)
def test_camera_dates_frames_by_the_ticks_of_its_clock(
    ticks: int, tick_hz: int, camera_ns: int
) -> None:
    """125 MHz, nanoseconds, or no clock at all; to the tick."""
    from gonogo.drivers.cameras.basler.stream import frame_of  # noqa: PLC0415 - needs pylon

    frame = frame_of(Result(ticks), tick_hz, 5)
    assert frame == Frame("", (8, 4, 0x81080001, 32), 65535, camera_ns, 5)


def test_camera_refuses_frames_without_a_number() -> None:
    """One that is shown twice could not be told from a new one."""
    from gonogo.drivers.cameras.basler.stream import frame_of  # noqa: PLC0415 - needs pylon

    assert frame_of(Result(1, (1 << 64) - 1), 1, 5).fault == "it has no number"


WITHOUT = """
import sys
sys.modules["pypylon"] = None
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.basler.section import BaslerSection
section = BaslerSection.model_validate_json(sys.argv[1])
try:
    open_camera(section, "top")
except Exception as error:
    print(error)
"""


def test_camera_whose_library_is_missing_says_what_to_install() -> None:
    """The section is read without it."""
    told = emulator.section().model_dump_json()
    command = [sys.executable, "-I", "-c", WITHOUT, told]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith("GN121: camera driver 'basler': ")
    assert "pip install 'gonogo[basler]'" in said
    assert MissingExtra.code == 121


def test_camera_of_the_catalogue_is_this_one() -> None:
    """By its name in the station file."""
    camera = open_camera(emulator.section(), "top")
    assert type(camera).__name__ == "BaslerCamera"
    camera.close()
