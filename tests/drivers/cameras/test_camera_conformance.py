"""What every camera promises, and what the simulated ones do beyond it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import pytest

from gonogo.base.errors import FrameTimeout
from gonogo.base.ticks import sleep_until
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.cameras.replay import ReplaySection
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.testing.cameras import CameraContract, soon_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.camera import Camera

    Opener = Callable[..., Camera]

AnySection: TypeAlias = ReplaySection | SyntheticSection
WIDTH_PX, HEIGHT_PX = 128, 96
NS_PER_MS = 1_000_000
OURS = ("replay", "synthetic")


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


@pytest.mark.parametrize("pixel_format", ["bgr8", "mono8"])
@pytest.mark.parametrize("driver", OURS)
class TestCamera(CameraContract):
    """Each one that needs no device, in colour and grey."""

    @pytest.fixture
    def section(self, driver: str, pixel_format: str, tmp_path: Path) -> AnySection:
        """Three appearances."""
        return section_of(driver, tmp_path, pixel_format=pixel_format)


@pytest.fixture(params=OURS)
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


def slot(fill: int = 0) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    return np.full((HEIGHT_PX, WIDTH_PX, 3), fill, np.uint8)


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


@pytest.mark.parametrize("timing", [{"exposure_ms": 5000.0}, {"rate_hz": 0.1}])
def test_camera_gives_up_at_the_deadline(opener: Opener, timing: dict[str, float]) -> None:
    """An exposure that ends after the deadline is FrameTimeout, not before the deadline."""
    camera, pixels, deadline_ns = opener(**timing), slot(fill=9), soon_ns(5)
    with pytest.raises(FrameTimeout, match=r"view 'top': part 1: frame would be \d+ us late"):
        camera.grab(1, pixels, deadline_ns)
    assert time.monotonic_ns() >= deadline_ns
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
