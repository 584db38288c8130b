"""What every camera promises: inherit `CameraContract`, and say how a camera is opened.

    from gonogo.testing.cameras import CameraContract

    class TestMyCamera(CameraContract):
        @pytest.fixture
        def section(self, tmp_path):
            return MySection(driver="my-camera", ...)        # 8 to 4096 px each way

Cameras are opened through the catalogue, as the line opens them: install your package first.
"""

from __future__ import annotations

import itertools
import time
import weakref
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameTimeout, GonogoError
from gonogo.drivers.cameras.camera import DeviceCamera
from gonogo.drivers.cameras.catalogue import CAMERAS, open_camera
from gonogo.testing.memory import KEPT_BYTES, growth_of
from gonogo.testing.sections import SectionContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gonogo.drivers.camera_section import CameraSection
    from gonogo.drivers.cameras.camera import Camera

GUARD_BYTES = 4096
NS_PER_MS = 1_000_000


def soon_ns(ms: int = 60_000) -> int:
    """A deadline that many ms from now."""
    return time.monotonic_ns() + ms * NS_PER_MS


def assert_allocates_nothing(camera: Camera, pixels: NDArray[np.uint8]) -> None:
    """A hundred grabs into `pixels` leave no memory behind and never make a second frame."""
    part_ids = itertools.count(1)
    growth = growth_of(lambda: camera.grab(next(part_ids), pixels, soon_ns()))
    assert growth.kept_bytes < KEPT_BYTES
    # what else comes and goes is some kB, and frames of tests may be small
    assert growth.peak_bytes < pixels.nbytes * 3 // 4


class CameraContract(SectionContract):
    """One camera, opened from `section` for each test.

    `expose` is called before each grab that must succeed, with nothing to do where the camera
    exposes by itself; one that is fed from outside starts that here, and returns at once.
    """

    catalogue: ClassVar = CAMERAS
    allocates_nothing = True  # False: it decodes on a thread of its own, say
    # False: after a part without a frame it cannot tell whose the next one is, and gives none
    # before it is opened anew
    keeps_step = True

    @pytest.fixture
    def section(self) -> CameraSection:
        """How the camera is opened."""
        pytest.fail("give this class a fixture `section`: the camera's section of a station file")

    @pytest.fixture
    def expose(self) -> Callable[[], None]:
        """Lets the next frame come."""
        return lambda: None

    @pytest.fixture
    def camera(self, section: CameraSection) -> Iterator[Camera]:
        """An open camera."""
        camera = open_camera(section, "top")
        yield camera
        camera.close()

    @pytest.fixture
    def slot(self, section: CameraSection) -> Callable[..., NDArray[np.uint8]]:
        """Pixels of a frame, every byte `fill`."""
        return lambda fill=0: np.full(section.geometry.shape, fill, np.uint8)

    def test_camera_writes_all_of_the_slot_and_nothing_else(
        self, camera: Camera, section: CameraSection, expose: Callable[[], None]
    ) -> None:
        """What was in the slot before does not matter, and its neighbours stay as they were."""
        size, frames = section.geometry.nbytes, []
        for fill in (0, 255):
            # neighbours on both sides, as the other slots of the ring
            memory = np.full(size + 2 * GUARD_BYTES, fill, np.uint8)
            pixels = memory[GUARD_BYTES:-GUARD_BYTES].reshape(section.geometry.shape)
            expose()
            camera.grab(1, pixels, soon_ns())
            assert (memory[:GUARD_BYTES] == fill).all()
            assert (memory[-GUARD_BYTES:] == fill).all()
            frames.append(pixels)
        assert not (frames[0] == 0).all()
        assert not (frames[1] == frames[1].flat[0]).all()

    def test_camera_counts_and_stamps_frames_in_order(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]], expose: Callable[[], None]
    ) -> None:
        """The counter rises with every frame, and the times lie between call and return.

        A camera that cannot know when the light fell says 0.
        """
        last_counter, last_ns = 0, time.monotonic_ns()
        for part_id in range(1, 8):
            expose()
            exposure = camera.grab(part_id, slot(), soon_ns())
            assert exposure.counter > last_counter
            assert last_ns <= exposure.frame_ns <= time.monotonic_ns()
            if exposure.exposure_ns:
                assert last_ns <= exposure.exposure_ns <= exposure.frame_ns
            last_counter, last_ns = exposure.counter, exposure.frame_ns

    def test_camera_refuses_a_deadline_that_has_passed(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]]
    ) -> None:
        """A part without time left costs no copy."""
        pixels = slot(fill=9)
        with pytest.raises(FrameTimeout):
            camera.grab(1, pixels, time.monotonic_ns() - 1)
        assert (pixels == 9).all()

    def test_camera_works_on_after_a_timeout(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]], expose: Callable[[], None]
    ) -> None:
        """One late frame does not spoil the next one, nor is it taken for the next part's."""
        with pytest.raises(FrameTimeout):
            camera.grab(1, slot(), time.monotonic_ns())
        expose()
        if self.keeps_step:
            camera.grab(2, slot(), soon_ns())
            return
        with pytest.raises(CameraError) as raised:
            camera.grab(2, slot(), soon_ns())
        assert type(raised.value) is CameraError  # the device's matter: it is opened anew

    def test_camera_gives_the_slot_back_with_its_frame(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]], expose: Callable[[], None]
    ) -> None:
        """A device that went on writing there would change the frame that is being judged."""
        if not isinstance(camera, DeviceCamera):
            pytest.skip("no device of this camera keeps slots")
        pixels = slot()
        expose()
        camera.grab(1, pixels, soon_ns())
        assert not camera.holds(pixels)

    def test_camera_refuses_a_slot_of_another_shape(
        self, camera: Camera, section: CameraSection
    ) -> None:
        """A ring made for other frames is noticed before a byte is written."""
        other = np.zeros((section.geometry.height_px + 1, section.geometry.width_px, 2), np.uint8)
        with pytest.raises(CameraError, match="expected a frame slot of shape"):
            camera.grab(1, other, soon_ns())

    def test_camera_close_is_idempotent(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]]
    ) -> None:
        """Closing twice is fine, grabbing afterwards is an error of the project."""
        camera.close()
        camera.close()
        with pytest.raises(GonogoError, match="closed"):
            camera.grab(1, slot(), soon_ns())

    def test_camera_keeps_no_hold_of_the_pixels(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]], expose: Callable[[], None]
    ) -> None:
        """After grab the array belongs to the caller alone, so that a ring can be unmapped."""
        pixels = slot()
        expose()
        camera.grab(1, pixels, soon_ns())
        watch = weakref.ref(pixels)
        del pixels
        assert watch() is None

    def test_camera_allocates_nothing_in_the_cycle(
        self, camera: Camera, slot: Callable[..., NDArray[np.uint8]]
    ) -> None:
        """In steady state a grab leaves no memory behind and never makes a second frame."""
        if not self.allocates_nothing:
            pytest.skip("this camera says that it allocates outside of the line's thread")
        assert_allocates_nothing(camera, slot())
