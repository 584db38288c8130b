"""The edges of what the acquisition trust, and the trial that brings a lost camera back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import FrameTimeout
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import Reason
from gonogo.ipc.frame_ring import PART_ID, SERIAL, TRIGGER_NS, FrameRing
from gonogo.runtime.acquire import KEPT_MESSAGES, Acquisition, View
from gonogo.tests.fakes import SMALL, FakeCamera, Shot, part_now

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gonogo.drivers.cameras.camera import Exposure

SLOTS = 4
BAD = Shot(error=FrameTimeout)


class Nobody:
    """A holder that holds nothing."""

    def holds(self, view: int, slot: int) -> bool:
        """Never."""
        del view, slot
        return False


class PictureCamera(FakeCamera):
    """Shows one picture, whatever its script says of shades."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        super().__init__()
        self.picture = picture

    def grab(self, part_id: int, pixels: NDArray[np.uint8], deadline_ns: int) -> Exposure:
        """Copy the picture."""
        exposure = super().grab(part_id, pixels, deadline_ns)
        pixels[...] = self.picture
        return exposure


def acquisition_of(
    station: str, *cameras: FakeCamera, geometry: FrameShape = SMALL
) -> tuple[Acquisition, list[FrameRing]]:
    """Acquisition whose frames nobody holds."""
    rings = [FrameRing.create(station, k, geometry, SLOTS) for k in range(len(cameras))]
    views = [View(f"v{k}", c, ring) for k, (c, ring) in enumerate(zip(cameras, rings, strict=True))]
    return Acquisition(views, Nobody()), rings


@pytest.mark.parametrize(
    ("shots", "seen"),
    [
        ((Shot(), Shot()), True),
        ((BAD, Shot()), False),
        ((Shot(), BAD), False),
        ((BAD, BAD), False),
    ],
)
def test_eyes_trial_goes_well_when_every_view_sees(
    station: str, shots: tuple[Shot, ...], *, seen: bool
) -> None:
    """Not when none does, and not when one of them alone does: the station needs them all."""
    acquisition, _ = acquisition_of(station, *(FakeCamera(shot) for shot in shots))
    assert acquisition.count == 2
    assert acquisition.probe(part_now()) is seen


@pytest.mark.parametrize(
    ("shades", "fault"),
    [((11, 8), Reason.FRAME), ((12, 8), Reason.OK), ((13, 8), Reason.OK)],
)
def test_eyes_want_a_contrast_of_two_grey_levels(
    station: str, shades: tuple[int, int], fault: Reason
) -> None:
    """Halves that differ by 3 have a standard deviation of 1.5; by 4, the least there may be."""
    acquisition, _ = acquisition_of(station, FakeCamera(Shot(shade=shades[0], ground=shades[1])))
    (look,) = acquisition.capture(part_now())
    assert look.fault is fault


def test_eyes_sample_contrast_at_sixteen_pixels_a_side(station: str) -> None:
    """A frame of 480 x 640 is looked at on each 30th row and each 40th column, nowhere else."""
    geometry = FrameShape(480, 640, 1)
    picture = np.random.default_rng(1).integers(0, 256, geometry.shape, np.uint8)
    picture[::30, ::40] = 100
    camera = PictureCamera(picture)
    acquisition, _ = acquisition_of(station, camera, geometry=geometry)
    assert acquisition.capture(part_now())[0].fault is Reason.FRAME
    picture[30 * 15, 40 * 15] = 255  # the last of 16 x 16
    assert acquisition.capture(part_now())[0].fault is Reason.OK


@pytest.mark.parametrize("place", [(1, 0), (0, 1), (2, 4)])
def test_eyes_sample_every_pixel_of_a_tiny_frame(station: str, place: tuple[int, int]) -> None:
    """One bright pixel, wherever it is."""
    geometry = FrameShape(3, 5, 1)
    picture = np.zeros(geometry.shape, np.uint8)
    picture[place] = 255
    acquisition, _ = acquisition_of(station, PictureCamera(picture), geometry=geometry)
    assert acquisition.capture(part_now())[0].fault is Reason.OK


def test_eyes_trust_a_frame_counter_that_begins_at_zero(station: str) -> None:
    """The first frame of a camera may be its frame 0."""
    camera = FakeCamera(Shot(), Shot(step=0))
    camera.counter = -1
    acquisition, _ = acquisition_of(station, camera)
    assert [acquisition.capture(part_now())[0].fault for _ in range(2)] == [Reason.OK, Reason.FRAME]


def test_eyes_queue_a_slot_for_one_part_only(station: str) -> None:
    """The next part gets another one: an engine may still read the first."""
    acquisition, _ = acquisition_of(station, FakeCamera())
    acquisition.queue()
    slots = [acquisition.capture(part_now())[0].slot for _ in range(3)]
    assert len(set(slots)) == 3


def test_eyes_leave_no_part_s_numbers_in_a_queued_slot(station: str) -> None:
    """A slot that waits for its frame is nobody's, not the last part's any more."""
    camera = FakeCamera()
    acquisition, rings = acquisition_of(station, camera)
    for _ in range(SLOTS):
        acquisition.capture(part_now(serial=9))
    acquisition.queue()
    (slot,) = [slot for slot in rings[0].slots if slot.pixels is camera.queued]
    assert [slot.words[k] for k in (PART_ID, SERIAL, TRIGGER_NS)] == [0, 0, 0]


def test_eyes_keep_eight_messages(station: str) -> None:
    """A camera that fails for ever must not fill the memory, nor the log."""
    acquisition, _ = acquisition_of(station, FakeCamera(BAD))
    for serial in range(1, 20):
        acquisition.capture(part_now(serial))
    told = list(acquisition.messages())
    assert len(told) == KEPT_MESSAGES == 8
    assert "part 12:" in told[0]
