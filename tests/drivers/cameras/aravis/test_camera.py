"""The Aravis camera over the library's own fake camera: what it promises, and each hazard."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError, CameraHeld, FrameInvalid, FrameTimeout
from gonogo.base.host_network import HostNetwork
from gonogo.drivers.cameras.aravis.binding import NAME
from gonogo.drivers.cameras.aravis.camera import AravisCamera
from gonogo.drivers.cameras.aravis.features import region_of
from gonogo.proving.peers.network_camera import WAIT_S, FakeCamera, fake_camera
from gonogo.testing.cameras import CameraContract, soon_ns
from gonogo.tests.drivers.cameras.aravis import fake as faking
from gonogo.tests.drivers.cameras.aravis.fake import (
    HEIGHT_PX,
    MEASURED,
    WIDTH_PX,
    needs_fake,
    opened,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.aravis.section import AravisSection

pytestmark = needs_fake


@pytest.fixture
def fake() -> Iterator[FakeCamera]:
    """One that listens."""
    with fake_camera() as made:
        yield made


@pytest.mark.usefixtures("fake")
class TestSoftware(CameraContract):
    """What every camera promises, in colour, triggered by us."""

    @pytest.fixture
    def section(self) -> AravisSection:
        """RGB8 becomes blue, green, red."""
        return faking.section(pixel_format="bgr8", trigger="software")


@pytest.mark.usefixtures("fake")
class TestFreeRun(CameraContract):
    """What every camera promises, grey and by its own pace."""

    @pytest.fixture
    def section(self) -> AravisSection:
        """Straight into the slot."""
        return faking.section(trigger="free-run", rate_hz=100.0)


HOLDER = """
import sys, time
from gonogo.drivers.cameras.aravis.camera import AravisCamera
from gonogo.drivers.cameras.aravis.section import AravisSection
camera = AravisCamera(AravisSection.model_validate_json(sys.argv[1]), "top")
print("open", flush=True)
time.sleep(600)
"""
RANKED = """
import contextlib, json, os, sys
from gonogo.base.realtime import RealtimeSection, ThreadRank, settle, settle_threads
from gonogo.drivers.cameras.aravis.camera import AravisCamera
from gonogo.drivers.cameras.aravis.section import AravisSection
from gonogo.proving.campaign.network_camera import receivers_of
if sys.argv[2] == "first":  # as one that opens its camera under its own rank would
    settle(RealtimeSection(), below=1)
with contextlib.closing(AravisCamera(AravisSection.model_validate_json(sys.argv[1]), "top")):
    if sys.argv[2] == "then":
        settle(RealtimeSection(), below=1)
    unlike = settle_threads(RealtimeSection(), below=1)
    found = [ThreadRank.of(thread).in_words() for thread in receivers_of(os.getpid())]
    print(json.dumps({"own": ThreadRank.of().in_words(), "unlike": unlike, "receivers": found}))
"""
NOT_WHOLE = "its frame: "  # packets missing, or the wait for them ended


def until(what: str, met: Callable[[], bool]) -> None:
    """Wait for a condition; the bound only ends a test that fails."""
    end_s = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < end_s, what
        time.sleep(0.001)


def wired(**changes: object) -> AbstractContextManager[AravisCamera]:
    """One with a hardware trigger, which the test gives by `flash`: the fake has no input."""
    return opened(trigger="hardware", trigger_source="Software", **changes)


def flash(camera: AravisCamera) -> None:
    """What a photo-eye would do."""
    camera._device.ask("camera_software_trigger")


def ramp(pixels: NDArray[np.uint8]) -> bool:
    """Whether it is a frame of the fake: brighter to the right, and downwards."""
    return bool((pixels[1:, :-1] == pixels[:-1, 1:]).all() and pixels.std() > 1)


def test_camera_brings_grey_straight_into_the_slot(fake: FakeCamera) -> None:
    """No private buffer, and every pixel is the camera's."""
    with opened() as camera:
        pixels = slot()
        camera.grab(1, pixels, soon_ns())
        assert ramp(pixels)
        assert camera._raw is None
    assert fake.serial


