"""A GenTL camera over the virtual producer of the genicam wheel: promises, and what it can show."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.testing.cameras import CameraContract, soon_ns
from gonogo.tests.drivers.cameras.genicam import producer
from gonogo.tests.drivers.cameras.genicam.producer import (
    CAMERA_ID,
    HEIGHT_PX,
    WIDTH_PX,
    needs_producer,
    opened,
    slot,
)

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gonogo.drivers.cameras.genicam.camera import GenicamCamera
    from gonogo.drivers.cameras.genicam.device import Device
    from gonogo.drivers.cameras.genicam.section import GenicamSection

pytestmark = needs_producer


def order(device: Device, section: GenicamSection) -> None:
    """What it is told when it is opened."""
    from gonogo.drivers.cameras.genicam import camera  # noqa: PLC0415 - needs the library

    camera.order(device, section)


class TestFreeRun(CameraContract):
    """What every camera promises."""

    @pytest.fixture
    def section(self) -> GenicamSection:
        """Grey, two hundred a second."""
        return producer.section()


def node(camera: GenicamCamera, name: str) -> Any:  # noqa: ANN401 - the library has no types
    """A feature of the camera, past our own code."""
    return camera._device.acquirer.remote_device.node_map.get_node(name)


def test_camera_brings_each_frame_by_a_copy_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """Of the bytes that the producer has filled, into the slot; said once, counted always."""
    caplog.set_level("INFO")
    with opened() as camera:
        for part_id in (1, 2, 3):
            pixels = slot(7)
            camera.grab(part_id, pixels, soon_ns())
            lent = camera._stream._memory[: pixels.size]
            assert (pixels.reshape(-1) == lent).all()
            assert pixels.std() > 1
        assert camera.copied == 3
    assert len([text for text in caplog.messages if "copied" in text]) == 1


def test_camera_holds_no_slot() -> None:
    """The producer knows the one buffer of its own, so nobody waits for a slot to come back."""
    with opened(rate_hz=1.0) as camera:
        pixels = slot()
        with pytest.raises(FrameTimeout, match="is rate_hz high enough for the budget"):
            camera.grab(1, pixels, soon_ns(20))
        assert camera._stream.lent is not None
        assert not camera.holds(pixels)


def test_camera_brings_no_frame_from_before_the_part() -> None:
    """One that came meanwhile lies there, and is passed over."""
    with opened(rate_hz=50.0) as camera:
        with pytest.raises(FrameTimeout):
            camera.grab(1, slot(), soon_ns(1))
        end_ns = soon_ns()
        while not camera._stream.back:
            assert time.monotonic_ns() < end_ns
            time.sleep(0.001)
        asked_ns = time.monotonic_ns()
        assert camera.grab(2, slot(), soon_ns()).exposure_ns >= asked_ns


@pytest.mark.parametrize(("feature", "value"), [("Width", 120), ("Height", 100)])
def test_camera_refuses_frames_of_another_size_than_was_ordered(feature: str, value: int) -> None:
    """Changed under it: the library calls them whole."""
    with opened() as camera:
        node(camera, "TLParamsLocked").value = 0
        node(camera, feature).value = value
        width_px, height_px = (value, HEIGHT_PX) if feature == "Width" else (WIDTH_PX, value)
        with pytest.raises(FrameInvalid, match=f"got {width_px}x{height_px} px, .*01080001"):
            camera.grab(1, slot(), soon_ns(500))


def test_camera_is_told_all_that_the_station_file_says() -> None:
    """And keeps it; nothing but pictures comes, and what is set is locked while it streams."""
    with opened(rate_hz=50.0) as camera:
        wanted = {
            "PixelFormat": "Mono8", "Width": WIDTH_PX, "Height": HEIGHT_PX,
            "AcquisitionFrameRate": 50.0, "ChunkModeActive": False, "GenDCStreamingMode": "Off",
            "TLParamsLocked": 1,
        }  # fmt: skip
        assert {name: node(camera, name).value for name in wanted} == wanted


def test_camera_that_was_left_locked_is_set_again() -> None:
    """By a client that was killed while it streamed."""
    with opened() as camera:
        camera._device.stop()
        node(camera, "TLParamsLocked").value = 1
        order(camera._device, producer.section(width_px=200))
        assert (node(camera, "Width").value, node(camera, "TLParamsLocked").value) == (200, 0)


def test_camera_leaves_ctrl_c_to_the_program() -> None:
    """The library would take it, and destroy the camera."""
    before = signal.getsignal(signal.SIGINT)
    threads = threading.active_count()
    with opened():
        assert signal.getsignal(signal.SIGINT) is before
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"camera_id": "nobody"}, f"camera_id: expected one of .* viky.cti lists, .*{CAMERA_ID}"),
        ({"width_px": 1600}, "Width 1600: Value = 1600 must be equal or smaller than Max = 800"),
        ({"pixel_format": "bgr8"}, r"needs BGR8 or .* does not offer \(it does: .*Mono8"),
        ({"lacks": ()}, "expected one of its features to be ExposureTime or ExposureTimeAbs"),
        ({"lacks": ("ExposureTime",), "trigger": "software"}, "TriggerSource"),
        ({"packet_bytes": 1500}, "GevSCPSPacketSize"),
        ({"trigger": "hardware", "lacks": ("ExposureTime", "TriggerMode")}, "without a trigger"),
    ],
)
def test_camera_refuses_what_cannot_be_had(changes: dict[str, object], why: str) -> None:
    """With the reason, and the camera free for the next try."""
    with pytest.raises((CameraError, ValueError), match=why), opened(**changes):
        pass
    with opened() as camera:
        camera.grab(1, slot(), soon_ns())


def test_producer_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before the library is asked, which would say nothing."""
    with (
        pytest.raises(CameraError, match=r"a file that ends in \.cti, got none at .*none\.cti"),
        opened(producer=tmp_path / "none.cti"),
    ):
        pass


