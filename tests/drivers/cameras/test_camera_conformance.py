"""What every camera promises, checked on each one that needs no device."""

from __future__ import annotations

import time
import tracemalloc
import weakref
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameTimeout, GonogoError
from gonogo.base.ticks import sleep_until
from gonogo.drivers.cameras.catalogue import CAMERAS, open_camera
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.drivers.scene.section import SyntheticSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.camera import Camera

    Opener = Callable[..., Camera]

AnySection: TypeAlias = ReplaySection | SyntheticSection
WIDTH_PX, HEIGHT_PX = 128, 96
GUARD_BYTES = 4096
NS_PER_MS = 1_000_000


def section_of(driver: str, folder: Path, **options: object) -> AnySection:
    """The section of a small camera of that driver, over three appearances."""
    common = {"driver": driver, "width_px": WIDTH_PX, "height_px": HEIGHT_PX, **options}
    if driver == "synthetic":
        return SyntheticSection.model_validate({"pool": 3, **common})
    rng = np.random.default_rng(4)
    for index in range(3):
        image = rng.integers(0, 255, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        cv2.imwrite(str(folder / f"{index}.png"), image)
    return ReplaySection.model_validate({"folder": folder, **common})


@pytest.fixture(params=sorted(CAMERAS.names))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens cameras of one driver with options, and closes them after the test."""
    opened = []

    def open_with(**options: object) -> Camera:
        camera = open_camera(section_of(request.param, tmp_path, **options), "top")
        opened.append(camera)
        return camera

    yield open_with
    for camera in opened:
        camera.close()


def slot(channels: int = 3, fill: int = 0) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    shape = (HEIGHT_PX, WIDTH_PX, 3) if channels == 3 else (HEIGHT_PX, WIDTH_PX)
    return np.full(shape, fill, np.uint8)


def soon_ns(ms: int = 60_000) -> int:
    """A deadline that many ms from now."""
    return time.monotonic_ns() + ms * NS_PER_MS


def test_camera_shows_a_part_id_the_same_every_time(opener: Opener) -> None:
    """The same part id gives the same pixels, from this camera and from a second one."""
    first, second = opener(), opener()
    frames = [slot() for _ in range(3)]
    first.grab(2, frames[0], soon_ns())
    first.grab(3, slot(), soon_ns())
    first.grab(2, frames[1], soon_ns())
    second.grab(2, frames[2], soon_ns())
    np.testing.assert_array_equal(frames[0], frames[1])
    np.testing.assert_array_equal(frames[0], frames[2])


def test_camera_shows_different_parts_differently(opener: Opener) -> None:
    """Two part ids with different appearances give different pixels."""
    camera, one, two = opener(order="sequence"), slot(), slot()
    camera.grab(1, one, soon_ns())
    camera.grab(2, two, soon_ns())
    assert (one != two).mean() > 0.05


@pytest.mark.parametrize(("pixel_format", "channels"), [("bgr8", 3), ("mono8", 1)])
def test_camera_writes_all_of_the_slot_and_nothing_else(
    opener: Opener, pixel_format: str, channels: int
) -> None:
    """What was in the slot before does not matter, and its neighbours stay as they were."""
    camera = opener(pixel_format=pixel_format)
    size = HEIGHT_PX * WIDTH_PX * channels
    frames = []
    for fill in (0, 255):
        memory = np.full(size + 2 * GUARD_BYTES, fill, np.uint8)
        pixels = memory[GUARD_BYTES:-GUARD_BYTES].reshape(slot(channels).shape)
        camera.grab(1, pixels, soon_ns())
        assert (memory[:GUARD_BYTES] == fill).all()
        assert (memory[-GUARD_BYTES:] == fill).all()
        frames.append(pixels)
    np.testing.assert_array_equal(frames[0], frames[1])


def test_camera_counts_and_stamps_frames_in_order(opener: Opener) -> None:
    """The counter rises with every frame, and the times lie between call and return."""
    camera, last_counter, last_ns = opener(), 0, time.monotonic_ns()
    for part_id in range(1, 8):
        exposure = camera.grab(part_id, slot(), soon_ns())
        assert exposure.counter > last_counter
        assert last_ns <= exposure.exposure_ns <= exposure.frame_ns <= time.monotonic_ns()
        last_counter, last_ns = exposure.counter, exposure.frame_ns


@pytest.mark.parametrize("timing", [{"exposure_ms": 5000.0}, {"rate_hz": 0.1}])
def test_camera_gives_up_at_the_deadline(opener: Opener, timing: dict[str, float]) -> None:
    """An exposure that ends after the deadline is FrameTimeout, not before the deadline."""
    camera, pixels, deadline_ns = opener(**timing), slot(fill=9), soon_ns(5)
    with pytest.raises(FrameTimeout, match=r"view 'top': part 1: frame would be \d+ us late"):
        camera.grab(1, pixels, deadline_ns)
    assert time.monotonic_ns() >= deadline_ns
    assert (pixels == 9).all()


def test_camera_refuses_a_deadline_that_has_passed(opener: Opener) -> None:
    """A part without time left costs no copy."""
    pixels = slot(fill=9)
    with pytest.raises(FrameTimeout):
        opener().grab(1, pixels, time.monotonic_ns() - 1)
    assert (pixels == 9).all()


def test_camera_works_on_after_a_timeout(opener: Opener) -> None:
    """One late frame does not spoil the next one."""
    camera = opener(exposure_ms=3.0)
    with pytest.raises(FrameTimeout):
        camera.grab(1, slot(), time.monotonic_ns())
    exposure = camera.grab(2, slot(), soon_ns())
    assert exposure.frame_ns - exposure.exposure_ns >= 3 * NS_PER_MS


def test_camera_runs_free_on_absolute_ticks(opener: Opener) -> None:
    """With a fixed rate every exposure begins after the call and on the camera's own grid."""
    period_ns = 2 * NS_PER_MS
    camera, frames = opener(rate_hz=500.0), []
    for part_id in range(1, 6):
        called_ns = time.monotonic_ns()
        frames.append(camera.grab(part_id, slot(), soon_ns()))
        assert frames[-1].exposure_ns > called_ns
        if part_id == 3:
            sleep_until(time.monotonic_ns() + 3 * period_ns)
    for frame in frames[1:]:
        periods = frame.counter - frames[0].counter
        assert frame.exposure_ns - frames[0].exposure_ns == periods * period_ns
    assert frames[3].counter - frames[2].counter >= 3


def test_camera_refuses_a_slot_of_another_shape(opener: Opener) -> None:
    """A ring made for other frames is noticed before a byte is written."""
    with pytest.raises(CameraError, match="expected a frame slot of shape"):
        opener().grab(1, slot(channels=1), soon_ns())


def test_camera_close_is_idempotent(opener: Opener) -> None:
    """Closing twice is fine, grabbing afterwards is an error of the project."""
    camera = opener()
    camera.close()
    camera.close()
    with pytest.raises(GonogoError, match="closed"):
        camera.grab(1, slot(), soon_ns())


def test_camera_keeps_no_hold_of_the_pixels(opener: Opener) -> None:
    """After grab the slot's array belongs to the caller alone, so that a ring can be unmapped."""
    camera, pixels = opener(), slot()
    camera.grab(1, pixels, soon_ns())
    watch = weakref.ref(pixels)
    del pixels
    assert watch() is None


def test_camera_allocates_nothing_in_the_cycle(opener: Opener) -> None:
    """In steady state a grab leaves no memory behind and never makes a second frame."""
    camera, pixels = opener(), slot()
    for part_id in range(1, 20):
        camera.grab(part_id, pixels, soon_ns())
    tracemalloc.start()
    try:
        camera.grab(20, pixels, soon_ns())
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for part_id in range(21, 121):
            camera.grab(part_id, pixels, soon_ns())
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2048
    assert peak - before < pixels.nbytes // 4


@pytest.mark.parametrize("dma", [True, False])
def test_camera_shows_a_queued_part_as_any_other(opener: Opener, dma: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Queued, queued elsewhere, or another part than expected: to the byte what it always is."""
    plain, queued = opener(), opener(dma=dma)
    for part_id in (1, 2, 7, 8, 65535, 1):
        expected, here, elsewhere = slot(), slot(), slot()
        plain.grab(part_id, expected, soon_ns())
        queued.queue(here if part_id % 2 else elsewhere)
        queued.grab(part_id, here, soon_ns())
        np.testing.assert_array_equal(here, expected)


def test_camera_writes_into_a_queued_buffer_only_with_dma(opener: Opener) -> None:
    """With it the next part's pixels are there before the trigger; without it nothing is."""
    for dma in (True, False):
        pixels = slot(fill=7)
        opener(dma=dma).queue(pixels)
        assert (pixels == 7).all() != dma


def test_camera_is_not_shown_twice_without_being_grabbed_anew(opener: Opener) -> None:
    """A buffer that was queued once and written to since is written again."""
    camera, pixels, expected = opener(), slot(), slot()
    opener().grab(1, expected, soon_ns())
    camera.queue(pixels)
    camera.grab(1, pixels, soon_ns())
    pixels.fill(0)
    camera.grab(1, pixels, soon_ns())
    np.testing.assert_array_equal(pixels, expected)
