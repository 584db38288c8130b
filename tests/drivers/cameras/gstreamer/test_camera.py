"""The GStreamer camera over the library's own test source: what it promises, and each hazard."""

from __future__ import annotations

import ctypes
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout
from gonogo.drivers.cameras.gstreamer.binding import VideoMeta
from gonogo.testing.cameras import CameraContract, soon_ns
from gonogo.tests.drivers.cameras.gstreamer.live import (
    HEIGHT_PX,
    WIDTH_PX,
    Altered,
    needs_gstreamer,
    opened,
    section,
    slot,
    source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.gstreamer.camera import GstreamerCamera
    from gonogo.drivers.cameras.gstreamer.section import GstreamerSection

pytestmark = needs_gstreamer

NS_PER_MS = 1_000_000


class TestColour(CameraContract):
    """What every camera promises, in colour, with rows that are padded."""

    @pytest.fixture
    def section(self) -> GstreamerSection:
        """161 pixels of three bytes are no multiple of four."""
        return section(pipeline=source(width_px=161), width_px=161, pixel_format="bgr8")


class TestGrey(CameraContract):
    """What every camera promises, grey, and slower."""

    @pytest.fixture
    def section(self) -> GstreamerSection:
        """As most cameras are."""
        return section(pipeline=source(rate="100/1"), readout_ms=1.0)


def upright(pixels: NDArray[np.uint8]) -> bool:
    """Whether the bars of the test picture stand: a row that is off by a byte would lean."""
    bars = pixels[: len(pixels) // 2]
    return bool((bars == bars[0]).all() and bars.std() > 1)


@pytest.mark.parametrize("width_px", [160, 161, 162, 163])
def test_camera_reads_rows_that_are_padded(width_px: int) -> None:
    """GStreamer rounds them up to four bytes."""
    with opened(pipeline=source(width_px=width_px), width_px=width_px) as camera:
        pixels = slot(width_px)
        camera.grab(1, pixels, soon_ns())
        assert upright(pixels)


def test_camera_brings_blue_green_red() -> None:
    """A picture that is all blue, out of a source in another format."""
    blue = "pattern=solid-color foreground-color=0xff0000ff ! video/x-raw,format=I420"
    pipeline = f"videotestsrc is-live=true {blue},width=64,height=48,framerate=200/1 ! videoconvert"
    with opened(pipeline=pipeline, width_px=64, height_px=48, pixel_format="bgr8") as camera:
        pixels = np.zeros((48, 64, 3), np.uint8)
        camera.grab(1, pixels, soon_ns())
        assert np.abs(pixels.astype(int) - (255, 0, 0)).max() <= 3


def test_camera_takes_no_frame_that_was_on_its_way() -> None:
    """A pipeline that holds frames back for 100 ms brings such as are older than their part."""
    held = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 min-threshold-time=100000000"
    with opened(pipeline=f"{source()} ! {held}") as camera:
        for part_id in (1, 2, 3):
            asked_ns = time.monotonic_ns()
            exposure = camera.grab(part_id, slot(), soon_ns())
            assert exposure.exposure_ns >= asked_ns
            assert exposure.frame_ns - asked_ns >= 90 * NS_PER_MS


def test_camera_never_shows_an_old_picture_after_a_pause() -> None:
    """What came between two parts is none's, however long the pause."""
    with opened() as camera:
        for part_id in (1, 2):
            time.sleep(0.1)
            asked_ns = time.monotonic_ns()
            assert camera.grab(part_id, slot(), soon_ns()).exposure_ns >= asked_ns


def test_camera_dates_by_any_clock_of_the_pipeline() -> None:
    """That of the network or of the wall: years apart from ours."""
    far_ns = 1_700_000_000 * 1_000_000_000
    gst = Altered(
        clock_get_time=lambda now_ns: now_ns + far_ns,
        element_get_base_time=lambda base_ns: base_ns + far_ns,
    )
    gst.altered = True
    with opened(gst) as camera:
        asked_ns = time.monotonic_ns()
        exposure = camera.grab(1, slot(), soon_ns())
        assert asked_ns <= exposure.exposure_ns <= exposure.frame_ns


def failed(camera: GstreamerCamera) -> CameraError:
    """What ends a series of grabs."""
    for part_id in range(1, 1000):
        error = grabbed(camera, part_id)
        if error is not None:
            return error
    pytest.fail("it never failed")


def grabbed(camera: GstreamerCamera, part_id: int) -> CameraError | None:
    """What one grab ends with; None: with a frame."""
    try:
        camera.grab(part_id, slot(), soon_ns(2000))
    except CameraError as error:
        return error
    return None


def test_camera_says_of_stamps_in_the_future_that_it_does_not_believe_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once; each part is refused."""
    gst = Altered(element_get_base_time=lambda base_ns: base_ns + 1_000_000_000)
    with opened(gst) as camera:
        camera.grab(1, slot(), soon_ns())
        gst.altered = True
        for _ in range(2):
            with pytest.raises(FrameInvalid, match="no stamp that can be believed"):
                camera.grab(2, slot(), soon_ns(100))
    assert len([text for text in caplog.messages if "in the future" in text]) == 1


def test_camera_refuses_frames_without_a_stamp() -> None:
    """Nobody knows how long they were on their way; the hint says what helps."""
    gst = Altered(segment_to_running_time=lambda _: (1 << 64) - 1)
    gst.altered = True
    with (
        opened(gst) as camera,
        pytest.raises(FrameInvalid, match="do-timestamp=true at its source"),
    ):
        camera.grab(1, slot(), soon_ns(100))


META = VideoMeta(stride=(ctypes.c_int * 4)(2 * WIDTH_PX))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"buffer_get_flags": lambda flags: flags | 0x100}, "is damaged or missing"),
        ({"buffer_get_flags": lambda flags: flags | 0x800}, "is damaged or missing"),
        (
            {"structure_get_string": lambda found: {b"progressive": b"mixed"}.get(found, found)},
            r"expected a whole frame, got one in fields \(mixed\)",
        ),
        ({"buffer_map": lambda _: 0}, "where this processor cannot read it"),
        (
            {"buffer_get_video_meta": lambda _: ctypes.pointer(META)},
            "expected 120 rows of 160 bytes, got 19200 bytes with rows of 320",
        ),
        (
            {"buffer_get_video_meta": lambda _: ctypes.pointer(VideoMeta())},
            "got 19200 bytes with rows of 0",
        ),
    ],
)
def test_camera_refuses_a_frame_that_is_not_whole(
    changes: dict[str, Callable[[Any], Any]], why: str
) -> None:
    """That part alone, and nothing is written; the one after has its own again."""
    gst = Altered(**changes)
    with opened(gst) as camera:
        gst.altered = True
        pixels = slot(fill=9)
        with pytest.raises(FrameInvalid, match=f"part 1: its frame: .*{why}"):
            camera.grab(1, pixels, soon_ns())
        assert (pixels == 9).all()
        gst.altered = False
        camera.grab(2, pixels, soon_ns())
        assert upright(pixels)


def test_camera_refuses_frames_of_a_size_that_has_changed() -> None:
    """With both sizes, from the first one on."""
    first = f"{source('num-buffers=60')} ! c."
    second = f"{source(width_px=80)} ! c."
    pipeline = f"{first} {second} concat name=c adjust-base=false"
    with opened(pipeline=pipeline) as camera:
        error = failed(camera)
        assert type(error) is FrameInvalid
        assert "expected a frame of 160x120 px GRAY8, got 80x120 px GRAY8" in str(error)


def test_camera_whose_pipeline_fails_says_so_in_its_words() -> None:
    """With the element's name; its process opens it anew."""
    with opened(pipeline=f"{source()} ! identity error-after=60") as camera:
        error = failed(camera)
        assert type(error) is CameraError
        assert "GstIdentity:identity" in str(error)
        assert "Failed after iterations as requested" in str(error)


def test_camera_whose_stream_ends_says_so() -> None:
    """A file that is over, a sender that has gone."""
    with opened(pipeline=source("num-buffers=60")) as camera:
        error = failed(camera)
        assert type(error) is CameraError
        assert "its stream has ended" in str(error)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"pipeline": "nvnothingsrc"}, 'pipeline: no element "nvnothingsrc"; `gst-inspect-1.0`'),
        ({"pipeline": "videotestsrc ! ! x"}, "pipeline: "),
        ({"pipeline": "filesrc location=/none"}, r"GstFileSrc:filesrc\d+: Resource not found\. No"),
        ({"pipeline": "videotestsrc ! video/x-raw,width=160,height=120"}, "a live source"),
        ({"pipeline": source("num-buffers=0")}, "its stream has ended"),
        (
            {"pipeline": source(width_px=96)},
            "its first frame: expected a frame of 160x120 px GRAY8, got 96x120 px GRAY8",
        ),
        ({"pipeline": f"{source()},format=RGB"}, "pipeline: "),
        ({"pipeline": source(rate="0/1")}, "expected readout_ms, the longest from the end"),
    ],
)
def test_camera_refuses_a_pipeline_that_brings_no_frames(changes: dict[str, Any], why: str) -> None:
    """With the library's own words, when it is opened."""
    with pytest.raises(CameraError, match=why), opened(**changes):
        pass


def test_camera_gives_up_at_the_deadline() -> None:
    """A frame every two seconds is too few."""
    with opened(pipeline=source(rate="1/2")) as camera:
        deadline_ns = soon_ns(50)
        with pytest.raises((FrameTimeout, FrameInvalid)):
            camera.grab(1, slot(), deadline_ns)
        assert time.monotonic_ns() >= deadline_ns
        deadline_ns = soon_ns(50)
        with pytest.raises(FrameTimeout, match="is the camera's rate high enough for the budget"):
            camera.grab(2, slot(), deadline_ns)
        assert time.monotonic_ns() >= deadline_ns


def test_camera_says_once_what_its_copy_takes(caplog: pytest.LogCaptureFixture) -> None:
    """For a technician who wonders where the time goes."""
    caplog.set_level("INFO")
    with opened() as camera:
        for part_id in (1, 2):
            camera.grab(part_id, slot(), soon_ns())
    assert len([text for text in caplog.messages if "copied into its slot" in text]) == 1
    assert HEIGHT_PX
