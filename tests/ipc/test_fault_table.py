"""The board of faults, and the devices that obey it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gonogo.base.errors import AcceleratorLost, BackendError, CameraError, FaultError
from gonogo.base.frame_shape import FrameShape
from gonogo.base.words import TriggerEvent
from gonogo.drivers.cameras.catalogue import open_camera
from gonogo.drivers.fault_injection import BouncingTrigger, FaultyCamera
from gonogo.drivers.scene.section import SyntheticSection
from gonogo.engines.backends.backend import Outputs, Shapes
from gonogo.engines.backends.choose import result_arrays
from gonogo.engines.serving.faulty import FaultyBackend
from gonogo.engines.serving.golden import Golden, golden_frame
from gonogo.ipc.fault_kinds import FAULTS, NUMBERS, amount_of, fault
from gonogo.ipc.fault_table import ROW_WORDS, FaultBoard, FaultsToShow
from gonogo.launch.refused_faults import unsupported
from gonogo.tests.stations import small_station, synthetic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from gonogo.drivers.cameras.camera import Exposure

FAR_NS = 10**18
SHAPE = FrameShape(120, 160, 3)


@pytest.fixture
def board(station: str) -> Iterator[FaultBoard]:
    """A board on which nothing is to be shown."""
    made = FaultBoard.create(station)
    yield made
    made.close()


def test_board_is_read_by_whoever_attaches(station: str, board: FaultBoard) -> None:
    """A fault, its amount, and how often it was injected and shown."""
    board.set("engine-slow", None, 12.5)
    reader = FaultBoard.attach(station)
    assert reader.show("engine-slow")
    assert reader.amount("engine-slow") == 12.5
    assert board.counts("engine-slow") == (1, 1)
    board.clear()
    assert not reader.show("engine-slow")
    assert not any(reader.active(kind) for kind in FAULTS)


def test_board_shows_a_fault_for_its_time_only(board: FaultBoard) -> None:
    """Nobody has to remember to end it."""
    board.set("camera-black", 0.02, 0.0)
    assert board.active("camera-black")
    time.sleep(0.03)
    assert not board.show("camera-black")


def test_board_shows_an_event_once(board: FaultBoard) -> None:
    """Once for each time that it was injected, however long it stands there."""
    assert not board.show_once("plc-reset")
    board.set("plc-reset", 0.0, 0.0)
    assert [board.show_once("plc-reset") for _ in range(3)] == [True, False, False]


def test_board_words_stand_where_the_docstring_says(board: FaultBoard) -> None:
    """Five words a kind: until when, how much, injected, shown, taken up."""
    kind = "plc-reset"
    at = NUMBERS[kind] * ROW_WORDS
    board.set(kind, None, 2.5)
    board.show_once(kind)
    board.set(kind, None, 3.5)
    board.shown(kind)
    words = board.segment.words(8 * at, ROW_WORDS).tolist()
    assert (words[0], words[2:]) == ((1 << 63) - 1, [2, 2, 1])
    assert board.segment.reals(8 * at, ROW_WORDS)[1] == 3.5
    others = board.segment.words(0, len(FAULTS) * ROW_WORDS).tolist()
    del others[at : at + ROW_WORDS]
    assert not any(others)


def test_board_of_who_shows_faults_asks_for_none(station: str, board: FaultBoard) -> None:
    """What is to be shown, the supervisor alone says, which has the maintenance key."""
    shows = FaultsToShow.attach(station)
    assert not hasattr(shows, "set")
    assert not hasattr(shows, "clear")
    board.set("camera-black", None, 0.0)
    assert shows.show("camera-black")
    assert board.counts("camera-black") == (1, 1)


@pytest.fixture
def camera(board: FaultBoard) -> Iterator[FaultyCamera]:
    """A faulty camera around a synthetic one with noise."""
    section = SyntheticSection.model_validate(synthetic(noise=2.0))
    made = FaultyCamera(open_camera(section, "top"), board)
    yield made
    made.close()


def shot(camera: FaultyCamera, part_id: int) -> tuple[Exposure, NDArray[np.uint8]]:
    """One frame in memory of its own."""
    pixels = np.empty(SHAPE.shape, np.uint8)
    return camera.grab(part_id, pixels, FAR_NS), pixels


def test_faulty_camera_without_a_fault_only_passes_on(
    board: FaultBoard, camera: FaultyCamera
) -> None:
    """The same pixels as the camera inside, queued or not."""
    section = SyntheticSection.model_validate(synthetic(noise=2.0))
    with_queue = FaultyCamera(open_camera(section, "top"), board)
    for part_id in (1, 2, 3):
        pixels = np.empty(SHAPE.shape, np.uint8)
        with_queue.queue(pixels)
        with_queue.grab(part_id, pixels, FAR_NS)
        assert np.array_equal(pixels, shot(camera, part_id)[1])
    with_queue.close()


@pytest.mark.parametrize("kind", ["camera-lost", "camera-torn"])
def test_faulty_camera_raises_what_a_driver_raises(
    board: FaultBoard, camera: FaultyCamera, kind: str
) -> None:
    """And is well again afterwards."""
    board.set(kind, None, 0.0)
    with pytest.raises(CameraError):
        shot(camera, 1)
    board.clear()
    shot(camera, 2)


def test_faulty_camera_shows_black_frozen_and_old_frames(
    board: FaultBoard, camera: FaultyCamera
) -> None:
    """Each as it comes from a broken device: pixels and counter."""
    before, _ = shot(camera, 1)
    board.set("camera-black", None, 0.0)
    assert not shot(camera, 2)[1].any()
    board.clear()
    before, _ = shot(camera, 3)
    board.set("camera-counter", None, 0.0)
    assert shot(camera, 4)[0].counter == before.counter
    board.clear()
    for kind, same_counter in (("camera-frozen", True), ("camera-duplicate", False)):
        board.set(kind, None, 0.0)
        (first, kept), (again, pixels) = shot(camera, 5), shot(camera, 6)
        assert np.array_equal(kept, pixels)
        assert (first.counter == again.counter) is same_counter
        board.clear()
        assert not np.array_equal(shot(camera, 7)[1], kept)


class Pulses:
    """A trigger that is told its pulses."""

    def __init__(self, *part_ids: int) -> None:
        self.left = [TriggerEvent(part_id, 100 * part_id) for part_id in part_ids]

    def wait(self, until_ns: int) -> TriggerEvent | None:
        """The next one."""
        del until_ns
        return self.left.pop(0) if self.left else None

    def close(self) -> None:
        """Nothing to release."""


def test_bouncing_trigger_says_each_pulse_twice(board: FaultBoard) -> None:
    """While the board says so, and not one more."""
    trigger = BouncingTrigger(Pulses(1, 2, 3), board)
    board.set("trigger-double", None, 0.0)
    seen = [trigger.wait(0) for _ in range(3)]
    board.clear()
    seen += [trigger.wait(0) for _ in range(3)]
    assert [pulse.part_id for pulse in seen if pulse] == [1, 1, 2, 2, 3]


class Mean:
    """A backend whose score is the mean of the frame."""

    shapes = Shapes(0, 0, 0)

    def __init__(self) -> None:
        self.bound: dict[int, tuple[NDArray[np.uint8], Outputs]] = {}

    def bind(self, slot: int, pixels: NDArray[np.uint8], outputs: Outputs) -> None:
        """Remember."""
        self.bound[slot] = (pixels, outputs)

    def run(self, slot: int) -> None:
        """Score."""
        pixels, outputs = self.bound[slot]
        outputs.score[0] = float(pixels.mean())

    def close(self) -> None:
        """Forget."""
        self.bound.clear()


def score_of(backend: FaultyBackend) -> float:
    """What it says of a frame of fives."""
    outputs = result_arrays()
    backend.bind(0, np.full((4, 4), 5, np.uint8), outputs)
    backend.run(0)
    return float(outputs.score[0])


def test_faulty_backend_spoils_its_scores(board: FaultBoard) -> None:
    """As the board says, and no longer."""
    backend = FaultyBackend(Mean(), board)
    for kind, amount in (("engine-nan", 0.0), ("engine-inf", 0.0), ("engine-constant", 3.0)):
        board.set(kind, None, amount)
        expected = {"engine-nan": math.nan, "engine-inf": math.inf}.get(kind, amount)
        assert score_of(backend) == pytest.approx(expected, nan_ok=True)
        board.clear()
        assert score_of(backend) == 5.0


def test_faulty_backend_loses_its_accelerator(board: FaultBoard) -> None:
    """An error of its own, by which the host knows to end."""
    board.set("engine-lost", None, 0.0)
    with pytest.raises(AcceleratorLost, match="GN312"):
        score_of(FaultyBackend(Mean(), board))


def test_faulty_backend_is_slow_and_leaks(board: FaultBoard) -> None:
    """By as much as it was told."""
    backend = FaultyBackend(Mean(), board)
    board.set("engine-slow", None, 20.0)
    board.set("engine-leak", None, 1.0)
    start_s = time.monotonic()
    score_of(backend)
    assert time.monotonic() - start_s >= 0.02
    assert sum(map(len, backend._leaked)) == 1 << 20


def test_golden_scores_of_a_sound_engine_are_those_of_its_first_start(board: FaultBoard) -> None:
    """Two frames, two scores, the same again."""
    golden = Golden(FaultyBackend(Mean(), board), 7, SHAPE)
    first = golden.scores()
    assert len(set(first)) == 2
    golden.compare(golden.scores(), first)


@pytest.mark.parametrize("kind", ["engine-nan", "engine-constant"])
def test_golden_frames_unmask_an_engine_that_is_not_itself(board: FaultBoard, kind: str) -> None:
    """Plausible or not: it does not say what it said at first."""
    golden = Golden(FaultyBackend(Mean(), board), 7, SHAPE)
    first = golden.scores()
    board.set(kind, None, 100.0)
    with pytest.raises(BackendError, match="self-test: the golden frames score"):
        golden.compare(golden.scores(), first)


def test_golden_frame_is_the_same_on_every_box() -> None:
    """By its seed; grey and coloured ones fit their geometry."""
    frame = golden_frame(SHAPE, 1)
    assert frame.shape == SHAPE.shape
    assert np.array_equal(frame, golden_frame(SHAPE, 1))
    assert not np.array_equal(frame, golden_frame(SHAPE, 0))
    grey = golden_frame(FrameShape(33, 47, 1), 1)
    assert grey.shape == (33, 47)
    assert grey.flags.c_contiguous


def test_faults_without_meaning_on_a_station_are_named(tmp_path: Path) -> None:
    """No engine: no engine faults. The PLC triggers: it is not we who bounce."""
    rules_only = small_station(tmp_path)
    assert "no [view.engine]" in unsupported("engine-nan", rules_only)
    assert "no [view.engine]" in unsupported("engine-kill", rules_only)
    assert "the PLC triggers" in unsupported("trigger-double", rules_only)
    timed = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 50})
    assert unsupported("trigger-double", timed) == ""
    assert unsupported("line-kill", timed) == ""


def test_fault_amounts_are_bounded() -> None:
    """The default, what is in range, and nothing else."""
    assert amount_of("engine-slow", None) == 50.0
    assert amount_of("engine-slow", 7.0) == 7.0
    with pytest.raises(FaultError, match=r"slower_ms: expected 0\.1\.\.10000, got -1"):
        amount_of("engine-slow", -1)
    with pytest.raises(FaultError, match="see `gonogo fault list`"):
        fault("xyz")
