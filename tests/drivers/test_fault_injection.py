"""A camera and a trigger that obey the board keep what every camera and trigger promises."""

from __future__ import annotations

import contextlib
import time
import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import CameraError, FrameInvalid, FrameTimeout, GonogoError
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.fault_injection import (
    GRAIN_AT,
    GRAIN_PX,
    STUCK,
    BouncingTrigger,
    FaultyCamera,
    soil,
)
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.drivers.triggers.timer import TimerSection, TimerTrigger
from gonogo.ipc.fault_kinds import FAULTS
from gonogo.ipc.fault_table import FaultBoard
from gonogo.testing.cameras import assert_allocates_nothing, soon_ns
from gonogo.tests.stations import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Opener = Callable[..., FaultyCamera]

HEIGHT_PX, WIDTH_PX = 120, 160
NS_PER_MS = 1_000_000
CAMERA_KINDS = tuple(kind for kind, known in FAULTS.items() if known.where == "camera")


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """A board on which nothing is to be shown."""
    made = FaultBoard.create(station)
    yield made
    made.close()


@pytest.fixture
def opener(board: FaultBoard) -> Iterator[Opener]:
    """Opens faulty cameras around synthetic ones with options; closes them after the test."""
    opened = []

    def open_with(**options: object) -> FaultyCamera:
        section = SyntheticSection.model_validate(synthetic(**options))
        opened.append(FaultyCamera(open_camera(section, "top"), board))
        return opened[-1]

    yield open_with
    for camera in opened:
        camera.close()


def slot(fill: int = 0) -> NDArray[np.uint8]:
    """Pixels of a frame, every byte `fill`."""
    return np.full((HEIGHT_PX, WIDTH_PX, 3), fill, np.uint8)


def await_end(board: FaultBoard, kind: str) -> None:
    """Until the time of a fault is over; it needs nobody to end it."""
    end_ns = soon_ns(10_000)
    while board.active(kind):
        assert time.monotonic_ns() < end_ns
        time.sleep(0.001)


@pytest.mark.parametrize("kind", CAMERA_KINDS)
def test_faulty_camera_is_the_camera_inside_again_when_the_time_is_over(
    board: FaultBoard, opener: Opener, kind: str
) -> None:
    """To the byte, with a counter that rises again, and the fault is not counted any more."""
    camera, plain = opener(), opener()
    first = camera.grab(1, slot(), soon_ns())
    board.set(kind, None, 0.0)
    for part_id in (2, 3):
        with contextlib.suppress(CameraError):
            camera.grab(part_id, slot(), soon_ns())
    assert board.counts(kind)[1] >= 1
    board.set(kind, 0.001, 0.0)
    await_end(board, kind)
    shown = board.counts(kind)[1]
    for part_id in (4, 5):
        pixels, expected = slot(1), slot(2)
        exposure = camera.grab(part_id, pixels, soon_ns())
        plain.grab(part_id, expected, soon_ns())
        np.testing.assert_array_equal(pixels, expected)
        assert exposure.counter > first.counter
        first = exposure
    assert board.counts(kind)[1] == shown


def test_faulty_camera_raises_at_once_when_it_is_lost(board: FaultBoard, opener: Opener) -> None:
    """Long before its deadline, as a driver whose device is gone, and not as a late frame."""
    board.set("camera-lost", None, 0.0)
    deadline_ns = soon_ns()
    with pytest.raises(CameraError, match="part 1: no frame") as caught:
        opener().grab(1, slot(), deadline_ns)
    assert not isinstance(caught.value, (FrameTimeout, FrameInvalid))
    assert time.monotonic_ns() < deadline_ns


def test_faulty_camera_says_missing_packets_of_a_torn_frame(
    board: FaultBoard, opener: Opener
) -> None:
    """The status of the driver is the one way to notice it."""
    board.set("camera-torn", None, 0.0)
    with pytest.raises(FrameInvalid, match="part 1: missing packets"):
        opener().grab(1, slot(), soon_ns())


