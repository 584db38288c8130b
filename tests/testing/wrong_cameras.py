"""Cameras that break what every camera promises, one promise each."""

# (a method that does less than it should leaves arguments unused)

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pytest

from gonogo.base.catalogue import Catalogue, Entry
from gonogo.base.errors import CameraError, FrameTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.camera_section import CameraSection
from gonogo.drivers.cameras.camera import Exposure
from gonogo.testing.cameras import GUARD_BYTES, CameraContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

HERE = "gonogo.tests.testing.wrong_cameras"
SHAPE = FrameShape(96, 128, 3)


class NoiseSection(CameraSection):
    """Noise, always the same."""

    driver: Literal["noise"]

    @property
    def geometry(self) -> FrameShape:
        """Small."""
        return SHAPE


class Noise:
    """As it should be."""

    def __init__(self, _section: object = None, _view: str = "") -> None:
        self.picture = np.random.default_rng(1).integers(0, 255, SHAPE.shape, np.uint8)
        self.counter = 0
        self.closed = False

    def queue(self, pixels: NDArray[np.uint8]) -> None:
        """Nothing is ready before."""

    def grab(self, _part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The picture."""
        if self.closed:
            raise CameraError("noise: closed; open it again")
        self.fits(pixels)
        exposure_ns = time.monotonic_ns()
        self.in_time(deadline_ns)
        self.counter += 1
        self.write(pixels)
        return Exposure(self.counter, exposure_ns, time.monotonic_ns())

    def fits(self, pixels: NDArray[np.uint8]) -> None:
        """Or CameraError."""
        if pixels.shape != SHAPE.shape:
            raise CameraError(f"noise: expected a frame slot of shape {SHAPE.shape}")

    def in_time(self, deadline_ns: int) -> None:
        """Or FrameTimeout."""
        if time.monotonic_ns() >= deadline_ns:
            raise FrameTimeout("noise: too late")

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """Into the slot."""
        np.copyto(pixels, self.picture)

    def holds(self, _pixels: NDArray[np.uint8]) -> bool:
        """Nothing is left with the device."""
        return False

    def close(self) -> None:
        """Idempotent."""
        self.closed = True


class Torn(Noise):
    """Leaves the last row as it was."""

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """All but one row, and nothing where the slot is black: as if no frame had come."""
        if pixels.any():
            super().write(pixels)


class Spilling(Noise):
    """Writes a byte too many."""

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """Into the memory behind the slot, where there is some."""
        super().write(pixels)
        base = pixels.base
        if base is not None and base.nbytes > pixels.nbytes + GUARD_BYTES:
            base.reshape(-1)[-GUARD_BYTES] ^= 1


class Frozen(Noise):
    """Counts nothing."""

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """The counter stands still."""
        return super().grab(part_id, pixels, deadline_ns)._replace(counter=1)


class Patient(Noise):
    """Is late, and says nothing."""

    def in_time(self, deadline_ns: int) -> None:
        """Always."""


class Sulking(Noise):
    """Does not get over a late frame."""

    def in_time(self, deadline_ns: int) -> None:
        """Never again."""
        try:
            super().in_time(deadline_ns)
        except FrameTimeout:
            self.closed = True
            raise


class Losing(Noise):
    """Knows after a late frame that it is out of step."""

    lost = False

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """Nothing any more, once one was late; when the light fell it never knows."""
        if self.lost:
            raise CameraError("noise: out of step; open it again")
        try:
            frame = super().grab(part_id, pixels, deadline_ns)
            return Exposure(frame.counter, 0, frame.frame_ns)
        except FrameTimeout:
            self.lost = True
            raise


class Keeping(Noise):
    """Writes on."""

    def holds(self, _pixels: NDArray[np.uint8]) -> bool:
        """For ever."""
        return True


class Tolerant(Noise):
    """Takes any slot."""

    def fits(self, pixels: NDArray[np.uint8]) -> None:
        """Always."""

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """What fits into it."""
        pixels.reshape(-1)[:] = np.resize(self.picture.reshape(-1), pixels.size)


class Undead(Noise):
    """Grabs after close."""

    def close(self) -> None:
        """Nothing."""


class Clinging(Noise):
    """Keeps the slot."""

    slot: object = None

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """For later."""
        super().write(pixels)
        self.slot = pixels


class Wasteful(Noise):
    """Makes a frame of its own for each."""

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """By way of a copy."""
        np.copyto(pixels, self.picture.copy())


NOISES = Catalogue(
    "camera driver", "gonogo.tests.none", {"noise": Entry(f"{HERE}:NoiseSection", f"{HERE}:Noise")}
)


class RightNoise(CameraContract):
    """Passes."""

    catalogue: ClassVar = NOISES
    opens: ClassVar[Callable[..., Any]] = Noise

    @pytest.fixture
    def section(self) -> CameraSection:
        """It has no keys."""
        return NoiseSection(driver="noise")

    @pytest.fixture
    def camera(self) -> Iterator[Any]:
        """Opened without the catalogue: not every one of them stands in it."""
        camera = type(self).opens()
        yield camera
        camera.close()


class WrongTorn(RightNoise):
    """A part is judged by the frame of another."""

    opens: ClassVar = Torn
    fails = frozenset({"test_camera_writes_all_of_the_slot_and_nothing_else"})


class WrongSpilling(RightNoise):
    """The next slot of the ring is damaged."""

    opens: ClassVar = Spilling
    fails = frozenset({"test_camera_writes_all_of_the_slot_and_nothing_else"})


class WrongFrozen(RightNoise):
    """A picture that stands still is not noticed."""

    opens: ClassVar = Frozen
    fails = frozenset({"test_camera_counts_and_stamps_frames_in_order"})


class WrongPatient(RightNoise):
    """The line waits."""

    opens: ClassVar = Patient
    fails = frozenset({"test_camera_refuses_a_deadline_that_has_passed"})


class WrongSulking(RightNoise):
    """One late frame, and no part is seen any more."""

    opens: ClassVar = Sulking
    fails = frozenset({"test_camera_works_on_after_a_timeout"})


class RightLosing(RightNoise):
    """Refuses what may be the late frame."""

    opens: ClassVar = Losing
    keeps_step = False


class WrongShameless(RightNoise):
    """Says that it cannot tell whose a frame is, and gives it."""

    keeps_step = False
    fails = frozenset({"test_camera_works_on_after_a_timeout"})


class WrongKeeping(RightNoise):
    """The frame changes while it is judged."""

    opens: ClassVar = Keeping
    fails = frozenset({"test_camera_gives_the_slot_back_with_its_frame"})


class WrongTolerant(RightNoise):
    """A ring of another geometry shows rubbish."""

    opens: ClassVar = Tolerant
    fails = frozenset({"test_camera_refuses_a_slot_of_another_shape"})


class WrongUndead(RightNoise):
    """The device is not given back."""

    opens: ClassVar = Undead
    fails = frozenset({"test_camera_close_is_idempotent"})


class WrongClinging(RightNoise):
    """The ring cannot be unmapped."""

    opens: ClassVar = Clinging
    fails = frozenset({"test_camera_keeps_no_hold_of_the_pixels"})


class WrongWasteful(RightNoise):
    """Every part costs an allocation."""

    opens: ClassVar = Wasteful
    fails = frozenset({"test_camera_allocates_nothing_in_the_cycle"})