@pytest.mark.parametrize("source", ["RGB8", "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8"])
def test_camera_brings_colour_in_the_right_order(fake: FakeCamera, source: str) -> None:
    """Each value that the sensor has measured is where its colour is said to be."""
    del fake
    with opened(pixel_format="bgr8", source_format=source) as camera:
        pixels = slot(channels=3)
        camera.grab(1, pixels, soon_ns())
        assert camera._raw is not None
        if source == "RGB8":
            sent = camera._raw.reshape(HEIGHT_PX, WIDTH_PX, 3)
            np.testing.assert_array_equal(pixels, sent[..., ::-1])
        else:
            values = camera._raw.reshape(HEIGHT_PX, WIDTH_PX)
            for (y, x), channel in MEASURED[source[5:7]].items():
                inner = slice(2 + y, -2, 2), slice(2 + x, -2, 2)
                np.testing.assert_array_equal(pixels[inner][..., channel], values[inner])
        assert pixels.std() > 1


@pytest.mark.parametrize("trigger", ["free-run", "software"])
def test_camera_that_is_on_no_network_is_opened_by_its_id(trigger: str) -> None:
    """The library's fake device of this process stands for USB: no packets, no control to lose."""
    ctypes.CDLL(NAME).arv_enable_interface(b"Fake")
    with opened(address="Fake_1", trigger=trigger) as camera:
        pixels, asked_ns = slot(), time.monotonic_ns()
        first = camera.grab(1, pixels, soon_ns())
        assert ramp(pixels)
        assert asked_ns <= first.exposure_ns <= first.frame_ns
        assert camera.grab(2, pixels, soon_ns()).counter > first.counter


def test_camera_says_once_what_a_conversion_takes(
    fake: FakeCamera, caplog: pytest.LogCaptureFixture
) -> None:
    """For a technician who wonders where the time goes; of grey 8 bits there is none."""
    del fake
    caplog.set_level("INFO")
    for pixel_format in ("mono8", "bgr8"):
        with opened(pixel_format=pixel_format) as camera:
            for part_id in (1, 2):
                camera.grab(part_id, slot(channels=3 if pixel_format == "bgr8" else 1), soon_ns())
    said = [text for text in caplog.messages if "converted" in text]
    assert len(said) == 1
    assert "each frame is converted from RGB8 to bgr8" in said[0]


def test_camera_refuses_frames_of_a_region_that_was_changed_under_it(fake: FakeCamera) -> None:
    """The library calls them whole. Nothing is written beyond the slot, whatever their size."""
    del fake
    for width_px, height_px in ((64, 96), (256, 192), (96, 128)):
        with opened() as camera:
            memory = np.full(4 * WIDTH_PX * HEIGHT_PX, 7, np.uint8)
            pixels = memory[: WIDTH_PX * HEIGHT_PX].reshape(HEIGHT_PX, WIDTH_PX)
            camera._device.ask("camera_set_region", 0, 0, width_px, height_px)
            with pytest.raises(FrameInvalid, match="expected a frame of 128x96 px") as raised:
                camera.grab(1, pixels, soon_ns())
            assert f"got {width_px}x{height_px} px" in str(raised.value)
            assert (memory[WIDTH_PX * HEIGHT_PX :] == 7).all()