def test_producer_that_is_none_lists_no_camera(tmp_path: Path) -> None:
    """A file of another kind."""
    path = tmp_path / "text.cti"
    path.write_text("no library")
    with pytest.raises(CameraError, match="camera"), opened(producer=path):
        pass


def test_producers_own_words_are_those_of_the_message() -> None:
    """Without the name of an exception in a library."""
    from gonogo.drivers.cameras.genicam.nodes import plain  # noqa: PLC0415 - needs the library

    said = "GenTL exception: Busy. (Message from the source: AnnounceBuffer: not now) (ID: -1022)"
    assert plain(said) == "AnnounceBuffer: not now"
    assert plain("GenTL exception: Busy. (Message from the source: ) (ID: -1)") != ""
    assert plain("Node is not writable. : AccessException thrown in x") == "Node is not writable"


WITHOUT = """
import sys
sys.modules["{missing}"] = None
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.genicam.section import GenicamSection
section = GenicamSection.model_validate_json(sys.argv[1])
try:
    open_camera(section, "top")
except Exception as error:
    print(error)
"""


@pytest.mark.parametrize("missing", ["harvesters", "genicam"])
def test_camera_whose_library_is_missing_says_what_to_install(missing: str) -> None:
    """The section is read without it."""
    code, told = WITHOUT.format(missing=missing), producer.section().model_dump_json()
    command = [sys.executable, "-I", "-c", code, told]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said.startswith("GN121: camera driver 'genicam': ")
    assert "pip install 'gonogo[genicam]'" in said


def test_camera_of_the_catalogue_is_this_one() -> None:
    """By its name in the station file."""
    camera = open_camera(producer.section(), "top")
    assert type(camera).__name__ == "GenicamCamera"
    camera.close()


def test_camera_says_nothing_of_light_that_it_lacks() -> None:
    """These have neither exposure nor gain; the one that the station file names is not set."""
    with opened() as camera:
        assert [camera.bounds(key) for key in ("exposure_us", "gain_db")] == [None, None]
    assert producer.section().light_keys == ("gain_db",)