def test_faulty_camera_brings_each_picture_one_part_late(board: FaultBoard, opener: Opener) -> None:
    """The first part has none; each later one gets the one before, exposed when that was."""
    camera, plain = opener(), opener()
    camera.grab(1, slot(), soon_ns())
    expected = {part_id: slot() for part_id in (2, 3, 4)}
    for part_id, pixels in expected.items():
        plain.grab(part_id, pixels, soon_ns())
    board.set("camera-late", None, 0.0)
    with pytest.raises(FrameTimeout, match="part 2: its picture is late"):
        camera.grab(2, slot(), soon_ns())
    exposed_ns, counter = 0, 0
    for part_id in (3, 4, 5):
        pixels, asked_ns = slot(1), time.monotonic_ns()
        exposure = camera.grab(part_id, pixels, soon_ns())
        np.testing.assert_array_equal(pixels, expected[part_id - 1])
        assert exposed_ns < exposure.exposure_ns < asked_ns < exposure.frame_ns
        assert exposure.counter > counter
        exposed_ns, counter = exposure.exposure_ns, exposure.counter
    assert board.counts("camera-late") == (1, 4)


def test_faulty_camera_shows_the_same_dirt_on_each_part(board: FaultBoard, opener: Opener) -> None:
    """Pixels that are black or white, and a grain; all else is what the camera saw."""
    camera = opener()
    plain = open_camera(SyntheticSection.model_validate(synthetic()), "top")
    board.set("camera-dirty", None, 0.0)
    row, column = round(GRAIN_AT[0] * HEIGHT_PX), round(GRAIN_AT[1] * WIDTH_PX)
    far = np.ones((HEIGHT_PX, WIDTH_PX), np.bool_)
    far[row - GRAIN_PX : row + GRAIN_PX, column - GRAIN_PX : column + GRAIN_PX] = False
    for part_id in (1, 2):
        pixels, expected = slot(), slot()
        camera.grab(part_id, pixels, soon_ns())
        plain.grab(part_id, expected, soon_ns())
        places = soil(expected.copy())
        at = tuple(zip(*places, strict=True))
        assert [set(each.tolist()) for each in pixels[at]] == [{0}, {255}] * (STUCK // 2)
        far[at] = False
        assert (pixels[far] == expected[far]).all()
        assert pixels[row, column].sum() < expected[row, column].sum()
    assert len(set(places)) == STUCK
    plain.close()


@pytest.mark.parametrize("shape", [(8, 8), (16, 400, 3), (400, 16)])
def test_dirt_takes_a_share_of_the_light_of_frames_of_any_shape(shape: tuple[int, ...]) -> None:
    """30 % in its middle, though the grain be larger than the frame."""
    pixels = np.full(shape, 200, np.uint8)
    places = soil(pixels)
    pixels[tuple(zip(*places, strict=True))] = 200
    row, column = round(0.6 * shape[0]), round(0.3 * shape[1])
    around = pixels[row - 1 : row + 2, column - 1 : column + 2]
    assert around.min() == pytest.approx(140, abs=1)
    assert pixels.max() == 200


def test_faulty_camera_keeps_new_pixels_under_a_counter_that_stands_still(
    board: FaultBoard, opener: Opener
) -> None:
    """The pixels are those of each part; the counter is that of the frame before the fault."""
    camera, plain = opener(), opener()
    before = camera.grab(1, slot(), soon_ns())
    board.set("camera-counter", None, 0.0)
    for part_id in (2, 3, 4):
        pixels, expected = slot(1), slot(2)
        assert camera.grab(part_id, pixels, soon_ns()).counter == before.counter
        plain.grab(part_id, expected, soon_ns())
        np.testing.assert_array_equal(pixels, expected)


def test_faulty_camera_repeats_a_frame_of_this_fault_and_not_of_the_last_one(
    board: FaultBoard, opener: Opener
) -> None:
    """What was kept for one freeze is forgotten before the next."""
    camera, pixels, expected = opener(), slot(), slot()
    opener().grab(3, expected, soon_ns())
    board.set("camera-frozen", None, 0.0)
    camera.grab(1, slot(), soon_ns())
    board.clear()
    camera.grab(2, slot(), soon_ns())
    board.set("camera-frozen", None, 0.0)
    for part_id in (3, 4):
        camera.grab(part_id, pixels, soon_ns())
        np.testing.assert_array_equal(pixels, expected)


def test_faulty_camera_blackens_every_pixel(board: FaultBoard, opener: Opener) -> None:
    """As a camera with its cap on, without noise."""
    board.set("camera-black", None, 0.0)
    pixels = slot(fill=9)
    opener(noise=2.0).grab(1, pixels, soon_ns())
    assert not pixels.any()


@pytest.mark.parametrize("kind", ["", *CAMERA_KINDS])
def test_faulty_camera_passes_on_a_frame_that_comes_too_late(
    board: FaultBoard, opener: Opener, kind: str
) -> None:
    """A fault on top of a late frame is still an error of the camera, and nothing is written."""
    camera, pixels = opener(exposure_ms=5000.0), slot(fill=9)
    if kind:
        board.set(kind, None, 0.0)
    with pytest.raises(CameraError):
        camera.grab(1, pixels, soon_ns(5))
    assert (pixels == 9).all()


@pytest.mark.parametrize("kind", ["", "camera-frozen", "camera-duplicate", "camera-black"])
def test_faulty_camera_keeps_no_hold_of_the_pixels(
    board: FaultBoard, opener: Opener, kind: str
) -> None:
    """A frame that comes again comes from a copy, so that a ring can be unmapped."""
    camera = opener()
    if kind:
        board.set(kind, None, 0.0)
    for part_id in (1, 2):
        pixels = slot()
        camera.grab(part_id, pixels, soon_ns())
        watch = weakref.ref(pixels)
        del pixels
        assert watch() is None


def test_faulty_camera_allocates_nothing_in_the_cycle_without_a_fault(
    board: FaultBoard, opener: Opener
) -> None:
    """No copy of a frame, neither before any fault nor after one that made a copy."""
    camera, pixels = opener(), slot()
    board.set("camera-frozen", None, 0.0)
    camera.grab(1, pixels, soon_ns())
    board.clear()
    assert_allocates_nothing(camera, pixels)


def test_faulty_camera_close_is_idempotent(opener: Opener) -> None:
    """Closing twice is fine, grabbing afterwards is an error of the project."""
    camera = opener()
    camera.close()
    camera.close()
    with pytest.raises(GonogoError, match="closed"):
        camera.grab(1, slot(), soon_ns())


@pytest.fixture
def trigger(board: FaultBoard) -> Iterator[BouncingTrigger]:
    """A bouncing trigger around a timer of 2 ms."""
    timer = TimerTrigger(TimerSection(driver="timer", period_ms=2.0))
    made = BouncingTrigger(timer, board)
    yield made
    made.close()


def test_bouncing_trigger_without_a_fault_hands_out_each_part_once(
    trigger: BouncingTrigger,
) -> None:
    """As the trigger inside: in order, none stamped after it was handed out."""
    for part_id in range(1, 6):
        pulse = trigger.wait(soon_ns())
        assert pulse is not None
        assert pulse.part_id == part_id
        assert pulse.at_ns <= time.monotonic_ns()


def test_bouncing_trigger_bounces_with_the_id_and_time_of_the_part(
    board: FaultBoard, trigger: BouncingTrigger
) -> None:
    """The second pulse is the first one again, and the next part is the next one."""
    board.set("trigger-double", None, 0.0)
    one, again = trigger.wait(soon_ns()), trigger.wait(soon_ns())
    assert one is not None
    assert again == one
    board.clear()
    pulse = trigger.wait(soon_ns())
    assert pulse is not None
    assert pulse.part_id == 2


def test_bouncing_trigger_does_not_bounce_where_nothing_came(
    board: FaultBoard, trigger: BouncingTrigger
) -> None:
    """A wait in vain is no pulse to be doubled, and is not counted as one."""
    board.set("trigger-double", None, 0.0)
    assert trigger.wait(0) is None
    assert board.counts("trigger-double") == (1, 0)