def test_camera_refuses_half_a_frame_in_half_a_buffer(fake: FakeCamera) -> None:
    """The library calls that whole, too."""
    del fake
    with opened() as camera:
        pixels = slot(fill=7)
        camera._stream.lend(pixels[: HEIGHT_PX // 2])
        with pytest.raises(FrameInvalid, match="got 128x96 px, format 0x01080001, 6144 bytes"):
            camera.grab(1, pixels, soon_ns())
        assert (pixels[HEIGHT_PX // 2 :] == 7).all()


def test_camera_refuses_a_pixel_format_that_was_changed_under_it(fake: FakeCamera) -> None:
    """As many bytes, other pixels."""
    del fake
    with opened() as camera:
        camera._device.ask("device_set_string_feature_value", b"PixelFormat", b"BayerRG8")
        with pytest.raises(FrameInvalid, match="got 128x96 px, format 0x01080009, 12288 bytes"):
            camera.grab(1, slot(), soon_ns())


def test_camera_refuses_frames_with_missing_packets() -> None:
    """Each is refused or late, none is taken; the slot is given back in the end."""
    with fake_camera("-r", "200"), opened(packet_bytes=576, frame_retention_ms=20.0) as camera:
        seen: list[str] = []
        while sum(NOT_WHOLE in text for text in seen) < 10:
            pixels = slot()
            try:
                camera.grab(len(seen), pixels, soon_ns(500))
            except (FrameInvalid, FrameTimeout) as error:
                seen.append(str(error))
                until("never given back", lambda: not camera.holds(pixels))  # noqa: B023 - called now
            else:
                assert ramp(pixels)
            assert len(seen) < 200


def test_camera_keeps_the_slot_of_a_frame_that_has_not_come(fake: FakeCamera) -> None:
    """Until the library has given it back; the late frame is taken for no other part."""
    del fake
    with wired(trigger_lead_ms=2) as camera:
        late, other = slot(), slot(fill=7)
        with pytest.raises(FrameTimeout, match="does the photo-eye reach Software"):
            camera.grab(1, late, soon_ns(20))
        assert camera.holds(late)
        assert not camera.holds(other)
        flash(camera)
        until("never given back", lambda: not camera.holds(late))
        assert ramp(late)
        time.sleep(0.02)  # more than the lead, and than the two clocks may differ by
        with pytest.raises(FrameInvalid, match="before its trigger: of another part"):
            camera.grab(2, other, soon_ns(100))
        assert (other == 7).all()
        assert camera.holds(other)  # its own frame may still come


def test_camera_has_one_picture_on_its_way_at_most(fake: FakeCamera) -> None:
    """The slot of a part without a frame takes the next part's, which is copied to its own."""
    del fake
    with wired(trigger_lead_ms=2) as camera:
        first, second = slot(), slot()
        camera.queue(first)
        flash(camera)
        camera.grab(0, first, soon_ns())
        with pytest.raises(FrameTimeout):
            camera.grab(1, first, soon_ns(20))
        time.sleep(1)  # a pitch in which no frame is so late that the next part's might be it
        camera.queue(second)
        assert camera.holds(first)
        assert not camera.holds(second)
        flash(camera)
        camera.grab(2, second, soon_ns())
        assert ramp(second)
        assert not camera.holds(first)


def test_camera_does_not_stay_one_picture_behind(fake: FakeCamera) -> None:
    """A trigger that was no part's: its frame is passed over, and that of the part is awaited."""
    del fake
    with wired(trigger_lead_ms=2) as camera:
        pixels = slot()
        camera.queue(pixels)
        flash(camera)
        until("no frame", lambda: not camera.holds(pixels))
        time.sleep(0.02)  # more than the lead, and than the two clocks may differ by
        asked_ns = time.monotonic_ns()
        eye = threading.Timer(0.1, flash, (camera,))
        eye.start()
        exposure = camera.grab(1, pixels, soon_ns())
        eye.join()
        assert exposure.exposure_ns >= asked_ns
        assert ramp(pixels)


def test_camera_without_a_clock_dates_frames_by_their_first_packet(fake: FakeCamera) -> None:
    """Its tick frequency is nought."""
    del fake
    with opened() as camera:
        for register in (0x093C, 0x0940):  # of its clock's frequency
            camera._device.ask("device_write_register", register, 0)
    with opened() as camera:
        assert not camera._device.ticks
        asked_ns = time.monotonic_ns()
        exposure = camera.grab(1, slot(), soon_ns())
        assert asked_ns <= exposure.exposure_ns <= exposure.frame_ns


def test_camera_takes_the_frame_that_came_ahead_of_the_line(fake: FakeCamera) -> None:
    """The photo-eye is sooner than the PLC; what lies within the lead is this part's."""
    del fake
    with wired(trigger_lead_ms=10_000) as camera:
        pixels = slot()
        camera.queue(pixels)
        assert camera.holds(pixels)
        flashed_ns = time.monotonic_ns()
        flash(camera)
        until("no frame", lambda: not camera.holds(pixels))
        called_ns = time.monotonic_ns()
        exposure = camera.grab(1, pixels, soon_ns())
        assert ramp(pixels)
        assert flashed_ns <= exposure.exposure_ns <= called_ns <= exposure.frame_ns


def test_camera_drops_what_came_before_its_own_trigger(fake: FakeCamera) -> None:
    """A frame that lies there when the part is asked for shows none; the right one is taken."""
    del fake
    with opened() as camera:
        pixels = slot()
        camera.queue(pixels)
        flash(camera)
        until("no frame", lambda: not camera.holds(pixels))
        asked_ns = time.monotonic_ns()
        first = camera.grab(1, pixels, soon_ns())
        assert first.exposure_ns >= asked_ns
        assert camera.grab(2, pixels, soon_ns()).counter == first.counter + 1


def test_camera_counts_on_where_its_frame_ids_begin_again(fake: FakeCamera) -> None:
    """16 bits, and the fake camera begins near their end."""
    del fake
    with opened(trigger="free-run", rate_hz=500.0, exposure_us=4000.0) as camera:
        last = camera.grab(1, slot(), soon_ns()).counter
        while last < 0xFFFF + 20:
            counter = camera.grab(1, slot(), soon_ns()).counter
            assert last < counter < last + 5000
            last = counter


def test_camera_that_dies_is_opened_anew_with_all_its_settings(fake: FakeCamera) -> None:
    """Kill -9: the part is an error of the device; a camera switched on again knows nothing."""
    with opened(offset_x_px=8, offset_y_px=4) as camera:
        camera.grab(1, slot(), soon_ns())
        fake.kill()
        with pytest.raises(CameraError) as raised:
            camera.grab(2, slot(), soon_ns(50))
        assert type(raised.value) is CameraError
        assert "camera_software_trigger" in str(raised.value)
        fake.start()
        with opened(offset_x_px=8, offset_y_px=4) as another:
            assert region_of(another._device) == (8, 4, WIDTH_PX, HEIGHT_PX)
            another.grab(3, slot(), soon_ns())


def test_camera_that_was_switched_off_and_on_is_noticed(fake: FakeCamera) -> None:
    """Between two parts, so quickly that nothing was missed: it is not ours any more."""
    with opened(trigger="free-run") as camera:
        camera.grab(1, slot(), soon_ns())
        fake.kill()
        fake.start()
        errors: list[type[Exception]] = []
        while CameraHeld not in errors:
            with pytest.raises(CameraError) as raised:
                camera.grab(2, slot(), soon_ns(200))
            errors.append(raised.type)
            assert raised.type in {FrameTimeout, FrameInvalid, CameraHeld}
            assert len(errors) < 200


def frozen(camera: AravisCamera, pixels: NDArray[np.uint8]) -> type[Exception] | None:
    """What became of one grab."""
    try:
        camera.grab(2, pixels, soon_ns(100))
    except (FrameTimeout, FrameInvalid) as error:
        return type(error)
    return None


def test_camera_that_freezes_costs_its_parts_and_no_more(fake: FakeCamera) -> None:
    """Late, by the deadline; once it goes on, so do the frames."""
    with opened(trigger="free-run", rate_hz=100.0) as camera:
        camera.grab(1, slot(), soon_ns())
        fake.signal(signal.SIGSTOP)
        pixels = slot()  # one for all: what is lent while half a frame goes by stays lent
        error: type[Exception] | None = None
        while error is not FrameTimeout:  # one may be on its way, or half of it
            error = frozen(camera, pixels)
        assert camera.holds(pixels)
        fake.signal(signal.SIGCONT)
        camera.grab(3, pixels, soon_ns())
        assert ramp(pixels)


def test_camera_of_another_client_is_refused_until_that_one_ends(fake: FakeCamera) -> None:
    """The library hands out a handle that controls nothing, without a word."""
    del fake
    with opened() as first:
        with pytest.raises(CameraHeld, match=r"GN203.*held by another client"), opened():
            pass
        first.grab(1, slot(), soon_ns())
    with opened() as second:
        second.grab(1, slot(), soon_ns())


def test_camera_of_a_client_that_was_killed_is_free_after_its_heartbeat_time(
    fake: FakeCamera,
) -> None:
    """Until then nobody has it; the process of a camera tries for ever."""
    del fake
    told = faking.section(heartbeat_ms=1500).model_dump_json()
    with subprocess.Popen([sys.executable, "-c", HOLDER, told], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        holder.kill()
    end_s = time.monotonic() + WAIT_S
    while True:
        try:
            with opened() as camera:
                camera.grab(1, slot(), soon_ns())
            break
        except CameraHeld:
            assert time.monotonic() < end_s, "never free again"


@pytest.mark.parametrize("when", ["first", "then"])
def test_camera_has_its_receiver_at_the_rank_and_on_the_cores_of_its_process(
    fake: FakeCamera, when: str
) -> None:
    """The library's thread, which starts as an ordinary one, whoever opens the camera."""
    del fake
    told = faking.section().model_dump_json()
    done = subprocess.run(
        [sys.executable, "-c", RANKED, told, when], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["receivers"] == [found["own"]]
    assert found["unlike"] == []


def test_camera_says_how_much_memory_its_socket_did_not_get(fake: FakeCamera) -> None:
    """With less, packets are lost while this box is busy; what was open is closed again."""
    del fake
    wanted_kb = HostNetwork().rmem_max() // 1024 + 64
    for _ in range(2):  # the second time it would be held by the first
        with pytest.raises(CameraError, match=r"net\.core\.rmem_max is") as raised:
            AravisCamera(faking.section(socket_buffer_kb=wanted_kb), "top")
        assert f"sysctl -w net.core.rmem_max={wanted_kb * 1024}" in str(raised.value)
    with opened() as camera:
        camera.grab(1, slot(), soon_ns())


def test_camera_names_what_it_does_not_keep(fake: FakeCamera) -> None:
    """The fake's gain has whole steps only."""
    del fake
    with (
        pytest.raises(CameraError, match=r"gain_db: wanted 2.5, found [23].0"),
        opened(gain_db=2.5),
    ):
        pass


def test_camera_says_what_its_light_may_be(fake: FakeCamera) -> None:
    """By the library, within which what it has now lies."""
    del fake
    with opened(gain_db=3.0) as camera:
        for key, value in (("exposure_us", 5000.0), ("gain_db", 3.0)):
            found = camera.bounds(key)
            assert found is not None
            assert found[0] < value < found[1]


def test_camera_is_told_all_that_the_station_file_says(fake: FakeCamera) -> None:
    """And keeps it: read here once more, by another way where there is one."""
    del fake
    with opened(
        trigger="hardware", trigger_source="Line0", gain_db=3.0, packet_bytes=1440,
        packet_delay_us=40.0, heartbeat_ms=2500, offset_x_px=16, offset_y_px=2,
    ) as camera:  # fmt: skip
        device = camera._device
        texts = ("PixelFormat", "TriggerMode", "TriggerSource", "TriggerActivation", "GainAuto")
        found = [device.text(each) for each in texts]
        assert found == ["Mono8", "On", "Line0", "RisingEdge", "Off"]
        assert region_of(device) == (16, 2, WIDTH_PX, HEIGHT_PX)
        assert device.ask("camera_get_exposure_time") == 5000.0
        assert device.ask("camera_get_gain") == 3.0
        assert device.register(0x0D04) & 0xFFFF == 1440
        assert device.register(0x0D08) == 40_000  # ticks of a nanosecond
        assert device.register(0x0938) == 2500


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source_format": "Mono12"}, "needs Mono12, which it does not offer"),
        (
            {"pixel_format": "bgr8", "source_format": "BayerRG8", "offset_x_px": 1},
            "say by bayer_origin",
        ),
        ({"trigger": "hardware", "trigger_source": "Line7"}, "camera_set_trigger Line7"),
        ({"trigger": "free-run", "rate_hz": 7000.0, "width_px": 4096}, "found"),
        ({"address": "127.0.0.77"}, "would reach it from 127.0.0.1: both must be of one subnet"),
        ({"address": "Nobody-1"}, "list what there is with `arv-tool-0.8`"),
    ],
)
def test_camera_refuses_what_cannot_be_had(
    fake: FakeCamera, changes: dict[str, object], why: str
) -> None:
    """With the reason, and the camera free for the next try."""
    del fake
    with pytest.raises(CameraError, match=why), opened(**changes):
        pass
    with opened() as camera:
        camera.grab(1, slot(), soon_ns())
